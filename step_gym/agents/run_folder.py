"""A run as a folder: where its parts lie, and files that a crash leaves whole."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from step_gym.agents.config import TrainConfig, from_json, to_json


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the parts of a run lie."""

    path: Path

    @property
    def config(self) -> Path:
        """The whole configuration."""
        return self.path / "config.json"

    @property
    def metrics(self) -> Path:
        """One JSON object a line."""
        return self.path / "metrics.jsonl"

    @property
    def success(self) -> Path:
        """The success record."""
        return self.path / "success.sqlite"

    @property
    def trajectories(self) -> Path:
        """The recorded episodes."""
        return self.path / "trajectories"

    @property
    def checkpoints(self) -> Path:
        """Folders `round-00000`, ...; only whole ones bear that name."""
        return self.path / "checkpoints"

    def latest_checkpoint(self) -> Path | None:
        """The newest whole checkpoint, or None."""
        found = sorted(self.checkpoints.glob("round-*")) if self.checkpoints.is_dir() else []
        return found[-1] if found else None


def load_config(folder: Path) -> TrainConfig:
    """The configuration of a run folder. Raises `ValueError` if it is none."""
    path = RunFolder(folder).config
    if not path.is_file():
        raise ValueError(f"{folder} is no run folder: it has no config.json")
    return from_json(path.read_bytes(), path)


def summary(folder: RunFolder) -> dict[str, Any]:
    """What a run came to, read from its metrics."""
    lines = [json.loads(line) for line in complete_lines(folder.metrics)]
    rounds = [line for line in lines if line["kind"] == "round"]
    result: dict[str, Any] = {
        "run": str(folder.path),
        "rounds": len(rounds),
        "rollouts": sum(line["episodes"] for line in rounds),
        "env_steps": sum(line["env_steps"] for line in rounds),
        "train_seconds": sum(line["seconds"] for line in lines if line["kind"] == "warmstart")
        + sum(line["rollout_s"] + line["update_s"] for line in rounds),
        "evaluation_seconds": sum(line["seconds"] for line in lines if line["kind"] == "evaluation"),
    }
    for split in dict.fromkeys(line["split"] for line in lines if line["kind"] == "evaluation"):
        found = [line for line in lines if line["kind"] == "evaluation" and line["split"] == split]
        result[split] = {"before": found[0], "after": found[-1]}
    return result


def open_folder(folder: RunFolder, config: TrainConfig, resume: bool) -> int:
    """Check and prepare the folder; returns how often the run has been resumed, this time included."""
    about = folder.path / "run.json"
    if not resume:
        check_empty(folder.path)
        folder.path.mkdir(parents=True, exist_ok=True)
        attempt = 0
    else:
        own = load_config(folder.path)
        if asdict(own) | {"rounds": 0} != asdict(config) | {"rounds": 0}:
            changed = [
                name
                for name, value in asdict(config).items()
                if name != "rounds" and value != asdict(own)[name]
            ]
            raise ValueError(
                f"cannot resume {folder.path} with another configuration (differs in {', '.join(changed)}): "
                "resume with the run's own, or start a new run"
            )
        attempt = int(json.loads(about.read_text())["attempt"]) + 1 if about.is_file() else 1
    write_atomically(folder.config, to_json(config))
    packages = {name: version(name) for name in ("gymnasium", "numpy", "torch", "transformers")}
    write_atomically(
        about,
        json.dumps({"attempt": attempt, "python": platform.python_version(), "packages": packages}) + "\n",
    )
    return attempt


def next_free(parent: Path, stem: str) -> Path:
    """The first of `parent/stem-1`, `parent/stem-2`, ... that does not exist."""
    number = 1
    while (parent / f"{stem}-{number}").exists():
        number += 1
    return parent / f"{stem}-{number}"


def check_empty(folder: Path) -> None:
    """Raise `ValueError` where something new cannot be written into a folder of its own."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: choose another folder")
    if folder.exists() and any(folder.iterdir()):
        continued = f", or step-gym train --resume {folder}" if RunFolder(folder).config.is_file() else ""
        raise ValueError(f"{folder} is not empty: choose another folder{continued}")


def complete_lines(path: Path) -> list[str]:
    """The lines of a JSON-lines file; a last line that a crash cut off is left out."""
    if not path.is_file():
        return []
    text = path.read_text()
    lines = text.split("\n")
    return [line for line in lines[:-1] if line]


def write_atomically(path: Path, text: str) -> None:
    """Replace a file so that a crash leaves the old or the new one, never a part."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text)
    sync(partial)
    os.replace(partial, path)


def sync(path: Path) -> None:
    """Wait until a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
