"""The task set of a shop: its goals, split as WebShop's authors split them."""

from __future__ import annotations

from functools import partial

from step_gym.envs.core import NumberedIds, Task, TaskSet
from step_gym.envs.webshop.goals import SPLIT_BOUNDS, Goal
from step_gym.envs.webshop.shop import Shop

MAX_STEPS = 15
"""Step budget that is usual in training on WebShop."""


def goal_tasks(shop: Shop, max_steps: int = MAX_STEPS) -> TaskSet:
    """All goals of a shop: `train-0` on, `validation-0` to `-999`, `test-0` to `-499`, fewer in a small shop.

    A task's difficulty is the length of the shortest purchase that scores 1: a search, a product, a click for
    each option, and Buy Now. (That no shorter one exists is checked for the embedded catalogue; in WebShop's
    own data a human goal may have options that the product lacks, and no purchase that scores 1.)
    """
    places = {split: range(len(shop.goals))[slice(*bounds)] for split, bounds in SPLIT_BOUNDS.items()}
    ids = {split: NumberedIds(split, len(numbers)) for split, numbers in places.items()}
    return TaskSet(ids, partial(_build, shop=shop, max_steps=max_steps))


def goal_of(shop: Shop, task: Task) -> Goal:
    """What the shopper of a task wants."""
    return shop.goals[task.params["goal"]]


def _build(task_id: str, split: str, shop: Shop, max_steps: int) -> Task:
    place = int(task_id.rpartition("-")[2]) + (SPLIT_BOUNDS[split][0] or 0)
    goal = shop.goals[place]
    return Task(
        id=task_id,
        instruction=goal.instruction,
        split=split,
        difficulty=3.0 + len(goal.options),
        max_steps=max_steps,
        params={
            "goal": place,
            "asin": goal.asin,
            "query": goal.query,
            "attributes": list(goal.attributes),
            "options": [option if isinstance(option, str) else list(option) for option in goal.options],
            "price_upper": goal.price_upper,
        },
    )
