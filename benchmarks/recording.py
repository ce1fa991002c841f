"""What does recording cost the rollout, and how many bytes does a recorded step take?

`python -m benchmarks.recording [--quick]`. One process plays the Toy world with a random policy whose actions are
completions, in turn without a recorder and with one that writes to disk. The recorded time ends when the writer is
closed: it holds the journal, the Parquet shards written meanwhile and the last one. Two policies:

- `history`: builds its prompt with `PromptHistory` at every step, as any policy must;
- `precomputed`: takes ready prompt arrays, so that next to nothing but the environment is left to hide behind.

Bytes are counted on 30-step `append` histories (ALFWorld with a random policy, cut after 30 steps: no Toy task
lasts so long), against the same records as JSON lines with whole prompts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pyarrow
import pyarrow.parquet as pq

import step_gym  # noqa: F401  (registers the ids)
from benchmarks.common import finish, print_table
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.prompt import PromptHistory
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.trajectory import EpisodeRecord
from step_gym.wrappers.writer import TrajectoryWriter

HISTORY_STEPS = 30
SHARD_EPISODES = 512
_HEAD = (
    "You are an agent in a small text game . You read what you see and answer with exactly one command of those that "
    "are listed . Go from room to room , open what is closed , unlock what is locked , take what you are asked for and "
    "put it where it belongs . Do not explain yourself . Your task is : "
)


class WordFormat:
    """A prompt format with one token a word: about the cheapest tokenizer there can be."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def encode(self, text: str) -> list[int]:
        """The id of each word, new words numbered as they come."""
        ids = self._ids
        return [ids.setdefault(word, len(ids)) for word in text.split()]

    def task(self, instruction: str) -> Sequence[int]:
        """Tokens of the prompt's head."""
        return self.encode(_HEAD + instruction)

    def observation(self, text: str) -> Sequence[int]:
        """Tokens of an observation."""
        return self.encode(text + " Your command is :")


Play = Callable[[gymnasium.Env[Any, Any], Iterable[str], random.Random], int]


def history_player(max_tokens: int = 4096) -> Play:
    """A random policy that builds its prompt as an `append` history."""
    words = WordFormat()
    logprobs = np.full(64, -1.25, dtype=np.float32)

    def play(env: gymnasium.Env[Any, Any], task_ids: Iterable[str], rng: random.Random) -> int:
        history = PromptHistory(words, "append", max_tokens=max_tokens)
        steps = 0
        for task_id in task_ids:
            observation, info = env.reset(options={"task_id": task_id})
            prompt = history.begin(observation["instruction"], observation["text"])
            over = False
            while not over:
                choices = info["admissible_actions"]
                action = choices[int(rng.random() * len(choices))]
                ids = words.encode(action)
                completion = Completion(action, prompt_ids=prompt, action_ids=ids, logprobs=logprobs[: len(ids)])
                observation, _, terminated, truncated, info = env.step(completion)
                steps += 1
                over = terminated or truncated
                if not over:
                    prompt = history.advance(completion.action_ids, observation["text"])
        return steps

    return play


def precomputed_player() -> Play:
    """A random policy with ready prompts: 100 tokens, and 12 more at each step, of which 4 are the action's."""
    tokens = np.arange(4096, dtype=np.int32)
    action_ids, logprobs = np.arange(4, dtype=np.int32), np.full(4, -1.25, dtype=np.float32)
    prompts = [np.concatenate([tokens[:100], *[np.concatenate([action_ids, tokens[:8]])] * i]) for i in range(64)]

    def play(env: gymnasium.Env[Any, Any], task_ids: Iterable[str], rng: random.Random) -> int:
        steps = 0
        for task_id in task_ids:
            _, info = env.reset(options={"task_id": task_id})
            over, step = False, 0
            while not over:
                choices = info["admissible_actions"]
                action = choices[int(rng.random() * len(choices))]
                completion = Completion(action, prompt_ids=prompts[step], action_ids=action_ids, logprobs=logprobs)
                _, _, terminated, truncated, info = env.step(completion)
                step += 1
                over = terminated or truncated
            steps += step
        return steps

    return play


def measure(play: Play, repetitions: int, episodes: int) -> dict[str, Any]:
    """Steps per second without and with a recorder, in turn, over the same tasks and choices."""
    plain_env = gymnasium.make("STEP-Toy-v0", split="train")
    inner_env = gymnasium.make("STEP-Toy-v0", split="train")
    task_ids = [f"{task_id}" for task_id in list(plain_env.unwrapped.tasks.ids())[:500]]  # type: ignore[attr-defined]
    task_ids = [task_ids[i % len(task_ids)] for i in range(episodes)]
    plain, recorded, in_loop = [], [], []
    for env in (plain_env, inner_env):
        play(env, task_ids, random.Random(0))
    for repetition in range(repetitions):
        start = time.perf_counter()
        steps = play(plain_env, task_ids, random.Random(repetition))
        plain.append(steps / (time.perf_counter() - start))
        with tempfile.TemporaryDirectory() as folder:
            writer = TrajectoryWriter(folder, "benchmark", shard_episodes=SHARD_EPISODES)
            env = RecordTrajectory(inner_env, writer=writer)
            start = time.perf_counter()
            again = play(env, task_ids, random.Random(repetition))
            middle = time.perf_counter()
            writer.close()
            recorded.append(steps / (time.perf_counter() - start))
            in_loop.append(steps / (middle - start))
        assert again == steps and env.steps_without_tokens == 0
    lost = [1 - after / before for before, after in zip(plain, recorded, strict=True)]
    low, _, high = statistics.quantiles(lost, n=4)
    return {
        "plain_steps_per_s": round(statistics.median(plain)),
        "recorded_steps_per_s": round(statistics.median(recorded)),
        "lost_share": round(statistics.median(lost), 4),
        "lost_share_quartiles": [round(low, 4), round(high, 4)],
        "lost_share_before_close": round(
            statistics.median(1 - after / before for before, after in zip(plain, in_loop, strict=True)), 4
        ),
        "plain_spread": [round(min(plain)), round(max(plain))],
        "recorded_spread": [round(min(recorded)), round(max(recorded))],
        "repetitions": repetitions,
    }


def measure_bytes(episodes: int) -> dict[str, Any]:
    """Bytes per step of 30-step `append` histories on disk, and of the same records as JSON lines."""
    words, rng = WordFormat(), random.Random(0)
    env = gymnasium.make("STEP-ALFWorld-v0")
    with tempfile.TemporaryDirectory() as folder:
        with TrajectoryWriter(folder, "benchmark", shard_episodes=SHARD_EPISODES) as writer:
            recorder = RecordTrajectory(env, writer=writer)
            for seed in range(episodes):
                _play_thirty(recorder, words, rng, seed)
            recorder.abandon()
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in files)
        prompt = sum(_column_bytes(path, "prefix_", "prompt_delta_ids") for path in files if path.parent.name == "steps")
        records = [e for e in read_run(folder).episodes() if len(e) == HISTORY_STEPS]
    steps = sum(len(episode) for episode in records)
    lines = [line for episode in records for line in _json_lines(episode)]
    prompts = [json.dumps(step.prompt_ids.tolist()) for e in records for step in e.steps if step.prompt_ids is not None]
    text = "\n".join(lines).encode()
    return {
        "history_steps": HISTORY_STEPS,
        "history_episodes": len(records),
        "mean_prompt_tokens": round(sum(len(s.prompt_ids) for e in records for s in e.steps if s.prompt_ids is not None) / steps),
        "bytes_per_step": round(total / steps, 1),
        "jsonl_bytes_per_step": round(len(text) / steps, 1),
        "jsonl_gzip_bytes_per_step": round(len(gzip.compress(text, 6)) / steps, 1),
        "prompt_bytes_per_step": round(prompt / steps, 2),
        "jsonl_prompt_bytes_per_step": round(sum(map(len, prompts)) / steps, 1),
        "prompt_ratio": round(sum(map(len, prompts)) / prompt, 1),
    }


def _play_thirty(env: RecordTrajectory, words: WordFormat, rng: random.Random, seed: int) -> None:
    observation, info = env.reset(seed=seed)
    history = PromptHistory(words, "append", max_tokens=100_000)
    prompt = history.begin(observation["instruction"], observation["text"])
    for _ in range(HISTORY_STEPS):
        action = rng.choice(info["admissible_actions"])
        ids = words.encode(action)
        logprobs = [-rng.expovariate(1) for _ in ids]
        completion = Completion(action, prompt_ids=prompt, action_ids=ids, logprobs=logprobs)
        observation, _, terminated, truncated, info = env.step(completion)
        if terminated or truncated:
            return
        prompt = history.advance(completion.action_ids, observation["text"])


def _column_bytes(path: Path, *prefixes: str) -> int:
    """Compressed bytes of the columns whose names begin so."""
    metadata = pq.read_metadata(path)
    total = 0
    for group in range(metadata.num_row_groups):
        for i in range(metadata.num_columns):
            column = metadata.row_group(group).column(i)
            if column.path_in_schema.startswith(prefixes):
                total += column.total_compressed_size
    return total


def _json_lines(episode: EpisodeRecord) -> list[str]:
    """The episode's steps as JSON lines, whole prompts and all."""
    return [
        json.dumps({"episode_id": episode.episode_id, **asdict(step)}, default=lambda array: array.tolist())
        for step in episode.steps
    ]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; under 45 s")
    quick = parser.parse_args().quick
    repetitions, episodes = (5, 768) if quick else (25, 1024)
    rates = {
        "history": measure(history_player(), repetitions, episodes),
        "precomputed": measure(precomputed_player(), repetitions, episodes),
    }
    print_table(
        ["policy", "plain steps/s", "recorded steps/s", "lost", "quartiles", "lost before close()"],
        [
            [
                name,
                rate["plain_steps_per_s"],
                rate["recorded_steps_per_s"],
                f"{rate['lost_share']:.1%}",
                " to ".join(f"{share:.1%}" for share in rate["lost_share_quartiles"]),
                f"{rate['lost_share_before_close']:.1%}",
            ]
            for name, rate in rates.items()
        ],
    )
    sizes = measure_bytes(64 if quick else 512)
    print_table(["bytes per step, 30-step histories", ""], [[name, value] for name, value in sizes.items()])
    machine = f"{platform.machine()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, pyarrow {pyarrow.__version__}"
    precomputed = {f"precomputed_{name}": value for name, value in rates["precomputed"].items()}
    finish("recording", {**rates["history"], **sizes, **precomputed, "machine": machine, "quick": quick})


if __name__ == "__main__":
    main()
