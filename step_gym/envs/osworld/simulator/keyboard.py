"""The keyboard of the desktop, by pyautogui's names of keys, and the keys that the desktop itself takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from step_gym.envs.machine.clock import SECOND

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_KEY_NS = SECOND // 100
_TYPED = re.compile(r"[\n\r\t]|[^\n\r\t]+")
_MODIFIERS = {
    "ctrl": "ctrl",
    "ctrlleft": "ctrl",
    "ctrlright": "ctrl",
    "control": "ctrl",
    "shift": "shift",
    "shiftleft": "shift",
    "shiftright": "shift",
    "alt": "alt",
    "altleft": "alt",
    "altright": "alt",
    "option": "alt",
    "optionleft": "alt",
    "optionright": "alt",
    "win": "super",
    "winleft": "super",
    "winright": "super",
    "super": "super",
    "command": "super",
}
_NAMES = {
    "enter": "Enter",
    "return": "Enter",
    "\n": "Enter",
    "\r": "Enter",
    "tab": "Tab",
    "\t": "Tab",
    "esc": "Escape",
    "escape": "Escape",
    "backspace": "Backspace",
    "delete": "Delete",
    "del": "Delete",
    "insert": "Insert",
    "left": "Left",
    "right": "Right",
    "up": "Up",
    "down": "Down",
    "home": "Home",
    "end": "End",
    "pageup": "PageUp",
    "pgup": "PageUp",
    "pagedown": "PageDown",
    "pgdn": "PageDown",
    "space": " ",
    "apps": "Menu",
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "decimal": ".",
    **{f"num{i}": str(i) for i in range(10)},
    **{f"f{i}": f"F{i}" for i in range(1, 25)},
}
_SHIFTED = dict(zip("`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?', strict=True))


class KeyboardState(NamedTuple):
    """The keys at one moment.

    Attributes:
        held: Names of the keys that are down.
        alone: Whether nothing was pressed since the super key went down.
        order: The windows' ids as alt+tab found them, the one in front first; empty while alt is up.
        step: How far alt+tab has gone in them.
    """

    held: tuple[str, ...] = ()
    alone: bool = False
    order: tuple[int, ...] = ()
    step: int = 0


class Keyboard:
    """The keyboard.

    Args:
        desktop: Whose it is.

    Attributes:
        state: All there is to know of it; assign to restore.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.state = KeyboardState()

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Which of "ctrl", "shift", "alt" and "super" are held."""
        held = {_MODIFIERS[name] for name in self.state.held if name in _MODIFIERS}
        return tuple(name for name in ("ctrl", "shift", "alt", "super") if name in held)

    def key(self, name: str, down: bool) -> None:
        """Press or release a key by pyautogui's name; unknown ones do nothing, a held one repeats."""
        name = name if len(name) == 1 else name.lower()
        self._desktop.clock.advance(_KEY_NS)
        self._desktop.refresh()
        held = tuple(other for other in self.state.held if other != name)
        modifier = _MODIFIERS.get(name)
        if down:
            self.state = self.state._replace(held=(*held, name), alone=modifier == "super")
            if modifier is None and (len(name) == 1 or name in _NAMES):
                self._press(_NAMES.get(name, name))
            return
        self.state = self.state._replace(held=held)
        if modifier == "super" and self.state.alone:
            self._desktop.shell.toggle_launcher()
        elif modifier == "alt":
            self.state = self.state._replace(order=(), step=0)

    def press(self, name: str) -> None:
        """Press a key and release it."""
        self.key(name, True)
        self.key(name, False)

    def hotkey(self, names: tuple[str, ...]) -> None:
        """Press keys one after the other, and release them the other way round."""
        for name in names:
            self.key(name, True)
        for name in reversed(names):
            self.key(name, False)

    def type(self, text: str) -> None:
        """Type any text; a newline is the key Enter, a tab the key Tab."""
        for part in _TYPED.findall(text.replace("\r\n", "\n")):
            if self.modifiers or part in "\n\r\t":
                for character in part:
                    self.press(character)
            else:
                self._write(part)

    def _write(self, text: str) -> None:
        """Type characters with no modifier held."""
        if not text:
            return
        self._desktop.clock.advance(2 * _KEY_NS * len(text))
        self._desktop.refresh()
        window = self._target()
        at = 0
        while window is not None and at < len(text):
            if window.focused_field is not None and window.top.kind != "menu":
                window.type(text[at:])
                return
            window.key(text[at])
            at += 1
            window = self._target()

    def _target(self) -> ProgramWindow | None:
        """What keys go to."""
        desktop = self._desktop
        return desktop.shell.taking_keys() or desktop.manager.focused or desktop.shell.desktop

    def _press(self, name: str) -> None:
        modifiers = self.modifiers
        if self._system_key(name, modifiers):
            return
        if len(name) == 1 and "shift" in modifiers:
            name = _SHIFTED.get(name, name.upper())
        window = self._target()
        if window is not None:
            window.key(name, modifiers)

    def _system_key(self, name: str, modifiers: tuple[str, ...]) -> bool:
        """What the desktop takes before any window does."""
        desktop, active = self._desktop, self._desktop.manager.active
        match (*modifiers, name):
            case ("alt", "Tab"):
                self._switch(1)
            case ("shift", "alt", "Tab"):
                self._switch(-1)
            case ("alt", "F4"):
                desktop.close(active)
            case ("alt", "F10"):
                desktop.toggle_maximised(active)
            case ("super", "Up"):
                desktop.maximise(active)
            case ("super", "Down"):
                desktop.restore_window(active)
            case ("super", "h"):
                desktop.minimise(active)
            case ("super", "d"):
                desktop.show_desktop()
            case ("super", "e"):
                desktop.open_file("/home/user")
            case ("ctrl", "alt", "t"):
                desktop.launch("terminal")
            case ("alt", "F1") | ("super", "a") | ("super", "s"):
                desktop.shell.toggle_launcher()
            case _:
                return False
        return True

    def _switch(self, step: int) -> None:
        """Show the next window in the order of use; the order is kept while alt is held."""
        desktop, state = self._desktop, self.state
        order = state.order or tuple(window.id for window in reversed(desktop.manager.order))
        if not order:
            return
        at = (state.step + step) % len(order) if desktop.manager.active or state.order else 0
        for id in reversed(order):
            window = desktop.window(id)
            if window is not None and id != order[at] and not window.is_minimised:
                desktop.activate(id)
        desktop.activate(order[at])
        self.state = state._replace(order=order, step=at)
