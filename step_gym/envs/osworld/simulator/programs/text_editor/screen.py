"""The window of the text editor: menus, tools, tabs, the text, and a status line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from step_gym.envs.machine import fonts
from step_gym.envs.machine.apps import notes, text_documents
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Handler, Style, View
from step_gym.envs.machine.widgets import scroll as plain_scroll
from step_gym.envs.machine.widgets import spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import EntryDialog, MessageDialog
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, menu_bar
from step_gym.envs.osworld.simulator.programs.text_editor import documents, searching
from step_gym.envs.osworld.simulator.programs.text_editor.documents import SCHEMA, Document

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_SIZE = 14
_WEIGHT = "mono"
_PAD, _GUTTER = 16, 56  # left of the text, without and with numbers


@dataclass(frozen=True, slots=True)
class Editor:
    """The window.

    Attributes:
        documents: The tabs, from the left; never empty.
        shown: Index of the one that is seen.
        next_number: Of the next tab.
        bar: What is open above the text: "find", "replace" or nothing.
        match_case: Whether the search minds case.
        whole_words: Whether it finds whole words only.
        message: What the status line says.
    """

    documents: tuple[Document, ...]
    shown: int = 0
    next_number: int = 2
    bar: str = ""
    match_case: bool = False
    whole_words: bool = False
    message: str = ""

    @property
    def document(self) -> Document:
        """The one that is seen."""
        return self.documents[self.shown]

    @property
    def title(self) -> str:
        """What the title bar says."""
        return f"{self.document.title} - Text Editor"

    def numbered(self, number: int) -> Document:
        """The document of a number."""
        return next(each for each in self.documents if each.number == number)

    def on_open(self, ui: ProgramWindow) -> None:
        """Begin at the start of the text."""
        ui.set_text_state(self.document.field, TextState(self.document.text))

    def on_arguments(self, ui: ProgramWindow, arguments: Sequence[str]) -> None:
        """Show further files, each in a tab of its own."""
        for path in map(_path, arguments):
            documents.open_document(ui, path)

    def on_close(self, ui: ProgramWindow) -> bool:
        """Ask about what was not saved."""
        return documents.close_all(ui)

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Escape closes the search bar."""
        if name == "Escape" and self.bar:
            searching.close_bar(ui)
            return True
        return False

    def shortcuts(self, ui: ProgramWindow) -> Mapping[str, Handler]:
        """Keys that are in no menu."""
        count = len(self.documents)
        return {
            "ctrl+pagedown": lambda: _show_tab(ui, (self.shown + 1) % count),
            "ctrl+pageup": lambda: _show_tab(ui, (self.shown - 1) % count),
            "ctrl+y": lambda: documents.step_history(ui, 1),
        }

    def menus(self, ui: ProgramWindow) -> Mapping[str, Sequence[Item]]:
        """The menu bar."""
        return {
            "File": self._file_menu(ui),
            "Edit": self._edit_menu(ui),
            "View": self._view_menu(ui),
            "Search": self._search_menu(ui),
        }

    def _file_menu(self, ui: ProgramWindow) -> Sequence[Item]:
        number = self.document.number
        can_revert = self.document.is_modified and ui.machine.files.exists(self.document.path)
        return (
            Item("New", "Ctrl+N", lambda: documents.new_document(ui)),
            Item("Open…", "Ctrl+O", lambda: documents.ask_open(ui)),
            SEPARATOR,
            Item("Save", "Ctrl+S", lambda: documents.save(ui, number)),
            Item("Save As…", "Ctrl+Shift+S", lambda: documents.ask_save_as(ui, number)),
            Item("Revert", "", lambda: documents.ask_revert(ui), can_revert),
            SEPARATOR,
            Item("Close Tab", "Ctrl+W", lambda: documents.close_document(ui, number)),
            Item("Quit", "Ctrl+Q", lambda: documents.close_all(ui)),
        )

    def _edit_menu(self, ui: ProgramWindow) -> Sequence[Item]:
        document, history = self.document, self.document.history

        def edit(what: str) -> Handler:
            def act() -> None:
                focused = ui.focused_field
                ui.edit(focused.id if focused is not None else document.field, what)

            return act

        return (
            Item("Undo", "Ctrl+Z", lambda: documents.step_history(ui, -1), history.can_undo),
            Item("Redo", "Ctrl+Shift+Z", lambda: documents.step_history(ui, 1), history.can_redo),
            SEPARATOR,
            Item("Cut", "Ctrl+X", edit("cut")),
            Item("Copy", "Ctrl+C", edit("copy")),
            Item("Paste", "Ctrl+V", edit("paste")),
            SEPARATOR,
            Item("Select All", "Ctrl+A", edit("select_all")),
            Item("Sort Lines", "", lambda: self._sort_lines(ui), "\n" in document.text),
        )

    def _view_menu(self, ui: ProgramWindow) -> Sequence[Item]:
        wraps, numbers = _wraps(ui), _numbers(ui)
        return (
            Item(
                "Line Numbers",
                on_tap=lambda: _set(ui, "display-line-numbers", "false" if numbers else "true"),
                checked=numbers,
            ),
            Item(
                "Text Wrapping",
                on_tap=lambda: _set(ui, "wrap-mode", "none" if wraps else "word"),
                checked=wraps,
            ),
            SEPARATOR,
            Item("Document Statistics", on_tap=lambda: self._statistics(ui)),
        )

    def _search_menu(self, ui: ProgramWindow) -> Sequence[Item]:
        wanted = bool(ui.text("find"))
        return (
            Item("Find…", "Ctrl+F", lambda: searching.open_bar(ui, "find")),
            Item("Find Next", "Ctrl+G", lambda: searching.find_next(ui), wanted),
            Item("Find Previous", "Ctrl+Shift+G", lambda: searching.find_next(ui, True), wanted),
            Item("Find and Replace…", "Ctrl+H", lambda: searching.open_bar(ui, "replace")),
            SEPARATOR,
            Item("Go to Line…", "Ctrl+I", lambda: self._ask_line(ui)),
        )

    def build(self, ui: ProgramWindow) -> View:
        """The whole window."""
        history = self.document.history
        tools = kept(_tools, history.can_undo, history.can_redo, self.bar != "")
        bar = searching.bar_of(ui, self) if self.bar else None
        return widgets.window_page(
            menu_bar(ui, ("File", "Edit", "View", "Search")),
            tools,
            self._tabs(),
            bar,
            self._text(ui),
            self._status(ui),
        )

    def _tabs(self) -> View | None:
        if len(self.documents) == 1:
            return None
        return kept(_tabs, tuple([each.label for each in self.documents]), self.shown)

    def _text(self, ui: ProgramWindow) -> View:
        document = self.document

        def edited(text: str) -> None:
            editor = documents.editor_of(ui)
            now = editor.document
            documents.show_document(ui, replace(now, history=now.history.add(text)))

        made = widgets.page_text(
            document.field, document.text, name=document.name, on_change=edited, mono=True, size=_SIZE
        )
        numbers = _numbers(ui)
        left = _GUTTER if numbers else _PAD
        style = made.style._replace(padding=(left, 10, _PAD, 10))
        if _wraps(ui):
            return made._replace(style=style, line_numbers=numbers)
        width = max(_longest(document.text) + left + 2 * _PAD, ui.bounds.width)
        field = made._replace(style=style._replace(width=width), line_numbers=numbers)
        lines = plain_scroll(f"lines:{document.number}", field, horizontal=True)
        return lines._replace(style=lines.style._replace(grow=1, bar="outline_variant"))

    def _status(self, ui: ProgramWindow) -> View:
        state = ui.text_state(self.document.field)
        line, column = text_documents.line_and_column(self.document.text, state.cursor)
        selected = len(state.selected_text)
        return kept(_status, self.message, selected, line, column)

    def _sort_lines(self, ui: ProgramWindow) -> None:
        lines = sorted(self.document.text.split("\n"), key=lambda line: (line.lower(), line))
        documents.change_text(ui, self.document, TextState("\n".join(lines)))

    def _statistics(self, ui: ProgramWindow) -> None:
        lines, words, characters = notes.counts(self.document.text)
        told = f"Lines: {lines}\nWords: {words}\nCharacters (with spaces): {characters}"
        ui.dialog(MessageDialog("Document Statistics", told, ("Close",)))

    def _ask_line(self, ui: ProgramWindow) -> None:
        ui.dialog(EntryDialog("Go to Line", "Line number", _go_to_line, action="Go"))


def _tools(ui: ProgramWindow, can_undo: bool, can_redo: bool, finds: bool) -> View:
    return widgets.tool_bar(
        widgets.tool("note_add", "New", lambda: documents.new_document(ui)),
        widgets.tool("folder", "Open", lambda: documents.ask_open(ui)),
        widgets.tool("save", "Save", lambda: documents.save(ui, documents.editor_of(ui).document.number)),
        _BAR,
        widgets.tool("undo", "Undo", lambda: documents.step_history(ui, -1), enabled=can_undo),
        widgets.tool("redo", "Redo", lambda: documents.step_history(ui, 1), enabled=can_redo),
        _BAR,
        widgets.tool("search", "Find", lambda: searching.open_bar(ui, "find"), selected=finds),
    )


def _tabs(ui: ProgramWindow, labels: tuple[str, ...], shown: int) -> View:
    return widgets.tabs(
        [(label, i == shown, lambda i=i: _show_tab(ui, i)) for i, label in enumerate(labels)],
        widgets.tool("close", "Close Tab", lambda: _close_tab(ui), id="close-tab"),
    )


def _show_tab(ui: ProgramWindow, index: int) -> None:
    editor = documents.editor_of(ui)
    ui.show(replace(editor, shown=index, message=""))
    ui.focus(editor.documents[index].field)


def _close_tab(ui: ProgramWindow) -> None:
    documents.close_document(ui, documents.editor_of(ui).document.number)


def _status(ui: ProgramWindow, message: str, selected: int, line: int, column: int) -> View:
    return widgets.status_bar(
        widgets.text(message, 12, "on_surface_variant", id="message"),
        spacer(),
        widgets.text(f"{selected} selected", 12, "on_surface_variant") if selected else None,
        widgets.text("Plain Text", 12, "on_surface_variant"),
        widgets.text(f"Ln {line}, Col {column}", 12, "on_surface_variant", id="place"),
    )


def open_editor(desktop: Desktop, arguments: tuple[str, ...]) -> Editor:
    """The first screen: files in tabs, or an empty document; what cannot be read is left out."""
    opened: list[Document] = []
    message = ""
    for path in map(_path, arguments):
        try:
            opened.append(documents.read_document(desktop.files, path, len(opened) + 1))
        except OSError as error:
            message = error.strerror or str(error)
    tabs = tuple(opened) or (Document(1),)
    return Editor(tabs, len(tabs) - 1, len(tabs) + 1, message=message)


def _path(argument: str) -> str:
    """A path given as it is or as an address."""
    return normpath(unquote(argument.removeprefix("file://")) if "://" in argument else argument)


def _go_to_line(ui: ProgramWindow, typed: str) -> None:
    document = documents.editor_of(ui).document
    if typed.strip().isdecimal():
        at = text_documents.line_start(document.text, min(int(typed.strip()[:9]), len(document.text) + 1))
        ui.set_text_state(document.field, TextState(document.text, at, at))


def _set(ui: ProgramWindow, key: str, value: str) -> None:
    ui.machine.settings.put(SCHEMA, key, value)
    ui.invalidate()


def _numbers(ui: ProgramWindow) -> bool:
    return ui.machine.settings.get(SCHEMA, "display-line-numbers") == "true"


def _wraps(ui: ProgramWindow) -> bool:
    return ui.machine.settings.get(SCHEMA, "wrap-mode") != "none"


@lru_cache(maxsize=64)
def _longest(text: str) -> int:
    """Pixels that the longest line takes."""
    return round(max(fonts.measure(line, _SIZE, _WEIGHT) for line in text.split("\n")))


_BAR = View("box", style=Style(width=1, height=20, background="outline_variant"))
