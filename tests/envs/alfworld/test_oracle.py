"""The length that the oracle finds against breadth-first search, on tiny random games full of oddities."""

from __future__ import annotations

import random
from collections import deque

import pytest

from step_gym.envs.alfworld.game import TASK_TYPES, Game, Goal, Receptacle, Thing
from step_gym.envs.alfworld.generate import generate_game
from step_gym.envs.alfworld.oracle import optimal_length, optimal_plan
from step_gym.envs.alfworld.simulator import GRAMMARS, NOTHING_HAPPENS, Simulator

VERBS = ("go to", "open", "take", "move", "heat", "cool", "clean", "use")
ABILITIES = ("pickupable", "heatable", "coolable", "cleanable")
STATES = ("isHot", "isCool", "isClean")


def shortest(game: Game) -> int | None:
    """Length of a shortest solution, by trying everything that changes something."""
    simulator = Simulator(game)
    if simulator.won:
        return 0
    queue = deque([(simulator.save(), 0)])
    seen = {simulator.save()[:8]}
    while queue:
        state, steps = queue.popleft()
        simulator.load(state)
        for command in simulator.admissible:
            if command.startswith(VERBS):
                simulator.load(state)
                simulator.act(command)
                if simulator.won:
                    return steps + 1
                after = simulator.save()
                if after[:8] not in seen:
                    seen.add(after[:8])
                    queue.append((after, steps + 1))
    return None


def tiny_game(rng: random.Random, task_type: str) -> Game:
    kinds = ["Cabinet", "CounterTop", *rng.sample(["Cabinet", "Fridge", "Microwave", "SinkBasin"], 2)]
    places = [f"loc_bar_{i}_bar_0_bar_0_bar_45" for i in range(4)]
    receptacles = tuple(
        Receptacle(
            f"{kind}_bar_{i}",
            kind,
            rng.choice(places),
            kind != "CounterTop" and rng.random() < 0.7,
            rng.random() < 0.2,
        )
        for i, kind in enumerate(kinds)
    )

    def thing(number: int, kind: str) -> Thing:
        homes = tuple(rng.sample(range(4), rng.choice((0, 1, 1, 1, 1, 2))))
        able = {"toggleable"} if kind == "DeskLamp" else {name for name in ABILITIES if rng.random() < 0.95}
        state = {name for name in STATES if rng.random() < 0.1}
        return Thing(f"{kind}_bar_{number}", kind, homes, properties=frozenset(able), state=frozenset(state))

    objects = [thing(0, "Mug"), thing(1, "Mug")]
    if task_type == "look_at_obj_in_light":
        objects.append(thing(2, "DeskLamp"))
    elif rng.random() < 0.4:
        objects.append(thing(2, "Mug"))
    is_look = task_type == "look_at_obj_in_light"
    goal = Goal(
        task_type, "Mug", "" if is_look else rng.choice(kinds), "DeskLamp" if is_look else "", "a goal."
    )
    fits = frozenset((kind, "Mug") for kind in kinds if rng.random() < 0.9)
    start = rng.choice(["loc_bar_9_bar_9_bar_0_bar_30", *places])
    return Game(receptacles, tuple(objects), fits, start, goal)


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_length_is_that_of_breadth_first_search(task_type: str) -> None:
    lengths = []
    for seed in range(12):
        game = tiny_game(random.Random(f"{task_type}-{seed}"), task_type)
        lengths.append(shortest(game))
        assert optimal_length(game) == lengths[-1], game
    assert len(set(lengths)) > 3, "the games are too alike to test anything"


def test_unsolvable_games_have_no_length() -> None:
    game = tiny_game(random.Random("unsolvable"), "pick_and_place_simple")
    nothing_fits = Game(game.receptacles, (), frozenset(), game.start, game.goal)
    assert optimal_length(nothing_fits) is None
    assert optimal_plan(nothing_fits) is None


def test_worked_example() -> None:
    # Heating asks for no open door, and the fridge stands where the microwave does.
    receptacles = (
        Receptacle("CounterTop_bar_0", "CounterTop", "loc_bar_0"),
        Receptacle("Fridge_bar_1", "Fridge", "loc_bar_1", openable=True),
        Receptacle("Microwave_bar_2", "Microwave", "loc_bar_1", openable=True),
    )
    mug = Thing("Mug_bar_0", "Mug", (0,), ("loc_bar_0",), frozenset({"pickupable", "heatable"}))
    goal = Goal("pick_heat_then_place_in_recep", "Mug", "Fridge", "", "heat some mug and put it in fridge.")
    game = Game(receptacles, (mug,), frozenset({("Fridge", "Mug")}), "loc_bar_0", goal)
    assert optimal_length(game) == 5
    assert optimal_plan(game) == [
        "take mug 1 from countertop 1",
        "go to microwave 1",
        "heat mug 1 with microwave 1",
        "open fridge 1",
        "move mug 1 to fridge 1",
    ]


@pytest.mark.parametrize("grammar", GRAMMARS)
@pytest.mark.parametrize("size", ["full", "small"])
def test_plans_win_generated_games_in_the_promised_number_of_steps(grammar: str, size: str) -> None:
    for task_type in TASK_TYPES:
        for seed in range(5):
            game = generate_game(seed, "train", size, task_type)
            plan = optimal_plan(game, grammar)
            assert plan is not None and len(plan) == optimal_length(game)
            simulator = Simulator(game, grammar)
            for command in plan:
                assert not simulator.won
                assert simulator.act(command) is not NOTHING_HAPPENS, command
            assert simulator.won
