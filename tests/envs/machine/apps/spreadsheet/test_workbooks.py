"""Workbooks: what typing means, formats, edits, undo, and the two kinds of files, read by openpyxl too."""

import csv
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.machine.apps.history import History
from step_gym.envs.machine.apps.spreadsheet import edits, selection
from step_gym.envs.machine.apps.spreadsheet.csv_files import UnreadableFile, read_csv, write_csv
from step_gym.envs.machine.apps.spreadsheet.formats import shown
from step_gym.envs.machine.apps.spreadsheet.references import Area, cell_name
from step_gym.envs.machine.apps.spreadsheet.values import CellError
from step_gym.envs.machine.apps.spreadsheet.workbook import (
    UNDO_VERSIONS,
    Cell,
    Sheet,
    Workbook,
    entered,
    input_text,
)
from step_gym.envs.machine.apps.spreadsheet.xlsx_reader import read_xlsx
from step_gym.envs.machine.apps.spreadsheet.xlsx_writer import write_xlsx
from tests.envs.machine.apps.spreadsheet.references import area


def _at(name):
    return area(name)[:2]


def _book(rows, book=None):
    """Texts typed from A1 on."""
    book = book or Workbook()
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            if text:
                book = edits.enter(book, 0, (i, j), text)
    return book


def _shown(book, sheet=0):
    used = book.sheets[sheet].used
    return [[book.shown(sheet, (i, j)) for j in range(used.right + 1)] for i in range(used.bottom + 1)]


def _formulas(book, sheet=0):
    return {cell_name(at): cell.formula for at, cell in book.sheets[sheet].cells.items() if cell.formula}


@pytest.mark.parametrize(
    ("typed", "value", "shows", "again"),
    [
        ("12", 12.0, "12", "12"),
        (" 1.50 ", 1.5, "1.5", "1.5"),
        ("1,234.5", 1234.5, "1,234.50", "1234.5"),
        ("12,34", "12,34", "12,34", "12,34"),
        ("-3e4", -30000.0, "-30000", "-30000"),
        ("50%", 0.5, "50%", "50%"),
        ("12.5%", 0.125, "12.50%", "12.5%"),
        ("$3.5", 3.5, "$3.50", "3.5"),
        ("true", True, "TRUE", "TRUE"),
        ("2024-02-29", 45351.0, "2024-02-29", "2024-02-29"),
        ("2023-02-29", "2023-02-29", "2023-02-29", "2023-02-29"),
        ("'12", "12", "12", "'12"),
        ("'=A1", "=A1", "=A1", "'=A1"),
        ("=sum(a1:a2)", None, "0", "=SUM(A1:A2)"),
        ("=", "=", "=", "'="),
        ("1e999", "1e999", "1e999", "1e999"),
        ("abc", "abc", "abc", "abc"),
    ],
)
def test_what_typing_means(typed, value, shows, again):
    book = _book([["", typed]])
    cell = book.cell(0, (0, 1))
    assert cell.value == value and type(cell.value) is type(value)
    assert book.shown(0, (0, 1)) == shows and input_text(cell) == again
    assert entered(again) == cell or cell.format != "General"


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (1234.567, "#,##0.00", "1,234.57"),
        (-1234.567, "#,##0", "-1,235"),
        (0.285, "0.00", "0.29"),
        (0.5, "0.00%", "50.00%"),
        (0.5, "#.##", ".5"),
        (7.0, "000", "007"),
        (5.0, '0.0" kg"', "5.0 kg"),
        (-5.0, "0;(0)", "(5)"),
        (0.0, '0;-0;"none"', "none"),
        (12345.678, "0.00E+00", "1.23E+04"),
        (1e6, '"$"#,##0.00', "$1,000,000.00"),
        (3.0, "[$€-407]0.00", "€3.00"),
        (45351.0, "d-mmm-yy", "29-Feb-24"),
        (45351.0, "m/d/yyyy", "2/29/2024"),
        (45351.0, 'dddd" the "d', "Thursday the 29"),
        (1 / 3, "General", "0.3333333333"),
        (1e20, "General", "1E+20"),
        (123456789012.0, "General", "123456789012"),
        ("x", "0.00", "x"),
        (True, "0.00", "TRUE"),
        (CellError.NA, "0.00", "#N/A"),
    ],
)
def test_number_formats(value, code, text):
    assert shown(value, code) == text


def test_copies_adjust_references_and_repeat():
    book = _book([["1", "10", "=A1*B$1"], ["2"], ["3"], ["4"]])
    clip = edits.clip(book, 0, area("C1"))
    pasted, where = edits.paste(book, 0, area("C2:C4"), clip)
    assert _formulas(pasted) == {"C1": "=A1*B$1", "C2": "=A2*B$1", "C3": "=A3*B$1", "C4": "=A4*B$1"}
    assert [row[2] for row in _shown(pasted)] == ["10", "20", "30", "40"] and where == area("C2:C4")
    assert clip.text == "10"


def test_what_is_cut_is_followed():
    book = _book([["1", "=A1", "=A1+B1"], ["2"]])
    moved, _ = edits.paste(book, 0, area("E5"), edits.clip(book, 0, area("A1:B1"), is_cut=True))
    assert _formulas(moved) == {"F5": "=E5", "C1": "=E5+F5"} and moved.shown(0, (0, 2)) == "2"
    book = edits.add_sheet(book, "Two", 1)
    moved, _ = edits.paste(book, 1, area("A1"), edits.clip(book, 0, area("A1:B1"), is_cut=True))
    assert _formulas(moved) == {"C1": "=Two!A1+Two!B1"} and _formulas(moved, 1) == {"B1": "=A1"}


def test_text_of_other_programs_is_pasted_as_values():
    book, where = edits.paste_text(Workbook(), 0, (1, 1), "a\t2\n=A1\t50%\n")
    assert _shown(book) == [["", "", ""], ["", "a", "2"], ["", "=A1", "50%"]] and where == area("B2:C3")
    assert _formulas(book) == {}


def test_filling():
    book = _book([["1", "x", "=A1"], ["3", "y"]])
    filled = edits.fill(book, 0, area("A1:A2"), area("A1:A5"))
    assert [row[0] for row in _shown(filled)] == ["1", "3", "5", "7", "9"]
    filled = edits.fill(book, 0, area("B1:B2"), area("B1:B4"))
    assert [row[1] for row in _shown(filled)] == ["x", "y", "x", "y"]
    filled = edits.fill(book, 0, area("A2"), area("A2:A4"))
    assert [row[0] for row in _shown(filled)] == ["1", "3", "3", "3"]
    filled = edits.fill(_book([["5"], ["10"], ["20"]]), 0, area("A1:A3"), area("A1:A6"))
    assert [row[0] for row in _shown(filled)] == ["5", "10", "20", "5", "10", "20"]
    filled = edits.fill_down(book, 0, area("C1:C3"))
    assert _formulas(filled) == {"C1": "=A1", "C2": "=A2", "C3": "=A3"}


def test_rows_and_columns_are_inserted_and_deleted():
    book = _book([["1", "=A3*2"], ["2", "=SUM(A1:A3)"], ["3", "=$A$3"]])
    more = edits.insert(book, 0, "row", 1, 2)
    assert _formulas(more) == {"B1": "=A5*2", "B4": "=SUM(A1:A5)", "B5": "=$A$5"}
    assert _formulas(edits.insert(book, 0, "column", 0)) == {
        "C1": "=B3*2",
        "C2": "=SUM(B1:B3)",
        "C3": "=$B$3",
    }
    less = edits.delete(book, 0, "row", 2)
    assert _formulas(less) == {"B1": "=#REF!*2", "B2": "=SUM(A1:A2)"}
    assert less.value(0, (0, 1)) is CellError.REF and less.value(0, (1, 1)) == 3.0
    wide = edits.set_width(book, 0, 1, 30)
    assert edits.insert(wide, 0, "column", 1).sheets[0].widths == {2: 30}
    assert edits.delete(wide, 0, "column", 1).sheets[0].widths == {}


def test_sorting():
    rows = [["Name", "n"], ["b", "2"], ["", "3"], ["a", "10"], ["C", "2"], ["1", "5"]]
    book = _book(rows)

    def order(keys):
        return [row[1] for row in _shown(edits.sort(book, 0, area("A1:B6"), keys, True))][1:]

    assert order([(1, False)]) == ["2", "2", "3", "5", "10"]
    assert order([(0, False)]) == ["5", "10", "2", "2", "3"]
    assert [row[0] for row in _shown(edits.sort(book, 0, area("A1:B6"), [(0, True)], True))] == [
        "Name", "C", "b", "a", "1", "",
    ]  # fmt: skip
    two = edits.sort(book, 0, area("A1:B6"), [(1, False), (0, True)], True)
    assert [row[0] for row in _shown(two)] == ["Name", "C", "b", "", "1", "a"]


def test_formulas_go_along_when_rows_are_sorted():
    book = _book([["3", "=A1*10"], ["1", "=A2*10"], ["2", "=A3*10"]])
    assert _shown(edits.sort(book, 0, area("A1:B3"), [(0, False)], False)) == [
        ["1", "10"],
        ["2", "20"],
        ["3", "30"],
    ]


def test_find_and_replace():
    book = _book([["one", "One and one", "=A1&1"], ["10", "2"]])
    assert edits.matches(book, 0, "one") == [(0, 0), (0, 1), (0, 2)]
    assert edits.matches(book, 0, "one", match_case=True) == [(0, 0), (0, 1), (0, 2)]
    assert edits.matches(book, 0, "One", match_case=True) == [(0, 1)]
    assert edits.matches(book, 0, "1", whole=True) == [] and edits.matches(book, 0, "") == []
    changed = edits.replace_in(book, 0, [(0, 0), (0, 1)], "one", "two")
    assert _shown(changed)[0] == ["two", "two and two", "two1"]
    assert _formulas(edits.replace_in(book, 0, [(0, 2)], "A1", "B2")) == {"C1": "=B2&1"}
    with pytest.raises(edits.EditError):
        edits.replace_in(book, 0, [(0, 2)], "&", "(")


@pytest.mark.parametrize("name", ["", " ", "a" * 32, "a/b", "a:b", "[x]", "sheet1", "'a"])
def test_bad_names_of_sheets_are_refused(name):
    with pytest.raises(edits.EditError):
        edits.add_sheet(Workbook(), name, 1)
    with pytest.raises(edits.EditError):
        edits.delete_sheet(Workbook(), 0)


def test_undo_and_redo():
    history = History((Workbook(),), most=UNDO_VERSIONS)
    one = edits.enter(history.current, 0, (0, 0), "1")
    history = history.add(one).add(edits.enter(one, 0, (0, 0), "2"))
    assert history.move(-1).current is one and not history.move(-9).can_undo
    assert history.move(-1).add(one) == history.move(-1), "what changes nothing is no version"
    again = history.move(-1).add(edits.enter(one, 0, (0, 1), "3"))
    assert not again.can_redo and _shown(again.current) == [["1", "3"]]


def test_what_keys_and_sums_find():
    book = _book([["Name", "n", "m"], ["a", "1", "4"], ["b", "2", "5"], [], ["c", "3"]])
    sheet = book.sheets[0]
    assert selection.edge(sheet, (0, 0), 1, 0) == (2, 0) and selection.edge(sheet, (2, 0), 1, 0) == (4, 0)
    assert selection.edge(sheet, (4, 0), 1, 0) == (1_048_575, 0)
    assert selection.edge(sheet, (100, 0), -1, 0) == (4, 0) and selection.edge(sheet, (2, 2), 0, -1) == (2, 0)
    assert selection.region(sheet, (1, 1)) == Area(0, 0, 2, 2)
    assert selection.has_header(book, 0, Area(0, 0, 2, 2)) and not selection.has_header(
        book, 0, Area(1, 0, 2, 2)
    )
    assert selection.numbers_above(book, 0, (3, 2)) == area("C2:C3")
    assert selection.numbers_above(book, 0, (2, 3)) == area("B3:C3")
    assert selection.numbers_in(book, 0, area("A1:C9")) == [1.0, 4.0, 2.0, 5.0, 3.0]


RICH = _book(
    [
        ["Name", "Price", "When", "  spaces ", "<&>\"'"],
        ["Tea", "1,234.5", "2024-03-31", "50%", "TRUE"],
        ["", "=B2*2", '=A2&"!"', "=1/0", "=B2>1"],
        ["line\nbreak", "1e-12", "_x0041_", "ü😀", "\x01"],
    ]
)
RICH = edits.style(RICH, 0, area("A1:E1"), lambda cell: Cell(cell.value, cell.formula, cell.format, True))
RICH = edits.set_width(edits.add_sheet(RICH, "Second & <last>", 1), 0, 1, 22)
RICH = edits.enter(RICH, 1, (4, 3), "=Sheet1!B2")


def test_xlsx_files_are_read_as_they_were_written():
    data = write_xlsx(RICH)
    assert read_xlsx(data).sheets == RICH.sheets and write_xlsx(read_xlsx(data)) == data


def test_openpyxl_reads_our_files():
    openpyxl = pytest.importorskip("openpyxl")
    data = io.BytesIO(write_xlsx(RICH))
    formulas, values = openpyxl.load_workbook(data), openpyxl.load_workbook(data, data_only=True)
    assert formulas.sheetnames == ["Sheet1", "Second & <last>"]
    sheet = values["Sheet1"]
    assert [cell.value for cell in sheet[1]] == ["Name", "Price", "When", "  spaces ", "<&>\"'"]
    assert sheet["A1"].font.b and not sheet["A2"].font.b
    assert sheet["B2"].value == 1234.5 and sheet["B2"].number_format == "#,##0.00"
    assert f"{sheet['C2'].value:%Y-%m-%d}" == "2024-03-31" and sheet["E2"].value is True
    assert [cell.value for cell in sheet[3]] == [None, 2469.0, "Tea!", "#DIV/0!", True]
    assert formulas["Sheet1"]["B3"].value == "=B2*2" and sheet["A4"].value == "line\nbreak"
    assert sheet.column_dimensions["B"].width == 22
    assert formulas.worksheets[1]["D5"].value == "=Sheet1!B2"


def test_we_read_openpyxls_files():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["a", 1, 2.5, True, None, "=B1+C1", "=LEN(A1)"])
    sheet["A3"] = "bold"
    sheet["A3"].font = openpyxl.styles.Font(bold=True)
    sheet["B3"] = 0.25
    sheet["B3"].number_format = "0.0%"
    sheet.column_dimensions["C"].width = 30
    book.create_sheet("Other")["B2"] = "=Sheet!A1"
    out = io.BytesIO()
    book.save(out)
    read = read_xlsx(out.getvalue())
    assert _shown(read) == [
        ["a", "1", "2.5", "TRUE", "", "3.5", "1"],
        [""] * 7,
        ["bold", "25.0%", "", "", "", "", ""],
    ]
    assert read.cell(0, (2, 0)).bold and read.sheets[0].widths == {2: 30} and read.value(1, (1, 1)) == "a"


def _xlsx(**parts):
    """A workbook file with some parts replaced."""
    data = io.BytesIO(write_xlsx(_book([["=1+1", "x"]])))
    out = io.BytesIO()
    with zipfile.ZipFile(data) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            key = name.rpartition("/")[2].partition(".")[0]
            target.writestr(name, parts.get(key, source.read(name)))
    return out.getvalue()


_SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_shared_formulas_and_inline_strings_are_read():
    sheet = (
        f"<worksheet {_SPACE}><sheetData><row r='1'>"
        "<c r='A1'><v>1</v></c><c r='B1'><f t='shared' ref='B1:B2' si='0'>A1*$A$1</f><v>1</v></c></row>"
        "<row r='2'><c><v>5</v></c><c r='B2'><f t='shared' si='0'/><v>5</v></c>"
        "<c t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>"
        "<c t='str'><f>NOSUCH(A1)</f><v>old</v></c></row></sheetData></worksheet>"
    )
    book = read_xlsx(_xlsx(sheet1=sheet))
    assert _shown(book) == [["1", "1", "", ""], ["5", "5", "inline", "#NAME?"]]
    assert _formulas(book) == {"B1": "=A1*$A$1", "B2": "=A2*$A$1", "D2": "=NOSUCH(A1)"}


_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK",
        b"a,b\n",
        _xlsx(sheet1=b"<worksheet"),
        _xlsx(sheet1=f"{_BOMB}<worksheet {_SPACE}><sheetData/></worksheet>"),
        _xlsx(sheet1=f"{_BOMB}<worksheet {_SPACE}><sheetData/></worksheet>".encode("utf-16")),
        _xlsx(sheet1=b" " * (17 << 20)),
        _xlsx(
            sheet1=f"<worksheet {_SPACE}><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>"
        ),
        _xlsx(sheet1=f"<worksheet {_SPACE}><sheetData><row r='0'><c/></row></sheetData></worksheet>"),
        _xlsx(sheet1=f"<worksheet {_SPACE}><sheetData><row r='x'/></sheetData></worksheet>"),
        _xlsx(workbook=f"<workbook {_SPACE}><sheets/></workbook>"),
    ],
    ids=[
        "empty",
        "cut",
        "text",
        "xml",
        "bomb",
        "utf-16 bomb",
        "huge",
        "string",
        "row 0",
        "row x",
        "no sheet",
    ],
)
def test_damaged_and_hostile_files_are_refused(data):
    with pytest.raises(UnreadableFile):
        read_xlsx(data)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_any_bytes_are_read_or_refused(place, noise):
    data = write_xlsx(RICH)
    place %= len(data)
    try:
        read_xlsx(data[:place] + noise + data[place + len(noise) :])
    except UnreadableFile as error:
        assert "\n" not in str(error)


TABLE = st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), min_size=1, max_size=5)


@given(TABLE)
def test_csv_texts_come_back(rows):
    """What is text stays so, as the module csv reads it."""
    cells = {(i, j): Cell(text) for i, row in enumerate(rows) for j, text in enumerate(row) if text}
    data = write_csv(Workbook((Sheet("S", cells),)), 0)
    if not cells:
        assert data == b""
        return
    read = list(csv.reader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
    for (i, j), cell in cells.items():
        assert isinstance(cell.value, str)
        assert read[i][j] == cell.value.encode("utf-8", "replace").decode()


def test_csv_files_hold_what_is_shown():
    book = _book([["a,b", "1,234.5", "=1/3"], ["2024-03-31", "50%", "007"]])
    assert write_csv(book, 0) == b'"a,b","1,234.50",0.333333333333333\n2024-03-31,50%,7\n'
    assert write_csv(book, 0, "\t").startswith(b"a,b\t")
    read = read_csv(b'\xef\xbb\xbfName,=A1\r\n2024-03-31,"x\ny"\r\n,\'q\r\n')
    assert _shown(read) == [["Name", "=A1"], ["2024-03-31", "x\ny"], ["", "'q"]] and _formulas(read) == {}
    assert read.cell(0, (1, 0)).value == 45382.0
    with pytest.raises(UnreadableFile):
        read_csv(b"1\n" * 100_001)
