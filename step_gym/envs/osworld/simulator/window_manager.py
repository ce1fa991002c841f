"""The windows of the desktop: frames with a title bar, their order, and how they are moved and sized."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from step_gym.envs.machine.layers import Layer, Screen
from step_gym.envs.machine.layout import place
from step_gym.envs.machine.placed import Box, Placed, ViewState
from step_gym.envs.machine.statics import Statics
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.program import Program
from step_gym.envs.osworld.simulator.program_window import ProgramWindow

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

TITLE_HEIGHT = 38
RESIZE_REACH = 5  # pixels on both sides of an edge that take hold of it
_MINIMUM = (240, 160)
_CASCADE = 36
_VISIBLE = 64  # pixels of a title bar that stay on the screen
MAX_WINDOWS = 50  # whoever opens one after the other must not fill the memory


@dataclass(frozen=True, slots=True)
class WindowFrame:
    """A window at one moment.

    Attributes:
        id: Counts from 1; the X protocol's window number in listings.
        program: Name of the program.
        box: Where it lies with its title bar while it is neither maximised nor minimised.
        is_maximised: Whether it fills the screen beside the panel.
        is_minimised: Whether only the panel shows it.
        title: What its title bar shows.
        layers: The screens in it.
    """

    id: int
    program: str
    box: Box
    is_maximised: bool
    is_minimised: bool
    title: str
    layers: tuple[Layer, ...]

    @property
    def state(self) -> str:
        """One of "normal", "maximised" and "minimised"."""
        return "minimised" if self.is_minimised else "maximised" if self.is_maximised else "normal"


class ManagedWindow(ProgramWindow):
    """A program's window with its frame.

    Attributes:
        program: Whose it is.
        box: Where it lies while it is not maximised.
        is_maximised: Whether it fills the work area.
        is_minimised: Whether it is hidden.
    """

    def __init__(self, machine: Desktop, id: int, program: Program, box: Box) -> None:
        super().__init__(machine, box, id)
        self.program = program
        self.box = box
        self.is_maximised = False
        self.is_minimised = False
        self._decoration: tuple[tuple[object, ...], Placed] | None = None
        self._titled: tuple[tuple[Layer, ...], str] = ((), "")

    @property
    def title(self) -> str:
        """What the title bar shows: the screen's `title`, or the program's."""
        if self._titled[0] is not self.layers:
            screen = next(layer.screen for layer in reversed(self.layers) if layer.kind == "screen")
            self._titled = (self.layers, getattr(screen, "title", "") or self.program.title)
        return self._titled[1]

    @property
    def outer(self) -> Box:
        """Where it lies now, with its title bar."""
        return self.machine.work_area if self.is_maximised else self.box

    def fit(self) -> None:
        """Give the content its place in the frame."""
        left, top, right, bottom = self.outer
        edge = 0 if self.is_maximised else 1
        bounds = Box(left + edge, top + TITLE_HEIGHT, right - edge, bottom - edge)
        is_sized = (bounds.width, bounds.height) != (self.bounds.width, self.bounds.height)
        self.bounds = bounds
        if is_sized:  # what a screen builds may depend on how much room there is
            self.invalidate()

    def frame(self) -> WindowFrame:
        """Its state."""
        return WindowFrame(
            self.id,
            self.program.name,
            self.box,
            self.is_maximised,
            self.is_minimised,
            self.title,
            self.layers,
        )

    def decoration(self, is_active: bool) -> Placed:
        """Title bar and border, laid out."""
        outer, title = self.outer, self.title
        key = (outer, title, is_active, self.is_maximised)
        if self._decoration is None or self._decoration[0] != key:
            look = (self.program.icon, self.program.color)
            view = kept(_decoration, *look, title, is_active, self.is_maximised)
            left, top = outer.left, outer.top
            placed = place(view, outer.width, outer.height, 1.0, ViewState(), left, top, known=Statics())
            self._decoration = (key, placed)
        return self._decoration[1]


def _decoration(
    window: ProgramWindow, icon: str, icon_color: str, title: str, is_active: bool, is_maximised: bool
) -> View:
    color = "on_surface" if is_active else "outline"
    toggle = ("restore", "Restore", "toggle_maximised") if is_maximised else _MAXIMISE
    bar = box(
        "row",
        (
            View("icon", icon=icon, style=_ICON._replace(color=icon_color)),
            View("label", "title", title, style=_TITLE._replace(color=color)),
            kept(_control, "minimize", "Minimize", "minimise", color),
            kept(_control, *toggle, color),
            kept(_control, "close", "Close", "close", color),
        ),
        height=TITLE_HEIGHT,
        padding=(12, 0, 7, 0),
        gap=4,
        align="center",
    )
    # The head reaches behind the content, which hides its lower round corners; only its colour tells whether
    # the window is active, so that little has to be painted for that.
    radius, edge = (0, 0) if is_maximised else (_RADIUS, 1)
    head = box(
        "column",
        (bar,),
        height=TITLE_HEIGHT + radius - edge,
        background="surface_container_high" if is_active else "surface_container_low",
        radius=max(radius - edge, 0),
    )
    return box(
        "column",
        (head,),
        padding=edge,
        background="surface",
        radius=radius,
        border="" if is_maximised else "outline_variant",
        elevation=0 if is_maximised else 4,
    )


def _control(window: ProgramWindow, icon: str, name: str, act: str, color: str) -> View:
    style = _CONTROL._replace(color=color)

    def on_tap() -> None:
        getattr(window.machine, act)(window.id)

    return View("button", act, "", name, icon=icon, style=style, on_tap=on_tap)


_RADIUS = 9
_MAXIMISE = ("maximize", "Maximize", "toggle_maximised")
_ICON = Style(width=18, height=18, size=18)
_TITLE = Style(
    grow=1, height=TITLE_HEIGHT, size=13, weight="medium", max_lines=1, justify="center", padding=(4, 0, 4, 0)
)
_CONTROL = Style(width=28, height=28, size=16, radius=14)


class WindowManager:
    """All windows, back to front.

    Args:
        desktop: Whose they are.

    Attributes:
        order: The windows, the one in front last.
        active: The id of the window that keys go to, 0 for the desktop itself.
        last_id: Of the window that was opened last.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.order: list[ManagedWindow] = []
        self.active = 0
        self.last_id = 0

    def get(self, id: int) -> ManagedWindow | None:
        """The window of an id, or None."""
        return next((window for window in self.order if window.id == id), None)

    @property
    def shown(self) -> list[ManagedWindow]:
        """Those on the screen, back to front."""
        return [window for window in self.order if not window.is_minimised]

    @property
    def focused(self) -> ManagedWindow | None:
        """The window that keys go to."""
        return self.get(self.active) if self.active else None

    def open(self, program: Program, screen: Screen) -> ManagedWindow | None:
        """A new window in front; None, and nothing opens, where there are `MAX_WINDOWS` already."""
        if len(self.order) >= MAX_WINDOWS:
            return None
        area = self._desktop.work_area
        self.last_id += 1
        width = min(program.size[0] + 2, area.width)
        height = min(program.size[1] + TITLE_HEIGHT + 1, area.height)
        shift = _CASCADE * (len(self.order) % 6) - 2 * _CASCADE
        left = area.left + (area.width - width) // 2 + shift
        top = area.top + (area.height - height) // 2 + shift
        left = min(max(left, area.left), area.right - width)
        top = min(max(top, area.top), area.bottom - height)
        window = ManagedWindow(
            self._desktop, self.last_id, program, Box(left, top, left + width, top + height)
        )
        window.layers = (Layer(screen),)
        window.fit()
        self.order.append(window)
        self.active = window.id
        on_open = getattr(screen, "on_open", None)
        if on_open is not None:
            on_open(window)
        return window

    def remove(self, id: int) -> None:
        """Take a window away; the one below gets the focus."""
        self.order = [window for window in self.order if window.id != id]
        if self.active == id:
            self._activate_front()

    def activate(self, id: int) -> None:
        """Show a window in front and give it the focus."""
        window = self.get(id)
        if window is not None:
            window.is_minimised = False
            if self.order[-1] is not window:
                self.order = [*(other for other in self.order if other is not window), window]
            self.active = id

    def minimise(self, id: int) -> None:
        """Hide a window; the one below gets the focus."""
        window = self.get(id)
        if window is not None:
            window.is_minimised = True
            if self.active == id:
                self._activate_front()

    def _activate_front(self) -> None:
        shown = self.shown
        self.active = shown[-1].id if shown else 0

    def set_maximised(self, id: int, is_maximised: bool) -> None:
        """Have a window fill the screen beside the panel, or lie where it lay before."""
        window = self.get(id)
        if window is not None:
            window.is_maximised = is_maximised
            window.fit()

    def place(self, id: int, left: int, top: int, width: int, height: int) -> None:
        """Put a window somewhere at some size; part of its title bar stays on the screen."""
        window, area = self.get(id), self._desktop.work_area
        if window is None:
            return
        width = min(max(width, _MINIMUM[0]), area.width)
        height = min(max(height, _MINIMUM[1]), area.height)
        left = min(max(left, area.left - width + _VISIBLE), area.right - _VISIBLE)
        top = min(max(top, area.top), area.bottom - TITLE_HEIGHT)
        window.box = Box(left, top, left + width, top + height)
        window.fit()

    def at(self, x: float, y: float) -> ManagedWindow | None:
        """The foremost window at a point, its menus and dialogs included."""
        for window in reversed(self.shown):
            if window.outer.contains(x, y) or window.covers(x, y) or edge_at(window, x, y):
                return window
        return None

    def snapshot(self) -> tuple[tuple[WindowFrame, ...], int, int]:
        """Frames back to front, the active one's id, the last id; picklable."""
        for window in self.order:
            window.settle()
        return tuple(window.frame() for window in self.order), self.active, self.last_id

    def restore(self, snapshot: tuple[tuple[WindowFrame, ...], int, int]) -> None:
        """Go back to a snapshot."""
        frames, self.active, self.last_id = snapshot
        known = {window.id: window for window in self.order}
        self.order = []
        for frame in frames:
            window = known.get(frame.id)
            if window is None or window.program.name != frame.program:
                window = ManagedWindow(
                    self._desktop, frame.id, self._desktop.programs[frame.program], frame.box
                )
            window.box = frame.box
            window.is_maximised, window.is_minimised = frame.is_maximised, frame.is_minimised
            bounds = window.bounds
            window.fit()
            if window.layers is not frame.layers or window.bounds != bounds:
                window.layers = frame.layers
            self.order.append(window)


def edge_at(window: ManagedWindow, x: float, y: float) -> str:
    """Which edges of a window a pointer would take hold of: letters of "lrtb", empty for none."""
    if window.is_maximised or window.is_minimised:
        return ""
    left, top, right, bottom = window.box
    near = RESIZE_REACH
    if not (left - near <= x < right + near and top - near <= y < bottom + near):
        return ""
    corner = 3 * near  # corners are easier to catch
    edges = ("l" if x < left + 2 else "r" if x >= right - 2 else "") + (
        "t" if y < top + 2 else "b" if y >= bottom - 2 else ""
    )
    if edges in ("l", "r"):
        edges += "t" if y < top + corner else "b" if y >= bottom - corner else ""
    elif edges in ("t", "b"):
        edges = ("l" if x < left + corner else "r" if x >= right - corner else "") + edges
    return edges
