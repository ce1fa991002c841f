"""STEP-OSWorld-v0: the Gymnasium face of tasks on a desktop computer, simulated or real."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, get_args

import numpy as np
from gymnasium import logger
from gymnasium.spaces import Box, Dict

from step_gym.envs.core import EnvironmentFault, Task, TaskEnv, TaskSet, View, unknown_name_error
from step_gym.envs.json_action import InvalidAction
from step_gym.envs.osworld import backends, evaluation
from step_gym.envs.osworld.actions import ACTION_SPACES, parse_action
from step_gym.envs.osworld.candidates import candidate_actions
from step_gym.envs.osworld.computer import Call, Refused, run_actions
from step_gym.envs.osworld.elements import BadTree, Screen, read_screen
from step_gym.envs.osworld.evaluation.registry import Evaluators, load_upstream
from step_gym.envs.osworld.setup import Setup, StepRefused
from step_gym.envs.osworld.sources import Sources
from step_gym.envs.osworld.support import unsupported
from step_gym.envs.osworld.task_files import read_folder
from step_gym.envs.osworld.tasks import file_tasks, task_file, template_tasks
from step_gym.envs.osworld.templates import TEMPLATES

MAX_TEXT_CHARS = 60_000
"""Longest observation text, in characters; of longer ones the last elements are left out and counted."""

CACHE_DIR = "~/.cache/step-gym/osworld"

_RESETS = 2
_OF_THIS_PROCESS = ("tasks", "_backend", "_computer", "_sources")
_MAX_ERROR_CHARS = 400


class OSWorldEnv(TaskEnv):
    """A task on a desktop computer, in OSWorld's actions, observations, task files and evaluators.

    With `action_space_kind="computer_13"` an action is one JSON object in OSWorld's schema, such as
    `{"action_type": "CLICK", "parameters": {"x": 960, "y": 540}}`; with "pyautogui" it is pyautogui code, run
    in a fresh interpreter. WAIT, DONE and FAIL are written bare or as JSON objects in both. Anything else, a
    point off the screen or a key that there is not costs a step and changes nothing. Code that raises does
    what stands before the fault, and the fault is reported.

    The observation's `text` has one line for each element of the accessibility tree that shows (see
    `elements.describe`); `screenshot` is the screen with the pointer, `uint8[height, width, 3]`. The
    episode ends with DONE, FAIL, or its budget, and scores what the task's evaluator says then; info's
    `evaluation` lists its reasons.

    Args:
        split: Where a reset without options draws its task: "train", "valid_seen", "valid_unseen", or the
            name of an index file; None for all, or for the first index.
        tasks: A folder of task files in OSWorld's published layout, instead of this package's own tasks. What
            cannot be set up or scored here is left out, with a warning that names why.
        backend: "simulated", or "remote": a machine that speaks the protocol of OSWorld's server. A remote
            machine is taken as it is, and nothing is undone on it.
        address: Of the remote machine, such as "http://127.0.0.1:5000".
        token: For a server that asks for one.
        deadline_s: Longest time of one look at a remote machine, in seconds. Commands have 130 s:
            OSWorld's server ends them after 120.
        evaluators: Whose metrics score: "own", or "upstream", those of the installed package desktop-env.
        action_space_kind: "computer_13" or "pyautogui".
        screen: Of the simulated desktop: "1920x1080", OSWorld's, or "1280x720".
        screenshots: Whether observations have the screen's picture.
        pause_s: What passes after an action before the screen is read, and what WAIT adds, in seconds; a
            simulated desktop's time costs none.
        downloads: Whether tasks may fetch files from the web.
        cache_dir: Where fetched files are kept.
        client_password: Of the remote machine's user, for `{CLIENT_PASSWORD}` in task files.
        render_mode: "ansi" or None.

    Raises:
        ValueError: For an unknown split, backend, kind of action, screen or render mode, a missing address, a
            malformed task file, or a folder of which no task can be given.
        DependencyNotInstalled: If upstream's evaluators are asked for and do not load.
        EnvironmentFault: If a remote screen has to be measured and the machine does not answer.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        tasks: str | Path | None = None,
        backend: str = "simulated",
        address: str = "",
        token: str | None = None,
        deadline_s: float = 60.0,
        evaluators: Evaluators = "own",
        action_space_kind: str = "computer_13",
        screen: str = "1920x1080",
        screenshots: bool = True,
        pause_s: float = 2.0,
        downloads: bool = False,
        cache_dir: str | Path = CACHE_DIR,
        client_password: str = "password",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        self._options = {
            "split": split,
            "tasks": tasks,
            "backend": backend,
            "address": address,
            "token": token,
            "deadline_s": deadline_s,
            "evaluators": evaluators,
            "action_space_kind": action_space_kind,
            "screen": screen,
            "screenshots": screenshots,
            "pause_s": pause_s,
            "downloads": downloads,
            "cache_dir": cache_dir,
            "client_password": client_password,
            "render_mode": render_mode,
        }
        if action_space_kind not in ACTION_SPACES:
            raise unknown_name_error("action_space_kind", action_space_kind, ACTION_SPACES)
        if evaluators == "upstream":
            load_upstream("exact_match")
        elif evaluators != "own":
            raise unknown_name_error("evaluators", evaluators, get_args(Evaluators))
        if deadline_s <= 0 or pause_s < 0:
            raise ValueError(f"deadline_s={deadline_s}, pause_s={pause_s}: must be positive")
        if backend == "simulated":
            self._backend = backends.Simulated(screen)
        elif backend == "remote":
            if not address:
                raise ValueError('backend="remote" needs address=, such as "http://127.0.0.1:5000"')
            self._backend = backends.Remote(address, token, deadline_s)
        else:
            raise unknown_name_error("backend", backend, ("simulated", "remote"))
        self._computer = self._backend.computer
        self.supports_snapshot = self._backend.supports_snapshot
        self._sources = Sources(downloads, Path(cache_dir).expanduser())
        self._action_space_kind, self._pause_s, self._password = action_space_kind, pause_s, client_password
        self._evaluators: Evaluators = evaluators
        if tasks is None:
            self.tasks = template_tasks(TEMPLATES)
        else:
            self.tasks = self._tasks_of(Path(tasks))
            self.default_split = split or self.tasks.splits[0]
        if split is not None:
            self.tasks.split(split)
        self.screenshots = screenshots
        if screenshots:
            width, height = self._computer.screen_size()
            self._picture = Box(0, 255, (height, width, 3), np.uint8)
            assert isinstance(self.observation_space, Dict)
            self.observation_space = Dict({**self.observation_space.spaces, "screenshot": self._picture})
        self._size = (0, 0)
        self._screen = Screen("", "")
        self._screenshot: np.ndarray | None = None
        self._saved: dict[str, bytes] = {}
        self._at_budget = 0.0

    def __getstate__(self) -> dict[str, Any]:
        """For pickling: the desktop's state, from which another one is made."""
        kept = {key: value for key, value in self.__dict__.items() if key not in _OF_THIS_PROCESS}
        return {**kept, "desktop": self._backend.save()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A new desktop in the state of the one that was pickled."""
        self.__init__(**state["_options"])
        self._backend.load(state.pop("desktop"))
        self.__dict__.update(state)

    def _tasks_of(self, folder: Path) -> TaskSet:
        """The tasks of a folder that can be given here; a warning names what the others lack."""
        files = read_folder(folder)
        desktop = self._backend.desktop if isinstance(self._backend, backends.Simulated) else None
        lacking = {
            name: unsupported(fields, self._sources.downloads, desktop, self._evaluators)
            for name, fields in files.tasks.items()
        }
        counts = Counter(what for lacks in lacking.values() for what in lacks)
        able = [name for name, lacks in lacking.items() if not lacks]
        listed = ", ".join(f"{what} ({count})" for what, count in counts.most_common())
        if not able:
            raise ValueError(
                f"{folder}: none of its {len(lacking)} tasks can be given here; they lack {listed}"
            )
        if counts:
            left_out = len(lacking) - len(able)
            logger.warn(f"{folder}: {left_out} of {len(lacking)} tasks are left out; they lack {listed}")
        return file_tasks(files, able)

    # -- TaskEnv ---------------------------------------------------------------------------------------------

    def _begin(self, task: Task) -> View:
        fields = task_file(task)
        for attempt in range(1, _RESETS + 1):
            try:
                self._backend.begin()
                self._size = self._computer.screen_size()
                setup = self._setup()
                setup.run(fields.get("config", ()))
                self._saved = setup.saved
                self._computer.wait(self._pause_s)
                self._look()
                break
            except EnvironmentFault as fault:
                if attempt == _RESETS:
                    raise EnvironmentFault(f"{task.id} could not begin, {_RESETS} times: {fault}") from fault
        return self._view_of()

    def _act(self, action: str) -> View:
        try:
            parsed = parse_action(action, self._action_space_kind, *self._size)
        except InvalidAction as reason:
            return self._rejected(str(reason))
        if parsed.action_type in ("DONE", "FAIL"):
            score, reasons = self._evaluated(parsed.action_type)
            return self._view_of(score=score, reasons=reasons)
        error = self._run(parsed.does) if parsed.does else None
        self._computer.wait(self._pause_s * (2 if parsed.action_type == "WAIT" else 1))
        self._look()
        return self._view_of(error)

    def _rejected(self, reason: str) -> View:
        return self._view_of(reason)

    def _score_at_budget(self) -> float:
        return self._at_budget

    def _save(self) -> Any:
        return self._backend.save(), self._screen, self._saved, self._at_budget

    def _load(self, task: Task, state: Any) -> None:
        desktop, self._screen, saved, self._at_budget = state
        self._screenshot = None  # that of the restored view
        self._saved = dict(saved)
        self._backend.load(desktop)

    def candidate_actions(
        self, observation: Mapping[str, Any], info: Mapping[str, Any]
    ) -> Iterable[str] | None:
        """Clicks on elements, texts of the instruction, keys; at most 256. None for pyautogui code."""
        if self._action_space_kind != "computer_13":
            return None
        return candidate_actions(observation["instruction"], observation["text"])

    def close(self) -> None:
        """Give up what is held for the computer."""
        self._computer.close()

    # -- the computer ----------------------------------------------------------------------------------------

    def _setup(self) -> Setup:
        return Setup(self._computer, self._sources, self._password)

    def _run(self, does: tuple[Call, ...] | str) -> str | None:
        """Perform an action; what went wrong, in one line, or None."""
        try:
            if isinstance(does, str):
                result = run_actions(self._computer, does)
            else:
                result = self._computer.perform(does)
        except Refused as reason:
            return str(reason)[:_MAX_ERROR_CHARS]
        if result.returncode == 0:
            return None
        last = result.error.strip().rpartition("\n")[2]
        return (last or f"the code ended with status {result.returncode}")[:_MAX_ERROR_CHARS]

    def _look(self) -> None:
        """Read the screen."""
        try:
            self._screen = read_screen(self._computer.accessibility_runs(), *self._size, MAX_TEXT_CHARS)
        except BadTree as error:
            raise EnvironmentFault(str(error)) from error
        if self.screenshots:
            self._screenshot = _fitted(self._computer.screenshot(), self._picture.shape)

    def _view_of(
        self, error: str | None = None, score: float | None = None, reasons: Iterable[str] | None = None
    ) -> View:
        assert self._task is not None
        if score is None and self._steps >= self._task.max_steps:
            self._at_budget, reasons = self._evaluated("")
        if self.screenshots and self._screenshot is None and self._view is not None:
            self._screenshot = self._view.screenshot
        return View(
            f"Invalid action: {error}\n{self._screen.text}" if error else self._screen.text,
            self._screen.key,
            action_error=error,
            score=score,
            extra=None if reasons is None else {"evaluation": list(reasons)},
            screenshot=self._screenshot,
        )

    def _evaluated(self, last_action: str) -> tuple[float, list[str]]:
        """The evaluator's score, and what it has to say."""
        assert self._task is not None
        fields, setup = task_file(self._task), self._setup()
        problems: list[str] = []
        try:
            setup.run(fields["evaluator"].get("postconfig", ()))
        except StepRefused as refusal:
            # What a step needs may be gone by the agent's own doing, a program that it closed.
            problems.append(str(refusal))
        with _scratch_folder() as folder:
            for name, content in {**self._saved, **setup.saved}.items():
                folder.mkdir(exist_ok=True)
                (folder / Path(name).name).write_bytes(content)
            score = evaluation.evaluate(
                fields, self._computer, last_action, folder, self._sources, self._evaluators
            )
        return float(score.value), [*problems, *score.reasons]


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """A folder for one evaluation, empty or not made yet, and for another one after that."""
    folders = _folders_of_process(os.getpid())
    try:
        folder = folders.free.pop()
    except IndexError:
        folder = Path(folders.root.name) / str(next(folders.numbers))
    try:
        yield folder
    finally:
        with suppress(FileNotFoundError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    shutil.rmtree(entry)
                else:
                    os.unlink(entry)
    folders.free.append(folder)


@dataclass(frozen=True, slots=True)
class _Folders:
    """A folder with those of evaluations in it, and which of these no evaluation has: making them is slow."""

    root: tempfile.TemporaryDirectory[str]
    free: list[Path]
    numbers: Iterator[int]


@cache
def _folders_of_process(pid: int) -> _Folders:
    """A process has its own, which go with it; one that was forked does not share its parent's."""
    return _Folders(tempfile.TemporaryDirectory(prefix="step-gym-"), [], count())


def _fitted(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The picture, cut or filled with black where a machine has changed its screen."""
    if picture.shape == shape:
        return picture
    canvas = np.zeros(shape, np.uint8)
    height, width = min(shape[0], picture.shape[0]), min(shape[1], picture.shape[1])
    canvas[:height, :width] = picture[:height, :width]
    return canvas
