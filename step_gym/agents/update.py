"""One round's update: rows of sampled actions, minibatches in random order, micro-batches by token budget."""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

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

_T = TypeVar("_T")

MAX_NON_FINITE = 3
"""Minibatches in a row whose loss or gradient is not finite before training stops."""

AUTO_CAP = 2.0
"""Cap of the importance weight where a policy's sampler is not exact, as verl's rollout correction has it."""


class NonFiniteLoss(RuntimeError):
    """The loss stayed NaN or infinite; the weights are those before the first bad minibatch."""


class OutOfMemory(RuntimeError):
    """The memory does not hold a micro-batch, not even a halved one."""


@dataclass(slots=True)
class UpdateState:
    """What one update leaves to the next.

    Attributes:
        microbatch_tokens: Token budget of a micro-batch; starts as `OptimizerConfig.microbatch_tokens`.
        halved: Whether memory ran out once and halved it.
        non_finite: Minibatches in a row, up to now, whose loss or gradient was not finite.
    """

    microbatch_tokens: int
    halved: bool = False
    non_finite: int = 0

    def within_memory(self, work: Callable[[int], _T]) -> _T:
        """Do `work(token budget)`; if memory runs out, once in a run, warn and do it again with half.

        `work` must undo what an interrupted call of it left. Raises `OutOfMemory` when the half is too much.
        """
        while True:
            try:
                return work(self.microbatch_tokens)
            except (RuntimeError, MemoryError) as error:
                if not _is_out_of_memory(error):
                    raise
                if self.halved or self.microbatch_tokens < 2:
                    raise OutOfMemory(
                        f"out of memory with micro-batches of {self.microbatch_tokens} tokens: lower "
                        "optimizer.microbatch_tokens, then history.max_tokens"
                    ) from error
            # Outside the handler, which holds the failed call's tensors through the traceback.
            self.halved, self.microbatch_tokens = True, self.microbatch_tokens // 2
            warnings.warn(
                f"out of memory: micro-batches are halved to {self.microbatch_tokens} tokens; set "
                "optimizer.microbatch_tokens to start there",
                stacklevel=2,
            )
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def _is_out_of_memory(error: BaseException) -> bool:
    """CUDA's own error, Python's, or the bare `RuntimeError` of torch's allocator on a CPU."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


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


def take_step(
    policy: TrainablePolicy,
    optimizer: torch.optim.Optimizer,
    config: OptimizerConfig,
    state: UpdateState,
    loss: float,
) -> float | None:
    """Clip the gradients and step; returns their norm before, or None if they or the loss are not finite.

    Then nothing changes but the count in `state`. Raises `NonFiniteLoss` at `MAX_NON_FINITE` in a row.
    """
    norm = float(torch.nn.utils.clip_grad_norm_(policy.parameters(), config.grad_clip))
    if math.isfinite(loss) and math.isfinite(norm):
        state.non_finite = 0
        optimizer_step(optimizer, config)
        return norm
    state.non_finite += 1
    if state.non_finite >= MAX_NON_FINITE:
        raise NonFiniteLoss(
            f"the loss was not finite in {state.non_finite} minibatches in a row (last {loss}, gradient norm "
            f"{norm}): lower the learning rate (optimizer.learning_rate, warm_start.learning_rate), or look "
            "for NaN advantages"
        )
    return None


def training_rows(
    records: Sequence[StepRecord],
    batch: StepBatch,
    result: AdvantageResult,
    invalid_penalty: float = 0.0,
    keep_zeros: bool = False,
) -> list[TrainRow]:
    """The rows to train on: those with a positive weight, a non-zero advantage, and recorded tokens.

    Args:
        records: The records behind the batch's rows, in order.
        batch: Columns of the same rows.
        result: What the estimator said of them.
        invalid_penalty: Taken off the advantage of every action that the world refused. Weights stay, so what
            an estimator drops stays dropped.
        keep_zeros: Keep rows whose advantage is 0 too, for a loss that acts on them without one.
    """
    rows = []
    for index, record in enumerate(records):
        advantage: float | np.ndarray
        if result.step_advantage is not None:
            advantage = float(result.step_advantage[index])
        else:
            assert result.token_advantage is not None
            advantage = np.asarray(result.token_advantage[index], dtype=np.float64)
        if not batch.action_valid[index]:
            advantage = advantage - invalid_penalty
        if result.weight[index] <= 0 or not (keep_zeros or np.any(advantage)):
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


def minibatches(
    episodes: np.ndarray, size: int, rng: np.random.Generator, *, whole_episodes: bool
) -> list[np.ndarray]:
    """Indices of rows in random order, in minibatches of about `size`.

    Args:
        episodes: int64[n], episode of each row, n >= 1.
        size: Rows in a minibatch.
        rng: Draws the order.
        whole_episodes: Keep an episode's rows in one minibatch, so that their shared prefixes are read once.
    """
    count = max(1, round(len(episodes) / size))
    if not whole_episodes:
        return np.array_split(rng.permutation(len(episodes)), count)
    _, index, sizes = np.unique(episodes, return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    middle = np.empty(len(sizes))
    middle[order] = sizes[order].cumsum() - sizes[order] / 2
    batch = (middle * count // len(episodes))[index]
    return [np.flatnonzero(batch == number) for number in np.unique(batch)]


def policy_update(
    policy: TrainablePolicy,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[TrainRow],
    loss_config: LossConfig,
    config: OptimizerConfig,
    rng: np.random.Generator,
    reference: TrainablePolicy | None = None,
    state: UpdateState | None = None,
) -> dict[str, float]:
    """Train on the rows of a round; returns what to log.

    A minibatch whose loss or gradient is not finite is skipped and counted. Raises `NonFiniteLoss` after
    `MAX_NON_FINITE` of them in a row, `OutOfMemory` where half the token budget is too much, `ValueError` for
    a KL penalty without a reference. Rows of weight 0 are not computed. Without rows nothing changes.

    Args:
        policy: The policy; its version goes up by one if its weights change.
        optimizer: From `make_optimizer`.
        rows: What to train on.
        loss_config: The loss.
        config: Minibatches, epochs, gradient clip.
        rng: Orders the rows.
        reference: What the KL penalty is taken to.
        state: Kept from round to round by the caller; a new one by default.

    Returns:
        rows; tokens (action tokens trained on); skipped (minibatches); loss; grad_norm (before clipping);
        ratio_max; means over the tokens at which there was a choice: entropy (nats), kl (old to new, k3
        estimate), ratio_mean, clip_fraction; and `mismatch/...`, how far the log-probabilities of training
        were from the sampler's at the same tokens before the first step: abs (mean, nats), kl (k3 estimate),
        ratio_max, capped (share whose importance weight was cut).
    """
    if loss_config.kl_penalty and reference is None:
        raise ValueError(f"kl_penalty={loss_config.kl_penalty} needs a reference policy")
    cap = _importance_cap(policy, loss_config)
    loss_config = dataclasses.replace(loss_config, importance_cap=cap)
    state = state or UpdateState(config.microbatch_tokens)
    rows = [row for row in rows if row.weight > 0]
    batch = _Batch.of(policy, rows, loss_config, state, reference)
    episodes = np.array([row.episode for row in rows])
    watch = _Watch()
    for _ in range(config.epochs if rows else 0):
        for chosen in minibatches(
            episodes, config.minibatch_steps, rng, whole_episodes=policy.shares_prefixes
        ):
            minibatch = batch.take(chosen)

            def gradients(max_tokens: int, minibatch: _Batch = minibatch) -> tuple[float, Tensor]:
                optimizer.zero_grad(set_to_none=True)
                return _accumulate(policy, minibatch, loss_config, max_tokens)

            loss, seen = state.within_memory(gradients)
            norm = take_step(policy, optimizer, config, state, loss)
            if norm is None:
                watch.skipped += 1
            else:
                watch.count_step(loss, norm, sum(len(row.action_ids) for row in minibatch.rows), seen)
    optimizer.zero_grad(set_to_none=True)
    policy.version += int(watch.steps > 0)
    return {"rows": len(rows), **watch.metrics(cap)}


def _importance_cap(policy: TrainablePolicy, config: LossConfig) -> float | None:
    """The cap of importance weights, what "auto" stands for settled."""
    if config.importance_cap == "auto":
        return None if policy.samples_exactly else AUTO_CAP
    return config.importance_cap


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
        state: UpdateState,
        reference: TrainablePolicy | None,
    ) -> _Batch:
        old, to = [row.logprobs for row in rows], None
        if loss_config.importance_cap is not None:
            old = state.within_memory(lambda tokens: score_rows(policy, rows, tokens))
        if reference is not None and loss_config.kl_penalty:
            to = state.within_memory(lambda tokens: score_rows(reference, rows, tokens))
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
    mismatch: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def count_step(self, loss: float, norm: float, tokens: int, seen: Tensor) -> None:
        """Add an optimizer step; `seen` as `_accumulate` returns it."""
        self.steps += 1
        self.loss += loss
        self.grad_norm += norm
        self.tokens += tokens
        self.choices += seen.shape[1]
        self.sums += seen[:4].sum(1).double().cpu().numpy()
        if seen.shape[1]:
            self.ratio_max = max(self.ratio_max, float(seen[2].max()))
        if self.steps == 1:
            self.mismatch = seen[4].double().cpu().numpy()

    def metrics(self, cap: float | None) -> dict[str, float]:
        """Means, as `policy_update` names them."""
        entropy, kl, ratio, clipped = (self.sums / max(1, self.choices)).tolist()
        # At least one token, so that means and maxima exist; a difference of 0 is no mismatch.
        difference = self.mismatch if len(self.mismatch) else np.zeros(1)
        apart = np.exp(difference)
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
            "mismatch/abs": float(np.abs(difference).mean()),
            "mismatch/kl": float((apart - difference - 1).mean()),
            "mismatch/ratio_max": float(apart.max()),
            "mismatch/capped": 0.0 if cap is None else float((apart > cap).mean()),
        }


def _accumulate(
    policy: TrainablePolicy, batch: _Batch, loss_config: LossConfig, max_tokens: int
) -> tuple[float, Tensor]:
    """Add up the gradients of a minibatch, in micro-batches of at most `max_tokens`.

    Returns its loss, or the first share of it that is not finite, and of the tokens at which there was a
    choice float[5, choices]: entropy, kl, ratio, clipped, and the new log-probability less the sampler's.
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
    for group in policy.micro_batches(rows, max_tokens):

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
        apart = new.logprobs.detach() - tokens.sampler
        tokens_seen = torch.stack((new.entropy.detach(), kl, result.ratio, result.clipped.float(), apart))
        seen.append(tokens_seen[:, new.is_choice])
    return total, torch.cat(seen, 1) if seen else torch.zeros(5, 0)


def score_rows(policy: TrainablePolicy, rows: Sequence[TrainRow], max_tokens: int) -> list[np.ndarray]:
    """Log-probabilities of the rows' tokens under present weights, float32[A] a row, without gradient."""
    scores: list[np.ndarray] = [np.zeros(0, np.float32)] * len(rows)
    with torch.no_grad():
        for group in policy.micro_batches(rows, max_tokens):
            found = policy.logprobs([rows[i] for i in group]).per_row()
            for index, values in zip(group, found, strict=True):
                scores[index] = values.cpu().numpy()
    return scores
