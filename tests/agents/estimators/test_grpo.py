"""Trajectory-level GRPO and Dr.GRPO: worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from step_gym.agents.batch import step_batch
from step_gym.agents.estimators import EstimatorContext, get_algorithm
from step_gym.agents.estimators.grpo import GRPO

CONTEXT = EstimatorContext()


def by_episode(estimator, episodes):
    """The advantage of each episode; every executed step of one must have the same."""
    batch, _ = step_batch(episodes)
    result = estimator.estimate(batch, CONTEXT)
    assert result.step_advantage is not None and len(result.step_advantage) == len(batch)
    assert (result.weight[batch.is_executed] == 1).all()
    parts = [
        set(result.step_advantage[(batch.episode == i) & batch.is_executed]) for i in range(len(episodes))
    ]
    assert all(len(part) == 1 for part in parts)
    return [part.pop() for part in parts]


def test_two_of_eight(episode):
    episodes = [episode("a", score) for score in [1.0] * 2 + [0.0] * 6]
    population = by_episode(GRPO(ddof=0), episodes)
    assert population == pytest.approx([math.sqrt(3)] * 2 + [-1 / math.sqrt(3)] * 6, rel=1e-5)
    unbiased = by_episode(get_algorithm("grpo"), episodes)
    assert unbiased[0] == pytest.approx(0.75 / math.sqrt(1.5 / 7), rel=1e-5)
    assert by_episode(get_algorithm("dr-grpo"), episodes) == [0.75] * 2 + [-0.25] * 6


def test_statistics_run_over_trajectories_not_over_rows(episode):
    episodes = [episode("a", 1.0, steps=1), episode("a", 0.0, steps=9)]
    assert by_episode(GRPO(ddof=0), episodes) == pytest.approx([1, -1], rel=1e-5)
    # Weighted by rows, the mean would be 0.1 and the deviation 0.3.
    assert by_episode(GRPO(ddof=0, count_steps=True), episodes) == pytest.approx([3, -1 / 3], rel=1e-5)


def test_tasks_are_groups_of_their_own(episode):
    episodes = [episode("a", 1.0), episode("b", 0.0), episode("a", 0.0), episode("b", 0.0)]
    assert by_episode(GRPO(ddof=0), episodes) == pytest.approx([1, 0, -1, 0], rel=1e-5)
    batch, _ = step_batch(episodes)
    assert GRPO().estimate(batch, CONTEXT).stats["uniform_group_share"] == 0.5


def test_a_group_of_one(episode):
    assert by_episode(GRPO(), [episode("a", 1.0)]) == [0.0]
    assert by_episode(GRPO(singleton="value"), [episode("a", 1.0)]) == [1.0]


def test_partial_scores_are_used(episode):
    episodes = [episode("a", score) for score in (0.5, 0.0)]
    assert by_episode(get_algorithm("dr-grpo"), episodes) == [0.25, -0.25]


def test_candidates_are_not_trained_on(episode):
    one, other = episode("a", 1.0), episode("a", 0.0)
    candidate = episode("a", 0.0, steps=1).steps[0]
    candidate.is_executed, candidate.candidate_group = False, "g"
    one.candidates.append(candidate)
    batch, _ = step_batch([one, other])
    for estimator in (GRPO(), GRPO(count_steps=True)):
        result = estimator.estimate(batch, CONTEXT)
        assert result.weight.tolist() == [1, 1, 1, 1, 0]
        assert result.step_advantage is not None and result.step_advantage[-1] == 0


def test_an_empty_batch():
    batch, _ = step_batch([])
    result = GRPO().estimate(batch, CONTEXT)
    assert len(result.weight) == 0
    assert result.step_advantage is not None and len(result.step_advantage) == 0


def test_the_neutral_hooks():
    estimator, rng = get_algorithm("grpo"), np.random.default_rng(0)
    assert estimator.sample_tasks(["a", "b"], {"a": 1.0, "c": 0.3}, 2, rng) == ["a", "a", "b", "b"]
    assert estimator.extra_actions([], {}, rng) == []


@pytest.mark.parametrize("bad", [{"ddof": 2}, {"eps": -1}, {"singleton": "one"}])
def test_settings_out_of_range_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        GRPO(**bad)
