"""The dialogs in which files to open and names to save under are chosen, the same in all programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from posixpath import basename, dirname, normpath, splitext
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.files import join
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import EntryDialog, MessageDialog
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

HOME = "/home/user"
_PLACES = (
    ("Home", "home", HOME),
    *((name, "folder", f"{HOME}/{name}") for name in ("Desktop", "Documents", "Downloads", "Music")),
    *((name, "folder", f"{HOME}/{name}") for name in ("Pictures", "Videos")),
    ("File System", "storage", "/"),
)
Chosen = Callable[["ProgramWindow", str], object]


@dataclass(frozen=True, slots=True)
class OpenDialog:
    """Asks for a file: `ui.dialog(OpenDialog(then=...))`.

    Attributes:
        then: Called with the window and the path, after the dialog has closed. It must be picklable: a
            module's function, a `functools.partial` of one, or a method of a screen.
        extensions: Only such files are listed, as (".txt",); none: all of them.
        title: Of the dialog.
        folder: Where it begins; the one that is shown.
        folders: Whether a folder is asked for, and no file.
        selected: The path of the row that was clicked.
    """

    then: Chosen
    extensions: tuple[str, ...] = ()
    title: str = "Open File"
    folder: str = f"{HOME}/Documents"
    folders: bool = False
    selected: str = ""

    def build(self, ui: ProgramWindow) -> View:
        """Places, path, list, and a line for a name or path."""
        return _chooser(ui, self, "Select Folder" if self.folders else "Open", "Name or path")

    def accept(self, ui: ProgramWindow) -> None:
        """Take what the line says."""
        path = _typed_path(ui, self.folder) or self.selected or (self.folder if self.folders else "")
        if not path:
            return
        if ui.machine.files.is_dir(path) and not (self.folders and path in (self.selected, self.folder)):
            _enter(ui, self, path)
        elif ui.machine.files.exists(path):
            ui.close()
            self.then(ui, path)
        else:
            ui.dialog(MessageDialog("File not found", f"“{path}” does not exist."))


@dataclass(frozen=True, slots=True)
class SaveDialog:
    """Asks for a name to save under: `ui.dialog(SaveDialog("notes.txt", then=...))`.

    A name that is taken is only given to `then` after the user has agreed to replace the file.

    Attributes:
        name: What the line for the name begins with.
        then: As in `OpenDialog`.
        title: Of the dialog.
        folder: Where it begins; the one that is shown.
        extensions: Only such files are listed; a name without an extension gets the first one.
        selected: The path of the row that was clicked.
    """

    name: str
    then: Chosen
    title: str = "Save As"
    folder: str = f"{HOME}/Documents"
    extensions: tuple[str, ...] = ()
    selected: str = ""

    def build(self, ui: ProgramWindow) -> View:
        """Places, path, list, and a line for the name."""
        return _chooser(ui, self, "Save", "Name", self.name)

    def accept(self, ui: ProgramWindow) -> None:
        """Take what the line says, after a question where it is taken."""
        path = _typed_path(ui, self.folder, self.name)
        files = ui.machine.files
        if not path:
            return
        if files.is_dir(path):
            _enter(ui, self, path)
            return
        if self.extensions and not splitext(path)[1]:
            path += self.extensions[0]
        if not files.is_dir(dirname(path)):
            ui.dialog(MessageDialog("Cannot save here", f"The folder “{dirname(path)}” does not exist."))
        elif files.exists(path):
            ui.dialog(
                MessageDialog(
                    f"A file named “{basename(path)}” already exists. Do you want to replace it?",
                    f"Replacing it in “{basename(dirname(path)) or '/'}” will overwrite its content.",
                    ("Cancel", "Replace"),
                    replace(self, selected=path)._replaced,
                    danger=True,
                )
            )
        else:
            ui.close()
            self.then(ui, path)

    def _replaced(self, ui: ProgramWindow, answer: str) -> None:
        if answer == "Replace":
            ui.close()
            self.then(ui, self.selected)


def _typed_path(ui: ProgramWindow, folder: str, default: str = "") -> str:
    """What the line says, as an absolute path; empty where it is empty."""
    typed = ui.text("file-name", default).strip()
    if not typed:
        return ""
    if typed == "~" or typed.startswith("~/"):
        typed = HOME + typed[1:]
    return normpath(join(folder, typed))


def _enter(ui: ProgramWindow, screen: OpenDialog | SaveDialog, folder: str) -> None:
    """Show another folder; an opening dialog's line is empty then."""
    ui.show(replace(screen, folder=folder, selected=""))
    if isinstance(screen, OpenDialog):
        ui.set_text("file-name", "")
    ui.scroll_to("files", 0)


def _new_folder(screen: OpenDialog | SaveDialog, ui: ProgramWindow, name: str) -> None:
    try:
        path = file_actions.create_folder(ui.machine.files, screen.folder, name)
    except OSError as error:
        ui.dialog(MessageDialog("The folder was not created", error.strerror or ""))
        return
    _enter(ui, screen, path)


def _chooser(
    ui: ProgramWindow, screen: OpenDialog | SaveDialog, action: str, label: str, initial: str = ""
) -> View:
    """The panel of both dialogs, from its title down to its buttons."""
    places = tuple(place for place in _PLACES if ui.machine.files.is_dir(place[2]))
    body = box("row", (kept(_places, places, screen.folder), _listing(ui, screen)), height=380)
    panel = box(
        "column",
        (
            kept(_head, screen.title),
            widgets.LINE,
            body,
            widgets.LINE,
            kept(_name_row, label, initial),
            kept(_buttons, action),
        ),
        width=760,
        background="surface",
        radius=12,
        border="outline_variant",
        elevation=5,
        description=screen.title,
    )
    return panel._replace(role="file-chooser")


def _screen(ui: ProgramWindow) -> OpenDialog | SaveDialog:
    """The dialog that takes input, for what is kept longer than one state of it."""
    return cast("OpenDialog | SaveDialog", ui.screen)


def _head(ui: ProgramWindow, title: str) -> View:
    return box(
        "row",
        (
            View("label", "title", title, style=_TITLE),
            widgets.tool("new_folder", "New Folder", lambda: _ask_folder(ui, _screen(ui))),
        ),
        padding=(18, 12, 14, 8),
        align="center",
    )


def _places(ui: ProgramWindow, places: tuple[tuple[str, str, str], ...], folder: str) -> View:
    rows = [
        widgets.list_row(
            View("icon", icon=icon, style=_ICON),
            widgets.text(name),
            id=f"place:{name}",
            selected=path == folder,
            on_tap=lambda path=path: _enter(ui, _screen(ui), path),
        )
        for name, icon, path in places
    ]
    return box("column", rows, width=170, padding=(8, 6), background="surface_container_low")


def _listing(ui: ProgramWindow, screen: OpenDialog | SaveDialog) -> View:
    """The folder's path and what lies in it; a click on a file puts its name into the line below."""
    files = ui.machine.files
    rows = [
        kept(_row, entry, entry.path == screen.selected)
        for entry in (file_actions.entries(files, screen.folder) if files.is_dir(screen.folder) else [])
        if entry.is_folder or not screen.extensions or splitext(entry.name)[1].lower() in screen.extensions
    ]
    content = widgets.scroll("files", *rows, padding=(8, 2)) if rows else _EMPTY
    return box("column", (kept(_path_bar, screen.folder), content), grow=1)


def _select(ui: ProgramWindow, entry: file_actions.Entry) -> None:
    screen = _screen(ui)
    ui.show(replace(screen, selected=entry.path))
    if not entry.is_folder or isinstance(screen, OpenDialog):
        ui.set_text("file-name", entry.name)


def _open_row(ui: ProgramWindow, entry: file_actions.Entry) -> None:
    if entry.is_folder:
        _enter(ui, _screen(ui), entry.path)
    else:
        _screen(ui).accept(ui)


def _name_row(ui: ProgramWindow, label: str, initial: str) -> View:
    field = widgets.field(
        "file-name", initial=initial, name=label, grow=1, on_submit=lambda _: _screen(ui).accept(ui)
    )
    return box(
        "row",
        (widgets.text(f"{label}:", color="on_surface_variant"), field),
        padding=(18, 12, 18, 0),
        gap=10,
        align="center",
    )


def _buttons(ui: ProgramWindow, action: str) -> View:
    return box(
        "row",
        (
            widgets.button("Cancel", lambda: ui.close(), id="cancel"),
            widgets.button(action, lambda: _screen(ui).accept(ui), "filled", default=True),
        ),
        padding=(18, 14, 18, 16),
        gap=8,
        justify="end",
    )


def _ask_folder(ui: ProgramWindow, screen: OpenDialog | SaveDialog) -> None:
    ui.dialog(EntryDialog("New Folder", "Folder name", partial(_new_folder, screen), action="Create"))
    ui.focus("entry")


def _path_bar(ui: ProgramWindow, folder: str) -> View:
    """The folder's path, each part a button."""
    parts = [part for part in folder.split("/") if part]
    paths = ["/", *("/" + "/".join(parts[: i + 1]) for i in range(len(parts)))]
    crumbs = [
        widgets.button(
            basename(path) or "/",
            lambda path=path: _enter(ui, _screen(ui), path),
            "flat",
            id=f"path:{path}",
        )._replace(selected=path == folder)
        for path in paths
    ]
    return box("row", crumbs, height=38, padding=(8, 0), gap=2, align="center")


def _row(ui: ProgramWindow, entry: file_actions.Entry, selected: bool) -> View:
    return widgets.list_row(
        View("icon", icon="folder" if entry.is_folder else "document", style=_ICON),
        widgets.text(entry.name, grow=1),
        widgets.text("" if entry.is_folder else file_actions.size_text(entry.size), 12, "on_surface_variant"),
        id=f"file:{entry.name}",
        name=entry.name,
        selected=selected,
        on_tap=lambda: _select(ui, entry),
        on_double_tap=lambda: _open_row(ui, entry),
    )


_ICON = Style(width=18, height=18, size=18, color="primary")
_TITLE = Style(grow=1, size=16, weight="medium", max_lines=1)
_EMPTY = box(
    "column", (widgets.text("This folder is empty", color="outline", align="center"),), padding=40, grow=1
)._replace(is_static=True)
