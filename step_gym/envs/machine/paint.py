"""The picture of a display, repainted where what it shows has changed.

A painter keeps the operations that made its picture. The next list is compared with them: what is in only one
of the two marks its rectangle, and marked rectangles are painted afresh from the back. Operations that stay
keep their order, so everywhere else the picture is what a full paint would give.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from PIL import Image

from step_gym.envs.machine.display_list import operations
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.raster import Fill, Operation, Region, bands, paint

_MOST_BOXES = 12  # beyond that many, neighbours are joined
_JOIN = 1.15  # two boxes are joined where that makes the area at most this many times larger


class Painter:
    """A display.

    Args:
        width: In pixels.
        height: In pixels.

    Attributes:
        pixels: uint8[height, width, 3], what is shown; changed in place by `draw`.
        version: Counts the pictures; the same number, the same pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.pixels = np.zeros((height, width, 3), np.uint8)
        self.version = 0
        self._box = Box(0, 0, width, height)
        self._canvas = Image.new("RGB", (width, height))
        self._roots: Sequence[Placed] = ()
        self._lists: list[list[Operation]] = []
        self._shown: list[Operation] = []

    def draw(self, roots: Sequence[Placed]) -> list[Box]:
        """Show trees of views, from back to front, on black.

        Returns:
            The rectangles that were painted; everything outside them is as before.
        """
        known = {id(root): made for root, made in zip(self._roots, self._lists, strict=True)}
        lists = [known.get(id(root)) or operations(root, self._box) for root in roots]
        boxes = _merged(_changed_in(self._lists, lists), self._box)
        self._roots, self._lists = tuple(roots), lists
        self._shown = [operation for made in lists for operation in made]
        for box in boxes:
            self._paint(box)
        self.version += bool(boxes)
        return boxes

    def _paint(self, box: Box) -> None:
        left, top, right, bottom = box
        touched = [
            operation
            for operation in self._shown
            if (bounds := operation.bounds)[0] < right
            and bounds[2] > left
            and bounds[1] < bottom
            and bounds[3] > top
        ]
        # Nothing behind the last rectangle that covers the whole box can be seen.
        first = max((i for i, operation in enumerate(touched) if _covers(operation, box)), default=0)
        region = Region(self._canvas, box)
        region.rectangle(box, box, (0, 0, 0))
        for operation in touched[first:]:
            paint(operation, region)
        for band in bands(box):
            self.pixels[band.top : band.bottom, band.left : band.right] = np.asarray(self._canvas.crop(band))


def _covers(operation: Operation, box: Box) -> bool:
    if not isinstance(operation, Fill) or box.intersect(operation.bounds) != box:
        return False
    inset = int(operation.radius)
    left, top, right, bottom = operation.box
    return box.intersect(Box(left, top + inset, right, bottom - inset)) == box


def _changed_in(old: list[list[Operation]], new: list[list[Operation]]) -> list[Box]:
    """Bounds of what differs between two pictures, given as the operations of each of their trees.

    Trees that are in both, as the same lists, and in the same order say nothing; between them operations
    are compared one by one.
    """
    result: list[Box] = []
    i = j = 0
    for kept_i, kept_j in [*_kept(old, new), (len(old), len(new))]:
        result += _changed(_flat(old[i:kept_i]), _flat(new[j:kept_j]))
        i, j = kept_i + 1, kept_j + 1
    return result


def _flat(lists: list[list[Operation]]) -> list[Operation]:
    return [operation for made in lists for operation in made]


def _kept(old: list[list[Operation]], new: list[list[Operation]]) -> list[tuple[int, int]]:
    """Places in both of a longest common subsequence of the same lists."""
    places = {id(made): j for j, made in enumerate(new)}
    pairs = [(i, places[id(made)]) for i, made in enumerate(old) if id(made) in places]
    # The longest increasing run of places in `new`; there are a few dozen trees at most.
    best: list[list[tuple[int, int]]] = []
    for pair in pairs:
        before = max((run for run in best if run[-1][1] < pair[1]), key=len, default=[])
        best.append([*before, pair])
    return max(best, key=len, default=[])


def _changed(old: list[Operation], new: list[Operation]) -> list[Box]:
    """Bounds of the operations that are in only one of two lists, or have changed places in them."""
    start, length = 0, min(len(old), len(new))
    while start < length and old[start] == new[start]:
        start += 1
    end = 0
    while end < length - start and old[-1 - end] == new[-1 - end]:
        end += 1
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    gone, come = Counter(old), Counter(new)
    common = gone & come
    kept_old, left_old = _split(old, common)
    kept_new, left_new = _split(new, common)
    if kept_old != kept_new:
        left_old, left_new = old, new
    return [operation.bounds for operation in (*left_old, *left_new)]


def _split(
    operations: list[Operation], common: Counter[Operation]
) -> tuple[list[Operation], list[Operation]]:
    """The operations counted in `common`, and the others."""
    left = Counter(common)
    kept: list[Operation] = []
    others: list[Operation] = []
    for operation in operations:
        if left[operation] > 0:
            left[operation] -= 1
            kept.append(operation)
        else:
            others.append(operation)
    return kept, others


def _merged(boxes: list[Box], display: Box) -> list[Box]:
    """Few rectangles that cover the given ones and do not cost much more to paint."""
    seen = {box.intersect(display) for box in boxes}
    # A window that comes or goes holds most others.
    largest = max(seen, key=_area, default=display)
    apart = [box for box in seen if not box.is_empty and (box is largest or box.intersect(largest) != box)]
    result: list[Box] = []
    for box in sorted(apart, key=lambda box: (box.top, box)):
        i = 0
        while i < len(result):
            union = _joined(box, result[i])
            if union is None:
                i += 1
            else:
                del result[i]
                box, i = union, 0
        result.append(box)
        if len(result) > _MOST_BOXES:
            best = min(range(len(result) - 1), key=lambda i: _area(_union(result[i], result[i + 1])))
            result[best : best + 2] = [_union(result[best], result[best + 1])]
    return result


def _joined(a: Box, b: Box) -> Box | None:
    """One rectangle around two, where it is not much larger than both."""
    left, top, right, bottom = a
    other_left, other_top, other_right, other_bottom = b
    both = (right - left) * (bottom - top) + (other_right - other_left) * (other_bottom - other_top)
    # Conditions and no min and max: boxes are compared each with each.
    left = left if left < other_left else other_left
    top = top if top < other_top else other_top
    right = right if right > other_right else other_right
    bottom = bottom if bottom > other_bottom else other_bottom
    return Box(left, top, right, bottom) if (right - left) * (bottom - top) <= _JOIN * both else None


def _union(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))


def _area(box: Box) -> int:
    return box.width * box.height
