from __future__ import annotations

import dataclasses
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
import torch

from step_gym.agents.cloning import (
    Demonstration,
    DemoStep,
    Probe,
    clone,
    collect_demonstrations,
    demonstrate,
    held_out_loss,
    warm_start,
)
from step_gym.agents.config import EnvConfig, HistoryConfig, PolicyConfig, TrainConfig, WarmStartConfig
from step_gym.agents.load import reads_pictures
from step_gym.agents.policy import Request
from step_gym.agents.tiny import TinyPolicy
from step_gym.agents.update import NonFiniteLoss, UpdateState
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.prompt import PromptHistory
from tests.agents.language_models import make_llm
from tests.agents.tiny_policies import make_policy, make_rows

CONFIG = TrainConfig(
    env=EnvConfig(id="STEP-Toy-v0", kwargs={"max_difficulty": 4}, eval_splits=("valid",)),
    policy=PolicyConfig(hidden=32, layers=2, heads=2, vocabulary=400),
    history=HistoryConfig(window=1, max_tokens=256),
    warm_start=WarmStartConfig(demonstrations=24, epochs=4, learning_rate=3e-3, probe_every=2),
)


CONFIG_WITHOUT_EPOCHS = dataclasses.replace(
    CONFIG, warm_start=dataclasses.replace(CONFIG.warm_start, epochs=0)
)


def task_ids(count: int) -> list[str]:
    env = gym.make(CONFIG.env.id, **CONFIG.env.kwargs)
    ids = list(env.get_wrapper_attr("tasks").split("train").ids())[:count]
    env.close()
    return ids


def test_demonstrations_replay_in_the_world() -> None:
    (first, *others) = collect_demonstrations(CONFIG.env.id, CONFIG.env.kwargs, task_ids(5))
    assert len(others) == 4
    env = CandidateActions(gym.make(CONFIG.env.id, **CONFIG.env.kwargs))
    observation, info = env.reset(seed=0, options={"task_id": task_ids(1)[0]})
    assert first.instruction == observation["instruction"]
    for step in first.steps:
        assert (step.text, step.candidates) == (observation["text"], info["candidate_actions"])
        assert step.action in (step.candidates or ())
        observation, _, _, _, info = env.step(step.action)
    assert info["is_success"]


def test_cloning_lowers_the_held_out_loss() -> None:
    untrained, before = warm_start(CONFIG_WITHOUT_EPOCHS, task_ids(24), device="cpu")
    _, after = warm_start(CONFIG, task_ids(24), device="cpu")
    assert before["epochs"] == 0
    assert after["epochs"] == 4
    assert after["held_out_loss"] < 0.7 * before["held_out_loss"]
    assert after["loss"] < before["held_out_loss"]
    assert after["demonstrations"] == 24
    assert after["vocabulary"] == untrained.tokenizer.vocab_size
    assert after["parameters"] == sum(weight.numel() for weight in untrained.parameters())


def test_a_warm_start_is_reproducible() -> None:
    config = dataclasses.replace(CONFIG, warm_start=dataclasses.replace(CONFIG.warm_start, epochs=1))
    runs = [warm_start(config, task_ids(12), device="cpu") for _ in range(2)]
    assert runs[0][1] == runs[1][1]
    for a, b in zip(runs[0][0].parameters(), runs[1][0].parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_probe_stops_it_at_its_target() -> None:
    asked: list[int] = []

    def success(policy: TinyPolicy, step: int) -> float:
        asked.append(step)
        return 0.2 * len(asked)

    _, metrics = warm_start(CONFIG, task_ids(24), device="cpu", probe=Probe(success, 0.4))
    assert asked == [2, 4]
    assert metrics["probe_success"] == pytest.approx(0.4)
    assert metrics["epochs"] < 4


def test_it_stops_when_the_held_out_loss_rises_and_keeps_the_best() -> None:
    """Three demonstrations are learnt by heart long before sixty epochs are over."""
    warm = dataclasses.replace(CONFIG.warm_start, epochs=60, learning_rate=1e-2, patience=2)
    policy, metrics = warm_start(dataclasses.replace(CONFIG, warm_start=warm), task_ids(4), device="cpu")
    losses = metrics["held_out_losses"]
    best = int(np.argmin(losses))
    assert len(losses) == metrics["epochs"] == best + 1 + 2 < 60
    assert metrics["held_out_loss"] == pytest.approx(losses[best], rel=1e-5)
    assert losses[-1] > losses[best]


def test_whole_demonstrations_for_a_policy_that_shares_prefixes() -> None:
    demos = collect_demonstrations(CONFIG.env.id, CONFIG.env.kwargs, task_ids(80))
    policy, _ = warm_start(CONFIG_WITHOUT_EPOCHS, task_ids(24), device="cpu")
    policy.shares_prefixes = True
    batches: list[list[int]] = []
    count = policy.micro_batches

    def spy(rows: Any, max_tokens: int) -> Any:
        batches.append([row.episode for row in rows])
        return count(rows, max_tokens)

    policy.micro_batches = spy  # type: ignore[method-assign]
    warm = dataclasses.replace(CONFIG.warm_start, epochs=1)
    clone(policy, demos, dataclasses.replace(CONFIG, warm_start=warm))
    *training, _ = batches
    assert len(training) > 1
    assert sum(len(set(episodes)) for episodes in training) == len(demos) - len(demos) // 10


def test_a_loss_that_stays_non_finite_stops_it() -> None:
    demos = collect_demonstrations(CONFIG.env.id, CONFIG.env.kwargs, task_ids(24))
    policy, _ = warm_start(CONFIG_WITHOUT_EPOCHS, task_ids(24), device="cpu")
    with torch.no_grad():
        next(policy.parameters()).fill_(float("nan"))
    with pytest.raises(NonFiniteLoss, match=r"3 minibatches in a row.*warm_start\.learning_rate"):
        clone(policy, demos, CONFIG)


def test_prompts_are_those_of_the_rollout() -> None:
    """What cloning trains on is what the policy is asked in the world: same prompts, same candidates."""
    demos = collect_demonstrations(CONFIG.env.id, CONFIG.env.kwargs, task_ids(3))
    policy, _ = warm_start(CONFIG_WITHOUT_EPOCHS, task_ids(12), device="cpu")
    seen: list[tuple[bytes, tuple[str, ...]]] = []
    learnt = policy.logprobs

    def spy(rows: Any) -> Any:
        seen.extend((row.prompt_ids.tobytes(), tuple(row.candidates)) for row in rows)
        return learnt(rows)

    policy.logprobs = spy  # type: ignore[method-assign]
    clone(policy, demos, CONFIG_WITHOUT_EPOCHS)
    asked = rollout_requests(policy, task_ids(1)[0], [step.action for step in demos[0].steps])
    assert sorted(seen) == sorted(asked)


def rollout_requests(
    policy: TinyPolicy, task_id: str, actions: list[str]
) -> list[tuple[bytes, tuple[str, ...]]]:
    """Prompts and candidates of an episode in which the policy happens to take the given actions."""
    env = CandidateActions(gym.make(CONFIG.env.id, **CONFIG.env.kwargs))
    history = PromptHistory(
        policy.prompt_format, CONFIG.history.mode, CONFIG.history.window, CONFIG.history.max_tokens
    )
    observation, info = env.reset(seed=0, options={"task_id": task_id})
    prompt = history.begin(observation["instruction"], observation["text"])
    asked = []
    for action in actions:
        asked.append((prompt.tobytes(), tuple(info["candidate_actions"])))
        (completion,) = policy.act([Request(prompt, [action])])
        observation, _, _, _, info = env.step(completion)
        prompt = history.advance(completion.action_ids, observation["text"])
    return asked


def test_the_held_out_loss_is_a_mean_over_actions() -> None:
    policy = make_policy()
    rows = make_rows(policy, 9)
    expected = -np.mean([row.logprobs.sum() for row in rows])
    assert held_out_loss(policy, rows, UpdateState(300)) == pytest.approx(float(expected), rel=1e-4)


def test_actions_that_were_no_candidates_cannot_be_learnt() -> None:
    step = DemoStep("you see a mug", None, ["take mug 1"], "go to cabinet 2")
    with pytest.raises(ValueError, match="no demonstrated action of 3 episodes is among its candidate"):
        clone(make_policy(), [Demonstration("put a mug", (step,))] * 3, CONFIG)


def test_only_a_policy_that_reads_pictures_gets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    config = dataclasses.replace(
        CONFIG, env=EnvConfig("STEP-AndroidWorld-v0", {"profile": "360x800"}), seed=0
    )
    world = gym.make(config.env.id, **config.env.kwargs)
    shown = list(world.get_wrapper_attr("tasks").split("train").ids())[:2]
    world.close()
    for pictures in (False, True):
        demos = demonstrate(config, shown, pictures=pictures)
        assert [step.picture is not None for step in demos[0].steps] == [pictures] * len(demos[0].steps)
    assert not reads_pictures(make_policy()) and not reads_pictures(make_llm())


def test_too_few_demonstrations_are_refused() -> None:
    with pytest.raises(ValueError, match="the expert solved 1 of 1 tasks of STEP-Toy-v0"):
        warm_start(CONFIG, task_ids(1), device="cpu")
