"""The `step-gym` command: reads the command line and hands over to the modules that do the work.

Exit codes: 0 done, 1 a run failed, 2 a usage error (one line that names the value and the choices), 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import gymnasium
from gymnasium.error import DependencyNotInstalled

import step_gym
from step_gym.arguments import env_kwargs, resolve_env_id
from step_gym.envs.core import TaskEnv, TaskSet, unknown_name_error


class UsageError(Exception):
    """What the user typed cannot be done; its text is the one line that is printed."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `UsageError`s of one line, unknown flags with the closest one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")

    def parse_all(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse, and refuse what is left over."""
        options, extra = self.parse_known_args(arguments)
        if extra:
            flags = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
            raise UsageError(str(unknown_name_error("argument", extra[0].split("=")[0], flags)))
        return options


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn what a wrong value raises while arguments are resolved into a `UsageError` of one line."""
    try:
        yield
    except (ValueError, OSError, DependencyNotInstalled) as error:
        raise UsageError(" ".join(str(error).split())) from error


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command; returns the exit code.

    Args:
        argv: Arguments after the program's name; those of the process by default.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(arguments)
    except UsageError as error:
        print(f"step-gym: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("step-gym: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output is gone (as in `step-gym tasks toy | head`); flushing at exit would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(arguments: list[str]) -> int:
    width = max(map(len, COMMANDS))
    summaries = [f"  {name:<{width}}  {(run.__doc__ or '').splitlines()[0]}" for name, run in COMMANDS.items()]
    parser = _Parser(
        prog="step-gym",
        description="One Gymnasium suite for LLM agents, and an agent that learns from them with STEP.",
        epilog="\n".join(["commands:", *summaries, "", "step-gym COMMAND --help describes a command."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"step-gym {step_gym.__version__}")
    parser.add_argument("command", metavar="COMMAND", nargs="?", help="one of the commands below")
    command = parser.parse_all(arguments[:1]).command
    if command is None:
        parser.print_help(sys.stderr)
        return 2
    if command not in COMMANDS:
        raise UsageError(str(unknown_name_error("command", command, COMMANDS)))
    return COMMANDS[command](arguments[1:])


# -- looking at worlds and playing them ---------------------------------------------------------------------------------


def tasks(arguments: Sequence[str]) -> int:
    """List what can be asked in an environment, with the difficulty of each task."""
    parser = _Parser(prog="step-gym tasks", description=tasks.__doc__)
    _add_environment(parser)
    parser.add_argument("--split", metavar="S", help="only the tasks of this split")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=10, help="at most N tasks of each split, 0 for all (default 10)"
    )
    options = parser.parse_all(arguments)
    if options.limit < 0:
        raise UsageError(f"--limit {options.limit}: must be 0 or more")
    env, task_set = _make(options)
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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("task", title=Text(f"{split}: {len(subset):,} tasks", "bold"), title_justify="left", box=None)
    table.add_column("difficulty", justify="right")
    table.add_column("budget", justify="right")
    table.add_column("instruction")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if shown < len(subset):
        table.caption = f"{len(subset) - shown:,} more; --limit 0 shows all"
        table.caption_justify = "left"
    Console().print(table)


def play(arguments: Sequence[str]) -> int:
    """Play one episode: at the terminal, or from a list of commands."""
    parser = _Parser(prog="step-gym play", description=play.__doc__)
    _add_environment(parser)
    parser.add_argument("--task-id", metavar="T", help="the task; drawn with the seed if not given")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="seed of the reset (default 0)")
    parser.add_argument(
        "--commands", metavar="FILE", help="play the actions in this file, one a line; - for standard input"
    )
    parser.add_argument("--json", action="store_true", help="with --commands: print one JSON object a line")
    parser.add_argument("--screenshots", metavar="DIR", type=Path, help="save the screenshot of each step in this folder")
    options = parser.parse_all(arguments)
    if options.json and options.commands is None:
        raise UsageError("--json needs --commands FILE (- for standard input)")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: must be 0 or more")

    from step_gym.play import Screens, play_commands, play_terminal

    env, task_set = _make(options)
    with contextlib.closing(env):
        with usage_errors():
            if options.task_id is not None:
                task_set.by_id(options.task_id)
            screens = None if options.screenshots is None else Screens(options.screenshots)
        chosen: dict[str, Any] = {"seed": options.seed, "task_id": options.task_id, "screens": screens}
        if options.commands is None:
            from rich.console import Console

            info = play_terminal(env, Console(highlight=False), **chosen)
        else:
            with _open_commands(options.commands) as stream:
                info = play_commands(env, _lines(stream), sys.stdout, as_json=options.json, **chosen)
                _report_ignored(stream)
    if info["status"] == "env_error":
        print(f"step-gym: the environment failed: {info.get('error')}", file=sys.stderr)
        return 1
    return 0


@contextlib.contextmanager
def _open_commands(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with usage_errors():
        stream = open(name, "rb")  # noqa: SIM115 (an error while the file is read is no usage error)
    with stream:
        yield stream


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The actions of a stream as they arrive; bytes that are no UTF-8 become lone surrogates, which every world rejects."""
    for line in stream:
        yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")


def _report_ignored(stream: BinaryIO) -> None:
    """Say on stderr how many commands came after the end of the episode."""
    # A client may keep its end of the pipe open until we exit: take what is there and do not wait for more.
    os.set_blocking(stream.fileno(), False)
    try:
        rest = stream.read() or b""
    finally:
        os.set_blocking(stream.fileno(), True)
    ignored = len(rest.splitlines())
    if ignored:
        lines = "1 line" if ignored == 1 else f"{ignored} lines"
        print(f"step-gym: {lines} after the end of the episode ignored", file=sys.stderr)


def _add_environment(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("env", metavar="ENV", help="environment, as in STEP-Toy-v0 or toy")
    _add_set(parser)


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        metavar="K=V",
        dest="pairs",
        nargs="+",
        action="extend",
        default=[],
        help="keyword arguments of the environment",
    )


def _make(options: argparse.Namespace) -> tuple[gymnasium.Env[Any, str], TaskSet]:
    """The environment that ENV and --set ask for, and its tasks."""
    with usage_errors():
        env_id = resolve_env_id(options.env)
        env = gymnasium.make(env_id, disable_env_checker=True, **env_kwargs(env_id, options.pairs))
    assert isinstance(env.unwrapped, TaskEnv)
    return env, env.unwrapped.tasks


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "tasks": tasks,
    "play": play,
}
"""Function by name of the sub-command."""


if __name__ == "__main__":
    sys.exit(main())
