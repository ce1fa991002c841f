"""What layout makes of a tree of views: the same tree with a place for each view, in pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from step_gym.envs.machine.interned import Interned
from step_gym.envs.machine.text_editing import TextState, edit_end
from step_gym.envs.machine.views import View

if TYPE_CHECKING:
    from step_gym.envs.machine.raster import Operation


class Box(NamedTuple):
    """A rectangle in pixels; right and bottom lie outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[int, int]:
        """The pixel in the middle."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def is_empty(self) -> bool:
        """Whether it holds no pixel."""
        return self.left >= self.right or self.top >= self.bottom

    def contains(self, x: float, y: float) -> bool:
        """Whether a point lies in it."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def intersect(self, other: Box) -> Box:
        """What both hold; possibly empty."""
        left, top, right, bottom = self
        other_left, other_top, other_right, other_bottom = other
        if left >= other_left and top >= other_top and right <= other_right and bottom <= other_bottom:
            return self
        return BOXES[
            max(left, other_left), max(top, other_top), min(right, other_right), min(bottom, other_bottom)
        ]


BOXES = Interned(Box, 20_000)


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a screen's views remember: texts of fields, offsets of scrolls in pixels, the focus."""

    texts: Mapping[str, TextState] = field(default_factory=dict)
    scrolls: Mapping[str, int] = field(default_factory=dict)
    focus: str = ""


class Look:
    """Stands for how a view looks in its place: the same object, the same picture and description.

    Attributes:
        operations: What draws it, without its shadow; None until that is found.
        description: What an accessibility service is told of it, likewise.
    """

    __slots__ = ("description", "operations")

    def __init__(self) -> None:
        self.operations: list[Operation] | None = None
        self.description: str | None = None


class Placed(NamedTuple):
    """A view with its place.

    Attributes:
        view: What it is.
        box: Where it is, in pixels of the display.
        clip: The part of the box that its parents leave visible; only what is inside is drawn and tapped.
        children: The views inside, back to front. A scroll has only those that can be seen.
        lines: The lines of its text as drawn.
        content: The box without its padding; of a label, button or single-line field only the lines' height
            of it. Text starts at its top left, in a button behind the icon; a field's is clipped to it.
        state: Of a field, its text with cursor and selection.
        focused: Whether it has the focus.
        offset: How far its content is scrolled, in pixels: to the left in a horizontal scroll and in a
            single-line field, otherwise upwards.
        extent: The whole length of what a scroll or multi-line field holds, in pixels.
        scale: Pixels in a dp.
        look: Of views that are kept from one layout to the next; None where nothing is known.
    """

    view: View
    box: Box
    clip: Box
    children: tuple[Placed, ...]
    lines: tuple[str, ...]
    content: Box
    state: TextState | None
    focused: bool
    offset: int
    extent: int
    scale: float
    look: Look | None = None

    @property
    def text_px(self) -> int:
        """Size of its text in pixels."""
        return round(self.view.style.size * self.scale)


def field_state(view: View, state: ViewState) -> TextState:
    """What a field holds: what was typed, or what it began with."""
    found = state.texts.get(view.id)
    return edit_end(view.initial) if found is None else found


def displayed(view: View, text: str) -> str:
    """A field's text as drawn."""
    return "•" * len(text) if view.password else text
