"""The arguments of the commands that train: what to start from, and every setting of a run as a flag."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from step_gym.arguments import env_kwargs, nested_settings, parse_flags, resolve_env_id, short_name
from step_gym.commands.common import add_set

if TYPE_CHECKING:
    from step_gym.agents.config import TrainConfig


def add_configuration(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `read_configuration` reads; the parser must not add a help of its own."""
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


def read_configuration(
    options: argparse.Namespace, flags: Sequence[str], prog: str, run: Path | None = None
) -> TrainConfig:
    """The configuration that the command line asks for.

    Args:
        options: What `add_configuration` parsed.
        flags: The rest of the command line: settings of a run.
        prog: Name of the command, for its help.
        run: A run folder whose configuration is taken in place of a preset.

    Raises:
        ValueError: Something on the command line is unknown.
    """
    from step_gym.agents.config import PRESETS, EnvConfig, TrainConfig, language_model, preset
    from step_gym.agents.estimators import get_algorithm
    from step_gym.agents.load import is_language_model
    from step_gym.agents.run_folder import load_config

    env_id = None if options.env is None else resolve_env_id(options.env)
    if run is not None:
        config = load_config(run)
    elif options.preset is not None:
        config = preset(options.preset)
    else:
        name = short_name(env_id or EnvConfig().id)
        config = preset(name) if name in PRESETS else TrainConfig()
        if options.policy is not None and is_language_model(options.policy):
            config = language_model(config)
    env = replace(config.env, id=env_id or config.env.id)
    env_values = config.env.kwargs | env_kwargs(env.id, options.pairs)
    settings = config.settings | nested_settings(options.settings)
    policy = config.policy if options.policy is None else replace(config.policy, path=options.policy)
    # Free-form dictionaries have no flags of their own: they are set by --set and --settings.
    config = replace(config, env=replace(env, kwargs={}), settings={}, policy=policy)
    config = parse_flags(config, flags, prog)
    get_algorithm(config.algorithm, settings)
    return replace(config, env=replace(config.env, kwargs=env_values), settings=settings)
