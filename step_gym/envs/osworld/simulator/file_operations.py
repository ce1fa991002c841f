"""What the file manager and the desktop's icons do to files: questions, errors, and the files' clipboard.

Screens that use them are frozen dataclasses with a field `selected`, the paths that are chosen; what an
operation makes is selected then. Work on files as such is in `machine.apps`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from posixpath import basename, dirname, splitext
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from step_gym.envs.machine.apps import archives, trash
from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.files import File, FileSystem, join, walk
from step_gym.envs.machine.views import View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import EntryDialog, MessageDialog
from step_gym.envs.osworld.simulator.file_chooser import HOME, OpenDialog
from step_gym.envs.osworld.simulator.file_icons import Drawing, drawing_of, large_icon
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

# How file managers put files on the clipboard as text (GNOME Files 3.30): a mark, the verb, addresses.
_MARK = "x-special/nautilus-clipboard"


def _do(ui: ProgramWindow, failure: str, work: Callable[[], Iterable[str]]) -> None:
    """Do something to files and select what it gives; of an error the user is told."""
    try:
        made = tuple(work())
    except OSError as error:
        ui.dialog(MessageDialog(failure, error.strerror or str(error)))
        return
    select(ui, made)


def select(ui: ProgramWindow, paths: Iterable[str]) -> None:
    """Have the screen show these files as chosen."""
    screen: Any = ui.screen
    ui.show(replace(screen, selected=tuple(paths)))


def open_file(ui: ProgramWindow, path: str) -> None:
    """Open a file with its program; an archive is extracted."""
    if splitext(path)[1].lower() == ".zip":
        extract(ui, path)
    elif ui.machine.open_file(path) is None:
        kind = file_actions.mime_type(basename(path))
        ui.dialog(
            MessageDialog(
                f"Could not display “{basename(path)}”.", f"There is no program installed for {kind} files."
            )
        )


def copy_files(ui: ProgramWindow, paths: Sequence[str], verb: str = "copy") -> None:
    """Put files on the clipboard: `verb` is "copy" or "cut"."""
    if paths:
        addresses = "".join(f"file://{quote(path)}\n" for path in paths)
        ui.machine.clipboard = f"{_MARK}\n{verb}\n{addresses}"


def copied_files(desktop: Desktop) -> tuple[str, list[str]]:
    """What is on the clipboard: "copy" or "cut", and paths; none of them where it holds no files."""
    mark, _, rest = desktop.clipboard.partition("\n")
    verb, *addresses = rest.splitlines() or [""]
    if mark != _MARK or verb not in ("copy", "cut"):
        return "", []
    return verb, [unquote(address.removeprefix("file://")) for address in addresses]


def paste(ui: ProgramWindow, folder: str) -> None:
    """Copy or move what is on the clipboard into a folder."""
    verb, paths = copied_files(ui.machine)
    if paths:
        put(verb, paths, ui, folder)


def ask_put(ui: ProgramWindow, verb: str, paths: Sequence[str]) -> None:
    """Ask for a folder to copy or move files to; `verb` is "copy" or "cut"."""
    title = "Select Copy Destination" if verb == "copy" else "Select Move Destination"
    ui.dialog(OpenDialog(partial(put, verb, list(paths)), title=title, folder=HOME, folders=True))


def put(verb: str, paths: list[str], ui: ProgramWindow, folder: str) -> None:
    """Copy or move files into a folder; where names are taken, the user is asked first."""
    files = ui.machine.files
    taken = [
        basename(path)
        for path in paths
        if dirname(path) != folder and files.exists(join(folder, basename(path)), follow=False)
    ]
    if not taken:
        _put(verb, paths, folder, ui, "Keep Both")
        return
    what = f"“{taken[0]}”" if len(taken) == 1 else f"{len(taken)} files"
    ui.dialog(
        MessageDialog(
            f"Replace {what}?",
            f"Another item with the same name already exists in “{basename(folder) or '/'}”.",
            ("Cancel", "Keep Both", "Replace"),
            partial(_put, verb, paths, folder),
        )
    )


def _put(verb: str, paths: list[str], folder: str, ui: ProgramWindow, answer: str) -> None:
    if answer == "Cancel":
        return
    files = ui.machine.files

    def work() -> Iterable[str]:
        made = [_put_one(files, verb, path, folder, answer == "Replace") for path in paths]
        if verb == "cut" and copied_files(ui.machine) == (verb, paths):
            ui.machine.clipboard = ""
        return made

    _do(ui, "The files could not be moved" if verb == "cut" else "The files could not be copied", work)


def _put_one(files: FileSystem, verb: str, path: str, folder: str, replaces: bool) -> str:
    if not files.exists(path, follow=False):
        raise OSError(errno.ENOENT, f"{basename(path)} is no longer there", path)
    if verb == "cut":
        made = file_actions.move(files, [path], folder)[0]
    else:
        made = file_actions.copy(files, [path], folder)[0]
        if dirname(path) == folder:
            stem, extension = splitext(basename(path))
            name = file_actions.unused_name(files, folder, f"{stem} (copy){extension}")
            return file_actions.rename(files, made, name)
    wanted = join(folder, basename(path))
    if replaces and made != wanted:
        files.remove(wanted, recursive=True)
        files.rename(made, wanted)
        return wanted
    return made


def ask_new_folder(ui: ProgramWindow, folder: str) -> None:
    """Ask for the name of a new folder."""
    ui.dialog(EntryDialog("New Folder", "Folder name", partial(_new_folder, folder), action="Create"))


def _new_folder(folder: str, ui: ProgramWindow, name: str) -> None:
    files = ui.machine.files
    _do(ui, "The folder was not created", lambda: [file_actions.create_folder(files, folder, name.strip())])


def ask_rename(ui: ProgramWindow, path: str) -> None:
    """Ask for another name."""
    name = basename(path)
    ui.dialog(EntryDialog(f"Rename “{name}”", "New name", partial(_rename, path), name, "Rename"))


def _rename(path: str, ui: ProgramWindow, name: str) -> None:
    files = ui.machine.files
    _do(ui, "The name was not changed", lambda: [file_actions.rename(files, path, name.strip())])


def throw_away(ui: ProgramWindow, paths: Sequence[str]) -> None:
    """Move files to the trash."""

    def work() -> Iterable[str]:
        trash.throw_away(ui.machine.files, HOME, paths)
        return ()

    if paths:
        _do(ui, "The files could not be moved to the trash", work)


def ask_delete(ui: ProgramWindow, paths: Sequence[str]) -> None:
    """Ask whether to delete files for good."""
    if not paths:
        return
    what = f"“{basename(paths[0])}”" if len(paths) == 1 else f"the {len(paths)} selected items"
    ui.dialog(
        MessageDialog(
            f"Are you sure you want to permanently delete {what}?",
            "If you delete an item, it will be permanently lost.",
            ("Cancel", "Delete"),
            partial(_delete, list(paths)),
            danger=True,
        )
    )


def _delete(paths: list[str], ui: ProgramWindow, answer: str) -> None:
    in_trash = f"{trash.trash_folder(HOME)}/files/"

    def work() -> Iterable[str]:
        for path in paths:
            if path.startswith(in_trash):
                trash.delete_trashed(ui.machine.files, HOME, [path])
            else:
                file_actions.delete(ui.machine.files, [path])
        return ()

    if answer == "Delete":
        _do(ui, "The files could not be deleted", work)


def restore(ui: ProgramWindow, paths: Sequence[str]) -> None:
    """Move files from the trash to where they were."""

    def work() -> Iterable[str]:
        trash.restore(ui.machine.files, HOME, paths)
        return ()

    _do(ui, "The files could not be restored", work)


def ask_empty_trash(ui: ProgramWindow) -> None:
    """Ask whether to delete all that is in the trash."""
    ui.dialog(
        MessageDialog(
            "Empty all items from Trash?",
            "All items in the Trash will be permanently deleted.",
            ("Cancel", "Empty Trash"),
            _empty_trash,
            danger=True,
        )
    )


def _empty_trash(ui: ProgramWindow, answer: str) -> None:
    def work() -> Iterable[str]:
        trash.empty_trash(ui.machine.files, HOME)
        return ()

    if answer == "Empty Trash":
        _do(ui, "The trash could not be emptied", work)


def ask_compress(ui: ProgramWindow, paths: Sequence[str]) -> None:
    """Ask for the name of an archive."""
    stem = splitext(basename(paths[0]))[0] if len(paths) == 1 else "Archive"
    then = partial(_compress, list(paths))
    ui.dialog(EntryDialog("Create Archive", "Archive name", then, f"{stem}.zip", "Create"))


def _compress(paths: list[str], ui: ProgramWindow, name: str) -> None:
    name = name.strip()
    name = name if name.lower().endswith(".zip") else f"{name}.zip"

    def work() -> Iterable[str]:
        file_actions.check_name(name)
        target = join(dirname(paths[0]), name)
        archives.compress(ui.machine.files, paths, target)
        return [target]

    _do(ui, "The archive was not created", work)


def extract(ui: ProgramWindow, path: str) -> None:
    """Unpack an archive beside itself."""
    _do(ui, "The archive was not extracted", lambda: [archives.extract(ui.machine.files, path)])


def time_text(ns: int) -> str:
    """A time as lists show it, in UTC: "17 May 2024, 09:30"."""
    when = datetime.fromtimestamp(ns // SECOND, UTC)
    return f"{when.day} {when:%b %Y, %H:%M}"


def type_text(entry: file_actions.Entry) -> str:
    """The kind of a file as lists show it: "Folder", "Text", "Zip"."""
    if entry.is_folder:
        return "Folder"
    kind, _, rest = entry.mime.partition("/")
    if kind == "application":
        extension = splitext(entry.name)[1][1:].upper()
        return "Unknown" if rest == "octet-stream" and not extension else extension
    return kind.capitalize()


@dataclass(frozen=True, slots=True)
class Properties:
    """What is known of a file: `ui.dialog(Properties(path))`."""

    path: str

    def build(self, ui: ProgramWindow) -> View:
        """The facts, each in a line."""
        files = ui.machine.files
        if not files.exists(self.path):  # taken away meanwhile
            return widgets.dialog(
                "Properties", (widgets.text(f"{self.path} is no longer there"),), [_close(ui)]
            )
        entry = file_actions.entry(files, self.path)
        facts = {"Name": entry.name or "/", "Type": f"{type_text(entry)} ({entry.mime})"}
        if entry.is_folder:
            below = list(walk(files.node(self.path)))[1:]
            size = file_actions.size_text(sum(len(node.data) for node in below if isinstance(node, File)))
            facts["Contents"] = f"{len(below)} item{'s' * (len(below) != 1)}, {size}"
        else:
            facts["Size"] = f"{file_actions.size_text(entry.size)} ({entry.size} bytes)"
        facts["Parent folder"] = dirname(self.path)
        facts["Modified"] = time_text(entry.mtime_ns)
        return kept(_properties, entry.name or "/", drawing_of(ui.machine, entry), tuple(facts.items()))


def _properties(ui: ProgramWindow, name: str, drawing: Drawing, facts: tuple[tuple[str, str], ...]) -> View:
    lines = [
        box(
            "row",
            (
                widgets.text(label, color="on_surface_variant", width=120),
                widgets.text(value, id=f"fact:{label}", grow=1, max_lines=3),
            ),
        )
        for label, value in facts
    ]
    icon = box("row", (large_icon(drawing),), justify="center", padding=(0, 0, 0, 8))
    return widgets.dialog(f"{name} Properties", (icon, *lines), [_close(ui)])


def _close(ui: ProgramWindow) -> View:
    return widgets.button("Close", lambda: ui.close(), "filled", default=True)
