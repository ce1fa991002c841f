"""What a program tells the desktop about itself, and what its screens may have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from step_gym.envs.machine.window import Screen
    from step_gym.envs.osworld.simulator.desktop import Desktop


@dataclass(frozen=True, slots=True)
class Program:
    """One installed program.

    Its screens are frozen, picklable dataclasses with `build(ui) -> View`, where `ui` is the
    `ProgramWindow` and `ui.machine` the `Desktop`. A screen may also have:

    - `title`: str, what the title bar shows; otherwise the program's.
    - `menus(ui) -> Mapping[str, Sequence[Item]]`: the menu bar; `menus.menu_bar(ui, names)` shows it, and the
      shortcuts of its items work.
    - `shortcuts(ui) -> Mapping[str, Handler]`: further keys, as "ctrl+s", "f2", "delete".
    - `popup(ui, name) -> Sequence[Item]`: what `ui.popup(name)` offers: context menus and choices.
    - `on_key(ui, name, modifiers) -> bool`: keys before anything else takes them; characters only while no
      field has the focus. True where it took the key.
    - `on_open(ui)`: once, of the first screen, when the window is there: gives a field the focus, say.
    - `on_close(ui) -> bool`: asked before the window closes; False keeps it, for a question whose answer then
      calls `ui.quit()`.
    - `on_arguments(ui, arguments)`: what the window of a single program does when that is started again; a
      further window of it, as one in which a message is written, has none.
    - `on_back(ui) -> bool`: of a dialog, what Escape does before it closes.

    Attributes:
        name: As "text-editor"; names its application in the accessibility tree.
        title: As "Text Editor".
        icon: Name of an icon, drawn on a square of `color`.
        color: "#rrggbb".
        open: The first screen of a new window, from the arguments: file paths and addresses.
        extensions: Of the files that it opens, as ".txt"; the first program that names one gets it.
        commands: Names under which it is started, beside its own.
        single: Whether a second start shows the window that is there.
        size: Width and height of a new window's content, in pixels.
        settings: What it keeps in the desktop's settings, with first values, by namespace.
        prepare: Makes its first files, when the desktop starts.
        shown: Whether the launcher lists it.
    """

    name: str
    title: str
    icon: str
    color: str
    open: Callable[[Desktop, tuple[str, ...]], Screen]
    extensions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    single: bool = False
    size: tuple[int, int] = (920, 620)
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prepare: Callable[[Desktop], None] | None = None
    shown: bool = True
