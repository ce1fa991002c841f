"""Every world's expert goes on sensibly when another hand acts in between, as in noisy demonstrations."""

from __future__ import annotations

import random

import gymnasium as gym
import pytest

from step_gym.envs.expert import expert_for
from step_gym.registration import ENTRY_POINTS
from step_gym.wrappers.candidates import CandidateActions


@pytest.mark.parametrize("env_id", ENTRY_POINTS)
def test_an_expert_copes_with_random_actions(env_id: str) -> None:
    env = CandidateActions(gym.make(env_id, split="train"))
    expert, rng = expert_for(env_id), random.Random(0)
    solved = 0
    for index in range(30):
        task = env.get_wrapper_attr("tasks").split("train")[index]
        observation, info = env.reset(seed=0, options={"task_id": task.id})
        expert.reset(observation, info)
        over = False
        while not over:
            action = expert.act(observation, info)
            if rng.random() < 0.15:
                action = rng.choice(info["candidate_actions"])
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
        solved += info["is_success"]
    assert solved >= 5
    env.close()
