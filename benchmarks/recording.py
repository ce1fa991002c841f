"""What does recording cost the rollout, and how many bytes does a recorded step take?

`python -m benchmarks.recording [--quick]`. One process plays a world over the candidate actions, in turn
without a recorder and with one that writes to disk. Its time includes the journal and ends when all lies on
disk as Parquet shards. Three policies play the Toy world:

- `tiny` is the tiny policy, untrained, over 64 environments in lockstep, as in training; its records are
  asked for when an episode ends, as the trainer does;
- `history` is random and builds its prompt with `PromptHistory` at every step, as any policy must, with about
  the cheapest tokenizer there can be (one dictionary look-up a word);
- `precomputed` is random and takes ready prompt arrays, so that little but the environment is left to compare
  with.

The last one also plays the slower worlds, those with a screen both with and without screenshots.

Bytes are counted on 30-step `append` histories (ALFWorld with a random policy, cut after 30 steps: no Toy
task lasts so long), against the same records as JSON lines with whole prompts.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
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
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.prompt import PromptHistory
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.trajectory import EpisodeRecord
from step_gym.wrappers.writer import TrajectoryWriter

HISTORY_STEPS = 30
TASKS = 500
WORLDS: dict[str, tuple[int, dict[str, Any]]] = {
    "ALFWorld": (1024, {"id": "STEP-ALFWorld-v0"}),
    "phone, text": (64, {"id": "STEP-AndroidWorld-v0", "screenshots": False}),
    "phone, 1080x2400 screenshots": (16, {"id": "STEP-AndroidWorld-v0"}),
    "desktop, text": (96, {"id": "STEP-OSWorld-v0", "screenshots": False}),
    "desktop, 1920x1080 screenshots": (32, {"id": "STEP-OSWorld-v0"}),
}
"""The worlds that only `precomputed` plays: how many episodes, and what is made."""
_HEAD = (
    "You are an agent in a small text game . You read what you see and answer with one of the commands that "
    "are listed . Open what is closed , unlock what is locked , and put the thing where it belongs . "
    "The task : "
)

Envs = Sequence[gymnasium.Env[Any, Any]]
Play = Callable[[Envs, Iterable[str], random.Random], tuple[int, int]]
"""Plays the tasks of these ids in these environments; returns the number of steps and of prompt tokens."""


class WordFormat:
    """A prompt format with one token a word."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def encode(self, text: str) -> list[int]:
        """The id of each word, new words numbered as they come."""
        ids = self._ids
        return [ids.setdefault(word, len(ids)) for word in text.split()]

    def task(self, instruction: str) -> Sequence[int]:
        """Tokens of the prompt's head."""
        return self.encode(_HEAD + instruction)

    def observation(
        self, text: str, actions: Sequence[str] | None = None, picture: np.ndarray | None = None
    ) -> Sequence[int]:
        """Tokens of an observation; `actions` are not listed."""
        return self.encode(text + " Your command is :")

    @property
    def answer_mark(self) -> Sequence[int]:
        """The words that end an observation."""
        return self.encode("Your command is :")


def tiny_player() -> Play:
    """The tiny policy with fresh weights, all environments in lockstep."""
    from step_gym.agents.cloning import demonstrate, new_tiny_policy
    from step_gym.agents.config import preset
    from step_gym.agents.policy import Request
    from step_gym.agents.rollout import prompt_history

    config = preset("toy")
    with gymnasium.make("STEP-Toy-v0", split="train") as env:
        ids = list(env.get_wrapper_attr("tasks").ids())[:100]
    policy = new_tiny_policy(config, demonstrate(config, ids), device="cpu")

    def play(envs: Envs, task_ids: Iterable[str], rng: random.Random) -> tuple[int, int]:
        policy.reseed([rng.getrandbits(32)])
        waiting = iter(task_ids)
        idle = [(env, prompt_history(policy, config.history)) for env in envs]
        playing: list[tuple[gymnasium.Env[Any, Any], PromptHistory, Request]] = []
        steps = tokens = 0
        while True:
            for task_id in itertools.islice(waiting, len(idle)):
                env, history = idle.pop()
                observation, info = env.reset(options={"task_id": task_id})
                prompt = history.begin(observation["instruction"], observation["text"])
                playing.append((env, history, Request(prompt, info["candidate_actions"])))
            if not playing:
                return steps, tokens
            completions = policy.act([request for _, _, request in playing])
            still = []
            for (env, history, request), completion in zip(playing, completions, strict=True):
                observation, _, terminated, truncated, info = env.step(completion)
                steps, tokens = steps + 1, tokens + len(request.prompt_ids)
                if terminated or truncated:
                    if isinstance(env, RecordTrajectory):
                        assert env.last_episode is not None and env.last_episode.steps
                    idle.append((env, history))
                else:
                    prompt = history.advance(completion.action_ids, observation["text"])
                    still.append((env, history, Request(prompt, info["candidate_actions"])))
            playing = still

    return play


def history_player() -> Play:
    """A random policy that builds its prompt as an `append` history."""
    words = WordFormat()
    logprobs = np.full(64, -1.25, dtype=np.float32)

    def play(envs: Envs, task_ids: Iterable[str], rng: random.Random) -> tuple[int, int]:
        (env,) = envs
        history = PromptHistory(words, "append", max_tokens=4096)
        steps = tokens = 0
        for task_id in task_ids:
            observation, info = env.reset(options={"task_id": task_id})
            prompt = history.begin(observation["instruction"], observation["text"])
            over = False
            while not over:
                choices = info["candidate_actions"]
                action = choices[int(rng.random() * len(choices))]
                ids = words.encode(action)
                completion = Completion(
                    action, prompt_ids=prompt, action_ids=ids, logprobs=logprobs[: len(ids)]
                )
                observation, _, terminated, truncated, info = env.step(completion)
                steps, tokens = steps + 1, tokens + len(prompt)
                over = terminated or truncated
                if not over:
                    prompt = history.advance(completion.action_ids, observation["text"])
        return steps, tokens

    return play


def precomputed_player() -> Play:
    """A random policy with ready prompts: 100 tokens, and 12 more at each step, 4 of them the action's."""
    ids, logprobs = np.arange(4, dtype=np.int32), np.full(4, -1.25, dtype=np.float32)
    turn = np.concatenate([ids, np.arange(8, dtype=np.int32)])
    prompts = [np.concatenate([np.arange(100, dtype=np.int32), *[turn] * i]) for i in range(64)]

    def play(envs: Envs, task_ids: Iterable[str], rng: random.Random) -> tuple[int, int]:
        (env,) = envs
        steps = tokens = 0
        for task_id in task_ids:
            _, info = env.reset(options={"task_id": task_id})
            over, step = False, 0
            while not over:
                choices = info["candidate_actions"]
                action = choices[int(rng.random() * len(choices))]
                prompt = prompts[min(step, len(prompts) - 1)]
                completion = Completion(action, prompt_ids=prompt, action_ids=ids, logprobs=logprobs)
                _, _, terminated, truncated, info = env.step(completion)
                step, tokens = step + 1, tokens + len(prompt)
                over = terminated or truncated
            steps += step
        return steps, tokens

    return play


def measure(play: Play, repetitions: int, episodes: int, number: int = 1, **env: Any) -> dict[str, Any]:
    """Steps per second of some environments without and with recorders, in turn, over the same episodes."""
    plain_envs, inner_envs = (
        [CandidateActions(gymnasium.make(**env)) for _ in range(number)] for _ in range(2)
    )
    ids = list(plain_envs[0].get_wrapper_attr("tasks").ids())[:TASKS]
    task_ids = [ids[i % len(ids)] for i in range(episodes)]
    plain, recorded, plain_cpu, recorded_cpu = [], [], [], []
    steps = tokens = 0
    with tempfile.TemporaryDirectory() as folder, TrajectoryWriter(folder, "benchmark") as writer:
        recorders = [RecordTrajectory(inner, writer=writer) for inner in inner_envs]
        for warm_up in (plain_envs, recorders):
            play(warm_up, task_ids, random.Random(0))
        writer.flush()
        for repetition in range(repetitions):
            wall, cpu = time.perf_counter(), time.process_time()
            steps, tokens = play(plain_envs, task_ids, random.Random(repetition))
            plain.append(steps / (time.perf_counter() - wall))
            plain_cpu.append((time.process_time() - cpu) / steps)
            wall, cpu = time.perf_counter(), time.process_time()
            again, _ = play(recorders, task_ids, random.Random(repetition))
            writer.flush()
            recorded.append(steps / (time.perf_counter() - wall))
            recorded_cpu.append((time.process_time() - cpu) / steps)
            assert again == steps and not any(recorder.steps_without_tokens for recorder in recorders)
    for made in (*plain_envs, *inner_envs):
        made.close()
    lost = [1 - after / before for before, after in zip(plain, recorded, strict=True)]
    low, _, high = statistics.quantiles(lost, n=4)
    return {
        "plain_steps_per_s": round(statistics.median(plain)),
        "recorded_steps_per_s": round(statistics.median(recorded)),
        "lost_share": round(statistics.median(lost), 4),
        "lost_share_quartiles": [round(low, 4), round(high, 4)],
        "lost_cpu_share": round(1 - statistics.median(plain_cpu) / statistics.median(recorded_cpu), 4),
        "plain_us_per_step": [round(min(plain_cpu) * 1e6, 1), round(statistics.median(plain_cpu) * 1e6, 1)],
        "recorded_us_per_step": [
            round(min(recorded_cpu) * 1e6, 1),
            round(statistics.median(recorded_cpu) * 1e6, 1),
        ],
        "prompt_tokens": round(tokens / steps),
        "steps_per_repetition": steps,
        "repetitions": repetitions,
    }


def print_rates(what: str, rates: dict[str, dict[str, Any]]) -> None:
    """One row a measurement."""
    header = [what, "prompt tokens", "plain steps/s", "recorded steps/s", "lost", "quartiles", "lost CPU"]
    rows = []
    for name, rate in rates.items():
        low, high = rate["lost_share_quartiles"]
        speeds = (rate["prompt_tokens"], rate["plain_steps_per_s"], rate["recorded_steps_per_s"])
        shares = (f"{rate['lost_share']:.1%}", f"{low:.1%} to {high:.1%}", f"{rate['lost_cpu_share']:.1%}")
        rows.append([name, *speeds, *shares])
    print_table(header, rows)


def measure_bytes(episodes: int) -> dict[str, Any]:
    """Bytes per step of 30-step `append` histories on disk, and of the same records as JSON lines."""
    words, rng = WordFormat(), random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        with TrajectoryWriter(folder, "benchmark") as writer:
            recorder = RecordTrajectory(CandidateActions(gymnasium.make("STEP-ALFWorld-v0")), writer=writer)
            for seed in range(episodes):
                _play_thirty(recorder, words, rng, seed)
            recorder.abandon()
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        total = sum(path.stat().st_size for path in files)
        steps_files = [path for path in files if path.parent.name == "steps"]
        prompt = sum(_column_bytes(path, ("prefix_", "prompt_delta_ids")) for path in steps_files)
        records = [episode for episode in read_run(folder).episodes() if len(episode) == HISTORY_STEPS]
    steps = [step for episode in records for step in episode.steps]
    prompts = [step.prompt_ids.tolist() for step in steps if step.prompt_ids is not None]
    jsonl = "\n".join(line for episode in records for line in _json_lines(episode)).encode()
    prompt_jsonl = "\n".join(map(json.dumps, prompts)).encode()
    count = len(steps)
    return {
        "history_steps": HISTORY_STEPS,
        "history_episodes": len(records),
        "history_prompt_tokens": round(sum(map(len, prompts)) / count),
        "bytes_per_step": round(total / count, 1),
        "jsonl_bytes_per_step": round(len(jsonl) / count, 1),
        "jsonl_gzip_bytes_per_step": round(len(gzip.compress(jsonl, 6)) / count, 1),
        "prompt_bytes_per_step": round(prompt / count, 2),
        "jsonl_prompt_bytes_per_step": round(len(prompt_jsonl) / count, 1),
        "jsonl_gzip_prompt_bytes_per_step": round(len(gzip.compress(prompt_jsonl, 6)) / count, 1),
    }


def _play_thirty(env: RecordTrajectory, words: WordFormat, rng: random.Random, seed: int) -> None:
    observation, info = env.reset(seed=seed)
    history = PromptHistory(words, "append", max_tokens=100_000)
    prompt = history.begin(observation["instruction"], observation["text"])
    for _ in range(HISTORY_STEPS):
        action = rng.choice(info["candidate_actions"])
        ids = words.encode(action)
        logprobs = [-rng.expovariate(1) for _ in ids]
        completion = Completion(action, prompt_ids=prompt, action_ids=ids, logprobs=logprobs)
        observation, _, terminated, truncated, info = env.step(completion)
        if terminated or truncated:
            return
        prompt = history.advance(completion.action_ids, observation["text"])


def _column_bytes(path: Path, prefixes: tuple[str, ...]) -> int:
    """Compressed bytes of the columns whose names begin so."""
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    columns = [group.column(i) for group in groups for i in range(metadata.num_columns)]
    return sum(c.total_compressed_size for c in columns if c.path_in_schema.startswith(prefixes))


def _json_lines(episode: EpisodeRecord) -> list[str]:
    """The episode's steps as JSON lines, whole prompts and all."""
    return [
        json.dumps({"episode_id": episode.episode_id, **asdict(step)}, default=lambda array: array.tolist())
        for step in episode.steps
    ]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions; ends within 45 s")
    quick = parser.parse_args().quick
    repetitions, episodes = (3, 1536) if quick else (10, 8192)
    players = {"history": history_player(), "precomputed": precomputed_player()}
    toy: dict[str, Any] = {"id": "STEP-Toy-v0", "split": "train"}
    lockstep = measure(tiny_player(), 2 if quick else 3, 64 if quick else 512, 64, **toy)
    rates = {"tiny": lockstep}
    rates |= {name: measure(player, repetitions, episodes, **toy) for name, player in players.items()}
    print_rates("policy on the Toy world", rates)
    worlds = {}
    for name, (number, env) in WORLDS.items():
        own = (2, number // 16) if quick else (5, number)
        worlds[name] = measure(players["precomputed"], *own, **env)
    print_rates("world", worlds)
    sizes = measure_bytes(64 if quick else 512)
    print_table([f"bytes per step, {HISTORY_STEPS}-step histories", ""], list(sizes.items()))
    others = {f"{name}_{key}": rates[name][key] for name in ("tiny", "precomputed") for key in rates[name]}
    versions = f"Python {platform.python_version()}, pyarrow {pyarrow.__version__}"
    machine = f"{os.cpu_count()} CPUs {platform.machine()}, {versions}"
    more = {"worlds": worlds, "machine": machine, "quick": quick}
    finish("recording", {**rates["history"], **sizes, **others, **more})


if __name__ == "__main__":
    main()
