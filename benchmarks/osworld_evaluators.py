"""Evaluators of desktop tasks: which there are, which tasks use them, whether they score as upstream's.

`python -m benchmarks.osworld_evaluators [PATH] [--markdown]` prints a table of all getters and metrics; with
PATH, a copy of `evaluation_examples/` of github.com/xlang-ai/OSWorld, how many tasks use each and how many
can be scored. `--inputs N` runs each metric on N random inputs beside that of the installed package
desktop-env (`pip install --no-deps desktop-env==1.0.2`, and what its metrics import).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib
import importlib.util
import io
import logging
import math
import random
import sys
import tempfile
import types
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.common import finish, print_table
from benchmarks.osworld_files_pool import Pool
from benchmarks.osworld_metric_cases import CASES
from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.backends import SCREENS
from step_gym.envs.osworld.evaluation.registry import GETTERS, METRICS, Entry, load
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.task_files import read_folder

_NOT_NEEDED = ("easyocr", "borb", "borb.pdf", "acoustid", "librosa", "fastdtw", "cv2", "formulas", "PyPDF2")
"""Packages that upstream's modules import at their top; a missing one is replaced by nothing that works."""


def upstream_metrics() -> dict[str, Callable[..., Any]]:
    """The metrics of the installed package desktop-env, by name; empty without the package.

    Where it cannot be imported, which takes every dependency of every metric, its modules are loaded one by
    one.
    """
    logging.getLogger("desktopenv").setLevel(logging.CRITICAL)
    spec = importlib.util.find_spec("desktop_env")
    if spec is None or not spec.submodule_search_locations:
        return {}
    with contextlib.suppress(ImportError):
        return vars(importlib.import_module("desktop_env.evaluators.metrics"))
    root = Path(spec.submodule_search_locations[0])
    for name in ("evaluators", "evaluators.metrics"):
        package = types.ModuleType(f"desktop_env.{name}")
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[package.__name__] = package
    for name in _NOT_NEEDED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
        sys.modules.setdefault(name, mock.MagicMock())
    found: dict[str, Callable[..., Any]] = {}
    for statement in ast.parse((root / "evaluators/metrics/__init__.py").read_text()).body:
        if isinstance(statement, ast.ImportFrom):
            module = importlib.import_module(f"desktop_env.evaluators.metrics.{statement.module}")
            found.update({alias.name: getattr(module, alias.name) for alias in statement.names})
    return found


def value_of(
    metric: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any]
) -> float | None:
    """What a metric says, None if it raises."""
    quiet = io.StringIO()
    try:
        with contextlib.redirect_stdout(quiet), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = metric(*copy.deepcopy(arguments), **copy.deepcopy(dict(options)))
            return float(value)
    except Exception:
        return None


def compare(name: str, theirs: Callable[..., Any], pool: Pool, inputs: int, seed: int) -> Counter[str]:
    """How often a metric of ours and of upstream's agree on random inputs.

    Kinds: "equal"; "equal above 0" of these; "they raise", upstream raises, where ours says something above
    0 (an error counts as 0); "differ", counted with the two values.
    """
    rng, ours = random.Random(f"{name}{seed}"), load(METRICS[name], name)
    found: Counter[str] = Counter()
    for _ in range(inputs):
        arguments, options = CASES[name](rng, pool)
        values = []
        for metric in (theirs, ours):
            values.append(value_of(metric, arguments, options))
        one, other = values[0] or 0.0, values[1] or 0.0
        if math.isclose(one, other, abs_tol=1e-9):
            found["equal"] += 1
            found["equal above 0"] += one > 0
        else:
            found["they raise" if values[0] is None else f"differ: {values[0]} {values[1]}"] += 1
    return found


def uses(tasks: Mapping[str, Mapping[str, Any]]) -> tuple[Counter[str], Counter[str]]:
    """In how many tasks each getter and each metric is used."""
    getters: Counter[str] = Counter()
    metrics: Counter[str] = Counter()
    for fields in tasks.values():
        evaluator = fields["evaluator"]
        func = evaluator["func"]
        metrics.update(set(func if isinstance(func, list) else [func]))
        configs = [evaluator.get(key) for key in ("result", "expected")]
        flat = [
            one for config in configs for one in (config if isinstance(config, list) else [config]) if one
        ]
        getters.update({one["type"] for one in flat})
    return getters, metrics


def names(entries: Mapping[str, Entry], used: Mapping[str, int]) -> list[tuple[object, ...]]:
    """Rows of a table of getters or metrics: name, tasks that use it, whether there is one."""
    rows = []
    for name in sorted({*entries, *used} - {"infeasible"}):
        entry = entries.get(name, Entry(why_not="unknown to desktop-env 1.0.2"))
        state = entry.why_not or (f"yes, with {entry.program}" if entry.program else "yes")
        rows.append((f"`{name}`", used.get(name, 0), state))
    return rows


def able(tasks: Mapping[str, Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """Rows of a table: how many tasks' evaluators can score on each kind of machine."""
    simulated = frozenset(Desktop(*SCREENS["1920x1080"]).programs)
    kinds: dict[str, Any] = {
        "real machine, downloads": {"downloads": True},
        "real machine, downloads, upstream's metrics": {"downloads": True, "evaluators": "upstream"},
        "real machine": {},
        "simulated desktop, downloads": {"downloads": True, "programs": simulated},
        "simulated desktop": {"programs": simulated},
    }
    rows = []
    for name, options in kinds.items():
        count = sum(not evaluation.unsupported(fields, **options) for fields in tasks.values())
        rows.append((name, count, f"{count / len(tasks):.0%}"))
    return rows


def _print(markdown: bool, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    if not markdown:
        return print_table(header, rows)
    for row in (header, ("---",) * len(header), *rows):
        print("| " + " | ".join(map(str, row)) + " |")
    return None


def main() -> None:
    """Count, compare, print."""
    parser = argparse.ArgumentParser(description="evaluators of desktop tasks: names, uses, agreement")
    parser.add_argument("path", type=Path, nargs="?", help="a copy of OSWorld's evaluation_examples/")
    parser.add_argument("--markdown", action="store_true", help="print tables for the docs")
    parser.add_argument("--inputs", type=int, default=0, help="of each metric, out of as many files")
    parser.add_argument("--seed", type=int, default=0, help="of the inputs")
    parser.add_argument("--only", nargs="*", help="compare these metrics alone")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"getters": len(GETTERS), "metrics": len(METRICS)}
    tasks = read_folder(arguments.path).tasks if arguments.path else {}
    if tasks:
        rows = able(tasks)
        _print(arguments.markdown, ("machine", f"of {len(tasks)} tasks", "share"), rows)
        print()
        result["can_be_scored"] = {str(row[0]): row[1] for row in rows}
    getters, metrics = uses(tasks)
    _print(arguments.markdown, ("getter", "tasks", "there"), names(GETTERS, getters))
    print()
    _print(arguments.markdown, ("metric", "tasks", "there"), names(METRICS, metrics))
    if arguments.inputs:
        print()
        result.update(_compare_all(arguments))
    finish("osworld_evaluators", result)


def _compare_all(arguments: argparse.Namespace) -> dict[str, Any]:
    theirs = upstream_metrics()
    if not theirs:
        return {"compared": None, "why": "the package desktop-env is not installed"}
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), arguments.seed, arguments.inputs)
        for name in arguments.only or CASES:
            found = compare(name, theirs[name], pool, arguments.inputs, arguments.seed)
            other = {kind: count for kind, count in found.items() if not kind.startswith("equal")}
            shown = "; ".join(f"{kind}: {count}" for kind, count in sorted(other.items()))
            rows.append((f"`{name}`", found["equal"], found["equal above 0"], shown))
            print(*rows[-1], file=sys.stderr, flush=True)
    _print(arguments.markdown, ("metric", "equal", "of these above 0", "others"), rows)
    return {
        "compared": len(rows),
        "inputs_each": arguments.inputs,
        "all_equal": sum(row[1] == arguments.inputs for row in rows),
    }


if __name__ == "__main__":
    main()
