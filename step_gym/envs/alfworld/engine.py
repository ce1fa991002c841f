"""Plays a game in ALFWorld's own engine (alfworld 0.4 on TextWorld 1.7) instead of the simulator.

The engine is a planner in C++ that may crash or hang; it runs in a process of its own, so that such a fault
ends an episode and nothing else.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from gymnasium.error import DependencyNotInstalled

from step_gym.envs.alfworld.facts import Facts, State
from step_gym.envs.alfworld.files import GAME_FILE, PROBLEM_FILE, game_data
from step_gym.envs.alfworld.game import Game
from step_gym.envs.alfworld.simulator import Simulator
from step_gym.envs.core import EnvironmentFault

WORKER = Path(__file__).with_name("engine_worker.py")
TIMEOUT_S = 120.0
"""How long the engine may take for an answer; loading a kitchen takes it a second or two."""

_SHOWN_ERROR_CHARS = 400


def require_engine() -> None:
    """Raise `DependencyNotInstalled` with the way out if a package of the engine is missing."""
    for package in ("alfworld", "textworld", "fast_downward"):
        if find_spec(package) is None:
            raise DependencyNotInstalled(
                f"backend='textworld' needs the package {package}: `pip install step-gym[alfworld]`"
            )


class Engine:
    """The engine's process: started when first needed, and again after a fault.

    It pickles without its process.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"_connection": None}

    @property
    def runs(self) -> bool:
        """Whether there is a process."""
        return self._connection is not None

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send a request of `engine_worker.serve` and give its answer.

        Raises:
            EnvironmentFault: The engine failed, died, or took longer than `TIMEOUT_S`.
        """
        try:
            return self._exchange(request)
        except BaseException:  # also an interrupt: its answer must not be taken for that of the next request
            self.close()
            raise

    def _exchange(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._connection is None:
            self._launch()
        assert self._connection is not None
        try:
            self._connection.send_bytes(json.dumps(request).encode())
            if not self._connection.poll(TIMEOUT_S):
                raise EnvironmentFault(f"ALFWorld's engine gave no answer in {TIMEOUT_S:g} s")
            answer = json.loads(self._connection.recv_bytes())
        except (OSError, EOFError):
            status = self._process.wait()
            how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
            raise EnvironmentFault(f"ALFWorld's engine died ({how})") from None
        if "error" in answer:
            reason = " ".join(answer["error"].split())[:_SHOWN_ERROR_CHARS]
            raise EnvironmentFault(f"ALFWorld's engine failed: {reason}")
        return answer

    def _launch(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            # -P keeps the modules beside the worker from being imported as top-level ones.
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(WORKER), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._stop = weakref.finalize(self, _stop, self._connection, self._process)

    def close(self) -> None:
        """Stop the process, if there is one."""
        if self._connection is not None:
            self._connection = None
            self._stop()


def _stop(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    connection.close()
    process.kill()
    process.wait()


class EngineGame:
    """One game as the engine plays it, with the face of a `Simulator`.

    The state key is the simulator's, of the engine's own facts: both backends give equal keys.

    Args:
        game: What to play.
        source: The game file or trial folder it was read from; None for a generated game.
        engine: The process; it plays one game at a time.
    """

    def __init__(self, game: Game, source: Path | None, engine: Engine) -> None:
        self.game, self.engine = game, engine
        if source is not None and source.is_dir():
            source = source / GAME_FILE
        has_file = source is not None and source.is_file() and source.name != PROBLEM_FILE
        self._file = os.path.abspath(source) if source is not None and has_file else None
        self._simulator = Simulator(game)
        self._commands: list[str] = []

    def start(self) -> str:
        """Go to the beginning of the game and give its text."""
        self._commands = []
        source = self._file or game_data(self.game, "trial")
        try:
            return self._take(self.engine.ask(game=source))
        except EnvironmentFault:  # it may have died since the last episode: once more in a new process
            return self._take(self.engine.ask(game=source))

    def act(self, command: str) -> str:
        """Execute a command and give the feedback."""
        if not self.engine.runs:  # this environment was pickled in the middle of an episode
            commands = self._commands
            self.start()
            for earlier in commands:
                self._take(self.engine.ask(command=earlier))
            self._commands = commands
        self._commands.append(command)
        return self._take(self.engine.ask(command=command))

    def _take(self, answer: dict[str, Any]) -> str:
        self.admissible = tuple(answer["admissible"])
        self.won = bool(answer["won"])
        self._simulator.load(state_of(self._simulator.facts, answer["facts"]))
        self.state_key = self._simulator.state_key
        return answer["text"]


def state_of(tables: Facts, facts: Iterable[Sequence[str]]) -> State:
    """The simulator's state for the engine's facts (predicate, arguments), but for `removed`.

    On that only the wording of `look` depends; it is no fact of the engine, and left empty.
    """
    location, held, opened = -1, -1, 0
    contents: list[list[int]] = [[] for _ in tables.receptacles]
    bits: dict[str, int] = dict.fromkeys(("ishot", "iscool", "isclean", "istoggled", "issliced"), 0)
    at = set()
    for predicate, *arguments in facts:
        if predicate == "atlocation":
            location = tables.locations[arguments[1]]
        elif predicate == "holds":
            held = tables.objects[arguments[1]]
        elif predicate == "opened":
            opened |= 1 << tables.receptacles[arguments[0]]
        elif predicate == "inreceptacle":
            contents[tables.receptacles[arguments[1]]].append(tables.objects[arguments[0]])
        elif predicate == "objectatlocation":
            at.add(tables.objects[arguments[0]] * len(tables.locations) + tables.locations[arguments[1]])
        else:
            bits[predicate] |= 1 << tables.objects[arguments[0]]
    return State(
        location, held, opened, tuple(tuple(sorted(inside)) for inside in contents),
        bits["ishot"], bits["iscool"], bits["isclean"], bits["istoggled"], bits["issliced"],
        frozenset(at), frozenset(),
    )  # fmt: skip
