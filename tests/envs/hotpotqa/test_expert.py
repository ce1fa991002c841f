"""The expert solves the generated questions from what it sees, with actions that a policy is offered."""

from __future__ import annotations

import gymnasium
import pytest

from step_gym.envs.expert import expert_for
from step_gym.envs.hotpotqa.env import HotpotqaEnv
from step_gym.envs.hotpotqa.expert import HotpotqaExpert, parse
from step_gym.wrappers.candidates import CandidateActions


@pytest.mark.parametrize(("interface", "lost"), [("react", 0), ("search", 4)])
def test_the_expert_wins_and_its_actions_are_candidates(interface: str, lost: int) -> None:
    env = CandidateActions(gymnasium.make("STEP-HotpotQA-v0", interface=interface, disable_env_checker=True))
    expert = expert_for("STEP-HotpotQA-v0")
    base = env.unwrapped
    assert isinstance(base, HotpotqaEnv)
    won = 0
    ids = [f"{split}-{number}" for split in base.tasks.splits for number in range(150)]
    for task_id in ids:
        observation, info = env.reset(options={"task_id": task_id})
        expert.reset(observation, info)
        over, steps = False, 0
        while not over:
            action = expert.act(observation, info)
            assert action in info["candidate_actions"], (task_id, action)
            assert info["candidate_actions_cut"] == 0
            observation, _, terminated, truncated, info = env.step(action)
            over, steps = terminated or truncated, steps + 1
        won += info["is_success"]
        assert not info["is_success"] or steps >= base.tasks.by_id(task_id).difficulty, task_id
    assert won >= len(ids) - lost


@pytest.mark.parametrize("interface", ["react", "search"])
def test_it_takes_over_after_steps_of_others(interface: str) -> None:
    env = HotpotqaEnv(interface=interface, max_steps=20)
    expert = HotpotqaExpert()
    for number in range(20):
        observation, info = env.reset(options={"task_id": f"validation-{number}"})
        expert.reset(observation, info)
        for position in (3, 0, 5):
            actions = [action for action in env.candidate_actions(observation, info) if "search" in action]
            observation, *_, info = env.step(actions[position % len(actions)])
        over = False
        while not over:
            observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
            over = terminated or truncated
        assert info["is_success"], number


def test_a_foreign_question_is_refused() -> None:
    with pytest.raises(ValueError, match="not a generated question"):
        parse("Were Scott Derrickson and Ed Wood of the same nationality?")
