"""What a layout need not place again: shared parts, and rows of the window that look as they did.

Screens are built after every input, but most rows of a list look the same as before and lie in the same
place; comparing costs a fraction of laying them out, drawing and describing them.
"""

from __future__ import annotations

from collections.abc import Callable

from step_gym.envs.machine.parts import PARTS, keep
from step_gym.envs.machine.placed import Box, Look, Placed, ViewState
from step_gym.envs.machine.views import View


class Statics:
    """The rows of a window: where they were placed last, by their ids."""

    def __init__(self) -> None:
        # The placed view, and the clip that it was placed with.
        self._last: dict[str, tuple[Placed, Box]] = {}
        self._now: dict[str, tuple[Placed, Box]] = {}
        self._state = ViewState()

    def begin(self, state: ViewState) -> None:
        """Forget what was not placed since the last call; before a window is laid out.

        Args:
            state: What the views of this layout remember.
        """
        self._state = state
        self._last, self._now = self._now, {}

    def place(
        self,
        afresh: Callable[..., Placed],
        view: View,
        left: int,
        top: int,
        width: int,
        height: int,
        clip: Box,
        scale: float,
    ) -> Placed:
        """The placed view: one that looks as it did in the same place, or what `afresh` gives."""
        part = PARTS.get(id(view))
        if part is None and view.is_static:
            part = keep(view)
        if part is not None:
            held = part.held(self._state) if part.ids else ""
            place = (left, top, width, height, clip, scale, held)
            found = part.places.get(place)
            if found is None:
                found = afresh(view, left, top, width, height, clip, Look())
                part.put(place, found, self._state)
            return found
        if not _is_row(view):
            return afresh(view, left, top, width, height, clip)
        last = self._last.get(view.id)
        if last is not None and last[0].box == (left, top, left + width, top + height) and last[1] == clip:
            found = _renewed(view, last[0], self._state)
            if found is not None:
                self._now[view.id] = last if found is last[0] else (found, clip)
                return found
        found = afresh(view, left, top, width, height, clip, Look())
        self._now[view.id] = (found, clip)
        return found


def _is_row(view: View) -> bool:
    """Whether a view may be a row of a list or menu, which often looks as before though it is a new one."""
    return view.on_tap is not None and view.kind == "box" and view.id != "" and not view.style.elevation


def _renewed(view: View, old: Placed, state: ViewState) -> Placed | None:
    """An old place for a new view; None where it looks or behaves in another way, or has a state."""
    before = old.view
    if view is before and (part := PARTS.get(id(view))) is not None and not part.ids:
        return old
    if (
        view[:6] != before[:6]
        or view[7:10] != before[7:10]
        or view[14:24] != before[14:24]
        or view.picture is not before.picture
        or view.role != before.role
        or len(view.children) != len(before.children)
        or old.focused
        or (view.id and view.id == state.focus)
        or view.kind in ("field", "scroll")
        or _handled(view) != _handled(before)
    ):
        return None
    children = []
    for child, placed in zip(view.children, old.children, strict=True):
        renewed = _renewed(child, placed, state)
        if renewed is None:
            return None
        children.append(renewed)
    return Placed(
        view,
        old.box,
        old.clip,
        tuple(children),
        old.lines,
        old.content,
        None,
        False,
        0,
        0,
        old.scale,
        old.look,
    )


def _handled(view: View) -> tuple[bool, ...]:
    """Which handlers a view has."""
    return (
        view.on_tap is None,
        view.on_long_press is None,
        view.on_change is None,
        view.on_double_tap is None,
        view.on_pointer is None,
    )


# The comparisons above count on these places.
assert View._fields.index("children") == 6 and View._fields.index("on_tap") == 10
assert View._fields.index("checked") == 14 and View._fields.index("picture") == 24
