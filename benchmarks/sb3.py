"""Does PPO from Stable-Baselines3 learn a text world through `NumericView`, for tasks it has never seen?

`python -m benchmarks.sb3 [--quick] [--seeds N] [--steps N]`. It trains on the train split of `STEP-Toy-v0` (2
to 12 steps) and plays every valid task of at least 6 optimal steps once: goals and worlds of that split occur
nowhere in training. Only the last policy's figure is the result; the curve shows what came before.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

import step_gym  # noqa: F401  (registers the ids)
from benchmarks.common import finish, print_table
from step_gym.envs.core import Task, TaskEnv
from step_gym.envs.expert import expert_for
from step_gym.integrations.sb3 import CandidatePolicy
from step_gym.wrappers.numeric import NumericView

ENV_ID = "STEP-Toy-v0"
LIMIT = 12
"""Actions of the numeric view; the world offers at most 10 at a time."""
MIN_OPTIMAL_STEPS = 6
TRAIN_TASKS = 20_000
"""With the default 1,000 PPO learns these by heart; a task costs nothing until it is drawn."""
ENVS, ROLLOUT = 16, 128

Choose = Callable[[list[dict[str, np.ndarray]], list[dict[str, Any]]], Sequence[int]]
"""Picks an index for every running episode from observations and infos."""


def make(**kwargs: Any) -> NumericView:
    """The toy world as arrays."""
    return NumericView(gymnasium.make(ENV_ID, disable_env_checker=True, **kwargs), limit=LIMIT)


def task_env(env: gymnasium.Env[Any, Any]) -> TaskEnv:
    """The world inside."""
    world = env.unwrapped
    assert isinstance(world, TaskEnv)
    return world


def held_out_tasks(min_steps: int = MIN_OPTIMAL_STEPS, **kwargs: Any) -> list[Task]:
    """The valid tasks of at least `min_steps` optimal steps."""
    return [task for task in task_env(make(**kwargs)).tasks.split("valid") if task.difficulty >= min_steps]


def success(tasks: Sequence[Task], choose: Choose, **kwargs: Any) -> list[bool]:
    """Whether each task is solved, played once and all at the same time."""
    envs = [make(**kwargs) for _ in tasks]
    shown = [env.reset(seed=0, options={"task_id": task.id}) for env, task in zip(envs, tasks, strict=True)]
    solved = [False] * len(tasks)
    running = list(range(len(tasks)))
    while running:
        actions = choose([shown[i][0] for i in running], [shown[i][1] for i in running])
        still = []
        for i, action in zip(running, actions, strict=True):
            observation, _, terminated, truncated, info = envs[i].step(int(action))
            shown[i] = observation, info
            if terminated or truncated:
                solved[i] = info["is_success"]
            else:
                still.append(i)
        running = still
    return solved


def chosen_by(model: PPO) -> Choose:
    """The model's most likely action."""

    def choose(observations: list[dict[str, np.ndarray]], infos: list[dict[str, Any]]) -> Sequence[int]:
        batch = {key: np.stack([one[key] for one in observations]) for key in observations[0]}
        return list(model.predict(batch, deterministic=True)[0])

    return choose


def at_random(seed: int) -> Choose:
    """Any candidate."""
    rng = np.random.default_rng(seed)
    return lambda observations, infos: [int(rng.integers(len(info["candidate_actions"]))) for info in infos]


def expert_success(tasks: Sequence[Task]) -> float:
    """How many tasks the scripted expert solves."""
    env, expert, solved = gymnasium.make(ENV_ID), expert_for(ENV_ID), 0
    for task in tasks:
        observation, info = env.reset(options={"task_id": task.id})
        expert.reset(observation, info)
        over = False
        while not over:
            observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
            over = terminated or truncated
        solved += info["is_success"]
    return solved / len(tasks)


class Curve(BaseCallback):
    """Plays the held-out tasks every `every` steps."""

    def __init__(self, tasks: Sequence[Task], every: int) -> None:
        super().__init__()
        self.tasks, self.every, self.next = tasks, every, 0
        self.points: list[tuple[int, float | None, float]] = []
        self.seconds = 0.0

    def _on_rollout_start(self) -> None:
        if self.num_timesteps >= self.next:
            self.next += self.every
            self.measure()

    def measure(self) -> None:
        """Add a point: steps, success rate in training as SB3 logs it, share of the held-out tasks solved."""
        began = time.perf_counter()
        assert isinstance(self.model, PPO)
        recent = self.model.ep_success_buffer
        trained = round(statistics.mean(map(float, recent)), 3) if recent else None
        held_out = statistics.mean(success(self.tasks, chosen_by(self.model)))
        self.points.append((self.num_timesteps, trained, round(held_out, 4)))
        self.seconds += time.perf_counter() - began
        print(f"{self.num_timesteps} steps: training {trained}, held out {held_out:.3f}", flush=True)

    def _on_step(self) -> bool:
        return True


def train(seed: int, steps: int, callback: BaseCallback | None = None, **kwargs: Any) -> PPO:
    """PPO on the train split."""
    rate = 1e-3
    model = PPO(
        CandidatePolicy,
        make_vec_env(lambda: make(split="train", tasks=TRAIN_TASKS, **kwargs), ENVS, seed=seed),
        n_steps=ROLLOUT,
        batch_size=ENVS * ROLLOUT // 4,
        n_epochs=4,
        learning_rate=lambda left: rate * left,
        gamma=0.97,
        ent_coef=0.01,
        seed=seed,
        device="cpu",
    )
    return model.learn(steps, callback=callback)


def wilson(successes: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson, 1927), 95 % by default."""
    share = successes / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return middle - half, middle + half


def plot(
    curves: Sequence[Sequence[tuple[int, float | None, float]]], keys: dict[str, Any], path: Path
) -> None:
    """The learning curves of all seeds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.4), layout="constrained")
    for seed, points in enumerate(curves):
        axes.plot([p[0] for p in points], [p[2] for p in points], label=f"PPO, seed {seed}")
    axes.axhline(keys["random_success"], linestyle=":", color="grey", label="random")
    axes.axhline(keys["expert_success"], linestyle="--", color="grey", label="scripted expert")
    axes.set(xlabel="environment steps", ylabel="success on unseen tasks", ylim=(0, 1.02))
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=80)


def main() -> None:
    """Parse the command line, train, report."""
    parser = argparse.ArgumentParser(description="PPO from Stable-Baselines3 on STEP-Toy-v0")
    parser.add_argument("--quick", action="store_true", help="one short run, within 45 s; supports no claim")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=491_520, help="environment steps of each run")
    parser.add_argument("--plot", type=Path, help="write the learning curves to this PNG file")
    given = parser.parse_args()
    seeds, steps = (1, 20_480) if given.quick else (given.seeds, given.steps)
    torch.set_num_threads(1)
    tasks = held_out_tasks()
    curves, solved, seconds = [], [], []
    for seed in range(seeds):
        print(f"seed {seed}")
        curve = Curve(tasks, max(steps // 16, 1))
        began = time.perf_counter()
        train(seed, steps, curve)
        seconds.append(time.perf_counter() - began - curve.seconds)
        curve.measure()
        curves.append(curve.points)
        solved.append(round(curve.points[-1][2] * len(tasks)))
    low, high = wilson(sum(solved), seeds * len(tasks))
    keys: dict[str, Any] = {
        "seeds": seeds,
        "steps": steps,
        "tasks": len(tasks),
        "min_optimal_steps": MIN_OPTIMAL_STEPS,
        "success": [round(count / len(tasks), 4) for count in solved],
        "pooled_success": round(sum(solved) / (seeds * len(tasks)), 4),
        "pooled_low": round(low, 4),
        "pooled_high": round(high, 4),
        "random_success": round(statistics.mean(success(tasks, at_random(0))), 4),
        "expert_success": expert_success(tasks),
        "train_seconds": [round(value) for value in seconds],
        "steps_per_s": round(seeds * steps / sum(seconds)),
        "curves": curves,
    }
    if given.quick:
        keys["quick"] = True
    if given.plot:
        plot(curves, keys, given.plot)
    print_table(("figure", "value"), [(name, value) for name, value in keys.items() if name != "curves"])
    finish("sb3", keys)


if __name__ == "__main__":
    main()
