from __future__ import annotations

import random
from collections import Counter

import pytest

from step_gym.envs.core import digest
from step_gym.envs.toy.expert import ToyExpert
from step_gym.envs.toy.tasks import (
    VALID_TASKS,
    draw_layout,
    expert_length,
    layout_of,
    max_steps,
    toy_tasks,
)
from step_gym.envs.toy.world import describe, instruction, moves


def test_ids_splits_and_difficulties() -> None:
    tasks = toy_tasks(100, 3, 5)
    assert tasks.splits == ("train", "valid") and len(tasks.split("valid")) == VALID_TASKS
    assert [tasks[i].id for i in (0, 99, 100)] == ["train-d3-5-0", "train-d3-5-99", "valid-d3-5-0"]
    assert [tasks[i].difficulty for i in range(7)] == [3.0, 4.0, 5.0, 3.0, 4.0, 5.0, 3.0]
    assert tasks[1].max_steps == 12
    assert tasks[1].params == {"difficulty": 4, "rooms": 3, "locked": False}


def test_a_billion_tasks_cost_nothing_until_indexed() -> None:
    tasks = toy_tasks(10**9, 2, 12)
    assert len(tasks.split("train")) == 10**9
    last = tasks.split("train")[-1]
    assert last.id == "train-d2-12-999999999" and tasks.by_id(last.id) == last


def test_no_goal_is_in_both_splits() -> None:
    tasks = toy_tasks(600, 2, 6)
    train = {task.instruction for task in tasks.split("train")}
    valid = {task.instruction for task in tasks.split("valid")}
    assert len(train) > 100 and len(valid) > 20 and not train & valid


def test_tasks_stay_what_they_are() -> None:
    """Recorded success rates name tasks by id: this fails if an id comes to mean another world."""
    shown = []
    for task in toy_tasks(22, 2, 12).split("train"):
        layout = layout_of(task.id, task.split, task.params["difficulty"])
        shown += [task.id, task.instruction, describe(layout, layout.start), *moves(layout, layout.start)]
    assert digest(*shown) == "297a3f4a6e437065"


def test_the_generator_reaches_every_puzzle() -> None:
    rng = random.Random(0)
    drawn = Counter()
    for _ in range(200):
        layout = draw_layout(rng, 8, "train")
        goal_lid = layout.start[2][layout.start[1][layout.goal[0]]]
        key_lid = None if layout.key is None else layout.start[2][layout.start[1][layout.key]]
        drawn[goal_lid, key_lid] += 1
    assert set(drawn) == {(0, None), (1, None), (2, 0), (2, 1)} and min(drawn.values()) > 20


@pytest.mark.parametrize("split", ["train", "valid"])
def test_the_expert_solves_every_task_within_the_budget(split: str) -> None:
    tasks = toy_tasks(330, 2, 12).split(split)
    sample = [tasks[i] for i in range(min(330, len(tasks)))]
    solved = Counter()
    for task in sample:
        length = expert_length(layout_of(task.id, split, task.params["difficulty"]), task.max_steps)
        assert length is not None and length >= task.difficulty
        solved[task.difficulty] += 1
    assert set(solved) == set(range(2, 13)) and min(solved.values()) >= VALID_TASKS // 11


def test_hardly_any_world_has_to_be_drawn_again() -> None:
    """The expert's word on what is kept must not shape the worlds."""
    rng = random.Random(1)
    kept = [
        expert_length(draw_layout(rng, difficulty, "train"), max_steps(difficulty)) is not None
        for difficulty in range(2, 13)
        for _ in range(40)
    ]
    assert sum(kept) >= 0.98 * len(kept)


def test_the_expert_refuses_instructions_of_other_worlds() -> None:
    with pytest.raises(ValueError, match="not an instruction of STEP-Toy-v0"):
        ToyExpert().reset({"instruction": "put a hot mug in the fridge.", "text": ""}, {})


def test_the_expert_goes_on_from_any_state() -> None:
    rng = random.Random(2)
    for number in range(40):
        layout = draw_layout(rng, 2 + number % 11, "train")
        state = layout.start
        for _ in range(6):
            state = rng.choice(list(moves(layout, state).values()))
        expert = ToyExpert()
        expert.reset({"instruction": instruction(layout), "text": ""}, {})
        for _ in range(80):
            if state[1][layout.goal[0]] == layout.goal[1]:
                break
            choices = moves(layout, state)
            action = expert.act({"text": describe(layout, state)}, {"admissible_actions": list(choices)})
            state = choices[action]
        else:
            pytest.fail(f"not solved: {layout}")
