from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from hypothesis import given
from hypothesis import strategies as st

import step_gym  # noqa: F401  (registers the worlds)
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.completion import Completion


def completion(action: str = "take cup", **changed: Any) -> Completion:
    fields = {"prompt_ids": [5, 6, 7], "action_ids": [1, 2], "logprobs": [-0.25, -1.5], "policy_version": 3}
    return Completion(action, **{**fields, "text": f"<act>{action}</act>", **changed})


def assert_same(first: Completion, second: Completion) -> None:
    assert type(second) is Completion and str(first) == str(second)
    for name, dtype in (("prompt_ids", np.int32), ("action_ids", np.int32), ("logprobs", np.float32)):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
        assert getattr(second, name).dtype == dtype
    assert (first.policy_version, first.text) == (second.policy_version, second.text)


@given(st.text(), st.lists(st.tuples(st.integers(0, 2**31 - 1), st.floats(-50, 0, width=32))), st.text())
def test_it_survives_pickling_and_copying(action: str, tokens: list[tuple[int, float]], text: str) -> None:
    ids, logprobs = [i for i, _ in tokens], [p for _, p in tokens]
    made = completion(action, action_ids=ids, logprobs=logprobs, text=text)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert_same(made, pickle.loads(pickle.dumps(made, protocol)))
    assert_same(made, copy.copy(made))
    assert_same(made, copy.deepcopy(made))


def test_it_is_the_plain_string_to_everyone_else() -> None:
    made = completion()
    assert made == "take cup" and hash(made) == hash("take cup") and {"take cup": 1}[made] == 1
    assert isinstance(made, str) and f"{made}" == "take cup"
    assert type(str(made)) is str


def test_string_methods_lose_the_tokens() -> None:
    made = completion()
    for plain in (made.strip(), made.lower(), made + "", made[:], made.replace("cup", "hat"), str(made)):
        assert type(plain) is str and not hasattr(plain, "action_ids")


def test_the_raw_text_is_the_action_unless_given() -> None:
    assert Completion("look", prompt_ids=[], action_ids=[], logprobs=[]).text == "look"


@pytest.mark.parametrize("logprobs", [[-1.0], [-1.0, -1.0, -1.0], [[-1.0, -1.0]]])
def test_there_is_one_log_probability_for_each_token(logprobs: Any) -> None:
    with pytest.raises(ValueError, match="one each is needed"):
        completion(logprobs=logprobs)


class Heard(gymnasium.Wrapper):
    """Tells through info what reached the environment."""

    def step(self, action: Any) -> Any:
        observation, reward, terminated, truncated, info = self.env.step(action)
        exact = isinstance(action, Completion) and action.action_ids.tolist() == [1, 2]
        return (
            observation,
            reward,
            terminated,
            truncated,
            {**info, "heard": f"{type(action).__name__} {exact}"},
        )


def test_it_passes_through_make_and_wrappers() -> None:
    env, twin = CandidateActions(Heard(gymnasium.make("STEP-Toy-v0"))), gymnasium.make("STEP-Toy-v0")
    _, info = env.reset(seed=0)
    twin.reset(seed=0)
    action = info["admissible_actions"][0]
    observation, *_, info = env.step(completion(action))
    assert info["heard"] == "Completion True" and info["action_valid"]
    assert observation == twin.step(action)[0]


@pytest.mark.parametrize("mode", list(AutoresetMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_it_passes_through_vector_environments(kind: str, mode: AutoresetMode) -> None:
    options: dict[str, Any] = {"autoreset_mode": mode}
    if kind == "async":
        options |= {"shared_memory": False, "context": "spawn"}
    vector: Any = gymnasium.make_vec(
        "step_gym:STEP-Toy-v0",
        num_envs=2,
        vectorization_mode=kind,
        vector_kwargs=options,
        tasks=1,
        split="train",
    )
    try:
        _, infos = vector.reset(seed=0)
        start = list(infos["state_key"])
        for _ in range(7):
            *_, infos = vector.step([completion("wait"), "wait"])
            assert list(infos["action_valid"]) == [False, False] and list(infos["state_key"]) == start
            assert infos["action_error"][0] == infos["action_error"][1]
        action = infos["admissible_actions"][0][0]
        *_, truncated, infos = vector.step([completion(action), action])
        assert list(truncated) == [True, True]
        ended = infos["final_info"] if mode is AutoresetMode.SAME_STEP else infos
        assert (
            list(ended["action_valid"]) == [True, True]
            and ended["state_key"][0] == ended["state_key"][1] != start[0]
        )
        if mode is AutoresetMode.DISABLED:
            vector.reset(options={"reset_mask": np.array([True, True])})
        if mode is AutoresetMode.NEXT_STEP:
            vector.step([completion("ignored"), "ignored"])
        *_, infos = vector.step([completion(action), action])
        assert list(infos["action_valid"]) == [True, True]
    finally:
        vector.close()
