"""The grid of a spreadsheet: which cells are in sight, and the views that show them.

Only what is in sight is made, of parts that say what they show: rows by their cells, in blocks where nothing
is selected, and each mark of the selection by its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from step_gym.envs.machine import fonts
from step_gym.envs.machine.apps.spreadsheet.formats import shown
from step_gym.envs.machine.apps.spreadsheet.references import (
    MAX_COLUMNS,
    MAX_ROWS,
    Address,
    Area,
    cell_name,
    column_name,
)
from step_gym.envs.machine.apps.spreadsheet.values import Value
from step_gym.envs.machine.apps.spreadsheet.workbook import DEFAULT_WIDTH, EMPTY, Sheet, Workbook
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, stack
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

ROW_HEIGHT = 24
HEADER_WIDTH = 48
HEADER_HEIGHT = 24
BAR_WIDTH = 12
_TEXT = 13
PAD = 5
_MOST_KNOWN = 16  # contents of workbooks
_MOST_ROWS = 500  # that one contents hands on to the next
_BLOCK = 5  # rows that are kept together
_LINE = "#e3e5e8"
_HEADER = "#f6f8fa"
_HEADER_ON = "#d3e3fd"
_SELECTED = "#e8f0fe"

Columns = tuple[tuple[int, int, int], ...]
"""Number, left pixel beside the row headers, and width of each column in sight."""


def column_pixels(sheet: Sheet, column: int) -> int:
    """How wide a column is."""
    return _pixels(sheet.widths.get(column, DEFAULT_WIDTH))


def _pixels(characters: float) -> int:
    return round(characters * 8 + 16)


def fitting_width(book: Workbook, sheet: int, column: int) -> float:
    """The width in characters that shows everything in a column."""
    cells = book.sheets[sheet].cells
    texts = [(book.shown(sheet, at), cells[at].bold) for at in cells if at[1] == column]
    pixels = max([_measure(text, bold) for text, bold in texts[:10_000]], default=0) + 2 * PAD + 2
    return min(max(-(-(pixels - 16) // 8), 3), 80)


def _measure(text: str, bold: bool) -> float:
    return fonts.measure(text[:1000], _TEXT, "medium" if bold else "regular")


class Viewport(NamedTuple):
    """What of a sheet is in sight.

    Attributes:
        top: First row.
        rows: How many rows, the last of which may be cut off.
        columns: Those in sight, the last of which may be cut off.
        width: Of the grid in pixels, with headers.
        height: Likewise.
    """

    top: int
    rows: int
    columns: Columns
    width: int
    height: int

    def row_at(self, y: int) -> int:
        """The row at a pixel of the grid; the nearest in sight for one outside."""
        row = self.top + (y - HEADER_HEIGHT) // ROW_HEIGHT
        return min(max(row, self.top), min(self.top + self.rows, MAX_ROWS) - 1)

    def column_at(self, x: int) -> int:
        """The column at a pixel, likewise."""
        for column, left, width in self.columns:
            if x - HEADER_WIDTH < left + width:
                return column
        return self.columns[-1][0]

    def box(self, area: Area) -> tuple[int, int, int, int] | None:
        """Left, top, width and height of the part of an area that is in sight, in pixels of the grid."""
        across = [(left, width) for column, left, width in self.columns if area.left <= column <= area.right]
        top, bottom = max(area.top, self.top), min(area.bottom, self.top + self.rows - 1)
        if not across or top > bottom:
            return None
        left, right = across[0][0], across[-1][0] + across[-1][1]
        return (
            HEADER_WIDTH + left,
            HEADER_HEIGHT + (top - self.top) * ROW_HEIGHT,
            right - left,
            (bottom - top + 1) * ROW_HEIGHT,
        )


def viewport(sheet: Sheet, first: Address, width: int, height: int) -> Viewport:
    """What is in sight of a sheet whose first visible cell is `first`, in so many pixels."""
    columns = _columns(tuple(sheet.widths.items()), first[1], width - HEADER_WIDTH)
    rows = min(max(-(-(height - HEADER_HEIGHT) // ROW_HEIGHT), 1), MAX_ROWS - first[0])
    return Viewport(first[0], rows, columns, width, height)


@lru_cache(maxsize=256)
def _columns(widths: tuple[tuple[int, float], ...], first: int, room: int) -> Columns:
    """The columns from the first on that have a place in so many pixels; at least one."""
    columns: list[tuple[int, int, int]] = []
    known = dict(widths)
    at, column = 0, first
    while at < max(room, 1) and column < MAX_COLUMNS:
        pixels = _pixels(known.get(column, DEFAULT_WIDTH))
        columns.append((column, at, pixels))
        at += pixels
        column += 1
    return tuple(columns)


def first_showing(sheet: Sheet, first: Address, address: Address, width: int, height: int) -> Address:
    """The first visible cell after scrolling as little as it takes to show a cell whole."""
    whole = max((height - HEADER_HEIGHT) // ROW_HEIGHT, 1)
    top = min(max(first[0], address[0] - whole + 1), address[0])
    left = min(first[1], address[1])
    room = width - HEADER_WIDTH
    needed = sum(column_pixels(sheet, column) for column in range(left, min(address[1], left + 400) + 1))
    if address[1] - left >= 400:
        left, needed = address[1], 0
    while left < address[1] and needed > room:
        needed -= column_pixels(sheet, left)
        left += 1
    return top, left


class _Shown(NamedTuple):
    """One cell as drawn.

    Attributes:
        name: As "B3".
        column: Its number.
        left: In pixels beside the row headers.
        width: In pixels, over neighbours that its text runs into.
        text: What it shows.
        align: "start", "center" or "end".
        bold: Whether it is bold.
        selected: Whether it belongs to the selection.
        covers: Whether it hides lines between the columns that it runs over.
    """

    name: str
    column: int
    left: int
    width: int
    text: str
    align: str
    bold: bool
    selected: bool
    covers: bool


class _Marks(NamedTuple):
    """What of a row is selected.

    Attributes:
        left: First selected column.
        right: Last one.
        cursor: Column of the cursor where it is in the row, otherwise -1; its cell is told of wherever it is.
    """

    left: int
    right: int
    cursor: int


class _Contents:
    """What columns of a sheet show, row by row; found once.

    Args:
        book: The workbook.
        index: Of the sheet.
        columns: Those in sight.
        before: Another with these columns; rows in which nothing changed since are its rows.
    """

    def __init__(self, book: Workbook, index: int, columns: Columns, before: _Contents | None = None) -> None:
        self.book, self.columns = book, columns
        self.used = book.sheets[index].used
        self.held, self.values = book.sheets[index].cells, book.values[index]
        self._cells: dict[int, tuple[_Shown, ...]] = {}
        self._rows: dict[tuple[int, _Marks | None], View] = {}
        self._blocks: dict[tuple[int, int], View] = {}
        if before and before.used.right == self.used.right and len(before._rows) <= _MOST_ROWS:
            changed = self._changed(before)
            # Of copies, because a desktop in another thread may be adding to it.
            cells, rows, blocks = before._cells.copy(), before._rows.copy(), before._blocks.copy()
            self._cells = {row: found for row, found in cells.items() if row not in changed}
            self._rows = {key: found for key, found in rows.items() if key[0] not in changed}
            self._blocks = {span: found for span, found in blocks.items() if changed.isdisjoint(range(*span))}

    def _changed(self, before: _Contents) -> set[int]:
        """The rows that may look other than they did."""
        last, last_before = self.used.bottom, before.used.bottom
        rows = set(range(min(last, last_before) + 2, max(last, last_before) + 2))
        for old, new in ((before.held, self.held), (before.values, self.values)):
            rows.update(at[0] for at in old.keys() - new.keys())
            for at, value in new.items():
                other = old.get(at)
                # True is 1, and 0 may be -0.
                if value is not other and (type(value) is not type(other) or value != other or not value):
                    rows.add(at[0])
        return rows

    def _cells_of(self, row: int) -> tuple[_Shown, ...]:
        """The cells that are told of: in the used part of the sheet and one beyond."""
        found = self._cells.get(row)
        if found is None:
            found = self._cells[row] = tuple(self._found(row))
        return found

    def _found(self, row: int) -> Iterator[_Shown]:
        if row > self.used.bottom + 1:
            return
        free = 0  # first pixel that no cell runs over
        for i, (column, left, _) in enumerate(self.columns):
            if left >= free and column <= self.used.right + 1:
                cell = self._shown(row, i)
                free = left + cell.width
                yield cell

    def _shown(self, row: int, place: int) -> _Shown:
        """How a cell is drawn: numbers without room as ###, texts over the empty cells to their right."""
        column, left, width = self.columns[place]
        at = (row, column)
        value, look = self.values.get(at), self.held.get(at, EMPTY)
        text, align, covers = "", "start", False
        if value is not None:
            text, needed = _measured(value, look.format, look.bold)
            align = "end" if type(value) is float else "start" if isinstance(value, str) else "center"
            if needed > width and type(value) is float:
                text = "#" * max(int((width - 2 * PAD) // _measure("#", False)), 1)
            elif needed > width and isinstance(value, str):
                for other, _, more in self.columns[place + 1 :]:
                    if needed <= width or (row, other) in self.values:
                        break
                    width += more
                    covers = True
        return _Shown(cell_name(at), column, left, width, text, align, look.bold, False, covers)

    def _marked(self, row: int, marks: _Marks) -> tuple[_Shown, ...]:
        """The same of a row of which something is selected."""
        cells = [
            cell._replace(selected=True) if marks.left <= cell.column <= marks.right else cell
            for cell in self._cells_of(row)
        ]
        free = cells[-1].left + cells[-1].width if cells else 0
        last = self.used.right + 1 if row <= self.used.bottom + 1 else -1
        for i, (column, left, _) in enumerate(self.columns):
            if column == marks.cursor and column > last and left >= free:
                cells.append(self._shown(row, i)._replace(selected=True))
        return tuple(cells)

    def row(self, row: int, marks: _Marks | None = None) -> View:
        """A row as drawn, where nothing is said without a selection."""
        found = self._rows.get((row, marks))
        if found is None:
            cells = self._cells_of(row) if marks is None else self._marked(row, marks)
            found = self._rows[row, marks] = kept(_row, row, marks is not None, cells)
        return found

    def block(self, first: int, end: int) -> View:
        """Rows without a selection, up to `end`, which is none of them."""
        found = self._blocks.get((first, end))
        if found is None:
            found = kept(_block, first, tuple(map(self._cells_of, range(first, end))))
            self._blocks[first, end] = found
        return found


_known: dict[tuple[int, int, Columns], _Contents] = {}


def _contents(book: Workbook, index: int, columns: Columns) -> _Contents:
    """Those of a workbook, which is told by its identity: comparing its cells would cost more."""
    found = _known.get((id(book), index, columns))
    if found is None:
        # Of copies here too.
        before = next((each for each in reversed(list(_known.values())) if each.columns == columns), None)
        for oldest in list(_known)[: max(len(_known) - _MOST_KNOWN + 1, 0)]:
            _known.pop(oldest, None)
        found = _known[id(book), index, columns] = _Contents(book, index, columns, before)
    return found


def layers(book: Workbook, index: int, sight: Viewport, selection: Area, cursor: Address) -> list[View]:
    """Lines, headers and cells, back to front; the selection's frame and the editor lie above them."""
    made: list[View] = []
    if selection.size > 1 and (fill := sight.box(selection)) is not None:
        made.append(kept(_patch, fill, _SELECTED))
        if (own := sight.box(Area(*cursor, *cursor))) is not None:
            made.append(kept(_patch, own, "surface"))
    head = kept(_head, sight.columns, selection.left, selection.right)
    rows = _rows(_contents(book, index, sight.columns), sight, selection, cursor)
    made.append(kept(_paper, sight.columns, sight.height, sight.rows))
    made.append(box("column", (head, *rows), grow=1))
    return made


def _rows(contents: _Contents, sight: Viewport, selection: Area, cursor: Address) -> Iterator[View]:
    """The rows in sight: where nothing is selected in blocks, which stay while the cursor moves elsewhere."""
    end = sight.top + sight.rows
    for first in range(sight.top - sight.top % _BLOCK, end, _BLOCK):
        span = range(max(first, sight.top), min(first + _BLOCK, end))
        if span.stop <= selection.top or span.start > selection.bottom:
            yield contents.block(span.start, span.stop)
            continue
        for row in span:
            is_on = selection.top <= row <= selection.bottom
            own = cursor[1] if row == cursor[0] else -1
            yield contents.row(row, _Marks(selection.left, selection.right, own) if is_on else None)


def _patch(ui: ProgramWindow, place: tuple[int, int, int, int], color: str) -> View:
    """A colour behind cells."""
    left, top, width, height = place
    return placed_at(left, top, View("box", style=Style(width=width, height=height, background=color)))


def placed_at(left: int, top: int, view: View) -> View:
    """A view at a pixel of the stack that it is put into."""
    return box("column", (view,), padding=(left, top, 0, 0), align="start", grow=1)


def _paper(ui: ProgramWindow, columns: Columns, height: int, rows: int) -> View:
    """The lines: right of each column, and below each row."""
    across: list[View] = []
    for _, left, width in columns:
        header = HEADER_WIDTH if left == 0 else 0
        across.append(View("box", style=Style(width=header + width - 1)))
        across.append(View("box", style=Style(width=1, background=_LINE)))
    down = [View("box", style=Style(height=HEADER_HEIGHT)), *[_SPACE, _ROW_LINE] * rows]
    return stack(box("row", across, height=height, align="stretch"), box("column", down, grow=1), grow=1)


_SPACE = View("box", style=Style(height=ROW_HEIGHT - 1))
_ROW_LINE = View("box", style=Style(height=1, background=_LINE))


def _head(ui: ProgramWindow, columns: Columns, left: int, right: int) -> View:
    """The headers of columns, of which those from `left` to `right` are selected."""
    corner = View("box", style=Style(width=HEADER_WIDTH, background=_HEADER))
    names = [
        _header(column_name(c), width, HEADER_HEIGHT, left <= c <= right, "column-header")
        for c, _, width in columns
    ]
    return box("row", (corner, *names), height=HEADER_HEIGHT, align="stretch")


def _header(name: str, width: int, height: int, is_on: bool, role: str) -> View:
    return View("label", text=name, style=_header_style(width, height, is_on), role=role)


@lru_cache(maxsize=256)
def _header_style(width: int, height: int, is_on: bool) -> Style:
    return Style(
        width=width,
        height=height,
        justify="center",
        background=_HEADER_ON if is_on else _HEADER,
        color="on_primary_container" if is_on else "on_surface_variant",
        size=12,
        weight="medium" if is_on else "regular",
        max_lines=1,
        text_align="center",
    )


@lru_cache(maxsize=8192, typed=True)
def _measured(value: Value, format: str, bold: bool) -> tuple[str, float]:
    """What a cell shows where it has room, and how many pixels it needs."""
    text = shown(value, format)
    return text, _measure(text, bold) + 2 * PAD


def _block(ui: ProgramWindow, first: int, rows: tuple[tuple[_Shown, ...], ...]) -> View:
    """Rows, one below the other."""
    lines = [kept(_row, row, False, cells) for row, cells in enumerate(rows, first)]
    return box("column", lines, height=ROW_HEIGHT * len(lines))._replace(is_static=True)


def _row(ui: ProgramWindow, row: int, is_on: bool, cells: tuple[_Shown, ...]) -> View:
    """One row with its header; the line below it is free."""
    parts = [_header(str(row + 1), HEADER_WIDTH, ROW_HEIGHT - 1, is_on, "row-header")]
    at = 0
    for cell in cells:
        if cell.left > at:
            parts.append(View("box", style=Style(width=cell.left - at)))
        parts.append(_cell(cell))
        at = cell.left + cell.width
    return box("row", parts, height=ROW_HEIGHT, align="start")._replace(is_static=True)


def _cell(cell: _Shown) -> View:
    background = (_SELECTED if cell.selected else "surface") if cell.covers else ""
    style = _cell_style(cell.width, cell.align, cell.bold, background)
    return View(
        "label", text=cell.text, description=cell.name, style=style, selected=cell.selected, role="table-cell"
    )


@lru_cache(maxsize=256)
def _cell_style(width: int, align: str, bold: bool, background: str) -> Style:
    return Style(
        width=width,
        height=ROW_HEIGHT - 1,
        padding=(PAD, 0, PAD, 0),
        justify="center",
        background=background,
        size=_TEXT,
        weight="medium" if bold else "regular",
        max_lines=1,
        text_align=align,
    )
