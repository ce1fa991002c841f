"""How inputs of metrics are drawn: files of a pool, values, options."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from benchmarks.osworld_files_pool import Pool

Case = tuple[tuple[Any, ...], dict[str, Any]]
"""Arguments and options of a metric."""

Maker = Callable[[random.Random, Pool], Case]


def maybe(rng: random.Random, value: Any) -> Any:
    """None now and then: a result that is not there."""
    return None if rng.random() < 0.05 else value


def pair(kind: str, **options: tuple[Any, ...]) -> Maker:
    """Two files of a kind; each option is given, with one of its values, half of the time."""

    def make(rng: random.Random, pool: Pool) -> Case:
        one, other = pool.two(rng, kind)
        chosen = {name: rng.choice(values) for name, values in options.items() if rng.random() < 0.5}
        return (maybe(rng, one), other), chosen

    return make


def one_file(kind: str, rules: Callable[[random.Random], Any] | None = None) -> Maker:
    """A file of a kind, and rules."""

    def make(rng: random.Random, pool: Pool) -> Case:
        arguments = (maybe(rng, pool.one(rng, kind)), *([rules(rng)] if rules else []))
        return arguments, {}

    return make


def drawn(*draw: Callable[[random.Random], Any], **options: tuple[Any, ...]) -> Maker:
    """Values, each drawn."""

    def make(rng: random.Random, pool: Pool) -> Case:
        chosen = {name: rng.choice(values) for name, values in options.items() if rng.random() < 0.5}
        return tuple(one(rng) for one in draw), chosen

    return make


def some(rng: random.Random, values: tuple[Any, ...], most: int = 2) -> list[Any]:
    """Some of these values, at most so many, in any order."""
    return rng.sample(values, rng.randint(0, min(most, len(values))))


def rule_of(name: str, *values: Any) -> Callable[[random.Random], Any]:
    """A rule of one key that has one of these values."""
    return lambda rng: {name: rng.choice(values)}
