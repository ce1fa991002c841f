"""The browser's window: tabs, bars, and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps.web import addresses, profile, sites
from step_gym.envs.machine.apps.web.document import Control
from step_gym.envs.machine.layout import natural_size
from step_gym.envs.machine.placed import ViewState
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Handler, View
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.file_chooser import SaveDialog
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item
from step_gym.envs.osworld.simulator.programs.browser import bars, internal_pages
from step_gym.envs.osworld.simulator.programs.browser.bookmark_dialog import BookmarkDialog
from step_gym.envs.osworld.simulator.programs.browser.loading import (
    DOWNLOADS,
    document_of,
    download,
    picture_views,
    save_link,
)
from step_gym.envs.osworld.simulator.programs.browser.page_view import PageView

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_COLUMN = 860  # pixels that a page's text is wide at most
_MOST_VISITS = 50
_GAP = 8


@dataclass(frozen=True, slots=True)
class Visit:
    """A page in a tab.

    Attributes:
        id: Unique in the window, so that fields and scrolls of the page are its own.
        address: Where it is.
        title: Of the page when it was opened.
        values: What its boxes and choices hold that were changed, by index.
    """

    id: int
    address: str
    title: str
    values: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Tab:
    """Pages one after the other, and which of them is shown."""

    visits: tuple[Visit, ...]
    at: int = 0

    @property
    def visit(self) -> Visit:
        """The page that is shown."""
        return self.visits[self.at]


@dataclass(frozen=True, slots=True)
class Browser:
    """The window's screen.

    Attributes:
        tabs: From left to right.
        shown: Which of them is.
        last_id: The id of the visit that began last.
        match: Which match is marked while something is searched for on the page; -1 while nothing is.
        folder: The id of the folder that the bookmarks page shows.
        selected: The id of the bookmark that is selected there.
    """

    tabs: tuple[Tab, ...]
    shown: int = 0
    last_id: int = 0
    match: int = -1
    folder: str = "1"
    selected: str = ""

    @property
    def tab(self) -> Tab:
        """The one that is shown."""
        return self.tabs[self.shown]

    @property
    def visit(self) -> Visit:
        """The page that is shown."""
        return self.tab.visit

    @property
    def title(self) -> str:
        """Of the window."""
        return f"{self.visit.title} - Web Browser"

    # Going somewhere.

    def go(self, ui: ProgramWindow, address: str, new_tab: bool = False, saves: bool = False) -> None:
        """Show what is at an address, or save it where it is nothing to be shown."""
        if not address:
            return
        if address.startswith("mailto:"):
            ui.machine.launch("mail-reader", (address,))
            return
        here = addresses.without_fragment(self.visit.address)
        if address.startswith("chrome:"):
            address = address if address in internal_pages.TITLES else profile.NEW_TAB
            self._show(ui, address, internal_pages.TITLES[address], new_tab)
            return
        response = sites.fetch(ui.machine.files, address)
        if saves or response.media == "application/octet-stream":
            download(ui, response, address)
            return
        title = document_of(response.media, response.body, response.name, address).title or address
        if response.found and addresses.without_fragment(address) != here:
            profile.add_visit(ui.machine.files, address, title, ui.machine.clock.now_ns)
        self._show(ui, address, title, new_tab)

    def _show(self, ui: ProgramWindow, address: str, title: str, new_tab: bool) -> None:
        visit = Visit(self.last_id + 1, address, title, {})
        tabs, shown = self.tabs, self.shown
        if new_tab and len(tabs) < bars.MOST_TABS:
            tabs, shown = (*tabs[: shown + 1], Tab((visit,)), *tabs[shown + 1 :]), shown + 1
        else:
            kept = self.tab.visits[: self.tab.at + 1][-_MOST_VISITS:]
            tabs = (*tabs[:shown], Tab((*kept, visit), len(kept)), *tabs[shown + 1 :])
        ui.show(replace(self, tabs=tabs, shown=shown, last_id=visit.id, match=-1, selected=""))
        ui.focus("")
        place = addresses.fragment(address)
        if place:
            screen = ui.screen
            assert isinstance(screen, Browser)
            page = screen._page(ui)
            ui.scroll_to(f"page:{visit.id}", _offset(page, page.place_of(place)))
        if address == profile.NEW_TAB:
            screen = ui.screen
            assert isinstance(screen, Browser)
            screen.edit_address(ui)

    def move(self, ui: ProgramWindow, step: int) -> None:
        """Back or forward in the tab."""
        at = self.tab.at + step
        if 0 <= at < len(self.tab.visits):
            tab = replace(self.tab, at=at)
            ui.show(
                replace(self, tabs=(*self.tabs[: self.shown], tab, *self.tabs[self.shown + 1 :]), match=-1)
            )
            ui.focus("")

    def reload(self, ui: ProgramWindow) -> None:
        """Show the page as it is now, its forms empty again."""
        tab = replace(self.tab, visits=self.tab.visits[: self.tab.at], at=self.tab.at - 1)
        if self.tab.at:
            shorter = replace(self, tabs=(*self.tabs[: self.shown], tab, *self.tabs[self.shown + 1 :]))
            later = self.tab.visits[self.tab.at + 1 :]
            shorter.go(ui, self.visit.address)
            screen = ui.screen
            assert isinstance(screen, Browser)
            whole = replace(screen.tab, visits=(*screen.tab.visits, *later))
            ui.show(replace(screen, tabs=(*screen.tabs[: self.shown], whole, *screen.tabs[self.shown + 1 :])))
        else:
            fresh = replace(self.visit, id=self.last_id + 1, values={})
            whole = replace(self.tab, visits=(fresh, *self.tab.visits[1:]))
            tabs = (*self.tabs[: self.shown], whole, *self.tabs[self.shown + 1 :])
            ui.show(replace(self, tabs=tabs, last_id=fresh.id))

    def choose(self, ui: ProgramWindow, number: int) -> None:
        """Show another tab."""
        ui.show(replace(self, shown=number % len(self.tabs), match=-1))
        ui.focus("")

    def close_tab(self, ui: ProgramWindow, number: int) -> None:
        """Close a tab; with the last one, the window."""
        tabs = (*self.tabs[:number], *self.tabs[number + 1 :])
        if not tabs:
            ui.quit()
            return
        shown = self.shown - 1 if self.shown > number or self.shown == len(tabs) else self.shown
        ui.show(replace(self, tabs=tabs, shown=shown, match=-1))
        ui.focus("")

    def new_tab(self, ui: ProgramWindow) -> None:
        """Open an empty tab."""
        self.go(ui, profile.NEW_TAB, new_tab=True)

    def edit_address(self, ui: ProgramWindow) -> None:
        """Give the address bar the focus, all of it selected."""
        address = bars.shown(self.visit.address)
        ui.set_text_state(f"address:{self.visit.id}", TextState(address, len(address), 0))

    # What the page does.

    def change(self, ui: ProgramWindow, control: Control, value: str) -> None:
        """Give a box, radio button or choice another value."""
        values = dict(self.visit.values)
        if control.kind == "radio":
            for other in self._page(ui).document.controls:
                if (other.kind, other.name, other.form) == ("radio", control.name, control.form):
                    values[other.index] = ""
        values[control.index] = value
        visit = replace(self.visit, values=values)
        tab = replace(
            self.tab, visits=(*self.tab.visits[: self.tab.at], visit, *self.tab.visits[self.tab.at + 1 :])
        )
        ui.show(replace(self, tabs=(*self.tabs[: self.shown], tab, *self.tabs[self.shown + 1 :])))

    def press(self, ui: ProgramWindow, control: Control) -> None:
        """What a button does, or Enter in a field: the values of its form are sent."""
        if control.form < 0:
            return
        if control.kind == "reset":
            self.reload(ui)
            return
        page = self._page(ui)
        form = page.document.forms[control.form]
        fields = list(form.hidden)
        for one in page.document.controls:
            if one.form != control.form or not one.name:
                continue
            if one.kind in ("submit", "reset"):
                if one.index == control.index:
                    fields.append((one.name, one.value))
            elif one.kind not in ("checkbox", "radio") or page.value(one):
                fields.append((one.name, page.value(one)))
        self.go(ui, addresses.with_query(form.action, fields))

    def bookmark(self, ui: ProgramWindow) -> None:
        """Add the page to the bookmarks bar, or show the bookmark it has; a dialog changes it."""
        known = self.known_bookmark(profile.bookmarks(ui.machine.files))
        if known is None:
            made = profile.Bookmark("", self.visit.title, self.visit.address, (), "1")
            id = profile.put_bookmark(ui.machine.files, made, ui.machine.clock.now_ns)
            ui.dialog(BookmarkDialog("Bookmark added", replace(made, id=id), has_address=False, removes=True))
        else:
            ui.dialog(BookmarkDialog("Edit bookmark", known, removes=True))

    def known_bookmark(self, roots: tuple[profile.Bookmark, ...]) -> profile.Bookmark | None:
        """The bookmark of the page that is shown."""
        every = profile.all_bookmarks(roots)
        return next((one for one in every if one.url == self.visit.address), None)

    def save_page(self, ui: ProgramWindow) -> None:
        """Ask where to save the page."""
        name = sites.fetch(ui.machine.files, self.visit.address).name
        ui.dialog(SaveDialog(name, self.saved, "Save Page", folder=DOWNLOADS))

    def saved(self, ui: ProgramWindow, path: str) -> None:
        """Write the page to a file."""
        try:
            ui.machine.files.write(path, sites.fetch(ui.machine.files, self.visit.address).body)
        except OSError as error:
            ui.toast(f"The page was not saved: {error.strerror}")

    # Finding.

    def find(self, ui: ProgramWindow, step: int = 0) -> None:
        """Show the next match of what the find bar says, or the first one after an edit."""
        page = self._page(ui)
        page.build()
        at = (max(self.match, 0) + step) % page.matches if step and page.matches else 0
        found = replace(self, match=at)
        ui.show(found)
        page = found._page(ui)
        page.build()
        if page.matches:
            ui.scroll_to(f"page:{self.visit.id}", _offset(page, page.match_at) - 120)

    def open_find(self, ui: ProgramWindow) -> None:
        """Show the find bar."""
        ui.show(replace(self, match=max(self.match, 0)))
        query = ui.text("find")
        ui.set_text_state("find", TextState(query, len(query), 0))

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Escape closes the find bar; Delete removes the selected bookmark."""
        if name == "Escape" and self.match >= 0:
            ui.show(replace(self, match=-1))
            ui.focus("")
            return True
        if name == "Delete" and self.selected and ui.focused_field is None:
            profile.remove_bookmark(ui.machine.files, self.selected, ui.machine.clock.now_ns)
            return True
        return False

    # Menus.

    def shortcuts(self, ui: ProgramWindow) -> Mapping[str, Handler]:
        """Chrome's own."""
        return {
            "ctrl+t": lambda: self.new_tab(ui),
            "ctrl+n": lambda: ui.machine.manager.open(
                ui.machine.programs["web-browser"], open_browser(ui.machine, ())
            ),
            "ctrl+w": lambda: self.close_tab(ui, self.shown),
            "ctrl+l": lambda: self.edit_address(ui),
            "alt+d": lambda: self.edit_address(ui),
            "ctrl+r": lambda: self.reload(ui),
            "f5": lambda: self.reload(ui),
            "alt+left": lambda: self.move(ui, -1),
            "alt+right": lambda: self.move(ui, 1),
            "alt+home": lambda: self.home(ui),
            "ctrl+d": lambda: self.bookmark(ui),
            "ctrl+s": lambda: self.save_page(ui),
            "ctrl+f": lambda: self.open_find(ui),
            "ctrl+g": lambda: self.find(ui, 1),
            "ctrl+h": lambda: self.go(ui, "chrome://history/", True),
            "ctrl+j": lambda: self.go(ui, "chrome://downloads/", True),
            "ctrl+shift+o": lambda: self.go(ui, "chrome://bookmarks/", True),
            "ctrl+shift+b": lambda: _toggle_bar(ui),
            "ctrl+tab": lambda: self.choose(ui, self.shown + 1),
            "ctrl+shift+tab": lambda: self.choose(ui, self.shown - 1),
        }

    def home(self, ui: ProgramWindow) -> None:
        """Show the home page."""
        self.go(ui, profile.preferences(ui.machine.files).home or profile.NEW_TAB)

    def popup(self, ui: ProgramWindow, name: str) -> list[Item]:
        """The main menu, those of links and bookmarks, and choices on pages."""
        kind, _, rest = name.partition(":")
        keys = self.shortcuts(ui)
        if kind == "link":
            return [
                Item("Open link in new tab", on_tap=lambda: self.go(ui, rest, True)),
                Item("Save link as…", on_tap=lambda: save_link(ui, rest)),
                Item("Copy link address", on_tap=lambda: setattr(ui.machine, "clipboard", rest)),
            ]
        if kind == "select":
            control = next(one for one in self._page(ui).document.controls if str(one.index) == rest)
            return [
                Item(text, on_tap=lambda value=value: self.change(ui, control, value))
                for value, text in control.options
            ]
        if kind in ("font", "engine"):
            files = ui.machine.files
            return [
                Item(
                    text,
                    on_tap=lambda changes=changes: profile.set_preferences(
                        files, replace(profile.preferences(files), **changes)
                    ),
                    checked=chosen,
                )
                for text, chosen, changes in internal_pages.setting_choices(ui, kind)
            ]
        if kind == "bookmark":
            return self._bookmark_menu(ui, rest)
        return [
            Item("New tab", "Ctrl+T", keys["ctrl+t"]),
            Item("New window", "Ctrl+N", keys["ctrl+n"]),
            SEPARATOR,
            Item("Bookmark this page…", "Ctrl+D", keys["ctrl+d"]),
            Item("Bookmark manager", "Ctrl+Shift+O", keys["ctrl+shift+o"]),
            Item("History", "Ctrl+H", keys["ctrl+h"]),
            Item("Downloads", "Ctrl+J", keys["ctrl+j"]),
            SEPARATOR,
            Item("Find…", "Ctrl+F", keys["ctrl+f"]),
            Item("Save page as…", "Ctrl+S", keys["ctrl+s"]),
            SEPARATOR,
            Item("Settings", on_tap=lambda: self.go(ui, "chrome://settings/", True)),
            Item("Exit", on_tap=ui.quit),
        ]

    def _bookmark_menu(self, ui: ProgramWindow, id: str) -> list[Item]:
        files, now = ui.machine.files, ui.machine.clock.now_ns
        one = next((b for b in profile.all_bookmarks(profile.bookmarks(files)) if b.id == id), None)
        if one is None:
            return []
        remove = Item("Delete", on_tap=lambda: profile.remove_bookmark(files, id, now))
        if one.is_folder:
            edit = Item("Rename…", on_tap=lambda: ui.dialog(BookmarkDialog("Rename folder", one, False)))
            within = [
                Item(child.name, on_tap=lambda url=child.url: self.go(ui, url))
                for child in one.children
                if child.url
            ]
            return [*within, *([SEPARATOR] if within else []), edit, remove]
        return [
            Item("Open in new tab", on_tap=lambda: self.go(ui, one.url, True)),
            Item("Copy URL", on_tap=lambda: setattr(ui.machine, "clipboard", one.url)),
            SEPARATOR,
            Item("Edit…", on_tap=lambda: ui.dialog(BookmarkDialog("Edit bookmark", one))),
            remove,
        ]

    # What is seen.

    def _page(self, ui: ProgramWindow, response: sites.Response | None = None) -> PageView:
        """The page that is shown, as its views are made; `response` is what its address gives."""
        visit = self.visit
        response = response or sites.fetch(ui.machine.files, visit.address)
        document = document_of(response.media, response.body, response.name, visit.address)
        return PageView(
            ui,
            document,
            f"c{visit.id}.",
            dict(visit.values),
            min(_COLUMN, ui.bounds.width - 64),
            profile.preferences(ui.machine.files).font_size,
            ui.text("find").lower() if self.match >= 0 else "",
            self.match,
        )

    def build(self, ui: ProgramWindow) -> View:
        """Tabs, address bar, bookmarks, and the page."""
        chosen, roots = profile.preferences(ui.machine.files), profile.bookmarks(ui.machine.files)
        address = self.visit.address
        find = None
        if address.startswith("chrome:"):
            content = internal_pages.content(self, ui, address)
        else:
            response = sites.fetch(ui.machine.files, address)
            page = self._page(ui, response)
            views = picture_views(ui, response) or page.build()
            side = (ui.bounds.width - page.width) // 2
            content = widgets.scroll(
                f"page:{self.visit.id}", *views, gap=_GAP, padding=(side, 22), name="Page"
            )
            content = content._replace(role="document-web")
            if self.match >= 0:
                find = bars.find_bar(self, page)
        return widgets.window_page(
            bars.tab_strip(self, ui),
            bars.tool_bar(self, chosen, self.known_bookmark(roots) is not None),
            bars.bookmarks_bar(ui, roots) if chosen.shows_bookmarks else None,
            widgets.LINE,
            find,
            content,
        )


def _offset(page: PageView, number: int) -> int:
    """Pixels from the top of the page to the view of that number."""
    views = page.build()[:number]
    return sum(natural_size(view, page.width, 1.0, ViewState())[1] + _GAP for view in views)


def _toggle_bar(ui: ProgramWindow) -> None:
    files = ui.machine.files
    chosen = profile.preferences(files)
    profile.set_preferences(files, replace(chosen, shows_bookmarks=not chosen.shows_bookmarks))


def argument_address(argument: str) -> str:
    """The address that a command's argument means: an address, or a file's path."""
    return (
        addresses.path_address(argument)
        if argument.startswith("/")
        else addresses.normal(argument if ":" in argument else f"http://{argument}")
    )


def open_browser(desktop: Desktop, arguments: tuple[str, ...]) -> Browser:
    """The screen of a new window: a tab for each argument, or the page that was chosen for it."""
    asked = [argument_address(one) for one in arguments if not one.startswith("-")][: bars.MOST_TABS]
    start = profile.preferences(desktop.files).startup
    tabs = []
    for number, address in enumerate(asked or [start or profile.NEW_TAB], 1):
        title = internal_pages.TITLES.get(address, "")
        if not title:
            if address.startswith("chrome:"):
                address, title = profile.NEW_TAB, "New Tab"
            else:
                response = sites.fetch(desktop.files, address)
                title = document_of(response.media, response.body, response.name, address).title or address
        tabs.append(Tab((Visit(number, address, title, {}),)))
    return Browser(tuple(tabs), last_id=len(tabs))
