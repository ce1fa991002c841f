"""The simulated Python with a desktop's mouse, keyboard, clipboard and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from step_gym.envs.machine.clock import SECOND
from step_gym.envs.osworld.computer import Call
from step_gym.envs.osworld.simulator.python.interpreter import Interpreter, Outcome
from step_gym.envs.osworld.simulator.python.modules import modules
from step_gym.envs.osworld.simulator.python.values import Exhausted

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop


class DesktopPython:
    """Runs Python programs on a desktop.

    Args:
        desktop: What they see and change.
        home: The user's directory.
    """

    def __init__(self, desktop: Desktop, home: str) -> None:
        self._input = _Input(desktop)
        self._interpreter = Interpreter(lambda budget: modules(budget, self._input, desktop, home))

    def run(self, code: str, limit_s: float) -> Outcome:
        """Run a program that may take so many seconds on the desktop's clock."""
        self._input.left_s = limit_s
        return self._interpreter.run(code)

    def perform(self, calls: Sequence[Call], limit_s: float) -> Outcome:
        """What `run` does with the code of these calls, after OSWorld's imports."""
        self._input.left_s = limit_s
        return self._interpreter.call("pyautogui", {"FAILSAFE": False}, calls)


class _Input:
    """The desktop's devices, as pyautogui uses them."""

    def __init__(self, desktop: Desktop) -> None:
        self._desktop = desktop
        self.left_s = 0.0
        self.button = desktop.mouse.button
        self.key = desktop.keyboard.key
        self.move = desktop.mouse.move
        self.type = desktop.keyboard.type
        self.wheel = desktop.mouse.wheel

    def size(self) -> tuple[int, int]:
        return self._desktop.width, self._desktop.height

    def position(self) -> tuple[int, int]:
        return self._desktop.pointer

    def wait(self, seconds: float) -> None:
        self.left_s -= seconds
        if self.left_s < 0:
            raise Exhausted
        self._desktop.clock.advance(int(seconds * SECOND))
