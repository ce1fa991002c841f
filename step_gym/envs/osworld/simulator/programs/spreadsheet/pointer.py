"""What the mouse does in the grid of a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps.spreadsheet import edits
from step_gym.envs.machine.apps.spreadsheet.references import (
    MAX_COLUMNS,
    MAX_ROWS,
    Area,
    area_between,
    area_name,
    read_reference,
)
from step_gym.envs.machine.apps.spreadsheet.workbook import input_text
from step_gym.envs.machine.views import PointerEvent
from step_gym.envs.osworld.simulator.programs.spreadsheet import grid
from step_gym.envs.osworld.simulator.programs.spreadsheet.grid import HEADER_HEIGHT, HEADER_WIDTH
from step_gym.envs.osworld.simulator.programs.spreadsheet.state import (
    change,
    edit,
    edited_text,
    grid_size,
    select,
    settled,
    show,
)

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.spreadsheet.screen import Drag, SpreadsheetScreen

_REACH = 5  # pixels around the fill handle and the edges of columns that count as on them
_OPERATORS = "=+-*/^&(<>,;:"
_WHEEL_PIXELS = 48  # of one notch
_BEYOND = 50  # rows and columns that can be scrolled to behind the last one used


def on_pointer(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent) -> None:
    """Take a click, drag, right click or turn of the wheel."""
    if event.kind == "wheel":
        _wheel(screen, ui, event)
        return
    sight = grid.viewport(screen.book.sheets[screen.sheet], screen.first, *grid_size(screen, ui))
    if event.kind != "menu" and _point(screen, ui, event, sight):
        return
    done = settled(ui)
    if done is None:
        return
    if event.kind == "drag":
        _drag(done, ui, event, sight)
    elif event.kind == "menu":
        _menu(done, ui, event, sight)
    else:
        _click(done, ui, event, sight)


def _wheel(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent) -> None:
    used = screen.book.sheets[screen.sheet].used
    rows = round(3 * event.down / _WHEEL_PIXELS)
    columns = round(event.across / _WHEEL_PIXELS)
    _scroll(screen, ui, screen.first[0] + rows, screen.first[1] + columns, used)


def on_scroll_bar(ui: ProgramWindow, event: PointerEvent, is_vertical: bool) -> None:
    """Take a click or drag in a scroll bar."""
    if event.kind not in ("click", "drag"):
        return
    screen = cast("SpreadsheetScreen", ui.screen)
    sheet, (rows, columns) = screen.book.sheets[screen.sheet], scrolled_lengths(screen)
    sight = grid.viewport(sheet, screen.first, *grid_size(screen, ui))
    top, left = screen.first
    if is_vertical:
        top = round(event.y / sight.height * rows)
    else:
        left = round(event.x / sight.width * columns)
    _scroll(screen, ui, top, left, sheet.used)


def scrolled_lengths(screen: SpreadsheetScreen) -> tuple[int, int]:
    """How many rows and columns the scroll bars stand for."""
    used = screen.book.sheets[screen.sheet].used
    return max(used.bottom, screen.first[0]) + 50, max(used.right, screen.first[1]) + 20


def _scroll(screen: SpreadsheetScreen, ui: ProgramWindow, top: int, left: int, used: Area) -> None:
    """Have another cell at the top left, up to a little behind the last one used."""
    last_row, last_column = max(used.bottom, screen.cursor[0]), max(used.right, screen.cursor[1])
    top = min(max(top, 0), last_row + _BEYOND, MAX_ROWS - 1)
    left = min(max(left, 0), last_column + _BEYOND, MAX_COLUMNS - 1)
    ui.show(replace(screen, first=(top, left)))


def _point(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent, sight: grid.Viewport) -> bool:
    """While a formula waits for an operand, choose a cell or, dragging, an area for it."""
    if not screen.mode or event.from_x < HEADER_WIDTH or event.from_y < HEADER_HEIGHT:
        return False
    text = edited_text(screen, ui)
    if not text.startswith("="):
        return False
    base = text
    if not text.endswith(tuple(_OPERATORS)):
        base = screen.pointing
        if not base or not text.startswith(base) or read_reference(text[len(base) :]) is None:
            return False
    start = (sight.row_at(event.from_y), sight.column_at(event.from_x))
    end = (sight.row_at(event.y), sight.column_at(event.x))
    ui.show(replace(screen, pointing=base))
    field = "formula" if screen.mode == "bar" else "editor"
    ui.set_text(field, base + area_name(area_between(start, end)))
    return True


def _handle(screen: SpreadsheetScreen, event: PointerEvent, sight: grid.Viewport, selection: Area) -> bool:
    """Whether the mouse took hold of the fill handle."""
    place = sight.box(selection)
    if place is None or selection.rows == MAX_ROWS or selection.columns == MAX_COLUMNS:
        return False
    left, top, width, height = place
    return abs(event.from_x - left - width) <= _REACH and abs(event.from_y - top - height) <= _REACH


def _edge(event: PointerEvent, sight: grid.Viewport) -> tuple[int, int] | None:
    """The column whose right edge the mouse took hold of, with its left pixel."""
    if event.from_y < HEADER_HEIGHT:
        for column, left, width in sight.columns:
            if abs(HEADER_WIDTH + left + width - event.from_x) <= _REACH:
                return column, HEADER_WIDTH + left
    return None


def _click(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent, sight: grid.Viewport) -> None:
    row, column = sight.row_at(event.y), sight.column_at(event.x)
    extends = "shift" in ui.modifiers
    in_head, at_side = event.y < HEADER_HEIGHT, event.x < HEADER_WIDTH
    if event.count == 2 and (edge := _edge(event, sight)) is not None:
        width = grid.fitting_width(screen.book, screen.sheet, edge[0])
        change(ui, screen, lambda book: edits.set_width(book, screen.sheet, edge[0], width))
    elif event.count == 2 and _handle(screen, event, sight, screen.selection):
        _fill_beside(screen, ui)
    elif in_head or at_side:
        _select_lines(screen, ui, sight, event, extends)
    elif extends:
        select(ui, screen, screen.cursor, (row, column))
    elif event.count == 2 and screen.cursor == (row, column):
        edit(ui, screen, input_text(screen.book.cell(screen.sheet, screen.cursor)), "edit")
    else:
        select(ui, screen, (row, column))


def _select_lines(
    screen: SpreadsheetScreen, ui: ProgramWindow, sight: grid.Viewport, event: PointerEvent, extends: bool
) -> None:
    """Whole rows or columns, by their headers; all cells by the corner."""
    row, column = sight.row_at(event.y), sight.column_at(event.x)
    from_row, from_column = sight.row_at(event.from_y), sight.column_at(event.from_x)
    if extends:
        from_row, from_column = screen.cursor
    in_head, at_side = event.from_y < HEADER_HEIGHT, event.from_x < HEADER_WIDTH
    if in_head and at_side:
        cursor, corner = (0, 0), (MAX_ROWS - 1, MAX_COLUMNS - 1)
    elif in_head:
        cursor, corner = (0, from_column), (MAX_ROWS - 1, column)
    else:
        cursor, corner = (from_row, 0), (row, MAX_COLUMNS - 1)
    show(ui, replace(screen, cursor=cursor, corner=corner, start_column=-1, message=""))


def _menu(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent, sight: grid.Viewport) -> None:
    at = (sight.row_at(event.y), sight.column_at(event.x))
    selection = screen.selection
    if event.y < HEADER_HEIGHT:
        if not (selection.rows == MAX_ROWS and selection.left <= at[1] <= selection.right):
            _select_lines(screen, ui, sight, event, False)
        ui.popup("column")
    elif event.x < HEADER_WIDTH:
        if not (selection.columns == MAX_COLUMNS and selection.top <= at[0] <= selection.bottom):
            _select_lines(screen, ui, sight, event, False)
        ui.popup("row")
    else:
        if not selection.contains(at):
            select(ui, screen, at)
        else:
            show(ui, screen)
        ui.popup("cell")


def _drag(screen: SpreadsheetScreen, ui: ProgramWindow, event: PointerEvent, sight: grid.Viewport) -> None:
    from step_gym.envs.osworld.simulator.programs.spreadsheet.screen import Drag

    at = (event.from_x, event.from_y)
    held = screen.drag if screen.drag is not None and screen.drag.at == at else None
    held = held or Drag(at, screen.history, screen.selection)
    start = (sight.row_at(event.from_y), sight.column_at(event.from_x))
    end = (sight.row_at(event.y), sight.column_at(event.x))
    # What is dragged starts from what there was at first, so that one drag is one version.
    original = replace(screen, history=held.history, drag=held)
    if (edge := _edge(event, sight)) is not None:
        width = max((event.x - edge[1] - 16) / 8, 1)
        change(ui, original, lambda book: edits.set_width(book, screen.sheet, edge[0], width), drag=held)
    elif event.from_x < HEADER_WIDTH or event.from_y < HEADER_HEIGHT:
        _select_lines(screen, ui, sight, event, False)
    elif _handle(screen, event, sight, held.selection):
        _fill(original, ui, held, _stretched(held.selection, end))
    else:
        select(ui, screen, start, end)


def _stretched(source: Area, end: tuple[int, int]) -> Area:
    """A selection drawn out to a cell, in the direction in which that is further away."""
    down, up = end[0] - source.bottom, source.top - end[0]
    right, left = end[1] - source.right, source.left - end[1]
    most = max(down, up, right, left)
    if most <= 0:
        return source
    if most == down:
        return source._replace(bottom=end[0])
    if most == up:
        return source._replace(top=end[0])
    return source._replace(right=end[1]) if most == right else source._replace(left=end[1])


def _fill(screen: SpreadsheetScreen, ui: ProgramWindow, held: Drag, target: Area) -> None:
    change(
        ui,
        screen,
        lambda book: edits.fill(book, screen.sheet, held.selection, target),
        cursor=(target.top, target.left),
        corner=(target.bottom, target.right),
        drag=held,
    )


def _fill_beside(screen: SpreadsheetScreen, ui: ProgramWindow) -> None:
    """A double click on the fill handle: fill down as far as the column to the left goes, or to the right."""
    source, book = screen.selection, screen.book
    for column in (source.left - 1, source.right + 1):
        bottom = source.bottom
        while column >= 0 and book.value(screen.sheet, (bottom + 1, column)) is not None:
            bottom += 1
        if bottom > source.bottom:
            target = source._replace(bottom=bottom)
            change(
                ui,
                screen,
                lambda book, target=target: edits.fill(book, screen.sheet, source, target),
                cursor=(target.top, target.left),
                corner=(target.bottom, target.right),
            )
            return
