"""What a user types, turned into environment ids, keyword arguments and values."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Iterable
from typing import Any, Literal

from gymnasium.envs.registration import load_env_creator

from step_gym.envs.core import unknown_name_error
from step_gym.registration import ENTRY_POINTS


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
    """The text of each `key=value`, by key. Raises `ValueError` for one without an equals sign or a proper key."""
    values: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ValueError(f"{pair!r} is not of the form key=value")
        values[key] = value
    return values


def env_kwargs(env_id: str, pairs: Iterable[str]) -> dict[str, Any]:
    """Keyword arguments of an environment from `key=value` texts, converted by the types its constructor declares.

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
    """Type hint by name of every keyword of a class, those that its bases take through `**kwargs` included."""
    parameters: dict[str, Any] = {}
    for cls in creator.__mro__ if inspect.isclass(creator) else (creator,):
        constructor = cls.__init__ if inspect.isclass(cls) else cls
        hints = typing.get_type_hints(constructor)
        passes_on = False
        for parameter in list(inspect.signature(constructor).parameters.values()):
            passes_on |= parameter.kind is parameter.VAR_KEYWORD
            if parameter.name != "self" and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
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
