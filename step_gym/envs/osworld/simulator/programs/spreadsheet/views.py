"""What the window of the spreadsheet shows: bars, grid, tabs."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine import fonts
from step_gym.envs.machine.apps.spreadsheet.references import (
    MAX_COLUMNS,
    MAX_ROWS,
    Area,
    area_name,
    cell_name,
)
from step_gym.envs.machine.apps.spreadsheet.selection import numbers_in, total
from step_gym.envs.machine.apps.spreadsheet.values import general_text
from step_gym.envs.machine.apps.spreadsheet.workbook import input_text
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import menu_bar
from step_gym.envs.osworld.simulator.programs.spreadsheet import commands, grid, menus
from step_gym.envs.osworld.simulator.programs.spreadsheet.grid import BAR_WIDTH
from step_gym.envs.osworld.simulator.programs.spreadsheet.pointer import (
    on_pointer,
    on_scroll_bar,
    scrolled_lengths,
)
from step_gym.envs.osworld.simulator.programs.spreadsheet.state import FIND_HEIGHT, edited_text, grid_size

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.spreadsheet.screen import SpreadsheetScreen

_ACCENT = "#188038"
_LINE = View("box", style=Style(width=1, height=20, background="outline_variant"))


def window(screen: SpreadsheetScreen, ui: ProgramWindow) -> View:
    """The whole content."""
    sheet, selection = screen.book.sheets[screen.sheet], screen.selection
    sight = grid.viewport(sheet, screen.first, *grid_size(screen, ui))
    table = box(
        "stack",
        (
            *grid.layers(screen.book, screen.sheet, sight, selection, screen.cursor),
            *_frames(screen, sight, selection),
            *_editor(screen, ui, sight),
        ),
        id="grid",
        width=sight.width,
        description=sheet.name,
    )._replace(role="table", on_pointer=lambda event: on_pointer(_screen(ui), ui, event))
    cell = screen.book.cell(screen.sheet, screen.cursor)
    is_typed = screen.mode in ("enter", "edit")
    content = edited_text(screen, ui) if is_typed else input_text(cell)
    down, across = _bars(screen, sight)
    return widgets.window_page(
        menu_bar(ui, menus.NAMES),
        kept(
            _tools,
            not screen.path or screen.is_modified,
            screen.history.can_undo,
            screen.history.can_redo,
            bool(ui.machine.clipboard),
            cell.bold,
            screen.finds,
        ),
        kept(_formula_bar, area_name(selection), content, not is_typed),
        kept(_search_bar, screen.match_case, screen.whole) if screen.finds else None,
        box("row", (table, down), grow=1),
        across,
        kept(_tabs, tuple([sheet.name for sheet in screen.book.sheets]), screen.sheet),
        kept(_status, *_told(screen, selection)),
    )


def _screen(ui: ProgramWindow) -> SpreadsheetScreen:
    return cast("SpreadsheetScreen", ui.screen)


def _tools(
    ui: ProgramWindow,
    can_save: bool,
    can_undo: bool,
    can_redo: bool,
    can_paste: bool,
    is_bold: bool,
    finds: bool,
) -> View:
    return widgets.tool_bar(
        widgets.tool("open", "Open", lambda: commands.ask_open(ui)),
        widgets.tool("save", "Save", lambda: commands.save_file(ui), enabled=can_save),
        _LINE,
        widgets.tool("undo", "Undo", lambda: commands.step(ui, -1), enabled=can_undo),
        widgets.tool("redo", "Redo", lambda: commands.step(ui, 1), enabled=can_redo),
        _LINE,
        widgets.tool("cut", "Cut", lambda: commands.copy(ui, True)),
        widgets.tool("copy", "Copy", lambda: commands.copy(ui)),
        widgets.tool("paste", "Paste", lambda: commands.paste(ui), enabled=can_paste),
        _LINE,
        widgets.tool("bold", "Bold", lambda: commands.toggle_bold(ui), selected=is_bold),
        _LINE,
        _letters("Σ", "Sum", lambda: commands.auto_sum(ui)),
        _letters("A→Z", "Sort Ascending", lambda: commands.sort(ui, False)),
        _letters("Z→A", "Sort Descending", lambda: commands.sort(ui, True)),
        _LINE,
        widgets.tool("search", "Find & Replace", lambda: commands.open_search(ui), selected=finds),
    )


def _letters(text: str, name: str, on_tap) -> View:  # noqa: ANN001
    """A tool shown by letters."""
    style = Style(
        height=30, padding=(8, 0, 8, 0), radius=6, size=13, weight="medium", color="on_surface_variant"
    )
    return View("button", f"tool:{name}", text, name, style=style, on_tap=on_tap)


def _formula_bar(ui: ProgramWindow, selected: str, text: str, is_field: bool) -> View:
    """The name box and the content of the cursor's cell, which is a label while its cell is typed into."""
    if is_field:
        content = widgets.field(
            "formula", initial=text, name="Formula bar", grow=1, height=28, on_change=lambda _: _typed(ui)
        )
    else:
        content = View("label", text=text, description="Formula bar", style=_FORMULA)
    return box(
        "row",
        (
            widgets.field(
                "name-box",
                initial=selected,
                name="Name box",
                width=96,
                height=28,
                on_submit=lambda name: commands.go_to(ui, name),
            ),
            widgets.text("fx", 13, "on_surface_variant", "medium", width=18, align="center"),
            content,
        ),
        height=38,
        padding=(8, 0),
        gap=8,
        align="center",
        background="surface",
    )


_FORMULA = Style(
    grow=1,
    height=28,
    padding=(10, 0, 10, 0),
    justify="center",
    border="outline_variant",
    radius=6,
    size=widgets.TEXT,
    max_lines=1,
)


def _typed(ui: ProgramWindow) -> None:
    """What is typed into the formula bar goes into the cursor's cell."""
    screen = _screen(ui)
    if not screen.mode:
        ui.show(replace(screen, mode="bar", pointing=""))


def _search_bar(ui: ProgramWindow, match_case: bool, whole: bool) -> View:
    bar = box(
        "row",
        (
            widgets.field("find", "Find", name="Find", width=190, height=28),
            widgets.field("replace", "Replace with", name="Replace with", width=190, height=28),
            widgets.button("Find Next", lambda: commands.find_next(ui), id="find-next"),
            widgets.button("Replace", lambda: commands.replace_one(ui), id="replace-one"),
            widgets.button("Replace All", lambda: commands.replace_all(ui), id="replace-all"),
            widgets.check(
                "Match case",
                match_case,
                lambda on: ui.show(replace(_screen(ui), match_case=on)),
                id="match-case",
            ),
            widgets.check(
                "Whole cell", whole, lambda on: ui.show(replace(_screen(ui), whole=on)), id="whole-cell"
            ),
            spacer(),
            widgets.tool("close", "Close search", lambda: commands.close_search(ui)),
        ),
        height=FIND_HEIGHT,
        padding=(8, 0),
        gap=8,
        align="center",
        background="surface_container_low",
    )
    return bar._replace(role="tool-bar")


def _frames(screen: SpreadsheetScreen, sight: grid.Viewport, selection: Area) -> list[View]:
    """The lines around the selection and around what was copied, and the fill handle."""
    frames: list[View] = []
    clip = screen.clip
    if clip is not None and clip.sheet == screen.sheet and (place := sight.box(clip.area)) is not None:
        frames.append(kept(_copied, *place))
    place = sight.box(selection)
    if place is not None:
        can_fill = selection.rows < MAX_ROWS and selection.columns < MAX_COLUMNS and not screen.mode
        frames.append(kept(_selected, *place, can_fill))
    return frames


def _copied(ui: ProgramWindow, left: int, top: int, width: int, height: int) -> View:
    return grid.placed_at(left, top, _frame(width - 1, height - 1, "outline"))


def _selected(ui: ProgramWindow, left: int, top: int, width: int, height: int, can_fill: bool) -> View:
    around = box(
        "column",
        (_frame(width - 1, height - 1, _ACCENT),),
        width=width + 1,
        height=height + 1,
        border=_ACCENT,
        padding=1,
        align="start",
    )
    handle = grid.placed_at(left + width - 5, top + height - 5, _HANDLE) if can_fill else None
    return box("stack", (grid.placed_at(left - 1, top - 1, around), handle), grow=1)


def _frame(width: int, height: int, color: str) -> View:
    return View("box", style=Style(width=width, height=height, border=color))


_HANDLE = View(
    "box",
    description="Fill handle",
    style=Style(width=8, height=8, background=_ACCENT, border="surface"),
    role="icon",
)


def _editor(screen: SpreadsheetScreen, ui: ProgramWindow, sight: grid.Viewport) -> Iterator[View]:
    """The cell that is edited, if any: a field in its place, or what is typed into the formula bar."""
    place = sight.box(Area(*screen.cursor, *screen.cursor)) if screen.mode else None
    if place is None:
        return
    left, top, width, height = place
    text = edited_text(screen, ui)
    wanted = fonts.measure(text[:1000], widgets.TEXT) + 4 * grid.PAD
    style = Style(
        width=min(max(width - 1, wanted), max(sight.width - left, width - 1)),
        height=height - 1,
        padding=(grid.PAD, 0, grid.PAD, 0),
        justify="center",
        background="surface",
        size=widgets.TEXT,
        max_lines=1,
    )
    name = cell_name(screen.cursor)
    if screen.mode == "bar":
        yield grid.placed_at(left, top, View("label", text=text, description=name, style=style))
        return
    field = View("field", "editor", description=name, style=style._replace(border="", max_lines=0))
    framed = box(
        "column", (field,), border=_ACCENT, padding=1, background="surface", align="start", elevation=1
    )
    framed = framed._replace(style=framed.style._replace(width=(style.width or 0) + 2, height=height + 1))
    yield grid.placed_at(left - 1, top - 1, framed)


def _bars(screen: SpreadsheetScreen, sight: grid.Viewport) -> tuple[View, View]:
    """The scroll bars at the right and below; a click or drag goes to that place."""
    rows, columns = scrolled_lengths(screen)
    vertical = _thumb(sight.height, screen.first[0] / rows, (sight.rows - 1) / rows)
    horizontal = _thumb(sight.width, screen.first[1] / columns, len(sight.columns) / columns)
    return kept(_vertical_bar, *vertical), kept(_horizontal_bar, *horizontal)


def _vertical_bar(ui: ProgramWindow, start: int, size: int) -> View:
    return View(
        "box",
        children=(
            View("box", style=Style(height=start)),
            View("box", style=_THUMB._replace(height=size)),
        ),
        description="Vertical scroll bar",
        style=_BAR._replace(width=BAR_WIDTH, padding=(3, 0, 3, 0)),
        role="scroll-bar",
        on_pointer=lambda event: on_scroll_bar(ui, event, is_vertical=True),
    )


def _horizontal_bar(ui: ProgramWindow, start: int, size: int) -> View:
    return View(
        "box",
        children=(
            View("box", style=Style(width=start)),
            View("box", style=_THUMB._replace(width=size)),
        ),
        direction="row",
        description="Horizontal scroll bar",
        style=_BAR._replace(height=BAR_WIDTH, padding=(0, 3, 0, 3)),
        role="scroll-bar",
        on_pointer=lambda event: on_scroll_bar(ui, event, is_vertical=False),
    )


_BAR = Style(background="surface_container_low")
_THUMB = Style(background="outline_variant", radius=3)


def _thumb(length: int, start: float, share: float) -> tuple[int, int]:
    """Where the handle of a scroll bar begins, and how long it is."""
    size = max(round(length * min(share, 1)), 24)
    return min(round(length * start), max(length - size, 0)), size


def _tabs(ui: ProgramWindow, names: tuple[str, ...], shown: int) -> View:
    """One tab a sheet, and a button to add one."""

    def tab(index: int, name: str) -> View:
        is_on = index == shown
        style = Style(
            height=28,
            padding=(14, 0, 14, 0),
            radius=6,
            background="surface" if is_on else "",
            size=widgets.TEXT,
            weight="medium" if is_on else "regular",
            color=_ACCENT if is_on else "on_surface_variant",
        )
        return View(
            "button",
            f"sheet:{index}",
            name,
            style=style,
            on_tap=lambda: commands.go_to_sheet(ui, index),
            on_double_tap=lambda: commands.ask_sheet_name(ui, index),
            on_long_press=lambda: ui.popup(f"sheet:{index}"),
            selected=is_on,
            role="page-tab",
        )

    tabs = [tab(i, name) for i, name in enumerate(names)]
    bar = box(
        "row",
        (widgets.tool("add", "Add Sheet", lambda: commands.add_sheet(ui)), *tabs),
        height=34,
        padding=(8, 0),
        gap=4,
        align="center",
        background="surface_container",
    )
    return bar._replace(role="page-tab-list")


def _told(screen: SpreadsheetScreen, selection: Area) -> tuple[str, str]:
    """What was done last, or what is selected; and what can be told of the selected numbers."""
    if selection.size == 1:
        return screen.message, ""
    told = ""
    if numbers := numbers_in(screen.book, screen.sheet, selection):
        amount = total(numbers)
        average = general_text(amount / len(numbers), 10) if math.isfinite(amount) else "—"
        told = f"Average: {average}   Count: {len(numbers)}   Sum: {general_text(amount, 10)}"
    return screen.message or f"{selection.rows} × {selection.columns} cells", told


def _status(ui: ProgramWindow, done: str, told: str) -> View:
    return widgets.status_bar(
        widgets.text(done, 12, "on_surface_variant"),
        spacer(),
        widgets.text(told, 12, "on_surface_variant") if told else None,
    )
