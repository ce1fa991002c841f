"""The wrapper that keeps a record of any environment that reports success."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.spaces import Discrete
from gymnasium.vector import SyncVectorEnv

from step_gym.wrappers.success import RatePoint, SuccessRecord
from step_gym.wrappers.track_success import TrackSuccessRate


class Coin(gym.Env[Any, Any]):
    """An episode of two steps whose last action is its outcome; nothing of this package."""

    observation_space = Discrete(2)
    action_space = Discrete(2)

    def __init__(self, tasks: tuple[str, ...] = (), extra: dict[str, Any] | None = None) -> None:
        self.tasks, self.extra, self.played = tasks, extra or {}, -1

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self.played += 1
        self.steps = 0
        return 0, self._info()

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        over = self.steps == 2
        info = self._info() | ({"is_success": bool(action)} | self.extra if over else {})
        return 0, 0.0, over, False, {key: value for key, value in info.items() if value is not None}

    def _info(self) -> dict[str, Any]:
        return {"task_id": self.tasks[self.played % len(self.tasks)]} if self.tasks else {}


def episode(env: gym.Env[Any, Any], success: int) -> dict[str, Any]:
    env.reset()
    _, _, over, _, info = env.step(0)
    assert not over and "success_rate" not in info
    return env.step(success)[-1]


def test_rates_by_task():
    env = TrackSuccessRate(Coin(("a", "b")), rule={"name": "step", "n_copies": 2})
    assert [episode(env, success)["success_rate"] for success in (1, 0, 0, 1, 0)] == [
        1.0,
        0.0,
        0.5,
        0.5,
        0.25,
    ]
    assert env.record.history("a") == [
        RatePoint(0, 1.0, 1, 1),
        RatePoint(2, 0.5, 0, 1),
        RatePoint(4, 0.25, 0, 1),
    ]
    env.close()
    env.close()


def test_without_task_ids_there_is_one_task():
    env = TrackSuccessRate(Coin(), rule="mean")
    assert [episode(env, success)["success_rate"] for success in (1, 0)] == [1.0, 0.5]
    assert env.record.rates() == {"Coin": 0.5}
    env.close()


def test_environment_errors_do_not_count():
    env = TrackSuccessRate(Coin(extra={"status": "env_error", "is_success": None}))
    assert "success_rate" not in episode(env, 0)
    assert env.record.status_counts() == {"env_error": 1} and env.record.rates() == {}
    env.close()


def test_an_environment_that_says_nothing_is_refused():
    env = TrackSuccessRate(Coin(extra={"is_success": None}))
    with pytest.raises(ValueError, match=r'ended without info\["is_success"\]'):
        episode(env, 1)
    env.close()


def test_a_continued_branch_adds_nothing():
    env = TrackSuccessRate(Coin(), rule="mean")
    episode(env, 1)
    env.unwrapped.steps = 1  # type: ignore[attr-defined]
    assert env.step(0)[-1]["success_rate"] == 1.0
    assert len(env.record) == 1
    env.close()


def test_a_file_goes_on_where_it_was(tmp_path):
    path = str(tmp_path / "s.sqlite")
    for successes in ((1, 1), (0, 0)):
        env = TrackSuccessRate(Coin(), path=path, rule="mean")
        for success in successes:
            episode(env, success)
        env.close()
    with SuccessRecord(path) as record:
        assert record.rates() == {"Coin": 0.5} and len(record) == 4


def test_environments_of_one_process_share_a_file(tmp_path):
    path = str(tmp_path / "s.sqlite")
    envs = SyncVectorEnv([lambda: TrackSuccessRate(Coin(("a",)), path=path, rule="mean") for _ in range(3)])
    envs.reset()
    envs.step([0, 0, 0])
    info = envs.step([1, 0, 0])[-1]
    assert info["success_rate"].tolist() == [1.0, 0.5, pytest.approx(1 / 3)]
    with pytest.raises(ValueError, match="needs a path of its own"):
        TrackSuccessRate(Coin(), path=path, rule="step")
    with pytest.raises(ValueError, match="has a writer already"):
        SuccessRecord(path)
    envs.close()
    with SuccessRecord(path) as record:
        assert record.status_counts() == {"ok": 3}


def test_its_arguments_survive_the_spec():
    gym.register("CoinForTracking-v0", lambda **kwargs: Coin(("a",)))
    try:
        env = TrackSuccessRate(
            gym.make("CoinForTracking-v0"), rule={"name": "step", "n_copies": 4}, run_id="mine"
        )
        assert env.spec is not None
        spec = env.spec.additional_wrappers[-1]
        assert spec.entry_point == "step_gym.wrappers.track_success:TrackSuccessRate"
        assert spec.kwargs == {"path": ":memory:", "rule": {"name": "step", "n_copies": 4}, "run_id": "mine"}
        again = gym.make(env.spec)
        assert episode(again, 1)["success_rate"] == 1.0
        again.close()
        env.close()
    finally:
        del gym.registry["CoinForTracking-v0"]


def test_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match="unknown success-rate rule 'median'"):
        TrackSuccessRate(Coin(), rule="median")


def test_the_examples_of_the_documentation_run(tmp_path, monkeypatch, capsys):
    page = (Path(__file__).parents[2] / "docs" / "success_rates.md").read_text()
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(example, {})
    printed = capsys.readouterr().out
    assert "{'task-a': 0.25}\n{'task-a': 0.4375}\n" in printed
    assert SuccessRecord("success.sqlite", read_only=True).status_counts() == {"ok": 20}
