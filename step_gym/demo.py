"""The demonstration behind `make demo`: STEP on ALFWorld in small rooms, success before and after, a report.

`python -m step_gym.demo [FOLDER] [--seed N] [--rounds N]`; `benchmarks/demo.py` is the same run over several
seeds.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from step_gym.agents.run_folder import RunFolder, load_config, next_free
from step_gym.agents.runtime import configure_threads, quiet_transformers
from step_gym.progress import Progress


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demonstration; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m step_gym.demo", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="run folder (default: the next free runs/demo-N)"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, help="rounds of STEP (default: the preset's)")
    options = parser.parse_args(arguments)
    configure_threads(min(2, os.cpu_count() or 1))
    quiet_transformers()
    console = Console(highlight=False)
    folder = options.folder or next_free(Path("runs"), "demo")
    try:
        run_demo(folder, options.seed, options.rounds, console)
    except ValueError as error:
        print(f"step-gym: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"step-gym: interrupted; step-gym train --resume {folder} continues the run", file=sys.stderr)
        return 130
    return 0


def run_demo(folder: Path, seed: int, rounds: int | None, console: Console) -> dict[str, Any]:
    """Train into `folder`, print what came of it, play one held-out game from its file, write the report."""
    from step_gym.agents.config import preset
    from step_gym.agents.report import write_report
    from step_gym.agents.trainer import train

    config = dataclasses.replace(preset("demo"), seed=seed)
    if rounds is not None:
        config = dataclasses.replace(config, rounds=rounds)
    batch = f"{config.tasks_per_round} fresh tasks x {config.copies} rollouts"
    console.print(
        f"Training a small policy with STEP on {config.env.id} (small rooms): {config.rounds} rounds of "
        f"{batch}, seed {seed}.",
        soft_wrap=True,
    )
    with Progress(console) as progress:
        result = train(config, folder, listener=progress)
    console.print(f"\n[bold]Success[/] with sampled actions, 95 % intervals, {result['rollouts']} rollouts")
    for split, label in ((config.env.train_split, "training tasks"), ("held-out", "held-out tasks")):
        for moment in ("before", "after"):
            found = result[split][moment]
            interval = f"[{100 * found['low']:.1f}, {100 * found['high']:.1f}]"
            counts = f"({found['successes']}/{found['episodes']})"
            line = f"  {label}  {moment:<6}  {100 * found['rate']:5.1f} %  {interval:<12}  {counts}"
            console.print(line, markup=False)
    spent = f"{result['train_seconds']:.0f} s of training, {result['evaluation_seconds']:.0f} s of evaluation"
    console.print(spent + "\n")
    play_game_file(folder, console)
    report = write_report(folder, folder / "report.html")
    console.print(f"\nRun folder: {folder}\nReport:     {report}", soft_wrap=True)
    return result


def play_game_file(folder: Path, console: Console) -> None:
    """Write one held-out game in ALFWorld's own format and play it from the file with the trained policy."""
    from step_gym.agents.config import EnvConfig
    from step_gym.agents.evaluate import evaluation_jobs, task_set
    from step_gym.agents.rollout import Rollout
    from step_gym.agents.tiny import TinyPolicy
    from step_gym.envs.alfworld.files import write_problem
    from step_gym.envs.alfworld.tasks import game_of

    config = load_config(folder)
    checkpoint = RunFolder(folder).latest_checkpoint()
    assert checkpoint is not None
    policy = TinyPolicy.load(checkpoint / "policy")
    trial = folder / "games" / "valid_unseen" / "demo" / "trial_0"
    kwargs = dict(config.env.kwargs)
    write_problem(game_of("valid_unseen-0", kwargs.pop("size")), trial, "trial_0")
    env = EnvConfig(config.env.id, {**kwargs, "games": str(folder / "games")})
    (task_id,) = task_set(env).ids()
    policy.reseed([config.seed])
    with Rollout(env, policy, config.history, parallel=1) as rollout:
        (episode,) = rollout.play(evaluation_jobs([task_id], "demo", config.seed))
    console.print(f"[bold]A game file, played by the trained policy[/]   {trial}")
    console.print(episode.steps[0].observation, markup=False)
    answers = [*(step.observation for step in episode.steps[1:]), episode.final_observation]
    for step, shown in zip(episode.steps, answers, strict=True):
        console.print(f"[bold cyan]> {step.action}[/]")
        console.print(shown, markup=False)
    verdict = "[bold green]solved[/]" if episode.is_success else "[bold red]not solved[/]"
    console.print(f"{verdict} in {len(episode)} steps")


if __name__ == "__main__":
    sys.exit(main())
