"""The simulated desktop as a computer of this process: what OSWorld's server does, without a server."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from step_gym.envs.machine.clock import SECOND
from step_gym.envs.machine.files import Directory, Node
from step_gym.envs.osworld.computer import Call, CommandResult, Refused, run_actions
from step_gym.envs.osworld.elements import Runs
from step_gym.envs.osworld.simulator.command_line import BASH, HOME, SH, CommandLine
from step_gym.envs.osworld.simulator.commands.session import class_of, find_window
from step_gym.envs.osworld.simulator.desktop_python import DesktopPython

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop

EXECUTE_LIMIT_S = 120.0
PYTHON_LIMIT_S = 30.0
_FEW, _SHORT = 20, 1_000  # calls, and characters of an argument, that reach no limit of a program
_WALLPAPER = "org.gnome.desktop.background", "picture-uri"
_VARIABLE = re.compile(r"\$(\w+|\{\w+\})", re.ASCII)


class LocalComputer:
    """A `Computer` over a desktop. Its time is the desktop's clock, so nothing is waited for.

    Whoever uses it from several threads takes `desktop.lock` first.

    Args:
        desktop: The desktop.
    """

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self._python = DesktopPython(desktop, HOME)

    @cached_property
    def _sh(self) -> CommandLine:
        return CommandLine(self.desktop, SH)

    @cached_property
    def _bash(self) -> CommandLine:
        return CommandLine(self.desktop, BASH)

    # Looking

    def screenshot(self) -> np.ndarray:
        """The screen with the pointer painted in, `uint8[height, width, 3]`; changed by the next look."""
        return self.desktop.draw().pixels

    def accessibility(self) -> str:
        """The tree of all applications, as XML."""
        return self.desktop.accessibility()

    def accessibility_runs(self) -> Runs:
        """The same in runs of parts."""
        return self.desktop.accessibility_runs()

    def terminal(self) -> str | None:
        """Text of the terminal whose window is active; None where none is."""
        frame = self.desktop.active_window
        window = None if frame is None else self.desktop.window(frame.id)
        return None if window is None else getattr(window.screen, "terminal_text", None)

    def screen_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.desktop.width, self.desktop.height

    def window_size(self, window_class: str) -> tuple[int, int] | None:
        """Width and height of the first window whose class has that name."""
        for frame in sorted(self.desktop.windows, key=lambda frame: frame.id):
            window = self.desktop.window(frame.id)
            if window is not None and window_class.lower() in class_of(self.desktop, frame).lower().split(
                "."
            ):
                return window.outer.width, window.outer.height
        return None

    def cursor_position(self) -> tuple[int, int]:
        """Where the pointer is."""
        return self.desktop.pointer

    def platform(self) -> str:
        """The operating system."""
        return "Linux"

    def desktop_path(self) -> str:
        """The directory whose files lie on the desktop."""
        return f"{HOME}/Desktop"

    def wallpaper(self) -> bytes | None:
        """The image file of the wallpaper, None where there is none."""
        address = self.desktop.settings.get(*_WALLPAPER) or ""
        return self.file(address.removeprefix("file://")) if address else None

    def directory_tree(self, path: str) -> Mapping[str, Any] | None:
        """Files below a directory, None where no directory is."""
        files = self.desktop.files
        if not path.startswith("/") or not files.is_dir(path):
            return None
        return _tree(posixpath.basename(path), files.node(path))

    def file(self, path: str) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            return self.desktop.files.read(self._expand(path))
        except OSError:
            return None

    # Changing

    def execute(self, command: str | Sequence[str], shell: bool = False) -> CommandResult:
        """Run a command to its end; see `Computer.execute`."""
        words = _words(command, shell)
        if shell:
            return self._timed(words, lambda: self._run_script(self._sh, words[0]))
        if len(words) == 3 and words[0] in ("python", "python3") and words[1] == "-c":
            outcome = self._python.run(words[2], EXECUTE_LIMIT_S)
            if outcome.exhausted:
                raise Refused(_timed_out(words, EXECUTE_LIMIT_S))
            return CommandResult(outcome.output, outcome.traceback, int(bool(outcome.error)))
        if not self._sh.is_program(words[0]):
            raise Refused(f"[Errno 2] No such file or directory: {words[0]!r}")
        return self._timed(words, lambda: self._run_script(self._sh, shlex.join(words)))

    def perform(self, calls: Sequence[Call]) -> CommandResult:
        """Call functions of pyautogui; see `Computer.perform`."""
        if len(calls) > _FEW or any(len(str(value)) > _SHORT for call in calls for value in call.arguments):
            return run_actions(self, "\n".join(map(str, calls)))
        outcome = self._python.perform(calls, EXECUTE_LIMIT_S)
        return CommandResult(outcome.output, outcome.traceback, int(bool(outcome.error)))

    def _timed(self, words: Sequence[str], run: Any) -> CommandResult:
        start = self.desktop.clock.elapsed_ns
        result = run()
        if self.desktop.clock.elapsed_ns - start > EXECUTE_LIMIT_S * SECOND:
            raise Refused(_timed_out(words, EXECUTE_LIMIT_S))
        return result

    def _run_script(self, command_line: CommandLine, script: str) -> CommandResult:
        result = command_line.run(script)
        return CommandResult(result.output, result.error, result.status)

    def run_python(self, code: str) -> CommandResult:
        """Run a Python script; see `Computer.run_python`."""
        if not code:
            raise Refused("Code not supplied!")
        outcome = self._python.run(code, PYTHON_LIMIT_S)
        if outcome.exhausted:
            raise Refused("Execution timeout: Code took too long to execute")
        return CommandResult(outcome.output, outcome.traceback, int(bool(outcome.error)))

    def run_bash_script(
        self, script: str, timeout: float = 100, working_dir: str | None = None
    ) -> CommandResult:
        """Run a Bash script; see `Computer.run_bash_script`."""
        if not script:
            raise Refused("Script not supplied!")
        cwd = HOME if not working_dir else self._expand(working_dir)
        if not self.desktop.files.is_dir(cwd):
            raise Refused(f"Working directory does not exist: {cwd}")
        start = self.desktop.clock.elapsed_ns
        result = self._bash.run(script, cwd)
        if self.desktop.clock.elapsed_ns - start > timeout * SECOND:
            raise Refused(f"Script execution timed out after {timeout:g} seconds")
        return CommandResult(result.merged, "", result.status)

    def launch(self, command: str | Sequence[str], shell: bool = False) -> None:
        """Start a program and leave it running; what does not stay runs to its end."""
        words = _words(command, shell)
        if not shell and not self._sh.is_program(words[0]):
            raise Refused(f"[Errno 2] No such file or directory: {words[0]!r}")
        self._sh.run(words[0] if shell else shlex.join(words))

    def upload(self, path: str, data: bytes) -> None:
        """Write a file, with the directories above it."""
        path = self._expand(path)
        try:
            self.desktop.files.make_directory(posixpath.dirname(path), parents=True)
            self.desktop.files.write(path, data)
        except OSError as error:
            raise Refused(f"Failed to upload file: {error}") from error

    def open_file(self, path: str) -> None:
        """Open a file with the program for its kind, or a program by its name."""
        whole = self._expand(path)
        if not self.desktop.files.exists(whole):
            if self.desktop.launch(path) is None:
                raise Refused(f"Application/file not found: {path}")
        elif self.desktop.open_file(whole) is None:
            raise Refused(f"Failed to find window for {posixpath.basename(whole)}: no program opens it.")

    def activate_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Bring a window to the front; nothing happens where none fits."""
        frame = find_window(self.desktop, name, strict, by_class)
        if frame is not None:
            self.desktop.activate(frame.id)

    def close_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Close a window; nothing happens where none fits."""
        frame = find_window(self.desktop, name, strict, by_class)
        if frame is not None:
            self.desktop.close(frame.id)

    def change_wallpaper(self, path: str) -> None:
        """Make an image file the wallpaper."""
        whole = self._expand(path)
        if not self.desktop.files.exists(whole):
            raise Refused(f"File not found: {path}")
        self.desktop.settings.put(*_WALLPAPER, f"file://{whole}")

    def wait(self, seconds: float) -> None:
        """Let time pass on the desktop's clock."""
        self.desktop.clock.advance(int(seconds * SECOND))

    def close(self) -> None:
        """Nothing: the desktop is this process's own."""

    def _expand(self, path: str) -> str:
        """A path with `~` and variables replaced, seen from the home directory."""
        if path == "~" or path.startswith("~/"):
            path = HOME + path[1:]
        variables = self._sh.dialect.variables
        path = _VARIABLE.sub(lambda found: variables.get(found.group(1).strip("{}"), found.group(0)), path)
        return posixpath.join(HOME, path)


def _words(command: str | Sequence[str], shell: bool) -> list[str]:
    """A command as a list of words; for a shell its first word is the script."""
    try:
        words = shlex.split(command) if isinstance(command, str) and not shell else command
    except ValueError as error:
        raise Refused(f"{str(command)[:80]!r}: {error}") from None
    words = [words] if isinstance(words, str) else list(words)
    if not words or not all(isinstance(word, str) for word in words):
        raise Refused("expected a text, or a list of texts with at least one")
    if any("\0" in word for word in words):
        raise Refused("embedded null byte")
    return [HOME + word[1:] if word.startswith("~/") else word for word in words]


def _timed_out(words: Sequence[str], limit_s: float) -> str:
    shown = repr(list(words))
    return (
        f"Command '{shown if len(shown) <= 200 else shown[:197] + '...'}' timed out after {limit_s:g} seconds"
    )


def _tree(name: str, node: Node) -> dict[str, Any]:
    if not isinstance(node, Directory):
        return {"type": "file", "name": name}
    children = [_tree(child, node.entries[child]) for child in sorted(node.entries)]
    return {"type": "directory", "name": name, "children": children}
