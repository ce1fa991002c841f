"""The generated task set of ALFWorld: the real split sizes and mix of task types, every task solvable."""

from __future__ import annotations

from functools import cache, lru_cache, partial

from step_gym.envs.alfworld import tables
from step_gym.envs.alfworld.game import TASK_TYPES, Game
from step_gym.envs.alfworld.generate import MAX_STEPS, SIZES, generate_game
from step_gym.envs.alfworld.oracle import optimal_length
from step_gym.envs.alfworld.scenes import seeded
from step_gym.envs.core import NumberedIds, Task, TaskSet, unknown_name_error


def generated_tasks(size: str = "full", max_steps: int = MAX_STEPS) -> TaskSet:
    """All generated tasks: `train-0` to `train-3552`, `valid_seen-0` to `-139`, `valid_unseen-0` to `-133`.

    Args:
        size: "full" for whole scenes, "small" for rooms of 4 to 7 receptacles; the same id is another task in
            each size.
        max_steps: Step budget of every task.
    """
    if size not in SIZES:
        raise unknown_name_error("size", size, SIZES)
    ids = {
        split: NumberedIds(split, sum(counts.values())) for split, counts in tables.TASK_TYPE_COUNTS.items()
    }
    return TaskSet(ids, partial(_build, size=size, max_steps=max_steps))


@lru_cache(maxsize=2048)
def game_of(task_id: str, size: str = "full") -> Game:
    """The game of a generated task's id. Raises `ValueError` for an id that is in no split."""
    split, _, number = task_id.rpartition("-")
    counts = tables.TASK_TYPE_COUNTS.get(split)
    if counts is None or task_id not in NumberedIds(split, sum(counts.values())):
        raise unknown_name_error("task id", task_id, (f"{name}-0" for name in tables.SPLITS))
    return generate_game(number, split, size, _task_types(split)[int(number)])


@cache
def _task_types(split: str) -> tuple[str, ...]:
    """The task type of every number in a split: exactly the real counts, in a shuffled order."""
    counts = tables.TASK_TYPE_COUNTS[split]
    types = [task_type for task_type in TASK_TYPES for _ in range(counts[task_type])]
    rng = seeded("alfworld-task-types", split)
    return tuple(sorted(types, key=lambda _: rng.random()))


def _build(task_id: str, split: str, size: str, max_steps: int) -> Task:
    game = game_of(task_id, size)
    goal = game.goal
    length = optimal_length(game)
    assert length, f"{task_id} ({size}) has no solution or is solved at the start"
    return Task(
        id=task_id,
        instruction=goal.sentence,
        split=split,
        difficulty=float(length),
        max_steps=max_steps,
        params={
            "task_type": goal.task_type,
            "object": goal.object,
            "receptacle": goal.receptacle,
            "toggle": goal.toggle,
            "scene": game.scene,
            "room": tables.room_of(game.scene),
        },
    )
