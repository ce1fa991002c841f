"""Formulas: against LibreOffice's values, worked examples of Excel's documentation, and hostile ones."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.machine.apps.spreadsheet import edits
from step_gym.envs.machine.apps.spreadsheet.formats import shown
from step_gym.envs.machine.apps.spreadsheet.parser import parse
from step_gym.envs.machine.apps.spreadsheet.references import (
    cell_name,
    copied,
    reference_text,
    shifted,
)
from step_gym.envs.machine.apps.spreadsheet.tokens import FormulaError, normal
from step_gym.envs.machine.apps.spreadsheet.values import CellError
from step_gym.envs.machine.apps.spreadsheet.workbook import Cell, Sheet, Workbook
from tests.envs.machine.apps.spreadsheet.references import area, reference

# Random formulas and what LibreOffice 7.4.7 makes of them (`soffice --convert-to csv`).
CASES = json.loads((Path(__file__).parent / "libreoffice_values.json").read_text("utf-8"))


def _at(name):
    found = area(name)
    return found.top, found.left


def _book(**cells):
    book = Workbook()
    for name, text in cells.items():
        book = edits.enter(book, 0, _at(name), text)
    return book


def _value(formula, **cells):
    return _book(Z99=formula, **cells).value(0, _at("Z99"))


def _alike(ours, theirs):
    if ours == theirs:
        return True
    if ours[:1] == "#" and theirs.startswith(("#", "Err:")):
        return True
    return float(ours) == pytest.approx(float(theirs), rel=1e-9, abs=1e-9)


def test_random_formulas_have_libreoffices_values():
    cells = {
        _at(name): Cell(float(value) if isinstance(value, int | float) else value)
        for name, value in CASES["cells"].items()
    }
    formulas = {(i, 6): Cell(formula=normal(formula)) for i, (formula, _) in enumerate(CASES["formulas"])}
    book = Workbook((Sheet("Data", {**cells, **formulas}),))
    wrong = [
        (formula, shown(book.value(0, (i, 6)), "General", 15), theirs)
        for i, (formula, theirs) in enumerate(CASES["formulas"])
        if not _alike(shown(book.value(0, (i, 6)), "General", 15), theirs)
    ]
    assert len(CASES["formulas"]) >= 400
    assert wrong == []


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=-2^2", 4.0),
        ("=2^3^2", 64.0),
        ("=10%%", 0.001),
        ("=1+2&3", "33"),
        ('="a"&1/4', "a0.25"),
        ("=0.1+0.2=0.3", True),
        ("=1-0.9-0.1", 0.0),
        ('="B">"a"', True),
        ('="abc"="ABC"', True),
        ('=1<"a"', True),
        ("=TRUE>99", True),
        ('="5"*"2"', 10.0),
        ("=TRUE+1", 2.0),
        ("=ROUND(2.675,2)", 2.68),
        ("=ROUND(-2.5,0)", -3.0),
        ("=ROUND(1234,-2)", 1200.0),
        ("=INT(-8.9)", -9.0),
        ("=MOD(-3,2)", 1.0),
        ("=MOD(3,-2)", -1.0),
        ('=MID("Fluid Flow",7,20)', "Flow"),
        ('=LEFT("Sale Price")', "S"),
        ('=RIGHT("Sale Price",5)', "Price"),
        ('=TRIM(" First  Quarter ")', "First Quarter"),
        ('=CONCAT("a",1,TRUE)', "a1TRUE"),
        ('=IF(1,"yes")', "yes"),
        ('=IF(0,"yes")', False),
        ("=IF(1,,5)", 0.0),
        ('=SUM("3",2,TRUE)', 6.0),
        ('=COUNT(1,"2","x",TRUE)', 3.0),
        ('=IFERROR(1/0,"none")', "none"),
        ("=1/0", CellError.DIV0),
        ('="a"+1', CellError.VALUE),
        ("=0^0", CellError.NUM),
        ("=(-8)^(1/3)", CellError.NUM),
        ("=9^999", CellError.NUM),
        ("=NOSUCH(1)", CellError.NAME),
        ("=nosuch", CellError.NAME),
        ("=ABS()", CellError.VALUE),
        ("=AVERAGE(A1:A9)", CellError.DIV0),
        ("=MAX(A1:A9)", 0.0),
        ("=Other!A1", CellError.REF),
        ("=A1:A2+1", CellError.VALUE),
        ('=MID("x",0,1)', CellError.VALUE),
        ("=A1", 0.0),
        ('=A1&"x"', "x"),
    ],
)
def test_values_of_excels_rules(formula, value):
    assert _value(formula) == value and type(_value(formula)) is type(value)


def test_texts_and_truth_values_in_ranges_are_no_numbers():
    cells = {"A1": "'5", "A2": "TRUE", "A3": "7"}
    assert _value("=SUM(A1:A3)", **cells) == 7.0
    assert _value("=SUM(A1,A2,A3)", **cells) == 7.0
    assert _value("=COUNT(A1:A3)", **cells) == 1.0
    assert _value("=COUNTA(A1:A9)", **cells) == 3.0
    assert _value("=A1+A2+A3", **cells) == 13.0


def test_an_error_in_a_range_is_the_result():
    assert _value("=SUM(A1:A2)", A1="=1/0", A2="1") is CellError.DIV0
    assert _value("=COUNT(A1:A2)", A1="=1/0", A2="1") == 1.0


FRUIT = {"A1": "apple", "A2": "pear", "A3": "Apple tart", "B1": "2", "B2": "3", "B3": "5"}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ('=COUNTIF(A1:A9,"apple")', 1.0),
        ('=COUNTIF(A1:A9,"APPLE*")', 2.0),
        ('=COUNTIF(A1:A3,"?ear")', 1.0),
        ('=COUNTIF(A1:A4,"<>pear")', 3.0),
        ('=COUNTIF(A1:A9,"")', 6.0),
        ('=COUNTIF(B1:B9,">2")', 2.0),
        ("=COUNTIF(B1:B9,5)", 1.0),
        ('=SUMIF(A1:A3,"*a*",B1:B3)', 10.0),
        ('=SUMIF(B1:B3,">=3")', 8.0),
        ('=AVERAGEIF(A1:A3,"apple*",B1:B3)', 3.5),
        ('=VLOOKUP("PEAR",A1:B3,2,FALSE)', 3.0),
        ('=VLOOKUP("app*",A1:B3,2,FALSE)', 2.0),
        ('=VLOOKUP("plum",A1:B3,2,FALSE)', CellError.NA),
        ('=VLOOKUP("pear",A1:B3,3,FALSE)', CellError.REF),
        ('=VLOOKUP("pear",A1:B3,0,FALSE)', CellError.VALUE),
        ("=VLOOKUP(4,B1:B3,1)", 3.0),
        ("=VLOOKUP(1,B1:B3,1)", CellError.NA),
    ],
)
def test_criteria_and_lookups(formula, value):
    assert _value(formula, **FRUIT) == value


def test_a_tilde_takes_the_meaning_of_a_wildcard_away():
    assert _value('=COUNTIF(A1:A3,"~*")', A1="*", A2="x", A3="~*") == 1.0


def test_cycles_are_errors_and_what_lies_behind_them_is_computed():
    book = _book(A1="=B1+1", B1="=A1", C1="=IFERROR(A1,7)", D1="=C1*2", E1="=E1", F1="=5")
    values = [book.value(0, (0, column)) for column in range(6)]
    assert values == [CellError.REF, CellError.REF, 7.0, 14.0, CellError.REF, 5.0]


def test_a_long_chain_is_computed():
    cells = {(0, 0): Cell(1.0)} | {(i, 0): Cell(formula=f"=A{i}+1") for i in range(1, 3000)}
    assert Workbook((Sheet("S", cells),)).value(0, (2999, 0)) == 3000.0


def test_other_sheets_are_referred_to_by_name():
    book = edits.add_sheet(_book(A1="4"), "My 'da'ta", 1)
    book = edits.enter(book, 1, (0, 0), "=SHEET1!A1*2")
    book = edits.enter(book, 0, (0, 1), "='My ''da''ta'!A1+1")
    assert book.value(0, (0, 1)) == 9.0
    book = edits.rename_sheet(book, 1, "Plain")
    assert book.cell(0, (0, 1)).formula == "=Plain!A1+1" and book.value(0, (0, 1)) == 9.0
    assert edits.delete_sheet(book, 1).value(0, (0, 1)) is CellError.REF


@pytest.mark.parametrize(
    "text",
    [
        "=",
        "=1+",
        "=(1",
        "=1)",
        "=1 2",
        "=SUM(1",
        '="a',
        "=A1:",
        "=1,2",
        "=@",
        "=A0",
        "=ZZZ1",
        "=*1",
        "=SUM(1))",
    ],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(FormulaError):
        parse(text)


@pytest.mark.parametrize(
    "formula",
    [
        "=" + "(" * 5000 + "1" + ")" * 5000,
        "=" + "-" * 9000 + "1",
        "=" + "SUM(" * 200 + "1" + ")" * 200,
    ],
)
def test_formulas_that_are_too_long_or_too_deep_are_refused(formula):
    with pytest.raises(FormulaError):
        parse(formula)


def test_the_work_of_all_formulas_is_bounded():
    column = {(i, 1): Cell(1.0) for i in range(20_000)}
    sums = {(i, 0): Cell(formula="=SUM(B1:B20000)") for i in range(200)}
    book = Workbook((Sheet("S", {**column, **sums}),))
    assert book.value(0, (0, 0)) == 20_000.0 and book.value(0, (199, 0)) is CellError.NUM


def test_texts_do_not_grow_beyond_a_cell():
    cells = {(0, 0): Cell("abc")} | {(i, 0): Cell(formula=f"=A{i}&A{i}") for i in range(1, 40)}
    book = Workbook((Sheet("S", cells),))
    text = book.value(0, (13, 0))
    assert isinstance(text, str) and len(text) == 24_576
    assert book.value(0, (39, 0)) is CellError.VALUE


def test_wildcards_take_no_more_than_linear_time():
    cells = {(0, 1): Cell("a" * 30_000), (0, 0): Cell(formula='=COUNTIF(B1:B1,"' + "*a" * 20 + '*b")')}
    assert Workbook((Sheet("S", cells),)).value(0, (0, 0)) == 0.0


@given(st.text(alphabet="=+-*/^&<>%()\",;:!$#ABZ019. 'sumif", max_size=60))
def test_any_text_is_a_formula_or_refused(text):
    try:
        book = _book(A1="3", B2="=" + text)
    except edits.EditError:
        return
    assert isinstance(book.value(0, (1, 1)), float | str | bool | CellError)


@pytest.mark.parametrize(
    "text", ["A1", "$A$1", "A$1:$B2", "A:C", "$3:7", "Sheet2!B3", "'My data'!A1:B2", "XFD1048576"]
)
def test_references_are_written_as_they_are_read(text):
    assert reference_text(reference(text)) == text
    assert reference_text(reference(text.lower().replace("sheet2", "Sheet2").replace("my", "My"))) == text


def test_copies_move_what_has_no_dollar():
    def moved(text, rows, columns):
        found = copied(reference(text), rows, columns)
        return found and reference_text(found)

    assert moved("A1", 2, 1) == "B3" and moved("$A1", 2, 1) == "$A3" and moved("A$1", 2, 1) == "B$1"
    assert moved("A1:$B$2", 3, 0) == "A$2:$B4"
    assert moved("A:A", 5, 1) == "B:B" and moved("1:1", 5, 1) == "6:6"
    assert moved("A1", -1, 0) is None


def test_inserted_and_deleted_rows_move_references():
    def after(text, at, count):
        found = shifted(area(text), "row", at, count)
        return found and f"{cell_name(found[:2])}:{cell_name(found[2:])}"

    assert after("B3:B5", 2, 1) == "B4:B6" and after("B3:B5", 3, 2) == "B3:B7"
    assert after("B3:B5", 5, 1) == "B3:B5" and after("B3:B5", 3, -1) == "B3:B4"
    assert after("B3:B5", 1, -2) == "B2:B3" and after("B3:B5", 2, -3) is None
