"""What an estimator is: settings, and pure NumPy functions from a batch of steps to advantages and weights.

The hooks that need the rollout (which tasks to play, which actions to sample beside the executed ones) have
neutral defaults here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.samplers import uniform_copies
from step_gym.wrappers.success_rules import RateRule, StepRule
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord


@dataclass(frozen=True, slots=True)
class EstimatorContext:
    """What an estimator may know beside the batch.

    Attributes:
        rates: Success rate of each task after this round was closed.
        previous_rates: The same before it; tasks first played in this round are absent.
        rng: The round's generator.
    """

    rates: Mapping[str, float] = field(default_factory=dict)
    previous_rates: Mapping[str, float] = field(default_factory=dict)
    rng: np.random.Generator = field(default_factory=np.random.default_rng)


@dataclass(frozen=True, slots=True)
class StateRequest:
    """Ask for further actions at the prompt of a recorded step; they are sampled, scored and never executed.

    Attributes:
        episode_index: Index into the episodes that were handed to `extra_actions`.
        step_index: Index into that episode's `steps`.
        count: How many actions to sample, at least 1.
    """

    episode_index: int
    step_index: int
    count: int


class Estimator(Protocol):
    """One algorithm: a frozen dataclass of settings that inherits this and implements `estimate`.

    The other methods are optional hooks. A run asks for `rate_rule` once. A round calls, in this order:
    `sample_tasks`, then the rollout, then the success record's round is closed, `extra_actions`,
    `score_extra` for every action it asked for (the score becomes the `reward` of that candidate's step
    record), and `estimate`. All are pure: the same arguments, generator state included, give the same result.
    """

    name: ClassVar[str]

    def estimate(self, batch: StepBatch, context: EstimatorContext) -> AdvantageResult:
        """Advantage and weight of every row of the batch, candidates included."""
        ...

    def rate_rule(self, copies: int) -> RateRule:
        """The rule of the run's success record, with `copies` rollouts a task; by default STEP's."""
        return StepRule(n_copies=copies)

    def sample_tasks(
        self, batch_task_ids: Sequence[str], rates: Mapping[str, float], copies: int, rng: np.random.Generator
    ) -> list[str]:
        """The multiset of tasks to roll out; by default `copies` of each task of the batch.

        It has `len(batch_task_ids) * copies` task ids. `rates` are those before the round; tasks that were
        never played are absent.
        """
        return uniform_copies(batch_task_ids, copies)

    def extra_actions(
        self, episodes: Sequence[EpisodeRecord], rates: Mapping[str, float], rng: np.random.Generator
    ) -> list[StateRequest]:
        """States at which to sample further actions, by default none. `rates` are those after the round."""
        return []

    def score_extra(self, reference: StepRecord, completion: str) -> float:
        """Reward of an action that was sampled beside the executed step `reference`; by default 0."""
        return 0.0
