"""The window of the file manager: tools, places, and what the folder holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import basename, dirname, normpath, splitext
from typing import TYPE_CHECKING
from urllib.parse import unquote

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.apps import trash
from step_gym.envs.machine.apps.files import Entry, Order
from step_gym.envs.machine.files import join
from step_gym.envs.machine.text_editing import edit_end
from step_gym.envs.machine.views import Handler, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator import file_operations as operations
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import MessageDialog
from step_gym.envs.osworld.simulator.file_chooser import HOME
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item
from step_gym.envs.osworld.simulator.programs.file_manager import views

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

TRASH = "trash:///"
"""The address of the trash, in place of a folder's path."""

ORDERS = {
    "A-Z": Order("name"),
    "Z-A": Order("name", True),
    "Last Modified": Order("date", True),
    "First Modified": Order("date"),
    "Size": Order("size", True),
    "Type": Order("type"),
}
_STEPS = {"Up": -1, "Down": 1, "Left": -1, "Right": 1}


@dataclass(frozen=True, slots=True)
class FileManager:
    """The window.

    Attributes:
        folder: The path that is shown, or `TRASH`.
        selected: Paths of the files that are chosen.
        anchor: The path from which a click with shift selects.
        before: Folders that Back leads to, the next one last.
        after: Folders that Forward leads to, the next one last.
        is_grid: Whether files are shown as icons.
        order: How they are sorted.
        shows_hidden: Whether those are shown whose name begins with a dot.
        bar: What is typed above the list: "search", "location" or nothing.
    """

    folder: str = HOME
    selected: tuple[str, ...] = ()
    anchor: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    is_grid: bool = False
    order: Order = Order()
    shows_hidden: bool = False
    bar: str = ""

    @property
    def title(self) -> str:
        """What the title bar says."""
        return folder_name(self.folder)

    def entries(self, ui: ProgramWindow) -> list[Entry]:
        """What is listed: the folder, the trash, or what a search has found."""
        files = ui.machine.files
        if self.folder == TRASH:
            return file_actions.sort([item.entry for item in trash.trashed(files, HOME)], self.order)
        if not files.is_dir(self.folder):
            return []
        query = ui.text("search").strip() if self.bar == "search" else ""
        if query:
            return file_actions.search(files, self.folder, query, self.order)
        return file_actions.entries(files, self.folder, self.order, self.shows_hidden)

    def build(self, ui: ProgramWindow) -> View:
        """The whole window."""
        entries = self.entries(ui)
        listed = views.grid(ui, self, entries) if self.is_grid else views.table(ui, self, entries)
        area = box(
            "column",
            (views.trash_bar(ui, self, entries) if self.folder == TRASH else None, listed),
            grow=1,
            id="content",
            description="Content View",
            on_tap=lambda: self._choose_none(ui),
            on_long_press=lambda: self._background_menu(ui),
        )
        body = box("row", (views.places(ui, self), area), grow=1)
        return widgets.window_page(views.head(ui, self), body, views.status(ui, self, entries))

    # Where it goes.

    def go(self, ui: ProgramWindow, folder: str) -> None:
        """Show another folder."""
        if folder == self.folder:
            ui.show(replace(self, bar="", selected=()))
            return
        if folder != TRASH and not ui.machine.files.is_dir(folder):
            ui.dialog(MessageDialog("Unable to find the folder", f"“{folder}” does not exist."))
            return
        _show(ui, self, folder, (*self.before, self.folder), ())

    def back(self, ui: ProgramWindow) -> None:
        """Show the folder before."""
        if self.before:
            _show(ui, self, self.before[-1], self.before[:-1], (*self.after, self.folder))

    def forward(self, ui: ProgramWindow) -> None:
        """Show the folder from which Back came."""
        if self.after:
            _show(ui, self, self.after[-1], (*self.before, self.folder), self.after[:-1])

    def up(self, ui: ProgramWindow) -> None:
        """Show the folder that this one is in, and choose this one there."""
        if self.folder not in (TRASH, "/"):
            self.go(ui, dirname(self.folder))
            operations.select(ui, (self.folder,))

    def open_bar(self, ui: ProgramWindow, bar: str, text: str = "") -> None:
        """Show the field for a search or a location."""
        ui.show(replace(self, bar=bar, selected=()))
        ui.set_text_state(bar, edit_end(text))

    def close_bar(self, ui: ProgramWindow) -> None:
        """Hide that field."""
        ui.show(replace(self, bar=""))
        ui.focus("")

    def locate(self, ui: ProgramWindow, typed: str) -> None:
        """Go where a typed location says; of a file, to its folder."""
        path = _path(typed.strip().replace("~", HOME, 1) if typed.startswith("~") else typed.strip())
        path = path if path == TRASH else normpath(join(self.folder, path))
        if path != TRASH and ui.machine.files.exists(path) and not ui.machine.files.is_dir(path):
            self.go(ui, dirname(path))
            operations.select(ui, (path,))
        else:
            self.go(ui, path)

    # What is chosen.

    def choose(self, ui: ProgramWindow, entry: Entry, entries: Sequence[Entry]) -> None:
        """A click on a file: alone, with ctrl one more or less, with shift all from the last click on."""
        paths = [each.path for each in entries]
        ui.focus("")
        if "shift" in ui.modifiers and self.anchor in paths:
            first, last = sorted((paths.index(self.anchor), paths.index(entry.path)))
            ui.show(replace(self, selected=tuple(paths[first : last + 1])))
        elif "ctrl" in ui.modifiers:
            others = tuple(path for path in self.selected if path != entry.path)
            added = () if len(others) < len(self.selected) else (entry.path,)
            ui.show(replace(self, selected=others + added, anchor=entry.path))
        else:
            ui.show(replace(self, selected=(entry.path,), anchor=entry.path))

    def open(self, ui: ProgramWindow, path: str) -> None:
        """A double click on a file, or Enter."""
        if self.folder == TRASH:
            ui.dialog(operations.Properties(path))
        elif ui.machine.files.is_dir(path):
            self.go(ui, path)
        else:
            operations.open_file(ui, path)

    def entry_menu(self, ui: ProgramWindow, entry: Entry) -> None:
        """A right click on a file."""
        ui.focus("")
        if entry.path not in self.selected:
            ui.show(replace(self, selected=(entry.path,), anchor=entry.path))
        ui.popup("trashed" if self.folder == TRASH else "entry")

    def _choose_none(self, ui: ProgramWindow) -> None:
        ui.focus("")
        ui.show(replace(self, selected=(), anchor=""))

    def _background_menu(self, ui: ProgramWindow) -> None:
        self._choose_none(ui)
        ui.popup("trash" if self.folder == TRASH else "folder")

    # Menus and keys.

    def popup(self, ui: ProgramWindow, name: str) -> Sequence[Item]:
        """Context menus, and that of the view."""
        if name == "entry":
            return self._entry_items(ui)
        if name == "open-with":
            return [
                Item(program.title, on_tap=lambda name=program.name: ui.machine.launch(name, self.selected))
                for program in ui.machine.programs.values()
                if program.extensions and "/" not in program.extensions
            ]
        paths = self.selected
        if name == "trashed":
            return (
                Item("Restore From Trash", on_tap=lambda: operations.restore(ui, paths)),
                Item("Delete Permanently…", "Delete", lambda: operations.ask_delete(ui, paths)),
                SEPARATOR,
                self._properties_item(ui),
            )
        if name == "trash":
            return (
                Item("Empty Trash…", on_tap=lambda: operations.ask_empty_trash(ui)),
                Item("Select All", "Ctrl+A", lambda: self._select_all(ui)),
            )
        if name == "view":
            return (
                *(
                    Item(shown, on_tap=lambda order=order: ui.show(replace(self, order=order)), checked=is_it)
                    for shown, order in ORDERS.items()
                    for is_it in (order == self.order,)
                ),
                SEPARATOR,
                Item(
                    "Show Hidden Files", "Ctrl+H", lambda: self._toggle_hidden(ui), checked=self.shows_hidden
                ),
                SEPARATOR,
                Item("New Window", "Ctrl+N", lambda: ui.machine.launch("file-manager", (self.folder,))),
            )
        can_paste = bool(operations.copied_files(ui.machine)[1])
        return (
            Item("New Folder…", "Ctrl+Shift+N", lambda: operations.ask_new_folder(ui, self.folder)),
            SEPARATOR,
            Item("Paste", "Ctrl+V", lambda: operations.paste(ui, self.folder), enabled=can_paste),
            Item("Select All", "Ctrl+A", lambda: self._select_all(ui)),
            SEPARATOR,
            Item("Show Hidden Files", "Ctrl+H", lambda: self._toggle_hidden(ui), checked=self.shows_hidden),
            Item("Properties", on_tap=lambda: ui.dialog(operations.Properties(self.folder))),
        )

    def _entry_items(self, ui: ProgramWindow) -> Sequence[Item]:
        paths = self.selected
        first = paths[0] if paths else ""
        is_one = len(paths) == 1
        is_archive = is_one and splitext(first)[1].lower() == ".zip"
        is_file = not any(map(ui.machine.files.is_dir, paths))
        return (
            Item("Open", "Return", lambda: self.open(ui, first), enabled=is_one),
            Item("Open With…", on_tap=lambda: ui.popup("open-with"), enabled=is_file),
            SEPARATOR,
            Item("Cut", "Ctrl+X", lambda: operations.copy_files(ui, paths, "cut")),
            Item("Copy", "Ctrl+C", lambda: operations.copy_files(ui, paths)),
            Item("Move to…", on_tap=lambda: operations.ask_put(ui, "cut", paths)),
            Item("Copy to…", on_tap=lambda: operations.ask_put(ui, "copy", paths)),
            SEPARATOR,
            Item("Rename…", "F2", lambda: operations.ask_rename(ui, first), enabled=is_one),
            Item("Extract Here", on_tap=lambda: operations.extract(ui, first))
            if is_archive
            else Item("Compress…", on_tap=lambda: operations.ask_compress(ui, paths)),
            Item("Move to Trash", "Delete", lambda: operations.throw_away(ui, paths)),
            SEPARATOR,
            self._properties_item(ui),
        )

    def _properties_item(self, ui: ProgramWindow) -> Item:
        paths = self.selected
        return Item(
            "Properties", "Ctrl+I", lambda: ui.dialog(operations.Properties(paths[0])), len(paths) == 1
        )

    def shortcuts(self, ui: ProgramWindow) -> Mapping[str, Handler]:
        """Keys; those that a field understands are the field's while it has the focus."""
        paths, in_trash = self.selected, self.folder == TRASH
        keys: dict[str, Handler] = {
            "alt+left": lambda: self.back(ui),
            "alt+right": lambda: self.forward(ui),
            "alt+up": lambda: self.up(ui),
            "alt+home": lambda: self.go(ui, HOME),
            "ctrl+f": lambda: self.open_bar(ui, "search"),
            "ctrl+l": lambda: self.open_bar(ui, "location", self.folder),
            "ctrl+h": lambda: self._toggle_hidden(ui),
            "ctrl+1": lambda: ui.show(replace(self, is_grid=False)),
            "ctrl+2": lambda: ui.show(replace(self, is_grid=True)),
            "ctrl+n": lambda: ui.machine.launch("file-manager", (self.folder,)),
            "ctrl+w": ui.quit,
        }
        if not in_trash:
            keys["ctrl+shift+n"] = lambda: operations.ask_new_folder(ui, self.folder)
        if ui.focused_field is not None:
            return keys
        keys["ctrl+a"] = lambda: self._select_all(ui)
        if not in_trash:
            keys["ctrl+v"] = lambda: operations.paste(ui, self.folder)
        if not paths:
            return keys
        keys["ctrl+c"] = lambda: operations.copy_files(ui, paths)
        keys["shift+delete"] = lambda: operations.ask_delete(ui, paths)
        if len(paths) == 1:
            keys["ctrl+i"] = keys["alt+enter"] = lambda: ui.dialog(operations.Properties(paths[0]))
        if in_trash:
            keys["delete"] = lambda: operations.ask_delete(ui, paths)
            return keys
        keys["ctrl+x"] = lambda: operations.copy_files(ui, paths, "cut")
        keys["delete"] = lambda: operations.throw_away(ui, paths)
        if len(paths) == 1:
            keys["f2"] = lambda: operations.ask_rename(ui, paths[0])
        return keys

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Arrows choose, Enter opens, Escape leaves; what is typed begins a search."""
        if name == "Escape":
            if self.bar:
                self.close_bar(ui)
            else:
                ui.show(replace(self, selected=()))
            return True
        if ui.focused_field is not None or set(modifiers) & {"ctrl", "alt", "super"}:
            return False
        if name == "Enter" and len(self.selected) == 1:
            self.open(ui, self.selected[0])
        elif name in _STEPS or name in ("Home", "End"):
            self._step(ui, name)
        elif len(name) == 1 and name != " " and self.folder != TRASH:
            self.open_bar(ui, "search", name)
        else:
            return False
        return True

    def _step(self, ui: ProgramWindow, name: str) -> None:
        paths = [each.path for each in self.entries(ui)]
        if not paths:
            return
        current = paths.index(self.selected[-1]) if self.selected and self.selected[-1] in paths else -1
        step = _STEPS.get(name, 0)
        if self.is_grid and name in ("Up", "Down"):
            step *= views.grid_columns(ui)
        target = {"Home": 0, "End": len(paths) - 1}.get(name, max(current, 0) + step if current >= 0 else 0)
        at = min(max(target, 0), len(paths) - 1)
        ui.show(replace(self, selected=(paths[at],), anchor=paths[at]))
        views.reveal(ui, self.is_grid, at)

    def _select_all(self, ui: ProgramWindow) -> None:
        operations.select(ui, [each.path for each in self.entries(ui)])

    def _toggle_hidden(self, ui: ProgramWindow) -> None:
        ui.show(replace(self, shows_hidden=not self.shows_hidden))


def _show(
    ui: ProgramWindow, screen: FileManager, folder: str, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    ui.show(replace(screen, folder=folder, before=before, after=after, bar="", selected=(), anchor=""))
    ui.focus("")
    ui.scroll_to("files", 0)


def folder_name(folder: str) -> str:
    """What a folder is called."""
    return {TRASH: "Trash", HOME: "Home", "/": "Computer"}.get(folder, basename(folder))


def open_folder(desktop: Desktop, arguments: tuple[str, ...]) -> FileManager:
    """The first screen: a folder, the folder of a file, or the home directory."""
    path = _path(arguments[0]) if arguments else HOME
    if path != TRASH and not desktop.files.is_dir(path):
        if desktop.files.exists(path):
            return FileManager(dirname(path), (path,), path)
        path = HOME
    return FileManager(path)


def _path(argument: str) -> str:
    """A path given as it is or as an address."""
    if argument.startswith("trash:"):
        return TRASH
    return normpath(unquote(argument[7:])) if argument.startswith("file://") else argument
