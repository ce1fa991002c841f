"""Documents, presentations and workbooks that differ a little, for comparing metrics."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path
from typing import Any

WORDS = (
    "apple",
    "Banana",
    "cherry",
    "12:30:45",
    "7",
    "3.5",
    "vowel",
    "blue",
    "red",
    "line",
    "Über",
    "#",
    "T1",
)


def words(rng: random.Random, most: int = 5) -> str:
    """A few words, and at times odd blanks between them."""
    return rng.choice((" ", " ", " ", "  ", "\t", ", ")).join(rng.choices(WORDS, k=rng.randint(0, most)))


def _png(rng: random.Random) -> io.BytesIO:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (8, 8), rng.choice(("red", "blue"))).save(stream, "PNG")
    stream.seek(0)
    return stream


def _paragraph_texts(rng: random.Random) -> list[str]:
    kind = rng.random()
    if kind < 0.3:
        return [rng.choice(("One line.", "One  line.", "one LINE.", "One line here is long."))]
    if kind < 0.5:
        lines = ["08:00:00, T1, S1, 1", "08:10:00, T2, S1, 2", "08:20:00, T1, S2, 1", "08:30:00, T3, S1, 1"]
        return [lines[number] for number in sorted(rng.sample(range(4), rng.randint(1, 4)))]
    if kind < 0.65:
        return ["Text", "References", *(words(rng) for _ in range(rng.randint(0, 2)))]
    if kind < 0.8:
        return rng.sample(["Alpha beta", "", "gamma", "A B\tC D"], 3)
    if kind < 0.9:
        return [" ".join(rng.choices(WORDS, k=3))]
    return [words(rng) for _ in range(rng.randint(0, 4))]


def docx(path: Path, rng: random.Random) -> None:
    """A text document."""
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_COLOR_INDEX, WD_TAB_ALIGNMENT
    from docx.shared import Cm, Pt, RGBColor

    document: Any = Document()
    for text in _paragraph_texts(rng):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.line_spacing = rng.choice((None, 1.0, 1.0, 2.0, 1.5))
        paragraph.alignment = rng.choice((None, WD_ALIGN_PARAGRAPH.CENTER))
        if rng.random() < 0.4:
            stop = rng.choice((Cm(2), Cm(5), Cm(0)))
            kind = rng.choice((WD_TAB_ALIGNMENT.LEFT, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_ALIGNMENT.CLEAR))
            paragraph.paragraph_format.tab_stops.add_tab_stop(stop, kind)
        for part in (text[:4], text[4:]) if rng.random() < 0.5 else (text,):
            run = paragraph.add_run(part)
            run.font.name = rng.choice((None, "Arial", "Arial"))
            run.italic = rng.choice((None, None, True))
            run.font.size = rng.choice((None, Pt(14)))
            run.font.strike = rng.choice((None, True, True))
            run.font.subscript = rng.choice((None, None, True))
            run.font.highlight_color = rng.choice((None, WD_COLOR_INDEX.YELLOW, None))
            if rng.random() < 0.1:
                run.add_break(rng.choice((WD_BREAK.PAGE, WD_BREAK.LINE)))
            if rng.random() < 0.1:
                run.add_picture(_png(rng))
            if rng.random() < 0.1:
                run._element.append(
                    run._element.makeelement(
                        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}object", {}
                    )
                )
    for _ in range(rng.choice((0, 0, 1, 1))):
        table = document.add_table(rng.randint(1, 2), 2)
        for row in table.rows:
            for cell in row.cells:
                run = cell.paragraphs[0].add_run(rng.choice(("apple", "Tree", "")))
                vowel = run.text[:1] == "a"
                run.font.color.rgb = (
                    RGBColor(255, 0, 0) if vowel != (rng.random() < 0.03) else RGBColor(0, 0, 255)
                )
    if rng.random() < 0.6:
        document.sections[0].footer.paragraphs[0].text = rng.choice(("1", "Page", "page 2"))
    document.save(str(path))


def odt(path: Path, rng: random.Random) -> None:
    """A text document in OpenDocument's format, at times with words on yellow."""
    from odf.opendocument import OpenDocumentText
    from odf.style import Style, TextProperties
    from odf.text import P, Span

    document: Any = OpenDocumentText()
    style = Style(name="T1", family="text")
    style.addElement(TextProperties(backgroundcolor=rng.choice(("#ffff00", "#ffffff"))))
    document.automaticstyles.addElement(style)
    for text in rng.choice((["one two"], ["one two", "three"], ["One  two"], ["three", "one two"], [])):
        paragraph = P(text=text[:3])
        paragraph.addElement(
            Span(stylename=style, text=text[3:]) if rng.random() < 0.5 else Span(text=text[3:])
        )
        document.text.addElement(paragraph)
    document.save(str(path))


def pptx(path: Path, rng: random.Random) -> None:
    """A presentation."""
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_UNDERLINE, PP_ALIGN
    from pptx.util import Emu, Pt

    presentation: Any = Presentation()
    presentation.slide_width = rng.choice((9144000, 9144000, 5000000))
    odd = 0.04 if rng.random() < 0.7 else 0.5

    def pick(usual: Any, *others: Any) -> Any:
        return rng.choice(others) if rng.random() < odd else usual

    def fill(frame: Any, texts: list[str]) -> None:
        for number, text in enumerate(texts):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment = pick(None, PP_ALIGN.LEFT, PP_ALIGN.CENTER)
            paragraph.level = pick(0, 1)
            for part in [text] if rng.random() > odd / 2 else [text, ""]:
                run = paragraph.add_run()
                run.text = part
                font = run.font
                font.name, font.size = pick(None, "Arial"), pick(None, Pt(20))
                font.bold, font.italic = pick(None, True, False), pick(None, True, False)
                font.underline = pick(None, True, False, MSO_UNDERLINE.DOUBLE_LINE)
                if rng.random() < odd:
                    font.color.rgb = RGBColor(255, rng.choice((0, 1)), 0)
                if rng.random() < odd:
                    font._element.set("strike", "sngStrike")
            if rng.random() < odd:
                properties = paragraph._p.get_or_add_pPr()
                bullet = properties.makeelement(
                    "{http://schemas.openxmlformats.org/drawingml/2006/main}buChar", {}
                )
                bullet.set("char", "•")
                properties.append(bullet)

    for _ in range(pick(2, 1, 3)):
        slide = presentation.slides.add_slide(presentation.slide_layouts[pick(5, 6)])
        if rng.random() < odd:
            slide.background.fill.solid()
            slide.background.fill.fore_color.rgb = RGBColor(
                *rng.choice(((255, 0, 0), (0, 0, 255), (200, 10, 10)))
            )
        if rng.random() < odd:
            slide.notes_slide.notes_text_frame.text = rng.choice(("note", "note "))
        if slide.shapes.title is not None:
            title = "1" if rng.random() < 0.1 else pick("Title", "Product Comparison")
            fill(slide.shapes.title.text_frame, [title])
        box = slide.shapes.add_textbox(
            Emu(1_000_000 + pick(0, 3_000, 500_000)), Emu(2_000_000), Emu(3_000_000), Emu(900_000)
        )
        fill(box.text_frame, ["First", "Second"][: pick(2, 1)])
        slide.shapes.add_picture(
            _png(random.Random(pick(1, 2, 3))),
            Emu(0),
            Emu(pick(1_900_000, 0)),
            Emu(pick(9_144_000, 900_000)),
            Emu(pick(6_858_000, 900_000)),
        )
        if rng.random() > odd:
            shape = slide.shapes.add_table(
                pick(2, 1), 2, Emu(0), Emu(pick(3_700_000, 1_000_000)), Emu(2_000_000), Emu(800_000)
            )
            for row in shape.table.rows:
                for cell in row.cells:
                    fill(cell.text_frame, [pick("x", "y")])
        if rng.random() < odd:
            group = slide.shapes.add_group_shape()
            fill(group.shapes.add_textbox(0, 0, 900_000, 900_000).text_frame, [pick("in", "out")])
        if rng.random() < odd:
            transition = slide._element.makeelement(
                "{http://schemas.openxmlformats.org/presentationml/2006/main}transition", {}
            )
            transition.append(
                transition.makeelement(
                    "{http://schemas.openxmlformats.org/presentationml/2006/main}dissolve", {}
                )
            )
            slide._element.append(transition)
    for placeholder in presentation.slide_masters[0].placeholders:
        if rng.random() < 0.8 and "Number" in placeholder.name:
            placeholder.text_frame.text = "<number>"
            placeholder.text_frame.paragraphs[0].font.color.rgb = RGBColor(
                *rng.choice(((255, 0, 0), (0, 0, 255)))
            )
    presentation.save(str(path))


def xlsx(path: Path, rng: random.Random) -> None:
    """A workbook, with the .csv files that show its sheets beside it."""
    from openpyxl import Workbook
    from openpyxl.chart import BarChart, LineChart, Reference
    from openpyxl.formatting.rule import CellIsRule, FormulaRule
    from openpyxl.styles import Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    odd = rng.choice((0.03, 0.03, 0.3))

    def pick(usual: Any, *others: Any) -> Any:
        return rng.choice(others) if rng.random() < odd else usual

    book: Any = Workbook()
    book.active.title = pick("Sheet1", "Data")
    if rng.random() > odd:
        book.create_sheet("Sheet2")
    for sheet in book.worksheets:
        rows = [["name", "n", pick("x", "y")]]
        rows += [
            [pick(f"r{n}", "R1", None), pick(n * 1.5, 2, "2", True), pick(None, 1.00004, 1.2)]
            for n in range(3)
        ]
        for row in rows:
            sheet.append(row)
        for cell in (sheet["A1"], sheet["B2"], sheet["B3"]):
            cell.font = Font(
                bold=pick(None, True),
                italic=pick(False, True),
                color=pick("FF000000", "FFFFFFFF"),
                size=pick(11, 14),
            )
            if rng.random() < odd:
                cell.fill = PatternFill("solid", fgColor="FF0000FF")
            cell.number_format = pick("General", "0.00")
        if rng.random() < odd:
            sheet.merge_cells("A2:B2")
        sheet.freeze_panes = pick(None, "A2", "B1")
        sheet.sheet_view.zoomScale = pick(None, 150, 80)
        if rng.random() < 2 * odd:
            sheet.row_dimensions[2].hidden = pick(True, False)
            sheet.column_dimensions["B"].width = pick(20, 30)
        if rng.random() < odd:
            sheet.auto_filter.ref = "A1:C4"
            sheet.auto_filter.add_filter_column(pick(0, 1), [rng.choice(("r1", "r2"))])
            sheet.auto_filter.add_sort_condition(rng.choice(("B2:B4", "A2:A4")))
        if rng.random() < 2 * odd:
            validation = DataValidation("list", formula1=pick('"Pass,Fail,Held"', '"Pass,Fail"'))
            validation.add(pick("D2:D29", "D2:D40", "D1:D3"))
            sheet.add_data_validation(validation)
        if rng.random() < 2 * odd:
            red = PatternFill(bgColor="FFFF0000")
            formulas = ("B2>1", "$B$3>1", "AND(B2>1,$B$3>0)", "bad(")
            rule = rng.choice(
                (
                    CellIsRule("greaterThan", ["1"], fill=red, font=Font(color="FF00FF00")),
                    CellIsRule("between", ["0", "2"], fill=red),
                    *(FormulaRule([formula], fill=red) for formula in formulas),
                )
            )
            sheet.conditional_formatting.add("B2:B4", rule)
        for _ in range(pick(0, 1, 2)):
            chart = rng.choice((BarChart, LineChart))()
            chart.title = rng.choice((None, "T"))
            chart.add_data(
                Reference(sheet, min_col=2, min_row=1, max_row=rng.choice((3, 4))), titles_from_data=True
            )
            chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=4))
            sheet.add_chart(chart, rng.choice(("E1", "F5")))
    for number in range(2, 23):
        book.worksheets[0].cell(number, 26, pick("Rome", "Oslo"))
    book.save(path)
    if rng.random() < 2 * odd:
        _add_sparkline(path, rng.choice(("C3:E3", "C4:E4")))
    for sheet in book.worksheets:
        lines = [
            ",".join("" if value is None else str(value) for value in row)
            for row in sheet.iter_rows(max_col=3, values_only=True)
        ]
        text = "\n".join(lines) + rng.choice(("", "\n", "\n\n"))
        path.with_name(f"{path.stem}-{sheet.title}.csv").write_text(
            text.upper() if rng.random() < 0.1 else text
        )


def _add_sparkline(path: Path, cells: str) -> None:
    """Give the first sheet a sparkline, which openpyxl does not write."""
    main = "http://schemas.microsoft.com/office"
    extension = (
        f'<extLst><ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" '
        f'xmlns:x14="{main}/spreadsheetml/2009/9/main"><x14:sparklineGroups '
        f'xmlns:xm="{main}/excel/2006/main"><x14:sparklineGroup><x14:sparklines><x14:sparkline>'
        f"<xm:f>Sheet1!{cells}</xm:f><xm:sqref>F3</xm:sqref></x14:sparkline></x14:sparklines>"
        "</x14:sparklineGroup></x14:sparklineGroups></ext></extLst></worksheet>"
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</worksheet>", extension.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
