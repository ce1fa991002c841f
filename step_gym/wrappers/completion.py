"""An action that remembers the tokens it was sampled as.

A `Completion` is a plain string to every environment and vector environment; recorders and trainers find the
exact tokens on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Completion(str):
    """The parsed action as a string, with where it came from.

    String methods return plain `str` and so lose the tokens: wrappers that rewrite actions belong inside
    `RecordTrajectory`.

    Attributes:
        prompt_ids: int32[P], the exact prompt tokens the policy read.
        action_ids: int32[A], the sampled tokens, end mark included.
        logprobs: float32[A], log-probability of each sampled token under the distribution it was drawn from
            (same mask, same temperature).
        policy_version: Number of updates behind the weights that sampled it.
        text: The raw model text the action was parsed from.
    """

    __slots__ = ("action_ids", "logprobs", "policy_version", "prompt_ids", "text")

    prompt_ids: np.ndarray
    action_ids: np.ndarray
    logprobs: np.ndarray
    policy_version: int
    text: str

    def __new__(
        cls,
        action: str,
        *,
        prompt_ids: Sequence[int] | np.ndarray,
        action_ids: Sequence[int] | np.ndarray,
        logprobs: Sequence[float] | np.ndarray,
        policy_version: int = 0,
        text: str | None = None,
    ) -> Completion:
        """Make a completion. Raises `ValueError` unless there is one log-probability per action token."""
        self = super().__new__(cls, action)
        self.prompt_ids = np.asarray(prompt_ids, dtype=np.int32)
        self.action_ids = np.asarray(action_ids, dtype=np.int32)
        self.logprobs = np.asarray(logprobs, dtype=np.float32)
        self.policy_version = int(policy_version)
        self.text = str(action) if text is None else text
        if self.action_ids.shape != self.logprobs.shape or self.action_ids.ndim != 1:
            raise ValueError(
                f"{self.action_ids.shape} action tokens but {self.logprobs.shape} log-probabilities: "
                "one each is needed"
            )
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.prompt_ids, self.action_ids, self.logprobs, self.policy_version, self.text)
        return (_rebuild, (str(self), *fields))


def _rebuild(
    action: str,
    prompt_ids: np.ndarray,
    action_ids: np.ndarray,
    logprobs: np.ndarray,
    policy_version: int,
    text: str,
) -> Completion:
    """Unpickle a `Completion` (its constructor takes keywords only)."""
    return Completion(
        action,
        prompt_ids=prompt_ids,
        action_ids=action_ids,
        logprobs=logprobs,
        policy_version=policy_version,
        text=text,
    )
