"""What a user types, turned into environment ids, keyword arguments and values."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import inspect
import io
import re
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar

from gymnasium.envs.registration import load_env_creator

from step_gym.envs.core import unknown_name_error
from step_gym.registration import ENTRY_POINTS

Config = TypeVar("Config")


def short_name(env_id: str) -> str:
    """The name people say: "toy" for "STEP-Toy-v0"."""
    return re.sub(r"^STEP-|-v\d+$", "", env_id).lower()


def resolve_env_id(name: str) -> str:
    """The full id for "STEP-Toy-v0" or "toy", in any case. Raises `ValueError` naming the choices."""
    for env_id in ENTRY_POINTS:
        if name.lower() in (env_id.lower(), short_name(env_id)):
            return env_id
    raise unknown_name_error("environment", name, [short_name(env_id) for env_id in ENTRY_POINTS])


def split_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """The text of each `key=value`, by key. Raises `ValueError` for a text of another form."""
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ValueError(f"{pair!r} is not of the form key=value")
        values[key] = value
    return values


def env_kwargs(env_id: str, pairs: Iterable[str]) -> dict[str, Any]:
    """Keyword arguments of an environment from `key=value` texts, by the types its constructor declares.

    Args:
        env_id: A registered id.
        pairs: Texts of the form key=value.

    Raises:
        ValueError: For a keyword that the environment does not take, naming those that it does.
    """
    values = split_pairs(pairs)
    if not values:
        return {}
    parameters = _constructor_parameters(load_env_creator(ENTRY_POINTS[env_id]))
    for key in values:
        if key not in parameters:
            raise unknown_name_error(f"keyword argument of {env_id}", key, parameters)
    return {key: convert(key, text, parameters[key]) for key, text in values.items()}


def _constructor_parameters(creator: Any) -> dict[str, Any]:
    """Type hint by name of every keyword of a class, also those that it hands to its bases."""
    parameters: dict[str, Any] = {}
    for cls in creator.__mro__ if inspect.isclass(creator) else (creator,):
        constructor = cls.__init__ if inspect.isclass(cls) else cls
        hints = typing.get_type_hints(constructor)
        passes_on = False
        for parameter in list(inspect.signature(constructor).parameters.values()):
            passes_on |= parameter.kind is parameter.VAR_KEYWORD
            if parameter.name != "self" and parameter.kind in (
                parameter.POSITIONAL_OR_KEYWORD,
                parameter.KEYWORD_ONLY,
            ):
                parameters.setdefault(parameter.name, hints.get(parameter.name, Any))
        if not passes_on:
            break
    return parameters


def convert(key: str, text: str, hint: Any = Any) -> Any:
    """A value from its text: as written where `hint` takes strings, else a Python literal where it is one.

    Raises:
        ValueError: If `hint` is a choice of values and `text` is none of them.
    """
    options = typing.get_args(hint) if typing.get_origin(hint) is Literal else ()
    if options:
        by_text = {str(option): option for option in options}
        if text not in by_text:
            raise unknown_name_error(f"value of {key}", text, by_text)
        return by_text[text]
    if str in (hint, *typing.get_args(hint)):
        return text
    try:
        return ast.literal_eval({"true": "True", "false": "False", "none": "None"}.get(text.lower(), text))
    except (ValueError, SyntaxError):
        return text


def nested_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Nested settings from texts like `sampling.s0=0.5`. Raises `ValueError` for a text that is none."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        *groups, name = path.split(".")
        if not equals or not all(part.isidentifier() for part in (*groups, name)):
            raise ValueError(f"{pair!r} is not of the form name=value or group.name=value")
        place = settings
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = convert(name, text)
    return settings


def parse_flags(default: Config, flags: Sequence[str], prog: str) -> Config:
    """A nested dataclass with the fields that `flags` change, as in `--optimizer.epochs 2`.

    `--help` among the flags prints them all and exits.

    Raises:
        ValueError: Of one line, for an unknown flag (the closest one named) or a value that does not fit.
    """
    import tyro

    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            config, unknown = tyro.cli(
                type(default), default=default, args=list(flags), prog=prog, return_unknown_args=True
            )
    except SystemExit as stop:
        if stop.code in (None, 0):
            raise
        raise ValueError(_message(complaint.getvalue())) from None
    if unknown:
        raise unknown_name_error("argument", unknown[0].split("=")[0], _flags_of(default))
    return config


def _flags_of(config: Any, prefix: str = "--") -> Iterator[str]:
    """Every flag of a nested dataclass."""
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), prefix + field.name.replace("_", "-")
        if dataclasses.is_dataclass(value):
            yield from _flags_of(value, name + ".")
        elif not isinstance(value, dict):
            yield name


def _message(box: str) -> str:
    """The sentence in the box that tyro draws around an error: the lines between title and next rule."""
    lines = [line.strip(" │|╭╮╰╯") for line in box.splitlines()]
    body = [line for line in lines[1:] if line and not line.startswith(("For full", "Argument helptext"))]
    rules = [number for number, line in enumerate(body) if not line.strip("─-")]
    start = rules[0] + 1 if rules and rules[0] == 0 else 0
    end = next((number for number in rules if number > start), len(body))
    message = " ".join(body[start:end]) or "the arguments cannot be understood"
    # A dataclass that refuses its values is named by tyro; the user knows flags only.
    return re.sub(r"^Error parsing \w[\w-]*: ", "", message)
