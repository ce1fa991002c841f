"""Group statistics: conventions, and invariances that hold for any values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.estimators.groups import group_advantage, is_uniform_group

VALUES = st.lists(st.tuples(st.sampled_from("abc"), st.floats(-5, 5, width=16)), min_size=1, max_size=20)


def columns(rows):
    return np.array([v for _, v in rows], dtype=np.float64), np.array([g for g, _ in rows], dtype=object)


@given(VALUES, st.sampled_from([0, 1]), st.booleans())
def test_each_group_is_normalised_on_its_own(rows, ddof, divide):
    values, groups = columns(rows)
    advantage = group_advantage(values, groups, ddof=ddof, divide_by_std=divide)
    for name in set(groups):
        inside = groups == name
        mine = values[inside]
        expected = mine - mine.mean()
        if len(set(mine)) == 1:
            expected = np.zeros(len(mine))
        elif divide:
            expected = expected / (mine.std(ddof=ddof) + 1e-6)
        assert np.allclose(advantage[inside], expected, rtol=1e-9, atol=1e-12)


def test_uniform_groups_are_exactly_zero():
    values = np.array([0.1, 0.1, 0.1, 0.7])
    groups = np.array([0, 0, 0, 1])
    assert is_uniform_group(values, groups).tolist() == [True] * 4
    assert group_advantage(values, groups).tolist() == [0.0] * 4
    assert group_advantage(values, groups, singleton="value").tolist() == [0, 0, 0, 0.7]


def test_no_rows():
    empty = np.zeros(0)
    assert group_advantage(empty, empty).tolist() == [] and is_uniform_group(empty, empty).tolist() == []
