"""How the state of a spreadsheet window changes: moving, editing a cell, and every other edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from step_gym.envs.machine.apps.spreadsheet import edits
from step_gym.envs.machine.apps.spreadsheet.edits import EditError
from step_gym.envs.machine.apps.spreadsheet.references import Address, area_name
from step_gym.envs.machine.apps.spreadsheet.workbook import Workbook, input_text
from step_gym.envs.osworld.simulator.dialogs import MessageDialog
from step_gym.envs.osworld.simulator.programs.spreadsheet import grid

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.spreadsheet.screen import SpreadsheetScreen

BARS_HEIGHT = 30 + 42 + 38 + 34 + 26  # menus, tools, formula, tabs, status
FIND_HEIGHT = 42


def grid_size(screen: SpreadsheetScreen, ui: ProgramWindow) -> tuple[int, int]:
    """Width and height of the grid in the window."""
    height = ui.bounds.height - BARS_HEIGHT - grid.BAR_WIDTH - FIND_HEIGHT * screen.finds
    return max(ui.bounds.width - grid.BAR_WIDTH, 1), max(height, 1)


def show(ui: ProgramWindow, screen: SpreadsheetScreen, reveals: Address | None = None) -> None:
    """Show a state in which no cell is being edited, scrolled to where `reveals` is in sight."""
    first = screen.first
    if reveals is not None:
        first = grid.first_showing(screen.book.sheets[screen.sheet], first, reveals, *grid_size(screen, ui))
    if (first, "", "") != (screen.first, screen.mode, screen.pointing):
        screen = replace(screen, first=first, mode="", pointing="")
    ui.show(screen)
    ui.set_text("formula", input_text(screen.book.cell(screen.sheet, screen.cursor)))
    ui.set_text("name-box", area_name(screen.selection))
    ui.focus("")


def select(
    ui: ProgramWindow,
    screen: SpreadsheetScreen,
    cursor: Address,
    corner: Address | None = None,
    **changes: Any,
) -> None:
    """Move the cursor, and the selection with it; the moved end comes into sight."""
    changes = {"start_column": -1, "message": "", "drag": None, **changes}
    screen = replace(screen, cursor=cursor, corner=cursor if corner is None else corner, **changes)
    show(ui, screen, cursor if corner is None else corner)


def edited_text(screen: SpreadsheetScreen, ui: ProgramWindow) -> str:
    """What is being typed into the cursor's cell."""
    return ui.text("formula" if screen.mode == "bar" else "editor")


def edit(ui: ProgramWindow, screen: SpreadsheetScreen, text: str, mode: str) -> None:
    """Begin to type into the cursor's cell, in its place."""
    show(ui, screen, screen.cursor)
    ui.show(replace(cast("SpreadsheetScreen", ui.screen), mode=mode, corner=screen.cursor))
    ui.set_text("editor", text)
    ui.focus("editor")


def settled(ui: ProgramWindow) -> SpreadsheetScreen | None:
    """The screen with what was being typed in its cell; None where it cannot be there, as is said then."""
    screen = cast("SpreadsheetScreen", ui.screen)
    if not screen.mode:
        return screen
    text = edited_text(screen, ui)
    if text == input_text(screen.book.cell(screen.sheet, screen.cursor)):
        return replace(screen, mode="", pointing="")
    try:
        book = edits.enter(screen.book, screen.sheet, screen.cursor, text)
    except EditError as error:
        ui.dialog(MessageDialog("This was not entered", str(error)))
        return None
    return replace(screen, history=screen.history.add(book), mode="", pointing="")


def change(
    ui: ProgramWindow, screen: SpreadsheetScreen, make: Callable[[Workbook], Workbook], **changes: Any
) -> bool:
    """Edit the workbook and show it; False where it cannot be done, as said then."""
    try:
        book = make(screen.book)
    except EditError as error:
        ui.dialog(MessageDialog("This cannot be done", str(error)))
        return False
    changes = {"message": "", "drag": None, **changes}
    show(ui, replace(screen, history=screen.history.add(book), **changes))
    return True
