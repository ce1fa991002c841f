"""What a screen is made of: values that say what is shown and what a tap does.

Trees of views are built from an app's state at every look, out of parts that are made once (`parts`) where
they look the same; the picture and the accessibility tree are both made from one laid-out tree
(`layout.place`), so they cannot disagree. Views are named tuples and no dataclasses because a screen has some
hundred of them and an agent asks for hundreds of screens a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from step_gym.envs.machine.interned import Interned

# What a handler returns is of no account.
Handler = Callable[[], object]


class Style(NamedTuple):
    """How a view is laid out and drawn; lengths in dp, 160 to the inch.

    Colours are names of roles in the theme ("surface", "primary", "on_surface_variant", ...) or "#rrggbb".

    Attributes:
        width: Fixed width; None: as the content wants, or as the parent stretches it.
        height: Fixed height, likewise.
        grow: Share of the free space along the parent's direction; such a view takes nothing but its share.
        padding: Left, top, right, bottom.
        gap: Between children.
        align: Of the children across the direction: "start", "center", "end" or "stretch".
        justify: Of the children along it: "start", "center", "end" or "between". In a stack, the vertical
            place of the children where `align` is the horizontal one; there "stretch" is possible too.
        background: Colour, empty for none. A view with a background hides what lies behind it from taps.
        radius: Of the corners.
        border: Colour of a line of 1 dp around it, or under a field that has a background; empty for none.
        bar: Colour of the scroll bar of what scrolls, shown where there is more than is seen; empty for none.
        elevation: 0 to 5, how far above the page; draws a shadow.
        color: Of text and icon.
        size: Of text, or side of an icon.
        weight: Of text: "regular", "medium" or "mono".
        max_lines: Of text; 0: as many as needed, otherwise the last one ends with an ellipsis. A field of
            several lines grows to so many, and scrolls then.
        text_align: "start", "center" or "end".
    """

    width: float | None = None
    height: float | None = None
    grow: float = 0.0
    padding: tuple[float, float, float, float] = (0, 0, 0, 0)
    gap: float = 0.0
    align: str = "stretch"
    justify: str = "start"
    background: str = ""
    radius: float = 0.0
    border: str = ""
    elevation: int = 0
    color: str = "on_surface"
    size: float = 14.0
    weight: str = "regular"
    max_lines: int = 0
    text_align: str = "start"
    bar: str = ""


PLAIN = Style()
STYLES = Interned(Style, 5_000)


class View(NamedTuple):
    """One view; use the builders of `widgets`.

    Thirty fields are the most: CPython makes a tuple of more by way of a list, which takes a quarter longer.

    Attributes:
        kind: "box", "label", "button", "icon", "image", "field", "switch", "checkbox", "radio", "slider",
            "scroll", "divider" or "progress".
        id: Resource entry name; unique in its screen where it keeps state or anchors a menu.
        text: What it shows.
        description: What it is called where it shows no text.
        hint: What a field shows while it is empty.
        icon: Name of an icon.
        children: Views inside.
        direction: How children are laid out: "row", "column", "stack" or "grid".
        columns: Of a grid.
        style: See `Style`.
        on_tap: What a tap does.
        on_long_press: What holding it does.
        on_change: Field: called with the text after every edit; switch, checkbox, radio: with the new bool;
            slider: with the new value.
        on_submit: Single-line field: called with the text by Enter.
        checked: None where it cannot be checked.
        selected: Drawn and reported as chosen.
        enabled: Otherwise it takes taps and does nothing.
        value: Of a slider or progress.
        minimum: Of the value.
        maximum: Of the value.
        initial: Text of a field that was never edited.
        multiline: Enter adds a line.
        password: Drawn as dots.
        keyboard: "text", "number" or "phone"; what cannot be in a number is not typed.
        picture: Image: uint8[h, w, 3 or 4], or the name of a drawing function of `paint`.
        on_double_tap: What a second tap right after the first does; without it, what the first did.
        role: What it is to an accessibility service of the desktop where its kind does not tell, as
            "menu-item" or "table-cell".
        on_pointer: What a mouse does anywhere in it, in place of taps; see `PointerEvent`.
        is_static: Promises that neither it nor what is inside has state: no fields, no scrolls, no focus.
            The same view object in the same place is laid out once, so large tables keep their rows.
        line_numbers: Field of several lines: the number of each line is drawn in its left padding.
    """

    kind: str
    id: str = ""
    text: str = ""
    description: str = ""
    hint: str = ""
    icon: str = ""
    children: tuple[View, ...] = ()
    direction: str = "column"
    columns: int = 0
    style: Style = PLAIN
    on_tap: Handler | None = None
    on_long_press: Handler | None = None
    on_change: Callable[[Any], object] | None = None
    on_submit: Callable[[str], object] | None = None
    checked: bool | None = None
    selected: bool = False
    enabled: bool = True
    value: float = 0.0
    minimum: float = 0.0
    maximum: float = 1.0
    initial: str = ""
    multiline: bool = False
    password: bool = False
    keyboard: str = "text"
    picture: Any = None
    on_double_tap: Handler | None = None
    role: str = ""
    on_pointer: Callable[[PointerEvent], object] | None = None
    is_static: bool = False
    line_numbers: bool = False


class PointerEvent(NamedTuple):
    """What a mouse did in a view.

    Attributes:
        kind: "click", "drag" (again at every move with the button held), "menu" (the right button) or
            "wheel".
        x: Of the pointer, in pixels from the view's left.
        y: From its top.
        from_x: Of a drag, where it began; otherwise as `x`.
        from_y: Likewise.
        count: Of a click: 1, and 2 or 3 for those that follow at once.
        across: Of a wheel: pixels towards the right.
        down: Of a wheel: pixels downwards.
    """

    kind: str
    x: int
    y: int
    from_x: int
    from_y: int
    count: int = 1
    across: int = 0
    down: int = 0


def takes_tap(view: View) -> bool:
    """Whether a tap on the view does something of its own, or would if the view were enabled."""
    if view.on_tap is not None or view.kind == "field":
        return True
    return view.on_change is not None and view.kind in ("switch", "checkbox", "radio", "slider")


def find(view: View, id: str) -> View | None:
    """The first view of that id in a tree, in the order of drawing, or None."""
    if view.id == id:
        return view
    for child in view.children:
        if child.id == id:
            return child
        if child.children and (found := find(child, id)) is not None:
            return found
    return None
