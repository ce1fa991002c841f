"""The menus of the spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps.spreadsheet.formats import DATE, GENERAL
from step_gym.envs.machine.apps.spreadsheet.workbook import Workbook
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, Menus
from step_gym.envs.osworld.simulator.programs.spreadsheet import commands

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.spreadsheet.screen import SpreadsheetScreen

_FORMATS = (
    ("General", GENERAL),
    ("Number (1,234.50)", "#,##0.00"),
    ("Whole Number (1,235)", "#,##0"),
    ("Two Decimals (1234.50)", "0.00"),
    ("Percent (12.50%)", "0.00%"),
    ("Currency ($1,234.50)", '"$"#,##0.00'),
    ("Date (2024-05-31)", DATE),
    ("Text", "@"),
)

NAMES = ("File", "Edit", "Insert", "Format", "Data", "Sheet")
"""Of the menus in the bar."""


def bar(screen: SpreadsheetScreen, ui: ProgramWindow) -> Menus:
    """The menu bar. While a cell is edited, the keys of its text are the field's."""
    free = not screen.mode and not ui.top.state.focus
    history = screen.history
    return {
        "File": (
            Item("New", "Ctrl+N", lambda: commands.new(ui)),
            Item("Open…", "Ctrl+O", lambda: commands.ask_open(ui)),
            SEPARATOR,
            Item("Save", "Ctrl+S", lambda: commands.save_file(ui)),
            Item("Save As…", "Ctrl+Shift+S", lambda: commands.ask_save(ui)),
            Item("Export as CSV…", "", lambda: commands.ask_export(ui)),
            SEPARATOR,
            Item("Close", "Ctrl+W", lambda: ui.machine.close(ui.id)),
        ),
        "Edit": (
            Item("Undo", "Ctrl+Z", lambda: commands.step(ui, -1), history.can_undo),
            Item("Redo", "Ctrl+Y", lambda: commands.step(ui, 1), history.can_redo),
            SEPARATOR,
            *_clipboard(ui, free),
            SEPARATOR,
            Item("Fill Down", "Ctrl+D", lambda: commands.fill_down(ui)),
            Item("Select All", "Ctrl+A", lambda: commands.select_all(ui), free),
            SEPARATOR,
            Item("Delete Rows", "", lambda: commands.delete(ui, "row")),
            Item("Delete Columns", "", lambda: commands.delete(ui, "column")),
            SEPARATOR,
            Item("Find & Replace…", "Ctrl+F", lambda: commands.open_search(ui)),
        ),
        "Insert": (
            *_insertions(ui),
            SEPARATOR,
            Item("Sum", "Alt+=", lambda: commands.auto_sum(ui)),
            Item("Sheet", "Shift+F11", lambda: commands.add_sheet(ui)),
        ),
        "Format": (
            Item("Bold", "Ctrl+B", lambda: commands.toggle_bold(ui), checked=_is_bold(screen)),
            SEPARATOR,
            *_formats(screen, ui),
            SEPARATOR,
            Item("Fit Column Width", "", lambda: commands.fit_columns(ui)),
        ),
        "Data": (
            Item("Sort Ascending", "", lambda: commands.sort(ui, False)),
            Item("Sort Descending", "", lambda: commands.sort(ui, True)),
            Item("Sort…", "", lambda: commands.ask_sort(ui)),
        ),
        "Sheet": (
            Item("Insert Sheet", "", lambda: commands.add_sheet(ui)),
            *_sheet_items(screen.book, ui, screen.sheet),
        ),
    }


def _clipboard(ui: ProgramWindow, free: bool) -> tuple[Item, ...]:
    return (
        Item("Cut", "Ctrl+X", lambda: commands.copy(ui, True), free),
        Item("Copy", "Ctrl+C", lambda: commands.copy(ui), free),
        Item("Paste", "Ctrl+V", lambda: commands.paste(ui), free and bool(ui.machine.clipboard)),
        Item("Clear Contents", "", lambda: commands.clear(ui), free),
    )


def _insertions(ui: ProgramWindow) -> tuple[Item, ...]:
    return (*_row_insertions(ui), *_column_insertions(ui))


def _row_insertions(ui: ProgramWindow) -> tuple[Item, ...]:
    return (
        Item("Rows Above", "", lambda: commands.insert(ui, "row")),
        Item("Rows Below", "", lambda: commands.insert(ui, "row", after=True)),
    )


def _column_insertions(ui: ProgramWindow) -> tuple[Item, ...]:
    return (
        Item("Columns Before", "", lambda: commands.insert(ui, "column")),
        Item("Columns After", "", lambda: commands.insert(ui, "column", after=True)),
    )


def _is_bold(screen: SpreadsheetScreen) -> bool:
    return screen.book.cell(screen.sheet, screen.cursor).bold


def _formats(screen: SpreadsheetScreen, ui: ProgramWindow) -> list[Item]:
    current = screen.book.cell(screen.sheet, screen.cursor).format
    return [
        Item(
            text,
            "",
            lambda code=code: commands.style(ui, lambda cell: replace(cell, format=code)),
            checked=code == current,
        )
        for text, code in _FORMATS
    ]


def _sheet_items(book: Workbook, ui: ProgramWindow, index: int) -> tuple[Item, ...]:
    return (
        Item("Rename Sheet…", "", lambda: commands.ask_sheet_name(ui, index)),
        Item("Delete Sheet", "", lambda: commands.delete_sheet(ui, index), len(book.sheets) > 1),
    )


def popup(screen: SpreadsheetScreen, ui: ProgramWindow, name: str) -> Sequence[Item]:
    """What a right click offers: on "cell", "row", "column", or "sheet:" with its number."""
    if name.startswith("sheet:"):
        return _sheet_items(screen.book, ui, int(name.partition(":")[2]))
    delete = {
        "row": Item("Delete Rows", "", lambda: commands.delete(ui, "row")),
        "column": Item("Delete Columns", "", lambda: commands.delete(ui, "column")),
    }
    if name == "row":
        return (*_clipboard(ui, True), SEPARATOR, *_row_insertions(ui), delete["row"])
    if name == "column":
        fit = Item("Fit Width", "", lambda: commands.fit_columns(ui))
        return (*_clipboard(ui, True), SEPARATOR, *_column_insertions(ui), delete["column"], SEPARATOR, fit)
    return (*_clipboard(ui, True), SEPARATOR, *_insertions(ui), SEPARATOR, *delete.values())
