"""The expert as a policy in the environment: it solves every task, in both wordings, from what is shown."""

from __future__ import annotations

import gymnasium
import pytest

import step_gym  # noqa: F401
from step_gym.envs.alfworld.expert import AlfworldExpert
from step_gym.envs.alfworld.game import Game, Goal, Receptacle, Thing
from step_gym.envs.alfworld.simulator import GRAMMARS, Simulator
from step_gym.envs.expert import EXPERTS, expert_for


def play(env: gymnasium.Env, task_id: str) -> tuple[int, dict]:
    observation, info = env.reset(options={"task_id": task_id})
    expert = expert_for("step_gym:STEP-ALFWorld-v0")
    # Nothing else is handed over: what a policy does not see, the expert does not see.
    shown = {"instruction": observation["instruction"], "text": observation["text"]}
    expert.reset(shown, {"admissible_actions": info["admissible_actions"]})
    for steps in range(1, 51):
        action = expert.act(shown, {"admissible_actions": info["admissible_actions"]})
        assert action in info["admissible_actions"]
        observation, _, terminated, truncated, info = env.step(action)
        shown = {"instruction": observation["instruction"], "text": observation["text"]}
        if terminated or truncated:
            return steps, info
    raise AssertionError("the episode did not end at its budget")


@pytest.mark.parametrize("grammar", GRAMMARS)
@pytest.mark.parametrize(("size", "stride"), [("full", 60), ("small", 40)])
def test_solves_every_task_within_the_budget(grammar: str, size: str, stride: int) -> None:
    env = gymnasium.make("STEP-ALFWorld-v0", size=size, grammar=grammar)
    tasks = env.unwrapped.tasks  # type: ignore[attr-defined]
    for task_id in list(tasks.ids())[::stride]:
        steps, info = play(env, task_id)
        assert info["is_success"], task_id
        assert steps >= tasks.by_id(task_id).difficulty


def one_room(things: list[Thing], goal: Goal, kinds: tuple[str, ...]) -> Simulator:
    receptacles = tuple(
        Receptacle(f"{kind}_bar_{i}", kind, f"loc_bar_{i}", openable=kind == "Cabinet")
        for i, kind in enumerate(kinds)
    )
    fits = frozenset((kind, "Mug") for kind in kinds)
    return Simulator(Game(receptacles, tuple(things), fits, "loc_bar_99", goal))


def mug(number: int, home: int) -> Thing:
    return Thing(f"Mug_bar_{number}", "Mug", (home,), properties=frozenset({"pickupable"}))


def commands(simulator: Simulator, before: tuple[str, ...] = ()) -> list[str]:
    """What the expert does after somebody else did `before`."""
    observation = {"instruction": simulator.game.goal.sentence, "text": simulator.start()}
    for command in before:
        observation["text"] = simulator.act(command)
    expert = AlfworldExpert()
    expert.reset(observation, {})
    done = []
    while not simulator.won and len(done) < 50:
        done.append(expert.act(observation, {"admissible_actions": list(simulator.admissible)}))
        observation["text"] = simulator.act(done[-1])
    assert simulator.won, done
    return done


def test_two_objects_in_two_goal_receptacles_do_not_make_it_swing() -> None:
    goal = Goal("pick_two_obj_and_place", "Mug", "Shelf", "", "put two mug in shelf.")
    assert commands(one_room([mug(0, 1), mug(1, 2)], goal, ("CounterTop", "Shelf", "Shelf")))[-3:] == [
        "take mug 2 from shelf 2",
        "go to shelf 1",
        "move mug 2 to shelf 1",
    ]


def test_takes_over_with_a_wrong_object_in_hand() -> None:
    goal = Goal("pick_and_place_simple", "Mug", "Shelf", "", "put some mug on shelf.")
    pen = Thing("Pen_bar_0", "Pen", (0,), properties=frozenset({"pickupable"}))
    simulator = one_room([mug(0, 1), pen], goal, ("CounterTop", "Cabinet", "Shelf"))
    game = simulator.game
    fits = game.can_contain | {("CounterTop", "Pen")}
    simulator = Simulator(Game(game.receptacles, game.objects, fits, game.start, goal))
    done = commands(simulator, ("go to countertop 1", "take pen 1 from countertop 1", "go to shelf 1"))
    assert done == [
        "go to countertop 1",
        "move pen 1 to countertop 1",
        "go to cabinet 1",
        "open cabinet 1",
        "take mug 1 from cabinet 1",
        "go to shelf 1",
        "move mug 1 to shelf 1",
    ]


def test_an_impossible_task_uses_up_the_budget_with_admissible_actions() -> None:
    goal = Goal("pick_and_place_simple", "Apple", "Shelf", "", "put a apple in shelf.")
    simulator = one_room([mug(0, 0)], goal, ("CounterTop", "Cabinet", "Shelf"))
    observation = {"instruction": goal.sentence, "text": simulator.start()}
    expert = AlfworldExpert()
    expert.reset(observation, {})
    for _ in range(50):
        action = expert.act(observation, {"admissible_actions": list(simulator.admissible)})
        assert action in simulator.admissible
        observation["text"] = simulator.act(action)


def test_refuses_another_worlds_instruction() -> None:
    with pytest.raises(ValueError, match="not an instruction of STEP-ALFWorld-v0: 'Buy a red shirt'"):
        AlfworldExpert().reset({"instruction": "Buy a red shirt", "text": ""}, {})


def test_experts_by_environment_id() -> None:
    assert all(hasattr(expert_for(env_id), "act") for env_id in EXPERTS)
    with pytest.raises(ValueError, match="STEP-ALFWorld-v0"):
        expert_for("STEP-ALFWorld-v1")
