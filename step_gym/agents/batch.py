"""The batch that estimators read: finished episodes as NumPy columns, one row a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord


@dataclass(frozen=True, slots=True)
class StepBatch:
    """Steps of one round as columns: `n` steps of `m` episodes, the rows of an episode together and in order.

    Attributes:
        episode: int64[n], index of the row's episode.
        step: int64[n], step index in its episode.
        reward: float64[n], immediate reward.
        state_key: object[n], digest of the state acted in.
        action: object[n], action text.
        action_tokens: int64[n], number of action tokens, 0 where unknown.
        action_valid: bool[n].
        is_executed: bool[n]; False for extra candidates (they follow the executed rows of all episodes).
        candidate_group: int64[n], index shared by candidates sampled at one state; -1 for executed steps.
        task: object[m], task id of each episode.
        score: float64[m], trajectory score (the benchmark's own, 0 to 1).
        is_success: bool[m].
        terminated: bool[m], False where the episode was truncated.
    """

    episode: np.ndarray
    step: np.ndarray
    reward: np.ndarray
    state_key: np.ndarray
    action: np.ndarray
    action_tokens: np.ndarray
    action_valid: np.ndarray
    is_executed: np.ndarray
    candidate_group: np.ndarray
    task: np.ndarray
    score: np.ndarray
    is_success: np.ndarray
    terminated: np.ndarray

    def __len__(self) -> int:
        return len(self.episode)


@dataclass(frozen=True, slots=True)
class AdvantageResult:
    """What an estimator says of a batch.

    Exactly one of `step_advantage` and `token_advantage` is given.

    Attributes:
        step_advantage: float64[n], one advantage a step, broadcast to its tokens.
        token_advantage: n arrays of float64[A_i], one advantage a token.
        weight: float64[n] >= 0, weight of each step in the loss; 0 drops it.
        token_mask: n arrays of bool[A_i], tokens that take part in the loss; None for all.
        returns: float64[n], targets of a critic; None without one.
        stats: Scalars worth logging.
    """

    weight: np.ndarray
    step_advantage: np.ndarray | None = None
    token_advantage: Sequence[np.ndarray] | None = None
    token_mask: Sequence[np.ndarray] | None = None
    returns: np.ndarray | None = None
    stats: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.step_advantage is None) == (self.token_advantage is None):
            raise ValueError(
                "an AdvantageResult has either step_advantage or token_advantage, and exactly one"
            )


def step_batch(episodes: Sequence[EpisodeRecord]) -> tuple[StepBatch, list[StepRecord]]:
    """Columns over the executed steps of all episodes, then over their extra candidates.

    Episodes whose status is not "ok" must have been left out before. Returns the batch and the records behind
    its rows, in order.
    """
    for episode in episodes:
        if episode.status != "ok" or episode.is_success is None or episode.score is None:
            raise ValueError(
                f"episode {episode.episode_id} is {episode.status!r}: only 'ok' episodes are estimated"
            )
    rows = [(index, record) for index, episode in enumerate(episodes) for record in episode.steps]
    rows += [(index, record) for index, episode in enumerate(episodes) for record in episode.candidates]
    records = [record for _, record in rows]
    groups: dict[str, int] = {}
    group_of = [
        -1 if record.candidate_group is None else groups.setdefault(record.candidate_group, len(groups))
        for record in records
    ]
    return StepBatch(
        episode=np.array([index for index, _ in rows], dtype=np.int64),
        step=np.array([record.step for record in records], dtype=np.int64),
        reward=np.array([record.reward for record in records], dtype=np.float64),
        state_key=np.array([record.state_key for record in records], dtype=object),
        action=np.array([record.action for record in records], dtype=object),
        action_tokens=np.array(
            [0 if r.action_ids is None else len(r.action_ids) for r in records], dtype=np.int64
        ),
        action_valid=np.array([record.action_valid for record in records], dtype=bool),
        is_executed=np.array([record.is_executed for record in records], dtype=bool),
        candidate_group=np.array(group_of, dtype=np.int64),
        task=np.array([episode.task_id for episode in episodes], dtype=object),
        score=np.array([episode.score for episode in episodes], dtype=np.float64),
        is_success=np.array([episode.is_success for episode in episodes], dtype=bool),
        terminated=np.array([bool(e.steps) and e.steps[-1].terminated for e in episodes], dtype=bool),
    ), records
