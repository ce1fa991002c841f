"""STEP: weights against worked numbers and against GRPO, and the augmentation's groups."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from step_gym.agents.batch import step_batch
from step_gym.agents.estimators import EstimatorContext, StateRequest, get_algorithm
from step_gym.agents.estimators.step import STEP, Augmentation
from step_gym.wrappers.success_rules import StepRule


def estimate(estimator, episodes, rates, previous=None):
    batch, _ = step_batch(episodes)
    return estimator.estimate(batch, EstimatorContext(rates=rates, previous_rates=previous or {}))


def advantages(estimator, episodes, rates) -> np.ndarray:
    return np.asarray(estimate(estimator, episodes, rates).step_advantage, dtype=np.float64)


def test_failures_have_weight_zero_and_successes_one_minus_s(episode):
    result = estimate(
        STEP(), [episode("a", 1.0), episode("a", 0.0), episode("b", 1.0, 1)], {"a": 0.3, "b": 1.0}
    )
    assert result.weight.tolist() == [1, 1, 0, 0, 1]
    assert result.step_advantage == pytest.approx([0.7, 0.7, 0, 0, 0])
    assert result.stats["trained_steps"] == 3 and result.stats["success_share"] == pytest.approx(2 / 3)
    assert result.stats["mean_success_advantage"] == pytest.approx(0.35)


def test_a_partial_score_is_no_success(episode):
    assert estimate(STEP(), [episode("a", 0.9)], {"a": 0.0}).weight.tolist() == [0, 0]


@given(outcomes=st.lists(st.booleans(), min_size=2, max_size=12).filter(lambda x: 0 < sum(x) < len(x)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_with_s_the_group_mean_step_is_dr_grpo_and_sqrt_odds_is_grpo(episode, outcomes):
    episodes = [episode("a", float(outcome)) for outcome in outcomes]
    rates = {"a": StepRule()(None, sum(outcomes), len(outcomes))}
    success = np.repeat(outcomes, 2)
    plain = advantages(get_algorithm("dr-grpo"), episodes, rates)
    assert advantages(STEP(), episodes, rates)[success] == pytest.approx(plain[success])
    assert advantages(STEP(use_failures=True), episodes, rates) == pytest.approx(plain)
    normalised = advantages(get_algorithm("grpo", {"ddof": 0}), episodes, rates)
    odds = STEP(weighting="sqrt_odds", weight_cap=100.0, use_failures=True)
    assert advantages(odds, episodes, rates) == pytest.approx(normalised, rel=1e-4)


def test_the_forms_of_the_weight(episode):
    def success(rate, **settings):
        return advantages(STEP(**settings), [episode("a", 1.0, 1)], {"a": rate})[0]

    assert success(0.25, weighting="sqrt_odds") == pytest.approx(math.sqrt(3))
    assert success(0.05, weighting="sqrt_odds") == 3.0, "sqrt(19) is over the cap"
    assert success(0.0, weighting="sqrt_odds", weight_cap=5.0) == 5.0
    assert success(1.0, weighting="sqrt_odds") == 0.0
    assert success(0.9, weighting="constant") == 1.0


def test_failures_can_be_used(episode):
    failure = [episode("a", 0.0, 1)]
    for weighting, expected in (("one_minus_s", -0.25), ("sqrt_odds", -math.sqrt(1 / 3)), ("constant", -1.0)):
        estimator = get_algorithm("step", {"weighting": weighting, "use_failures": True})
        result = estimate(estimator, failure, {"a": 0.25})
        assert result.weight.tolist() == [1] and result.step_advantage == pytest.approx([expected])


def test_the_rate_before_the_round_lets_a_first_success_weigh_one(episode):
    episodes = [episode("new", 1.0, 1), episode("old", 1.0, 1)]
    result = estimate(STEP(rate="before"), episodes, {"new": 0.5, "old": 0.9}, {"old": 0.8})
    assert result.step_advantage == pytest.approx([1.0, 0.2])


def test_a_missing_rate_is_named(episode):
    with pytest.raises(ValueError, match="no success rate of task 'a': close the round"):
        estimate(STEP(), [episode("a", 1.0)], {})


def test_candidates_are_normalised_at_their_state(episode):
    played = episode("a", 1.0, steps=2)
    for group, rewards in (("s0", [1, 0, 0, 1]), ("s1", [0.5, 0.5, 0.5, 0.5])):
        for reward in rewards:
            candidate = episode("a", 0.0, steps=1).steps[0]
            candidate.is_executed, candidate.candidate_group, candidate.reward = False, group, reward
            played.candidates.append(candidate)
    result = estimate(STEP(), [played, episode("a", 0.0)], {"a": 0.2})
    assert result.weight.tolist() == [1, 1, 0, 0] + [0.5] * 4 + [0] * 4
    assert result.step_advantage == pytest.approx([0.8, 0.8, 0, 0, 1, -1, -1, 1, 0, 0, 0, 0], abs=1e-5)
    assert result.stats["candidate_groups"] == 2 and result.stats["candidate_groups_trained"] == 1


def test_an_empty_batch():
    assert len(estimate(STEP(), [], {}).weight) == 0


# -- augmentation ------------------------------------------------------------------------------------------


def requests(estimator, episodes, rates, seed=0):
    return estimator.extra_actions(episodes, rates, np.random.default_rng(seed))


def test_low_rates_with_a_success_ask_for_candidates(episode):
    episodes = [
        episode("low", 0.0, 3),
        episode("low", 1.0, 3),
        episode("high", 1.0, 3),
        episode("edge", 1.0, 3),
        episode("unsolved", 0.0, 3),
    ]
    rates = {"low": 0.2, "high": 0.5, "edge": 0.3, "unsolved": 0.1}
    asked = requests(STEP(augmentation=Augmentation(max_steps=2, group=5)), episodes, rates)
    assert len(asked) == 2 and asked == sorted(asked, key=lambda request: request.step_index)
    assert {request.episode_index for request in asked} == {1} and {request.count for request in asked} == {5}
    assert len({request.step_index for request in asked}) == 2
    assert requests(get_algorithm("step-no-augmentation"), episodes, rates) == []
    assert requests(STEP(), episodes, {"low": 0.01}) == [], "a rate at eps_low does not trigger"


def test_one_trajectory_of_a_task_is_used_and_all_of_its_steps_if_few(episode):
    episodes = [episode("a", 1.0, 3), episode("a", 1.0, 3)]
    chosen = set()
    for seed in range(20):
        asked = requests(STEP(), episodes, {"a": 0.1}, seed)
        assert [request.step_index for request in asked] == [0, 1, 2]
        chosen |= {request.episode_index for request in asked}
    assert chosen == {0, 1}
    assert requests(STEP(), episodes, {"a": 0.1}, 3) == requests(STEP(), episodes, {"a": 0.1}, 3)


def test_surprising_steps_come_first(episode):
    played = episode("a", 1.0, 4, logprobs=[[-0.1], [-3.0, -1.0], [-1.5], [-0.2]])
    asked = requests(STEP(augmentation=Augmentation(pick="surprise", max_steps=2)), [played], {"a": 0.1})
    assert asked == [StateRequest(0, 1, 8), StateRequest(0, 2, 8)]
    played.steps[1].logprobs = None
    asked = requests(STEP(augmentation=Augmentation(pick="surprise", max_steps=3)), [played], {"a": 0.1})
    assert [request.step_index for request in asked] == [0, 2, 3]


def test_steps_that_cannot_be_sampled_again_or_were_invalid_are_left_out(episode):
    played = episode("a", 1.0, 3)
    played.steps[0].prompt_ids = None
    played.steps[2].action_valid = False
    failed = episode("a", 1.0, 3)
    failed.status = "env_error"
    asked = requests(STEP(), [failed, played], {"a": 0.1})
    assert asked == [StateRequest(1, 1, 8)]


def test_scores_of_candidates(episode):
    reference = episode("a", 1.0).steps[0]
    scores = [STEP().score_extra(reference, text) for text in ("Go to desk 0", "go to desk 7", "look", "")]
    assert scores == [1.0, 0.5, 0.0, 0.0]
    assert STEP(augmentation=Augmentation(type_reward=0.2)).score_extra(reference, "go to desk 7") == 0.2


def test_its_rates_are_smoothed_as_set():
    assert get_algorithm("grpo").rate_rule(4) == StepRule(n_copies=4)
    assert get_algorithm("step").rate_rule(4) == StepRule(n_copies=4)
    assert get_algorithm("step", {"alpha": 0.5}).rate_rule(4) == StepRule(n_copies=4, alpha=0.5)


def test_its_tasks_are_resampled():
    rates, rng = {"a": 1.0, "b": 0.3}, np.random.default_rng(0)
    drawn = STEP().sample_tasks(["a"], rates, 50, rng)
    assert len(drawn) == 50 and drawn[0] == "a" and drawn.count("b") > 40
    assert get_algorithm("step-no-sampling").sample_tasks(["a"], rates, 50, rng) == ["a"] * 50


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: STEP(weight_cap=0), "weight_cap=0"),
        (lambda: STEP(weighting="square"), "unknown setting weighting 'square'"),  # type: ignore[arg-type]
        (lambda: STEP(rate="now"), "unknown setting rate 'now'"),  # type: ignore[arg-type]
        (lambda: Augmentation(s_aug=2), "s_aug=2"),
        (lambda: Augmentation(group=1), "group=1"),
        (lambda: Augmentation(pick="best"), "unknown setting pick 'best'"),  # type: ignore[arg-type]
    ],
)
def test_settings_out_of_range_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
