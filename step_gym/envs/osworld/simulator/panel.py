"""The panel at the bottom of the desktop: button of the launcher, windows, indicators and clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, row, spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_WIDEST = 200  # pixels of a window's button


@dataclass(frozen=True, slots=True)
class PanelScreen:
    """The panel."""

    def build(self, ui: ProgramWindow) -> View:
        """From left to right: launcher, windows in the order of opening, indicators, clock."""
        machine = ui.machine
        is_24h = machine.settings.get("org.gnome.desktop.interface", "clock-format") != "12h"
        windows = sorted(machine.manager.order, key=lambda window: window.id)
        buttons = tuple(
            (w.id, w.program.icon, w.program.color, w.title, machine.manager.active == w.id, w.is_minimised)
            for w in windows
        )
        minute = machine.clock.now_ns // SECOND // 60
        return kept(_bar, machine.shell.launcher_is_open, buttons, ui.bounds.width, *_told(minute, is_24h))

    def popup(self, ui: ProgramWindow, name: str) -> Sequence[Item]:
        """What a right click on a window's button offers; `name` is the window's id."""
        machine, id = ui.machine, int(name)
        window = machine.window(id)
        if window is None:
            return ()
        is_big = window.is_maximised
        return (
            Item("Restore" if is_big else "Maximize", on_tap=lambda: machine.toggle_maximised(id)),
            Item("Minimize", on_tap=lambda: machine.minimise(id), enabled=not window.is_minimised),
            Item("Close", on_tap=lambda: machine.close(id)),
        )


@lru_cache(maxsize=64)
def _told(minute: int, is_24h: bool) -> tuple[str, str]:
    """Time and date."""
    now = datetime.fromtimestamp(minute * 60, UTC)
    time = f"{now:%H:%M}" if is_24h else f"{now.hour % 12 or 12}:{now:%M %p}"
    return time, f"{now:%a} {now.day} {now:%b}"


def _bar(
    ui: ProgramWindow,
    is_open: bool,
    buttons: tuple[tuple[int, str, str, str, bool, bool], ...],
    room: int,
    time: str,
    date: str,
) -> View:
    width = min(_WIDEST, (room - 420) // max(len(buttons), 1))
    return row(
        kept(_launcher, is_open),
        *(kept(_window_button, *button, width) for button in buttons),
        spacer(),
        kept(_indicators),
        kept(_clock, time, date),
        background="surface_container",
        padding=(6, 0),
        gap=4,
    )


def _launcher(ui: ProgramWindow, is_open: bool) -> View:
    return View(
        "button",
        "launcher",
        "Applications",
        icon="apps",
        style=_LAUNCHER_ON if is_open else _LAUNCHER,
        on_tap=lambda: ui.machine.shell.toggle_launcher(),
    )


def _indicators(ui: ProgramWindow) -> View:
    return box(
        "row",
        [View("icon", icon=name, description=text, style=_INDICATOR) for name, text in _INDICATORS],
        gap=10,
        padding=(8, 0),
        align="center",
    )


def _clock(ui: ProgramWindow, time: str, date: str) -> View:
    return box(
        "column",
        (View("label", "clock", time, style=_CLOCK), View("label", "date", date, style=_DATE)),
        padding=(8, 0),
    )


def _window_button(
    ui: ProgramWindow,
    id: int,
    icon: str,
    color: str,
    title: str,
    is_active: bool,
    is_minimised: bool,
    width: float,
) -> View:
    def toggle() -> None:
        if is_active:
            ui.machine.minimise(id)
        else:
            ui.machine.activate(id)

    def menu() -> None:
        ui.popup(str(id), anchor=f"window:{id}")

    return row(
        widgets.app_tile(icon, color, 20),
        View("label", "", title, style=_TITLE_OFF if is_minimised else _TITLE),
        id=f"window:{id}",
        width=width,
        height=34,
        padding=(8, 0),
        gap=8,
        radius=7,
        background="secondary_container" if is_active else "",
        description=title,
        selected=is_active,
        on_tap=toggle,
        on_long_press=menu,
    )._replace(role="toggle-button", checked=is_active)


_INDICATORS = (("wifi", "Wi-Fi"), ("sound", "Sound"), ("battery_full", "Battery"))
_LAUNCHER = Style(height=34, padding=(10, 0, 14, 0), radius=7, size=13, weight="medium", color="primary")
_LAUNCHER_ON = _LAUNCHER._replace(background="secondary_container")
_INDICATOR = Style(width=18, height=18, size=18, color="on_surface_variant")
_TITLE = Style(grow=1, size=13, max_lines=1)
_TITLE_OFF = _TITLE._replace(color="outline")
_CLOCK = Style(size=13, weight="medium", text_align="end", max_lines=1)
_DATE = Style(size=11, color="on_surface_variant", text_align="end", max_lines=1)
