from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Discrete
from gymnasium.utils.env_checker import check_env
from hypothesis import given
from hypothesis import strategies as st

import step_gym  # noqa: F401  (registers the worlds)
from step_gym.envs.core import EnvironmentFault, View
from step_gym.envs.toy.env import ToyEnv
from step_gym.wrappers.numeric import OUTCOME_UNIT, NumericView, hashed

WORLDS = sorted(name for name in gymnasium.registry if name.startswith("STEP-"))
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


def toy(**kwargs: Any) -> NumericView:
    return NumericView(gymnasium.make("STEP-Toy-v0"), limit=12, **kwargs)


def go_back(info: dict[str, Any]) -> str:
    """The action that leads to the room of this moment from the next one."""
    return f"go {info['text'].split('.')[0].removeprefix('You are in the ')}"


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> bool:
    return left.keys() == right.keys() and all(np.array_equal(left[key], right[key]) for key in left)


@pytest.mark.parametrize("world", WORLDS)
def test_checks_of_gymnasium(world: str) -> None:
    check_env(NumericView(gymnasium.make(world, disable_env_checker=True), limit=16), skip_render_check=True)


@pytest.mark.parametrize("world", WORLDS)
def test_an_index_means_the_candidate_at_that_place(world: str) -> None:
    env, plain = NumericView(gymnasium.make(world)), gymnasium.make(world)
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=3)
    shown, plain_info = plain.reset(seed=3)
    for _ in range(5):
        assert (info["instruction"], info["text"]) == (shown["instruction"], shown["text"])
        assert np.array_equal(observation["text"], hashed(shown["text"], 256))
        assert (
            observation["mask"].sum() == min(64, len(info["candidate_actions"])) == env.action_masks().sum()
        )
        index = int(rng.integers(len(info["candidate_actions"])))
        action = info["candidate_actions"][index]
        assert np.array_equal(observation["candidates"][index], hashed(action, 256))
        observation, reward, terminated, truncated, info = env.step(index)
        shown, plain_reward, plain_terminated, plain_truncated, plain_info = plain.step(action)
        assert (reward, terminated, truncated) == (plain_reward, plain_terminated, plain_truncated)
        assert info["state_key"] == plain_info["state_key"]
        if terminated or truncated:
            break


@pytest.mark.parametrize("index", [11, 4, -1, 10**6])
def test_an_index_without_a_candidate_costs_a_step(index: int) -> None:
    env = toy()
    before, info = env.reset(options={"task_id": "train-d2-12-0"})
    candidates = info["candidate_actions"]
    assert len(candidates) <= 4 and not before["mask"][4:].any()
    budget = env.unwrapped.tasks.by_id("train-d2-12-0").max_steps  # type: ignore[attr-defined]
    for step in range(1, budget + 1):
        after, reward, terminated, truncated, info = env.step(np.int64(index))
        assert (reward, terminated, truncated) == (0.0, False, step == budget)
        assert not info["action_valid"]
        assert info["action_error"] == f"index {index} has no action: there are {len(candidates)} candidates"
        assert info["candidate_actions"] == candidates
        assert all(np.array_equal(after[key], before[key]) for key in before if key != "text")
    assert info["is_success"] is False


@pytest.mark.parametrize("index", [np.int64(1), np.array(1), np.array([1])])
def test_an_index_may_come_as_an_array(index: np.ndarray) -> None:
    env, other = toy(), toy()
    for world in (env, other):
        world.reset(options={"task_id": "train-d2-12-0"})
    assert env.step(index)[-1]["state_key"] == other.step(1)[-1]["state_key"]


def test_what_followed_an_action_is_remembered() -> None:
    """By hand: two rooms, there and back; each text counts half as much for every step since."""
    env = toy()
    _, info = env.reset(options={"task_id": "train-d2-12-4"})
    back = go_back(info)
    first = next(action for action in info["candidate_actions"] if action.startswith("go "))
    *_, info = env.step(info["candidate_actions"].index(first))
    there = info["text"]
    observation, *_, info = env.step(info["candidate_actions"].index(back))
    here = info["text"]
    place = info["candidate_actions"].index(first)
    expected = hashed(there, 256) * 1.0 + hashed(here, 256) * 0.5
    assert np.array_equal(
        observation["outcomes"][place], np.clip(np.rint(expected * OUTCOME_UNIT), -127, 127)
    )
    assert np.allclose(observation["taken"][place], np.log1p([1, 1]))
    assert not observation["taken"][[i for i in range(12) if i != place]].any()
    assert np.array_equal(observation["history"], hashed(first, 256) + hashed(back, 256))
    observation, _ = env.reset()
    assert (
        not observation["history"].any()
        and not observation["outcomes"].any()
        and not observation["taken"].any()
    )


def test_old_outcomes_fade() -> None:
    """Six texts count, each half as much as the one before; a new outcome replaces the old one."""
    env = NumericView(gymnasium.make("STEP-ALFWorld-v0", size="small"))
    _, info = env.reset(options={"task_id": "train-0"})
    there = next(action for action in info["candidate_actions"] if action.startswith("go "))
    read = []
    for action in (there, *["inventory"] * 7):
        observation, *_, info = env.step(info["candidate_actions"].index(action))
        read.append(hashed(info["text"], 256))
    place = info["candidate_actions"].index("inventory")
    assert np.array_equal(observation["outcomes"][place], read[-1] * OUTCOME_UNIT)
    _, info = env.reset(options={"task_id": "train-0"})
    for action in (there, *["inventory"] * 7, "help"):
        index = info["candidate_actions"].index(action) if action in info["candidate_actions"] else 63
        *_, info = env.step(index)
    assert np.array_equal(
        np.rint(env._outcomes[there][1] * 32), sum(2 ** (5 - k) * read[k].astype(float) for k in range(6))
    )


class FailingEnv(ToyEnv):
    """Fails with the second action."""

    def _act(self, action: str) -> View:
        if self._steps == 2:
            raise EnvironmentFault("the machine died")
        return super()._act(action)


def test_a_fault_is_neither_success_nor_failure() -> None:
    env = NumericView(FailingEnv(), limit=12)
    env.reset(seed=0)
    env.step(0)
    observation, reward, terminated, truncated, info = env.step(0)
    assert (reward, terminated, truncated, info["status"]) == (0.0, False, True, "env_error")
    assert info["is_success"] is None and not observation["mask"].any()
    assert env.action_masks().all(), "sb3-contrib needs one that may be chosen"
    assert env.reset()[0]["mask"].any()


def test_observations_are_fresh() -> None:
    env = toy()
    first, _ = env.reset(options={"task_id": "train-d2-12-0"})
    kept = {key: value.copy() for key, value in first.items()}
    for value in first.values():
        value[...] = 1
    again, _ = env.reset(options={"task_id": "train-d2-12-0"})
    assert same(again, kept)


def test_restore_begins_with_an_empty_history() -> None:
    env = toy()
    _, info = env.reset(seed=0)
    start = env.get_wrapper_attr("snapshot")()
    first = env.step(0)
    env.step(0)
    observation, _ = env.restore(start)
    assert not observation["history"].any()
    assert same(env.step(0)[0], first[0])


def test_made_again_from_its_spec_and_pickled() -> None:
    env = toy(features=32)
    assert env.spec is not None
    twin = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert twin.action_space == env.action_space == Discrete(12)
    assert twin.observation_space == env.observation_space
    assert same(twin.reset(seed=5)[0], env.reset(seed=5)[0])
    copy = pickle.loads(pickle.dumps(env))
    assert same(copy.step(1)[0], env.step(1)[0])


def test_in_a_vector() -> None:
    envs = gymnasium.make_vec("STEP-Toy-v0", 3, wrappers=[lambda env: NumericView(env, limit=12)])
    observation, _ = envs.reset(seed=0)
    assert observation["candidates"].shape == (3, 12, 256) and observation["candidates"].dtype == np.int8
    observation, *_ = envs.step(np.zeros(3, np.int64))
    assert envs.observation_space.contains(observation)


@pytest.mark.parametrize(
    ("kwargs", "message"), [({"features": 7}, "features=7.*at least 8"), ({"limit": 0}, "limit=0.*1 to 256")]
)
def test_bad_arguments(kwargs: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NumericView(gymnasium.make("STEP-Toy-v0"), **kwargs)


# -- hashing -------------------------------------------------------------------------------------------------


@given(TEXT, TEXT)
def test_texts_add_up(left: str, right: str) -> None:
    """Words and pairs are counted: texts with no pair across the seam add up, up to the limit of the type."""
    joined = hashed(f"{left} | {right}", 64).astype(int)
    parts = hashed(left, 64).astype(int) + hashed(right, 64)
    assert np.abs(joined - parts).sum() <= 1


def test_case_and_punctuation_do_not_count() -> None:
    assert np.array_equal(hashed("Put the CUP, on: shelf 1!", 64), hashed("put the cup on shelf 1", 64))
    assert not np.array_equal(hashed("cup on shelf", 64), hashed("shelf on cup", 64))
    assert not hashed(" ... ", 64).any() and not hashed("", 64).any()
    assert hashed("go " * 5000, 64).max() <= 127


def test_the_product_of_texts_counts_what_they_share() -> None:
    """Weinberger et al., 2009, Lemma 2: the hashed product has the exact product as its mean."""
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(300):
        words = [f"w{n}" for n in rng.choice(100_000, 12, replace=False)]
        left, right = "|".join(words[:8]), "|".join(words[4:])
        # Shared: four words, and the three pairs of neighbours among them.
        errors.append(int(hashed(left, 256).astype(int) @ hashed(right, 256)) - 7)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(len(errors)) + 1e-9
    assert np.std(errors) < 2.0


def test_equal_in_every_process() -> None:
    script = (
        "from step_gym.wrappers.numeric import hashed; print(hashed('take mug 1 from shelf 2', 32).tolist())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {str(hashed("take mug 1 from shelf 2", 32).tolist())}
