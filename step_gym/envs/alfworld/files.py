"""Reads and writes ALFWorld's game files: one game, a trial folder, or a tree in ALFWorld's layout.

Layout and what is skipped follow `alfworld/agents/environment/alfred_tw_env.py:collect_game_files`; the goals
follow `alfworld/gen/goal_library.py`. ALFWorld's PDDL domain and text grammar are taken from the installed
package, never kept here.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from gymnasium.error import DependencyNotInstalled

from step_gym.envs.alfworld.game import TASK_TYPES, Game, Goal
from step_gym.envs.alfworld.generate import MAX_STEPS
from step_gym.envs.alfworld.oracle import optimal_length
from step_gym.envs.alfworld.pddl import parse_problem, problem_text
from step_gym.envs.alfworld.tables import ROOM_SCENES
from step_gym.envs.core import Task, TaskSet

GAME_FILE, PROBLEM_FILE, TRAJECTORY_FILE = "game.tw-pddl", "initial_state.pddl", "traj_data.json"

ALFWORLD_SPLITS = ("train", "valid_seen", "valid_unseen")

SENTENCES = {
    "pick_and_place_simple": "put a {object} in {receptacle}.",
    "look_at_obj_in_light": "look at {object} under the {toggle}.",
    "pick_clean_then_place_in_recep": "put a clean {object} in {receptacle}.",
    "pick_heat_then_place_in_recep": "put a hot {object} in {receptacle}.",
    "pick_cool_then_place_in_recep": "put a cool {object} in {receptacle}.",
    "pick_two_obj_and_place": "put two {object} in {receptacle}.",
}
"""The first of ALFWorld's goal sentences for each task type: used where a game comes without one."""

_Found = tuple[Path, Path, tuple[str, ...]]
"""Game file or trial folder, trial folder, and its parts below the path that was given."""

_TASK_LINE = '"rhs": "Your task is to: '


@dataclass(frozen=True)
class GameTree:
    """What a path holds.

    Attributes:
        path: Where it was looked for.
        ids: Game ids, `<task folder>/<trial folder>`, by split.
        folders: Trial folder, or game file, by id.
        skipped: How many trials were left out, by reason.
    """

    path: Path
    ids: Mapping[str, tuple[str, ...]]
    folders: Mapping[str, Path]
    skipped: Mapping[str, int] = field(default_factory=dict)

    def read(self, game_id: str) -> Game:
        """The game of an id. Raises `ValueError` for a damaged file."""
        return read_game(self.folders[game_id])


def find_games(path: str | os.PathLike[str]) -> GameTree:
    """List the games at a path: one game file, one trial folder, or any folder above trials.

    In a tree a trial is skipped, as by ALFWorld, when its path contains `movable` or `Sliced`, when its task
    type is none of the six, when it has no `game.tw-pddl`, and when that is not marked `solvable: true`. Only
    these marks are read here; a damaged problem shows when its task is used. A tree without a single
    `game.tw-pddl` (ALFWorld's data before `alfworld-generate`) is played from its `initial_state.pddl` files.
    Those, and a game that is named directly, need no mark: they are read at once, and skipped when they have
    no solution.

    A split is the folder above the task folders: `train`, `valid_seen`, `valid_unseen`, or any other name
    below `path`; else "games".

    Raises:
        ValueError: Nothing there, no playable game, two games with the same id, or a damaged file.
    """
    root = Path(path)
    skipped: Counter[str] = Counter()
    if root.is_file():
        trial = root.parent if root.name in (GAME_FILE, PROBLEM_FILE) else root.with_suffix("")
        return _tree(root, _solvable([(root, trial, ())], skipped), skipped)
    if not root.is_dir():
        raise ValueError(
            f"games path {str(root)!r} does not exist: give a game.tw-pddl file or a folder of games"
        )
    if _is_trial(set(os.listdir(root))):
        return _tree(root, _solvable([(root, root, ())], skipped), skipped)
    trials = []
    for folder, subfolders, names in os.walk(root):
        subfolders.sort()
        if TRAJECTORY_FILE in names or GAME_FILE in names:
            trials.append((Path(folder), set(names)))
    generated = any(GAME_FILE in names for _, names in trials)
    found: list[_Found] = []
    for folder, names in trials:
        parts = folder.relative_to(root).parts
        reason = _reason_to_skip(folder, "/".join(parts), names, generated)
        if reason is None:
            found.append((folder, folder, parts))
        else:
            skipped[reason] += 1
    return _tree(root, found if generated else _solvable(found, skipped), skipped)


def file_tasks(tree: GameTree, max_steps: int = MAX_STEPS) -> TaskSet:
    """The tasks of a tree; a game is read when its task is first used.

    Indexing raises `ValueError` for a damaged file, and for a game marked solvable that has no solution.
    """
    return TaskSet(tree.ids, partial(_task, tree, max_steps))


def _task(tree: GameTree, max_steps: int, game_id: str, split: str) -> Task:
    game = tree.read(game_id)
    length = optimal_length(game)
    if length is None:
        raise ValueError(f"{tree.folders[game_id]}: the game has no solution")
    goal = game.goal
    params = {
        "task_type": goal.task_type,
        "object": goal.object,
        "receptacle": goal.receptacle,
        "toggle": goal.toggle,
        "scene": game.scene,
        "room": next((room for room, scenes in ROOM_SCENES.items() if game.scene in scenes), ""),
    }
    return Task(game_id, goal.sentence, split, float(length), max_steps, params)


def _solvable(found: list[_Found], skipped: Counter[str]) -> list[_Found]:
    """Those that have a solution; the others are counted."""
    solvable = [entry for entry in found if optimal_length(read_game(entry[0])) is not None]
    if len(solvable) < len(found):
        skipped["no solution"] += len(found) - len(solvable)
    return solvable


def _is_trial(names: set[str]) -> bool:
    return GAME_FILE in names or {PROBLEM_FILE, TRAJECTORY_FILE} <= names


def _reason_to_skip(folder: Path, inside: str, names: set[str], generated: bool) -> str | None:
    """Why ALFWorld would not play a trial, or None. Reads the marks of a file, not the file's problem."""
    if TRAJECTORY_FILE not in names:
        return "no traj_data.json"
    if "movable" in inside or "Sliced" in inside:
        return "movable or sliced"
    task_type = folder.parent.name.split("-", 1)[0]
    if task_type not in TASK_TYPES:
        task_type = _mark(folder / TRAJECTORY_FILE, "task_type")
    if task_type not in TASK_TYPES:
        return "unknown task type"
    if not generated:
        return None if PROBLEM_FILE in names else "no initial_state.pddl"
    if GAME_FILE not in names:
        return "no game.tw-pddl"
    solvable = _mark(folder / GAME_FILE, "solvable")
    if solvable is None:
        return "not marked solvable"
    return None if solvable == "true" else "unsolvable"


def _mark(path: Path, key: str) -> str | None:
    """The scalar value of a key of a JSON file, without decoding the file.

    A quote inside a JSON string is escaped, so that `"key"` followed by a colon can only be a key.
    """
    match = re.search(rb'"%s"\s*:\s*(?:"([^"\\]*)"|(\w+))' % key.encode(), _read_bytes(path))
    return None if match is None else (match[1] if match[1] is not None else match[2]).decode()


def _tree(root: Path, found: list[_Found], skipped: Counter[str]) -> GameTree:
    ids: dict[str, list[str]] = {}
    folders: dict[str, Path] = {}
    for source, trial, parts in found:
        trial = Path(os.path.abspath(trial))
        game_id = f"{trial.parent.name}/{trial.name}"
        if game_id in folders:
            raise ValueError(
                f"two games have the id {game_id!r}: {folders[game_id]} and {source}; give a folder with one"
            )
        folders[game_id] = source
        ids.setdefault(_split_of(trial, parts), []).append(game_id)
    if not folders:
        reasons = ", ".join(f"{count} skipped: {reason}" for reason, count in skipped.items())
        raise ValueError(
            f"no playable game in {str(root)!r}"
            + (f" ({reasons})" if reasons else f": no {GAME_FILE} and no {TRAJECTORY_FILE} found")
        )
    order = [*(name for name in ALFWORLD_SPLITS if name in ids), *sorted(set(ids) - set(ALFWORLD_SPLITS))]
    return GameTree(root, {name: tuple(sorted(ids[name])) for name in order}, folders, dict(skipped))


def _split_of(trial: Path, parts: tuple[str, ...]) -> str:
    if len(parts) >= 3:
        return parts[-3]
    above = trial.parent.parent.name
    return above if above in ALFWORLD_SPLITS else "games"


# -- reading -------------------------------------------------------------------------------------------------


def read_game(path: str | os.PathLike[str]) -> Game:
    """Read a game from a `game.tw-pddl` file or a trial folder.

    In a folder without `game.tw-pddl`, `initial_state.pddl` is read, and `traj_data.json` for scene and goal.
    A problem with several agents is played by the first of them alone.

    Raises:
        ValueError: One line with the file, the place and what is wrong, for a damaged or unsolvable game.
    """
    source = Path(path)
    if source.is_dir():
        source = source / GAME_FILE if (source / GAME_FILE).is_file() else source / PROBLEM_FILE
    if source.name == PROBLEM_FILE:
        return _read_problem_folder(source.parent)
    data = _read_json(source)
    problem = _entry(source, data, "pddl_problem", str)
    sentence = _sentence(source, _entry(source, data, "grammar", str))
    if data.get("solvable") is False:
        raise ValueError(f"{source}: the game is marked unsolvable (solvable: false)")
    beside = source.parent / TRAJECTORY_FILE
    mark = _mark(beside, "scene_num") if beside.is_file() else None
    scene = int(mark) if mark and mark.isdecimal() else 0
    return parse_problem(problem, f"{source} (pddl_problem)", sentence=sentence, scene=scene)


def _read_problem_folder(folder: Path) -> Game:
    """The game of `initial_state.pddl`; without a `traj_data.json` the problem itself must state the goal."""
    problem_file, trajectory_file = folder / PROBLEM_FILE, folder / TRAJECTORY_FILE
    goal, scene = None, 0
    if trajectory_file.exists():
        trajectory = _read_json(trajectory_file)
        goal, scene = _goal(trajectory_file, trajectory), _scene(trajectory)
    game = parse_problem(_read_text(problem_file), str(problem_file), goal=goal, scene=scene)
    stated = game.goal
    return replace(game, goal=make_goal(stated.task_type, stated.object, stated.receptacle, stated.toggle))


def _goal(source: Path, trajectory: dict[str, Any]) -> Goal:
    """The goal that `traj_data.json` states, in the words of ALFWorld's first template."""
    task_type = _entry(source, trajectory, "task_type", str)
    params = _entry(source, trajectory, "pddl_params", dict)
    if task_type not in TASK_TYPES or params.get("object_sliced"):
        kind = "sliced " if params.get("object_sliced") else ""
        raise ValueError(
            f"{source}: {kind}task type {task_type!r} is not one of ALFWorld's six: {', '.join(TASK_TYPES)}"
        )
    names = [
        str(_entry(source, params, key, str)) for key in ("object_target", "parent_target", "toggle_target")
    ]
    return make_goal(task_type, *names)


def make_goal(task_type: str, target: str, receptacle: str = "", toggle: str = "") -> Goal:
    """The goal of a task type over an object and a receptacle or lamp type, in ALFWorld's first wording."""
    words = SENTENCES[task_type].format(
        object=target.lower(), receptacle=receptacle.lower(), toggle=toggle.lower()
    )
    looks = task_type == "look_at_obj_in_light"
    return Goal(task_type, target, "" if looks else receptacle, toggle if looks else "", words)


def _sentence(source: Path, grammar: str) -> str:
    """The goal sentence in a game's text grammar."""
    start = grammar.find(_TASK_LINE)
    if start < 0:
        raise ValueError(f"{source} (grammar): no line {_TASK_LINE[8:-1]!r}, which states the goal")
    try:
        text, _ = json.JSONDecoder().raw_decode(grammar, start + len('"rhs": '))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{source} (grammar, line {error.lineno}): the line with the goal is damaged"
        ) from None
    return text.removeprefix("Your task is to: ")


def _scene(trajectory: dict[str, Any]) -> int:
    scene = trajectory.get("scene")
    number = scene.get("scene_num") if isinstance(scene, dict) else None
    return number if isinstance(number, int) else 0


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror or error})") from None


def _read_text(path: Path) -> str:
    try:
        return _read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 text (byte {error.start})") from None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(_read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{path}, line {error.lineno} column {error.colno}: damaged JSON ({error.msg})"
        ) from None
    if not isinstance(data, dict):
        raise ValueError(f"{path}: a JSON object was expected, not {type(data).__name__}")
    return data


def _entry(source: Path, data: dict[str, Any], key: str, kind: type) -> Any:
    if key not in data:
        raise ValueError(
            f"{source}: missing key {key!r} (found: {', '.join(map(str, list(data)[:8])) or 'none'})"
        )
    if not isinstance(data[key], kind):
        raise ValueError(f"{source}: {key!r} must be a {kind.__name__}, not {type(data[key]).__name__}")
    return data[key]


# -- writing -------------------------------------------------------------------------------------------------


def write_problem(game: Game, folder: str | os.PathLike[str], task_id: str) -> Path:
    """Write a game as ALFWorld's `initial_state.pddl` and `traj_data.json`, which `read_game` plays.

    Args:
        game: What to write.
        folder: The trial folder, made if missing; in ALFWorld's layout `<split>/<task folder>/<trial
            folder>`.
        task_id: Name of the trial in the files.

    Returns:
        The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PROBLEM_FILE).write_text(problem_text(game, task_id), encoding="utf-8")
    (folder / TRAJECTORY_FILE).write_text(json.dumps(_trajectory(game, task_id), indent=1), encoding="utf-8")
    return folder


def write_game(game: Game, folder: str | os.PathLike[str], task_id: str) -> Path:
    """Write a game into a trial folder as ALFWorld does, so that the real engine loads and plays it.

    These are the files of `write_problem` and `game.tw-pddl`. The latter contains ALFWorld's PDDL domain and
    text grammar, which are taken from the installed package.

    Raises:
        DependencyNotInstalled: The package alfworld is missing; nothing was written.
    """
    data = game_data(game, task_id)
    folder = write_problem(game, folder, task_id)
    (folder / GAME_FILE).write_text(json.dumps(data), encoding="utf-8")
    return folder


def game_data(game: Game, task_id: str) -> dict[str, Any]:
    """What a `game.tw-pddl` file contains; see `write_game`."""
    domain, grammar = alfworld_logic()
    words = json.dumps(game.goal.sentence)[1:-1]
    return {
        "pddl_domain": domain,
        "grammar": grammar.replace("UNKNOWN GOAL.", words),
        "pddl_problem": problem_text(game, task_id),
        "solvable": True,
        "walkthrough": [],
    }


def _trajectory(game: Game, task_id: str) -> dict[str, Any]:
    """The part of ALFRED's trajectory record that ALFWorld's wrappers and experts read."""
    goal = game.goal
    return {
        "task_id": task_id,
        "task_type": goal.task_type,
        "pddl_params": {
            "mrecep_target": "",
            "object_sliced": False,
            "object_target": goal.object,
            "parent_target": goal.receptacle,
            "toggle_target": goal.toggle,
        },
        "scene": {"floor_plan": f"FloorPlan{game.scene}", "scene_num": game.scene},
        "plan": {},
        "turk_annotations": {"anns": []},
    }


def alfworld_logic() -> tuple[str, str]:
    """ALFWorld's PDDL domain and text grammar, from the installed package.

    Raises:
        DependencyNotInstalled: The package alfworld is missing.
    """
    from importlib.util import find_spec

    spec = find_spec("alfworld")
    if spec is None or not spec.submodule_search_locations:
        raise DependencyNotInstalled(
            "writing game.tw-pddl needs ALFWorld's domain and grammar: `pip install step-gym[alfworld]`"
        )
    data = Path(spec.submodule_search_locations[0]) / "data"
    return (data / "alfred.pddl").read_text(encoding="utf-8"), (data / "alfred.twl2").read_text(
        encoding="utf-8"
    )
