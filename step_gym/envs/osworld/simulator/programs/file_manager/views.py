"""The parts of the file manager's window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps import files as file_actions
from step_gym.envs.machine.apps import trash
from step_gym.envs.machine.apps.files import Entry, Order
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, column, spacer
from step_gym.envs.machine.widgets import grid as cells
from step_gym.envs.osworld.simulator import file_operations as operations
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.file_chooser import HOME
from step_gym.envs.osworld.simulator.file_icons import Drawing, drawing_of, large_icon, small_icon
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.file_manager.screen import FileManager

_TRASH = "trash:///"
_PLACES = (
    ("Home", "home", HOME),
    ("Desktop", "computer", f"{HOME}/Desktop"),
    ("Documents", "document", f"{HOME}/Documents"),
    ("Downloads", "download", f"{HOME}/Downloads"),
    ("Music", "music", f"{HOME}/Music"),
    ("Pictures", "photo", f"{HOME}/Pictures"),
    ("Videos", "video", f"{HOME}/Videos"),
    ("Trash", "delete", _TRASH),
    ("Computer", "storage", "/"),
)
_PLACES_WIDTH = 184
_ROW, _CELL = 32, (112, 104)
_PADDING = 8
_COLUMNS = (("Size", "size", 90), ("Type", "type", 90), ("Modified", "date", 160))


def _screen(ui: ProgramWindow) -> FileManager:
    """The screen that takes input, for what is kept longer than one."""
    return cast("FileManager", ui.screen)


def head(ui: ProgramWindow, screen: FileManager) -> View:
    """The tools above everything."""
    can_move = bool(screen.before), bool(screen.after)
    return kept(_tools, *can_move, screen.folder, screen.bar, screen.is_grid, screen.title)


def _tools(
    ui: ProgramWindow, has_before: bool, has_after: bool, folder: str, bar: str, is_grid: bool, title: str
) -> View:
    is_search = bar == "search"
    return widgets.tool_bar(
        widgets.tool("arrow_back", "Back", lambda: _screen(ui).back(ui), enabled=has_before),
        widgets.tool("arrow_forward", "Forward", lambda: _screen(ui).forward(ui), enabled=has_after),
        widgets.tool(
            "arrow_upward",
            "Parent Folder",
            lambda: _screen(ui).up(ui),
            enabled=folder not in (_TRASH, "/"),
        ),
        _middle(ui, folder, bar, title),
        widgets.tool(
            "search",
            "Search",
            lambda: _screen(ui).close_bar(ui) if is_search else _screen(ui).open_bar(ui, "search"),
            selected=is_search,
            enabled=folder != _TRASH,
        ),
        widgets.tool(
            "new_folder",
            "New Folder",
            lambda: operations.ask_new_folder(ui, folder),
            enabled=folder != _TRASH,
        ),
        widgets.tool(
            "list" if is_grid else "grid",
            "List View" if is_grid else "Icon View",
            lambda: ui.show(replace(_screen(ui), is_grid=not is_grid)),
            id="tool:view",
        ),
        widgets.tool("sort", "View Options", lambda: ui.popup("view", "tool:sort")),
    )


def _middle(ui: ProgramWindow, folder: str, bar: str, title: str) -> View:
    """The folder's path, or the field that stands in its place."""
    if bar == "location":
        return widgets.field(
            "location",
            "Location",
            name="Location",
            grow=1,
            on_submit=lambda text: _screen(ui).locate(ui, text),
        )
    if bar == "search":
        return widgets.field(
            "search",
            f"Search in {title}",
            name="Search",
            grow=1,
            on_change=lambda _: ui.show(replace(_screen(ui), selected=())),
            on_submit=lambda _: _open_found(ui, _screen(ui)),
        )
    return _path_bar(ui, folder)


def _open_found(ui: ProgramWindow, screen: FileManager) -> None:
    """Enter in the search: open what was found, if it is one thing."""
    found = screen.entries(ui)
    if ui.text("search").strip() and len(found) == 1:
        screen.open(ui, found[0].path)


def _path_bar(ui: ProgramWindow, folder: str) -> View:
    """The folder's path, each part a button; a click beside them edits it."""
    if folder == _TRASH:
        parts = [("Trash", _TRASH)]
    else:
        is_home = f"{folder}/".startswith(f"{HOME}/")
        names = folder.removeprefix(HOME if is_home else "/").strip("/").split("/")
        parts = [("Home", HOME) if is_home else ("Computer", "/")]
        for name in filter(None, names):
            parts.append((name, f"{parts[-1][1].rstrip('/')}/{name}"))
    views: list[View] = []
    for i, (name, path) in enumerate(parts):
        if i:
            views.append(widgets.text("/", color="outline"))
        made = widgets.button(name, lambda path=path: _screen(ui).go(ui, path), "flat", id=f"path:{path}")
        is_last = i == len(parts) - 1
        style = made.style._replace(height=26, weight="medium" if is_last else "regular")
        views.append(made._replace(style=style, selected=is_last))
    return box(
        "row",
        (
            *views,
            spacer(),
            widgets.tool("edit", "Enter Location", lambda: _screen(ui).open_bar(ui, "location", folder)),
        ),
        grow=1,
        height=32,
        padding=(4, 0),
        align="center",
        background="surface",
        border="outline_variant",
        radius=6,
    )


def places(ui: ProgramWindow, screen: FileManager) -> View:
    """The places at the left."""
    shown = tuple(place for place in _PLACES if place[2] == _TRASH or ui.machine.files.is_dir(place[2]))
    return kept(_places, shown, screen.folder)


def _places(ui: ProgramWindow, shown: tuple[tuple[str, str, str], ...], folder: str) -> View:
    rows = [
        widgets.list_row(
            View("icon", icon=icon, style=_PLACE),
            widgets.text(name),
            id=f"place:{name}",
            selected=path == folder,
            on_tap=lambda path=path: _screen(ui).go(ui, path),
        )
        for name, icon, path in shown
    ]
    return box(
        "column",
        rows,
        width=_PLACES_WIDTH,
        padding=(8, 8),
        gap=2,
        background="surface_container_low",
        description="Places",
    )


def trash_bar(ui: ProgramWindow, screen: FileManager, entries: Sequence[Entry]) -> View:
    """What can be done in the trash."""
    return kept(_trash_bar, bool(screen.selected), bool(entries))


def _trash_bar(ui: ProgramWindow, has_chosen: bool, has_entries: bool) -> View:
    return box(
        "row",
        (
            widgets.text("Trash", weight="medium", grow=1),
            widgets.button(
                "Restore",
                lambda: operations.restore(ui, _screen(ui).selected),
                id="restore",
                enabled=has_chosen,
            ),
            widgets.button(
                "Empty Trash…",
                lambda: operations.ask_empty_trash(ui),
                "danger",
                id="empty-trash",
                enabled=has_entries,
            ),
        ),
        height=48,
        padding=(18, 0),
        gap=8,
        align="center",
        background="surface_container",
    )


def table(ui: ProgramWindow, screen: FileManager, entries: Sequence[Entry]) -> View:
    """Files in rows, below a head that sorts them."""
    heads = kept(_heads, screen.order)
    if not entries:
        return box("column", (heads, _empty(ui, screen)), grow=1)
    was = {}
    if screen.folder == _TRASH:
        was = {item.entry.path: item.original for item in trash.trashed(ui.machine.files, HOME)}
    searched = bool(screen.bar == "search" and ui.text("search").strip())
    rows = []
    for entry in entries:
        place = was.get(entry.path, "") or (entry.path.rpartition("/")[0] if searched else "")
        drawing = drawing_of(ui.machine, entry)
        rows.append(kept(_row, entry, drawing, place, _size(ui, entry), entry.path in screen.selected))
    return box("column", (heads, widgets.scroll("files", *rows, padding=(_PADDING, 4))), grow=1)


def _heads(ui: ProgramWindow, order: Order) -> View:
    def head(shown: str, by: str, width: float | None) -> View:
        is_it = order.by == by
        descends = not order.is_reversed if is_it else by in ("size", "date")
        mark = ("chevron_down" if order.is_reversed else "chevron_up") if is_it else ""
        made = widgets.button(
            shown,
            lambda: ui.show(replace(_screen(ui), order=Order(by, descends))),
            "flat",
            id=f"column:{by}",
            icon=mark,
        )
        style = made.style._replace(height=28, size=12, color="on_surface_variant", width=width)
        return made._replace(style=style, role="table-column-header")

    heads = box(
        "row",
        (head("Name", "name", None), spacer(), *(head(*each) for each in _COLUMNS)),
        padding=(_PADDING, 0),
        height=32,
        gap=8,
        align="center",
    )
    return column(heads, widgets.LINE)


def _row(ui: ProgramWindow, entry: Entry, drawing: Drawing, place: str, size: str, is_selected: bool) -> View:
    return widgets.list_row(
        small_icon(drawing),
        widgets.text(entry.name, grow=1),
        widgets.text(place, 12, "on_surface_variant", grow=1) if place else None,
        widgets.text(size, 12, "on_surface_variant", width=90, align="center"),
        widgets.text(operations.type_text(entry), 12, "on_surface_variant", width=90, align="center"),
        widgets.text(
            operations.time_text(entry.mtime_ns), 12, "on_surface_variant", width=160, align="center"
        ),
        name=entry.name,
        height=_ROW,
        role="table-row",
        id=f"file:{entry.path}",
        selected=is_selected,
        on_tap=lambda: _choose(ui, entry),
        on_double_tap=lambda: _screen(ui).open(ui, entry.path),
        on_menu=lambda: _screen(ui).entry_menu(ui, entry),
    )


def _choose(ui: ProgramWindow, entry: Entry) -> None:
    screen = _screen(ui)
    screen.choose(ui, entry, screen.entries(ui))


def _size(ui: ProgramWindow, entry: Entry) -> str:
    if not entry.is_folder:
        return file_actions.size_text(entry.size)
    count = len(ui.machine.files.list(entry.path))
    return f"{count} item{'s' * (count != 1)}"


def grid_columns(ui: ProgramWindow) -> int:
    """How many icons stand side by side."""
    return max((ui.bounds.width - _PLACES_WIDTH - 2 * _PADDING) // _CELL[0], 1)


def grid(ui: ProgramWindow, screen: FileManager, entries: Sequence[Entry]) -> View:
    """Files as icons."""
    if not entries:
        return _empty(ui, screen)
    icons = [
        kept(_icon, entry, drawing_of(ui.machine, entry), entry.path in screen.selected) for entry in entries
    ]
    return widgets.scroll("files", cells(grid_columns(ui), *icons), padding=_PADDING)


def _icon(ui: ProgramWindow, entry: Entry, drawing: Drawing, is_selected: bool) -> View:
    view = box(
        "column",
        (large_icon(drawing), View("label", "", entry.name, style=_NAME)),
        id=f"file:{entry.path}",
        height=_CELL[1],
        padding=6,
        gap=4,
        align="center",
        radius=8,
        background="primary_container" if is_selected else "",
        description=entry.name,
        selected=is_selected,
        on_tap=lambda: _choose(ui, entry),
        on_long_press=lambda: _screen(ui).entry_menu(ui, entry),
    )
    return view._replace(role="icon", on_double_tap=lambda: _screen(ui).open(ui, entry.path))


def _empty(ui: ProgramWindow, screen: FileManager) -> View:
    if screen.folder == _TRASH:
        said = "Trash is Empty"
    elif not ui.machine.files.is_dir(screen.folder):
        said = "This folder does not exist any more"
    else:
        said = "No Results Found" if screen.bar == "search" and ui.text("search") else "Folder is Empty"
    return kept(_nothing, "delete" if screen.folder == _TRASH else "folder", said)


def _nothing(ui: ProgramWindow, icon: str, said: str) -> View:
    drawn = View("icon", icon=icon, style=Style(width=64, height=64, size=64, color="outline_variant"))
    return box(
        "column",
        (drawn, widgets.text(said, 16, "on_surface_variant")),
        grow=1,
        gap=8,
        align="center",
        justify="center",
    )


def status(ui: ProgramWindow, screen: FileManager, entries: Sequence[Entry]) -> View:
    """How much is listed, or chosen."""
    chosen = [entry for entry in entries if entry.path in screen.selected]
    if not chosen:
        said = f"{len(entries)} item{'s' * (len(entries) != 1)}"
    elif len(chosen) == 1:
        size = "" if chosen[0].is_folder else f" ({file_actions.size_text(chosen[0].size)})"
        said = f"“{chosen[0].name}” selected{size}"
    else:
        total = sum(entry.size for entry in chosen)
        said = f"{len(chosen)} items selected ({file_actions.size_text(total)})"
    return kept(_status, said)


def _status(ui: ProgramWindow, said: str) -> View:
    return widgets.status_bar(widgets.text(said, 12, "on_surface_variant", id="status"))


def reveal(ui: ProgramWindow, is_grid: bool, index: int) -> None:
    """Scroll so that the file of an index is in sight, one or two rows from the top."""
    row = index // grid_columns(ui) if is_grid else index
    ui.scroll_to("files", max((row - 1) * (_CELL[1] if is_grid else _ROW), 0))


_PLACE = Style(width=18, height=18, size=18, color="on_surface_variant")
_NAME = Style(size=12, text_align="center", max_lines=2)
