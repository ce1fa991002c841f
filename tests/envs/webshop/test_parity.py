"""Every field of every step that WebShop took must be reproduced (tests/data/webshop/SOURCE.md)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.webshop import of_env, task_id_of
from step_gym.envs.webshop.catalogue import Catalogue
from step_gym.envs.webshop.env import WebShopEnv
from step_gym.envs.webshop.files import write_catalogue

DATA = Path(__file__).parents[2] / "data" / "webshop"
RECORDED = json.loads(gzip.decompress((DATA / "upstream.json.gz").read_bytes()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("webshop")
    write_catalogue(Catalogue(**RECORDED["catalogue"]), folder)
    return folder


@pytest.mark.parametrize("goals", ["synthetic", "human"])
@pytest.mark.parametrize("mode", ["text", "text_rich"])
def test_recorded_episodes(folder: Path, goals: str, mode: str) -> None:
    env = WebShopEnv(data=folder, goals=goals, observation_mode=mode, show_attrs=True, max_steps=100)
    episodes = [e for e in RECORDED["episodes"] if (e["goals"], e["mode"]) == (goals, mode)]
    assert episodes
    for episode in episodes:
        first, *answers = episode["answers"]
        observation, info = env.reset(options={"task_id": task_id_of(episode["goal"])})
        assert of_env(observation, info) == first
        for action, answer in zip(episode["actions"], answers, strict=True):
            observation, reward, terminated, _, info = env.step(action)
            assert of_env(observation, info, reward, terminated) == answer, action


def test_the_recordings_are_whole() -> None:
    steps = [answer for episode in RECORDED["episodes"] for answer in episode["answers"][1:]]
    assert len(steps) > 600
    assert {0.0, 1.0} < {step["reward"] for step in steps if step["done"]}
    assert len({label for step in steps for label in step["clickables"]}) > 60
