"""Behaviour cloning: a warm start from the world's expert, under the prompts and masks of the rollout."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import torch

from step_gym.agents.config import OptimizerConfig, TrainConfig
from step_gym.agents.policy import TrainablePolicy, TrainRow
from step_gym.agents.rollout import prompt_history
from step_gym.agents.tiny import TinyConfig, TinyPolicy
from step_gym.agents.tokenizer import TinyTokenizer
from step_gym.agents.update import UpdateState, make_optimizer, minibatches, take_step
from step_gym.envs.expert import expert_for
from step_gym.wrappers.candidates import CandidateActions

MINIBATCH = 64
"""Demonstrated actions an optimizer step averages over."""

Report = Callable[[int, int, float], None]
"""Told of each minibatch: actions seen, actions to see at most, and its loss."""


@dataclass(frozen=True, slots=True)
class DemoStep:
    """What the expert saw and did.

    Attributes:
        text: The observation.
        admissible: The admissible actions, None where the action set is open.
        candidates: The actions it could choose from.
        action: Its choice.
        picture: The screenshot, uint8[H, W, 3], where it was asked for.
    """

    text: str
    admissible: list[str] | None
    candidates: list[str] | None
    action: str
    picture: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A solved expert episode."""

    instruction: str
    steps: tuple[DemoStep, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """Measures sampled success after some minibatches; cloning stops once it reaches `target`."""

    success: Callable[[Any, int], float]
    target: float


def collect_demonstrations(
    env_id: str,
    env_kwargs: dict[str, Any],
    task_ids: Sequence[str],
    noise: float = 0.0,
    seed: int = 0,
    pictures: bool = False,
) -> list[Demonstration]:
    """Let the world's expert play the tasks; episodes that it does not solve are left out.

    With probability `noise` a step takes a random candidate action instead, demonstrated like any other.
    `pictures` keeps the screenshots, where the world has them.
    """
    rng = np.random.default_rng([seed, 5])
    expert = expert_for(env_id)
    found = []
    with contextlib.closing(CandidateActions(gym.make(env_id, **env_kwargs))) as env:
        for task_id in task_ids:
            observation, info = env.reset(seed=0, options={"task_id": task_id})
            expert.reset(observation, info)
            instruction, steps, over = observation["instruction"], [], False
            while not over:
                action = expert.act(observation, info)
                if noise and rng.random() < noise:
                    action = str(rng.choice(info["candidate_actions"]))
                admissible, candidates = info.get("admissible_actions"), info.get("candidate_actions")
                picture = observation.get("screenshot") if pictures else None
                steps.append(DemoStep(observation["text"], admissible, candidates, action, picture))
                observation, _, terminated, truncated, info = env.step(action)
                over = terminated or truncated
            if info.get("is_success"):
                found.append(Demonstration(instruction, tuple(steps)))
    return found


def _silent(done: int, of: int, loss: float) -> None:
    """Report nothing."""


def demonstrate(
    config: TrainConfig, task_ids: Sequence[str], *, pictures: bool = False
) -> list[Demonstration]:
    """Expert episodes on the tasks, with their screenshots if `pictures`, which take much memory.

    Raises `ValueError` with fewer than two, one of which is held out.
    """
    demos = collect_demonstrations(
        config.env.id,
        config.env.kwargs,
        task_ids,
        config.warm_start.noise,
        config.seed,
        pictures,
    )
    if len(demos) < 2:
        raise ValueError(
            f"the expert solved {len(demos)} of {len(task_ids)} tasks of {config.env.id}: "
            "a warm start needs at least 2; raise warm_start.demonstrations"
        )
    return demos


def new_tiny_policy(config: TrainConfig, demos: Sequence[Demonstration], *, device: str) -> TinyPolicy:
    """A tiny policy with fresh weights, its tokenizer trained on what the demonstrations say."""
    texts = [
        text
        for demo in demos
        for text in (demo.instruction, *(t for s in demo.steps for t in (s.text, s.action)))
    ]
    tokenizer = TinyTokenizer.train(texts, config.policy.vocabulary)
    sizes = TinyConfig(
        hidden_size=config.policy.hidden, layers=config.policy.layers, heads=config.policy.heads
    )
    return TinyPolicy.create(tokenizer, sizes, seed=config.seed, device=device)


def warm_start(
    config: TrainConfig, task_ids: Sequence[str], *, device: str, probe: Probe | None = None
) -> tuple[TinyPolicy, dict[str, Any]]:
    """A new tiny policy, cloned from the expert until the probe reaches its target.

    Args:
        config: Sizes, prompt and warm-start settings.
        task_ids: Tasks the expert demonstrates; one in ten is held out for the loss.
        device: Where the policy lives.
        probe: Stops early; None runs all epochs.

    Returns:
        The policy, and metrics: demonstrations, tokens of the vocabulary, parameters, and those of `clone`.
    """
    demos = demonstrate(config, task_ids)
    policy = new_tiny_policy(config, demos, device=device)
    metrics = clone(policy, demos, config, probe)
    return policy, {
        "demonstrations": len(demos),
        "vocabulary": policy.tokenizer.vocab_size,
        "parameters": sum(parameter.numel() for parameter in policy.model.parameters()),
        **metrics,
    }


def clone(
    policy: TrainablePolicy,
    demos: Sequence[Demonstration],
    config: TrainConfig,
    probe: Probe | None = None,
    progress: Report = _silent,
) -> dict[str, Any]:
    """Fit any policy to demonstrations, of which the first tenth is held out.

    With `warm_start.patience` the held-out loss is taken after every epoch; cloning stops when it has not
    fallen for that many, and the weights of the best epoch are put back.

    Args:
        policy: The policy.
        demos: At least two.
        config: Prompt, optimizer and warm-start settings.
        probe: Stops early too.
        progress: Called after each minibatch.

    Returns:
        epochs (passes over the demonstrations); loss (mean of the last 20 minibatches whose loss was finite);
        held_out_loss (of the weights that are kept); held_out_losses (after each epoch, empty without
        patience); skipped (minibatches whose loss was not finite); probe_success. Losses are mean negative
        log-probabilities of an action, in nats.

    Raises:
        ValueError: No demonstrated action was among its candidates.
        NonFiniteLoss: The loss was not finite in several minibatches in a row.
        OutOfMemory: The memory does not hold half the token budget.
    """
    held_out = max(1, len(demos) // 10)
    rows = [row for n, demo in enumerate(demos[held_out:]) for row in _rows(policy, demo, config, n)]
    test_rows = [row for n, demo in enumerate(demos[:held_out]) for row in _rows(policy, demo, config, n)]
    if not rows or not test_rows:
        raise ValueError(
            f"no demonstrated action of {len(demos)} episodes is among its candidate actions, or none of "
            "those held out: raise warm_start.demonstrations, or use another environment"
        )
    warm = config.warm_start
    settings = dataclasses.replace(config.optimizer, learning_rate=warm.learning_rate)
    state = UpdateState(settings.microbatch_tokens)
    optimizer = make_optimizer(policy, settings)
    rng = np.random.default_rng([config.seed, 4])
    losses: list[float] = []
    best = _BestEpoch(policy)
    success, used, skipped = None, 0, 0
    passes = _passes(rows, rng, warm.epochs, whole_episodes=policy.shares_prefixes)
    for step, (chosen, ends_epoch) in enumerate(passes, 1):
        used += len(chosen)
        loss = _fit(policy, optimizer, [rows[i] for i in chosen], settings, state)
        progress(used, warm.epochs * len(rows), loss)
        losses += [loss] if math.isfinite(loss) else []
        skipped += state.non_finite > 0
        if probe is not None and step % warm.probe_every == 0:
            success = probe.success(policy, step)
            if success >= probe.target:
                break
        if ends_epoch and warm.patience:
            best.look(held_out_loss(policy, test_rows, state))
            if best.epochs_since >= warm.patience:
                break
    best.put_back()
    optimizer.zero_grad(set_to_none=True)
    return {
        "epochs": used / len(rows),
        "loss": float(np.mean(losses[-20:])) if losses else None,
        "held_out_loss": held_out_loss(policy, test_rows, state),
        "held_out_losses": best.losses,
        "skipped": skipped,
        "probe_success": success,
    }


class _BestEpoch:
    """The weights of the epoch whose held-out loss was the lowest.

    Attributes:
        losses: Held-out loss after each epoch.
        epochs_since: Epochs after the best.
    """

    def __init__(self, policy: TrainablePolicy) -> None:
        self._policy = policy
        self._weights: list[torch.Tensor] = []
        self.losses: list[float] = []

    @property
    def epochs_since(self) -> int:
        return len(self.losses) - 1 - int(np.argmin(self.losses))

    def look(self, loss: float) -> None:
        """Take in the loss after an epoch."""
        self.losses.append(loss)
        if loss == min(self.losses):
            self._weights = [parameter.detach().clone() for parameter in self._policy.parameters()]

    def put_back(self) -> None:
        """Give the policy its best weights, unless the last epoch was the best or none was looked at."""
        if self._weights and self.losses[-1] > min(self.losses):
            with torch.no_grad():
                for parameter, kept in zip(self._policy.parameters(), self._weights, strict=True):
                    parameter.copy_(kept)


def _passes(
    rows: Sequence[TrainRow], rng: np.random.Generator, epochs: int, *, whole_episodes: bool
) -> Iterator[tuple[np.ndarray, bool]]:
    """Indices of the rows of each minibatch, and whether it is the last of its epoch."""
    episodes = np.array([row.episode for row in rows])
    for _ in range(epochs):
        if whole_episodes:
            chosen = minibatches(episodes, MINIBATCH, rng, whole_episodes=True)
        else:
            chosen = np.split(rng.permutation(len(rows)), range(MINIBATCH, len(rows), MINIBATCH))
        for number, indices in enumerate(chosen, 1):
            yield indices, number == len(chosen)


def _fit(
    policy: TrainablePolicy,
    optimizer: torch.optim.Optimizer,
    rows: Sequence[TrainRow],
    config: OptimizerConfig,
    state: UpdateState,
) -> float:
    """One optimizer step towards the demonstrated actions; returns their mean negative log-probability."""

    def gradients(max_tokens: int) -> float:
        optimizer.zero_grad(set_to_none=True)
        total = 0.0
        for group in policy.micro_batches(rows, max_tokens):
            loss = -policy.logprobs([rows[i] for i in group]).logprobs.sum() / len(rows)
            if loss.requires_grad:
                loss.backward()
            total += float(loss.detach())
        return total

    loss = state.within_memory(gradients)
    take_step(policy, optimizer, config, state, loss)
    return loss


def held_out_loss(policy: TrainablePolicy, rows: Sequence[TrainRow], state: UpdateState) -> float:
    """Mean negative log-probability of a demonstrated action, in nats."""

    def total(max_tokens: int) -> float:
        with torch.no_grad():
            return sum(
                -float(policy.logprobs([rows[i] for i in group]).logprobs.sum())
                for group in policy.micro_batches(rows, max_tokens)
            )

    return state.within_memory(total) / len(rows)


def _rows(policy: TrainablePolicy, demo: Demonstration, config: TrainConfig, episode: int) -> list[TrainRow]:
    """A demonstration as rows, prompts built as at rollout.

    After a random action the expert may do what is not among the candidates: such a step is part of the
    history, and no row.
    """
    history = prompt_history(policy, config.history)
    first = demo.steps[0]
    prompt = history.begin(demo.instruction, first.text, first.admissible, first.picture)
    rows = []
    for step, following in zip(demo.steps, [*demo.steps[1:], None], strict=True):
        action_ids = np.array(policy.encode_action(step.action), dtype=np.int32)
        if step.candidates is None or step.action in step.candidates:
            unknown = np.zeros(len(action_ids), np.float32)
            rows.append(TrainRow(prompt, action_ids, step.candidates, unknown, episode=episode))
        if following is not None:
            prompt = history.advance(action_ids, following.text, following.admissible, following.picture)
    return rows
