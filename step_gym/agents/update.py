"""One round's update: rows of sampled actions, minibatches in random order, micro-batches by token budget."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.config import OptimizerConfig
from step_gym.agents.losses import LossConfig, token_coefficients, token_losses
from step_gym.agents.policy import TrainRow
from step_gym.agents.tiny import TinyPolicy
from step_gym.wrappers.trajectory import StepRecord

MAX_NON_FINITE = 3
"""Minibatches in a row whose loss or gradient is not finite before training stops."""


class NonFiniteLoss(RuntimeError):
    """The loss stayed NaN or infinite; the weights are those before the first bad minibatch."""


def make_optimizer(policy: TinyPolicy, config: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW over all weights of the policy."""
    return torch.optim.AdamW(
        policy.model.parameters(),
        lr=config.learning_rate,
        betas=config.betas,
        weight_decay=config.weight_decay,
    )


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
    """Indices of rows in groups of similar length whose padded size is at most `max_tokens` (one row at
    least)."""
    sizes = [len(row.prompt_ids) + len(row.action_ids) for row in rows]
    group: list[int] = []
    for index in sorted(range(len(rows)), key=sizes.__getitem__):
        if group and (len(group) + 1) * sizes[index] > max_tokens:
            yield group
            group = []
        group.append(index)
    if group:
        yield group


def policy_update(
    policy: TinyPolicy,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[TrainRow],
    loss_config: LossConfig,
    config: OptimizerConfig,
    rng: np.random.Generator,
) -> dict[str, float]:
    """Train on the rows of a round; returns what to log.

    A minibatch whose loss or gradient is not finite is skipped and counted. Raises `NonFiniteLoss` after
    `MAX_NON_FINITE` of them in a row. Without rows nothing changes.

    Returns:
        rows, tokens (action tokens trained on), loss, entropy (nats a token), kl (old to new, k3 estimate),
        ratio_max, clip_fraction, grad_norm (mean before clipping), skipped (minibatches).
    """
    totals = {"loss": 0.0, "entropy": 0.0, "kl": 0.0, "clipped": 0.0, "ratio_max": 0.0, "grad_norm": 0.0}
    tokens = steps = skipped = in_a_row = 0
    for _ in range(config.epochs if rows else 0):
        order = rng.permutation(len(rows))
        for start in range(0, len(order), config.minibatch_steps):
            chosen = [rows[i] for i in order[start : start + config.minibatch_steps]]
            found = _accumulate(policy, optimizer, chosen, loss_config, config)
            norm = float(torch.nn.utils.clip_grad_norm_(policy.model.parameters(), config.grad_clip))
            if not (math.isfinite(found["loss"]) and math.isfinite(norm)):
                skipped, in_a_row = skipped + 1, in_a_row + 1
                if in_a_row >= MAX_NON_FINITE:
                    raise NonFiniteLoss(
                        f"the loss was not finite in {in_a_row} minibatches in a row (last {found['loss']}): "
                        "lower optimizer.learning_rate, or look for NaN advantages"
                    )
                continue
            in_a_row = 0
            optimizer.step()
            steps += 1
            tokens += int(found["tokens"])
            totals["ratio_max"] = max(totals["ratio_max"], found["ratio_max"])
            totals["loss"] += found["loss"]
            totals["grad_norm"] += norm
            for name in ("entropy", "kl", "clipped"):
                totals[name] += found[name]
    optimizer.zero_grad(set_to_none=True)
    policy.version += int(steps > 0)
    return {
        "rows": len(rows),
        "tokens": tokens,
        "loss": totals["loss"] / max(1, steps),
        "entropy": totals["entropy"] / max(1, tokens),
        "kl": totals["kl"] / max(1, tokens),
        "ratio_max": totals["ratio_max"],
        "clip_fraction": totals["clipped"] / max(1, tokens),
        "grad_norm": totals["grad_norm"] / max(1, steps),
        "skipped": skipped,
    }


def _accumulate(
    policy: TinyPolicy,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[TrainRow],
    loss_config: LossConfig,
    config: OptimizerConfig,
) -> dict[str, float]:
    """Gradients of one minibatch, and sums over its tokens."""
    optimizer.zero_grad(set_to_none=True)
    lengths = np.array([len(row.action_ids) for row in rows])
    masks = None
    if any(row.token_mask is not None for row in rows):
        masks = np.concatenate(
            [np.ones(len(r.action_ids), bool) if r.token_mask is None else r.token_mask for r in rows]
        )
    coefficients = np.split(
        token_coefficients(
            lengths,
            np.array([row.weight for row in rows]),
            np.array([row.episode for row in rows]),
            loss_config,
            masks,
        ),
        np.cumsum(lengths)[:-1],
    )
    found = {
        "loss": 0.0,
        "entropy": 0.0,
        "kl": 0.0,
        "clipped": 0.0,
        "ratio_max": 0.0,
        "tokens": float(lengths.sum()),
    }
    for group in micro_batches(rows, config.microbatch_tokens):
        part = [rows[i] for i in group]
        new = policy.logprobs(part)
        device = new.logprobs.device
        old = torch.from_numpy(np.concatenate([row.logprobs for row in part])).to(device)
        advantage = np.concatenate([np.broadcast_to(row.advantage, len(row.action_ids)) for row in part])
        advantages = torch.from_numpy(advantage.astype(np.float32)).to(device)
        coefficient = torch.from_numpy(
            np.concatenate([coefficients[i] for i in group]).astype(np.float32)
        ).to(device)
        result = token_losses(new.logprobs, old, advantages, new.lengths.to(device), loss_config)
        loss = (coefficient * (result.loss - loss_config.entropy_bonus * new.entropy)).sum()
        loss.backward()
        log_ratio = (new.logprobs - old).detach()
        found["loss"] += float(loss.detach())
        found["entropy"] += float(new.entropy.detach().sum())
        found["kl"] += float((log_ratio.exp() - 1 - log_ratio).sum())
        found["clipped"] += float(result.clipped.sum())
        found["ratio_max"] = max(found["ratio_max"], float(result.ratio.max()))
    return found
