"""A success record that an environment keeps of itself, for those who train elsewhere too."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from step_gym.wrappers.success import SuccessRecord
from step_gym.wrappers.success_rules import RateRule, make_rule

_shared: dict[str, tuple[SuccessRecord, int]] = {}
"""Records that wrappers of this process keep together, by real path, with the number of their users."""
_shared_lock = threading.Lock()


def _acquire_shared(path: str, rule: RateRule) -> SuccessRecord:
    """The record of a path, one for all wrappers of this process."""
    key = os.path.realpath(path)
    with _shared_lock:
        record, users = _shared.get(key) or (SuccessRecord(path, rule), 0)
        if record.rule != rule:
            raise ValueError(
                f"{path} is kept with {record.rule} in this process: {rule} needs a path of its own"
            )
        _shared[key] = (record, users + 1)
        return record


def _release_shared(path: str) -> None:
    key = os.path.realpath(path)
    with _shared_lock:
        record, users = _shared.pop(key)
        if users > 1:
            _shared[key] = (record, users - 1)
        else:
            record.close()


class TrackSuccessRate(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Keep a `SuccessRecord` of an environment's episodes and report the task's rate at their end.

    The environment needs to report `info["is_success"]` at the end of an episode; where it reports
    `info["task_id"]` the rates are by task, else there is one task, named after the environment's id. Every
    episode is a round of one. An episode that ends with `info["status"] == "env_error"` is stored but does
    not count. At the end `info["success_rate"]` is the task's rate, this episode included (absent while there
    is none). An outcome is counted once a `reset`, so a branch that was continued with `restore` adds
    nothing.

    Environments of one process that name the same path share one record (a sync vector environment); each
    process needs a path of its own.

    Args:
        env: The environment.
        path: File to keep, or ":memory:" for a record of this wrapper alone.
        rule: Name of a rule in `RULES`, or `{"name": ..., **settings}`.
        run_id: First part of the episodes' ids, `<run_id>-<running number>`.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        path: str = ":memory:",
        rule: str | Mapping[str, Any] = "step",
        run_id: str = "episode",
    ) -> None:
        rule = rule if isinstance(rule, str) else dict(rule)
        RecordConstructorArgs.__init__(self, path=path, rule=rule, run_id=run_id)
        gymnasium.Wrapper.__init__(self, env)
        made = make_rule(rule)
        self._path: str | None = None if path == ":memory:" else path
        self.record = SuccessRecord(path, made) if self._path is None else _acquire_shared(path, made)
        self._run_id = run_id
        self._task_id = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
        self._is_counted = True
        self._is_closed = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode that will be counted once."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._note_task(info)
        self._is_counted = False
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take an action; at the end of an episode store its outcome and add `info["success_rate"]`."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._note_task(info)
        if terminated or truncated:
            if not self._is_counted:
                self._is_counted = True
                self._count(info)
            rate = self.record.rate(self._task_id)
            if rate is not None:
                info["success_rate"] = rate
        return observation, reward, terminated, truncated, info

    def _note_task(self, info: Mapping[str, Any]) -> None:
        if info.get("task_id") is not None:
            self._task_id = str(info["task_id"]).encode("utf-8", "backslashreplace").decode("utf-8")

    def _count(self, info: Mapping[str, Any]) -> None:
        status = info.get("status", "ok")
        if status == "ok" and info.get("is_success") is None:
            raise ValueError(
                'the episode ended without info["is_success"]: TrackSuccessRate needs an environment that '
                "reports it at the end of every episode"
            )
        is_success = bool(info["is_success"]) if status == "ok" else None
        with self.record.lock:
            episode_id = f"{self._run_id}-{len(self.record)}"
            self.record.add(episode_id, self._task_id, is_success, status=status)

    def close(self) -> None:
        """Close the environment, and the record when no other wrapper of this process uses it."""
        if not self._is_closed:
            self._is_closed = True
            if self._path is None:
                self.record.close()
            else:
                _release_shared(self._path)
        super().close()
