"""STEP-Toy-v0: the Gymnasium face of the toy game, for tests, tutorials and runs of very many episodes."""

from __future__ import annotations

import functools
from typing import Any

from step_gym.envs.core import Task, TaskEnv, View, digest
from step_gym.envs.toy.tasks import MAX_DIFFICULTY, MIN_DIFFICULTY, layout_of, toy_tasks
from step_gym.envs.toy.world import Layout, State, describe, is_won, moves

_SHOWN_ACTION_CHARS = 60


class ToyEnv(TaskEnv):
    """A text game: find a thing, which may lie in a closed or locked box, and put it on a surface.

    Actions: `go ROOM`, `open BOX`, `unlock BOX` (with the key in hand), `take THING`, `put THING on SURFACE`.
    The set is closed: `info["admissible_actions"]` lists every action that does something now. Any other
    costs a step, changes nothing, and the text begins with "Nothing happens.". The score is 1 when the thing
    lies on the surface, which ends the episode. The budget is `2 * difficulty + 4` steps, where `difficulty`
    is the exact length of a shortest solution.

    Args:
        split: "train" or "valid": where a reset without options draws its task; None for both.
        tasks: Number of train tasks; any size costs nothing until a task is used. The valid split has 220.
        min_difficulty: Shortest optimal solution, in steps, 2 to 12.
        max_difficulty: Longest optimal solution, in steps, `min_difficulty` to 12.
        render_mode: "ansi" or None.

    Raises:
        ValueError: If an argument is out of its range.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        tasks: int = 1000,
        min_difficulty: int = MIN_DIFFICULTY,
        max_difficulty: int = MAX_DIFFICULTY,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        numbers = {"tasks": tasks, "min_difficulty": min_difficulty, "max_difficulty": max_difficulty}
        for name, value in numbers.items():
            if not isinstance(value, int) or isinstance(value, bool):
                raise ValueError(f"{name}={value!r}: must be a whole number")
        if tasks < 1:
            raise ValueError(f"tasks={tasks}: at least 1 train task is needed")
        if not MIN_DIFFICULTY <= min_difficulty <= max_difficulty <= MAX_DIFFICULTY:
            raise ValueError(
                f"min_difficulty={min_difficulty}, max_difficulty={max_difficulty}: "
                f"need {MIN_DIFFICULTY} <= min_difficulty <= max_difficulty <= {MAX_DIFFICULTY}"
            )
        self.tasks = toy_tasks(tasks, min_difficulty, max_difficulty)
        if split is not None:
            self.tasks.split(split)

    def _begin(self, task: Task) -> View:
        self._layout = layout_of(task.id, task.split, task.params["difficulty"])
        return self._enter(task.id, self._layout.start)

    def _enter(self, task_id: str, state: State) -> View:
        """Make `state` the present one and show it."""
        self._state = state
        view, self._moves = _show(self._layout, task_id, state)
        return view

    def _act(self, action: str) -> View:
        state = self._moves.get(action)
        if state is None:
            shown = action if len(action) <= _SHOWN_ACTION_CHARS else action[:_SHOWN_ACTION_CHARS] + "..."
            return self._rejected(f"{shown!r} is not admissible here: see info['admissible_actions']")
        assert self._task is not None
        return self._enter(self._task.id, state)

    def _rejected(self, reason: str) -> View:
        view = super()._rejected(reason)
        text = f"Nothing happens. {describe(self._layout, self._state)}"
        return View(text, view.state_key, view.admissible_actions, reason)

    def _save(self) -> Any:
        return self._state

    def _load(self, task: Task, state: Any) -> None:
        self._layout = layout_of(task.id, task.split, task.params["difficulty"])
        self._enter(task.id, state)


@functools.lru_cache(maxsize=8192)
def _show(layout: Layout, task_id: str, state: State) -> tuple[View, dict[str, State]]:
    """What is seen in a state, and where each admissible action leads.

    Kept for the whole process, since the rollouts of one task share most of their states.
    """
    successors = moves(layout, state)
    view = View(
        text=describe(layout, state),
        state_key=digest(task_id, repr(state)),
        admissible_actions=tuple(successors),
        score=1.0 if is_won(layout, state) else None,
    )
    return view, successors
