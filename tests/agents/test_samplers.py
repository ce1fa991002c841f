"""Which tasks a round plays: passes without replacement, copies, and STEP's resampling."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.agents.samplers import (
    FreshTasks,
    SuccessRateSampling,
    replacement_probability,
    success_rate_copies,
    uniform_copies,
)

SETTINGS = SuccessRateSampling()


@settings(deadline=None)
@given(st.integers(1, 12), st.lists(st.integers(0, 15), max_size=8), st.integers(0, 9))
def test_every_pass_holds_every_task_once(size, batches, seed):
    tasks = [f"t{i}" for i in range(size)]
    sampler = FreshTasks(tasks, np.random.default_rng(seed))
    drawn = []
    for count in batches:
        batch = sampler.draw(count)
        assert len(batch) == count
        assert count > size or len(set(batch)) == count, "also across two passes"
        drawn += batch
    for start in range(0, len(drawn) - size + 1, size):
        assert sorted(drawn[start : start + size]) == sorted(tasks)


@settings(deadline=None)
@given(st.integers(1, 12), st.lists(st.integers(0, 15), max_size=5), st.integers(0, 9))
def test_a_saved_sampler_goes_on_exactly(size, batches, seed):
    tasks = [f"t{i}" for i in range(size)]
    sampler = FreshTasks(tasks, np.random.default_rng(seed))
    for count in batches:
        sampler.draw(count)
    state = json.loads(json.dumps(sampler.state_dict()))
    other = FreshTasks(tasks, np.random.default_rng(99))
    other.load_state_dict(state)
    assert [sampler.draw(5) for _ in range(6)] == [other.draw(5) for _ in range(6)]


def test_the_order_differs_between_passes_and_seeds():
    tasks = [f"t{i}" for i in range(50)]
    sampler = FreshTasks(tasks, np.random.default_rng(0))
    first, second = sampler.draw(50), sampler.draw(50)
    assert first != second and first != tasks
    assert FreshTasks(tasks, np.random.default_rng(0)).draw(50) == first
    assert FreshTasks(tasks, np.random.default_rng(1)).draw(50) != first


def test_a_state_of_other_tasks_is_refused():
    state = FreshTasks(["a", "b"], np.random.default_rng(0)).state_dict()
    with pytest.raises(ValueError, match="saved for other tasks"):
        FreshTasks(["a", "c"], np.random.default_rng(0)).load_state_dict(state)
    with pytest.raises(ValueError, match="no task to sample from"):
        FreshTasks([], np.random.default_rng(0))


def test_uniform_copies():
    assert uniform_copies(["a", "b"], 3) == ["a", "a", "a", "b", "b", "b"]


@pytest.mark.parametrize(
    ("s0", "kappa", "expected"),
    [
        (0.6, 5, [0.047, 0.148, 0.378, 0.679, 0.881]),
        (0.6, 10, [0.002, 0.029, 0.269, 0.818, 0.982]),
        (0.6, 20, [0.000, 0.001, 0.119, 0.953, 1.000]),
        (0.5, 10, [0.007, 0.076, 0.500, 0.924, 0.993]),
    ],
)
def test_replacement_probability(s0, kappa, expected):
    found = [round(replacement_probability(rate, s0, kappa), 3) for rate in (0, 0.25, 0.5, 0.75, 1)]
    assert found == expected


@given(st.floats(0, 1), st.floats(0, 1e4))
def test_half_of_the_copies_are_replaced_at_s0(s0, kappa):
    assert replacement_probability(s0, s0, kappa) == 0.5


RATES = st.dictionaries(st.sampled_from([f"t{i}" for i in range(12)]), st.floats(0, 1))


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([f"t{i}" for i in range(12)]), max_size=6),
    RATES,
    st.integers(1, 8),
    st.sampled_from(["uniform", "gap"]),
    st.integers(0, 9),
)
def test_sizes_first_copies_and_sources(batch, rates, copies, cache_draw, seed):
    chosen = SuccessRateSampling(cache_draw=cache_draw)
    drawn = success_rate_copies(batch, rates, copies, np.random.default_rng(seed), chosen)
    assert len(drawn) == len(batch) * copies
    cache = {task for task, rate in rates.items() if chosen.eps_low < rate < chosen.s0}
    for index, task in enumerate(batch):
        part = drawn[index * copies : (index + 1) * copies]
        assert part[0] == task
        assert set(part) <= {task} | cache
        if task not in rates:
            assert set(part) == {task}, "a task that was never played keeps its copies"
    reordered = dict(reversed(rates.items()))
    assert drawn == success_rate_copies(batch, reordered, copies, np.random.default_rng(seed), chosen)


def test_an_empty_cache_replaces_nothing():
    rates = {"a": 1.0, "b": 0.0, "c": 0.6, "d": 0.01}
    assert success_rate_copies(["a", "b"], rates, 4, np.random.default_rng(0), SETTINGS) == uniform_copies(
        "ab", 4
    )
    off = SuccessRateSampling(enabled=False)
    assert success_rate_copies(["a"], {"a": 1.0, "e": 0.3}, 4, np.random.default_rng(0), off) == ["a"] * 4


def test_mastered_tasks_give_their_copies_to_unsolved_ones():
    rates = {"mastered": 1.0, "half": 0.6, "hard": 0.1, "middle": 0.35}
    drawn = success_rate_copies(["mastered", "half"], rates, 20_001, np.random.default_rng(0), SETTINGS)
    mastered, half = Counter(drawn[:20_001]), Counter(drawn[20_001:])
    assert 1 - mastered["mastered"] / 20_000 == pytest.approx(0.982, abs=0.005)
    assert 1 - half["half"] / 20_000 == pytest.approx(0.5, abs=0.02)
    assert mastered["hard"] / mastered["middle"] == pytest.approx(1.0, abs=0.06)
    by_gap = SuccessRateSampling(cache_draw="gap")
    gap = Counter(success_rate_copies(["mastered"], rates, 20_001, np.random.default_rng(0), by_gap))
    assert gap["hard"] / gap["middle"] == pytest.approx(0.5 / 0.25, rel=0.06)


@pytest.mark.parametrize("bad", [{"s0": 1.5}, {"s0": 0.005}, {"kappa": -1}, {"cache_draw": "best"}])
def test_settings_out_of_range_are_named(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        SuccessRateSampling(**bad)
