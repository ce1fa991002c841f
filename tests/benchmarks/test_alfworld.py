from __future__ import annotations

import json
import random

import pytest

from benchmarks import alfworld
from benchmarks.alfworld_cases import CHANGES, odd_game, probe
from step_gym.envs.alfworld.generate import generate_game
from step_gym.envs.alfworld.oracle import optimal_length
from step_gym.envs.alfworld.simulator import Simulator


def test_without_the_real_engine(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(alfworld, "find_spec", lambda name: None)
    monkeypatch.setattr("sys.argv", ["alfworld", "--quick", "--games", "2"])
    alfworld.main()
    keys = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (keys["games"], keys["steps"] > 20, keys["ours_steps_per_s"] > 0) == (2, True, True)
    assert keys["differing_fields"] is keys["real_steps_per_s"] is keys["speed_ratio"] is None
    assert "pip install step-gym[alfworld]" in keys["why"]


def test_differences_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    tally = alfworld.Tally()
    ours = {"text": "a", "admissible": ["look"], "reward": 0.0, "done": False, "won": False}
    tally.compare("here", ours, ours)
    tally.compare("here", ours, ours | {"text": "b", "admissible": ["look", "help"]})
    assert (tally.fields, tally.differing) == (10, 2)
    assert "ours 'a'\n  real 'b'" in capsys.readouterr().out


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_odd_rooms_can_be_played(change) -> None:
    rng = random.Random(0)
    game = generate_game("odd", "train", "small")
    simulator = Simulator(change(game, rng))
    simulator.start()
    for _ in range(30):
        assert simulator.act(rng.choice(simulator.admissible))
        assert {"look", "inventory", "help"} <= set(simulator.admissible)


def test_odd_games_are_solvable_and_probes_are_mostly_refused() -> None:
    rng = random.Random(0)
    game = odd_game(generate_game("odd", "train", "small"), rng)
    assert optimal_length(game) is not None
    admissible = Simulator(game).admissible
    probes = [probe(admissible, admissible, rng) for _ in range(200)]
    assert sum(command in admissible for command in probes) < 120
    assert {"", "xyzzy"} <= set(probes)


def test_one_agent_remains() -> None:
    problem = (
        "(:objects\n alice - agent\n bob - agent\n)(:init\n (atLocation alice l)\n (atLocation bob l)\n)"
    )
    assert alfworld.one_agent(problem) == "(:objects\n agent1 - agent\n)(:init\n (atLocation agent1 l)\n)"
