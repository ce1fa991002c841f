"""STEP-ALFWorld-v0: the Gymnasium face of ALFWorld's text game, on generated games or real game files.

Text, commands and reward are those of ALFWorld's `alfworld/agents/environment/alfred_tw_env.py`.
"""

from __future__ import annotations

import functools
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from step_gym.envs.alfworld.facts import State
from step_gym.envs.alfworld.files import file_tasks, find_games
from step_gym.envs.alfworld.game import Game
from step_gym.envs.alfworld.generate import MAX_STEPS
from step_gym.envs.alfworld.simulator import GRAMMARS, NOTHING_HAPPENS, Simulator
from step_gym.envs.alfworld.tasks import game_of, generated_tasks
from step_gym.envs.core import Task, TaskEnv, View, unknown_name_error

BACKENDS = ("simulated",)

_KEPT_SIMULATORS = 8
_SHOWN_ACTION_CHARS = 80


class AlfworldEnv(TaskEnv):
    """A household as text: find an object, perhaps clean, heat or cool it, and put it where it belongs.

    The action is a command (`go to fridge 1`, `take mug 2 from shelf 1`). The set is closed:
    `info["admissible_actions"]` lists every command that does something now. Any other costs a step, changes
    nothing and is answered "Nothing happens.". The score is 1 when the goal is reached, which ends the
    episode; the budget is 50 steps. `observation["text"]` is the game's introduction after a reset and its
    feedback after a step, and `observation["instruction"]` the goal sentence.

    Args:
        split: Where a reset without options draws its task: "train", "valid_seen", "valid_unseen", or a split
            of `games`; None for all.
        size: Rooms of generated games: "full" for whole scenes, "small" for 4 to 7 receptacles.
        games: A `game.tw-pddl` file, a trial folder, or a folder of them in ALFWorld's layout, to be played
            instead of generated games.
        grammar: Wording of the commands: "0.4", or "0.3" as in ReAct's prompts and AgentGym.
        max_steps: Step budget of every episode; ALFWorld's own is 50.
        backend: "simulated".
        render_mode: "ansi" or None.

    Attributes:
        skipped: How many trials of `games` are not played, by reason.

    Raises:
        ValueError: For an unknown split, size, grammar, backend or render mode, and for a path without games.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        size: str = "full",
        games: str | os.PathLike[str] | None = None,
        grammar: str = "0.4",
        max_steps: int = MAX_STEPS,
        backend: str = "simulated",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        if backend not in BACKENDS:
            raise unknown_name_error("backend", backend, BACKENDS)
        if grammar not in GRAMMARS:
            raise unknown_name_error("grammar", grammar, GRAMMARS)
        if max_steps < 1:
            raise ValueError(f"max_steps={max_steps}: an episode needs at least 1 step")
        self.grammar = grammar
        self.skipped: Mapping[str, int] = {}
        self._game_of: Callable[[str], Game]
        if games is None:
            self.tasks = generated_tasks(size, max_steps)
            self._game_of = functools.partial(game_of, size=size)
        else:
            tree = find_games(games)
            self.tasks = file_tasks(tree, max_steps)
            self._game_of = tree.read
            self.skipped = tree.skipped
        if split is not None:
            self.tasks.split(split)
        self._simulators: OrderedDict[str, Simulator] = OrderedDict()
        self._simulator: Simulator | None = None

    def _simulator_of(self, task: Task) -> Simulator:
        simulator = self._simulators.get(task.id)
        if simulator is None:
            simulator = self._simulators[task.id] = Simulator(self._game_of(task.id), self.grammar)
            if len(self._simulators) > _KEPT_SIMULATORS:
                self._simulators.popitem(last=False)
        self._simulators.move_to_end(task.id)
        return simulator

    def _begin(self, task: Task) -> View:
        self._simulator = simulator = self._simulator_of(task)
        text = simulator.start()
        return View(text, simulator.state_key, simulator.admissible)

    def _act(self, action: str) -> View:
        simulator = self._simulator
        assert simulator is not None
        text = simulator.act(action)
        error = None
        if text is NOTHING_HAPPENS:
            shown = action if len(action) <= _SHOWN_ACTION_CHARS else action[:_SHOWN_ACTION_CHARS] + "..."
            error = f"{shown!r} is not admissible here"
        score = 1.0 if simulator.won else None
        return View(text, simulator.state_key, simulator.admissible, error, score)

    def _rejected(self, reason: str) -> View:
        simulator = self._simulator
        assert simulator is not None
        return View(NOTHING_HAPPENS, simulator.state_key, simulator.admissible, reason)

    def _save(self) -> State:
        assert self._simulator is not None
        return self._simulator.save()

    def _load(self, task: Task, state: Any) -> None:
        self._simulator = self._simulator_of(task)
        self._simulator.load(state)
