"""What rollout and trainer ask of a policy: a batch of requests in, one completion each out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from step_gym.wrappers.completion import Completion
from step_gym.wrappers.prompt import PromptFormat


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the policy.

    Attributes:
        prompt_ids: int32[P], the exact tokens to continue.
        candidates: Actions to choose from (admissible or candidate actions), or None for a free reply.
    """

    prompt_ids: np.ndarray
    candidates: Sequence[str] | None = None


class Policy(Protocol):
    """Anything that can act and remembers exact tokens and log-probabilities; it knows its prompt format."""

    prompt_format: PromptFormat

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        """One completion per request, in order. `greedy` takes the most probable token at each step."""
        ...


@dataclass(frozen=True, slots=True)
class TrainRow:
    """One sampled action to train on.

    Attributes:
        prompt_ids: int32[P], the tokens it was sampled after.
        action_ids: int32[A], the sampled tokens.
        candidates: The action set it was sampled from, or None for a free reply; it decides the mask, so it
            must be the sampler's.
        logprobs: float32[A], log-probabilities at sampling.
        advantage: One number for all tokens, or float[A], one a token.
        weight: Weight of the row in the loss, at least 0; a row of weight 0 is not computed.
        episode: Index of the row's episode in the batch.
        token_mask: bool[A], tokens that take part in the loss; None for all.
    """

    prompt_ids: np.ndarray
    action_ids: np.ndarray
    candidates: Sequence[str] | None
    logprobs: np.ndarray
    advantage: float | np.ndarray = 0.0
    weight: float = 1.0
    episode: int = 0
    token_mask: np.ndarray | None = None
