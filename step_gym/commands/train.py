"""`step-gym train`: a run from the command line, `agents.trainer` does the training."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from step_gym.arguments import short_name
from step_gym.commands.common import UsageError, usage_errors
from step_gym.commands.configuration import configuration_parser, parse_configuration, read_configuration
from step_gym.progress import Progress


def train(arguments: Sequence[str]) -> int:
    """Train a policy; a run is a folder that --resume continues."""
    parser = configuration_parser(
        train, "[--env ENV] [--algorithm NAME] [--policy tiny | PATH] [--rounds N] [--resume RUN]"
    )
    parser.add_argument("--resume", metavar="RUN", type=Path, help="continue this run, with its own settings")
    options, flags = parse_configuration(parser, arguments)

    from step_gym.agents.report import write_report
    from step_gym.agents.run_folder import next_free
    from step_gym.agents.runtime import configure_threads
    from step_gym.agents.trainer import TrainingStopped
    from step_gym.agents.trainer import train as run_training

    with usage_errors():
        config = read_configuration(options, flags, parser.prog, options.resume)
    configure_threads(config.threads)
    stem = f"{short_name(config.env.id)}-{config.algorithm}"
    folder = options.resume or options.output or next_free(Path("runs"), stem)
    console = Console(highlight=False)
    console.print(f"Run folder: {folder}", markup=False, soft_wrap=True)
    progress = Progress(console)
    listener = _Listener(progress)
    resume = f"{parser.prog} --resume {folder}"
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
