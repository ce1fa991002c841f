"""The generated task set: real split sizes and task mix, stable ids, and difficulties that can be reached."""

from __future__ import annotations

from collections import Counter

import pytest

from step_gym.envs.alfworld import tables
from step_gym.envs.alfworld.game import TASK_TYPES
from step_gym.envs.alfworld.oracle import optimal_length
from step_gym.envs.alfworld.tasks import game_of, generated_tasks


def test_split_sizes_and_ids() -> None:
    tasks = generated_tasks()
    assert {split: len(tasks.split(split)) for split in tasks.splits} == {
        "train": 3553,
        "valid_seen": 140,
        "valid_unseen": 134,
    }
    assert tasks[0].id == "train-0" and tasks[-1].id == "valid_unseen-133"
    assert tasks.by_id("valid_seen-17").split == "valid_seen"
    assert len(set(tasks.ids())) == len(tasks)


@pytest.mark.parametrize("split", ["valid_seen", "valid_unseen"])
def test_task_types_are_exactly_the_real_mix(split: str) -> None:
    for size in ("full", "small"):
        types = Counter(task.params["task_type"] for task in generated_tasks(size).split(split))
        assert types == tables.TASK_TYPE_COUNTS[split]


def test_first_training_tasks_are_mixed() -> None:
    assert {task.params["task_type"] for task in generated_tasks("small").split("train")[:60]} == set(
        TASK_TYPES
    )


@pytest.mark.parametrize("size", ["full", "small"])
def test_a_task_says_what_its_game_is(size: str) -> None:
    tasks = generated_tasks(size)
    for task in tasks.split("train")[:40] + tasks.split("valid_unseen")[:20]:
        game = game_of(task.id, size)
        assert task.instruction == game.goal.sentence
        assert task.difficulty == optimal_length(game)
        assert 3 <= task.difficulty <= task.max_steps == 50
        assert task.params == {
            "task_type": game.goal.task_type,
            "object": game.goal.object,
            "receptacle": game.goal.receptacle,
            "toggle": game.goal.toggle,
            "scene": game.scene,
            "room": tables.room_of(game.scene),
        }


def test_games_of_two_task_sets_are_the_same_and_sizes_differ() -> None:
    assert generated_tasks().by_id("train-7") == generated_tasks().by_id("train-7")
    assert game_of("train-7", "small") != game_of("train-7", "full")
    assert len(game_of("train-7", "small").receptacles) <= 7


def test_ids_keep_their_meaning() -> None:
    # Recorded runs name tasks by id: whoever changes what an id stands for says so in the changelog.
    wanted = {
        ("full", "train-0"): "find two laptop and put them in desk.",
        ("full", "train-1234"): "put a remotecontrol in armchair.",
        ("full", "valid_unseen-133"): "clean some cloth and put it in toilet.",
        ("small", "train-0"): "put two spraybottle in countertop.",
        ("small", "valid_seen-5"): "clean some cloth and put it in countertop.",
    }
    assert {(size, i): generated_tasks(size).by_id(i).instruction for size, i in wanted} == wanted


def test_unknown_ids_and_sizes() -> None:
    with pytest.raises(ValueError, match="unknown task id 'train-3553'"):
        generated_tasks().by_id("train-3553")
    for wrong in ("train-3553", "train-07", "test-1", "train", ""):
        with pytest.raises(ValueError, match="unknown task id"):
            game_of(wrong)
    with pytest.raises(ValueError, match="unknown size 'tiny'"):
        generated_tasks("tiny")
