"""The step-native record: a dataclass for a step, one for an episode, for recorder, estimators and trainer.

Column names follow existing record formats: rLLM's step, verifiers' token deltas, LeRobot's Parquet shards.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

SCHEMA_VERSION = "1.0"
"""Version of the record; readers refuse a newer major one and fill columns that an older minor one lacks."""

EpisodeStatus = Literal["ok", "env_error", "policy_error", "cancelled"]
StepSource = Literal["on_policy", "replay", "augment"]


@dataclass(slots=True, kw_only=True)
class StepRecord:
    """One policy call and what came of it.

    Attributes:
        step: Index in the episode, from 0.
        observation: Text the policy acted on (before the action).
        image: sha256 of the screenshot it acted on, or None.
        state_key: Digest of the state it acted in.
        admissible_actions: The closed or candidate action set it chose from, or None where the set was open.
        action: The executed action.
        response: Raw model text, or None if the action came without tokens.
        prompt_ids: int32[P] or None.
        action_ids: int32[A] or None.
        logprobs: float32[A] or None, from the sampler.
        policy_version: Version of the weights that sampled it, or None.
        action_valid: Whether the environment took it as an action.
        action_error: Why not, or None.
        reward: Immediate reward.
        terminated: Whether the episode ended in the world after this step.
        truncated: Whether it was cut after this step.
        is_executed: False for extra candidates that were only sampled.
        candidate_group: Id shared by candidates sampled at one state, or None.
        source: Where the sample came from.
        env_ms: Wall time of the environment's step in milliseconds.
        model_ms: Wall time of the policy call's share in milliseconds, or None.
        info: Further small info entries, JSON-able.
    """

    step: int
    observation: str
    state_key: str
    action: str
    image: str | None = None
    admissible_actions: list[str] | None = None
    response: str | None = None
    prompt_ids: np.ndarray | None = None
    action_ids: np.ndarray | None = None
    logprobs: np.ndarray | None = None
    policy_version: int | None = None
    action_valid: bool = True
    action_error: str | None = None
    reward: float = 0.0
    terminated: bool = False
    truncated: bool = False
    is_executed: bool = True
    candidate_group: str | None = None
    source: StepSource = "on_policy"
    env_ms: float = 0.0
    model_ms: float | None = None
    info: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class EpisodeRecord:
    """One episode, its steps in order and the candidates that were sampled beside them.

    Attributes:
        episode_id: Deterministic id: run, round and slot in a trainer, else run and running number.
        run_id: The run it belongs to.
        attempt: How often the run had been resumed when it was played.
        round: Training round, or None outside a trainer.
        slot: Place in the round's multiset of tasks, or None.
        group_id: Id shared by the rollouts of one task in one round.
        env_id: Gymnasium id.
        env_kwargs: Keyword arguments of the environment's spec.
        task_id: The task.
        instruction: What was asked.
        seed: Seed given to reset, or None.
        status: "ok", or why the episode says nothing about the policy.
        is_success: Whether the score reached 1; None unless status is "ok".
        score: The benchmark's score in 0..1; None unless status is "ok".
        success_rate_before: Smoothed success rate of the task before the episode, or None.
        parent_episode_id: Episode this one branched from, or None.
        branch_step: Step index at which it branched, or None.
        final_observation: Text shown after the last step.
        final_image: sha256 of the screenshot shown after the last step, or None.
        steps: Executed steps.
        candidates: Steps with `is_executed` False.
        superseded: True if a resumed run played the same slot again; excluded from statistics.
        error: The environment's or policy's error message, or None.
    """

    episode_id: str
    run_id: str
    env_id: str
    task_id: str
    instruction: str
    attempt: int = 0
    round: int | None = None
    slot: int | None = None
    group_id: str | None = None
    env_kwargs: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    status: EpisodeStatus = "ok"
    is_success: bool | None = None
    score: float | None = None
    success_rate_before: float | None = None
    parent_episode_id: str | None = None
    branch_step: int | None = None
    final_observation: str = ""
    final_image: str | None = None
    steps: list[StepRecord] = field(default_factory=list)
    candidates: list[StepRecord] = field(default_factory=list)
    superseded: bool = False
    error: str | None = None

    @property
    def total_reward(self) -> float:
        """Undiscounted sum of the step rewards."""
        return float(sum(step.reward for step in self.steps))

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeTag:
    """What a rollout knows of an episode before it begins; see `RecordTrajectory.next_tag`."""

    episode_id: str
    attempt: int = 0
    round: int | None = None
    slot: int | None = None
    group_id: str | None = None
    success_rate_before: float | None = None
