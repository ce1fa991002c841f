"""Parts of screens that are made, measured and placed once in a process, for all windows that show them.

Screens are built afresh after every input, but a tool bar, an open menu or the row of a file looks the same
in every window and in every episode. Such a part is one view object; what was found out of it is found by
its identity.
"""

from __future__ import annotations

from collections.abc import Hashable

from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.views import View

_MOST_PARTS = 4_000
_MOST_PLACES = 64  # of one part; a window that is dragged has a place at each pixel


class Part:
    """A view without fields and scrolls in it, and what is known of it.

    Attributes:
        view: The view.
        ids: Of the views in it: where one has the focus, the part does not look as it is remembered.
        places: It, laid out, by left, top, width, height, clip and scale.
        widths: What it wants across, in pixels, by scale and room.
        heights: What it then wants down, by scale and width.
    """

    __slots__ = ("heights", "ids", "places", "view", "widths")

    def __init__(self, view: View) -> None:
        self.view = view
        self.ids = frozenset(_ids(view))
        self.places: dict[tuple[int, int, int, int, Box, float], Placed] = {}
        self.widths: dict[tuple[float, int], int] = {}
        self.heights: dict[tuple[float, int], int] = {}

    def put(self, place: tuple[int, int, int, int, Box, float], placed: Placed) -> None:
        """Remember where it lies in a place."""
        if len(self.places) >= _MOST_PLACES:
            self.places.clear()
            self.widths.clear()
            self.heights.clear()
        self.places[place] = placed


def _ids(view: View) -> set[str]:
    found = {view.id} if view.id else set()
    return found.union(*map(_ids, view.children))


PARTS: dict[int, Part] = {}
"""By the identity of their views, which live as long as they are in here."""

_by_key: dict[Hashable, View] = {}


def part_of(key: Hashable) -> View | None:
    """The part that is kept under a key."""
    return _by_key.get(key)


def keep(view: View, key: Hashable = None) -> Part:
    """Make a view a part, and with a key find it again under that; when there are too many, all go."""
    if len(PARTS) >= _MOST_PARTS:
        PARTS.clear()
        _by_key.clear()
    if key is not None:
        _by_key[key] = view
    part = PARTS[id(view)] = Part(view)
    return part
