"""Rollouts keep the order of their jobs, share environments, and outlive one that fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

from step_gym.agents.config import EnvConfig, HistoryConfig
from step_gym.agents.policy import Request
from step_gym.agents.rollout import Job, Rollout
from step_gym.envs.core import EnvironmentFault, Task, TaskEnv, TaskSet, View, digest
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.trajectory import EpisodeTag
from step_gym.wrappers.writer import TrajectoryWriter


class Characters:
    def task(self, instruction: str) -> list[int]:
        return [ord(c) for c in instruction]

    def observation(
        self, text: str, actions: Sequence[str] | None = None, picture: np.ndarray | None = None
    ) -> list[int]:
        return [ord(c) for c in text]

    answer_mark = ()


class FirstAction:
    """Takes the first candidate and notes how many requests came together."""

    def __init__(self) -> None:
        self.prompt_format = Characters()
        self.batches: list[int] = []

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        self.batches.append(len(requests))
        return [
            Completion((r.candidates or ["-"])[0], prompt_ids=r.prompt_ids, action_ids=[1], logprobs=[0.0])
            for r in requests
        ]


class CountdownEnv(TaskEnv):
    """Task n ends after n steps; task 3 breaks its machine at the second step, task 0 at the reset."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks = TaskSet({"all": [str(n) for n in range(7)]}, self._task_of)
        self.left = 0

    @staticmethod
    def _task_of(task_id: str, split: str) -> Task:
        return Task(task_id, f"count {task_id}", split, int(task_id), 10)

    def _begin(self, task: Task) -> View:
        if task.id == "0":
            raise EnvironmentFault("no machine")
        self.left, self.breaks = int(task.id), task.id == "3"
        return self._view_of()

    def _act(self, action: str) -> View:
        self.left -= 1
        if self.breaks and self.left == 1:
            raise EnvironmentFault("machine gone")
        return self._view_of()

    def _view_of(self) -> View:
        return View(str(self.left), digest(str(self.left)), ["down"], None, 1.0 if not self.left else None)


@pytest.fixture(autouse=True)
def registered() -> None:
    if "Countdown-v0" not in gym.registry:
        gym.register("Countdown-v0", lambda **kwargs: CountdownEnv(**kwargs))


def test_order_batches_and_faults() -> None:
    policy = FirstAction()
    rollout = Rollout(EnvConfig(id="Countdown-v0"), policy, HistoryConfig(), parallel=3)
    jobs = [Job(n, EpisodeTag(episode_id=f"e{n}", round=1, slot=i), i) for i, n in enumerate("5301264")]
    seen: list[str] = []
    episodes = rollout.play(jobs, on_episode=lambda episode: seen.append(episode.episode_id))
    assert [episode.task_id for episode in episodes] == list("5301264")
    assert sorted(seen) == sorted(job.tag.episode_id for job in jobs) and seen[0] != "e5"
    status = {episode.task_id: (episode.status, episode.is_success, len(episode)) for episode in episodes}
    assert status["3"] == ("env_error", None, 2) and status["0"][:2] == ("env_error", None)
    assert all(status[n] == ("ok", True, int(n)) for n in "12456")
    assert max(policy.batches) == 3
    again = rollout.play(jobs[:1])
    assert len(again[0]) == 5
    # A window of three pairs and the present: tasks 5, 6 and 5 again drop what is older.
    assert (rollout.dropped_turns, rollout.cut_tokens) == (1 + 2 + 1, 0)
    np.testing.assert_array_equal(again[0].steps[0].prompt_ids, [ord(c) for c in "count 55"])
    rollout.close()


def test_a_policy_that_fails_leaves_records_and_no_open_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(FirstAction):
        def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
            if self.batches:
                raise RuntimeError("no memory")
            return super().act(requests, greedy=greedy)

    closed: list[CountdownEnv] = []
    monkeypatch.setattr(CountdownEnv, "close", lambda self: closed.append(self))
    env, jobs = EnvConfig(id="Countdown-v0"), [Job(n, EpisodeTag(episode_id=n), 0) for n in "56"]
    with (
        TrajectoryWriter(tmp_path, "run") as writer,
        pytest.raises(RuntimeError, match="no memory"),
        Rollout(env, Broken(), HistoryConfig(), writer=writer) as rollout,
    ):
        rollout.play(jobs)
    assert len({id(world) for world in closed}) == 2
    found = [(e.task_id, e.status, e.error, len(e)) for e in read_run(tmp_path).episodes()]
    assert sorted(found) == [(n, "policy_error", "RuntimeError: no memory", 1) for n in "56"]
