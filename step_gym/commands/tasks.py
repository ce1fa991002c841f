"""`step-gym tasks`: what can be asked in an environment."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from typing import Any

import gymnasium
from rich.console import Console

from step_gym.commands.common import Parser, UsageError, add_environment, make_env, usage_errors
from step_gym.envs.core import TaskSet


def tasks(arguments: Sequence[str]) -> int:
    """List what can be asked in an environment, with the difficulty of each task."""
    parser = Parser(prog="step-gym tasks", description=tasks.__doc__)
    add_environment(parser)
    parser.add_argument("--split", metavar="S", help="only the tasks of this split")
    parser.add_argument(
        "--limit",
        metavar="N",
        type=int,
        default=10,
        help="at most N tasks of each split, 0 for all (default 10)",
    )
    options = parser.parse_all(arguments)
    if options.limit < 0:
        raise UsageError(f"--limit {options.limit}: must be 0 or more")
    env, task_set = make_env(options)
    with contextlib.closing(env), usage_errors():
        for split in task_set.splits if options.split is None else (options.split,):
            _print_split(env, task_set.split(split), split, options.limit)
    return 0


def _print_split(env: gymnasium.Env[Any, str], subset: TaskSet, split: str, limit: int) -> None:
    """The tasks of a split: a table on a terminal, tab-separated lines elsewhere."""
    shown = min(len(subset), limit or len(subset))
    rows = (
        (task.id, f"{task.difficulty:g}", str(task.max_steps), " ".join(task.instruction.split()))
        for task in (subset[i] for i in range(shown))
    )
    if not sys.stdout.isatty():
        for task_id, difficulty, max_steps, instruction in rows:
            print(task_id, split, difficulty, max_steps, instruction, sep="\t")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(
        "task", title=Text(f"{split}: {len(subset):,} tasks", "bold"), title_justify="left", box=None
    )
    table.add_column("difficulty", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("instruction")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if shown < len(subset):
        table.caption = f"{len(subset) - shown:,} more; --limit 0 shows all"
        table.caption_justify = "left"
    Console().print(table)
