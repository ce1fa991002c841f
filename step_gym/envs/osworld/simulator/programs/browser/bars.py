"""The bars of the browser's window: tabs, address, bookmarks, find."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps.web import profile
from step_gym.envs.machine.apps.web.addresses import typed_address
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, row, spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.programs.browser.page_view import PageView
    from step_gym.envs.osworld.simulator.programs.browser.screen import Browser

HOME = "/home/user"
MOST_TABS = 30


def browser_of(ui: ProgramWindow) -> Browser:
    """The screen that takes input, for what is kept longer than one."""
    return cast("Browser", ui.screen)


def tab_strip(browser: Browser, ui: ProgramWindow) -> View:
    """The tabs, and the button for a new one."""
    width = min(220, max(60, (ui.bounds.width - 60) // len(browser.tabs)))
    return kept(_tabs, tuple(tab.visit.title for tab in browser.tabs), browser.shown, width)


def _tabs(ui: ProgramWindow, titles: tuple[str, ...], shown: int, width: int) -> View:
    cells = [kept(_tab, i, title, i == shown, width) for i, title in enumerate(titles)]
    can_add = len(titles) < MOST_TABS
    add = widgets.tool("add", "New Tab", lambda: browser_of(ui).new_tab(ui), enabled=can_add)
    strip = box(
        "row",
        (*cells, add),
        height=40,
        padding=(8, 5, 8, 1),
        gap=2,
        align="center",
        background="surface_dim",
    )
    return strip._replace(role="page-tab-list")


def _tab(ui: ProgramWindow, number: int, title: str, is_shown: bool, width: int) -> View:
    def close() -> None:
        browser_of(ui).close_tab(ui, number)

    cell = box(
        "row",
        (
            View("icon", icon="language", style=_SMALL),
            widgets.text(title, 12, weight="medium" if is_shown else "regular", grow=1),
            widgets.tool("close", f"Close tab {title}", close, id=f"x:{number}"),
        ),
        id=f"tab:{number}",
        width=width,
        height=34,
        padding=(10, 0, 2, 0),
        gap=6,
        radius=8,
        align="center",
        background="surface" if is_shown else "",
        description=title,
        selected=is_shown,
        on_tap=lambda: browser_of(ui).choose(ui, number),
    )
    return cell._replace(role="page-tab")


def tool_bar(browser: Browser, chosen: profile.Preferences, is_known: bool) -> View:
    """Buttons, the address, and the star; `is_known` says whether the page has a bookmark."""
    visit, tab = browser.visit, browser.tab
    moves = (tab.at > 0, tab.at + 1 < len(tab.visits), chosen.shows_home)
    return kept(_tool_bar, visit.id, visit.address, *moves, is_known)


def _tool_bar(
    ui: ProgramWindow,
    visit: int,
    address: str,
    can_go_back: bool,
    can_go_on: bool,
    shows_home: bool,
    is_known: bool,
) -> View:
    def enter(text: str) -> None:
        search = profile.preferences(ui.machine.files).search_address
        browser_of(ui).go(ui, typed_address(text, search, HOME))

    name = "Address and search bar"
    field = widgets.field(f"address:{visit}", _HINT, shown(address), name=name, on_submit=enter)
    return widgets.tool_bar(
        kept(_moves, can_go_back, can_go_on, shows_home),
        field._replace(style=_ADDRESS),
        kept(_page_tools, is_known, not address.startswith("chrome:")),
    )


def _moves(ui: ProgramWindow, can_go_back: bool, can_go_on: bool, shows_home: bool) -> View:
    """The buttons before the address."""
    return row(
        widgets.tool("arrow_back", "Back", lambda: browser_of(ui).move(ui, -1), enabled=can_go_back),
        widgets.tool("arrow_forward", "Forward", lambda: browser_of(ui).move(ui, 1), enabled=can_go_on),
        widgets.tool("refresh", "Reload", lambda: browser_of(ui).reload(ui)),
        widgets.tool("home", "Home", lambda: browser_of(ui).home(ui)) if shows_home else None,
        gap=4,
    )


def _page_tools(ui: ProgramWindow, is_known: bool, is_page: bool) -> View:
    """The buttons behind the address."""
    return row(
        widgets.tool(
            "star" if is_known else "star_outline",
            "Edit bookmark for this tab" if is_known else "Bookmark this tab",
            lambda: browser_of(ui).bookmark(ui),
            id="star",
            enabled=is_page,
            color="primary" if is_known else "on_surface_variant",
        ),
        widgets.tool("download", "Downloads", lambda: browser_of(ui).go(ui, "chrome://downloads/", True)),
        widgets.tool("more_vert", "Menu", lambda: ui.popup("main", anchor="main"), id="main"),
        gap=4,
    )


def bookmarks_bar(ui: ProgramWindow, roots: tuple[profile.Bookmark, ...]) -> View:
    """The bookmarks of the bar's folder, as many as fit."""
    fitting = max((ui.bounds.width - 24) // 170, 0)
    return kept(_bookmarks, tuple((one.id, one.name, one.url) for one in roots[0].children[:fitting]))


def _bookmarks(ui: ProgramWindow, shown: tuple[tuple[str, str, str], ...]) -> View:
    bar = box(
        "row",
        [kept(_bookmark, *one) for one in shown],
        height=32,
        padding=(10, 0),
        gap=4,
        align="center",
        background="surface_container_low",
    )
    return bar._replace(role="tool-bar", description="Bookmarks")


def _bookmark(ui: ProgramWindow, own: str, name: str, url: str) -> View:
    """A bookmark, or without a url a folder, whose menu opens."""
    id = f"bar:{own}"

    def act() -> None:
        if url:
            browser_of(ui).go(ui, url)
        else:
            ui.popup(f"bookmark:{own}", anchor=id)

    button = widgets.button(
        name if len(name) <= 22 else name[:21] + "…",
        act,
        "flat",
        id=id,
        icon="language" if url else "folder",
    )
    return button._replace(
        style=button.style._replace(height=26, size=12, padding=(8, 0, 8, 0)),
        description=name,
        on_long_press=lambda: ui.popup(f"bookmark:{own}"),
    )


def find_bar(browser: Browser, page: PageView) -> View:
    """What is searched for on the page, once that is built."""
    found = f"{browser.match + 1}/{page.matches}" if page.matches else "0/0"
    return kept(_find_bar, found if page.query else "", page.matches > 0)


def _find_bar(ui: ProgramWindow, count: str, has_matches: bool) -> View:
    def step(by: int) -> None:
        browser_of(ui).find(ui, by)

    return box(
        "row",
        (
            spacer(),
            widgets.field(
                "find",
                "Find in page",
                name="Find",
                width=260,
                on_change=lambda _: step(0),
                on_submit=lambda _: step(1),
            ),
            widgets.text(count, 12, "on_surface_variant", width=60, align="center"),
            widgets.tool("chevron_up", "Previous match", lambda: step(-1), enabled=has_matches),
            widgets.tool("chevron_down", "Next match", lambda: step(1), enabled=has_matches),
            widgets.tool(
                "close", "Close find bar", lambda: browser_of(ui).on_key(ui, "Escape", ()), id="close-find"
            ),
        ),
        height=42,
        padding=(12, 0),
        gap=4,
        align="center",
        background="surface_container_low",
    )


def shown(address: str) -> str:
    """What the address bar says at an address."""
    return "" if address == profile.NEW_TAB else address


_HINT = "Search or type a URL"
_SMALL = Style(width=15, height=15, size=15, color="primary")
_ADDRESS = Style(
    height=32, grow=1, padding=(16, 0, 16, 0), border="outline_variant", radius=16, size=widgets.TEXT
)
