"""How a task's success rate follows from its rounds: STEP's smoothed update and the plain mean, and a place
for others.

The smoothed update is STEP's (arXiv 2511.13091); see `StepRule` for what of it is reconstructed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any, ClassVar, NamedTuple, Protocol

from step_gym.envs.core import unknown_name_error


class TaskStats(NamedTuple):
    """What closed rounds say of one task.

    Attributes:
        rate: Success rate by the record's rule, 0 to 1.
        successes: Number of successful episodes.
        rollouts: Number of episodes with status "ok".
    """

    rate: float
    successes: int
    rollouts: int


class RateRule(Protocol):
    """How a task's rate follows from what was known and one more round; any callable of this form is a rule."""

    def __call__(self, previous: TaskStats | None, successes: int, rollouts: int) -> float:
        """The new rate, 0 to 1. `previous` is None at the task's first round; `rollouts` is at least 1. Must be deterministic."""
        ...


@dataclass(frozen=True, slots=True)
class StepRule:
    """STEP's smoothed update `(U + alpha * s_old * N) / (N_t + alpha * N)`: the old rate counts as `alpha *
    N` rollouts.

    U of the task's N_t rollouts of this round succeeded, N is `n_copies`. The update is reported for STEP
    (arXiv 2511.13091); the rule for alpha is **reconstructed**, because only its beginning ("1 - ...") is
    known to us: `alpha = max(alpha_min, 1 - N_t / N)` keeps the total evidence at N rollouts when a task got
    fewer than N, and its floor keeps one unlucky round from erasing what was known. A constant alpha is the
    alternative; 0 means no smoothing, a large value freezes the rate. The first round gives U / N_t (also
    reconstructed).

    Attributes:
        n_copies: N, rollouts of one task in a round, at least 1.
        alpha: Constant alpha >= 0, or None for the rule above.
        alpha_min: Floor of that rule, >= 0; unused with a constant alpha.
    """

    name: ClassVar[str] = "step"
    n_copies: int = 8
    alpha: float | None = None
    alpha_min: float = 0.25

    def __post_init__(self) -> None:
        for field, value in (("alpha", self.alpha), ("alpha_min", self.alpha_min)):
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"StepRule {field}={value}: a finite number >= 0 is needed")
        if self.n_copies < 1:
            raise ValueError(f"StepRule n_copies={self.n_copies}: at least 1 is needed")

    def __call__(self, previous: TaskStats | None, successes: int, rollouts: int) -> float:
        """The smoothed rate after a round; see the class."""
        if previous is None:
            return successes / rollouts
        alpha = max(self.alpha_min, 1 - rollouts / self.n_copies) if self.alpha is None else self.alpha
        pseudo_rollouts = alpha * self.n_copies
        return (successes + pseudo_rollouts * previous.rate) / (rollouts + pseudo_rollouts)


@dataclass(frozen=True, slots=True)
class MeanRule:
    """The plain mean over every episode of the task so far."""

    name: ClassVar[str] = "mean"

    def __call__(self, previous: TaskStats | None, successes: int, rollouts: int) -> float:
        """All successes over all rollouts."""
        known = previous or TaskStats(0.0, 0, 0)
        return (known.successes + successes) / (known.rollouts + rollouts)


RULES: dict[str, type[StepRule] | type[MeanRule]] = {rule.name: rule for rule in (StepRule, MeanRule)}
"""Rules that have a name, and so can be written in a configuration and are remembered by a record."""


def make_rule(spec: str | Mapping[str, Any]) -> RateRule:
    """A rule from its name or from `{"name": ..., **settings}`; `ValueError` for an unknown name or setting."""
    settings = {"name": spec} if isinstance(spec, str) else dict(spec)
    name = settings.pop("name", None)
    if name not in RULES:
        raise unknown_name_error("success-rate rule", name, RULES)
    fields = RULES[name].__dataclass_fields__
    for key in settings:
        if key not in fields:
            raise unknown_name_error(f"setting of the success-rate rule {name!r}", key, fields)
    return RULES[name](**settings)


def rule_spec(rule: RateRule) -> dict[str, Any] | None:
    """The JSON form of a named rule, None of any other callable."""
    if isinstance(rule, tuple(RULES.values())) and is_dataclass(rule):
        return {"name": rule.name, **asdict(rule)}
    return None
