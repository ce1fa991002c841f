"""Looking things up in a laid-out tree: what lies under a point, where a view of some id is."""

from __future__ import annotations

from collections.abc import Callable

from step_gym.envs.machine.placed import Placed
from step_gym.envs.machine.views import View, takes_tap


def hit(root: Placed, x: float, y: float, takes: Callable[[View], bool]) -> tuple[Placed, ...]:
    """The views under a point from the root to the topmost one that takes what happens there.

    A view with a background hides what lies behind it, its own parents excepted: a tap on a label in a
    clickable row goes to the row.

    Returns:
        The path, or nothing where no view takes it.
    """
    return (root.clip.contains(x, y) and _hit(root, x, y, takes)) or ()


def _hit(placed: Placed, x: float, y: float, takes: Callable[[View], bool]) -> tuple[Placed, ...] | None:
    """The path; empty where an opaque view stops it; None where it may go on to what lies behind."""
    below: tuple[Placed, ...] | None = None
    for child in reversed(placed.children):
        left, top, right, bottom = child.clip
        if left <= x < right and top <= y < bottom:
            below = _hit(child, x, y, takes)
            if below is not None:
                break
    if below:
        return (placed, *below)
    if takes(placed.view):
        return (placed,)
    return () if below is not None or placed.view.style.background else None


def walk(root: Placed) -> list[Placed]:
    """All placed views, parents before children."""
    result = [root]
    for child in root.children:
        result.extend(walk(child) if child.children else (child,))
    return result


def focusable(root: Placed) -> list[View]:
    """The views that may have the focus, in reading order."""
    views = [placed.view for placed in walk(root)]
    return [view for view in views if view.id and view.enabled and takes_tap(view) and not view.is_static]


def find_placed(root: Placed, id: str) -> Placed | None:
    """The first placed view of an id, or None."""
    if root.view.id == id:
        return root
    for child in root.children:
        if child.view.id == id:
            return child
        if child.children and (found := find_placed(child, id)) is not None:
            return found
    return None


def path_to(root: Placed, id: str) -> tuple[Placed, ...]:
    """The placed views from the root to the one of an id; nothing where it is not there."""
    if root.view.id == id:
        return (root,)
    for child in root.children:
        if found := path_to(child, id):
            return (root, *found)
    return ()
