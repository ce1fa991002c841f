"""How a task's success rate follows from its rounds: STEP's smoothed update, the mean, or a rule of yours.

The smoothed update is that of STEP (arXiv 2511.13091); `StepRule` says what of it is reconstructed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
    """How a rate follows from what was known and one more round; any deterministic callable of this form."""

    def __call__(self, previous: TaskStats | None, successes: int, rollouts: int) -> float:
        """The new rate, 0 to 1. `previous` is None at the task's first round; `rollouts` is at least 1."""
        ...


@dataclass(frozen=True, slots=True)
class StepRule:
    """STEP's smoothed update: the old rate counts as `alpha * N` rollouts.

    `(U + alpha * s_old * N) / (N_t + alpha * N)`, where U of the task's N_t rollouts of this round succeeded
    and N is `n_copies`. The update is reported for STEP (arXiv 2511.13091); the rule for alpha is
    **reconstructed**, because only its beginning ("1 - ...") is known to us: `alpha = max(alpha_min, 1 - N_t
    / N)` keeps the total evidence at N rollouts when a task got fewer than N, and its floor keeps one unlucky
    round from erasing what was known. A constant alpha is the alternative: 0 means no smoothing, a large
    value freezes the rate. That the first round gives U / N_t is reconstructed too.

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
        for setting, value in (("alpha", self.alpha), ("alpha_min", self.alpha_min)):
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"StepRule {setting}={value}: a finite number >= 0 is needed")
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
        if previous is None:
            return successes / rollouts
        return (previous.successes + successes) / (previous.rollouts + rollouts)


RULES: dict[str, type[StepRule] | type[MeanRule]] = {rule.name: rule for rule in (StepRule, MeanRule)}
"""Rules that have a name: they can be written in a configuration, and a record remembers them."""


def make_rule(spec: str | Mapping[str, Any]) -> RateRule:
    """A rule from its name, or from `{"name": ..., **settings}`.

    Raises `ValueError` for an unknown name, an unknown setting or a value out of range.
    """
    settings: dict[str, Any] = {"name": spec} if isinstance(spec, str) else dict(spec)
    name = settings.pop("name", None)
    if name not in RULES:
        raise unknown_name_error("success-rate rule", name, RULES)
    known = RULES[name].__dataclass_fields__
    for setting in settings:
        if setting not in known:
            raise unknown_name_error(f"setting of the success-rate rule {name!r}", setting, known)
    return RULES[name](**settings)


def rule_spec(rule: RateRule) -> dict[str, Any] | None:
    """What `make_rule` makes the rule of, JSON-able; None for a rule without a name."""
    if isinstance(rule, StepRule | MeanRule):
        return {"name": rule.name, **asdict(rule)}
    return None
