"""`step-gym play`: one episode by hand or from a list of actions; `step_gym.play` does the playing."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console

from step_gym.commands.common import Parser, UsageError, add_environment, make_env, usage_errors


def play(arguments: Sequence[str]) -> int:
    """Play one episode: at the terminal, or from a list of commands."""
    parser = Parser(prog="step-gym play", description=play.__doc__)
    add_environment(parser)
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

    env, task_set = make_env(options)
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
