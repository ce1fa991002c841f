"""The arguments of the commands that train: what to start from, and every setting of a run as a flag."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from step_gym.arguments import env_kwargs, nested_settings, parse_flags, resolve_env_id, short_name
from step_gym.commands.common import Parser, add_set, prepare_torch

if TYPE_CHECKING:
    from step_gym.agents.config import TrainConfig


def configuration_parser(command: Callable[[Sequence[str]], int], usage: str) -> Parser:
    """The parser of a command that trains; `parse_configuration` uses it.

    Args:
        command: The command's function, whose name and docstring help shows.
        usage: Its most used arguments.
    """
    prog = f"step-gym {command.__name__}"
    parser = Parser(prog=prog, usage=f"{prog} {usage} ...", description=command.__doc__, add_help=False)
    parser.add_argument("-h", "--help", action="store_true", help="show this help and every setting of a run")
    parser.add_argument(
        "--env", metavar="ENV", help="environment, as in STEP-Toy-v0 or toy (default alfworld)"
    )
    add_set(parser)
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="settings to start from (default: the environment's own, changed to suit a language model)",
    )
    parser.add_argument(
        "--policy",
        metavar="PATH",
        help="tiny for a new small model, smollm2, or folder or hub name of a saved policy or language model",
    )
    parser.add_argument(
        "--settings",
        metavar="K=V",
        nargs="+",
        action="extend",
        default=[],
        help="settings of the algorithm, as in sampling.s0=0.5",
    )
    parser.add_argument(
        "--output", metavar="FOLDER", type=Path, help="where to write (default: the next free folder in runs)"
    )
    return parser


def parse_configuration(
    parser: Parser, arguments: Sequence[str], heading: str = "Every setting of a run:"
) -> tuple[argparse.Namespace, list[str]]:
    """What the parser knows, and the rest of the command line: flags for `read_configuration`.

    Args:
        parser: Of `configuration_parser`.
        arguments: The command line.
        heading: What stands above the settings in the help.
    """
    options, flags = parser.parse_known_args(arguments)
    if options.help:
        parser.print_help()
        print(f"\n{heading}\n")
        flags = ["--help"]
    prepare_torch()
    return options, flags


def read_configuration(
    options: argparse.Namespace, flags: Sequence[str], prog: str, run: Path | None = None
) -> TrainConfig:
    """The configuration that the command line asks for.

    Args:
        options: Of `parse_configuration`.
        flags: Likewise.
        prog: Name of the command, for its help.
        run: A run folder whose configuration is taken in place of a preset.

    Raises:
        ValueError: Something on the command line is unknown.
    """
    from step_gym.agents.config import EnvConfig, preset
    from step_gym.agents.estimators import get_algorithm
    from step_gym.agents.run_folder import load_config

    env_id = None if options.env is None else resolve_env_id(options.env)
    if run is not None:
        config = load_config(run)
    elif options.preset is not None:
        config = _with_saved_history(preset(options.preset), options.policy or "tiny")
    else:
        config = own_configuration(env_id or EnvConfig().id, options.policy or "tiny")
    env = replace(config.env, id=env_id or config.env.id)
    env_values = config.env.kwargs | env_kwargs(env.id, options.pairs)
    settings = config.settings | nested_settings(options.settings)
    policy = config.policy if options.policy is None else replace(config.policy, path=options.policy)
    # Free-form dictionaries have no flags of their own: they are set by --set and --settings.
    config = replace(config, env=replace(env, kwargs={}), settings={}, policy=policy)
    config = parse_flags(config, flags, prog)
    get_algorithm(config.algorithm, settings)
    return replace(config, env=replace(config.env, kwargs=env_values), settings=settings)


def own_configuration(env_id: str, policy: str) -> TrainConfig:
    """What an environment is trained with where nothing else is said, changed to suit the policy."""
    from step_gym.agents.config import PRESETS, EnvConfig, TrainConfig, language_model, preset
    from step_gym.agents.load import is_language_model

    name = short_name(env_id)
    config = preset(name) if name in PRESETS else TrainConfig(env=EnvConfig(env_id))
    config = language_model(config) if is_language_model(policy) else config
    return _with_saved_history(config, policy)


def _with_saved_history(config: TrainConfig, policy: str) -> TrainConfig:
    """The configuration with the prompts that a saved policy was trained with, where its folder says so."""
    from step_gym.agents.load import saved_history

    return replace(config, history=saved_history(policy) or config.history)
