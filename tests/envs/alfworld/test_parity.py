"""Every field of every step that the real engine took must be reproduced (tests/data/alfworld/SOURCE.md)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from step_gym.envs.alfworld.pddl import parse_problem
from step_gym.envs.alfworld.simulator import NOTHING_HAPPENS, Simulator

RECORDED = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "data" / "alfworld" / "real_engine.json.gz").read_bytes())
)
EPISODES = RECORDED["episodes"]


def recorded_simulator(name: str) -> Simulator:
    game = RECORDED["games"][name]
    return Simulator(parse_problem(game["initial_state"], name, sentence=game["sentence"]))


@pytest.mark.parametrize("episode", EPISODES, ids=lambda e: f"{e['game'].split('/')[0]}-{e['mode']}")
def test_recorded_episode(episode: dict) -> None:
    simulator = recorded_simulator(episode["game"])
    assert simulator.start() == episode["obs0"]
    assert list(simulator.admissible) == episode["adm0"]
    for command, text, admissible, reward, done, won in episode["steps"]:
        was_admissible = command in simulator.admissible
        assert simulator.act(command) == text
        assert was_admissible == (text != NOTHING_HAPPENS)
        assert list(simulator.admissible) == admissible
        assert (float(simulator.won), simulator.won, simulator.won) == (reward, done, won)


def test_the_recordings_are_whole() -> None:
    assert sum(len(episode["steps"]) for episode in EPISODES) == 420
    assert len(EPISODES) == 12
    assert {episode["game"].split("/")[0] for episode in EPISODES} == {
        "pick_and_place_simple",
        "look_at_obj_in_light",
        "pick_clean_then_place_in_recep",
        "pick_heat_then_place_in_recep",
        "pick_cool_then_place_in_recep",
        "pick_two_obj_and_place",
    }
    assert any(episode["steps"][-1][-1] for episode in EPISODES)
