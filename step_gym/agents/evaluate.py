"""Success of a policy on a split, with an interval.

The interval is Wilson's score interval (E. B. Wilson, JASA 1927), which stays sensible at 0 and at all
successes.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from step_gym.agents.config import EnvConfig
from step_gym.agents.rollout import Rollout, evaluation_jobs
from step_gym.envs.core import TaskEnv, TaskSet
from step_gym.wrappers.trajectory import EpisodeRecord


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        successes: Episodes whose score reached 1.
        episodes: Episodes that say something about the policy (status "ok").
        failed: Episodes left out because the environment failed.
        rate: successes / episodes, or 0 without episodes.
        low: Lower end of the 95 % Wilson interval of `rate`.
        high: Upper end.
        mean_score: Mean of the benchmark's own score.
        mean_steps: Mean episode length in steps.
        by_group: (successes, episodes) by task type, where the tasks name one.
        outcomes: One character an episode in the order of the tasks: "1" solved, "0" not, "-" left out. For
            paired comparisons.
    """

    successes: int
    episodes: int
    failed: int
    rate: float
    low: float
    high: float
    mean_score: float
    mean_steps: float
    by_group: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    outcomes: str = ""

    def __str__(self) -> str:
        interval = f"{100 * self.low:.1f} to {100 * self.high:.1f}"
        return f"{100 * self.rate:.1f} % ({self.successes}/{self.episodes}, 95 % interval {interval})"


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson score interval of a proportion; (0, 1) without trials.

    >>> [round(x, 3) for x in wilson_interval(8, 10)]
    [0.49, 0.943]
    """
    if trials == 0:
        return 0.0, 1.0
    p, z2 = successes / trials, z * z
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials)) / (1 + z2 / trials)
    # At the ends the formula is exactly 0 and 1; floating point is not.
    return (centre - half if successes else 0.0), (centre + half if successes < trials else 1.0)


def summarise(episodes: Sequence[EpisodeRecord], tasks: TaskSet | None = None) -> Evaluation:
    """Success over finished episodes; those whose status is not "ok" are counted apart."""
    valid = [episode for episode in episodes if episode.status == "ok"]
    successes = sum(bool(episode.is_success) for episode in valid)
    low, high = wilson_interval(successes, len(valid))
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for episode in valid:
        group = None if tasks is None else tasks.by_id(episode.task_id).params.get("task_type")
        if group is not None:
            groups[str(group)][0] += bool(episode.is_success)
            groups[str(group)][1] += 1
    count = max(1, len(valid))
    return Evaluation(
        successes=successes,
        episodes=len(valid),
        failed=len(episodes) - len(valid),
        rate=successes / count,
        low=low,
        high=high,
        mean_score=sum(episode.score or 0.0 for episode in valid) / count,
        mean_steps=sum(len(episode) for episode in valid) / count,
        by_group={name: (won, played) for name, (won, played) in sorted(groups.items())},
        outcomes="".join(
            "-" if episode.status != "ok" else str(int(bool(episode.is_success))) for episode in episodes
        ),
    )


def held_out_ids(tasks: TaskSet, splits: Sequence[str], limit: int = 0) -> list[str]:
    """Ids of the tasks of some splits together, evenly thinned to `limit` (0 for all)."""
    ids = [task_id for split in splits for task_id in tasks.split(split).ids()]
    if not limit or limit >= len(ids):
        return ids
    return [ids[(2 * i + 1) * len(ids) // (2 * limit)] for i in range(limit)]


def task_set(env: EnvConfig) -> TaskSet:
    """The tasks of an environment, without keeping the environment open."""
    made = gym.make(env.id, **env.kwargs)
    try:
        world: Any = made.unwrapped
        if not isinstance(world, TaskEnv):
            raise ValueError(f"{env.id} is no step-gym environment: it has no task set")
        return world.tasks
    finally:
        made.close()


def evaluate(
    rollout: Rollout,
    tasks: TaskSet,
    task_ids: Sequence[str],
    *,
    seed: int,
    run_id: str = "evaluation",
    greedy: bool = False,
    on_episode: Callable[[EpisodeRecord], None] | None = None,
) -> Evaluation:
    """Play each task once and summarise.

    The policy samples unless `greedy`; the caller seeds its generator.
    """
    episodes = rollout.play(evaluation_jobs(task_ids, run_id, seed), greedy=greedy, on_episode=on_episode)
    return summarise(episodes, tasks)
