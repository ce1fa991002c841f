"""The browser's own pages: new tab, bookmarks, history, downloads, settings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from posixpath import basename, dirname
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps.web import profile
from step_gym.envs.machine.apps.web.addresses import host, typed_address
from step_gym.envs.machine.apps.web.sites import ENGINES
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, column, row
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import MessageDialog
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.programs.browser.bars import browser_of
from step_gym.envs.osworld.simulator.programs.browser.bookmark_dialog import BookmarkDialog

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.browser.screen import Browser

TITLES = {
    "chrome://newtab/": "New Tab",
    "chrome://bookmarks/": "Bookmarks",
    "chrome://history/": "History",
    "chrome://downloads/": "Downloads",
    "chrome://settings/": "Settings",
}
"""By address."""

_MOST_ROWS = 300
_EPOCH_S = 11_644_473_600
_FONT_SIZES = {"Very small": 9, "Small": 12, "Medium": 16, "Large": 20, "Very large": 24}


def content(browser: Browser, ui: ProgramWindow, address: str) -> View:
    """What one of them shows."""
    make = {
        "chrome://bookmarks/": _bookmarks,
        "chrome://history/": _history,
        "chrome://downloads/": _downloads,
        "chrome://settings/": _settings,
    }
    return make.get(address, _new_tab)(browser, ui)


def _page(tools: View, *views: View | None) -> View:
    """A page of so many pixels in the middle: its title with what is beside it, and what is below."""
    page = box("column", (tools, *views), width=920, padding=(0, 8), grow=1)
    return box("row", (_SIDE, page, _SIDE), grow=1, background="surface")


def _head(title: str, *tools: View) -> View:
    shown = widgets.text(title, 22, weight="medium", grow=1)
    return row(shown, *tools, gap=8, height=56)


def _title(ui: ProgramWindow, title: str) -> View:
    return _head(title)


def _list(id: str, rows: list[View], empty: str) -> View:
    return widgets.scroll(id, *(rows or [widgets.text(empty, color="outline")]))


# A new tab.


def _new_tab(browser: Browser, ui: ProgramWindow) -> View:
    engine = profile.preferences(ui.machine.files).engine
    bar = profile.bookmarks(ui.machine.files)[0].children[:8]
    tiles = tuple((one.id, one.name, one.url) for one in bar if one.url)
    return kept(_start_page, browser.visit.id, engine, tiles)


def _start_page(ui: ProgramWindow, visit: int, engine: str, tiles: tuple[tuple[str, str, str], ...]) -> View:
    def search(text: str) -> None:
        address = profile.preferences(ui.machine.files).search_address
        browser_of(ui).go(ui, typed_address(text, address, "/home/user"))

    return box(
        "column",
        (
            widgets.text(engine, 46, "primary", "medium", align="center"),
            widgets.field(
                f"search:{visit}",
                f"Search with {engine} or type a URL",
                name="Search",
                on_submit=search,
                width=560,
                height=44,
            ),
            box("row", [kept(_tile, *one) for one in tiles], gap=4),
        ),
        grow=1,
        padding=(20, 130, 20, 20),
        gap=26,
        align="center",
        background="surface",
    )


def _tile(ui: ProgramWindow, id: str, name: str, url: str) -> View:
    globe = View("icon", icon="language", style=Style(width=22, height=22, size=22, color="primary"))
    disc = box(
        "row",
        (globe,),
        width=48,
        height=48,
        radius=24,
        background="surface_container",
        align="center",
        justify="center",
    )
    return box(
        "column",
        (disc, widgets.text(name, 12, align="center", width=104)),
        id=f"tile:{id}",
        width=112,
        padding=(4, 10),
        gap=8,
        radius=8,
        align="center",
        on_tap=lambda: browser_of(ui).go(ui, url),
    )._replace(role="link")


# Bookmarks.


def _bookmarks(browser: Browser, ui: ProgramWindow) -> View:
    roots = profile.bookmarks(ui.machine.files)
    folders = [one for one in profile.all_bookmarks(roots) if one.is_folder]
    shown = next((one for one in folders if one.id == browser.folder), roots[0])
    rows = [
        kept(_bookmark, one.id, one.name, one.url, one.id == browser.selected)
        for one in shown.children[:_MOST_ROWS]
    ]
    looks = tuple((one.id, one.name, one.id == shown.id) for one in folders)
    body = box("row", (kept(_folders, looks), _list("bookmarks", rows, "This folder is empty")), grow=1)
    return _page(kept(_bookmark_tools, shown.id), body)


def _bookmark_tools(ui: ProgramWindow, folder: str) -> View:
    def add(title: str, has_address: bool) -> None:
        ui.dialog(BookmarkDialog(title, profile.Bookmark("", "", parent=folder), has_address))

    return _head(
        "Bookmarks",
        widgets.button("Add new bookmark", lambda: add("Add bookmark", True), id="add-bookmark", icon="add"),
        widgets.button(
            "Add new folder", lambda: add("Add folder", False), id="add-folder", icon="new_folder"
        ),
    )


def _folders(ui: ProgramWindow, looks: tuple[tuple[str, str, bool], ...]) -> View:
    return box("column", [kept(_folder, *look) for look in looks], width=220, padding=(0, 8, 12, 0))


def _folder(ui: ProgramWindow, id: str, name: str, is_shown: bool) -> View:
    return widgets.list_row(
        View("icon", icon="folder", style=_ICON),
        widgets.text(name),
        id=f"folder:{id}",
        selected=is_shown,
        on_tap=lambda: ui.show(replace(browser_of(ui), folder=id, selected="")),
    )


def _bookmark(ui: ProgramWindow, id: str, name: str, url: str, is_selected: bool) -> View:
    """A row of the bookmarks page; without a url it is a folder."""

    def select() -> None:
        ui.show(replace(browser_of(ui), selected=id))

    def open_it() -> None:
        if url:
            browser_of(ui).go(ui, url)
        else:
            ui.show(replace(browser_of(ui), folder=id, selected=""))

    def menu(anchor: str = "") -> None:
        select()
        ui.popup(f"bookmark:{id}", anchor)

    more = f"more:{id}"
    return widgets.list_row(
        View("icon", icon="language" if url else "folder", style=_ICON),
        widgets.text(name, width=260),
        widgets.text(url, 12, "outline", grow=1),
        widgets.tool("more_vert", f"More actions for {name}", lambda: menu(more), id=more),
        id=f"entry:{id}",
        name=name,
        selected=is_selected,
        height=38,
        on_tap=select,
        on_double_tap=open_it,
        on_menu=menu,
    )


# History.


def _history(browser: Browser, ui: ProgramWindow) -> View:
    query = ui.text("history-query").strip().lower()
    found = profile.history(ui.machine.files).rows(
        "SELECT url, title, last_visit_time FROM urls ORDER BY last_visit_time DESC, id DESC "
        f"LIMIT {_MOST_ROWS}"
    )
    visits = [(str(one["url"]), str(one["title"] or one["url"]), one["last_visit_time"]) for one in found]
    rows = [
        kept(_visit, address, title, _time(time))
        for address, title, time in visits
        if query in title.lower() or query in address.lower()
    ]
    return _page(kept(_history_tools), _list("history", rows, "No pages"))


def _visit(ui: ProgramWindow, address: str, title: str, time: str) -> View:
    return widgets.list_row(
        widgets.text(time, 12, "outline", width=110),
        widgets.text(title, grow=1),
        widgets.text(host(address), 12, "outline", width=180),
        widgets.tool(
            "delete",
            f"Remove {title} from history",
            lambda: profile.forget(ui.machine.files, address),
            id=f"forget:{address}",
        ),
        id=f"visit:{address}",
        name=title,
        height=36,
        on_tap=lambda: browser_of(ui).go(ui, address),
    )


def _history_tools(ui: ProgramWindow) -> View:
    ask = MessageDialog(
        "Clear browsing history?",
        "All pages in the history are removed. Bookmarks and files stay.",
        ("Cancel", "Clear"),
        clear_history,
        danger=True,
    )
    return _head(
        "History",
        widgets.field("history-query", "Search history", name="Search history", width=300),
        widgets.button("Clear browsing history", lambda: ui.dialog(ask), id="clear"),
    )


def clear_history(ui: ProgramWindow, answer: str) -> None:
    """What the question's answer does."""
    if answer == "Clear":
        profile.forget(ui.machine.files, "")


def _time(chrome_time: object) -> str:
    micros = chrome_time if isinstance(chrome_time, int) else 0
    seconds = min(max(micros // 1_000_000 - _EPOCH_S, 0), 2**31)
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b, %H:%M")


# Downloads.


def _downloads(browser: Browser, ui: ProgramWindow) -> View:
    files = ui.machine.files
    found = profile.history(files).rows(
        f"SELECT id, target_path, tab_url FROM downloads ORDER BY id DESC LIMIT {_MOST_ROWS}"
    )
    saved = [(str(one["id"]), str(one["target_path"]), str(one["tab_url"])) for one in found]
    rows = [kept(_download, id, path, address, files.exists(path)) for id, path, address in saved]
    return _page(kept(_title, "Downloads"), _list("downloads", rows, "No files"))


def _download(ui: ProgramWindow, id: str, path: str, address: str, is_there: bool) -> View:
    name = basename(path)
    return widgets.list_row(
        View("icon", icon="file", style=_ICON),
        widgets.text(name, width=300, color="on_surface" if is_there else "outline"),
        widgets.text(address if is_there else "Deleted", 12, "outline", grow=1),
        widgets.button("Open", lambda: _open(ui, path), "flat", id=f"o{id}", enabled=is_there),
        widgets.tool(
            "folder",
            f"Show {name} in folder",
            lambda: _open(ui, dirname(path)),
            id=f"f{id}",
            enabled=is_there,
        ),
        id=f"download:{id}",
        name=name,
        height=40,
    )


def _open(ui: ProgramWindow, path: str) -> None:
    if ui.machine.open_file(path) is None:
        ui.toast(f"No program opens {basename(path)}")


# Settings.


def _settings(browser: Browser, ui: ProgramWindow) -> View:
    chosen = profile.preferences(ui.machine.files)
    size = next((name for name, pixels in _FONT_SIZES.items() if pixels == chosen.font_size), "Custom")
    views = (
        kept(_home_button, chosen.shows_home),
        kept(_address_row, "Home page", "home", chosen.home),
        kept(_looks, chosen.shows_bookmarks, size),
        kept(_engine, chosen.engine),
        kept(_address_row, "Page to open on startup", "startup", chosen.startup),
    )
    return _page(kept(_title, "Settings"), widgets.scroll("settings", *views))


def _put(ui: ProgramWindow, **changes: object) -> None:
    files = ui.machine.files
    profile.set_preferences(files, replace(profile.preferences(files), **changes))


def _home_button(ui: ProgramWindow, is_shown: bool) -> View:
    name = "Show home button"
    return column(
        _section("Appearance"),
        _row(
            widgets.text(name, grow=1),
            widgets.switch(name, is_shown, lambda on: _put(ui, shows_home=on), id="shows-home"),
        ),
    )


def _looks(ui: ProgramWindow, shows_bookmarks: bool, size: str) -> View:
    name = "Show bookmarks bar"
    return column(
        _row(
            widgets.text(name, grow=1),
            widgets.switch(name, shows_bookmarks, lambda on: _put(ui, shows_bookmarks=on), id="bar"),
        ),
        _row(
            widgets.text("Font size", grow=1),
            widgets.choice("font", "Font size", size, lambda: ui.popup("font", anchor="font")),
        ),
    )


def _engine(ui: ProgramWindow, engine: str) -> View:
    """The search engine, and the title of what follows."""
    return column(
        _section("Search engine"),
        _row(
            widgets.text("Search engine used in the address bar", grow=1),
            widgets.choice("engine", "Search engine", engine, lambda: ui.popup("engine", anchor="engine")),
        ),
        _section("On startup"),
    )


def _address_row(ui: ProgramWindow, label: str, key: str, value: str) -> View:
    field = widgets.field(
        key, "New Tab page", value, name=label, width=320, on_submit=lambda _: _save(ui, label, key)
    )
    button = widgets.button("Save", lambda: _save(ui, label, key), id=f"save-{key}")
    return _row(widgets.text(label, grow=1), field, button)


def _save(ui: ProgramWindow, label: str, key: str) -> None:
    """Take what the field for an address says."""
    typed = ui.text(key).strip()
    _put(ui, **{key: typed_address(typed, "", "/home/user") or typed})
    ui.toast(f"{label} saved")


def setting_choices(ui: ProgramWindow, name: str) -> list[tuple[str, bool, dict[str, object]]]:
    """What "font" and "engine" can be: text, whether it is chosen, and the changed preferences."""
    chosen = profile.preferences(ui.machine.files)
    if name == "font":
        return [(text, size == chosen.font_size, {"font_size": size}) for text, size in _FONT_SIZES.items()]
    return [(engine, engine == chosen.engine, {"engine": engine}) for engine in ENGINES]


def _section(title: str) -> View:
    return View(
        "label", "", title, style=Style(padding=(0, 18, 0, 8), size=15, weight="medium"), role="heading"
    )


def _row(*views: View) -> View:
    return column(row(*views, height=46, padding=(16, 0), gap=8), _LINE)


_ICON = Style(width=18, height=18, size=18, color="primary")
_LINE = View("divider", style=Style(color="surface_container_highest"), is_static=True)
_SIDE = View("box", style=Style(grow=1), is_static=True)
