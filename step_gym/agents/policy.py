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
    """Anything that can act: it samples, remembers exact tokens and log-probabilities, and knows its prompt format."""

    prompt_format: PromptFormat

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        """One completion per request, in order. `greedy` takes the most probable token at each step."""
        ...
