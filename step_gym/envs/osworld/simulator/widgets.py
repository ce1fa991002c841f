"""Builders of views in a desktop's density: 28 to 34 pixels a row, 13-pixel type; roles for accessibility.

What needs no other size on a desktop (boxes, labels, icons, scrolls) is in `machine.widgets`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from step_gym.envs.machine.views import PLAIN, STYLES, Handler, Style, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.machine.widgets import scroll as plain_scroll
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

TEXT = 13.0

LINE = View("divider", style=Style(color="outline_variant"), is_static=True)
"""Between a bar and what is below it."""

_BUTTON = Style(height=32, padding=(14, 0, 14, 0), radius=6, size=TEXT, weight="medium")
_BUTTONS = {
    "filled": _BUTTON._replace(background="primary", color="on_primary"),
    "plain": _BUTTON._replace(background="surface_container_highest"),
    "flat": _BUTTON._replace(padding=(10, 0, 10, 0), weight="regular"),
    "danger": _BUTTON._replace(background="error", color="on_error"),
}


def text(
    shown: str,
    size: float = TEXT,
    color: str = "on_surface",
    weight: str = "regular",
    *,
    id: str = "",
    grow: float = 0,
    width: float | None = None,
    max_lines: int = 1,
    align: str = "start",
    role: str = "",
) -> View:
    """A label, on one line where nothing else is said."""
    style = STYLES[width, None, grow, *PLAIN[3:11], color, size, weight, max_lines, align, ""]
    return View("label", id, shown, style=style, role=role)


def caption(shown: str) -> View:
    """The small text above a field, or in place of it."""
    return kept(_caption, shown)


def _caption(ui: ProgramWindow, shown: str) -> View:
    return text(shown, 12, "on_surface_variant")


def button(
    shown: str,
    on_tap: Handler,
    kind: Literal["filled", "plain", "flat", "danger"] = "plain",
    *,
    id: str = "",
    icon: str = "",
    enabled: bool = True,
    default: bool = False,
    grow: float = 0,
) -> View:
    """A button with a text; Enter presses the `default` one of a screen, whose id is "default"."""
    style = _BUTTONS[kind]._replace(grow=grow) if grow else _BUTTONS[kind]
    id = "default" if default else id
    return View("button", id, shown, icon=icon, style=style, on_tap=on_tap, enabled=enabled)


def tool(
    icon: str,
    name: str,
    on_tap: Handler,
    *,
    id: str = "",
    enabled: bool = True,
    selected: bool = False,
    color: str = "on_surface_variant",
) -> View:
    """A button of a tool bar: an icon in 30 by 30 pixels; `selected` marks one that is on."""
    style = _TOOL_ON if selected else _TOOL if color == "on_surface_variant" else _TOOL._replace(color=color)
    return View(
        "button",
        id or f"tool:{icon}",
        "",
        name,
        icon=icon,
        style=style,
        on_tap=on_tap,
        enabled=enabled,
        selected=selected,
    )


_TOOL = Style(width=30, height=30, radius=6, size=18, color="on_surface_variant")
_TOOL_ON = _TOOL._replace(background="primary_container", color="on_primary_container")


def tool_bar(*views: View | None) -> View:
    """A row of tools, fields and texts above the content."""
    bar = box(
        "row",
        views,
        height=42,
        padding=(8, 0),
        gap=4,
        align="center",
        background="surface_container_low",
    )
    return bar._replace(role="tool-bar")


def status_bar(*views: View | None) -> View:
    """The line at the bottom of a window."""
    bar = box(
        "row",
        views,
        height=26,
        padding=(10, 0),
        gap=16,
        align="center",
        background="surface_container_low",
    )
    return bar._replace(role="status-bar")


def field(
    id: str,
    hint: str = "",
    initial: str = "",
    *,
    name: str = "",
    on_change: Callable[[str], object] | None = None,
    on_submit: Callable[[str], object] | None = None,
    multiline: bool = False,
    password: bool = False,
    number: bool = False,
    enabled: bool = True,
    width: float | None = None,
    height: float = 32,
    grow: float = 0,
) -> View:
    """A field with a line around it, 32 pixels high; `name` is what accessibility services call it."""
    style = Style(
        width=width,
        height=height,
        grow=grow,
        padding=(10, 7, 10, 7) if multiline else (10, 0, 10, 0),
        border="outline_variant",
        radius=6,
        size=TEXT,
    )
    return View(
        "field",
        id,
        description=name,
        hint=hint,
        style=style,
        on_change=on_change,
        on_submit=on_submit,
        enabled=enabled,
        initial=initial,
        multiline=multiline,
        password=password,
        keyboard="number" if number else "text",
    )


def page_text(
    id: str,
    initial: str = "",
    *,
    name: str = "",
    on_change: Callable[[str], object] | None = None,
    mono: bool = False,
    size: float = 14,
) -> View:
    """A text that fills its place and scrolls, as an editor has it."""
    style = Style(
        grow=1,
        padding=(16, 10, 16, 10),
        size=size,
        weight="mono" if mono else "regular",
        background="surface",
        bar="outline_variant",
    )
    return View(
        "field", id, description=name, style=style, on_change=on_change, initial=initial, multiline=True
    )


def check(
    shown: str,
    checked: bool,
    on_change: Callable[[bool], object] | None,
    *,
    kind: Literal["checkbox", "radio"] = "checkbox",
    id: str = "",
    enabled: bool = True,
) -> View:
    """A box to tick, or one of several choices, with its text; a click anywhere on it does it."""
    mark = View(
        kind, id, description=shown, on_change=on_change, checked=checked, enabled=enabled, style=_MARK
    )
    if not shown:
        return mark
    act = None if on_change is None else (lambda: on_change(kind == "radio" or not checked))
    line = box("row", (mark, text(shown)), height=28, gap=6, align="center", on_tap=act, enabled=enabled)
    return line._replace(role="filler")


_MARK = Style(width=20, height=20)


def switch(
    name: str, checked: bool, on_change: Callable[[bool], object], *, id: str = "", enabled: bool = True
) -> View:
    """A switch; `name` is what accessibility services call it."""
    return View(
        "switch",
        id,
        description=name,
        on_change=on_change,
        checked=checked,
        enabled=enabled,
        style=_SWITCH,
        role="toggle-button",
    )


_SWITCH = Style(width=39, height=24)


def choice(
    id: str, name: str, chosen: str, on_tap: Handler, *, width: float = 180, enabled: bool = True
) -> View:
    """What shows one of several values; `on_tap` opens them: `lambda: ui.popup(name, anchor=id)`."""
    line = box(
        "row",
        (text(chosen, grow=1), View("icon", icon="dropdown", style=Style(width=18, height=18, size=18))),
        id=id,
        width=width,
        height=32,
        padding=(10, 0, 6, 0),
        align="center",
        radius=6,
        border="outline_variant",
        description=name,
        on_tap=on_tap,
        enabled=enabled,
    )
    return line._replace(role="combo-box", text=chosen)


def list_row(
    *views: View | None,
    id: str = "",
    name: str = "",
    selected: bool = False,
    on_tap: Handler | None = None,
    on_double_tap: Handler | None = None,
    on_menu: Handler | None = None,
    height: float = 30,
    role: str = "list-item",
) -> View:
    """A row of a list; `on_menu` is what a right click does, `name` what it is called where no text says."""
    line = box(
        "row",
        views,
        id=id,
        height=height,
        padding=(10, 0),
        gap=8,
        align="center",
        radius=5,
        background="primary_container" if selected else "",
        description=name,
        selected=selected,
        on_tap=on_tap,
        on_long_press=on_menu,
    )
    return line._replace(role=role, on_double_tap=on_double_tap)


def scroll(
    id: str, *views: View | None, gap: float = 0, padding: float | tuple[float, float] = 0, name: str = ""
) -> View:
    """Views below one another that fill the free space and scroll, with a scroll bar at the right."""
    made = plain_scroll(id, *views, gap=gap, padding=padding)
    return made._replace(style=made.style._replace(bar="outline_variant"), description=name)


def tabs(items: Sequence[tuple[str, bool, Handler]], *trailing: View) -> View:
    """Tabs side by side: text, whether it is shown, and what a click does; then other views."""
    cells = [
        View(
            "button",
            f"tab:{i}",
            shown,
            style=_TAB_ON if chosen else _TAB,
            on_tap=on_tap,
            selected=chosen,
            role="page-tab",
        )
        for i, (shown, chosen, on_tap) in enumerate(items)
    ]
    bar = box(
        "row",
        (*cells, *trailing),
        height=38,
        padding=(6, 4, 6, 0),
        gap=2,
        align="center",
        background="surface_container_low",
    )
    return bar._replace(role="page-tab-list")


_TAB = Style(height=32, padding=(14, 0, 14, 0), radius=6, size=TEXT, color="on_surface_variant")
_TAB_ON = _TAB._replace(background="surface", color="on_surface", weight="medium")


def window_page(*views: View | None) -> View:
    """The whole content of a window: bars and, with `grow`, what fills the rest."""
    return box("column", views, background="surface")


def dialog(
    title: str, body: Iterable[View | None], buttons: Sequence[View], *, width: float = 440, gap: float = 12
) -> View:
    """What `ui.dialog` shows: a title, what is below it, and buttons at the right.

    Args:
        title: Also what accessibility services call it.
        body: From top to bottom.
        buttons: From left to right; make the one that Enter presses with `default=True`.
        width: In pixels.
        gap: Between the views of the body.
    """
    panel = box(
        "column",
        (
            kept(_heading, title),
            box("column", body, padding=(20, 0), gap=gap),
            box("row", buttons, padding=(20, 18, 20, 18), gap=8, justify="end", align="center"),
        ),
        width=width,
        background="surface",
        radius=12,
        border="outline_variant",
        elevation=5,
        description=title,
    )
    return panel._replace(role="dialog")


def _heading(ui: ProgramWindow, title: str) -> View:
    return View("label", "title", title, style=_DIALOG_TITLE)


_DIALOG_TITLE = Style(padding=(20, 18, 20, 12), size=16, weight="medium", max_lines=2)


def app_tile(icon: str, color: str, size: float) -> View:
    """A program's picture: its icon on a coloured square."""
    drawn = View(
        "icon", icon=icon, style=Style(width=size * 0.6, height=size * 0.6, size=size * 0.6, color="white")
    )
    return box(
        "row",
        (drawn,),
        width=size,
        height=size,
        radius=size * 0.24,
        background=color,
        align="center",
        justify="center",
    )
