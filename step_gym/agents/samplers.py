"""Which tasks a round plays: fresh batches, plain copies, and STEP's success-rate guided resampling.

The resampling is SR-Traj of STEP (arXiv 2511.13091) as its reviews restate it; `SuccessRateSampling` says
what is reconstructed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from step_gym.envs.core import digest, unknown_name_error


class FreshTasks:
    """Batches of task ids without replacement; when every task was drawn, a new pass begins in a new order.

    A batch that spans two passes holds no task twice, unless it is larger than the set.

    Args:
        task_ids: The tasks, for instance `list(env.unwrapped.tasks.split("train").ids())`; at least one.
        rng: Source of the order, owned by this sampler from now on; `numpy.random.default_rng(seed)` makes
            its state fit into JSON.
    """

    def __init__(self, task_ids: Sequence[str], rng: np.random.Generator) -> None:
        if not task_ids:
            raise ValueError("no task to sample from: the task set or split is empty")
        self._task_ids = list(task_ids)
        self._digest = digest(*self._task_ids)
        self._rng = rng
        self._begin_pass([])

    def _begin_pass(self, late: list[int]) -> None:
        """Shuffle; tasks in `late` are in the batch that is being drawn, and so come last."""
        self._pass_rng = self._rng.bit_generator.state
        self._late = late
        order = self._rng.permutation(len(self._task_ids))
        is_late = np.isin(order, late)
        self._order = np.concatenate([order[~is_late], order[is_late]])
        self._position = 0

    def draw(self, count: int) -> list[str]:
        """The next `count` task ids."""
        batch: list[int] = []
        while len(batch) < count:
            if self._position == len(self._order):
                self._begin_pass(sorted(set(batch)))
            part = self._order[self._position : self._position + count - len(batch)]
            self._position += len(part)
            batch.extend(int(index) for index in part)
        return [self._task_ids[index] for index in batch]

    def state_dict(self) -> dict[str, Any]:
        """Where the sampler stands, JSON-able and small whatever the size of the set."""
        return {
            "tasks": self._digest,
            "rng": self._pass_rng,
            "late": list(self._late),
            "position": self._position,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was taken. Raises `ValueError` if it was taken over other tasks."""
        if state["tasks"] != self._digest:
            raise ValueError(
                f"the sampler's state was saved for other tasks than these {len(self._task_ids)}: "
                "resume with the environment, split and task set of the saved run"
            )
        self._rng.bit_generator.state = state["rng"]
        self._begin_pass(list(state["late"]))
        self._position = int(state["position"])


def uniform_copies(batch_task_ids: Sequence[str], copies: int) -> list[str]:
    """Every task of the batch `copies` times, copies of a task together."""
    return [task_id for task_id in batch_task_ids for _ in range(copies)]


@dataclass(frozen=True, slots=True)
class SuccessRateSampling:
    """Settings of STEP's SR-Traj resampling (arXiv 2511.13091).

    Reported for the paper: the cache of tasks below `s0`, the logistic replacement probability, and that the
    first copy is kept. Everything numeric is **reconstructed**: `s0` is the mastery level of the paper's
    motivating figure, `kappa` makes mastered tasks lose four copies in five at a rate of .75 while unsolved
    ones keep theirs. The paper's cache is `0 < s < s0`; since a smoothed rate never returns to exactly 0,
    `eps_low` stands for that 0.

    Attributes:
        enabled: False gives plain copies.
        s0: Rate at which half of the copies are replaced, and below which a task is in the cache, 0 to 1.
        kappa: Steepness of the replacement probability, >= 0.
        eps_low: Tasks at or below this rate are not in the cache, 0 to 1.
        cache_draw: "uniform" draws from the cache evenly, "gap" in proportion to `s0 - s` (reconstructed
            alternative).
    """

    enabled: bool = True
    s0: float = 0.6
    kappa: float = 10.0
    eps_low: float = 0.01
    cache_draw: Literal["uniform", "gap"] = "uniform"

    def __post_init__(self) -> None:
        if not (0 <= self.eps_low < self.s0 <= 1 and self.kappa >= 0):
            raise ValueError(
                f"sampling s0={self.s0}, eps_low={self.eps_low}, kappa={self.kappa}: "
                "need 0 <= eps_low < s0 <= 1 and kappa >= 0"
            )
        if self.cache_draw not in ("uniform", "gap"):
            raise unknown_name_error("cache_draw", self.cache_draw, ("uniform", "gap"))


def replacement_probability(rate: float, s0: float, kappa: float) -> float:
    """Chance that a further copy gives way to a cached task: `1 / (1 + exp(-kappa * (rate - s0)))`."""
    return 0.5 * (1 + math.tanh(0.5 * kappa * (rate - s0)))


def success_rate_copies(
    batch_task_ids: Sequence[str],
    rates: Mapping[str, float],
    copies: int,
    rng: np.random.Generator,
    settings: SuccessRateSampling,
) -> list[str]:
    """STEP's multiset of tasks: `len(batch_task_ids) * copies` ids, in the order of the batch.

    The first copy of each task stays; each further copy is replaced, with `replacement_probability` at the
    task's rate, by a task drawn with replacement from the cache `{i: eps_low < rates[i] < s0}`. Tasks without
    a rate keep their copies, and so does every task while the cache is empty. The result depends on the
    rates, not on the order they are stored in.
    """
    cache = sorted(task_id for task_id, rate in rates.items() if settings.eps_low < rate < settings.s0)
    if not settings.enabled or not cache:
        return uniform_copies(batch_task_ids, copies)
    share = None
    if settings.cache_draw == "gap":
        gaps = settings.s0 - np.array([rates[task_id] for task_id in cache])
        share = gaps / gaps.sum()
    tasks: list[str] = []
    for task_id in batch_task_ids:
        rate = rates.get(task_id)
        chance = 0.0 if rate is None else replacement_probability(rate, settings.s0, settings.kappa)
        is_replaced = rng.random(copies - 1) < chance
        drawn = iter(rng.choice(len(cache), size=int(is_replaced.sum()), p=share).tolist())
        tasks.append(task_id)
        tasks.extend(cache[next(drawn)] if replaced else task_id for replaced in is_replaced)
    return tasks
