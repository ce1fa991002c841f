"""The policy loss on tokens, as pure functions: ratio, clip, aggregation, KL, entropy, importance weight.

Tokens of all rows (a row is one step: one prompt, one action; so "seq" means one step) lie flat, one row
after the other. Clipped surrogate of PPO (arXiv 1707.06347) with separate bounds (DAPO, arXiv 2503.14476);
sequence ratio of GSPO (arXiv 2507.18071); aggregation names as in verl's `core_algos`; Schulman's estimators
of a KL divergence (2020); truncated importance weights as in verl's rollout correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from step_gym.envs.core import unknown_name_error

# Only tensors' own methods are used, so that configurations can be read without loading torch.
if TYPE_CHECKING:
    from torch import Tensor

RatioLevel = Literal["token", "sequence"]
Aggregation = Literal[
    "token-mean",
    "seq-mean-token-mean",
    "seq-mean-token-sum",
    "seq-mean-token-sum-norm",
    "traj-mean-step-mean",
]
KlEstimator = Literal["k1", "k2", "k3"]


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
        kl: Estimator of the divergence from the reference policy; see `kl_estimate`.
        kl_penalty: Weight of that divergence in the loss, 0 or more; 0 needs no reference policy.
        importance_cap: Largest truncated importance weight between the weights before the update and the
            sampler, above 0. None takes the sampler's log-probabilities as the old
            ones and saves a forward pass: exact where the sampler is the policy itself. "auto": None for
            policies that sample with the arithmetic of training (the tiny one), 2 for others.
    """

    ratio: RatioLevel = "token"
    clip_low: float = 0.2
    clip_high: float = 0.3
    aggregation: Aggregation = "token-mean"
    norm_length: float = 8.0
    entropy_bonus: float = 0.0
    kl: KlEstimator = "k3"
    kl_penalty: float = 0.0
    importance_cap: float | Literal["auto"] | None = "auto"

    def __post_init__(self) -> None:
        for name, choices in (("ratio", RatioLevel), ("aggregation", Aggregation), ("kl", KlEstimator)):
            if getattr(self, name) not in get_args(choices):
                raise unknown_name_error(name, getattr(self, name), get_args(choices))
        if not 0 <= self.clip_low <= 1:
            raise ValueError(f"clip_low={self.clip_low}: must be from 0 to 1")
        for name in ("clip_high", "entropy_bonus", "kl_penalty"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}={getattr(self, name)}: must not be negative")
        for name, others in (("norm_length", ()), ("importance_cap", (None, "auto"))):
            value = getattr(self, name)
            if value not in others and not (isinstance(value, (int, float)) and value > 0):
                raise ValueError(f"{name}={value}: must be above 0")

    @property
    def acts_without_advantage(self) -> bool:
        """Whether tokens of advantage 0 have a gradient too: of the KL penalty or the entropy bonus."""
        return self.kl_penalty > 0 or self.entropy_bonus > 0


def token_coefficients(
    lengths: np.ndarray,
    weights: np.ndarray,
    episodes: np.ndarray,
    config: LossConfig,
    mask: np.ndarray | None = None,
) -> np.ndarray:
    """What each token's loss is multiplied by, so that a minibatch's loss is a plain sum over its tokens.

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


def log_ratios(new: Tensor, old: Tensor, lengths: Tensor, level: RatioLevel) -> Tensor:
    """Log of the importance ratio of every token, float[N], differentiable in `new`.

    "token": new - old. "sequence": its mean over the row; the gradient still flows to each token (GSPO's
    token form).

    Args:
        new: float[N], log-probabilities of the policy.
        old: float[N], those the ratio is taken to.
        lengths: int64[n], tokens of each row; they sum to N.
        level: "token" or "sequence".
    """
    difference = new - old
    if level == "token":
        return difference
    ends = lengths.cumsum(0)
    sums = difference.new_zeros(len(new) + 1).double()
    sums[1:] = difference.detach().cumsum(0, dtype=sums.dtype)
    means = (sums[ends] - sums[ends - lengths]) / lengths.clamp(min=1)
    return means.to(new.dtype).repeat_interleave(lengths) + new - new.detach()


def clipped_loss(log_ratio: Tensor, advantage: Tensor, config: LossConfig) -> tuple[Tensor, Tensor]:
    """`-min(r A, clip(r, 1 - low, 1 + high) A)` of every token, and where the clip cut it, bool[N]."""
    ratio = log_ratio.exp()
    free = ratio * advantage
    bounded = ratio.clamp(1 - config.clip_low, 1 + config.clip_high) * advantage
    return -free.minimum(bounded), bounded < free


def kl_estimate(new: Tensor, reference: Tensor, estimator: KlEstimator) -> Tensor:
    """Estimated divergence of the new policy from the reference at every token, float[N].

    For tokens that the new policy sampled. With d = reference - new: k1 = -d, unbiased; k2 = d^2 / 2;
    k3 = e^d - d - 1, unbiased and never negative, with d held within 20 of 0 and k3 at most 10 against
    overflow.
    """
    difference = reference - new
    if estimator == "k1":
        return -difference
    if estimator == "k2":
        return difference.square() / 2
    difference = difference.clamp(-20, 20)
    return (difference.exp() - difference - 1).clamp(max=10)


def importance_weights(old: Tensor, sampler: Tensor, cap: float) -> Tensor:
    """Truncated importance weight of every token, float[N]: `min(p_old / p_sampler, cap)`, without gradient.

    It corrects for tokens that other weights, or other arithmetic, sampled than the update starts from.
    """
    return (old - sampler).detach().exp().clamp(max=cap)


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """What the loss reads of a token, each float[N].

    Attributes:
        new: Log-probability under the policy, differentiable.
        entropy: Entropy of the distribution it was drawn from, in nats, differentiable.
        old: Log-probability that the ratio is taken to.
        sampler: Log-probability at sampling.
        advantage: Advantage.
        reference: Log-probability under the reference policy; None without a KL penalty.
    """

    new: Tensor
    entropy: Tensor
    old: Tensor
    sampler: Tensor
    advantage: Tensor
    reference: Tensor | None = None


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


def token_losses(batch: TokenBatch, lengths: Tensor, config: LossConfig) -> TokenLoss:
    """The whole loss of every token: clipped surrogate, importance weight, KL penalty, entropy bonus.

    Args:
        batch: N tokens.
        lengths: int64[n], tokens of each row; they sum to N.
        config: The loss.
    """
    log_ratio = log_ratios(batch.new, batch.old, lengths, config.ratio)
    loss, clipped = clipped_loss(log_ratio, batch.advantage, config)
    if isinstance(config.importance_cap, float | int):
        loss = loss * importance_weights(batch.old, batch.sampler, config.importance_cap)
    if config.kl_penalty:
        if batch.reference is None:
            raise ValueError(f"kl_penalty={config.kl_penalty} needs a reference policy")
        loss = loss + config.kl_penalty * kl_estimate(batch.new, batch.reference, config.kl)
    if config.entropy_bonus:
        loss = loss - config.entropy_bonus * batch.entropy
    return TokenLoss(loss, log_ratio.detach().exp(), clipped)
