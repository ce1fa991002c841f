"""The policy loss on tokens: ratio, clip, aggregation, KL, entropy, truncated importance weight, as pure functions.

Tokens of all rows (a row is one step: one prompt, one action) lie flat, one row after the other. PPO (Schulman
et al., 2017) and GRPO's token loss; clip-higher of DAPO (2503.14476); sequence ratio of GSPO (2507.18071);
aggregations as in verl's `core_algos`; KL estimators of Schulman's "Approximating KL divergence".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from step_gym.envs.core import unknown_name_error

RatioLevel = Literal["token", "sequence"]
Aggregation = Literal[
    "token-mean",
    "seq-mean-token-mean",
    "seq-mean-token-sum",
    "seq-mean-token-sum-norm",
    "traj-mean-step-mean",
]


@dataclass(frozen=True)
class LossConfig:
    """The loss of an update.

    Attributes:
        ratio: "token" (PPO, GRPO) or "sequence" (GSPO: geometric mean over the row's tokens).
        clip_low: Lower clip: ratios below 1 - clip_low stop pushing, 0 to 1.
        clip_high: Upper clip: ratios above 1 + clip_high stop pushing, 0 or more.
        aggregation: How token losses become one number; see `token_coefficients`.
        norm_length: Constant divisor of "seq-mean-token-sum-norm" (Dr.GRPO), in tokens.
        entropy_bonus: Weight of the mean entropy that is added to the objective, 0 or more.
    """

    ratio: RatioLevel = "token"
    clip_low: float = 0.2
    clip_high: float = 0.3
    aggregation: Aggregation = "token-mean"
    norm_length: float = 8.0
    entropy_bonus: float = 0.0

    def __post_init__(self) -> None:
        if self.ratio not in get_args(RatioLevel):
            raise unknown_name_error("ratio", self.ratio, get_args(RatioLevel))
        if self.aggregation not in get_args(Aggregation):
            raise unknown_name_error("aggregation", self.aggregation, get_args(Aggregation))
        if (
            not 0 <= self.clip_low <= 1
            or self.clip_high < 0
            or self.norm_length <= 0
            or self.entropy_bonus < 0
        ):
            raise ValueError(
                f"clip_low={self.clip_low}, clip_high={self.clip_high}, norm_length={self.norm_length}, "
                f"entropy_bonus={self.entropy_bonus}: need 0 <= clip_low <= 1, the others not negative"
            )


def token_coefficients(
    lengths: np.ndarray,
    weights: np.ndarray,
    episodes: np.ndarray,
    config: LossConfig,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """What each token's loss is multiplied by, so that the loss of a minibatch is a plain sum over its
    tokens.

    Computed over the whole minibatch, it makes the gradient independent of how the rows are split for memory.
    With `n` rows of `L_i` unmasked tokens and weights `w_i`, a token of row i gets `w_i` times

    - token-mean: `1 / sum(L)`;
    - seq-mean-token-mean: `1 / (n L_i)`;
    - seq-mean-token-sum: `1 / n`;
    - seq-mean-token-sum-norm: `1 / (n norm_length)`;
    - traj-mean-step-mean: `1 / (m n_e L_i)` for m episodes of which this one has n_e rows.

    Args:
        lengths: int64[n], tokens of each row.
        weights: float64[n].
        episodes: int64[n], episode of each row.
        config: Names the aggregation.
        mask: bool[sum(lengths)], tokens that take part; None for all.

    Returns:
        float64[sum(lengths)], 0 at masked tokens.
    """
    row = np.repeat(np.arange(len(lengths)), lengths)
    part = np.ones(len(row)) if mask is None else mask.astype(np.float64)
    counts = np.maximum(np.bincount(row, part, minlength=len(lengths)), 1)
    rows = max(1, len(lengths))
    if config.aggregation == "token-mean":
        per_row = np.full(len(lengths), 1 / max(1.0, part.sum()))
    elif config.aggregation == "seq-mean-token-mean":
        per_row = 1 / (rows * counts)
    elif config.aggregation == "seq-mean-token-sum":
        per_row = np.full(len(lengths), 1 / rows)
    elif config.aggregation == "seq-mean-token-sum-norm":
        per_row = np.full(len(lengths), 1 / (rows * config.norm_length))
    else:
        _, index, sizes = np.unique(episodes, return_inverse=True, return_counts=True)
        per_row = 1 / (len(sizes) * sizes[index] * counts)
    return part * (per_row * weights)[row]


@dataclass(frozen=True, slots=True)
class TokenLoss:
    """Losses of tokens, and what to watch.

    Attributes:
        loss: float[N], differentiable, to be multiplied by the coefficients and summed.
        ratio: float[N], importance ratios, detached.
        clipped: bool[N], tokens whose clip was active.
    """

    loss: Tensor
    ratio: Tensor
    clipped: Tensor


def token_losses(
    logprobs: Tensor, old_logprobs: Tensor, advantages: Tensor, lengths: Tensor, config: LossConfig
) -> TokenLoss:
    """Clipped surrogate loss of every token: `-min(r A, clip(r, 1 - low, 1 + high) A)`.

    Args:
        logprobs: float[N], of the policy, differentiable.
        old_logprobs: float[N], at sampling.
        advantages: float[N].
        lengths: int64[n], tokens of each row; they sum to N.
        config: Ratio level and clip.
    """
    log_ratio = logprobs - old_logprobs
    if config.ratio == "sequence":
        row = torch.repeat_interleave(torch.arange(len(lengths), device=logprobs.device), lengths)
        sums = torch.zeros(len(lengths), device=logprobs.device).index_add(0, row, log_ratio.detach())
        mean = (sums / lengths.clamp_min(1))[row]
        # The value is the geometric mean; the gradient still flows to each token (GSPO's token form).
        log_ratio = mean + logprobs - logprobs.detach()
    ratio = log_ratio.exp()
    free = ratio * advantages
    bounded = ratio.clamp(1 - config.clip_low, 1 + config.clip_high) * advantages
    return TokenLoss(-torch.minimum(free, bounded), ratio.detach(), (bounded < free).detach())
