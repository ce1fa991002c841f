"""One round's update: rows of sampled actions, minibatches in random order, micro-batches by token budget."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.config import OptimizerConfig
from step_gym.agents.losses import (
    LossConfig,
    TokenBatch,
    kl_estimate,
    token_coefficients,
    token_losses,
)
from step_gym.agents.policy import TrainablePolicy, TrainRow
from step_gym.wrappers.trajectory import StepRecord

MAX_NON_FINITE = 3
"""Minibatches in a row whose loss or gradient is not finite before training stops."""


class NonFiniteLoss(RuntimeError):
    """The loss stayed NaN or infinite; the weights are those before the first bad minibatch."""


def make_optimizer(policy: TrainablePolicy, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW over all weights of the policy."""
    return torch.optim.AdamW(
        policy.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        weight_decay=config.weight_decay,
        fused=True,
    )


def optimizer_step(optimizer: torch.optim.Optimizer, config: OptimizerConfig) -> None:
    """Take a step at the learning rate that the warm-up has reached, by the count in its own state."""
    taken = max((int(state["step"]) for state in optimizer.state.values()), default=0)
    for group in optimizer.param_groups:
        group["lr"] = config.learning_rate * min(1.0, (taken + 1) / max(1, config.warmup_steps))
    optimizer.step()


def training_rows(records: Sequence[StepRecord], batch: StepBatch, result: AdvantageResult) -> list[TrainRow]:
    """The rows to train on: those with a positive weight, a non-zero advantage, and recorded tokens.

    Args:
        records: The records behind the batch's rows, in order.
        batch: Columns of the same rows.
        result: What the estimator said of them.
    """
    rows = []
    for index, record in enumerate(records):
        advantage: float | np.ndarray
        if result.step_advantage is not None:
            advantage = float(result.step_advantage[index])
        else:
            assert result.token_advantage is not None
            advantage = np.asarray(result.token_advantage[index], dtype=np.float64)
        if result.weight[index] <= 0 or not np.any(advantage):
            continue
        if record.prompt_ids is None or record.action_ids is None or record.logprobs is None:
            continue
        rows.append(
            TrainRow(
                prompt_ids=record.prompt_ids,
                action_ids=record.action_ids,
                candidates=record.admissible_actions,
                logprobs=record.logprobs,
                advantage=advantage,
                weight=float(result.weight[index]),
                episode=int(batch.episode[index]),
                token_mask=None
                if result.token_mask is None
                else np.asarray(result.token_mask[index], dtype=bool),
            )
        )
    return rows


def micro_batches(rows: Sequence[TrainRow], max_tokens: int) -> Iterator[list[int]]:
    """Indices of rows in groups of similar length whose padded prompts and actions are at most `max_tokens`.

    A group has at least one row. Rows with equal prompts come together and count their prompt once, because
    the policy reads it once.
    """
    keys = [(len(row.prompt_ids), np.asarray(row.prompt_ids).tobytes()) for row in rows]
    group: list[int] = []
    prompts = longest = 0
    for index in sorted(range(len(rows)), key=keys.__getitem__):
        action = len(rows[index].action_ids)
        is_new = not group or keys[index] != keys[group[-1]]
        width = max(longest, action)
        if group and (prompts + is_new) * keys[index][0] + (len(group) + 1) * width > max_tokens:
            yield group
            group, prompts, is_new, width = [], 0, True, action
        group.append(index)
        prompts += is_new
        longest = width
    if group:
        yield group


def policy_update(
    policy: TrainablePolicy,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[TrainRow],
    loss_config: LossConfig,
    config: OptimizerConfig,
    rng: np.random.Generator,
    reference: TrainablePolicy | None = None,
) -> dict[str, float]:
    """Train on the rows of a round; returns what to log.

    A minibatch whose loss or gradient is not finite is skipped and counted. Raises `NonFiniteLoss` after
    `MAX_NON_FINITE` of them in a row, `ValueError` for a KL penalty without a reference. Rows of weight 0 are
    not computed. Without rows nothing changes.

    Args:
        policy: The policy; its version goes up by one if its weights change.
        optimizer: From `make_optimizer`.
        rows: What to train on.
        loss_config: The loss.
        config: Minibatches, epochs, gradient clip.
        rng: Orders the rows.
        reference: What the KL penalty is taken to.

    Returns:
        rows; tokens (action tokens trained on); skipped (minibatches); loss; grad_norm (before clipping);
        ratio_max; and means over the tokens at which there was a choice: entropy (nats), kl (old to new, k3
        estimate), ratio_mean, clip_fraction.
    """
    if loss_config.kl_penalty and reference is None:
        raise ValueError(f"kl_penalty={loss_config.kl_penalty} needs a reference policy")
    rows = [row for row in rows if row.weight > 0]
    batch = _Batch.of(policy, rows, loss_config, config, reference)
    watch = _Watch()
    in_a_row = 0
    for _ in range(config.epochs if rows else 0):
        order = rng.permutation(len(rows))
        for chosen in np.array_split(order, max(1, round(len(rows) / config.minibatch_steps))):
            optimizer.zero_grad(set_to_none=True)
            minibatch = batch.take(chosen)
            loss, seen = _accumulate(policy, minibatch, loss_config, config)
            norm = float(torch.nn.utils.clip_grad_norm_(policy.parameters(), config.grad_clip))
            if math.isfinite(loss) and math.isfinite(norm):
                in_a_row = 0
                optimizer_step(optimizer, config)
                watch.count_step(loss, norm, sum(len(row.action_ids) for row in minibatch.rows), seen)
                continue
            watch.skipped, in_a_row = watch.skipped + 1, in_a_row + 1
            if in_a_row >= MAX_NON_FINITE:
                raise NonFiniteLoss(
                    f"the loss was not finite in {in_a_row} minibatches in a row (last {loss}, gradient norm "
                    f"{norm}): lower optimizer.learning_rate, or look for NaN advantages"
                )
    optimizer.zero_grad(set_to_none=True)
    policy.version += int(watch.steps > 0)
    return {"rows": len(rows), **watch.metrics()}


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows with the log-probabilities that the loss compares to, one array a row."""

    rows: Sequence[TrainRow]
    old: Sequence[np.ndarray]
    reference: Sequence[np.ndarray] | None

    @classmethod
    def of(
        cls,
        policy: TrainablePolicy,
        rows: Sequence[TrainRow],
        loss_config: LossConfig,
        config: OptimizerConfig,
        reference: TrainablePolicy | None,
    ) -> _Batch:
        budget = config.microbatch_tokens
        old = [row.logprobs for row in rows]
        if loss_config.importance_cap is not None:
            old = score_rows(policy, rows, budget)
        to = score_rows(reference, rows, budget) if reference is not None and loss_config.kl_penalty else None
        return cls(rows, old, to)

    def take(self, indices: Sequence[int] | np.ndarray) -> _Batch:
        """The rows at `indices`."""
        reference = None if self.reference is None else [self.reference[i] for i in indices]
        return _Batch([self.rows[i] for i in indices], [self.old[i] for i in indices], reference)


@dataclass(slots=True)
class _Watch:
    """Sums over tokens and steps, for the log."""

    steps: int = 0
    skipped: int = 0
    tokens: int = 0
    choices: int = 0
    loss: float = 0.0
    grad_norm: float = 0.0
    ratio_max: float = 0.0
    sums: np.ndarray = field(default_factory=lambda: np.zeros(4))

    def count_step(self, loss: float, norm: float, tokens: int, seen: Tensor) -> None:
        """Add an optimizer step; `seen` as `_accumulate` returns it."""
        self.steps += 1
        self.loss += loss
        self.grad_norm += norm
        self.tokens += tokens
        self.choices += seen.shape[1]
        self.sums += seen.sum(1).double().cpu().numpy()
        if seen.shape[1]:
            self.ratio_max = max(self.ratio_max, float(seen[2].max()))

    def metrics(self) -> dict[str, float]:
        """Means, as `policy_update` names them."""
        entropy, kl, ratio, clipped = (self.sums / max(1, self.choices)).tolist()
        return {
            "tokens": self.tokens,
            "loss": self.loss / max(1, self.steps),
            "entropy": entropy,
            "kl": kl,
            "ratio_mean": ratio,
            "ratio_max": self.ratio_max,
            "clip_fraction": clipped,
            "grad_norm": self.grad_norm / max(1, self.steps),
            "skipped": self.skipped,
        }


def _accumulate(
    policy: TrainablePolicy, batch: _Batch, loss_config: LossConfig, config: OptimizerConfig
) -> tuple[float, Tensor]:
    """Add up the gradients of a minibatch.

    Returns its loss, or the first share of it that is not finite, and entropy, kl, ratio and clipped of the
    tokens at which there was a choice, float[4, choices].
    """
    rows = batch.rows
    lengths = np.array([len(row.action_ids) for row in rows])
    masks = [np.ones(len(r.action_ids), bool) if r.token_mask is None else r.token_mask for r in rows]
    weights, episodes = np.array([row.weight for row in rows]), np.array([row.episode for row in rows])
    coefficients = token_coefficients(lengths, weights, episodes, loss_config, np.concatenate(masks))
    by_row = np.split(coefficients, np.cumsum(lengths)[:-1])
    advantages = [np.broadcast_to(row.advantage, row.logprobs.shape) for row in rows]
    total = 0.0
    seen: list[Tensor] = []
    for group in micro_batches(rows, config.microbatch_tokens):

        def flat(arrays: Sequence[np.ndarray], group: list[int] = group) -> Tensor:
            joined = np.concatenate([arrays[i] for i in group])
            return torch.from_numpy(joined.astype(np.float32)).to(policy.device)

        new = policy.logprobs([rows[i] for i in group])
        old = flat(batch.old)
        tokens = TokenBatch(
            new=new.logprobs,
            entropy=new.entropy,
            old=old,
            sampler=flat([row.logprobs for row in rows]),
            advantage=flat(advantages),
            reference=None if batch.reference is None else flat(batch.reference),
        )
        result = token_losses(tokens, new.lengths.to(policy.device), loss_config)
        loss = (flat(by_row) * result.loss).sum()
        total += float(loss.detach())
        if not math.isfinite(total):
            break
        if loss.requires_grad:
            loss.backward()
        kl = kl_estimate(old, new.logprobs.detach(), "k3")
        tokens_seen = torch.stack((new.entropy.detach(), kl, result.ratio, result.clipped.float()))
        seen.append(tokens_seen[:, new.is_choice])
    return total, torch.cat(seen, 1) if seen else torch.zeros(4, 0)


def score_rows(policy: TrainablePolicy, rows: Sequence[TrainRow], max_tokens: int) -> list[np.ndarray]:
    """Log-probabilities of the rows' tokens under present weights, float32[A] a row, without gradient."""
    scores: list[np.ndarray] = [np.zeros(0, np.float32)] * len(rows)
    with torch.no_grad():
        for group in micro_batches(rows, max_tokens):
            found = policy.logprobs([rows[i] for i in group]).per_row()
            for index, values in zip(group, found, strict=True):
                scores[index] = values.cpu().numpy()
    return scores
