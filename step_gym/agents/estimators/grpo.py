"""Trajectory-level GRPO (arXiv 2402.03300) and Dr.GRPO (arXiv 2503.20783) on step-native rows.

One advantage a trajectory, from the scores of its task's group, broadcast to every step and token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.estimators.base import Estimator, EstimatorContext
from step_gym.agents.estimators.groups import Singleton, group_advantage, is_uniform_group
from step_gym.envs.core import unknown_name_error


@dataclass(frozen=True, slots=True)
class GRPO(Estimator):
    """`A = (R - mean) / (std + eps)` over the trajectories of a task in the round.

    Statistics run over trajectories, not over step rows: with one row a step, a long trajectory would weigh
    more in its group's mean. With `divide_by_std=False` this is Dr.GRPO's advantage (its loss also divides by
    a constant length, which is the loss's choice).

    Attributes:
        divide_by_std: Whether to divide by the group's standard deviation.
        ddof: 1 for the unbiased deviation (torch's and verl's), 0 for the population's.
        eps: Added to the deviation.
        singleton: What a group of one trajectory gets: "zero", or its score as it is ("value", verl's way).
        count_steps: True weighs each trajectory by its number of steps, as some step-native ports do.
    """

    name: ClassVar[str] = "grpo"
    divide_by_std: bool = True
    ddof: int = 1
    eps: float = 1e-6
    singleton: Singleton = "zero"
    count_steps: bool = False

    def __post_init__(self) -> None:
        if self.ddof not in (0, 1) or not self.eps >= 0:
            raise ValueError(f"grpo ddof={self.ddof}, eps={self.eps}: need ddof 0 or 1, and eps >= 0")
        if self.singleton not in ("zero", "value"):
            raise unknown_name_error("setting singleton", self.singleton, ("zero", "value"))

    def estimate(self, batch: StepBatch, context: EstimatorContext) -> AdvantageResult:
        """One advantage a trajectory on all of its executed steps, weight 1; candidates get weight 0."""
        score, task = batch.score, batch.task
        executed = batch.is_executed
        if self.count_steps:
            score, task = score[batch.episode[executed]], task[batch.episode[executed]]
        advantage = group_advantage(
            score,
            task,
            divide_by_std=self.divide_by_std,
            ddof=self.ddof,
            eps=self.eps,
            singleton=self.singleton,
        )
        rows = np.zeros(len(batch))
        rows[executed] = advantage if self.count_steps else advantage[batch.episode[executed]]
        uniform = is_uniform_group(batch.score, batch.task)
        return AdvantageResult(
            weight=executed.astype(np.float64),
            step_advantage=rows,
            stats={"uniform_group_share": float(uniform.mean()) if len(uniform) else 0.0},
        )
