"""`step-gym evaluate`: how many tasks of a split a trained policy solves."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from step_gym.arguments import env_kwargs, resolve_env_id
from step_gym.commands.common import Parser, UsageError, add_set, prepare_torch, usage_errors
from step_gym.commands.configuration import own_configuration
from step_gym.progress import Progress

if TYPE_CHECKING:
    from step_gym.agents.config import EnvConfig, HistoryConfig, PolicyConfig


def evaluate(arguments: Sequence[str]) -> int:
    """Play the tasks of a split with a trained policy and print how many it solves."""
    options = _parsed(arguments)
    prepare_torch()

    from step_gym.agents.evaluate import evaluate as run_evaluation
    from step_gym.agents.evaluate import held_out_ids, task_set
    from step_gym.agents.load import load_policy
    from step_gym.agents.rollout import Rollout

    with usage_errors():
        env, history, asked, policy_folder = _judged(options)
        tasks = task_set(env)
        splits = env.eval_splits if options.split is None else (options.split,)
        task_ids = held_out_ids(tasks, splits, options.episodes)
        policy = load_policy(policy_folder, asked)
    policy.reseed([options.seed])
    done = 0
    with Progress(Console(highlight=False)) as progress:

        def count(_: object) -> None:
            nonlocal done
            done += 1
            progress({"kind": "progress", "phase": "evaluation", "done": done, "of": len(task_ids)})

        with Rollout(env, policy, history) as rollout:
            result = run_evaluation(
                rollout, tasks, task_ids, seed=options.seed, greedy=options.greedy, on_episode=count
            )
    print(f"{env.id}, {' and '.join(splits)}: {result}")
    print(f"mean score {result.mean_score:.3f}, mean length {result.mean_steps:.1f} steps")
    for name, (successes, episodes) in result.by_group.items():
        print(f"  {name}: {100 * successes / episodes:.1f} % ({successes}/{episodes})")
    if result.failed:
        print(
            f"step-gym: {result.failed} episodes failed in the environment and are left out", file=sys.stderr
        )
    return 0 if result.episodes else 1


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="step-gym evaluate", description=evaluate.__doc__)
    parser.add_argument(
        "run",
        metavar="RUN_OR_POLICY",
        type=Path,
        help="run folder, folder of a saved policy or language model, or smollm2",
    )
    parser.add_argument("--env", metavar="ENV", help="environment (default: the run's own)")
    add_set(parser)
    parser.add_argument(
        "--split", metavar="S", help="split of tasks (default: the run's held-out splits together)"
    )
    parser.add_argument("--episodes", metavar="N", type=int, default=0, help="at most N tasks (default: all)")
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="seed of tasks and sampling (default 0)"
    )
    parser.add_argument(
        "--greedy", action="store_true", help="take the most probable action instead of sampling"
    )
    options = parser.parse_all(arguments)
    for name, value in (("--episodes", options.episodes), ("--seed", options.seed)):
        if value < 0:
            raise UsageError(f"{name} {value}: must be 0 or more")
    return options


def _judged(options: argparse.Namespace) -> tuple[EnvConfig, HistoryConfig, PolicyConfig, Path]:
    """What `evaluate` plays: environment, what prompts hold, how the model is asked, and its folder."""
    from step_gym.agents.models import MODELS
    from step_gym.agents.run_folder import RunFolder, load_config

    if not options.run.is_dir() and str(options.run) not in MODELS:
        raise ValueError(f"there is no folder {options.run}: give a run, or a saved policy")
    policy = options.run
    if RunFolder(options.run).checkpoints.is_dir():
        config = load_config(options.run)
        checkpoint = RunFolder(options.run).latest_checkpoint()
        if checkpoint is None:
            raise ValueError(f"{options.run} has no checkpoint yet: train it first")
        policy = checkpoint / "policy"
    elif options.env is None or options.split is None:
        raise ValueError(f"{options.run} is a policy and no run: say --env and --split")
    else:  # prompts must be those that `train` and `warmstart` make
        config = own_configuration(resolve_env_id(options.env), str(policy))
    env = config.env
    if options.env is not None:
        env_id = resolve_env_id(options.env)
        env = env if env_id == env.id else replace(env, id=env_id, kwargs={})
    env = replace(env, kwargs=env.kwargs | env_kwargs(env.id, options.pairs))
    return env, config.history, config.policy, policy
