"""The accessibility tree of the desktop, as OSWorld's server writes it from AT-SPI.

Names of elements, attributes and namespaces are those of `desktop_env/server/main.py` of
github.com/xlang-ai/OSWorld; roles are AT-SPI's. Made from the same placed views as the picture.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import is_
from typing import TYPE_CHECKING

from step_gym.envs.machine.placed import Box, Placed, displayed
from step_gym.envs.machine.views import View, takes_tap
from step_gym.envs.osworld.elements import Runs

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow
    from step_gym.envs.osworld.simulator.window_manager import ManagedWindow

_SPACE = "https://accessibility.ubuntu.example.org/ns/"
_SPACES = {
    "st": "state",
    "attr": "attributes",
    "cp": "component",
    "doc": "document",
    "docattr": "document/attributes",
    "txt": "text",
    "val": "value",
    "act": "action",
}
_ROLES = {
    "label": "label",
    "button": "push-button",
    "icon": "icon",
    "image": "image",
    "field": "entry",
    "switch": "toggle-button",
    "checkbox": "check-box",
    "radio": "radio-button",
    "slider": "slider",
    "scroll": "scroll-pane",
    "progress": "progress-bar",
}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\r": "&#13;"}
_SPECIAL = re.compile("[^ !#-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = "<desktop-frame " + " ".join(f'xmlns:{k}="{_SPACE}{v}"' for k, v in _SPACES.items())
_SHOWN = ' st:enabled="true" st:sensitive="true" st:showing="true" st:visible="true"'
_SHOWN_OFF = ' st:showing="true" st:visible="true"'


@dataclass(slots=True)
class _Written:
    """What was written of a window, and of what; objects that are kept here keep their identities.

    Attributes:
        title: Of the window.
        is_active: Whether keys go to it.
        outer: Where it lies.
        decoration: Its title bar, None where it has none.
        roots: Its layers, laid out.
        layers: The parts of each.
        parts: Those of the whole window.
    """

    title: str
    is_active: bool
    outer: Box
    decoration: Placed | None
    roots: tuple[Placed, ...]
    layers: tuple[list[str], ...]
    parts: tuple[str, ...]


class AccessibilityTree:
    """The tree of a desktop, in parts; what did not change is not written again.

    Args:
        desktop: Whose it is.
    """

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self._windows: dict[int, _Written] = {}
        place = _place(Box(0, 0, desktop.width, desktop.height))
        self._head = (f'{_HEAD} name="main"{_SHOWN}{place}>',)
        self._runs: Runs = ()
        self._xml = ""

    def xml(self) -> str:
        """The whole tree as one text."""
        runs = self.runs()
        if not self._xml:
            self._xml = "".join(chain.from_iterable(runs))
        return self._xml

    def runs(self) -> Runs:
        """The text in parts that begin with a tag, in a run for each window; applications sorted by name."""
        desktop = self._desktop
        shell, launching = desktop.shell, desktop.shell.launcher_is_open
        has_keys = not (desktop.manager.active or launching)
        applications = {"desktop": [self._shell_window("Desktop", shell.desktop, has_keys)]}
        panel = [self._shell_window("Panel", shell.panel, False)]
        if launching:
            panel.append(self._shell_window("Applications", shell.launcher, True))
        applications["panel"] = panel
        for window in desktop.manager.order:
            applications.setdefault(window.program.name, []).append(self._window(window))
        runs: list[tuple[str, ...]] = [self._head]
        for name in sorted(applications):
            runs += (_start(name), *applications[name], _END)
        runs.append(_TAIL)
        if len(runs) != len(self._runs) or not all(map(is_, runs, self._runs)):
            self._runs, self._xml = tuple(runs), ""
        return self._runs

    def _shell_window(self, title: str, window: ProgramWindow, is_active: bool) -> tuple[str, ...]:
        return self._parts_of(window, title, is_active, window.bounds, None)

    def _window(self, window: ManagedWindow) -> tuple[str, ...]:
        is_active = window.id == self._desktop.manager.active and not self._desktop.shell.launcher_is_open
        if window.is_minimised:
            return _minimised(window.title)
        return self._parts_of(window, window.title, is_active, window.outer, window.decoration(is_active))

    def _parts_of(
        self, window: ProgramWindow, title: str, is_active: bool, outer: Box, decoration: Placed | None
    ) -> tuple[str, ...]:
        """The parts of a window; those of layers that are what they were, as they were."""
        roots, old = window.roots(), self._windows.get(window.id)
        if (
            old is not None
            and len(roots) == len(old.roots)
            and all(map(is_, roots, old.roots))
            and decoration is old.decoration
            and (title, is_active, outer) == (old.title, old.is_active, old.outer)
        ):
            return old.parts
        known = {} if old is None else dict(zip(map(id, old.roots), old.layers, strict=True))
        layers = tuple(known.get(id(root)) or _written(root) for root in roots)
        controls = () if decoration is None else decoration.children[0].children[0].children[2:]
        active = ' st:active="true"' if is_active else ""
        resizable = ' st:resizable="true"' if controls else ""
        parts = [f'<frame name="{escape(title)}"{active}{resizable}{_SHOWN}{_place(outer)}>']
        dialogs: list[str] = []
        for root, layer in zip(roots, layers, strict=True):
            is_dialog = root.view.role in ("dialog", "file-chooser")
            (dialogs if is_dialog else parts).extend(layer)
        for control in controls:
            _add(control, parts)
        parts += ["</frame>", *dialogs]
        made = _Written(title, is_active, outer, decoration, roots, layers, tuple(parts))
        self._windows[window.id] = made
        return made.parts


_END = ("</application>",)
_TAIL = ("</desktop-frame>",)


@lru_cache(maxsize=64)
def _start(application: str) -> tuple[str, ...]:
    return (f'<application name="{application}"{_SHOWN_OFF}>',)


@lru_cache(maxsize=64)
def _minimised(title: str) -> tuple[str, ...]:
    return (
        f'<frame name="{escape(title)}" st:enabled="true" st:iconified="true" '
        'st:resizable="true" st:sensitive="true"/>',
    )


def _written(root: Placed) -> list[str]:
    parts: list[str] = []
    _add(root, parts)
    return parts


def _place(box: Box) -> str:
    left, top, right, bottom = box
    return f' cp:screencoord="({left}, {top})" cp:size="({right - left}, {bottom - top})"'


def _add(placed: Placed, parts: list[str], inside: bool = False) -> None:
    """Write a view and those in it; of one that is kept, `inside` says that its text is not known."""
    left, top, right, bottom = placed.clip
    if left >= right or top >= bottom:
        return
    view, children = placed.view, placed.children
    if placed.look is not None and not inside:
        if placed.look.description is None:
            placed.look.description = _text_of(placed)
        if placed.look.description:
            parts.append(placed.look.description)
        return
    kind, role = view.kind, view.role
    if not role:
        if (
            kind == "divider"
            or (kind == "box" and _is_silent(view))
            or (kind in ("icon", "image") and not view.description)
        ):
            for child in children:
                _add(child, parts)
            return
        role = _ROLES.get(kind, "panel")
        if kind == "field":
            role = "password-text" if view.password else "text" if view.multiline else "entry"
    name = view.description or view.text
    if not name and children and takes_tap(view):
        name = _label(placed)
    states = _SHOWN if view.enabled else _SHOWN_OFF
    if takes_tap(view) or kind == "field":
        states += ' st:focusable="true"'
    if placed.focused:
        states += ' st:focused="true"'
    if view.checked:
        states += ' st:checked="true"'
    if view.selected:
        states += ' st:selected="true"'
    text = ""
    if kind == "field":
        states += ' st:editable="true"'
        states += ' st:multi-line="true"' if view.multiline else ' st:single-line="true"'
        name = name or view.hint
        text = displayed(view, placed.state.text) if placed.state else ""
    elif kind in ("slider", "progress"):
        states += f' val:value="{view.value}" val:min="{view.minimum}" val:max="{view.maximum}"'
    elif kind == "label" or role == "combo-box":
        text = view.text
    end = f">{escape(text)}" if text or children else "/>"
    parts.append(
        f'<{role} name="{escape(name)}"{states} cp:screencoord="({left}, {top})" '
        f'cp:size="({right - left}, {bottom - top})"{end}'
    )
    if end == "/>":
        return
    for child in children:
        _add(child, parts)
    parts.append(f"</{role}>")


def _text_of(placed: Placed) -> str:
    parts: list[str] = []
    _add(placed, parts, inside=True)
    return "".join(parts)


def _is_silent(view: View) -> bool:
    """Whether a box only arranges others."""
    return not (view.description or view.on_tap is not None or view.on_long_press is not None)


def _label(placed: Placed) -> str:
    """The texts in a view, one after the other."""
    if placed.view.kind == "label":
        return placed.view.text
    return " ".join(filter(None, map(_label, placed.children)))


def escape(text: str) -> str:
    """Text in XML; what XML 1.0 cannot hold is left out, as the server does with AT-SPI's objects."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match.group(), ""), text)
