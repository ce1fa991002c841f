"""STEP (arXiv 2511.13091): success-rate guided sampling, weighted step samples, step-level augmentation.

The three parts, the cache, the replacement probability and the smoothed rate are as the paper's abstract and
its reviews report them. The weights and the details of the augmentation are not known to us: they are
reconstructed, and every one of them is a setting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.estimators.base import Estimator, EstimatorContext, StateRequest
from step_gym.agents.estimators.groups import group_advantage, is_uniform_group
from step_gym.agents.estimators.matching import match_actions
from step_gym.agents.samplers import SuccessRateSampling, success_rate_copies
from step_gym.envs.core import unknown_name_error
from step_gym.wrappers.success_rules import RateRule, StepRule
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

Weighting = Literal["one_minus_s", "sqrt_odds", "constant"]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Settings of STEP's step-level augmentation (arXiv 2511.13091).

    Reported for the paper: on tasks of low success, several actions are sampled at steps of a successful
    trajectory and rewarded for agreeing with the action that was taken, without executing them. Everything
    else here is **reconstructed**: when it triggers, how many steps and actions, the rewards and the weight.

    Attributes:
        enabled: False samples nothing.
        s_aug: It triggers for tasks with `sampling.eps_low < s < s_aug` and a success in the round, 0 to 1.
        max_steps: Most steps of the one successful trajectory that is used, at least 1.
        group: Actions sampled at each of them, at least 2.
        pick: "uniform", or "surprise": steps whose tokens had the lowest mean log-probability first. It
            stands in for the entropy of the policy, which is not recorded; steps without log-probabilities
            come last.
        type_reward: Reward for the action's type alone, 0 to 1; an exact match gets 1, anything else 0.
        coordinate_tolerance: Pixels by which coordinates of an exact match may differ, >= 0.
        weight: Weight of these samples relative to executed steps (lambda), >= 0.
    """

    enabled: bool = True
    s_aug: float = 0.3
    max_steps: int = 4
    group: int = 8
    pick: Literal["uniform", "surprise"] = "uniform"
    type_reward: float = 0.5
    coordinate_tolerance: float = 10.0
    weight: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.s_aug <= 1 and 0 <= self.type_reward <= 1):
            raise ValueError(
                f"augmentation s_aug={self.s_aug}, type_reward={self.type_reward}: both are 0 to 1"
            )
        numbers = (self.max_steps, 1), (self.group, 2), (self.weight, 0), (self.coordinate_tolerance, 0)
        if not all(value >= least for value, least in numbers):  # NaN is no number above anything
            raise ValueError(
                f"augmentation max_steps={self.max_steps}, group={self.group}, weight={self.weight}, "
                f"coordinate_tolerance={self.coordinate_tolerance}: need at least 1, 2, 0 and 0"
            )
        if self.pick not in ("uniform", "surprise"):
            raise unknown_name_error("setting pick", self.pick, ("uniform", "surprise"))


@dataclass(frozen=True, slots=True)
class STEP(Estimator):
    """STEP whole: every step of a successful trajectory gets `A = w(s)`, s the task's smoothed success rate.

    Failed trajectories have weight 0. Candidates of the augmentation get `(r - mean) / (std + 1e-6)` over the
    actions sampled at their state, with population deviation; where all rewards are equal the weight is 0.

    That steps of successes share one weighted advantage is reported for the paper; the form of w is
    **reconstructed**. "one_minus_s" is `1 - s`, which is Dr.GRPO's advantage of a success with the smoothed
    rate as baseline; "sqrt_odds" is `sqrt((1 - s) / s)`, GRPO's advantage of a success under a Bernoulli
    outcome, at most `weight_cap`; "constant" is 1. `use_failures` (reconstructed) trains on failures too,
    with `-w(1 - s)`: for "one_minus_s" that is `-s`, the other half of Dr.GRPO.

    Attributes:
        alpha: Constant alpha of the smoothed rate, or None for the rule of `StepRule` (reconstructed).
        alpha_min: Floor of that rule (reconstructed).
        sampling: Which tasks are played.
        augmentation: Which actions are sampled beside the executed ones.
        weighting: Form of w.
        weight_cap: Upper limit of "sqrt_odds", > 0.
        use_failures: Whether failed trajectories are trained on.
        rate: s "after" the round's update or "before" it (reconstructed: "after"); "before", a task that was
            never played has s = 0.
    """

    name: ClassVar[str] = "step"
    alpha: float | None = None
    alpha_min: float = 0.25
    sampling: SuccessRateSampling = field(default_factory=SuccessRateSampling)
    augmentation: Augmentation = field(default_factory=Augmentation)
    weighting: Weighting = "one_minus_s"
    weight_cap: float = 3.0
    use_failures: bool = False
    rate: Literal["after", "before"] = "after"

    def __post_init__(self) -> None:
        self.rate_rule(copies=1)
        if not self.weight_cap > 0:
            raise ValueError(f"step weight_cap={self.weight_cap}: must be greater than 0")
        if self.weighting not in ("one_minus_s", "sqrt_odds", "constant"):
            choices = ("one_minus_s", "sqrt_odds", "constant")
            raise unknown_name_error("setting weighting", self.weighting, choices)
        if self.rate not in ("after", "before"):
            raise unknown_name_error("setting rate", self.rate, ("after", "before"))

    def rate_rule(self, copies: int) -> RateRule:
        """STEP's smoothed update; raises `ValueError` for an alpha out of range."""
        return StepRule(n_copies=copies, alpha=self.alpha, alpha_min=self.alpha_min)

    def sample_tasks(
        self, batch_task_ids: Sequence[str], rates: Mapping[str, float], copies: int, rng: np.random.Generator
    ) -> list[str]:
        """SR-Traj resampling; see `SuccessRateSampling`."""
        return success_rate_copies(batch_task_ids, rates, copies, rng, self.sampling)

    def extra_actions(
        self, episodes: Sequence[EpisodeRecord], rates: Mapping[str, float], rng: np.random.Generator
    ) -> list[StateRequest]:
        """Steps of one success of each task of low rate, those with a valid action and a recorded prompt."""
        settings = self.augmentation
        successes: dict[str, list[int]] = {}
        for index, episode in enumerate(episodes):
            if episode.status == "ok" and episode.is_success:
                successes.setdefault(episode.task_id, []).append(index)
        requests: list[StateRequest] = []
        for task_id, indices in successes.items():
            rate = rates.get(task_id, 0.0)
            if not settings.enabled or not self.sampling.eps_low < rate < settings.s_aug:
                continue
            chosen = indices[int(rng.integers(len(indices)))]
            steps = episodes[chosen].steps
            usable = [i for i, step in enumerate(steps) if step.prompt_ids is not None and step.action_valid]
            order = rng.permutation(len(usable)).tolist()
            if settings.pick == "surprise":
                order = sorted(range(len(usable)), key=lambda i: -_surprise(steps[usable[i]]))
            picked = sorted(usable[i] for i in order[: settings.max_steps])
            requests.extend(StateRequest(chosen, step, settings.group) for step in picked)
        return requests

    def score_extra(self, reference: StepRecord, completion: str) -> float:
        """1 for the reference's action, `type_reward` for its type alone, else 0; see `matching`."""
        match = match_actions(reference.action, completion, self.augmentation.coordinate_tolerance)
        return {"exact": 1.0, "type": self.augmentation.type_reward, "none": 0.0}[match]

    def estimate(self, batch: StepBatch, context: EstimatorContext) -> AdvantageResult:
        """Weighted imitation of successes, and group-normalised agreement of candidates; see the class.

        Raises `ValueError` if `rate` is "after" and a task of the batch has no rate.
        """
        rates = self._episode_rates(batch, context)
        advantage = np.where(batch.is_success, self._weigh(rates), -self._weigh(1 - rates))
        weight = np.ones(len(rates)) if self.use_failures else batch.is_success.astype(np.float64)
        step_advantage = (advantage * weight)[batch.episode]
        step_weight = weight[batch.episode]

        extra = ~batch.is_executed
        reward, group = batch.reward[extra], batch.candidate_group[extra]
        uniform = is_uniform_group(reward, group)
        step_advantage[extra] = group_advantage(reward, group, ddof=0)
        step_weight[extra] = np.where(uniform, 0.0, self.augmentation.weight)

        stats = {
            "success_share": float(batch.is_success.mean()) if len(rates) else 0.0,
            "trained_steps": float((step_weight[batch.is_executed] > 0).sum()),
            "candidate_groups": float(len(np.unique(group))),
            "candidate_groups_trained": float(len(np.unique(group[~uniform]))),
        }
        if batch.is_success.any():
            stats["mean_success_advantage"] = float(advantage[batch.is_success].mean())
        return AdvantageResult(weight=step_weight, step_advantage=step_advantage, stats=stats)

    def _episode_rates(self, batch: StepBatch, context: EstimatorContext) -> np.ndarray:
        """float64[m]: s of each episode's task."""
        if self.rate == "before":
            return np.array([context.previous_rates.get(task, 0.0) for task in batch.task], dtype=np.float64)
        for task in batch.task:
            if task not in context.rates:
                raise ValueError(
                    f"no success rate of task {task!r}: close the round before its batch is estimated"
                )
        return np.array([context.rates[task] for task in batch.task], dtype=np.float64)

    def _weigh(self, rates: np.ndarray) -> np.ndarray:
        """w(s), float64[m]."""
        if self.weighting == "constant":
            return np.ones_like(rates)
        if self.weighting == "one_minus_s":
            return 1 - rates
        odds = (1 - rates) / np.maximum(rates, np.finfo(np.float64).tiny)
        return np.minimum(np.sqrt(odds), self.weight_cap)


def _surprise(step: StepRecord) -> float:
    """Mean negative log-probability of the action's tokens; -inf where unknown."""
    if step.logprobs is None or not len(step.logprobs):
        return -np.inf
    return -float(np.mean(step.logprobs, dtype=np.float64))
