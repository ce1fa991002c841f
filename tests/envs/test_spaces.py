from __future__ import annotations

import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.vector.utils import batch_space
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.spaces import FreeText
from step_gym.wrappers.completion import Completion


@given(st.text())
def test_any_text_belongs_up_to_the_length(text: str) -> None:
    assert (text in FreeText(5)) == (len(text) <= 5)


def test_what_does_not_belong() -> None:
    for value in (None, 3, b"look", ["look"], np.array("look")):
        assert value not in FreeText()
    assert Completion("look", prompt_ids=[1], action_ids=[2], logprobs=[0.0]) in FreeText()


@given(st.integers(0, 2**31), st.integers(1, 30))
def test_samples_belong_and_follow_the_seed(seed: int, length: int) -> None:
    first, second = FreeText(length, seed=seed), FreeText(length, seed=seed)
    samples = [first.sample() for _ in range(5)]
    assert samples == [second.sample() for _ in range(5)]
    assert all(sample in first for sample in samples)


def test_a_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="no mask"):
        FreeText().sample(mask=np.ones(3))


def test_a_space_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="max_length=0"):
        FreeText(0)


def test_equality_pickling_and_json() -> None:
    space = FreeText(9)
    assert space == FreeText(9) != FreeText(8) and hash(space) == hash(FreeText(9)) and space != "FreeText(9)"
    assert pickle.loads(pickle.dumps(space)) == space and repr(space) == "FreeText(9)"
    assert space.from_jsonable(space.to_jsonable(["a", "ö"])) == ["a", "ö"]
    assert not space.is_np_flattenable


def test_it_batches_to_one_text_for_each_environment() -> None:
    batched = batch_space(gymnasium.spaces.Dict(text=FreeText()), 2)
    assert ({"text": ("a", "")}) in batched
