"""The `step-gym` command: reads the command line and hands over to the modules that do the work.

Exit codes: 0 done, 1 a run failed, 2 a usage error (one line that names the value and the choices), 130
interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import gymnasium
from gymnasium.error import DependencyNotInstalled
from rich.console import Console

import step_gym
from step_gym.arguments import env_kwargs, nested_settings, parse_flags, resolve_env_id, short_name
from step_gym.envs.core import TaskEnv, TaskSet, unknown_name_error
from step_gym.progress import Progress

if TYPE_CHECKING:
    from step_gym.agents.config import EnvConfig, HistoryConfig, TrainConfig


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
            flags = [
                flag for action in self._actions for flag in action.option_strings if flag.startswith("--")
            ]
            raise UsageError(str(unknown_name_error("argument", extra[0].split("=")[0], flags)))
        return options


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn what a wrong value raises while arguments are resolved into a `UsageError` of one line."""
    try:
        yield
    except BrokenPipeError:
        raise
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
        # The reader of our output is gone (as in `step-gym tasks toy | head`); flushing at exit would
        # complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _dispatch(arguments: list[str]) -> int:
    width = max(map(len, COMMANDS))
    summaries = [
        f"  {name:<{width}}  {(run.__doc__ or '').splitlines()[0]}" for name, run in COMMANDS.items()
    ]
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


# -- looking at worlds and playing them -----------------------------------------------------------------


def tasks(arguments: Sequence[str]) -> int:
    """List what can be asked in an environment, with the difficulty of each task."""
    parser = _Parser(prog="step-gym tasks", description=tasks.__doc__)
    _add_environment(parser)
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
    parser.add_argument(
        "--screenshots", metavar="DIR", type=Path, help="save the screenshot of each step in this folder"
    )
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
    """The actions of a stream as they arrive; bytes that are no UTF-8 become lone surrogates."""
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


# -- training and judging ---------------------------------------------------------------------------------


def train(arguments: Sequence[str]) -> int:
    """Train a policy; a run is a folder that --resume continues."""
    prog = "step-gym train"
    options, flags = _train_parser(prog).parse_known_args(arguments)
    if options.help:
        _train_parser(prog).print_help()
        print("\nEvery setting of a run:\n")
        flags = ["--help"]
    _prepare_torch()

    from step_gym.agents.report import write_report
    from step_gym.agents.runtime import configure_threads
    from step_gym.agents.trainer import TrainingStopped
    from step_gym.agents.trainer import train as run_training
    from step_gym.demo import next_free

    with usage_errors():
        config = _train_config(options, flags, prog)
    configure_threads(config.threads)
    stem = f"{short_name(config.env.id)}-{config.algorithm}"
    folder = options.resume or options.output or next_free(Path("runs"), stem)
    console = Console(highlight=False)
    console.print(f"Run folder: {folder}", markup=False, soft_wrap=True)
    progress = Progress(console)
    listener = _Listener(progress)
    resume = f"{prog} --resume {folder}"
    try:
        with progress:
            run_training(config, folder, resume=options.resume is not None, listener=listener)
    except KeyboardInterrupt:
        print(f"step-gym: interrupted; {resume} continues the run", file=sys.stderr)
        return 130
    except TrainingStopped as error:
        print(f"step-gym: {error}", file=sys.stderr)
        return 1
    except Exception as error:
        if isinstance(error, ValueError) and not listener.count:
            # Nothing has happened yet: a value on the command line was wrong.
            raise UsageError(" ".join(str(error).split())) from error
        traceback.print_exc()
        print(f"step-gym: the run failed; {resume} continues it from its last checkpoint", file=sys.stderr)
        return 1
    console.print(f"Report: {write_report(folder)}", markup=False, soft_wrap=True)
    return 0


class _Listener:
    """Hands records on and counts them."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.count = 0

    def __call__(self, record: dict[str, Any]) -> None:
        self.count += 1
        self._progress(record)


def _train_parser(prog: str) -> _Parser:
    parser = _Parser(
        prog=prog,
        usage=f"{prog} [--env ENV] [--algorithm NAME] [--policy tiny | PATH] [--rounds N] [--resume RUN] ...",
        description=train.__doc__,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="store_true", help="show this help and every setting of a run")
    parser.add_argument(
        "--env", metavar="ENV", help="environment, as in STEP-Toy-v0 or toy (default alfworld)"
    )
    _add_set(parser)
    parser.add_argument(
        "--preset", metavar="NAME", help="settings to start from (default: the environment's own)"
    )
    parser.add_argument(
        "--policy", metavar="PATH", help="tiny for a new small model, or a saved policy's folder"
    )
    parser.add_argument(
        "--output", metavar="RUN", type=Path, help="run folder (default: the next free one in runs)"
    )
    parser.add_argument("--resume", metavar="RUN", type=Path, help="continue this run, with its own settings")
    parser.add_argument(
        "--settings",
        metavar="K=V",
        nargs="+",
        action="extend",
        default=[],
        help="settings of the algorithm, as in sampling.s0=0.5",
    )
    return parser


def _train_config(options: argparse.Namespace, flags: Sequence[str], prog: str) -> TrainConfig:
    """The configuration that the command line asks for. Raises `ValueError` for what it does not know."""
    from step_gym.agents.config import PRESETS, EnvConfig, TrainConfig, preset
    from step_gym.agents.estimators import get_algorithm
    from step_gym.agents.trainer import load_config

    env_id = None if options.env is None else resolve_env_id(options.env)
    if options.resume is not None:
        config = load_config(options.resume)
    elif options.preset is not None:
        config = preset(options.preset)
    else:
        name = short_name(env_id or EnvConfig().id)
        config = preset(name) if name in PRESETS else TrainConfig()
    env = replace(config.env, id=env_id or config.env.id)
    env_values = config.env.kwargs | env_kwargs(env.id, options.pairs)
    settings = config.settings | nested_settings(options.settings)
    policy = config.policy if options.policy is None else replace(config.policy, path=options.policy)
    # Free-form dictionaries have no flags of their own: they are set by --set and --settings.
    config = replace(config, env=replace(env, kwargs={}), settings={}, policy=policy)
    config = parse_flags(config, flags, prog)
    get_algorithm(config.algorithm, settings)
    return replace(config, env=replace(config.env, kwargs=env_values), settings=settings)


def evaluate(arguments: Sequence[str]) -> int:
    """Play the tasks of a split with a trained policy and print how many it solves."""
    parser = _Parser(prog="step-gym evaluate", description=evaluate.__doc__)
    parser.add_argument(
        "run", metavar="RUN_OR_POLICY", type=Path, help="run folder, or folder of a saved policy"
    )
    parser.add_argument("--env", metavar="ENV", help="environment (default: the run's own)")
    _add_set(parser)
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
    _prepare_torch()

    from step_gym.agents.evaluate import evaluate as run_evaluation
    from step_gym.agents.evaluate import held_out_ids, task_set
    from step_gym.agents.rollout import Rollout
    from step_gym.agents.tiny import TinyPolicy

    with usage_errors():
        env, history, policy_folder = _judged(options)
        task_ids_of = task_set(env)
        splits = env.eval_splits if options.split is None else (options.split,)
        task_ids = held_out_ids(task_ids_of, splits, options.episodes)
        policy = TinyPolicy.load(policy_folder)
    policy.reseed([options.seed])
    done = 0
    with Progress(Console(highlight=False)) as progress:

        def count(_: object) -> None:
            nonlocal done
            done += 1
            progress({"kind": "progress", "phase": "evaluation", "done": done, "of": len(task_ids)})

        rollout = Rollout(env, policy, history)
        result = run_evaluation(
            rollout, task_ids_of, task_ids, seed=options.seed, greedy=options.greedy, on_episode=count
        )
        rollout.close()
    print(f"{env.id}, {' and '.join(splits)}: {result}")
    print(f"mean score {result.mean_score:.3f}, mean length {result.mean_steps:.1f} steps")
    for name, (successes, episodes) in result.by_group.items():
        print(f"  {name}: {100 * successes / episodes:.1f} % ({successes}/{episodes})")
    if result.failed:
        print(
            f"step-gym: {result.failed} episodes failed in the environment and are left out", file=sys.stderr
        )
    return 0 if result.episodes else 1


def _judged(options: argparse.Namespace) -> tuple[EnvConfig, HistoryConfig, Path]:
    """What `evaluate` plays: the environment, what prompts hold, and the folder of the policy."""
    from step_gym.agents.config import TrainConfig
    from step_gym.agents.trainer import RunFolder, load_config

    if not options.run.is_dir():
        raise ValueError(f"there is no folder {options.run}: give a run, or a saved policy")
    config, policy = TrainConfig(), options.run
    if RunFolder(options.run).checkpoints.is_dir():
        config = load_config(options.run)
        checkpoint = RunFolder(options.run).latest_checkpoint()
        if checkpoint is None:
            raise ValueError(f"{options.run} has no checkpoint yet: train it first")
        policy = checkpoint / "policy"
    elif options.env is None or options.split is None:
        raise ValueError(f"{options.run} is a policy and no run: say --env and --split")
    env = config.env
    if options.env is not None:
        env_id = resolve_env_id(options.env)
        env = env if env_id == env.id else replace(env, id=env_id, kwargs={})
    return replace(env, kwargs=env.kwargs | env_kwargs(env.id, options.pairs)), config.history, policy


def report(arguments: Sequence[str]) -> int:
    """Write one self-contained HTML page about a run, finished or not."""
    parser = _Parser(prog="step-gym report", description=report.__doc__)
    parser.add_argument("run", metavar="RUN", type=Path, help="run folder")
    parser.add_argument(
        "--output", metavar="F", type=Path, help="the page (default: report.html in the run folder)"
    )
    options = parser.parse_all(arguments)

    from step_gym.agents.report import write_report

    with usage_errors():
        print(write_report(options.run, options.output))
    return 0


def _prepare_torch() -> None:
    """Set torch's threads before it is first imported, or say how to install it."""
    from step_gym.agents.runtime import configure_threads, quiet_transformers

    configure_threads(min(2, os.cpu_count() or 1))
    for name in ("torch", "transformers"):
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"this command needs {name}: pip install 'step-gym[train]'")
    quiet_transformers()


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "tasks": tasks,
    "play": play,
    "train": train,
    "evaluate": evaluate,
    "report": report,
}
"""Function by name of the sub-command."""


if __name__ == "__main__":
    sys.exit(main())
