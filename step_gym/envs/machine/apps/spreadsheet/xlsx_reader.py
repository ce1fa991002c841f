"""Workbooks from .xlsx files: cells, formulas, formats, bold, column widths.

What else a file holds (charts, comments, colours, macros) is not read. A file comes from anywhere, so no part
of it is unpacked beyond a size, and a document type declaration, which entity bombs need, is refused.
"""

from __future__ import annotations

import io
import math
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from step_gym.envs.machine.apps.spreadsheet.csv_files import UnreadableFile
from step_gym.envs.machine.apps.spreadsheet.edits import copied_cell
from step_gym.envs.machine.apps.spreadsheet.formats import BUILT_IN, GENERAL
from step_gym.envs.machine.apps.spreadsheet.references import MAX_COLUMNS, MAX_ROWS, Address, read_reference
from step_gym.envs.machine.apps.spreadsheet.tokens import FormulaError, normal
from step_gym.envs.machine.apps.spreadsheet.values import MAX_TEXT, CellError, Value, read_date
from step_gym.envs.machine.apps.spreadsheet.workbook import EMPTY, MAX_CELLS, Cell, Sheet, Workbook

_MAX_PART = 16 << 20
_MAX_PARTS = 2_000
_MAX_SHEETS = 100
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def read_xlsx(data: bytes) -> Workbook:
    """The workbook in a file.

    Raises:
        UnreadableFile: If it is none, is damaged, or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _Reader(archive).workbook()
    except UnreadableFile:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise UnreadableFile("it is no .xlsx file, or damaged") from None
    except (ElementTree.ParseError, KeyError, ValueError, IndexError, LookupError) as error:
        raise UnreadableFile(f"it is damaged: {str(error)[:100]}") from None


class _Builder(ElementTree.TreeBuilder):
    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise UnreadableFile("it has a document type declaration")


class _Reader:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.names = set(archive.namelist())
        if len(self.names) > _MAX_PARTS:
            raise UnreadableFile(f"it has more than {_MAX_PARTS:,} parts")

    def part(self, name: str) -> Element | None:
        """The XML of a part, or None where there is no such part."""
        if name not in self.names:
            return None
        with self.archive.open(name) as stream:
            data = stream.read(_MAX_PART + 1)
        if len(data) > _MAX_PART:
            raise UnreadableFile(f"{name} is larger than {_MAX_PART >> 20} MiB")
        parser = ElementTree.XMLParser(target=_Builder())
        parser.feed(data)
        return parser.close()

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and path of what a part refers to, by id."""
        folder, name = posixpath.split(part)
        root = self.part(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            target = relation.get("Target", "")
            path = (
                target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], path)
        return found

    def workbook(self) -> Workbook:
        start = [path for kind, path in self.relations("").values() if kind == "officeDocument"]
        path = start[0] if start else "xl/workbook.xml"
        root = self.part(path)
        if root is None:
            raise UnreadableFile("it holds no workbook")
        relations = self.relations(path)
        paths = {kind: target for kind, target in relations.values()}
        strings = self._strings(paths.get("sharedStrings", "xl/sharedStrings.xml"))
        looks = self._looks(paths.get("styles", "xl/styles.xml"))
        sheets: list[Sheet] = []
        for entry in _all(root, "sheet")[:_MAX_SHEETS]:
            kind, target = relations.get(entry.get(_RELATION) or entry.get(_STRICT_RELATION) or "", ("", ""))
            content = self.part(target) if kind == "worksheet" else None
            if content is not None:
                sheets.append(_sheet(entry.get("name") or f"Sheet{len(sheets) + 1}", content, strings, looks))
        if not sheets:
            raise UnreadableFile("it has no sheet")
        return Workbook(tuple(sheets))

    def _strings(self, path: str) -> list[str]:
        root = self.part(path)
        return [] if root is None else [_rich_text(item) for item in root]

    def _looks(self, path: str) -> list[Cell]:
        """An empty cell for each combination of number format and font."""
        root = self.part(path)
        if root is None:
            return []
        codes = dict(BUILT_IN)
        for entry in _all(root, "numFmt"):
            codes[int(entry.get("numFmtId", "0"))] = entry.get("formatCode") or GENERAL
        fonts = _first(root, "fonts")
        bolds = [_is_bold(font) for font in fonts] if fonts is not None else []
        xfs = _first(root, "cellXfs")
        return [
            Cell(
                format=codes.get(int(xf.get("numFmtId", "0")), GENERAL),
                bold=bolds[int(xf.get("fontId", "0"))] if int(xf.get("fontId", "0")) < len(bolds) else False,
            )
            for xf in (xfs if xfs is not None else ())
        ]


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: Element, tag: str) -> list[Element]:
    return [element for element in root.iter() if _tag(element) == tag]


def _first(root: Element, tag: str) -> Element | None:
    for child in root:
        if _tag(child) == tag:
            return child
    return None


def _is_bold(font: Element) -> bool:
    bold = _first(font, "b")
    return bold is not None and bold.get("val", "1") in ("1", "true")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def _rich_text(item: Element) -> str:
    """The text of a string, whose runs may have several looks; phonetic hints are left out."""
    parts: list[str] = []
    for child in item:
        if _tag(child) == "t":
            parts.append(child.text or "")
        elif _tag(child) == "r":
            parts.extend(part.text or "" for part in child if _tag(part) == "t")
    return _unescaped("".join(parts))[:MAX_TEXT]


def _sheet(name: str, root: Element, strings: Sequence[str], looks: Sequence[Cell]) -> Sheet:
    cells: dict[Address, Cell] = {}
    shared: dict[str, tuple[Address, Cell]] = {}
    data = _first(root, "sheetData")
    row = -1
    for line in data if data is not None else ():
        row = int(line.get("r", row + 2)) - 1
        column = -1
        for entry in line:
            if _tag(entry) != "c":
                continue
            place = read_reference(entry.get("r", ""))
            row, column = (place.area.top, place.area.left) if place else (row, column + 1)
            if not (0 <= row < MAX_ROWS and column < MAX_COLUMNS):
                raise UnreadableFile(f"there is no row {row + 1} or column {column + 1}")
            cell = _cell(entry, (row, column), strings, looks, shared)
            if cell != EMPTY:
                cells[row, column] = cell
            if len(cells) > MAX_CELLS:
                raise UnreadableFile(f"a sheet has more than {MAX_CELLS:,} cells")
    return Sheet(name, cells, _widths(root))


def _widths(root: Element) -> Mapping[int, float]:
    widths: dict[int, float] = {}
    entries = _first(root, "cols")
    for entry in entries if entries is not None else ():
        width = float(entry.get("width", "nan"))
        first, last = int(entry.get("min", "1")) - 1, int(entry.get("max", "1")) - 1
        if math.isfinite(width) and first >= 0:
            # An entry may reach to the end of the grid; columns that far to the right are not shown so wide.
            widths |= dict.fromkeys(range(first, min(last, first + 255) + 1), min(max(width, 1.0), 255.0))
    return widths


def _cell(
    entry: Element,
    at: Address,
    strings: Sequence[str],
    looks: Sequence[Cell],
    shared: dict[str, tuple[Address, Cell]],
) -> Cell:
    look = int(entry.get("s", "0"))
    cell = looks[look] if 0 <= look < len(looks) else EMPTY
    formula = _first(entry, "f")
    if formula is not None:
        text = _unescaped(formula.text or "").strip()
        group = formula.get("si") if formula.get("t") == "shared" else None
        if text:
            cell = Cell(None, _normal("=" + text), cell.format, cell.bold)
            if group is not None:
                shared[group] = (at, cell)
            return cell
        if group in shared:  # said once, for the first cell of the group
            (row, column), first = shared[group]
            moved = copied_cell(first, at[0] - row, at[1] - column)
            return Cell(None, moved.formula, cell.format, cell.bold)
    return Cell(_value(entry, strings), "", cell.format, cell.bold)


def _normal(formula: str) -> str:
    try:
        return normal(formula)
    except FormulaError:
        return formula  # kept as it is, for those who understand it; here it is #NAME?


def _value(entry: Element, strings: Sequence[str]) -> Value:
    kind = entry.get("t", "n")
    if kind == "inlineStr":
        inline = _first(entry, "is")
        return _rich_text(inline) if inline is not None else None
    element = _first(entry, "v")
    text = (element.text or "") if element is not None else ""
    if not text:
        return None
    if kind == "s":
        return strings[int(text)]
    if kind == "str":
        return _unescaped(text)[:MAX_TEXT]
    if kind == "b":
        return text.strip() in ("1", "true")
    if kind == "e":
        return CellError(text) if text in {error.value for error in CellError} else CellError.NA
    if kind == "d":
        return read_date(text[:10])
    number = float(text)
    return number if math.isfinite(number) else CellError.NUM
