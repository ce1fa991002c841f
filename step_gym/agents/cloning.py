"""Behaviour cloning: a warm start from the world's expert, under the prompts and masks of the rollout."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import torch

from step_gym.agents.config import OptimizerConfig, TrainConfig
from step_gym.agents.policy import TrainRow
from step_gym.agents.tiny import TinyConfig, TinyPolicy
from step_gym.agents.tokenizer import TinyTokenizer
from step_gym.agents.update import make_optimizer, optimizer_step
from step_gym.envs.expert import expert_for
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.prompt import PromptHistory

MINIBATCH = 64
"""Demonstrated actions an optimizer step averages over."""


@dataclass(frozen=True, slots=True)
class DemoStep:
    """What the expert saw and did.

    Attributes:
        text: The observation.
        admissible: The admissible actions, None where the action set is open.
        candidates: The actions it could choose from.
        action: Its choice.
    """

    text: str
    admissible: list[str] | None
    candidates: list[str] | None
    action: str


@dataclass(frozen=True, slots=True)
class Demonstration:
    """A solved expert episode."""

    instruction: str
    steps: tuple[DemoStep, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """Measures sampled success after some minibatches; cloning stops once it reaches `target`."""

    success: Callable[[TinyPolicy, int], float]
    target: float


def collect_demonstrations(
    env_id: str, env_kwargs: dict[str, Any], task_ids: Sequence[str], noise: float = 0.0, seed: int = 0
) -> list[Demonstration]:
    """Let the world's expert play the tasks; episodes that it does not solve are left out.

    With probability `noise` a step takes a random candidate action instead, demonstrated like any other.
    """
    rng = np.random.default_rng([seed, 5])
    env = CandidateActions(gym.make(env_id, **env_kwargs))
    expert = expert_for(env_id)
    found = []
    for task_id in task_ids:
        observation, info = env.reset(seed=0, options={"task_id": task_id})
        expert.reset(observation, info)
        instruction, steps, over = observation["instruction"], [], False
        while not over:
            action = expert.act(observation, info)
            if noise and rng.random() < noise:
                action = str(rng.choice(info["candidate_actions"]))
            admissible, candidates = info.get("admissible_actions"), info.get("candidate_actions")
            steps.append(DemoStep(observation["text"], admissible, candidates, action))
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
        if info.get("is_success"):
            found.append(Demonstration(instruction, tuple(steps)))
    env.close()
    return found


def warm_start(
    config: TrainConfig, task_ids: Sequence[str], *, device: str, probe: Probe | None = None
) -> tuple[TinyPolicy, dict[str, Any]]:
    """A new tiny policy with its own tokenizer, cloned from the expert until the probe reaches its target.

    Args:
        config: Sizes, prompt and warm-start settings.
        task_ids: Tasks the expert demonstrates; one in ten is held out for the loss.
        device: Where the policy lives.
        probe: Stops early; None runs all epochs.

    Returns:
        The policy, and metrics: demonstrations, tokens of the vocabulary, parameters, epochs, losses,
        success.
    """
    demos = collect_demonstrations(
        config.env.id, config.env.kwargs, task_ids, config.warm_start.noise, config.seed
    )
    if len(demos) < 2:
        raise ValueError(
            f"the expert solved {len(demos)} of {len(task_ids)} tasks of {config.env.id}: "
            "a warm start needs at least 2; raise warm_start.demonstrations"
        )
    texts = [
        text
        for demo in demos
        for text in (demo.instruction, *(t for s in demo.steps for t in (s.text, s.action)))
    ]
    tokenizer = TinyTokenizer.train(texts, config.policy.vocabulary)
    sizes = TinyConfig(
        hidden_size=config.policy.hidden, layers=config.policy.layers, heads=config.policy.heads
    )
    policy = TinyPolicy.create(tokenizer, sizes, seed=config.seed, device=device)
    metrics = clone(policy, demos, config, probe)
    return policy, {
        "demonstrations": len(demos),
        "vocabulary": tokenizer.vocab_size,
        "parameters": sum(parameter.numel() for parameter in policy.model.parameters()),
        **metrics,
    }


def clone(
    policy: TinyPolicy, demos: Sequence[Demonstration], config: TrainConfig, probe: Probe | None
) -> dict[str, Any]:
    """Fit the policy to the demonstrations; see `warm_start`."""
    held_out = max(1, len(demos) // 10)
    rows = [row for demo in demos[held_out:] for row in _rows(policy, demo, config)]
    test_rows = [row for demo in demos[:held_out] for row in _rows(policy, demo, config)]
    settings = dataclasses.replace(config.optimizer, learning_rate=config.warm_start.learning_rate)
    optimizer = make_optimizer(policy, settings)
    minibatches = _minibatches(len(rows), config.warm_start.epochs, np.random.default_rng([config.seed, 4]))
    losses, success, used = [], None, 0
    for step, chosen in enumerate(minibatches, 1):
        losses.append(_fit(policy, optimizer, [rows[i] for i in chosen], settings))
        used += len(chosen)
        if probe is not None and step % config.warm_start.probe_every == 0:
            success = probe.success(policy, step)
            if success >= probe.target:
                break
    optimizer.zero_grad(set_to_none=True)
    return {
        "epochs": used / len(rows),
        "loss": float(np.mean(losses[-20:])) if losses else None,
        "held_out_loss": held_out_loss(policy, test_rows, config.optimizer.microbatch_tokens),
        "probe_success": success,
    }


def _minibatches(rows: int, epochs: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of the rows of each minibatch, epoch after epoch, reshuffled."""
    for _ in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, rows, MINIBATCH):
            yield order[start : start + MINIBATCH]


def _fit(
    policy: TinyPolicy, optimizer: torch.optim.Optimizer, rows: Sequence[TrainRow], config: OptimizerConfig
) -> float:
    """One optimizer step towards the demonstrated actions; returns their mean negative log-probability."""
    optimizer.zero_grad(set_to_none=True)
    total = 0.0
    for group in policy.micro_batches(rows, config.microbatch_tokens):
        loss = -policy.logprobs([rows[i] for i in group]).logprobs.sum() / len(rows)
        loss.backward()
        total += float(loss.detach())
    torch.nn.utils.clip_grad_norm_(policy.model.parameters(), config.grad_clip)
    optimizer_step(optimizer, config)
    return total


def held_out_loss(policy: TinyPolicy, rows: Sequence[TrainRow], max_tokens: int) -> float:
    """Mean negative log-probability of a demonstrated action, in nats."""
    with torch.no_grad():
        total = sum(
            -float(policy.logprobs([rows[i] for i in group]).logprobs.sum())
            for group in policy.micro_batches(rows, max_tokens)
        )
    return total / len(rows)


def _rows(policy: TinyPolicy, demo: Demonstration, config: TrainConfig) -> list[TrainRow]:
    """A demonstration as rows, prompts built as at rollout."""
    history = PromptHistory(
        policy.prompt_format, config.history.mode, config.history.window, config.history.max_tokens
    )
    prompt = history.begin(demo.instruction, demo.steps[0].text, demo.steps[0].admissible)
    rows = []
    for step, following in zip(demo.steps, [*demo.steps[1:], None], strict=True):
        action_ids = np.array(policy.encode_action(step.action), dtype=np.int32)
        rows.append(TrainRow(prompt, action_ids, step.candidates, np.zeros(len(action_ids), np.float32)))
        if following is not None:
            prompt = history.advance(action_ids, following.text, following.admissible)
    return rows
