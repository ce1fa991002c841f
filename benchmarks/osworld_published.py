"""Evaluators of OSWorld's published tasks, with their own rules and options, on random files: as upstream's?

`python -m benchmarks.osworld_published PATH --inputs N`, where PATH is a copy of `evaluation_examples/` of
github.com/xlang-ai/OSWorld and the package desktop-env is installed with all that its metrics import. Each
task is evaluated N times with our metrics and with upstream's, over a computer whose files, commands and
windows are drawn at random. An expected file is often the file that is looked at, or scores would all be 0.
"""

from __future__ import annotations

import argparse
import logging
import math
import random
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from posixpath import splitext
from typing import Any

from benchmarks.common import finish, print_table
from benchmarks.osworld_files_pool import Pool, accessibility, words
from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.computer import CommandResult
from step_gym.envs.osworld.evaluation.registry import Evaluators
from step_gym.envs.osworld.task_files import read_folder

FILES_OF_A_KIND = 30

_PICTURES = dict.fromkeys((".png", ".jpg", ".jpeg"), "picture")
_OFFICE = {f".{kind}": kind for kind in ("xlsx", "docx", "pptx", "odt", "pdf")}
_OTHERS = {f".{kind}": kind for kind in ("csv", "json", "html", "epub", "mp3", "zip", "xcu", "sqlite")}
_KINDS = {**_PICTURES, **_OFFICE, **_OTHERS, ".py": "python", ".js": "preferences", ".dat": "filters"}
_NAMED = {"vlcrc": "vlcrc", "rc": "gimprc", "Preferences": "json", "Bookmarks": "json"}


def kind_of(path: str) -> str:
    """The kind of file that a path or an address names; a text for what says nothing."""
    kind = _KINDS.get(splitext(path.partition("?")[0])[1].lower())
    return kind or next((kind for name, kind in _NAMED.items() if path.endswith(name)), "txt")


class RandomComputer:
    """What getters ask of a computer and of the web, drawn at random when first asked for."""

    def __init__(self, rng: random.Random, pool: Pool) -> None:
        self._rng, self._pool = rng, pool
        self._files: dict[str, bytes | None] = {}
        self._answers: dict[str, str] = {}

    def file(self, path: str) -> bytes | None:
        """A file of the path's kind; now and then none, half of the time one that was seen before."""
        if path not in self._files:
            kind = kind_of(path)
            seen = [data for other, data in self._files.items() if data and kind_of(other) == kind]
            if self._rng.random() < 0.04:
                self._files[path] = None
            elif seen and self._rng.random() < 0.5:
                self._files[path] = self._rng.choice(seen)
            else:
                self._files[path] = Path(self._pool.one(self._rng, kind)).read_bytes()
        return self._files[path]

    def read(self, url: str) -> bytes:
        """What the web has at an address."""
        return self.file(url) or b""

    def execute(self, command: str | list[str], shell: bool = False) -> CommandResult:
        """Some answer; the day to `date`."""
        if command and command[0] == "date":
            return CommandResult("2026-11-21T10:00:00+0100\n", "", 0)
        return CommandResult(self._answer(str(command)), self._answer(f"{command} fails"), 0)

    def _answer(self, question: str) -> str:
        if question not in self._answers:
            self._answers[question] = self._rng.choice((words(self._rng, 3), "true\n", "", "apple\n"))
        return self._answers[question]

    def accessibility(self) -> str:
        """A tree of a few elements."""
        return self._answers.setdefault("tree", accessibility(self._rng))

    def terminal(self) -> str | None:
        """Some words."""
        return self._answer("terminal")

    def wallpaper(self) -> bytes | None:
        """Some picture."""
        return self.file("wallpaper.png")

    def directory_tree(self, path: str) -> dict[str, Any]:
        """A folder of one file."""
        return {"type": "directory", "name": path, "children": [{"type": "file", "name": "a.jpg"}]}

    def desktop_path(self) -> str:
        """That of OSWorld's machines."""
        return "/home/user/Desktop"

    def screen_size(self) -> tuple[int, int]:
        """That of OSWorld's machines."""
        return 1920, 1080

    def window_size(self, window_class: str) -> tuple[int, int] | None:
        """All of the screen, or not."""
        return 1920, 1080 if self._answer(window_class) else 540


def score(task: Mapping[str, Any], pool: Pool, seed: str, whose: Evaluators) -> float:
    """A task's score on a computer that the seed tells."""
    computer: Any = RandomComputer(random.Random(seed), pool)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return evaluation.evaluate(task, computer, "DONE", Path(folder), computer, whose).value


def compared(
    tasks: Mapping[str, Mapping[str, Any]], inputs: int
) -> tuple[int, int, set[str], list[tuple[object, ...]]]:
    """Tasks and runs that were compared, tasks that scored above 0 at least once, runs that differ."""
    count, above, differ = 0, set(), []
    both: tuple[Evaluators, Evaluators] = ("own", "upstream")
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(Path(folder), 0, FILES_OF_A_KIND)
        for task_id, task in tasks.items():
            if task["evaluator"]["func"] == "infeasible":
                continue
            if any(evaluation.unsupported(task, downloads=True, evaluators=whose) for whose in both):
                continue
            count += 1
            for number in range(inputs):
                own, upstream = (score(task, pool, f"{task_id}{number}", whose) for whose in both)
                if not math.isclose(own, upstream, abs_tol=1e-9):
                    differ.append((task_id, task["evaluator"]["func"], own, upstream))
                elif own > 0:
                    above.add(task_id)
    return count, count * inputs, above, differ


def main() -> None:
    """Evaluate, compare, print."""
    parser = argparse.ArgumentParser(description="published evaluators: ours beside upstream's")
    parser.add_argument("path", type=Path, help="a copy of OSWorld's evaluation_examples/")
    parser.add_argument("--inputs", type=int, default=3, help="random computers for each task")
    arguments = parser.parse_args()
    logging.getLogger("desktopenv").setLevel(logging.CRITICAL)
    tasks, runs, above, differ = compared(read_folder(arguments.path).tasks, arguments.inputs)
    print_table(("task", "metric", "ours", "upstream's"), differ)
    result = {"tasks": tasks, "runs": runs, "equal": runs - len(differ), "tasks_above_0": len(above)}
    finish("osworld_published", result)


if __name__ == "__main__":
    main()
