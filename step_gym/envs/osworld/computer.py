"""What tasks, setup and evaluators ask of a computer; the simulated desktop and the client both are one.

The operations are those of the server in OSWorld's machines (`desktop_env/server/main.py` of
github.com/xlang-ai/OSWorld, read in snapshots of 2025-06 to 2026-06).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

import numpy as np

from step_gym.envs.osworld.elements import Runs

PYAUTOGUI_PREFIX = "import pyautogui; import time; pyautogui.FAILSAFE = False; "
"""What stands before an action's code, on the same line, as OSWorld's controller sends it."""


class Call(NamedTuple):
    """A call of one of pyautogui's functions; as a text it is the code of it.

    Attributes:
        function: Its name.
        arguments: Texts, numbers and booleans.
        named: Likewise, by name.
    """

    function: str
    arguments: tuple[Any, ...] = ()
    named: Mapping[str, Any] = MappingProxyType({})

    def __str__(self) -> str:
        named = (f"{name}={value!r}" for name, value in self.named.items())
        return f"pyautogui.{self.function}({', '.join([*map(repr, self.arguments), *named])})"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What a command did.

    Attributes:
        output: What it wrote to standard output.
        error: What it wrote to standard error.
        returncode: Its exit status, negative for the signal that ended it.
    """

    output: str
    error: str
    returncode: int


class Refused(RuntimeError):
    """The computer answered that it cannot do what it was asked: no such program, file or directory.

    No fault of the machine, which goes on working; whoever asked decides what it means. The message is the
    computer's own, in one line.
    """


class Computer(Protocol):
    """A desktop computer.

    Every method may raise `EnvironmentFault`, when the computer does not answer in time or answers what the
    protocol does not allow. Paths may begin with `~` where the method says so.
    """

    # Looking

    def screenshot(self) -> np.ndarray:
        """The screen with the pointer painted in, `uint8[height, width, 3]`; the next call may change it."""
        ...

    def accessibility(self) -> str:
        """The tree of all applications, as XML (root `desktop-frame`)."""
        ...

    def accessibility_runs(self) -> Runs:
        """The same text in runs of parts; what did not change since the last look comes in equal ones."""
        ...

    def terminal(self) -> str | None:
        """Text of the terminal that has the focus; None where none has it."""
        ...

    def screen_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...

    def window_size(self, window_class: str) -> tuple[int, int] | None:
        """Width and height of the first window of a class (its WM_CLASS), None without such a window."""
        ...

    def cursor_position(self) -> tuple[int, int]:
        """Where the pointer is: x, y in pixels."""
        ...

    def platform(self) -> str:
        """What Python's `platform.system()` says there: "Linux"."""
        ...

    def desktop_path(self) -> str:
        """The directory whose files lie on the desktop."""
        ...

    def wallpaper(self) -> bytes | None:
        """The image file of the wallpaper, None where there is none."""
        ...

    def directory_tree(self, path: str) -> Mapping[str, Any] | None:
        """Files below a directory: {"type": "directory", "name", "children": [{"type": "file", "name"}]}.

        None where no directory is. An absolute path.
        """
        ...

    def file(self, path: str) -> bytes | None:
        """A file's content; None where there is none. `~` and `$NAME` are expanded."""
        ...

    # Changing

    def execute(self, command: str | Sequence[str], shell: bool = False) -> CommandResult:
        """Run a command to its end, and give what it wrote whatever its exit status is.

        Args:
            command: A list is run as it is. A text is split into words, or with `shell` read as a script.
            shell: Whether a shell reads it; of a list it reads the first element alone.

        Raises:
            Refused: If there is no such program, or it did not end within the computer's own limit.
        """
        ...

    def perform(self, calls: Sequence[Call]) -> CommandResult:
        """Call functions of pyautogui: what `run_actions` does with their code, without the way over it.

        Raises:
            Refused: As `run_actions` does.
        """
        ...

    def run_python(self, code: str) -> CommandResult:
        """Run a Python script.

        Raises:
            Refused: If it is empty, or does not end within the computer's own limit.
        """
        ...

    def run_bash_script(
        self, script: str, timeout: float = 100, working_dir: str | None = None
    ) -> CommandResult:
        """Run a Bash script; `output` holds what it wrote, errors among it, and `error` is empty.

        Args:
            script: What Bash reads.
            timeout: Seconds that it may take.
            working_dir: Where it starts; None for the home directory.

        Raises:
            Refused: If it is empty, there is no such directory, or it takes too long.
        """
        ...

    def launch(self, command: str | Sequence[str], shell: bool = False) -> None:
        """Start a program and leave it running.

        Raises:
            Refused: If there is no such program.
        """
        ...

    def upload(self, path: str, data: bytes) -> None:
        """Write a file, with the directories above it. `~` and `$NAME` are expanded.

        Raises:
            Refused: If it cannot be written.
        """
        ...

    def open_file(self, path: str) -> None:
        """Open a file with the program for its kind, or a program by its name, and wait for its window.

        Raises:
            Refused: If there is no such file, or no window comes.
        """
        ...

    def activate_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Bring a window to the front; nothing happens where none fits, as in OSWorld.

        Args:
            name: Part of its title, case-insensitive.
            strict: Whether the name must be the whole title, exactly.
            by_class: Whether the name is one of its class.
        """
        ...

    def close_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Close a window, found as `activate_window` finds it; nothing happens where none fits."""
        ...

    def change_wallpaper(self, path: str) -> None:
        """Make an image file the wallpaper.

        Raises:
            Refused: If there is no such file.
        """
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass on the computer: a pause, or a step of a simulated clock."""
        ...

    def close(self) -> None:
        """Give up what is held for the computer; it goes on running."""
        ...


def run_actions(computer: Computer, code: str) -> CommandResult:
    """Run pyautogui code as OSWorld's controller does: in a new interpreter, after its imports.

    Code whose first line is a compound statement (`for`, `if`) is a SyntaxError, because it follows a `;`;
    a newline before it helps.

    Raises:
        Refused: If there is no Python, or the code takes longer than the computer allows.
    """
    return computer.execute(["python", "-c", PYAUTOGUI_PREFIX + code])
