"""The rules that make rates of rounds: worked numbers, and what smoothing is for."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.samplers import FreshTasks, SuccessRateSampling, success_rate_copies
from step_gym.wrappers.success_rules import MeanRule, StepRule, TaskStats, make_rule, rule_spec

OLD = TaskStats(rate=0.4, successes=2, rollouts=5)


def test_a_large_alpha_freezes_the_rate():
    assert StepRule(n_copies=8, alpha=1e12)(OLD, 8, 8) == pytest.approx(0.4, abs=1e-9)


def test_alpha_zero_is_the_share_of_the_round():
    assert StepRule(n_copies=8, alpha=0.0)(OLD, 3, 8) == 3 / 8


def test_one_rollout_with_alpha_one_minus_one_nth_keeps_n_rollouts_of_evidence():
    n = 8
    expected = (1 + (n - 1) * 0.4) / n
    assert StepRule(n_copies=n, alpha=1 - 1 / n)(OLD, 1, 1) == pytest.approx(expected, rel=1e-15)
    assert StepRule(n_copies=n)(OLD, 1, 1) == pytest.approx(expected, rel=1e-15), (
        "the default rule is the same here"
    )


def test_the_floor_of_alpha_counts_a_quarter_of_a_full_round():
    # N_t = N = 8: alpha = max(0.25, 0), so the old rate counts as two rollouts.
    assert StepRule(n_copies=8)(OLD, 6, 8) == pytest.approx((6 + 2 * 0.4) / 10)
    # More rollouts than N (a task that was drawn from the cache too): still the floor.
    assert StepRule(n_copies=8)(OLD, 6, 16) == pytest.approx((6 + 2 * 0.4) / 18)


def test_the_first_round_is_its_own_share():
    assert StepRule()(None, 1, 4) == 0.25
    assert MeanRule()(None, 1, 4) == 0.25


def test_mean_rule_counts_every_rollout_alike():
    assert MeanRule()(OLD, 5, 5) == 7 / 10


@given(
    st.floats(0, 1),
    st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 32),
    st.one_of(st.none(), st.floats(0, 1e6)),
)
def test_a_rate_stays_between_the_old_one_and_the_rounds_share(rate, outcome, copies, alpha):
    successes, rollouts = outcome
    new = StepRule(n_copies=copies, alpha=alpha)(TaskStats(rate, 0, 1), successes, rollouts)
    low, high = sorted((rate, successes / rollouts))
    assert 0 <= new <= 1
    assert low - 1e-12 <= new <= high + 1e-12


@pytest.mark.parametrize("rule", [StepRule(n_copies=4, alpha=0.5), StepRule(), MeanRule()])
def test_named_rules_survive_json(rule):
    assert make_rule(json.loads(json.dumps(rule_spec(rule)))) == rule


def test_bad_rules_are_named():
    with pytest.raises(ValueError, match="unknown success-rate rule 'stepp': did you mean 'step'"):
        make_rule("stepp")
    with pytest.raises(ValueError, match="did you mean 'alpha'"):
        make_rule({"name": "step", "alfa": 1})
    with pytest.raises(ValueError, match="alpha=-1"):
        StepRule(alpha=-1)
    with pytest.raises(ValueError, match="n_copies=0"):
        StepRule(n_copies=0)
    assert rule_spec(lambda previous, successes, rollouts: 0.5) is None


def _tracking_error(rule, seed: int) -> tuple[float, float]:
    """Root mean square error of the rates, and the share of hard tasks at exactly 0, over a drifting world.

    128 tasks, 16 a round with 8 copies, 60 rounds, sampled by STEP's own sampler.
    """
    rng = np.random.default_rng(seed)
    truth = {f"t{i}": p for i, p in enumerate(rng.beta(0.5, 0.9, 128))}
    tasks = FreshTasks(list(truth), rng.spawn(1)[0])
    stats: dict[str, TaskStats] = {}
    squares, stuck = [], []
    for round in range(60):
        rates = {task: s.rate for task, s in stats.items()}
        drawn = success_rate_copies(tasks.draw(16), rates, 8, rng, SuccessRateSampling())
        for task in sorted(set(drawn)):
            rollouts = drawn.count(task)
            successes = int(rng.binomial(rollouts, truth[task]))
            old = stats.get(task)
            known = old or TaskStats(0, 0, 0)
            stats[task] = TaskStats(
                rule(old, successes, rollouts), known.successes + successes, known.rollouts + rollouts
            )
        for task, p in truth.items():
            truth[task] = float(np.clip(p + rng.normal(0.002, 0.01), 0.02, 0.99))
        if round >= 20:
            squares += [(stats[task].rate - p) ** 2 for task, p in truth.items() if task in stats]
            stuck += [stats[t].rate == 0 for t, p in truth.items() if t in stats and 0.03 <= p <= 0.2]
    return float(np.sqrt(np.mean(squares))), float(np.mean(stuck))


def test_smoothing_tracks_better_and_loses_fewer_hard_tasks():
    bare = np.mean([_tracking_error(StepRule(alpha=0.0), seed) for seed in (0, 1)], axis=0)
    smoothed = np.mean([_tracking_error(StepRule(), seed) for seed in (0, 1)], axis=0)
    assert smoothed[0] < 0.8 * bare[0]
    assert smoothed[0] < 0.16
    assert smoothed[1] < 0.5 * bare[1]
