"""The desktop behind the windows: its wallpaper, and the files of ~/Desktop as icons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import splitext
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.views import Handler, Style, View
from step_gym.envs.machine.widgets import box, stack
from step_gym.envs.osworld.simulator import file_operations as operations
from step_gym.envs.osworld.simulator.file_icons import Drawing, drawing_of, large_icon
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

FOLDER = "/home/user/Desktop"
_CELL = (96, 92)


@dataclass(frozen=True, slots=True)
class DesktopIcons:
    """Wallpaper and icons.

    Attributes:
        selected: Paths of the icons that are chosen.
    """

    selected: tuple[str, ...] = ()

    def build(self, ui: ProgramWindow) -> View:
        """The picture, and above it the icons in columns from the left."""
        found = _entries(ui)
        looks = tuple((entry, drawing_of(ui.machine, entry), entry.path in self.selected) for entry in found)
        wallpaper = View("image", picture=ui.machine.wallpaper, style=_WALLPAPER)
        return stack(wallpaper, kept(_icons, looks, max((ui.bounds.height - 16) // _CELL[1], 1)))

    def choose(self, ui: ProgramWindow, path: str) -> None:
        """A click on an icon: alone, or with ctrl one more or less."""
        if not {"ctrl", "shift"} & set(ui.modifiers):
            operations.select(ui, (path,))
        elif path in self.selected:
            operations.select(ui, [other for other in self.selected if other != path])
        else:
            operations.select(ui, (*self.selected, path))

    def open_menu(self, ui: ProgramWindow, name: str, selected: tuple[str, ...]) -> None:
        """A right click."""
        ui.show(replace(self, selected=selected))
        ui.popup(name)

    def popup(self, ui: ProgramWindow, name: str) -> Sequence[Item]:
        """What a right click offers on an icon, and beside them."""
        paths = self.selected
        if name == "icon":
            is_one = len(paths) == 1
            is_archive = is_one and splitext(paths[0])[1].lower() == ".zip"
            return (
                Item("Open", "Return", lambda: _open(ui, paths)),
                SEPARATOR,
                Item("Cut", "Ctrl+X", lambda: operations.copy_files(ui, paths, "cut")),
                Item("Copy", "Ctrl+C", lambda: operations.copy_files(ui, paths)),
                SEPARATOR,
                Item("Rename…", "F2", lambda: operations.ask_rename(ui, paths[0]), enabled=is_one),
                Item("Extract Here", on_tap=lambda: operations.extract(ui, paths[0]))
                if is_archive
                else Item("Compress…", on_tap=lambda: operations.ask_compress(ui, paths)),
                Item("Move to Trash", "Delete", lambda: operations.throw_away(ui, paths)),
                SEPARATOR,
                Item("Properties", on_tap=lambda: ui.dialog(operations.Properties(paths[0])), enabled=is_one),
            )
        can_paste = bool(operations.copied_files(ui.machine)[1])
        return (
            Item("New Folder…", "Ctrl+Shift+N", lambda: operations.ask_new_folder(ui, FOLDER)),
            SEPARATOR,
            Item("Paste", "Ctrl+V", lambda: operations.paste(ui, FOLDER), enabled=can_paste),
            Item("Select All", "Ctrl+A", lambda: _select_all(ui)),
            SEPARATOR,
            Item("Show Desktop in Files", on_tap=lambda: ui.machine.open_file(FOLDER)),
        )

    def shortcuts(self, ui: ProgramWindow) -> Mapping[str, Handler]:
        """Keys, while no window has the focus."""
        paths = self.selected
        keys: dict[str, Handler] = {
            "ctrl+shift+n": lambda: operations.ask_new_folder(ui, FOLDER),
            "ctrl+v": lambda: operations.paste(ui, FOLDER),
            "ctrl+a": lambda: _select_all(ui),
        }
        if paths:
            keys |= {
                "ctrl+x": lambda: operations.copy_files(ui, paths, "cut"),
                "ctrl+c": lambda: operations.copy_files(ui, paths),
                "delete": lambda: operations.throw_away(ui, paths),
                "shift+delete": lambda: operations.ask_delete(ui, paths),
                "enter": lambda: _open(ui, paths),
            }
        if len(paths) == 1:
            keys["f2"] = lambda: operations.ask_rename(ui, paths[0])
        return keys

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Arrows go from icon to icon; Escape chooses none."""
        step = {"Down": 1, "Right": 1, "Up": -1, "Left": -1}.get(name, 0)
        if name == "Escape":
            ui.show(DesktopIcons())
        elif step and not modifiers:
            paths = [entry.path for entry in _entries(ui)]
            if paths:
                last = self.selected[-1] if self.selected else ""
                at = paths.index(last) + step if last in paths else 0
                operations.select(ui, (paths[min(max(at, 0), len(paths) - 1)],))
        else:
            return False
        return True


def _screen(ui: ProgramWindow) -> DesktopIcons:
    """The screen that takes input, for what is kept longer than one."""
    return cast("DesktopIcons", ui.screen)


def _icons(ui: ProgramWindow, looks: tuple[tuple[file_actions.Entry, Drawing, bool], ...], rows: int) -> View:
    """The icons in columns of so many, and what a click beside them does."""
    columns = [looks[i : i + rows] for i in range(0, len(looks), rows)]
    icons = box(
        "row",
        [box("column", [kept(_icon, *look) for look in column], width=_CELL[0]) for column in columns],
        padding=8,
        align="start",
    )
    return box(
        "column",
        (icons,),
        grow=1,
        description="Desktop",
        on_tap=lambda: ui.show(DesktopIcons()),
        on_long_press=lambda: _screen(ui).open_menu(ui, "desktop", ()),
    )


def _icon(ui: ProgramWindow, entry: file_actions.Entry, drawing: Drawing, is_selected: bool) -> View:
    view = box(
        "column",
        (large_icon(drawing), View("label", "", entry.name, style=_NAME)),
        id=f"icon:{entry.name}",
        height=_CELL[1],
        padding=4,
        gap=2,
        align="center",
        radius=8,
        background="primary" if is_selected else "",
        description=entry.name,
        selected=is_selected,
        on_tap=lambda: _screen(ui).choose(ui, entry.path),
        on_long_press=lambda: _screen(ui).open_menu(
            ui, "icon", _screen(ui).selected if is_selected else (entry.path,)
        ),
    )
    return view._replace(role="icon", on_double_tap=lambda: _open(ui, (entry.path,)))


def _entries(ui: ProgramWindow) -> list[file_actions.Entry]:
    files = ui.machine.files
    return file_actions.entries(files, FOLDER) if files.is_dir(FOLDER) else []


def _select_all(ui: ProgramWindow) -> None:
    operations.select(ui, [entry.path for entry in _entries(ui)])


def _open(ui: ProgramWindow, paths: Sequence[str]) -> None:
    for path in paths:
        operations.open_file(ui, path)


_WALLPAPER = Style(grow=1)
_NAME = Style(size=12, color="white", text_align="center", max_lines=2)
