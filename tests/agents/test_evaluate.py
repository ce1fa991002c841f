from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.config import EnvConfig
from step_gym.agents.evaluate import held_out_ids, summarise, task_set, wilson_interval
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeStatus, StepRecord


def episode(task_id: str, success: bool, status: EpisodeStatus = "ok", steps: int = 2) -> EpisodeRecord:
    records = [StepRecord(step=i, observation="", state_key="", action="a") for i in range(steps)]
    return EpisodeRecord(
        episode_id=task_id, run_id="r", env_id="e", task_id=task_id, instruction="", status=status,
        is_success=success if status == "ok" else None, score=float(success) if status == "ok" else None,
        steps=records,
    )  # fmt: skip


def test_wilson_interval_worked_numbers() -> None:
    # Newcombe (1998), table I: 81 of 263 and 0 of 20.
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)


@given(st.integers(1, 500), st.data())
def test_wilson_interval_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1


def test_environment_errors_are_counted_apart() -> None:
    episodes = [episode("a", True, steps=4), episode("b", False), episode("c", False, "env_error")]
    found = summarise(episodes)
    assert (found.successes, found.episodes, found.failed) == (1, 2, 1)
    assert (found.rate, found.mean_score, found.mean_steps) == (0.5, 0.5, 3.0)
    assert found.outcomes == "10-"
    assert str(found).startswith("50.0 % (1/2, 95 % interval 9.5 to 90.5")


def test_held_out_tasks_are_thinned_evenly() -> None:
    tasks = task_set(EnvConfig(id="STEP-ALFWorld-v0", kwargs={"size": "small"}))
    everything = held_out_ids(tasks, ("valid_seen", "valid_unseen"))
    assert len(everything) == 274 == len(set(everything))
    some = held_out_ids(tasks, ("valid_seen", "valid_unseen"), 10)
    assert len(set(some)) == 10 and set(some) < set(everything)
    assert sum(name.startswith("valid_seen") for name in some) == 5
    with pytest.raises(ValueError, match="unknown split 'valid_sen': did you mean 'valid_seen'"):
        held_out_ids(tasks, ("valid_sen",))


def test_by_kind_of_task() -> None:
    tasks = task_set(EnvConfig(id="STEP-ALFWorld-v0", kwargs={"size": "small"}))
    kind = tasks.by_id("train-0").params["task_type"]
    assert summarise([episode("train-0", True), episode("train-0", False)], tasks).by_group == {kind: (1, 2)}
