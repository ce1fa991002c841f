"""What the sub-commands share: usage errors of one line, the parser, arguments that name an environment."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import gymnasium
from gymnasium.error import DependencyNotInstalled

from step_gym.arguments import env_kwargs, resolve_env_id
from step_gym.envs.core import TaskEnv, TaskSet, unknown_name_error


class UsageError(Exception):
    """What the user typed cannot be done; its text is the one line that is printed."""


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `UsageError`s of one line, unknown flags with the closest one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`, where argparse would print and exit."""
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


def add_environment(parser: argparse.ArgumentParser) -> None:
    """Add the positional ENV, and `--set`."""
    parser.add_argument("env", metavar="ENV", help="environment, as in STEP-Toy-v0 or toy")
    add_set(parser)


def add_set(parser: argparse.ArgumentParser) -> None:
    """Add `--set K=V ...`, kept as `pairs`."""
    parser.add_argument(
        "--set",
        metavar="K=V",
        dest="pairs",
        nargs="+",
        action="extend",
        default=[],
        help="keyword arguments of the environment",
    )


def make_env(options: argparse.Namespace) -> tuple[gymnasium.Env[Any, str], TaskSet]:
    """The environment that ENV and --set ask for, and its tasks."""
    with usage_errors():
        env_id = resolve_env_id(options.env)
        env = gymnasium.make(env_id, disable_env_checker=True, **env_kwargs(env_id, options.pairs))
    assert isinstance(env.unwrapped, TaskEnv)
    return env, env.unwrapped.tasks


def prepare_torch() -> None:
    """Set torch's threads before it is first imported, or say how to install it."""
    from step_gym.agents.runtime import configure_threads, quiet_transformers

    configure_threads(min(2, os.cpu_count() or 1))
    for name in ("torch", "transformers"):
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"this command needs {name}: pip install 'step-gym[train]'")
    quiet_transformers()
