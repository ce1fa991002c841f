"""The simulated desktop: a computer with windows, a panel and programs. What they and clients ask is here."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from posixpath import basename, splitext
from typing import Any
from urllib.parse import unquote

import numpy as np

from step_gym.envs.machine.clock import SECOND, Clock
from step_gym.envs.machine.files import FileSystem
from step_gym.envs.machine.paint import Painter
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.settings import Settings
from step_gym.envs.osworld.elements import Runs
from step_gym.envs.osworld.simulator.accessibility import AccessibilityTree
from step_gym.envs.osworld.simulator.keyboard import Keyboard
from step_gym.envs.osworld.simulator.mouse import Mouse
from step_gym.envs.osworld.simulator.picture_files import picture_of
from step_gym.envs.osworld.simulator.program import Program
from step_gym.envs.osworld.simulator.programs import PROGRAMS
from step_gym.envs.osworld.simulator.shell_windows import PANEL_HEIGHT, ShellWindows
from step_gym.envs.osworld.simulator.window_manager import ManagedWindow, WindowFrame, WindowManager

HOME = "/home/user"
# 2024-05-17 09:30:00 UTC, a Friday.
START_NS = 1_715_938_200 * SECOND
_FOLDERS = ("Desktop", "Documents", "Downloads", "Music", "Pictures", "Public", "Templates", "Videos")
_SYSTEM_FOLDERS = ("/tmp", "/dev", "/etc", "/usr/bin", "/var/log", "/mnt", "/media/user", "/opt")
_MINUTE = 60 * SECOND
_SETTINGS = {
    "org.gnome.desktop.background": {"picture-uri": "", "picture-options": "zoom"},
    "org.gnome.desktop.interface": {"clock-format": "24h", "clock-show-date": "true"},
}


@dataclass(frozen=True, slots=True)
class DesktopSnapshot:
    """The whole state of a desktop at one moment, picklable; it shares what did not change."""

    clock: Any
    files: Any
    settings: Any
    clipboard: str
    windows: Any
    shell: Any
    mouse: Any
    keyboard: Any


class Desktop:
    """A computer that is switched on and shows its desktop.

    Whoever uses it from several threads takes `lock` first.

    Args:
        width: Of the screen, in pixels.
        height: Likewise.
        programs: What is installed.

    Attributes:
        width: As given.
        height: As given.
        programs: By name.
        work_area: The screen without the panel.
        clock: The virtual clock; input lets it go on a little, `clock.advance` the rest.
        files: Its files; the user's home is /home/user.
        settings: Texts by schema and key, as gsettings has them.
        clipboard: The text that was copied last.
        manager: The windows.
        mouse: The pointer.
        keyboard: The keys.
        lock: For threads.
    """

    def __init__(self, width: int = 1920, height: int = 1080, programs: Iterable[Program] = PROGRAMS) -> None:
        self.width, self.height = width, height
        self.lock = threading.RLock()
        self.programs = {program.name: program for program in programs}
        self.work_area = Box(0, 0, width, height - PANEL_HEIGHT)
        self.clock = Clock(START_NS)
        self.files = FileSystem(self.clock)
        values: dict[str, dict[str, str]] = {name: dict(texts) for name, texts in _SETTINGS.items()}
        for program in self.programs.values():
            for namespace, texts in program.settings.items():
                values[namespace] = {**values.get(namespace, {}), **texts}
        self.settings = Settings(values, values)
        self.clipboard = ""
        for path in (*(f"{HOME}/{name}" for name in _FOLDERS), *_SYSTEM_FOLDERS):
            self.files.make_directory(path, parents=True)
        self.files.make_device("/dev/null")
        self.manager = WindowManager(self)
        self.shell = ShellWindows(self)
        self.mouse = Mouse(self)
        self.keyboard = Keyboard(self)
        self._painter: Painter | None = None
        self._accessibility = AccessibilityTree(self)
        self._seen: tuple[Any, Any, str, int] = (None, None, "", 0)
        for program in self.programs.values():
            if program.prepare is not None:
                program.prepare(self)

    # Programs

    def find_program(self, name: str) -> Program | None:
        """The program of a name or command; a path counts by its last part."""
        name = basename(name)
        for program in self.programs.values():
            if name == program.name or name in program.commands:
                return program
        return None

    def launch(self, name: str, arguments: tuple[str, ...] = ()) -> int | None:
        """Start a program, or show its window where it has only one.

        Returns:
            The id of the window, or None where there is no such program, or no room for one more window.
        """
        program = self.find_program(name)
        if program is None:
            return None
        if program.single:
            for window in self.manager.order:
                receive = getattr(window.layers[0].screen, "on_arguments", None)
                if window.program is program and receive is not None:
                    self.manager.activate(window.id)
                    if arguments:
                        while window.top.kind != "screen":  # a dialog counts as cancelled
                            window.close()
                        receive(window, arguments)
                        window.invalidate()
                    return window.id
        made = self.manager.open(program, program.open(self, tuple(arguments)))
        return None if made is None else made.id

    def program_for(self, path: str) -> Program | None:
        """What opens a file, by its extension ("/" for a folder); a file that is text, what opens ".txt"."""
        extension = "/" if self.files.is_dir(path) else splitext(path)[1].lower()
        for wanted in (extension, ".txt"):
            for program in self.programs.values():
                if wanted in program.extensions:
                    return program
            if wanted == "/" or not self._is_text(path):
                return None
        return None

    def _is_text(self, path: str) -> bool:
        try:
            self.files.read(path).decode()
        except (OSError, UnicodeDecodeError):
            return False
        return True

    def open_file(self, path: str) -> int | None:
        """Open a file or folder with its program; the window's id, or None where nothing opens it."""
        program = self.program_for(path) if self.files.exists(path) else None
        return None if program is None else self.launch(program.name, (path,))

    # Windows

    @property
    def windows(self) -> tuple[WindowFrame, ...]:
        """All windows, the one in front last."""
        return tuple(window.frame() for window in self.manager.order)

    @property
    def active_window(self) -> WindowFrame | None:
        """The window that keys go to."""
        window = self.manager.focused
        return None if window is None else window.frame()

    def window(self, id: int) -> ManagedWindow | None:
        """The window of an id, with its screens: what these get as `ui`."""
        return self.manager.get(id)

    def activate(self, id: int) -> None:
        """Show a window in front and give it the focus."""
        self.manager.activate(id)

    def close(self, id: int) -> bool:
        """Close a window as its button does; False where its screen asks something first."""
        window = self.manager.get(id)
        if window is None:
            return False
        window.close_menus()
        if window.top.kind == "dialog":  # which has to be answered first
            self.manager.activate(id)
            return False
        on_close = getattr(window.screen, "on_close", None)
        if on_close is not None and not on_close(window):
            window.invalidate()
            self.manager.activate(id)
            return False
        self.remove(id)
        return True

    def remove(self, id: int) -> None:
        """Close a window without asking."""
        self.manager.remove(id)

    def minimise(self, id: int) -> None:
        """Hide a window; the panel still has it."""
        self.manager.minimise(id)

    def maximise(self, id: int) -> None:
        """Have a window fill the screen beside the panel."""
        self.manager.set_maximised(id, True)

    def restore_window(self, id: int) -> None:
        """Have a maximised window lie where it lay before."""
        self.manager.set_maximised(id, False)

    def toggle_maximised(self, id: int) -> None:
        """What the button in the title bar does."""
        window = self.manager.get(id)
        if window is not None:
            self.manager.set_maximised(id, not window.is_maximised)

    def move(self, id: int, left: int, top: int) -> None:
        """Put a window's top left corner somewhere."""
        window = self.manager.get(id)
        if window is not None:
            self.manager.place(id, left, top, window.box.width, window.box.height)

    def resize(self, id: int, width: int, height: int) -> None:
        """Give a window an outer size."""
        window = self.manager.get(id)
        if window is not None:
            self.manager.place(id, window.box.left, window.box.top, width, height)

    def show_desktop(self) -> None:
        """Hide all windows, or show them again where all are hidden."""
        hidden = not self.manager.shown
        for window in list(self.manager.order):
            if hidden:
                self.manager.activate(window.id)
            else:
                self.manager.minimise(window.id)

    @property
    def wallpaper(self) -> Any:
        """The picture behind the icons, as an image view takes it: the file in the settings, or our own."""
        picture = picture_of(self.files, self.wallpaper_path)
        return "desktop_wallpaper" if picture is None else picture

    @property
    def wallpaper_path(self) -> str:
        """The image file that the settings name for the background, empty for none."""
        uri = self.settings.get("org.gnome.desktop.background", "picture-uri") or ""
        return unquote(uri.strip("'").removeprefix("file://"))

    # Input

    @property
    def pointer(self) -> tuple[int, int]:
        """Where the pointer is."""
        return self.mouse.state.x, self.mouse.state.y

    @property
    def modifiers(self) -> tuple[str, ...]:
        """Which of "ctrl", "shift", "alt" and "super" are held."""
        return self.keyboard.modifiers

    # What is seen

    def roots(self) -> tuple[Placed, ...]:
        """All that is drawn, back to front."""
        self.refresh()
        # What pops up from the wallpaper and its icons lies above the windows.
        wallpaper, *above = self.shell.desktop.roots()
        roots = [wallpaper]
        for window in self.manager.shown:
            roots.append(window.decoration(window.id == self.manager.active))
            roots.extend(window.roots())
        roots.extend(above)
        roots.extend(self.shell.roots())
        roots.append(self.mouse.arrow())
        return tuple(roots)

    def screenshot(self) -> np.ndarray:
        """The screen with the pointer: a fresh uint8[height, width, 3]."""
        return self.draw().pixels.copy()

    def draw(self) -> Painter:
        """The painter with what is shown now; its pixels and version serve until the next call."""
        if self._painter is None:
            self._painter = Painter(self.width, self.height)
        self._painter.draw(self.roots())
        return self._painter

    def accessibility(self) -> str:
        """The accessibility tree of all applications, as XML."""
        self.refresh()
        return self._accessibility.xml()

    def accessibility_runs(self) -> Runs:
        """The same in runs of parts, one a window."""
        self.refresh()
        return self._accessibility.runs()

    def refresh(self) -> None:
        """Have screens built anew where anything that they may read has changed."""
        self.notice_changes()
        self.shell.update()

    def notice_changes(self) -> None:
        """The same for what is no window: files, settings, the clipboard, and the time to the minute."""
        files, settings, clipboard, minute = self._seen
        now_files, now_settings = self.files.snapshot(), self.settings.snapshot()
        now_minute = self.clock.now_ns // _MINUTE
        if (
            now_files is not files
            or now_settings is not settings
            or now_minute != minute
            or self.clipboard != clipboard
        ):
            self._seen = (now_files, now_settings, self.clipboard, now_minute)
            for window in (*self.manager.order, *self.shell.windows):
                window.invalidate()

    # State

    def snapshot(self) -> DesktopSnapshot:
        """The whole state."""
        return DesktopSnapshot(
            self.clock.snapshot(),
            self.files.snapshot(),
            self.settings.snapshot(),
            self.clipboard,
            self.manager.snapshot(),
            self.shell.snapshot(),
            self.mouse.state,
            self.keyboard.state,
        )

    def restore(self, snapshot: DesktopSnapshot) -> None:
        """Go back to a snapshot of a desktop with the same programs and size."""
        self.clock.restore(snapshot.clock)
        self.files.restore(snapshot.files)
        self.settings.restore(snapshot.settings)
        self.clipboard = snapshot.clipboard
        self.manager.restore(snapshot.windows)
        self.shell.restore(snapshot.shell)
        self.mouse.state = snapshot.mouse
        self.keyboard.state = snapshot.keyboard
