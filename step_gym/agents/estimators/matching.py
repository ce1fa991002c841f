"""How alike two actions are, whatever the world: text commands, and JSON objects with an `action_type`.

Used by STEP's step-level augmentation (arXiv 2511.13091); what counts as a match is reconstructed. Both texts
may be written by a model, so nothing here raises on any string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from step_gym.envs.core import malformed_reason

Match = Literal["exact", "type", "none"]

_VERB = re.compile(r"[^\W\d][\w.]*")
_COORDINATES = frozenset({"x", "y"})


def match_actions(reference: str, action: str, coordinate_tolerance: float = 10.0) -> Match:
    """Compare an action with a reference after canonicalisation.

    "exact": the same text but for case and white space, or JSON objects of the same content, whose strings
    may differ in case and white space and whose numbers named x or y by `coordinate_tolerance` (pixels).
    "type": the same first word (`go`, `click`, `pyautogui.click`), or the same `action_type`. "none":
    anything else, malformed actions included, and texts that do not begin with a word.
    """
    try:
        wanted, found = _parse(reference), _parse(action)
        if wanted is None or found is None or wanted[0] != found[0]:
            return "none"
        return "exact" if _same("", wanted[1], found[1], coordinate_tolerance) else "type"
    except (ValueError, RecursionError, OverflowError):
        return "none"


def _parse(text: str) -> tuple[str, Any] | None:
    """Type and content of an action, or None if it is malformed; may raise what `json.loads` raises."""
    if malformed_reason(text) is not None:
        return None
    if text.lstrip().startswith("{"):
        content = json.loads(text)
        kind = content.get("action_type")
        return ("json " + _canonical(kind), content) if isinstance(kind, str) else None
    canonical = _canonical(text)
    verb = _VERB.match(canonical)
    return None if verb is None else (verb.group(), canonical)


def _canonical(text: str) -> str:
    return " ".join(text.casefold().split())


def _same(key: str, wanted: Any, found: Any, tolerance: float) -> bool:
    """Equality of JSON values; a member that is null counts as absent."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        members = {name for value in (wanted, found) for name in value if value[name] is not None}
        return all(_same(name, wanted.get(name), found.get(name), tolerance) for name in members)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(
            _same(key, one, other, tolerance) for one, other in zip(wanted, found, strict=True)
        )
    if isinstance(wanted, str) and isinstance(found, str):
        return _canonical(wanted) == _canonical(found)
    if isinstance(wanted, bool) or isinstance(found, bool) or wanted is None or found is None:
        return wanted is found
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return wanted == found or (key in _COORDINATES and abs(wanted - found) <= tolerance)
    return False
