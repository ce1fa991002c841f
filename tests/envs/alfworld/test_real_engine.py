"""The simulator beside ALFWorld's own engine, where the extra `alfworld` is installed (`pytest -m real`)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks import alfworld as benchmark
from benchmarks.alfworld_cases import odd_game
from step_gym.envs.alfworld.engine_worker import RealGame
from step_gym.envs.alfworld.game import Game
from step_gym.envs.alfworld.generate import generate_game
from step_gym.envs.alfworld.simulator import Simulator
from tests.envs.alfworld.kitchen import kitchen

pytestmark = pytest.mark.real
pytest.importorskip("textworld")
pytest.importorskip("alfworld")

OPTIONS = benchmark.Options(0, 0, 40, 0.0, None, 0, "0.4", None)


def compare(game: Game, folder: Path, modes: tuple[str, ...]) -> benchmark.Tally:
    tally = benchmark.Tally()
    benchmark.write(game, folder, OPTIONS)
    benchmark.play_game(folder, modes, random.Random(0), tally, OPTIONS)
    return tally


@pytest.mark.parametrize("number", range(4))
def test_generated_and_odd_games(number: int, tmp_path: Path) -> None:
    game = generate_game(f"real-{number}", "train", "small")
    modes = ("expert", "random", "curious")
    if number % 2:
        game, modes = odd_game(game, random.Random(number)), ("random", "curious", "curious")
    tally = compare(game, tmp_path / "task" / "trial", modes)
    assert tally.differing == 0
    assert tally.steps > 40


def test_the_kitchen_of_the_other_tests(tmp_path: Path) -> None:
    folder = tmp_path / "task" / "trial"
    benchmark.write(kitchen(), folder, OPTIONS)
    real, simulator = RealGame(str(folder / "game.tw-pddl")), Simulator(kitchen())
    real.start()
    assert simulator.start() == real.shown()["text"]
    commands = """
        go to shelf 1; look; open cabinet 2; take apple 1 from shelf 1; move apple 1 to cabinet 2; look
        take apple 1 from cabinet 2; move apple 1 to shelf 1; look; close cabinet 2; use desklamp 1
        use desklamp 1; take knife 1 from shelf 1; slice apple 2 with knife 1; move knife 1 to shelf 1
        open cabinet 2; take apple 2 from cabinet 2; examine apple 2; go to microwave 1
        heat apple 2 with microwave 1; examine apple 2; go to sinkbasin 1; clean apple 2 with sinkbasin 1
        examine apple 2; go to fridge 1; cool apple 2 with fridge 1; examine apple 2; go to microwave 1
        heat apple 2 with microwave 1; go to shelf 1; move apple 2 to shelf 1; take plate 1 from shelf 1
        examine plate 1; take apple 2 from shelf 1; look; help; inventory
    """
    for command in commands.strip().replace("\n", ";").split(";"):
        text = simulator.act(command)
        real.act(command)
        assert benchmark.of_simulator(simulator, text) == real.shown(), command
