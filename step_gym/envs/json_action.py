"""Actions that are one JSON object: read strictly, because a model wrote them."""

from __future__ import annotations

import json
from typing import Any


class InvalidAction(ValueError):
    """Why an action cannot be performed; nothing has been done."""


def read_object(text: str) -> dict[str, Any]:
    """The object that a text is.

    Raises:
        InvalidAction: If it is none, a key stands twice, or a number is NaN or infinite.
    """
    try:
        fields = _DECODER.decode(text)
    except InvalidAction:
        raise
    except (ValueError, RecursionError):
        raise InvalidAction(f"{shown(text)} is not a JSON object") from None
    if not isinstance(fields, dict):
        raise InvalidAction(f"{shown(text)} is not a JSON object")
    return fields


def shown(value: Any) -> str:
    """A value in a message, cut to 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InvalidAction("a key stands twice")
    return fields


def _no_constant(name: str) -> Any:
    raise InvalidAction(f"{name} is not a number")


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_no_constant)
