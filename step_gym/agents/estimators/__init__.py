"""Algorithms by name: an estimator is its settings, so a variant is a name here and no class of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from step_gym.agents.estimators.base import Estimator, EstimatorContext, StateRequest
from step_gym.agents.estimators.grpo import GRPO
from step_gym.agents.estimators.step import STEP, Augmentation
from step_gym.agents.samplers import SuccessRateSampling
from step_gym.envs.core import unknown_name_error

__all__ = ["ALGORITHMS", "Estimator", "EstimatorContext", "StateRequest", "get_algorithm"]

_NO_SAMPLING = SuccessRateSampling(enabled=False)
_NO_AUGMENTATION = Augmentation(enabled=False)

ALGORITHMS: dict[str, Estimator] = {
    "grpo": GRPO(),
    "dr-grpo": GRPO(divide_by_std=False),
    "step": STEP(),
    "step-no-sampling": STEP(sampling=_NO_SAMPLING),
    "step-no-augmentation": STEP(augmentation=_NO_AUGMENTATION),
    "step-neither": STEP(sampling=_NO_SAMPLING, augmentation=_NO_AUGMENTATION),
}
"""Every algorithm with its default settings. The four of STEP are the ablation of arXiv 2511.13091."""


def get_algorithm(name: str, settings: Mapping[str, Any] | None = None) -> Estimator:
    """An algorithm by name, with settings that differ from its defaults.

    Args:
        name: A name in `ALGORITHMS`.
        settings: Values by field, nested as the fields are, as JSON holds them: `{"sampling": {"s0": 0.5}}`.

    Raises:
        ValueError: Unknown name or setting (with the choices), or a value out of range.
    """
    if name not in ALGORITHMS:
        raise unknown_name_error("algorithm", name, ALGORITHMS)
    try:
        return _with_settings(ALGORITHMS[name], settings or {})
    except ValueError as error:
        raise ValueError(f"algorithm {name!r}: {error}") from error


def _with_settings(value: Any, settings: Mapping[str, Any]) -> Any:
    """A copy of a dataclass with some fields replaced, dataclasses inside it likewise."""
    known = [item.name for item in fields(value)]
    changes: dict[str, Any] = {}
    for key, setting in settings.items():
        if key not in known:
            raise unknown_name_error("setting", key, known)
        current = getattr(value, key)
        kinds = ("a number", "null") if current is None else (_kind(current),)
        found = _kind(setting)
        if found not in kinds and not (found == "a whole number" and "a number" in kinds):
            raise ValueError(f"setting {key}={setting!r}: {' or '.join(kinds)} is needed")
        changes[key] = _with_settings(current, setting) if isinstance(setting, Mapping) else setting
    return replace(value, **changes)


def _kind(value: Any) -> str:
    """What sort of setting a value is, as the user would say it."""
    if isinstance(value, Mapping) or is_dataclass(value):
        return "a group of settings"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a whole number" if isinstance(value, int) else "a number"
    return "a name" if isinstance(value, str) else type(value).__name__
