"""What rollout and trainer ask of a policy: a batch of requests in, one completion each out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from step_gym.wrappers.completion import Completion
from step_gym.wrappers.prompt import PromptFormat

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import Parameter


Precision = Literal["auto", "float32", "bfloat16"]
"""What a language model computes in; its weights are float32. "auto" is bfloat16 on CUDA."""

Decoding = Literal["auto", "dynamic", "static", "graph"]
"""How the tokens of a reply are computed: in the shapes that come, in few fixed ones, or in those as captured
CUDA graphs. "auto" is "graph" on CUDA, else "dynamic"."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call of the policy.

    Attributes:
        prompt_ids: int32[P], the exact tokens to continue.
        candidates: Actions to choose from (admissible or candidate actions), or None for a free reply. A
            policy that always writes free replies ignores them.
    """

    prompt_ids: np.ndarray
    candidates: Sequence[str] | None = None


class Policy(Protocol):
    """Anything that can act and remembers exact tokens and log-probabilities; it knows its prompt format."""

    @property
    def prompt_format(self) -> PromptFormat:
        """How its prompts are worded in tokens."""
        ...

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


@dataclass(frozen=True, slots=True)
class RowLogprobs:
    """Log-probabilities of all action tokens of some rows, one row after the other.

    Attributes:
        logprobs: float32[N], differentiable; 0 where only one token was allowed.
        entropy: float32[N], entropy in nats of the masked distribution each token was drawn from,
            differentiable.
        is_choice: bool[N], False where only one token was allowed.
        lengths: int64[n] on the CPU, number of tokens of each row; they sum to N.
    """

    logprobs: Tensor
    entropy: Tensor
    is_choice: Tensor
    lengths: Tensor

    def per_row(self) -> tuple[Tensor, ...]:
        """The log-probabilities as one tensor a row."""
        return self.logprobs.split(self.lengths.tolist())


class TrainablePolicy(Policy, Protocol):
    """A policy that can be updated.

    Attributes:
        device: Where its tensors are.
        version: Number of updates behind the weights.
    """

    device: torch.device
    version: int

    @property
    def samples_exactly(self) -> bool:
        """Whether `act` computes log-probabilities as `logprobs` does, so that they need no correction."""
        ...

    @property
    def shares_prefixes(self) -> bool:
        """Whether rows computed together share their prefixes, so that episodes are best kept together."""
        ...

    def parameters(self) -> Iterator[Parameter]:
        """The trainable weights."""
        ...

    def encode_action(self, action: str) -> Sequence[int]:
        """Tokens of an action with the end mark, as `act` would write them."""
        ...

    def micro_batches(self, rows: Sequence[TrainRow], max_tokens: int) -> Iterator[list[int]]:
        """Indices of rows in groups that `logprobs` computes as at most `max_tokens`, or of one row."""
        ...

    def reseed(self, seed: Sequence[int]) -> None:
        """Restart the sampling generator from some integers, for instance (run seed, round)."""
        ...

    def save(self, folder: str | Path) -> None:
        """Write what `load_policy` reads."""
        ...

    def logprobs(self, rows: Sequence[TrainRow]) -> RowLogprobs:
        """Log-probabilities of the rows' tokens under the present weights, masked as at sampling."""
        ...
