"""What lies on the phone's screen: windows of apps and system, and the gestures and keys that reach them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from step_gym.envs.androidworld.simulator import brightness, keys
from step_gym.envs.androidworld.simulator.activities import Activity
from step_gym.envs.androidworld.simulator.hierarchy import dump
from step_gym.envs.androidworld.simulator.system_apps import system_ui
from step_gym.envs.androidworld.simulator.system_apps.keyboard import (
    KEYBOARD_HEIGHT,
    KeyboardScreen,
    keyboard_for,
)
from step_gym.envs.androidworld.simulator.system_apps.system_ui import NavigationBar, ShadeScreen, StatusBar
from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.layers import Layer
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.touch import TouchWindow
from step_gym.envs.machine.tree import hit
from step_gym.envs.machine.views import takes_tap

if TYPE_CHECKING:
    from step_gym.envs.androidworld.simulator.phone import Phone

MILLISECOND = 1_000_000
# What input takes on the phone's clock until the screen has settled; a swipe takes its own duration.
TAP_NS = 200 * MILLISECOND
KEY_NS = 100 * MILLISECOND
CHARACTER_NS = 20 * MILLISECOND
_MINUTE = 60 * SECOND
_BRIGHTNESS_STEP = 0.1  # of the slider's way
_PULL = 24  # dp that a finger must move from the top edge to pull the shade down


@dataclass(frozen=True, slots=True)
class Profile:
    """A screen: its size in pixels and its density in dots per inch."""

    width: int
    height: int
    density: int


PROFILES = {"1080x2400": Profile(1080, 2400, 420), "360x800": Profile(360, 800, 160)}
"""Screens by name: AndroidWorld's Pixel 6, and a small one of about the same size in dp, for training."""


@dataclass(frozen=True, slots=True)
class DisplaySnapshot:
    """The system's windows at one moment.

    Attributes:
        layers: By name of the window: status bar, navigation bar, keyboard, shade; a closed shade has none.
        awake: Whether the screen is on.
        keyboard_hidden: For which field Back has hidden the keyboard: activity and id; None for none.
        finger: Where and when one came down, as `Display.finger`.
    """

    layers: Mapping[str, tuple[Layer, ...]]
    awake: bool
    keyboard_hidden: tuple[int, str] | None
    finger: tuple[float, float, int] | None


class Display:
    """The screen of a phone.

    Args:
        phone: Whose apps it shows.
        profile: Its size.

    Attributes:
        width: In pixels.
        height: In pixels.
        density: Dots per inch.
        scale: Pixels in a dp.
        awake: Whether it is on; while it is off, it is black and takes no touches.
        finger: Where and when (milliseconds since boot) a finger came down that is still there, or None.
    """

    def __init__(self, phone: Phone, profile: Profile) -> None:
        self._phone = phone
        self.width, self.height, self.density = profile.width, profile.height, profile.density
        self.scale = profile.density / 160
        self.awake = True
        self.finger: tuple[float, float, int] | None = None
        self._keyboard_hidden: tuple[int, str] | None = None
        status = round(system_ui.STATUS_BAR_HEIGHT * self.scale)
        app_bottom = self.height - round(system_ui.NAVIGATION_BAR_HEIGHT * self.scale)
        keyboard_top = app_bottom - round(KEYBOARD_HEIGHT * self.scale)
        self._app_bounds = Box(0, status, self.width, app_bottom)
        self._app_bounds_typing = Box(0, status, self.width, keyboard_top)
        bounds = {
            "status": Box(0, 0, self.width, status),
            "navigation": Box(0, app_bottom, self.width, self.height),
            "keyboard": Box(0, keyboard_top, self.width, app_bottom),
            "shade": Box(0, 0, self.width, self.height),
        }
        self._windows = {name: TouchWindow(phone, box, self.scale) for name, box in bounds.items()}
        self._windows["status"].layers = (Layer(StatusBar()),)
        self._windows["navigation"].layers = (Layer(NavigationBar()),)
        self._seen: tuple[Any, ...] = ()
        self._dumped: tuple[Placed, str, bytes] | None = None

    def make_window(self) -> TouchWindow:
        """A window for an activity, between status bar and navigation bar."""
        return TouchWindow(self._phone, self._app_bounds, self.scale)

    def snapshot(self) -> DisplaySnapshot:
        """The state of the system's windows; picklable."""
        layers = {name: window.layers for name, window in self._windows.items()}
        return DisplaySnapshot(layers, self.awake, self._keyboard_hidden, self.finger)

    def restore(self, snapshot: DisplaySnapshot) -> None:
        """Go back to a snapshot."""
        self.awake = snapshot.awake
        self._keyboard_hidden = snapshot.keyboard_hidden
        self.finger = snapshot.finger
        for name, layers in snapshot.layers.items():
            if self._windows[name].layers is not layers:
                self._windows[name].layers = layers

    # What is seen

    @property
    def shade_is_open(self) -> bool:
        """Whether the notification shade covers the screen."""
        return bool(self._windows["shade"].layers)

    def windows(self) -> list[tuple[str, TouchWindow]]:
        """All windows that are seen, back to front, each with the package whose it is."""
        phone = self._phone
        self._refresh()
        visible = _visible(phone)
        result = [(activity.package, phone.activities.window(activity)) for activity in visible]
        top = result[-1][1]
        # The page in front that covers the screen, not a dialog above it, says what the bars look like.
        page = next(layer for layer in reversed(result[0][1].layers) if layer.kind == "screen")
        self._tint(getattr(page.screen, "bar_colors", ("surface", "surface")))
        keyboard = self._keyboard(top)
        for _, window in result:
            window.bounds = self._app_bounds_typing if keyboard and window is top else self._app_bounds
        names = [*(["keyboard"] if keyboard else []), "navigation", "status"]
        names += ["shade"] if self.shade_is_open else []
        return result + [(system_ui.PACKAGE, self._windows[name]) for name in names]

    def focused(self) -> tuple[str, TouchWindow]:
        """The window that keys go to and that an accessibility dump shows, with its package."""
        windows = self.windows()
        if self.shade_is_open:
            return windows[-1]
        top = self._phone.activities.window(self._phone.activities.top)
        return next(pair for pair in windows if pair[1] is top)

    def roots(self) -> tuple[Placed, ...]:
        """All that is drawn, back to front; nothing while the screen is off."""
        if not self.awake:
            return ()
        windows = [window for _, window in self.windows()]
        bars = [self._windows[name] for name in ("navigation", "status")]
        first = windows.index(bars[0])
        roots = [root for window in windows[:first] for root in window.roots()]
        # A dialog dims the bars too, so they lie behind its scrim.
        scrims = [i for i, root in enumerate(roots) if root.view.style.background == "scrim"]
        at = scrims[0] if scrims else len(roots)
        whole = Box(0, 0, self.width, self.height)
        for i in scrims:
            roots[i] = roots[i]._replace(box=whole, clip=whole)
        roots[at:at] = [root for bar in bars for root in bar.roots()]
        return (*roots, *(root for window in windows[first + 2 :] for root in window.roots()))

    def hierarchy(self) -> bytes:
        """The accessibility tree of the window that has the focus, as XML."""
        package, window = self.focused()
        root = window.placed()
        if self._dumped is None or self._dumped[0] is not root or self._dumped[1] != package:
            self._dumped = (root, package, dump(root, package, self.width, self.height).encode())
        return self._dumped[2]

    @property
    def keyboard_shown(self) -> bool:
        """Whether the keyboard is on the screen."""
        return self._keyboard(self._phone.activities.window(self._phone.activities.top))

    def accept(self) -> None:
        """Take the device's files as they are for seen: a dump that was just written changes no screen."""
        self._seen = self._stamp()

    def _refresh(self) -> None:
        """Have screens built anew where anything that they may read has changed."""
        stamp = self._stamp()
        if len(stamp) != len(self._seen) or any(
            new is not old and new != old if isinstance(new, int) else new is not old
            for new, old in zip(stamp, self._seen, strict=True)
        ):
            self._seen = stamp
            # Keyboard and navigation bar read nothing but their own screens.
            system = (self._windows["status"], self._windows["shade"])
            for window in (*self._phone.activities.windows(), *system):
                window.invalidate()

    def _stamp(self) -> tuple[Any, ...]:
        """What screens read, as references to immutable states, and the time.

        Time counts by the minute, or finer where a screen of the window in front has an attribute `ticks_ns`.
        """
        phone = self._phone
        parts = [
            part.snapshot()
            for name, part in phone.parts.items()
            if name not in ("clock", "activities", "display")
        ]
        layers = phone.activities.window(phone.activities.top).layers
        ticks = min((getattr(layer.screen, "ticks_ns", _MINUTE) for layer in layers), default=_MINUTE)
        return (*parts, phone.activities.tasks, phone.clock.now_ns // ticks)

    def _tint(self, colors: tuple[str, str]) -> None:
        """Have status bar and navigation bar go with the screen between them."""
        for name, screen in (("status", StatusBar(colors[0])), ("navigation", NavigationBar(colors[1]))):
            if self._windows[name].layers[0].screen != screen:
                self._windows[name].layers = (Layer(screen),)

    def _keyboard(self, window: TouchWindow) -> bool:
        """Whether the keyboard is shown for a window; if so it is made the one that suits the field."""
        field = window.focused_field
        activity = self._phone.activities.top.id
        if field is None or self._keyboard_hidden == (activity, field.id):
            return False
        keyboard = self._windows["keyboard"]
        page = keyboard.layers[0].screen if keyboard.layers else None
        wanted = keyboard_for(field, page if isinstance(page, KeyboardScreen) else None)
        if wanted != page:
            keyboard.layers = (Layer(wanted),)
        return True

    # The shade

    def open_shade(self, expanded: bool = False) -> None:
        """Draw the notification shade over the screen; `expanded` shows all quick settings."""
        self._windows["shade"].layers = (Layer(ShadeScreen(expanded)),)

    def close_shade(self) -> None:
        """Roll the shade up."""
        if self.shade_is_open:
            self._windows["shade"].layers = ()

    def back(self) -> bool:
        """What Back does to what lies above the apps: True where something took it."""
        shade = self._windows["shade"]
        if self.shade_is_open:
            if not shade.back():
                self.close_shade()
            return True
        return self._hide_keyboard()

    def _hide_keyboard(self) -> bool:
        """Put the keyboard away until the field is touched again; False where there is none."""
        activity = self._phone.activities.top
        field = self._phone.activities.window(activity).focused_field
        if field is None or not self.keyboard_shown:
            return False
        self._keyboard_hidden = (activity.id, field.id)
        return True

    # Input

    def tap(self, x: float, y: float) -> None:
        """Tap a point of the screen."""
        self._touch(x, y, lambda window: window.tap(x, y))
        self._phone.clock.advance(TAP_NS)

    def swipe(self, x1: float, y1: float, x2: float, y2: float, duration_ms: int = 300) -> None:
        """Move a finger; one that stays where it is taps, or holds when it does so for half a second."""
        pulls_shade = y1 < self._app_bounds.top and y2 - y1 > _PULL * self.scale and not self.shade_is_open
        if pulls_shade and self.awake:
            self.open_shade()
        else:
            self._touch(x1, y1, lambda window: self._swipe(window, x1, y1, x2, y2, duration_ms))
        self._phone.clock.advance(duration_ms * MILLISECOND)

    def _touch(self, x: float, y: float, act: Callable[[TouchWindow], bool]) -> None:
        """Give a touch to the foremost window at a point."""
        if not self.awake:
            return
        for _, window in reversed(self.windows()):
            if window.bounds.contains(x, y):
                touched = hit(window.placed(), x, y, takes_tap)
                if touched and touched[-1].view.kind == "field":
                    self._keyboard_hidden = None  # a touch on a field brings the keyboard back
                act(window)
                return

    def _swipe(
        self, window: TouchWindow, x1: float, y1: float, x2: float, y2: float, duration_ms: int
    ) -> bool:
        if window.swipe(x1, y1, x2, y2, duration_ms):
            return True
        horizontal = abs(x2 - x1) > abs(y2 - y1)
        backwards = x2 < x1 if horizontal else y2 < y1
        direction = ("left" if backwards else "right") if horizontal else ("up" if backwards else "down")
        on_swipe = getattr(window.screen, "on_swipe", None)
        return on_swipe is not None and on_swipe(window, direction)

    def move_finger(self, action: str, x: float, y: float) -> None:
        """Put a finger down ("DOWN"), move it ("MOVE"), or take it away ("UP"), which does what it drew."""
        clock = self._phone.clock
        if action == "DOWN":
            self.finger = (x, y, clock.elapsed_ns // MILLISECOND)
        elif action == "UP" and self.finger is not None:
            x1, y1, began = self.finger
            self.finger = None
            self.swipe(x1, y1, x, y, clock.elapsed_ns // MILLISECOND - began)

    def key(self, code: int, held: tuple[int, ...] = ()) -> None:
        """Press a key by its code, with others held."""
        phone = self._phone
        phone.clock.advance(KEY_NS)
        if code in (keys.POWER, keys.SLEEP, keys.WAKEUP):
            self.awake = code == keys.WAKEUP or (code == keys.POWER and not self.awake)
        if not self.awake or code in (keys.POWER, keys.WAKEUP):
            return
        actions: dict[int, Callable[[], None]] = {
            keys.HOME: phone.home,
            keys.BACK: phone.back,
            keys.APP_SWITCH: phone.recents,
            keys.NOTIFICATION: self.open_shade,
            keys.BRIGHTNESS_DOWN: lambda: self._shift_brightness(-_BRIGHTNESS_STEP),
            keys.BRIGHTNESS_UP: lambda: self._shift_brightness(_BRIGHTNESS_STEP),
        }
        if code in actions:
            actions[code]()
            return
        if code == keys.ESCAPE and not self.shade_is_open and self._hide_keyboard():
            return
        window = self.focused()[1]
        modifiers = tuple(dict.fromkeys(keys.MODIFIERS[other] for other in held if other in keys.MODIFIERS))
        if code in keys.CLIPBOARD:
            window.key(keys.CLIPBOARD[code], ("ctrl",))
        elif code in keys.EDITING:
            window.key(keys.EDITING[code], modifiers)
        elif code in keys.CHARACTERS:
            character = keys.CHARACTERS[code]
            window.key(
                keys.SHIFTED.get(character, character) if "shift" in modifiers else character, modifiers
            )

    def type(self, text: str) -> None:
        """Type characters as a keyboard at the device does; where no field has the focus they are lost."""
        self._phone.clock.advance(len(text) * CHARACTER_NS)
        if self.awake:
            self.focused()[1].type(text)

    def type_by_touch(self, character: str) -> None:
        """What a key of the keyboard on the screen types."""
        self._phone.activities.window(self._phone.activities.top).type(character)

    def press_by_touch(self, name: str) -> None:
        """What a key of the keyboard on the screen does: "Enter" or "Backspace"."""
        self._phone.activities.window(self._phone.activities.top).key(name)

    def _shift_brightness(self, by: float) -> None:
        settings = self._phone.settings
        brightness.set_from_slider(settings, min(max(brightness.slider_of(settings) + by, 0.0), 1.0))


def _visible(phone: Phone) -> list[Activity]:
    """The activity in front, and those below it that it lets show through."""
    activities = [activity for task in phone.activities.tasks for activity in task.activities]
    first = len(activities) - 1
    while first > 0 and _is_translucent(phone.activities.window(activities[first])):
        first -= 1
    return activities[first:]


def _is_translucent(window: TouchWindow) -> bool:
    return bool(window.layers) and getattr(window.layers[0].screen, "translucent", False)
