"""The contract every world keeps: tasks, task sets, snapshots and the environment base class.

A world implements three or five small methods (`_begin`, `_act`, and for snapshots `_save`, `_load`);
everything a user relies on (action checks, step budget, info keys, end of episode, environment faults) is
decided here once.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, overload

import gymnasium
import numpy as np
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box, Dict

from step_gym.envs.spaces import FreeText

MAX_ACTION_CHARS = 16_384
"""Longest action, in characters, that reaches a world; a longer one costs a step and changes nothing."""


class EnvironmentFault(RuntimeError):
    """The world itself failed (a machine died, a reset failed after its retries); no fault of the agent.

    Raised by a world's `_begin` or `_act`; `TaskEnv` turns it into a truncated episode whose
    `info["status"]` is "env_error".
    """


def unknown_name_error(kind: str, value: object, choices: Iterable[str], limit: int = 8) -> ValueError:
    """A one-line `ValueError` for an unknown name, listing the choices with the closest match first.

    Args:
        kind: What was looked up, as the user would say it ("split", "task id", "algorithm").
        value: The name that was not found; a long one is shortened in the message.
        choices: Every valid name.
        limit: How many names are listed; the rest are counted.
    """
    names = list(dict.fromkeys(choices))
    shown = repr(value) if len(repr(value)) <= 120 else repr(value)[:120] + "..."
    close = difflib.get_close_matches(str(value)[:120], names, n=3, cutoff=0.4)
    ordered = close + [name for name in names if name not in close]
    listed = ", ".join(ordered[:limit])
    if len(ordered) > limit:
        listed += f", ... ({len(ordered) - limit} more)"
    hint = f"did you mean {close[0]!r}? " if close else ""
    return ValueError(f"unknown {kind} {shown}: {hint}choices: {listed or 'none'}")


def digest(*parts: str) -> str:
    """A stable 16-hex-digit digest of text parts, equal in every process (for `state_key` and seeds)."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "backslashreplace"), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that can be asked of an agent.

    Attributes:
        id: Unique within the environment, stable across processes and versions of the task set.
        instruction: What the agent is asked, in plain text.
        split: The split the task belongs to ("train", "valid_seen", ...).
        difficulty: Length in steps of an optimal solution, as an oracle with access to hidden state finds it.
        max_steps: Step budget; the episode is truncated when it is used up.
        params: What the task was made from; a plain, picklable dict.
    """

    id: str
    instruction: str
    split: str
    difficulty: float
    max_steps: int
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", dict(self.params))


class NumberedIds(Sequence[str]):
    """The ids `<prefix>-0` to `<prefix>-<size - 1>` without holding them: any size costs nothing."""

    def __init__(self, prefix: str, size: int) -> None:
        self.prefix, self.size = prefix, size

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        numbers = range(self.size)[index]
        if isinstance(numbers, int):
            return f"{self.prefix}-{numbers}"
        return [f"{self.prefix}-{number}" for number in numbers]

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, str) or not value.startswith(self.prefix + "-"):
            return False
        number = value[len(self.prefix) + 1 :]
        # The length is checked first: Python refuses to convert more than 4,300 digits.
        if len(number) > len(str(self.size)) or not (number.isascii() and number.isdecimal()):
            return False
        return str(int(number)) == number and int(number) < self.size


class TaskSet(Sequence[Task]):
    """A lazy sequence of tasks over one or more splits; a task is built when it is first indexed.

    Args:
        ids: Task ids by split, in order; any sequence (see `NumberedIds` for large generated sets).
        build: Makes the task of an id and its split. It must be deterministic; the last `cache` results are
            kept.
        cache: How many built tasks are kept.
    """

    def __init__(
        self, ids: Mapping[str, Sequence[str]], build: Callable[[str, str], Task], cache: int = 1024
    ) -> None:
        self._ids = dict(ids)
        self._build = build
        self._cache_size = cache
        self._cache: OrderedDict[str, Task] = OrderedDict()

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits in this set, in order."""
        return tuple(self._ids)

    def ids(self) -> Iterator[str]:
        """Every task id, split by split, without building a task."""
        for ids in self._ids.values():
            yield from ids

    def split(self, name: str) -> TaskSet:
        """The tasks of one split. Raises `ValueError` naming the choices if there is none of that name."""
        if name not in self._ids:
            raise unknown_name_error("split", name, self._ids)
        subset = TaskSet({name: self._ids[name]}, self._build, self._cache_size)
        subset._cache = self._cache
        return subset

    def by_id(self, task_id: str) -> Task:
        """The task of an id. Raises `ValueError` naming the closest ids if there is none."""
        if not isinstance(task_id, str):
            raise ValueError(f"task id {task_id!r}: must be a string, not {type(task_id).__name__}")
        task = self._cache.get(task_id)
        if task is not None and task.split in self._ids:
            return task
        for split, ids in self._ids.items():
            if task_id in ids:
                task = self._build(task_id, split)
                self._cache[task_id] = task
                while len(self._cache) > self._cache_size:
                    self._cache.popitem(last=False)
                return task
        raise self._unknown_id(task_id)

    def _unknown_id(self, task_id: object) -> ValueError:
        """The error for an id that is not in the set; near misses are looked for only where that is cheap."""
        sizes = ", ".join(f"{split} ({len(ids)})" for split, ids in self._ids.items())
        sample = [name for ids in self._ids.values() for name in ids[: 20_000 // max(1, len(self._ids))]]
        error = unknown_name_error("task id", task_id, sample, limit=4)
        return ValueError(f"{error}; splits: {sizes}")

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._ids.values())

    @overload
    def __getitem__(self, index: int) -> Task: ...
    @overload
    def __getitem__(self, index: slice) -> list[Task]: ...
    def __getitem__(self, index: int | slice) -> Task | list[Task]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        position = range(len(self))[index]
        for ids in self._ids.values():
            if position < len(ids):
                return self.by_id(ids[position])
            position -= len(ids)
        raise IndexError(index)

    def __repr__(self) -> str:
        return "TaskSet(" + ", ".join(f"{split}={len(ids)}" for split, ids in self._ids.items()) + ")"


@dataclass(frozen=True, slots=True)
class View:
    """What a world shows after a reset or an action; `TaskEnv` makes observation and info of it.

    Attributes:
        text: What a text-only model reads.
        state_key: Stable digest of what the agent can tell apart; see `TaskEnv`.
        admissible_actions: Every executable action in the world's own order, or None where the set is open.
        action_error: Why the action had no effect, or None.
        score: The benchmark's own score in 0..1, set when the world or the agent ended the episode.
        extra: Further info entries of this world; fresh objects at every call.
        screenshot: Picture of a GUI world, `uint8[H, W, 3]`; it may change with the next action, reset or
            restore, so observations and snapshots have copies.
    """

    text: str
    state_key: str
    admissible_actions: Sequence[str] | None = None
    action_error: str | None = None
    score: float | None = None
    extra: Mapping[str, Any] | None = None
    screenshot: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A moment of an episode: picklable; restores into any environment of the same spec that was reset once.

    Attributes:
        world: Name of the environment class it came from, checked at `restore`.
        task_id: The episode's task.
        steps: Steps taken so far.
        score: Final score if the episode was over, else None.
        rng_state: State of the environment's bit generator.
        view: What was shown last.
        state: The world's own state; opaque, never shared with a live environment.
    """

    world: str
    task_id: str
    steps: int
    score: float | None
    rng_state: Mapping[str, Any]
    view: View
    state: Any


class TaskEnv(gymnasium.Env[dict[str, Any], str]):
    """Base of every world: one episode is one task, every action is a string.

    Observation: `Dict(instruction=FreeText, text=FreeText)`, plus `screenshot` where the world has one. Info,
    at reset and at every step:

    - `task_id`, `status` ("ok" or "env_error"), `action_valid`, `action_error` (None, or why the action
      changed nothing);
    - `state_key`: digest of what the agent can tell apart, without step count, clock or randomised ids: equal
      states, equal keys;
    - `admissible_actions`: list of executable actions, absent where the action set is open;
    - at the end `is_success` (bool, score >= 1) and `score` (float, 0 to 1); after an env_error `error`, and
      no `is_success`.

    Reward is 0 until the end, then the score. `terminated`: the world or the agent ended the episode;
    `truncated`: the task's `max_steps` ran out or the environment failed. A malformed action (no string,
    empty, longer than `MAX_ACTION_CHARS`, with NUL or lone surrogates) never raises: it costs a step, changes
    nothing and is reported.

    A world sets `self.tasks` in its constructor and implements `_begin` and `_act`; where
    `supports_snapshot`, also `_save` and `_load`.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}
    supports_snapshot: bool = False

    tasks: TaskSet

    def __init__(self, default_split: str | None = None, render_mode: str | None = None) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise unknown_name_error("render_mode", render_mode, self.metadata["render_modes"])
        self.render_mode = render_mode
        self.default_split = default_split
        self.next_task_id: str | None = None
        self.observation_space = Dict({"instruction": FreeText(), "text": FreeText()})
        self.action_space = FreeText(MAX_ACTION_CHARS)
        self._task: Task | None = None
        self._view: View | None = None
        self._steps = 0
        self._score: float | None = None
        self._over = True
        self._fault: str | None = None

    # -- what a world implements -----------------------------------------------------------------------------

    def _begin(self, task: Task) -> View:
        """Set the world to the task's beginning. May raise `EnvironmentFault`."""
        raise NotImplementedError(f"{type(self).__name__} must implement _begin")

    def _act(self, action: str) -> View:
        """Perform a well-formed action. May raise `EnvironmentFault`, but not for what the agent wrote."""
        raise NotImplementedError(f"{type(self).__name__} must implement _act")

    def _rejected(self, reason: str) -> View:
        """What is shown after a malformed action: by default the last view, unchanged."""
        assert self._view is not None
        view = self._view
        return replace(view, action_error=reason, score=None)

    def _score_at_budget(self) -> float:
        """The benchmark's score at the end of the budget; 0 unless the world scores unfinished episodes."""
        return 0.0

    def _save(self) -> Any:
        """The world's state as a picklable value that shares nothing mutable with this environment."""
        raise NotImplementedError(f"{type(self).__name__} does not support snapshots")

    def _load(self, task: Task, state: Any) -> None:
        """Take over a state made by `_save` for `task`, without keeping a mutable part of it."""
        raise NotImplementedError(f"{type(self).__name__} does not support snapshots")

    def candidate_actions(
        self, observation: Mapping[str, Any], info: Mapping[str, Any]
    ) -> Iterable[str] | None:
        """Executable actions, best first, where the action set is open; None without a list of its own.

        A pure function of its arguments, so that a policy is offered nothing that it could not see.
        """
        return None

    # -- Gymnasium -------------------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Begin an episode.

        The task is `options["task_id"]`, else `next_task_id` (consumed), else one drawn with `np_random` from
        `options["split"]`, else from the environment's default split, else from all tasks. Raises
        `ValueError` for an unknown id, split or option.
        """
        super().reset(seed=seed)
        self._task = self._choose_task(options or {})
        # Over until it has begun: what else `_begin` raises leaves a world that is neither old nor new.
        self._steps, self._score, self._over, self._fault = 0, None, True, None
        try:
            self._view = self._begin(self._task)
        except EnvironmentFault as fault:
            self._fault = str(fault)
            self._view = View("", digest("env_error"), screenshot=self._blank_screen())
        self._over = False
        return self._observation(), self._info(self._view)

    def _blank_screen(self) -> np.ndarray | None:
        """What stands for the screenshot of a machine that never came up, where the world has screenshots."""
        assert isinstance(self.observation_space, Dict)
        space = self.observation_space.spaces.get("screenshot")
        return np.zeros(space.shape, np.uint8) if isinstance(space, Box) else None

    def _choose_task(self, options: Mapping[str, Any]) -> Task:
        for key in options:
            if key not in ("task_id", "split"):
                raise unknown_name_error("reset option", key, ("task_id", "split"))
        task_id = options.get("task_id")
        if task_id is None and "split" not in options:
            task_id = self.next_task_id
        self.next_task_id = None
        if task_id is not None:
            return self.tasks.by_id(task_id)
        split = options.get("split", self.default_split)
        tasks = self.tasks if split is None else self.tasks.split(split)
        if not tasks:
            raise ValueError(f"no tasks to draw from: {tasks!r}")
        return tasks[int(self.np_random.integers(len(tasks)))]

    def step(self, action: str) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        """Take one action.

        Raises `gymnasium.error.ResetNeeded` before the first reset and after the end of an episode.
        """
        if self._over or self._task is None:
            raise ResetNeeded("step() needs a running episode: call reset() first")
        self._steps += 1
        if self._fault is None:
            reason = malformed_reason(action)
            try:
                view = self._act(str(action)) if reason is None else self._rejected(reason)
            except EnvironmentFault as fault:
                self._fault = str(fault)
            else:
                self._view = view
        view = self._view
        assert view is not None
        if self._fault is not None:
            self._over = True
            return self._observation(), 0.0, False, True, self._info(view)
        terminated = view.score is not None
        truncated = not terminated and self._steps >= self._task.max_steps
        if terminated or truncated:
            self._over = True
            self._score = float(view.score if view.score is not None else self._score_at_budget())
        return self._observation(), self._score or 0.0, terminated, truncated, self._info(view)

    def _observation(self) -> dict[str, Any]:
        task, view = self._task, self._view
        assert task is not None and view is not None
        observation: dict[str, Any] = {"instruction": task.instruction, "text": view.text}
        if view.screenshot is not None:
            observation["screenshot"] = view.screenshot.copy()
        return observation

    def _info(self, view: View) -> dict[str, Any]:
        assert self._task is not None
        info: dict[str, Any] = {
            "task_id": self._task.id,
            "state_key": view.state_key,
            "action_valid": view.action_error is None,
            "action_error": view.action_error,
            "status": "ok" if self._fault is None else "env_error",
        }
        if view.admissible_actions is not None:
            info["admissible_actions"] = list(view.admissible_actions)
        if view.extra:
            info.update(copy.deepcopy(dict(view.extra)))
        if self._fault is not None:
            info["error"] = self._fault
        elif self._score is not None:
            info["is_success"] = self._score >= 1.0
            info["score"] = self._score
        return info

    def render(self) -> str | None:
        """The instruction and what is shown now, with `render_mode="ansi"`; None without a render mode."""
        if self.render_mode != "ansi" or self._view is None or self._task is None:
            return None
        return f"{self._task.instruction}\n\n{self._view.text}"

    # -- snapshots -------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The present moment, to come back to with `restore` here or in another environment of the same spec.

        Raises `ResetNeeded` before the first reset, `EnvironmentFault` after a fault, `NotImplementedError`
        where not supported.
        """
        if self._task is None or self._view is None:
            raise ResetNeeded("snapshot() needs an episode: call reset() first")
        if self._fault is not None:
            raise EnvironmentFault(f"no snapshot of a failed environment: {self._fault}")
        shown = self._view.screenshot
        return Snapshot(
            world=type(self).__name__,
            task_id=self._task.id,
            steps=self._steps,
            score=self._score,
            rng_state=self.np_random.bit_generator.state,
            view=self._view if shown is None else replace(self._view, screenshot=shown.copy()),
            state=self._save(),
        )

    def restore(self, snapshot: Snapshot) -> tuple[dict[str, Any], dict[str, Any]]:
        """Go back to a snapshot; gives the observation and info of that moment.

        Raises `ResetNeeded` if this environment has never been reset, `ValueError` for a snapshot of another
        world or an unknown task.
        """
        if self._task is None:
            raise ResetNeeded("restore() needs an environment that has been reset once")
        if snapshot.world != type(self).__name__:
            raise ValueError(f"snapshot of {snapshot.world} cannot be restored into {type(self).__name__}")
        task = self.tasks.by_id(snapshot.task_id)
        self._over = True
        self._load(task, snapshot.state)
        self._task, self._view, self._fault = task, snapshot.view, None
        self._steps, self._score = snapshot.steps, snapshot.score
        self._over = snapshot.score is not None
        self.np_random.bit_generator.state = dict(snapshot.rng_state)
        return self._observation(), self._info(snapshot.view)


def malformed_reason(action: object) -> str | None:
    """Why an action cannot be handed to any world, or None if it is well formed."""
    if not isinstance(action, str):
        return f"the action must be a string, not {type(action).__name__}"
    if not action:
        return "the action is empty"
    if len(action) > MAX_ACTION_CHARS:
        return f"the action has {len(action)} characters; at most {MAX_ACTION_CHARS} are allowed"
    if "\0" in action:
        return "the action contains a NUL character"
    if not action.isascii():
        try:
            action.encode("utf-8")
        except UnicodeEncodeError:
            return "the action contains a lone surrogate, which is not valid Unicode text"
    return None
