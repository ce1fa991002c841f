"""Parts of screens that are made, measured and placed once in a process, for all windows that show them.

Screens are built afresh after every input, but a tool bar, an open menu or the row of a file looks the same
in every window and in every episode. Such a part is one view object; what was found out of it is found by
its identity. It may hold fields of one line: it then has a look for each of their texts.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from step_gym.envs.machine.placed import Box, Placed, ViewState
from step_gym.envs.machine.views import View

_MOST_PARTS = 8_000
_MOST_CHARS = 4_000_000  # of texts in them and in their fields, as long as a model likes to type
_MOST_PLACED = 300_000  # views of some 800 bytes; a window that is dragged has a place at each pixel


class Part:
    """A view without scrolls and fields of several lines in it, and what is known of it.

    Attributes:
        view: The view.
        ids: Of the views in it.
        fields: Ids of those that are fields.
        chars: How many there are in its texts.
        size: How many views it consists of.
        places: It, laid out, by left, top, width, height, clip, scale, and what `held` gives.
        widths: What it wants across, in pixels, by scale and room.
        heights: What it then wants down, by scale and width.
    """

    __slots__ = ("chars", "fields", "heights", "ids", "places", "size", "view", "widths")

    def __init__(self, view: View) -> None:
        self.view = view
        inside = list(_walk(view))
        self.size = len(inside)
        self.ids = frozenset([each.id for each in inside if each.id])
        self.fields = tuple([each.id for each in inside if each.kind == "field"])
        self.chars = sum([len(each.text) + len(each.description) + len(each.initial) for each in inside])
        if scrolls := [each.id for each in inside if each.kind == "scroll" or each.multiline]:
            raise ValueError(f"a part holds no view that scrolls, as {scrolls[0]!r} does: put it outside")
        self.places: dict[tuple[int, int, int, int, Box, float, Hashable], Placed] = {}
        self.widths: dict[tuple[float, int], int] = {}
        self.heights: dict[tuple[float, int], int] = {}

    def held(self, state: ViewState) -> Hashable:
        """What in it depends on the state of the screen: who has the focus, and the texts of fields."""
        focus = state.focus if state.focus in self.ids else ""
        return (focus, *map(state.texts.get, self.fields)) if self.fields else focus

    def put(
        self, place: tuple[int, int, int, int, Box, float, Hashable], placed: Placed, state: ViewState
    ) -> None:
        """Remember where it lies in a place; where too much is remembered, all parts go."""
        global _chars, _placed
        _placed += self.size
        _chars += sum([len(state.texts[id].text) for id in self.fields if id in state.texts])
        if _placed > _MOST_PLACED or _chars > _MOST_CHARS:
            _forget()
        self.places[place] = placed


def _walk(view: View) -> Iterator[View]:
    yield view
    for child in view.children:
        yield from _walk(child)


PARTS: dict[int, Part] = {}
"""By the identity of their views, which live as long as they are in here."""

_by_key: dict[Hashable, View] = {}
_chars = _placed = 0


def _forget() -> None:
    """Let all parts go; those that windows still show are views like others from now on."""
    global _chars, _placed
    PARTS.clear()
    _by_key.clear()
    _chars = _placed = 0


def part_of(key: Hashable) -> View | None:
    """The part that is kept under a key."""
    return _by_key.get(key)


def keep(view: View, key: Hashable = None) -> Part:
    """Make a view a part, and with a key find it again under that; when there are too many, all go."""
    global _chars
    part = Part(view)
    if len(PARTS) >= _MOST_PARTS or _chars + part.chars > _MOST_CHARS:
        _forget()
    _chars += part.chars
    if key is not None:
        _by_key[key] = view
    PARTS[id(view)] = part
    return part
