from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import gymnasium
import pytest

import step_gym
from step_gym.envs.toy.env import ToyEnv
from step_gym.envs.toy.expert import ToyExpert


def test_an_episode_that_succeeds() -> None:
    env = gymnasium.make("STEP-Toy-v0", min_difficulty=6, max_difficulty=6)
    expert = ToyExpert()
    observation, info = env.reset(seed=0)
    expert.reset(observation, info)
    rewards = []
    while "score" not in info:
        observation, reward, terminated, truncated, info = env.step(expert.act(observation, info))
        rewards.append(reward)
        assert info["action_valid"]
    assert terminated and not truncated
    assert info["is_success"] is True and info["score"] == 1.0
    assert rewards == [0.0] * (len(rewards) - 1) + [1.0] and 6 <= len(rewards) <= 16


def test_success_on_the_last_step_of_the_budget_counts() -> None:
    env = ToyEnv(min_difficulty=2, max_difficulty=2)
    expert = ToyExpert()
    observation, info = env.reset(seed=0)
    expert.reset(observation, info)
    for _ in range(6):
        observation, *_, info = env.step("wait")
    observation, *_, info = env.step(expert.act(observation, info))
    *_, terminated, truncated, info = env.step(expert.act(observation, info))
    assert terminated and not truncated and info["is_success"]


def test_what_is_not_admissible_is_answered_and_named() -> None:
    env = ToyEnv()
    before, _ = env.reset(seed=0)
    for _ in range(2):
        observation, *_, info = env.step("go nowhere")
        assert observation["text"] == "Nothing happens. " + before["text"]
        assert info["action_error"].startswith("'go nowhere' is not admissible here")
    observation, *_, info = env.step("go nowhere" * 100)
    assert len(info["action_error"]) < 200
    observation, *_, info = env.step(info["admissible_actions"][0])
    assert "Nothing happens" not in observation["text"] and info["action_error"] is None


def test_state_keys_tell_states_apart_and_forget_the_way() -> None:
    env = ToyEnv(min_difficulty=8, max_difficulty=8)
    observation, start = env.reset(options={"task_id": "train-d8-8-0"})
    room = observation["text"].split(".")[0].removeprefix("You are in the ")
    walk = next(action for action in start["admissible_actions"] if action.startswith("go "))
    *_, there = env.step(walk)
    assert there["state_key"] != start["state_key"]
    *_, back = env.step(f"go {room}")
    assert back["state_key"] == start["state_key"]
    _, other = env.reset(options={"task_id": "train-d8-8-1"})
    assert other["state_key"] != start["state_key"]


def test_split_argument_and_option() -> None:
    env = ToyEnv(split="valid")
    assert {env.reset(seed=seed)[1]["task_id"].split("-")[0] for seed in range(10)} == {"valid"}
    assert env.reset(options={"split": "train"})[1]["task_id"].startswith("train-")


def test_vector_members_share_the_built_worlds() -> None:
    vector: Any = gymnasium.make_vec(
        "STEP-Toy-v0", num_envs=3, vectorization_mode="sync", tasks=1, split="train"
    )
    observations, infos = vector.reset(seed=0)
    assert list(infos["task_id"]) == ["train-d2-12-0"] * 3
    layouts = vector.get_attr("_layout")
    assert layouts[0] is layouts[1] is layouts[2]
    vector.close()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "validd"}, "unknown split 'validd': did you mean 'valid'?"),
        ({"tasks": 0}, "tasks=0"),
        ({"tasks": 2.5}, "tasks=2.5: must be a whole number"),
        ({"tasks": True}, "tasks=True"),
        ({"min_difficulty": 1}, "need 2 <= min_difficulty"),
        ({"max_difficulty": 13}, "<= 12"),
        ({"min_difficulty": 7, "max_difficulty": 6}, "min_difficulty=7, max_difficulty=6"),
        ({"render_mode": "human"}, "unknown render_mode 'human'"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        ToyEnv(**arguments)
    assert message in str(error.value) and "\n" not in str(error.value)


def test_render_shows_instruction_and_text() -> None:
    env = ToyEnv(render_mode="ansi")
    assert env.render() is None
    observation, _ = env.reset(seed=0)
    assert env.render() == f"{observation['instruction']}\n\n{observation['text']}"


def test_the_documented_example_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(step_gym.__file__).parents[1] / "docs/environments/toy.md").read_text(encoding="utf-8")
    code, output = re.findall(r"```(?:python)?\n(.*?)```", page, re.DOTALL)[:2]
    exec(code, {})
    assert capsys.readouterr().out == output
