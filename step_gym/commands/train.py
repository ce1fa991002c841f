"""`step-gym train`: a run from the command line, `agents.trainer` does the training."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from step_gym.arguments import env_kwargs, nested_settings, parse_flags, resolve_env_id, short_name
from step_gym.commands.common import Parser, UsageError, add_set, prepare_torch, usage_errors
from step_gym.progress import Progress

if TYPE_CHECKING:
    from step_gym.agents.config import TrainConfig


def train(arguments: Sequence[str]) -> int:
    """Train a policy; a run is a folder that --resume continues."""
    prog = "step-gym train"
    options, flags = _train_parser(prog).parse_known_args(arguments)
    if options.help:
        _train_parser(prog).print_help()
        print("\nEvery setting of a run:\n")
        flags = ["--help"]
    prepare_torch()

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


def _train_parser(prog: str) -> Parser:
    parser = Parser(
        prog=prog,
        usage=f"{prog} [--env ENV] [--algorithm NAME] [--policy tiny | PATH] [--rounds N] [--resume RUN] ...",
        description=train.__doc__,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="store_true", help="show this help and every setting of a run")
    parser.add_argument(
        "--env", metavar="ENV", help="environment, as in STEP-Toy-v0 or toy (default alfworld)"
    )
    add_set(parser)
    parser.add_argument(
        "--preset", metavar="NAME", help="settings to start from (default: the environment's own)"
    )
    parser.add_argument(
        "--policy",
        metavar="PATH",
        help="tiny for a new small model, smollm2, or folder or hub name of a saved policy or language model",
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
