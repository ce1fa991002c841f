"""A window under fingers: what they do beyond taps."""

from __future__ import annotations

from step_gym.envs.machine.layers import EditMenu
from step_gym.envs.machine.tree import hit
from step_gym.envs.machine.views import takes_tap
from step_gym.envs.machine.window import Window

SLOP = 8.0  # dp that a finger may move and still tap
LONG_PRESS_MS = 500


class TouchWindow(Window):
    """A window of a machine with a touch screen."""

    def double_tap(self, x: float, y: float) -> bool:
        """Tap twice; in a field this selects a word."""
        took = self.tap(x, y)
        if took:
            path = hit(self.placed(), x, y, takes_tap)
            if path and path[-1].view.kind == "field" and path[-1].view.enabled:
                self._select_word(path[-1], x, y)
                return True
        return self.tap(x, y) or took

    def long_press(self, x: float, y: float) -> bool:
        """Hold a point: the topmost view there does what it does for that.

        In a field a word is selected, and a menu offers cut, copy and paste; elsewhere it is a tap.
        """
        self._before_input()
        if self._outside(x, y):
            return True
        path = hit(self.placed(), x, y, lambda v: v.on_long_press is not None or takes_tap(v))
        if not path:
            return False
        view = path[-1].view
        if view.enabled and view.on_long_press is not None:
            self._call(view.on_long_press)
            return True
        if view.enabled and view.kind == "field":
            self._select_word(path[-1], x, y)
            self.menu(EditMenu(view.id), view.id)
            return True
        return self.tap(x, y)

    def swipe(self, x1: float, y1: float, x2: float, y2: float, ms: int = 300) -> bool:
        """Move a finger: it drags a slider, or scrolls what is under it.

        One that hardly moves is a tap or, when it lasts half a second, a long press.
        """
        if max(abs(x2 - x1), abs(y2 - y1)) <= SLOP * self.scale:
            return self.long_press(x1, y1) if ms >= LONG_PRESS_MS else self.tap(x1, y1)
        self._before_input()
        path = hit(self.placed(), x1, y1, lambda v: v.kind == "slider" and v.on_change is not None)
        if path and abs(x2 - x1) >= abs(y2 - y1):
            if path[-1].view.enabled:
                self._slide(path[-1], x2)
            return True
        horizontal = abs(x2 - x1) > abs(y2 - y1)
        return self._scroll(x1, y1, round(x1 - x2 if horizontal else y1 - y2), horizontal)
