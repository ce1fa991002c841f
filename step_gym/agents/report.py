"""The report of a run: one HTML page with curves, rates per task, the budget, and episodes step by step.

What a run came to is gathered here; the page's look and drawing are in `assets/report`. Nothing is loaded
from outside, and text that a model or a world wrote reaches the page as data, never as markup.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import os
import re
import sqlite3
import warnings
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import step_gym
from step_gym.agents.report_episodes import EpisodeSample
from step_gym.agents.report_tasks import budget_data, task_data
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.success import RatePoint, SuccessRecord

CURVES = {
    "loss": ("Loss", "Mean over the steps that were trained on."),
    "entropy": ("Entropy", "Of the policy's next token, in nats."),
    "clip_fraction": ("Clipped share", "Tokens whose probability ratio was clipped."),
    "kl": ("KL", "From the sampling policy to the updated one, estimated."),
    "grad_norm": ("Gradient norm", "Before clipping."),
    "rows": ("Steps trained on", "Rows of the update."),
    "tokens": ("Tokens trained on", "Action tokens of these steps."),
    "resampled": ("Resampled rollouts", "Copies that went to tasks outside the fresh batch."),
    "extra_actions": ("Extra actions", "Sampled beside the rollouts, not executed."),
    "mean_steps": ("Steps per episode", "Mean length of the round's episodes."),
}
"""Titles of known metrics of a round; other numbers are drawn under their own names."""

_SHOWN_ELSEWHERE = {
    *("round", "episodes", "failed", "env_steps", "success", "tasks", "mastered", "mean_rate"),
    *("rollout_s", "update_s", "evaluation_s", "cumulative_episodes"),
}


def write_report(run_folder: Path, output: Path | None = None) -> Path:
    """Write the report of a run, finished or not.

    Args:
        run_folder: Folder of a run; parts that are missing or damaged are named on the page.
        output: The HTML file; `report.html` in the run folder if None.

    Returns:
        The file that was written.

    Raises:
        ValueError: `run_folder` is no run folder, or was written by a newer version of the package.
    """
    folder = Path(run_folder)
    output = folder / "report.html" if output is None else Path(output)
    data = gather(folder)
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.partial")
    partial.write_text(page(data), encoding="utf-8")
    os.replace(partial, output)
    return output


def gather(folder: Path) -> dict[str, Any]:
    """Everything that the page shows of a run, JSON-able. Raises as `write_report` does."""
    if not any(
        (folder / name).exists()
        for name in ("config.json", "metrics.jsonl", "success.sqlite", "trajectories")
    ):
        raise ValueError(
            f"{folder} is no run folder: it holds no config.json, metrics, success record or trajectories"
        )
    notes: list[str] = []
    config = _read_object(folder / "config.json", notes)
    about = _read_object(folder / "run.json", notes) if (folder / "run.json").exists() else {}
    metrics = _read_metrics(folder / "metrics.jsonl", notes)
    rounds = _cumulative([line for line in metrics if line["kind"] == "round"])
    histories = _read_histories(folder / "success.sqlite", notes)
    episodes, instructions = _read_episodes(folder / "trajectories", notes)
    train_split = _part(config, "env").get("train_split")
    evaluations = [line for line in metrics if line["kind"] == "evaluation"]
    evaluations.sort(key=lambda line: (line["round"], line["split"] == train_split))
    tasks = task_data(histories, instructions)
    return {
        "title": _title(config),
        "run": folder.resolve().name,
        "status": _status(config, rounds, notes),
        "facts": _facts(config, about, _parameters(folder, notes)),
        "notes": notes,
        "figures": _figures(rounds, evaluations, tasks, metrics),
        "rounds": rounds,
        "evaluations": evaluations,
        "warmstart": [line for line in metrics if line["kind"] == "warmstart"],
        **_curves(rounds),
        "tasks": tasks,
        "budget": budget_data(histories),
        "episodes": episodes,
        "config": _flat(config),
    }


# -- reading --------------------------------------------------------------------------------------------


def _read_object(path: Path, notes: list[str]) -> dict[str, Any]:
    """A JSON object, or an empty one with a note."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        notes.append(f"{path.name} is missing.")
        return {}
    except ValueError as error:
        notes.append(f"{path.name} cannot be read: {error}.")
        return {}
    if isinstance(value, dict):
        return value
    notes.append(f"{path.name} cannot be read: it is no JSON object.")
    return {}


def _part(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A group of a configuration; an empty one where the file holds something else."""
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


_EVALUATION = {"split": str, "rate": float | int, "low": float | int, "high": float | int}
"""What a line about an evaluation must hold to be drawn."""


def _read_metrics(path: Path, notes: list[str]) -> list[dict[str, Any]]:
    """The metrics in order, one record for each kind, round and split: the last one written."""
    if not path.is_file():
        notes.append("metrics.jsonl is missing: the run ended before its first line, or it was removed.")
        return []
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    bad = 0
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            record = json.loads(line)
            needed = {"round": int} | (_EVALUATION if record["kind"] == "evaluation" else {})
            if not all(isinstance(record[name], kind) for name, kind in needed.items()):
                raise TypeError(f"a line of kind {record['kind']} has values of other types")
            found[record["kind"], record["round"], record.get("split")] = record
        except (ValueError, KeyError, TypeError):
            bad += bool(line.strip())
    if bad:
        lines = "1 line" if bad == 1 else f"{bad} lines"
        notes.append(
            f"{lines} of metrics.jsonl cannot be read and were left out; a crash may have cut one short."
        )
    return [found[key] for key in sorted(found, key=lambda key: key[1])]


def _read_histories(path: Path, notes: list[str]) -> dict[str, list[RatePoint]]:
    """The success rate of each task round by round."""
    if not path.is_file():
        notes.append("success.sqlite is missing: there are no success rates by task.")
        return {}
    try:
        with SuccessRecord(path, read_only=True) as record:
            return record.histories()
    except ValueError as error:
        if not isinstance(error.__cause__, sqlite3.DatabaseError):
            raise
        notes.append(f"success.sqlite cannot be read: {error.__cause__}.")
        return {}


def _read_episodes(path: Path, notes: list[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the episode browser shows, and the instruction of each task."""
    sample = EpisodeSample()
    instructions: dict[str, str] = {}
    if path.is_dir():
        with warnings.catch_warnings():
            # The page names what is damaged.
            warnings.simplefilter("ignore", RuntimeWarning)
            run = read_run(path)
            instructions = {task_id: task.instruction for (_, task_id), task in run.tasks.items()}
            for episode in run.episodes(include_superseded=True):
                sample.add(episode)
                instructions.setdefault(episode.task_id, episode.instruction)
        notes.extend(f"Damaged, and left out: {what}." for what in run.damaged)
    else:
        notes.append("There are no recorded trajectories: episodes cannot be shown.")
    return sample.data(), instructions


# -- what it came to ------------------------------------------------------------------------------------


def _cumulative(rounds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records of rounds, each with the rollouts played up to its end."""
    total = 0
    extended = []
    for record in rounds:
        total += record.get("episodes") or 0
        extended.append({**record, "cumulative_episodes": total})
    return extended


def _title(config: Mapping[str, Any]) -> str:
    env = _part(config, "env")
    if "id" not in env or "algorithm" not in config:
        return "A training run"
    world = re.sub(r"^STEP-|-v\d+$", "", str(env["id"]))
    return f"{str(config['algorithm']).upper()} on {world}"


def _status(
    config: Mapping[str, Any], rounds: Sequence[Mapping[str, Any]], notes: list[str]
) -> dict[str, str]:
    """How far the run came, as the badge beside its name; an unfinished run also gets a note."""
    planned, done = config.get("rounds"), max((int(record["round"]) for record in rounds), default=0)
    if isinstance(planned, int) and done >= planned > 0:
        return {"kind": "won", "text": f"finished: {done} of {planned} rounds"}
    if not rounds:
        notes.insert(
            0,
            "No round has been finished: the run has only begun, or it stopped before its first round ended.",
        )
        return {"kind": "other", "text": "no round finished"}
    if isinstance(planned, int):
        note = (
            f"Not finished: {done} of {planned} rounds. step-gym train --resume continues an interrupted run."
        )
        notes.insert(0, note)
        return {"kind": "lost", "text": f"{done} of {planned} rounds"}
    return {"kind": "other", "text": f"{done} rounds"}


def _facts(
    config: Mapping[str, Any], about: Mapping[str, Any], parameters: int | None
) -> list[tuple[str, str]]:
    """What was run, as pairs for the head of the page."""
    env, policy = _part(config, "env"), _part(config, "policy")
    facts: list[tuple[str, str]] = []
    if env:
        kwargs = ", ".join(f"{key}={value}" for key, value in _part(env, "kwargs").items())
        facts.append(("Environment", f"{env.get('id')}" + (f" ({kwargs})" if kwargs else "")))
    if "algorithm" in config:
        settings = ", ".join(f"{key}={value}" for key, value in _part(config, "settings").items())
        facts.append(("Algorithm", f"{config['algorithm']}" + (f" ({settings})" if settings else "")))
    if policy:
        size = f", {parameters:,} parameters" if parameters else ""
        facts.append(("Policy", f"{policy.get('path')}{size}"))
    if {"tasks_per_round", "copies"} <= config.keys():
        facts.append(("Each round", f"{config['tasks_per_round']} tasks × {config['copies']} rollouts"))
    if "seed" in config:
        facts.append(("Seed", str(config["seed"])))
    if about.get("attempt"):
        facts.append(("Resumed", "once" if about["attempt"] == 1 else f"{about['attempt']} times"))
    packages = _part(about, "packages")
    versions = [
        f"step-gym {step_gym.__version__}",
        *(f"{name} {number}" for name, number in packages.items()),
    ]
    if about.get("python"):
        versions.append(f"Python {about['python']}")
    facts.append(("Versions", ", ".join(versions)))
    return facts


def _parameters(folder: Path, notes: list[str]) -> int | None:
    """Number of weights in the newest checkpoint, from the heads of its safetensors files; None without one.

    A file that cannot be read gets a note.
    """
    found = sorted((folder / "checkpoints").glob("round-*/policy/model*.safetensors"))
    total = 0
    for path in [path for path in found if path.parent == found[-1].parent]:
        try:
            with path.open("rb") as file:
                size = int.from_bytes(file.read(8), "little")
                if size > path.stat().st_size:
                    raise ValueError("its head is longer than the file")
                header = json.loads(file.read(size))
            shapes = [entry["shape"] for name, entry in header.items() if name != "__metadata__"]
            total += sum(map(math.prod, shapes))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            notes.append(f"{path.relative_to(folder)} cannot be read: {error}.")
            return None
    return total or None


def _figures(
    rounds: Sequence[Mapping[str, Any]],
    evaluations: Sequence[Mapping[str, Any]],
    tasks: Mapping[str, Any],
    metrics: Sequence[Mapping[str, Any]],
) -> list[dict[str, str]]:
    """The headline figures."""
    figures = []
    for split in dict.fromkeys(record["split"] for record in evaluations):
        found = [record for record in evaluations if record["split"] == split]
        first, last = found[0], found[-1]
        detail = f"95\u00a0% interval {100 * last['low']:.1f} to {100 * last['high']:.1f}\u00a0%"
        if len(found) > 1:
            detail = f"{100 * first['rate']:.1f}\u00a0% before training; {detail}"
        if rounds and last["round"] != rounds[-1]["round"]:
            detail += f", after round {last['round']}"
        figures.append(_figure(f"Success on {split} tasks", f"{100 * last['rate']:.1f}", "%", detail))
    if tasks["rows"]:
        mastered = sum(row["mastered"] is not None for row in tasks["rows"])
        became = sum(row["mastered"] not in (None, row["first_round"]) for row in tasks["rows"])
        detail = f"{became:,} rose above it after their first round"
        if all(row["rounds"] == 1 for row in tasks["rows"]):
            detail = "each was played in one round only"
        figures.append(
            _figure("Tasks above 60\u00a0% success", f"{mastered:,}", f"of {len(tasks['rows']):,}", detail)
        )
    if rounds:
        steps = sum(record.get("env_steps") or 0 for record in rounds)
        in_rounds = sum((record.get("rollout_s") or 0) + (record.get("update_s") or 0) for record in rounds)
        elsewhere = sum(record.get("seconds") or 0 for record in metrics if record["kind"] != "round")
        detail = f"{steps:,} environment steps, {_minutes(in_rounds)} of training"
        if elsewhere:
            detail += f", {_minutes(elsewhere)} of warm start and evaluation"
        figures.append(_figure("Rollouts", f"{rounds[-1]['cumulative_episodes']:,}", "", detail))
    return figures


def _figure(label: str, value: str, unit: str, detail: str) -> dict[str, str]:
    return {"label": label, "value": value, "unit": unit, "detail": detail}


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f}\u00a0s" if seconds < 120 else f"{seconds / 60:.1f}\u00a0min"


def _curves(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Which metrics of the rounds are drawn one by one, known ones first, and which never changed."""
    names = dict.fromkeys(
        k for record in rounds for k, value in record.items() if isinstance(value, int | float)
    )
    chosen = [key for key in CURVES if key in names]
    chosen += [key for key in names if key not in CURVES and key not in _SHOWN_ELSEWHERE]
    curves, constants = [], []
    for key in chosen:
        title, about = CURVES.get(key, (_sentence(key), ""))
        values = {record.get(key) for record in rounds}
        if len(rounds) > 1 and len(values) == 1:
            constants.append(f"{title.lower()} {next(iter(values)):g}")
        else:
            curves.append({"key": key, "name": title, "about": about})
    return {
        "curves": curves,
        "constants": f"The same in every round: {', '.join(constants)}." if constants else None,
    }


def _sentence(key: str) -> str:
    """The name of a metric as a title."""
    text = key.replace("_", " ").replace("/", ": ")
    return text[:1].upper() + text[1:]


def _flat(config: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Every value of a nested configuration under its dotted name."""
    pairs: list[tuple[str, str]] = []
    for key, value in config.items():
        if isinstance(value, Mapping) and value:
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((prefix + key, value if isinstance(value, str) else json.dumps(value)))
    return pairs


# -- the page -------------------------------------------------------------------------------------------


def page(data: Mapping[str, Any]) -> str:
    """The HTML page around gathered data."""
    folder = files("step_gym") / "assets" / "report"
    parts = {
        name: (folder / name).read_text(encoding="utf-8")
        for name in ("page.html", "page.css", "charts.js", "page.js")
    }
    script = f"\n{parts['charts.js']}\n{parts['page.js']}\n"
    hashed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    values = {
        "title": html.escape(f"{data['title']}"),
        "generator": f"step-gym {step_gym.__version__}",
        "footer": f"Made by step-gym {step_gym.__version__}. This page is self-contained and loads nothing.",
        "style": parts["page.css"],
        # With the script named by its hash, no other script can run, whatever the run's texts hold.
        "script_hash": f"sha256-{hashed}",
        "script": script,
        "data": _embedded(data),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], parts["page.html"])


def _embedded(data: Mapping[str, Any]) -> str:
    """JSON that cannot close the script element that it lies in, open a comment, or be read as markup."""
    text = json.dumps(_finite(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _finite(value: Any) -> Any:
    """The same value with None for numbers that JSON does not have."""
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        return None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
