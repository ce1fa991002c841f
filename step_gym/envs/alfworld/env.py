"""STEP-ALFWorld-v0: the Gymnasium face of ALFWorld's text game, on generated games or real game files.

Text, commands and reward are those of ALFWorld's `alfworld/agents/environment/alfred_tw_env.py`.
"""

from __future__ import annotations

import functools
import os
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from step_gym.envs.alfworld.engine import Engine, EngineGame, require_engine
from step_gym.envs.alfworld.facts import State
from step_gym.envs.alfworld.files import file_tasks, find_games
from step_gym.envs.alfworld.game import Game
from step_gym.envs.alfworld.generate import MAX_STEPS
from step_gym.envs.alfworld.simulator import GRAMMARS, NOTHING_HAPPENS, Simulator
from step_gym.envs.alfworld.tasks import game_of, generated_tasks
from step_gym.envs.core import Task, TaskEnv, View, unknown_name_error

BACKENDS = ("simulated", "textworld")

_KEPT_GAMES = 8
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
        backend: "simulated", or "textworld" for ALFWorld's own engine (extra `alfworld`): the same tasks,
            texts and infos some thousand times more slowly, without snapshots. A game file is played in the
            wording of its own grammar, so `grammar` must be left. A crash of the engine is an env_error.
        render_mode: "ansi" or None.

    Attributes:
        skipped: How many trials of `games` are not played, by reason.

    Raises:
        ValueError: For an unknown split, size, grammar, backend or render mode, and for a path without games.
        DependencyNotInstalled: `backend="textworld"` without the extra.
    """

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
        if backend == "textworld":
            if grammar != GRAMMARS[0]:
                raise ValueError(
                    f"grammar={grammar!r}: backend='textworld' plays a game in the wording of its own file; "
                    f"leave grammar={GRAMMARS[0]!r}"
                )
            require_engine()
        if max_steps < 1:
            raise ValueError(f"max_steps={max_steps}: an episode needs at least 1 step")
        self.grammar = grammar
        self.supports_snapshot = backend == "simulated"
        self.skipped: Mapping[str, int] = {}
        self._sources: Mapping[str, Path] = {}
        self._game_of: Callable[[str], Game]
        if games is None:
            self.tasks = generated_tasks(size, max_steps)
            self._game_of = functools.partial(game_of, size=size)
        else:
            tree = find_games(games)
            self.tasks = file_tasks(tree, max_steps)
            self._game_of = tree.read
            self.skipped = tree.skipped
            self._sources = tree.folders
        if split is not None:
            self.tasks.split(split)
        self._engine = Engine() if backend == "textworld" else None
        self._games: OrderedDict[str, Simulator | EngineGame] = OrderedDict()
        self._playing: Simulator | EngineGame | None = None

    def _game(self, task: Task) -> Simulator | EngineGame:
        game = self._games.get(task.id)
        if game is None:
            source = self._game_of(task.id)
            if self._engine is None:
                game = Simulator(source, self.grammar)
            else:
                game = EngineGame(source, self._sources.get(task.id), self._engine)
            self._games[task.id] = game
            if len(self._games) > _KEPT_GAMES:
                self._games.popitem(last=False)
        self._games.move_to_end(task.id)
        return game

    def _begin(self, task: Task) -> View:
        self._playing = game = self._game(task)
        text = game.start()
        return View(text, game.state_key, game.admissible)

    def _act(self, action: str) -> View:
        game = self._playing
        assert game is not None
        text = game.act(action)
        error = None
        if text == NOTHING_HAPPENS:
            shown = action if len(action) <= _SHOWN_ACTION_CHARS else action[:_SHOWN_ACTION_CHARS] + "..."
            error = f"{shown!r} is not admissible here"
        score = 1.0 if game.won else None
        return View(text, game.state_key, game.admissible, error, score)

    def _rejected(self, reason: str) -> View:
        game = self._playing
        assert game is not None
        return View(NOTHING_HAPPENS, game.state_key, game.admissible, reason)

    def _save(self) -> State:
        if not isinstance(self._playing, Simulator):
            raise NotImplementedError("backend='textworld' has no snapshots: use backend='simulated'")
        return self._playing.save()

    def _load(self, task: Task, state: Any) -> None:
        game = self._game(task)
        if not isinstance(game, Simulator):
            raise NotImplementedError("backend='textworld' has no snapshots: use backend='simulated'")
        self._playing = game
        game.load(state)

    def close(self) -> None:
        """Stop the engine's process, if there is one; a later reset starts it again."""
        if self._engine is not None:
            self._engine.close()
        super().close()
