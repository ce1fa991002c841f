"""The mouse of the desktop: where its pointer is, what its buttons hold, and what clicks and drags do."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.layout import place
from step_gym.envs.machine.placed import Placed, ViewState
from step_gym.envs.machine.tree import hit
from step_gym.envs.machine.views import Style, View, takes_tap
from step_gym.envs.osworld.simulator.kept import acting
from step_gym.envs.osworld.simulator.window_manager import TITLE_HEIGHT, ManagedWindow, edge_at

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

BUTTONS = ("left", "middle", "right")
WHEEL_PIXELS = 48  # that one notch scrolls
_SLOP = 4  # pixels that the pointer may move with a button held and still click
_DOUBLE_NS = SECOND * 4 // 10  # between two clicks that count as one double click
_EVENT_NS = SECOND // 100
_ARROW = ((0, 0), (0, 16.5), (3.9, 13), (6.4, 18.8), (8.9, 17.7), (6.4, 12), (11.7, 12))


class MouseState(NamedTuple):
    """The mouse at one moment.

    Attributes:
        x: Of the pointer, in pixels.
        y: Likewise.
        held: The buttons that are down.
        target: What the left button went down on: an id of a window, 0 for the desktop, -1 for the panel, -2
            for nothing that takes more.
        part: Which part of the window: "title", "content", or the letters of its edges.
        pressed: Where that was.
        offset: From the window's corner to the pointer there, or its size when an edge was taken.
        dragged: Whether the pointer has left the place since.
        clicked: Where and when the last click was, with how many in a row.
    """

    x: int
    y: int
    held: tuple[str, ...] = ()
    target: int = -2
    part: str = ""
    pressed: tuple[int, int] = (0, 0)
    offset: tuple[int, int, int, int] = (0, 0, 0, 0)
    dragged: bool = False
    clicked: tuple[int, int, int, int] = (-1, -1, -1, 0)


class Mouse:
    """The mouse.

    Args:
        desktop: Whose it is.

    Attributes:
        state: All there is to know of it; assign to restore.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.state = MouseState(desktop.width // 2, desktop.height // 2)
        self._arrow: Placed | None = None

    def arrow(self) -> Placed:
        """The pointer as drawn, on top of everything."""
        x, y = self.state.x, self.state.y
        if self._arrow is None or self._arrow.box[:2] != (x, y):
            picture = _pointer()
            width = min(picture.shape[1], self._desktop.width - x)
            height = min(picture.shape[0], self._desktop.height - y)
            view = View("image", picture=picture[:height, :width], style=Style(align="center"))
            if (height, width) == picture.shape[:2]:
                view = view._replace(picture=picture)
            self._arrow = place(view, width, height, 1.0, ViewState(), x, y)
        return self._arrow

    # Moving

    def move(self, x: float, y: float) -> None:
        """Move the pointer; beyond the screen's edge it stops there. With the left button held it drags."""
        desktop, old = self._desktop, self.state
        x = min(max(round(x), 0), desktop.width - 1)
        y = min(max(round(y), 0), desktop.height - 1)
        desktop.clock.advance(_EVENT_NS)
        self.state = state = old._replace(x=x, y=y)
        if "left" not in state.held:
            return
        moved = max(abs(x - state.pressed[0]), abs(y - state.pressed[1])) > _SLOP
        if not (moved or state.dragged):
            return
        self.state = state = state._replace(dragged=True)
        window = desktop.window(state.target) if state.target > 0 else None
        if window is None:
            if state.target == -1 and (surface := desktop.shell.foremost(*state.pressed)):
                surface.drag_to(*state.pressed, x, y)
        elif state.part == "title":
            self._drag_title(window, state)
        elif state.part == "content":
            window.drag_to(*state.pressed, x, y)
        else:
            self._drag_edges(window, state)

    def _drag_title(self, window: ManagedWindow, state: MouseState) -> None:
        if window.is_maximised:
            # It comes off the screen's top with the pointer at the same share of its title.
            share = state.offset[0] / window.outer.width
            self._desktop.restore_window(window.id)
            self.state = state = state._replace(
                offset=(round(share * window.box.width), state.offset[1], 0, 0)
            )
        self._desktop.move(window.id, state.x - state.offset[0], state.y - state.offset[1])

    def _drag_edges(self, window: ManagedWindow, state: MouseState) -> None:
        left, top, right, bottom = state.offset
        dx, dy = state.x - state.pressed[0], state.y - state.pressed[1]
        left, right = left + dx * ("l" in state.part), right + dx * ("r" in state.part)
        top, bottom = top + dy * ("t" in state.part), bottom + dy * ("b" in state.part)
        self._desktop.manager.place(window.id, left, top, right - left, bottom - top)

    # Buttons

    def button(self, name: str, down: bool) -> None:
        """Press or release a button ("left", "middle", "right"); a second press without a release is none."""
        state = self.state
        self._desktop.clock.advance(_EVENT_NS)
        self._desktop.refresh()
        if down and name not in state.held:
            self.state = state._replace(held=(*state.held, name))
            self._press(name)
        elif not down and name in state.held:
            self.state = state._replace(held=tuple(other for other in state.held if other != name))
            self._release(name)

    def click(self, x: float, y: float, button: str = "left", count: int = 1) -> None:
        """Move somewhere and click so many times in a row."""
        self.move(x, y)
        for _ in range(count):
            self.button(button, True)
            self.button(button, False)

    def drag(self, x1: float, y1: float, x2: float, y2: float, button: str = "left") -> None:
        """Press a button at one point and release it at another."""
        self.move(x1, y1)
        self.button(button, True)
        self.move(x2, y2)
        self.button(button, False)

    def wheel(self, dx: float, dy: float) -> None:
        """Turn the wheel by so many notches: up for a positive `dy`, right for a positive `dx`."""
        desktop, (x, y) = self._desktop, self._desktop.pointer
        desktop.clock.advance(_EVENT_NS)
        desktop.refresh()
        target = self._under(x, y)
        window = desktop.window(target) if target > 0 else None
        if target == -1:
            window = desktop.shell.foremost(x, y)
        if window is None:
            return
        for amount, horizontal in ((dx, True), (-dy, False)):
            if amount:
                window.wheel(x, y, round(max(min(amount, 1000), -1000) * WHEEL_PIXELS), horizontal)

    def _under(self, x: int, y: int) -> int:
        """What lies at a point: as `MouseState.target`."""
        desktop = self._desktop
        if desktop.shell.foremost(x, y) is not None:
            return -1
        behind = desktop.shell.desktop
        if behind.top.kind in ("menu", "dialog") and behind.placed().box.contains(x, y):
            return 0
        window = desktop.manager.at(x, y)
        return 0 if window is None else window.id

    def _press(self, name: str) -> None:
        desktop, state = self._desktop, self.state
        x, y = state.x, state.y
        target, part = self._under(x, y), ""
        # An open menu has the pointer to itself: a press beside it closes it, and does no more.
        for window in desktop.manager.shown:
            if window.id != target and window.close_menus():
                target = -2
        if target != 0 and desktop.shell.desktop.close_menus():
            target = -2
        if target != -1 and desktop.shell.close_popups():
            target = -2
        offset = (0, 0, 0, 0)
        if target > 0:
            desktop.activate(target)
            window = desktop.window(target)
            assert window is not None
            part = self._part(window)
            offset = (x - window.outer.left, y - window.outer.top, 0, 0)
            if part not in ("title", "content"):
                offset = window.box
        elif target == 0:
            desktop.manager.active = 0
        if name == "left":
            self.state = state._replace(
                target=target, part=part, pressed=(x, y), offset=tuple(offset), dragged=False
            )
        elif name == "right" and target != -2 and part in ("", "content"):
            self._right_click(target)

    def _part(self, window: ManagedWindow) -> str:
        x, y = self.state.x, self.state.y
        if window.top.kind != "screen" and window.covers(x, y) and window.placed().box.contains(x, y):
            return "content"
        if edges := edge_at(window, x, y):
            return edges
        outer = window.outer
        in_title = outer.contains(x, y) and y < outer.top + TITLE_HEIGHT
        return "title" if in_title else "content"

    def _right_click(self, target: int) -> None:
        x, y = self.state.x, self.state.y
        window = self._desktop.window(target) if target > 0 else None
        if target == -1:
            window = self._desktop.shell.foremost(x, y)
        elif target == 0:
            window = self._desktop.shell.desktop
        if window is not None:
            window.right_click(x, y)

    def _release(self, name: str) -> None:
        state, desktop = self.state, self._desktop
        if name != "left" or state.target == -2:
            return
        self.state = state._replace(target=-2, dragged=False)
        window = desktop.window(state.target) if state.target > 0 else None
        if state.dragged:
            return
        count = self._count()
        x, y = state.x, state.y
        if state.target == -1:
            surface = desktop.shell.foremost(x, y)
            if surface is not None:
                surface.click(x, y, count)
        elif state.target == 0:
            desktop.shell.desktop.click(x, y, count)
        elif window is not None and state.part == "title":
            self._click_title(window, count)
        elif window is not None and state.part == "content":
            window.click(x, y, count)

    def _count(self) -> int:
        """How many clicks in a row this is, which is remembered."""
        x, y, at, count = self.state.clicked
        now = self._desktop.clock.elapsed_ns
        near = max(abs(x - self.state.x), abs(y - self.state.y)) <= _SLOP and now - at <= _DOUBLE_NS
        count = count % 3 + 1 if near and at >= 0 else 1
        self.state = self.state._replace(clicked=(self.state.x, self.state.y, now, count))
        return count

    def _click_title(self, window: ManagedWindow, count: int) -> None:
        x, y = self.state.x, self.state.y
        path = hit(window.decoration(True), x, y, takes_tap)
        if path:
            handler = path[-1].view.on_tap
            if handler is not None:
                with acting(window):
                    handler()
        elif count == 2:
            self._desktop.toggle_maximised(window.id)


@cache
def _pointer() -> np.ndarray:
    """The arrow: uint8[h, w, 4], its tip at the top left."""
    from PIL import Image, ImageDraw

    samples = 8
    image = Image.new("RGBA", (14 * samples, 21 * samples))
    points = [((x + 0.5) * samples, (y + 0.5) * samples) for x, y in _ARROW]
    draw = ImageDraw.Draw(image)
    draw.polygon(points, (30, 30, 30, 255))
    draw.line([*points, points[0], points[1]], (255, 255, 255, 255), samples + 2, "curve")
    pixels = np.asarray(image.resize((14, 21), Image.Resampling.BOX)).copy()
    pixels.setflags(write=False)
    return pixels
