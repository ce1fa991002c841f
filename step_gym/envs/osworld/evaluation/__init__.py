"""Scoring a desktop task the way its file says: getters, metrics and how several of them are combined.

Names, arguments and values are those of `desktop_env/evaluators` in the package desktop-env 1.0.2
(xlang-ai/OSWorld). What cannot be evaluated here is named by `unsupported` before an episode begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.osworld.computer import Computer
from step_gym.envs.osworld.evaluation.context import Context
from step_gym.envs.osworld.evaluation.metrics.archives import KINDS
from step_gym.envs.osworld.evaluation.registry import (
    GETTERS,
    METRICS,
    Evaluators,
    getter_problem,
    load,
    load_upstream,
    metric_problem,
)
from step_gym.envs.osworld.sources import SourceRefused, Sources, check_source

__all__ = ["Score", "evaluate", "unsupported"]

Fields = Mapping[str, Any]


class Score(NamedTuple):
    """What an evaluator found.

    Attributes:
        value: From 0 to 1.
        reasons: Why it is below 1, where that is known: one line each.
    """

    value: float
    reasons: list[str]


class _Check(NamedTuple):
    """One metric of an evaluator with its getters' configurations."""

    metric: str
    result: Fields | None
    expected: Fields | None
    options: Fields

    @property
    def metrics(self) -> list[str]:
        """The metric, and the one that it compares an archive's files with."""
        files = (
            [KINDS.get(self.options.get("file_type", "text"), "")] if self.metric == "compare_archive" else []
        )
        return [self.metric, *files]


def evaluate(
    task: Fields,
    computer: Computer,
    last_action: str,
    cache_dir: Path,
    sources: Sources,
    evaluators: Evaluators = "own",
) -> Score:
    """Score a computer's state; its `postconfig` steps must have been run, and this is to be called once.

    Differs from upstream where that raises: what a getter or a metric cannot read scores 0 with the reason,
    and an `expected` of None in a list means that there is none.

    Args:
        task: A checked task file.
        computer: What is looked at.
        last_action: "DONE", "FAIL" or "".
        cache_dir: A folder of this evaluation alone; holds what setup saved.
        sources: Where expected files come from.
        evaluators: Whose metrics: "own", or "upstream" for those of the installed package desktop-env.

    Raises:
        EnvironmentFault: If the computer does not answer, or an expected file cannot be had.
        DependencyNotInstalled: If upstream's metrics are asked for and do not load.
        NotImplementedError: If the task is one that `unsupported` names.
    """
    evaluator = task["evaluator"]
    if evaluator["func"] == "infeasible":
        return Score(1.0, []) if last_action == "FAIL" else Score(0.0, ["infeasible: the answer is FAIL"])
    missing = unsupported(task, downloads=True, evaluators=evaluators)
    if missing:
        raise NotImplementedError(f"task {task['id']}: cannot be evaluated: {', '.join(missing)}")
    if last_action == "FAIL":
        return Score(0.0, ["FAIL: the task can be done"])
    context = Context(computer, Path(cache_dir), sources)
    checks = _checks(evaluator)
    if not isinstance(evaluator["func"], list):
        return _clipped(_run(checks[0], context, evaluators))
    return _clipped(_combined(checks, context, evaluators, evaluator.get("conj", "and")))


def _combined(checks: list[_Check], context: Context, evaluators: Evaluators, conj: str) -> Score:
    """Upstream's rule: "and" gives 0 at the first 0, else the mean; "or" gives the most."""
    values: list[float] = []
    reasons: list[str] = []
    for check in checks:
        value, why = _run(check, context, evaluators)
        reasons += why
        if conj == "and" and value == 0:
            return Score(0.0, reasons)
        if conj == "or" and value == 1:
            return Score(1.0, [])
        values.append(value)
    return Score(sum(values) / len(values) if conj == "and" else max(values), reasons)


def _clipped(score: Score) -> Score:
    return Score(min(max(score.value, 0.0), 1.0), score.reasons)


def _run(check: _Check, context: Context, evaluators: Evaluators) -> Score:
    arguments = []
    if check.expected:
        # First, because that it fails is no fault of the agent's.
        try:
            arguments.append(_get(check.expected, context))
        except SourceRefused as error:
            raise EnvironmentFault(f"expected {check.expected['type']}: {error}") from error
        except Exception as error:
            return _failed(f"expected {check.expected['type']}", error)
    try:
        arguments.insert(0, _get(check.result, context) if check.result else None)
    except Exception as error:
        return _failed(f"result {check.result['type'] if check.result else ''}", error)
    metric: Callable[..., Any] = (
        load_upstream(check.metric) if evaluators == "upstream" else load(METRICS[check.metric], check.metric)
    )
    try:
        value = float(metric(*arguments, **check.options))
    except Exception as error:
        return _failed(check.metric, error)
    if not math.isfinite(value):
        return Score(0.0, [f"{check.metric}: {value}"])
    return Score(value, [] if value >= 1 else [f"{check.metric}: {value:g}"])


def _get(config: Fields, context: Context) -> Any:
    return load(GETTERS[config["type"]], config["type"])(context, config)


def _failed(what: str, error: Exception) -> Score:
    """Whatever the agent has made of files and windows is no reason to raise; a broken machine is."""
    if isinstance(error, EnvironmentFault):
        raise error
    line = " ".join(str(error).split())[:200]
    return Score(
        0.0, [f"{what}: {type(error).__name__}: {line}" if line else f"{what}: {type(error).__name__}"]
    )


def _checks(evaluator: Fields) -> list[_Check]:
    func = evaluator["func"]
    if not isinstance(func, list):
        options = evaluator.get("options") or {}
        return [_Check(func, evaluator.get("result"), evaluator.get("expected"), options)]

    def each(key: str) -> list[Any]:
        return list(evaluator.get(key) or [None] * len(func))

    return [
        _Check(name, result, expected, options or {})
        for name, result, expected, options in zip(
            func, each("result"), each("expected"), each("options"), strict=True
        )
    ]


def unsupported(
    task: Fields,
    downloads: bool = False,
    programs: frozenset[str] | None = None,
    evaluators: Evaluators = "own",
) -> list[str]:
    """What of a task's evaluator cannot be evaluated, each by name with the reason; none for one that can.

    Args:
        task: A checked task file.
        downloads: Whether expected files may be fetched from the web.
        programs: Programs whose files and windows getters find on the computer ("web-browser", "chrome",
            "gimp", "vlc", "vscode"); None if all.
        evaluators: Whose metrics, as `evaluate` takes it.
    """
    if task["evaluator"]["func"] == "infeasible":
        return []
    found: dict[str, None] = {}
    for check in _checks(task["evaluator"]):
        for name in check.metrics:
            why = metric_problem(name, evaluators)
            if why:
                found[f"metric {name} ({why})"] = None
        for config in (check.result, check.expected):
            if not config:
                continue
            why = getter_problem(config["type"], programs)
            if not why and config["type"] == "cloud_file":
                why = _source_problem(config["path"], downloads)
            if why:
                found[f"getter {config['type']} ({why})"] = None
    return list(found)


def _source_problem(path: str | list[str], downloads: bool) -> str:
    try:
        for url in [path] if isinstance(path, str) else path:
            check_source(url, downloads)
    except SourceRefused as reason:
        return reason.why
    return ""
