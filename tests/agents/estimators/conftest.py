"""Episodes for the estimators' tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord


def make_episode(
    task: str, score: float, steps: int = 2, logprobs: Sequence[Sequence[float]] | None = None
) -> EpisodeRecord:
    """An episode whose last step is rewarded with its score; every action is a prompt of one token."""
    records = [
        StepRecord(
            step=index,
            observation=f"o{index}",
            state_key=f"k{index}",
            action=f"go to desk {index}",
            prompt_ids=np.zeros(1, np.int32),
            action_ids=np.zeros(1, np.int32),
            logprobs=None if logprobs is None else np.array(logprobs[index], np.float32),
            reward=score if index == steps - 1 else 0.0,
            terminated=index == steps - 1,
        )
        for index in range(steps)
    ]
    return EpisodeRecord(
        episode_id="e", run_id="r", env_id="E-v0", task_id=task, instruction="", score=score,
        is_success=score >= 1, steps=records,
    )  # fmt: skip


@pytest.fixture
def episode() -> Callable[..., EpisodeRecord]:
    return make_episode
