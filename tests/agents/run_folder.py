"""A run folder without training: the real writers record a scripted policy that grows from random to
expert on the toy world."""

from __future__ import annotations

import json
from pathlib import Path

import gymnasium as gym
import numpy as np

import step_gym  # noqa: F401 (registers the environments)
from step_gym.envs.toy.expert import ToyExpert
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.success import SuccessRecord
from step_gym.wrappers.success_rules import StepRule
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeTag, StepRecord
from step_gym.wrappers.writer import TrajectoryWriter

ENV_ID = "STEP-Toy-v0"


def make_run(
    folder: Path,
    rounds: int = 3,
    planned: int | None = None,
    tasks: int = 3,
    copies: int = 4,
    pool: int = 6,
    seed: int = 0,
) -> Path:
    """Play `rounds` rounds of `tasks` of the first `pool` training tasks, `copies` rollouts each, and
    write the whole run folder."""
    folder.mkdir(parents=True)
    config = {
        "algorithm": "step",
        "settings": {},
        "seed": seed,
        "rounds": rounds if planned is None else planned,
        "tasks_per_round": tasks,
        "copies": copies,
        "env": {"id": ENV_ID, "kwargs": {"tasks": 60}, "train_split": "train", "eval_splits": ["valid"]},
        "policy": {"path": "tiny", "hidden": 128, "layers": 3},
        "optimizer": {"learning_rate": 0.0003, "betas": [0.9, 0.95]},
    }
    (folder / "config.json").write_text(json.dumps(config))
    about = {"attempt": 0, "python": "3.11.7", "packages": {"gymnasium": "1.4.0", "torch": "2.13.0"}}
    (folder / "run.json").write_text(json.dumps(about))
    rng = np.random.default_rng(seed)
    metrics = [
        {
            "kind": "warmstart",
            "round": 0,
            "demonstrations": 20,
            "epochs": 4,
            "held_out_loss": 0.61,
            "seconds": 2.5,
        }
    ]
    metrics += _evaluations(0, 0.3)
    with (
        SuccessRecord(folder / "success.sqlite", StepRule(n_copies=copies)) as record,
        TrajectoryWriter(folder / "trajectories", run_id=folder.name) as writer,
    ):
        env = RecordTrajectory(gym.make(ENV_ID, tasks=60), writer=writer)
        for round in range(1, rounds + 1):
            skill = 0.1 + 0.85 * round / max(rounds, 8)
            before = record.rates()
            chosen = rng.choice(pool, size=tasks, replace=False)
            episodes = []
            for slot, task in enumerate(np.repeat(chosen, copies)):
                task_id = f"train-d2-12-{task}"
                episode_id = f"{folder.name}/{round:05d}/{slot:04d}"
                env.next_tag = EpisodeTag(
                    episode_id=episode_id, round=round, slot=slot, success_rate_before=before.get(task_id)
                )
                episode = _play(env, task_id, int(rng.integers(2**31)), skill, round, rng)
                record.add(episode_id, task_id, episode.is_success, round)
                episodes.append(episode)
            writer.add_candidates(episodes[0].episode_id, _candidates(episodes[0].steps[0]))
            rates = record.close_round(round)
            metrics.append(_round_metrics(round, episodes, rates, rng))
            if round % 5 == 0 or round == rounds:
                metrics += _evaluations(round, skill * 0.9)
        env.close()
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in metrics))
    return folder


def _play(
    env: RecordTrajectory, task_id: str, seed: int, skill: float, version: int, rng: np.random.Generator
) -> EpisodeRecord:
    """One episode of a policy that asks the expert with probability `skill`, and sometimes says what is
    not admissible."""
    expert = ToyExpert()
    observation, info = env.reset(seed=seed, options={"task_id": task_id})
    expert.reset(observation, info)
    done = False
    while not done:
        wise = expert.act(observation, info)
        actions = info["admissible_actions"]
        action = wise if rng.random() < skill else actions[int(rng.integers(len(actions)))]
        action = "dance" if rng.random() < 0.03 else action
        logprobs = -rng.exponential(0.25, size=3)
        completion = Completion(
            action,
            prompt_ids=[1, 2, 3],
            action_ids=[4, 5, 6],
            logprobs=logprobs,
            policy_version=version,
            text=f"Thought: I will {action}.\nAction: {action}",
        )
        observation, _, terminated, truncated, info = env.step(completion)
        done = terminated or truncated
    assert env.last_episode is not None
    return env.last_episode


def _candidates(step: StepRecord) -> list[StepRecord]:
    return [
        StepRecord(
            step=step.step,
            observation=step.observation,
            state_key=step.state_key,
            action=action,
            is_executed=False,
            candidate_group="g",
            source="augment",
        )
        for action in (step.admissible_actions or [])[:2]
    ]


def _round_metrics(
    round: int, episodes: list[EpisodeRecord], rates: dict[str, float], rng: np.random.Generator
) -> dict[str, object]:
    return {
        "kind": "round",
        "round": round,
        "episodes": len(episodes),
        "failed": 0,
        "env_steps": sum(map(len, episodes)),
        "success": float(np.mean([bool(episode.is_success) for episode in episodes])),
        "mean_steps": float(np.mean([len(episode) for episode in episodes])),
        "resampled": 0,
        "tasks": len(rates),
        "mastered": sum(rate > 0.6 for rate in rates.values()),
        "mean_rate": float(np.mean(list(rates.values()))),
        "loss": -0.1 - 0.02 * float(rng.random()),
        "entropy": 1.2 / round,
        "clip_fraction": 0.1 * float(rng.random()),
        "rollout_s": 1.0 + float(rng.random()),
        "update_s": 0.5 + float(rng.random()),
    }


def _evaluations(round: int, rate: float) -> list[dict[str, object]]:
    lines = []
    for split, shift in (("train", 0.04), ("held-out", 0.0)):
        successes = round_half(200 * (rate + shift))
        low, high = max(0.0, successes / 200 - 0.07), min(1.0, successes / 200 + 0.07)
        lines.append(
            {
                "kind": "evaluation",
                "round": round,
                "split": split,
                "successes": successes,
                "episodes": 200,
                "rate": successes / 200,
                "low": low,
                "high": high,
                "mean_steps": 9.0,
                "seconds": 1.5,
            }
        )
    return lines


def round_half(value: float) -> int:
    return int(value + 0.5)
