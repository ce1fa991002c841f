"""The menu of programs above the panel: a line to search, and what is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, column, grid
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.program import Program

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow


@dataclass(frozen=True, slots=True)
class LauncherScreen:
    """The menu of programs."""

    def build(self, ui: ProgramWindow) -> View:
        """The programs whose names have what was typed, in the order of names."""
        looks = tuple((each.name, each.title, each.icon, each.color) for each in _found(ui))
        return column(
            kept(_search),
            widgets.scroll("programs", kept(_tiles, looks)) if looks else widgets.text("Nothing found"),
            padding=16,
            gap=14,
            background="surface",
            radius=12,
            border="outline_variant",
            elevation=5,
        )

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Escape closes the menu."""
        if name == "Escape":
            ui.machine.shell.close_popups()
            return True
        return False


def _search(ui: ProgramWindow) -> View:
    def start_first(_: str) -> None:
        for program in _found(ui)[:1]:
            _start(ui, program.name)

    return widgets.field("search", "Type to search", name="Search", on_submit=start_first, height=36)


def _found(ui: ProgramWindow) -> list[Program]:
    wanted = ui.text("search").casefold().strip()
    programs = [
        program
        for program in ui.machine.programs.values()
        if program.shown and (wanted in program.title.casefold() or wanted in program.name)
    ]
    # Names that begin with what was typed come first.
    return sorted(programs, key=lambda p: (not p.title.casefold().startswith(wanted), p.title))


def _start(ui: ProgramWindow, name: str) -> None:
    ui.machine.shell.close_popups()
    ui.machine.launch(name)


def _tiles(ui: ProgramWindow, looks: tuple[tuple[str, str, str, str], ...]) -> View:
    return grid(4, *(kept(_tile, *look) for look in looks), gap=8)


def _tile(ui: ProgramWindow, name: str, title: str, icon: str, color: str) -> View:
    return box(
        "column",
        (
            box("row", (widgets.app_tile(icon, color, 48),), justify="center"),
            View("label", "", title, style=_NAME),
        ),
        id=f"program:{name}",
        padding=(4, 12),
        gap=8,
        radius=8,
        description=title,
        on_tap=lambda: _start(ui, name),
    )._replace(role="push-button")


_NAME = Style(size=13, text_align="center", max_lines=2)
