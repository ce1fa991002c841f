"""Boxes and what is simple in them: texts, icons, pictures, lines, distances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict, Unpack

from step_gym.envs.machine.views import PLAIN, STYLES, Handler, Style, View

_PLAIN_TEXT = PLAIN[11:]
Padding = float | tuple[float, float] | tuple[float, float, float, float]


class BoxOptions(TypedDict, total=False):
    """What can be said of a box: see `views.Style` and `views.View`."""

    id: str
    gap: float
    padding: Padding
    align: str
    justify: str
    grow: float
    width: float | None
    height: float | None
    background: str
    radius: float
    border: str
    elevation: int
    description: str
    selected: bool
    enabled: bool
    on_tap: Handler | None
    on_long_press: Handler | None


def sides(padding: Padding) -> tuple[float, float, float, float]:
    """One number for all sides, two for the sides left and right and for top and bottom, or four."""
    if isinstance(padding, int | float):
        return (padding, padding, padding, padding)
    if len(padding) == 2:
        return (padding[0], padding[1], padding[0], padding[1])
    return padding


def label(
    text: str,
    size: float = 14,
    weight: str = "regular",
    color: str = "on_surface",
    *,
    id: str = "",
    max_lines: int = 0,
    text_align: str = "start",
    padding: Padding = 0,
    grow: float = 0,
    width: float | None = None,
    height: float | None = None,
    background: str = "",
    radius: float = 0,
    justify: str = "start",
    description: str = "",
    on_tap: Handler | None = None,
    on_long_press: Handler | None = None,
    selected: bool = False,
) -> View:
    """A text, wrapped into its width; `max_lines=1` cuts it off with an ellipsis instead."""
    pads = sides(padding)
    before = (width, height, grow, pads, 0.0, "stretch", justify, background, radius, "", 0, color)
    style = STYLES[(*before, size, weight, max_lines, text_align, "")]
    return View(
        "label",
        id,
        text,
        description,
        style=style,
        on_tap=on_tap,
        on_long_press=on_long_press,
        selected=selected,
    )


def box(
    direction: str,
    views: Iterable[View | None],
    columns: int = 0,
    *,
    id: str = "",
    gap: float = 0,
    padding: Padding = 0,
    align: str = "stretch",
    justify: str = "start",
    grow: float = 0,
    width: float | None = None,
    height: float | None = None,
    background: str = "",
    radius: float = 0,
    border: str = "",
    elevation: int = 0,
    description: str = "",
    selected: bool = False,
    enabled: bool = True,
    on_tap: Handler | None = None,
    on_long_press: Handler | None = None,
) -> View:
    """Views laid out by "row", "column", "stack" or, with `columns`, "grid"; None is left out."""
    pads = sides(padding)
    own = (width, height, grow, pads, gap, align, justify, background, radius, border, elevation)
    style = STYLES[own + _PLAIN_TEXT]
    children = tuple([view for view in views if view is not None])
    before = ("box", id, "", description, "", "", children, direction, columns, style)
    return View(*before, on_tap, on_long_press, selected=selected, enabled=enabled)


def row(*views: View | None, **options: Unpack[BoxOptions]) -> View:
    """Views side by side, from left to right, by default centred on one line."""
    options.setdefault("align", "center")
    return box("row", views, **options)


def column(*views: View | None, **options: Unpack[BoxOptions]) -> View:
    """Views below one another."""
    return box("column", views, **options)


def stack(*views: View | None, **options: Unpack[BoxOptions]) -> View:
    """Views above one another, the last in front; those with `grow` fill the height."""
    return box("stack", views, **options)


def grid(columns: int, *views: View | None, **options: Unpack[BoxOptions]) -> View:
    """Cells of equal width, row by row."""
    return box("grid", views, columns, **options)


def spacer(grow: float = 1) -> View:
    """Takes free space."""
    return View("box", style=Style(grow=grow))


def gap(dp: float) -> View:
    """A fixed distance."""
    return View("box", style=Style(width=dp, height=dp))


def divider() -> View:
    """A thin line across."""
    return DIVIDER


DIVIDER = View("divider", style=Style(color="outline_variant"))


def icon(
    name: str, color: str = "on_surface_variant", size: float = 24, *, id: str = "", description: str = ""
) -> View:
    """A drawing from the icon set."""
    return View(
        "icon",
        id,
        description=description,
        icon=name,
        style=Style(width=size, height=size, color=color, size=size),
    )


def image(
    picture: Any,
    description: str,
    width: float | None = None,
    height: float | None = None,
    *,
    id: str = "",
    radius: float = 0,
    grow: float = 0,
    on_tap: Handler | None = None,
) -> View:
    """A picture: uint8[h, w, 3 or 4], or the name of a drawing function of `paint`."""
    style = Style(width=width, height=height, radius=radius, grow=grow)
    return View("image", id, description=description, picture=picture, style=style, on_tap=on_tap)


def card(*views: View | None, **options: Unpack[BoxOptions]) -> View:
    """A column in a rounded box of its own on the page."""
    options.setdefault("padding", 16)
    options.setdefault("background", "surface_container")
    options.setdefault("radius", 12)
    return box("column", views, **options)


def scroll(
    id: str,
    *views: View | None,
    horizontal: bool = False,
    grow: float = 1,
    padding: Padding = 0,
    gap: float = 0,
) -> View:
    """Views that scroll, and keep their offset under `id`; by default it takes the free space."""
    return View(
        "scroll",
        id,
        children=tuple([view for view in views if view is not None]),
        direction="row" if horizontal else "column",
        style=Style(grow=0 if horizontal else grow, padding=sides(padding), gap=gap),
    )
