"""Agents that play a world's tasks, and the time that their actions take when they are played again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from step_gym.envs.core import TaskEnv
from step_gym.envs.expert import Expert

ROUNDS = 3

Agent = Callable[[dict[str, Any], dict[str, Any], int], str]
"""Observation, info and number of steps so far -> action."""

Walk = tuple[str, list[str]]
"""A task and actions on it."""


def task_ids(env: TaskEnv, instances: int) -> list[str]:
    """The first tasks `<family>-<number>` of every family in every split, in an order without meaning."""
    chosen: dict[tuple[str, str], list[str]] = {}
    for split in env.tasks.splits:
        for task_id in env.tasks.split(split).ids():
            own = chosen.setdefault((split, task_id.rpartition("-")[0]), [])
            if len(own) < instances:
                own.append(task_id)
    ids = [task_id for own in chosen.values() for task_id in own]
    random.Random(0).shuffle(ids)
    return ids


class Played(NamedTuple):
    """What an agent did.

    Attributes:
        solved: Number of tasks.
        walks: Its actions.
        failed: The tasks that it did not solve.
        steps_per_s: Of the environment, without the agent's own time.
    """

    solved: int
    walks: list[Walk]
    failed: list[str]
    steps_per_s: int


def play(env: TaskEnv, ids: Sequence[str], agent: Agent) -> Played:
    """Have an agent play tasks, each once."""
    solved, walks, failed = 0, [], []
    steps, wall = 0, 0.0
    for task_id in ids:
        observation, info = env.reset(options={"task_id": task_id})
        actions: list[str] = []
        over = False
        while not over:
            actions.append(agent(observation, info, len(actions)))
            began = time.perf_counter()
            observation, _, terminated, truncated, info = env.step(actions[-1])
            wall += time.perf_counter() - began
            over = terminated or truncated
        steps += len(actions)
        solved += info.get("is_success", False)
        walks.append((task_id, actions))
        if not info.get("is_success"):
            failed.append(task_id)
    return Played(solved, walks, failed, round(steps / wall) if steps else 0)


def expert_agent(expert: Expert) -> Agent:
    """An expert as an agent."""

    def act(observation: dict[str, Any], info: dict[str, Any], step: int) -> str:
        if step == 0:
            expert.reset(observation, info)
        return expert.act(observation, info)

    return act


def always(action: str) -> Agent:
    """An agent that takes the same action whatever it sees."""

    def act(observation: dict[str, Any], info: dict[str, Any], step: int) -> str:
        return action

    return act


def speed(env: TaskEnv, walks: Sequence[Walk]) -> dict[str, float]:
    """What steps and resets cost, in the quickest of three rounds: what else runs there only takes away.

    The tasks should have been played before, as most are in training, where several episodes of a task are
    played in a row: what was found out of screens, texts and files then is known.
    """
    return min((one_round(env, walks) for _ in range(ROUNDS)), key=lambda figures: figures["step_ms"])


def one_round(env: TaskEnv, walks: Sequence[Walk]) -> dict[str, float]:
    """What the walks cost once, by wall time and by this process's CPU."""
    steps, wall, cpu, reset_wall = 0, 0.0, 0.0, 0.0
    for task_id, actions in walks:
        began = time.perf_counter()
        env.reset(options={"task_id": task_id})
        reset_wall += time.perf_counter() - began
        for action in actions:
            began, cpu_began = time.perf_counter(), time.process_time()
            env.step(action)
            wall += time.perf_counter() - began
            cpu += time.process_time() - cpu_began
            steps += 1
    return {
        "steps": steps,
        "steps_per_s": round(steps / wall),
        "steps_per_cpu_s": round(steps / cpu),
        "step_ms": round(wall / steps * 1e3, 3),
        "reset_ms": round(reset_wall / len(walks) * 1e3, 2),
    }
