"""STEP-AndroidWorld-v0: the Gymnasium face of tasks on an Android phone, simulated or real."""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Dict

from step_gym.envs.androidworld import backends
from step_gym.envs.androidworld.actions import commands, parse_action
from step_gym.envs.androidworld.candidates import candidate_actions
from step_gym.envs.androidworld.connection import Connection
from step_gym.envs.androidworld.elements import Element, describe_screen
from step_gym.envs.androidworld.families import FAMILIES
from step_gym.envs.androidworld.family import Family
from step_gym.envs.androidworld.tasks import family_params, task_set
from step_gym.envs.androidworld.upstream import upstream_families, upstream_tasks
from step_gym.envs.core import EnvironmentFault, Task, TaskEnv, View, digest, unknown_name_error
from step_gym.envs.json_action import InvalidAction

MAX_TEXT_CHARS = 60_000
"""Longest description of a screen, in characters; the rest is cut."""

ANSWERED = "Agent answered: "
"""What a line of the observation begins with once an answer was given; upstream's words on its overlay."""

_BATCH_CHARS = 3_500  # of one shell request; old ADB servers take 4,096 bytes
_COMMAND_S = 2.0  # what a device may take for each command beyond the deadline of a request
_RESETS = 2
_OF_THIS_PROCESS = ("tasks", "_families", "_backend", "_connection")
_LAUNCH_FAILURES = ("Error", "No activities found")
# Resource ids of what runs by itself: world clock, timer, stopwatch, film, recording, call. Times that were
# entered, of alarms and on the timer's keypad, have others.
_CLOCK_IDS = (
    "local_time|city_time|timer_time_text|stopwatch_time_text|stopwatch_hundredths_text"
    "|recording_time|txt_progress|contactgrid_bottom_text"
)
_CLOCK_TEXT = re.compile(
    rf'"(?:text|content_description)": "[^"]*"(?=[^{{}}]*"resource_id": "(?:{_CLOCK_IDS})")'
)


class AndroidWorldEnv(TaskEnv):
    """A task on an Android phone, in AndroidWorld's actions and observations, over ADB.

    An action is one JSON object in AndroidWorld's schema (`actions.JSONAction`), such as
    `{"action_type": "click", "index": 3}`. Anything else, a wrong number of an element, or a point off the
    screen costs a step and changes nothing. `answer` keeps its text for the check; `status` ends the episode:
    "complete" with the score of the task's check, "infeasible" with 0, as every task can be done. An episode
    that ends with its budget scores 0, as upstream has it.

    The observation's `text` has one line for each element of the screen (see `elements.describe`), and
    what was answered. `screenshot` is the screen, `uint8[height, width, 3]`. Info also has `package`, of the
    app that has the focus, and `answer`.

    On a device that is not simulated the tasks change apps' data: the docs say which. It must have the apps
    and, for the tasks with databases, root.

    Args:
        split: Where a reset without options draws its task: "train", "valid_seen", "valid_unseen"; of
            upstream's suite "test"; None for all.
        suite: "step", this package's tasks, or "android_world", upstream's own, where its package is
            installed; see `upstream`.
        families: Only tasks of families whose names begin like one of these, such as ("System", "Clock");
            None for all.
        backend: "simulated", or "device": an emulator or phone that an ADB server sees.
        transport: How a simulated phone is reached: "direct", in this thread, or "socket", through an ADB
            server on a free port of 127.0.0.1.
        profile: Screen of the simulated phone: "1080x2400", upstream's, or "360x800".
        screenshots: Whether observations have the screen's picture.
        serial: Of the device; "" for the only one.
        host: Where its ADB server is.
        port: The server's port.
        deadline_s: Longest time of one request to the device, in seconds.
        settle_s: What the device waits after an action before its screen is read, in seconds, so that what
            was set off has happened; upstream's agents wait a second. A simulated phone's time costs none.
        render_mode: "ansi" or None.

    Raises:
        ValueError: For an unknown split, suite, family, backend, transport, profile or render mode, or a time
            out of range.
        EnvironmentFault: If a device's screen has to be measured, for its pictures, and there is no device.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        suite: str = "step",
        families: Sequence[str] | None = None,
        backend: str = "simulated",
        transport: str = "direct",
        profile: str = "1080x2400",
        screenshots: bool = True,
        serial: str = "",
        host: str = "127.0.0.1",
        port: int = 5037,
        deadline_s: float = 30.0,
        settle_s: float = 1.0,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        self._options = {
            "split": split,
            "suite": suite,
            "families": families,
            "backend": backend,
            "transport": transport,
            "profile": profile,
            "screenshots": screenshots,
            "serial": serial,
            "host": host,
            "port": port,
            "deadline_s": deadline_s,
            "settle_s": settle_s,
            "render_mode": render_mode,
        }
        if deadline_s <= 0 or settle_s < 0:
            raise ValueError(f"deadline_s={deadline_s}, settle_s={settle_s}: must be positive")
        if suite == "step":
            chosen = _chosen(FAMILIES, families)
            self.tasks = task_set(chosen)
        elif suite == "android_world":
            chosen = _chosen(upstream_families(), families)
            self.tasks = upstream_tasks(chosen)
        else:
            raise unknown_name_error("suite", suite, ("step", "android_world"))
        if split is not None:
            self.tasks.split(split)
        if backend == "simulated":
            self._backend = backends.Simulated(transport, profile, deadline_s)
        elif backend == "device":
            self._backend = backends.Attached(serial, host, port, deadline_s)
        else:
            raise unknown_name_error("backend", backend, ("simulated", "device"))
        self.supports_snapshot = self._backend.supports_snapshot
        self.screenshots, self._settle_s = screenshots, settle_s
        if screenshots:
            width, height = self._backend.screen_size()
            self._picture = Box(0, 255, (height, width, 3), np.uint8)
            assert isinstance(self.observation_space, Dict)
            self.observation_space = Dict({**self.observation_space.spaces, "screenshot": self._picture})
        self._families = {family.name: family for family in chosen}
        self._connection: Connection | None = None
        self._elements: tuple[Element, ...] = ()
        self._screenshot: np.ndarray | None = None
        self._notes: Any = None
        self._answer = ""
        self._to_end: Task | None = None

    def __getstate__(self) -> dict[str, Any]:
        """For pickling: the phone's state, from which another one is made."""
        kept = {key: value for key, value in self.__dict__.items() if key not in _OF_THIS_PROCESS}
        return {**kept, "phone": self._backend.save()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A new phone in the state of the one that was pickled."""
        self.__init__(**state["_options"])
        self._connection = self._backend.load(state.pop("phone"))
        self.__dict__.update(state)

    # -- TaskEnv ---------------------------------------------------------------------------------------------

    def _begin(self, task: Task) -> View:
        family = self._families[task.params["family"]]
        for attempt in range(1, _RESETS + 1):
            try:
                self._end_last()
                self._connection = self._backend.begin(family.packages)
                self._to_end, self._answer = task, ""
                self._notes = family.initialise(self._connection, family_params(task))
                self._send(())
                self._look()
                break
            except EnvironmentFault as fault:
                # What a failing device was left with is undone by the next beginning that it takes part in.
                self._to_end = None
                if attempt == _RESETS:
                    raise EnvironmentFault(f"{task.id} could not begin, {_RESETS} times: {fault}") from fault
        return self._view_of()

    def _act(self, action: str) -> View:
        connection = self._connected()
        try:
            parsed = parse_action(action)
            script = commands(parsed, self._elements, *connection.size())
        except InvalidAction as reason:
            return self._rejected(str(reason))
        if parsed.action_type == "status":
            return self._view_of(score=self._checked() if parsed.goal_status == "complete" else 0.0)
        if parsed.action_type == "answer":
            self._answer = parsed.text or ""
        error = None
        if script:
            output = self._send(script)
            self._look()
            if parsed.action_type == "open_app" and any(words in output for words in _LAUNCH_FAILURES):
                error = f"no app on this phone is called {(parsed.app_name or '')[:80]!r}"
        return self._view_of(error)

    def _rejected(self, reason: str) -> View:
        return self._view_of(reason)

    def _save(self) -> Any:
        return self._backend.save(), self._elements, self._notes, self._answer

    def _load(self, task: Task, state: Any) -> None:
        phone, self._elements, notes, self._answer = state
        self._screenshot = None  # that of the restored view
        self._notes = copy.deepcopy(notes)
        self._connection = self._backend.load(phone)

    def candidate_actions(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Iterable[str]:
        """Clicks, scrolls, texts and app names of the instruction, answers from the screen; at most 256."""
        return candidate_actions(observation["instruction"], observation["text"])

    def close(self) -> None:
        """Undo the last episode on a device, as far as it still answers; stop a simulated one's server."""
        with contextlib.suppress(EnvironmentFault):
            self._end_last()
        self._backend.close()

    # -- the device ------------------------------------------------------------------------------------------

    def _connected(self) -> Connection:
        assert self._connection is not None, "an episode begins with a connection"
        return self._connection

    def _send(self, script: Sequence[str]) -> str:
        """Run commands and let the screen settle, in one request where it fits; what they wrote."""
        connection = self._connected()
        outputs: list[str] = []
        batch: list[str] = []
        for command in (*script, f"sleep {self._settle_s}"):
            if sum(map(len, batch)) + len(command) > _BATCH_CHARS:
                outputs.append(connection.shell("; ".join(batch), extra_s=_COMMAND_S * len(batch)))
                batch = []
            batch.append(command)
        outputs.append(connection.shell("; ".join(batch), extra_s=_COMMAND_S * len(batch) + self._settle_s))
        return "\n".join(outputs)

    def _look(self) -> None:
        """Read the screen."""
        connection = self._connected()
        self._elements = connection.elements()
        if self.screenshots:
            self._screenshot = _fitted(connection.screenshot(), self._picture.shape)

    def _view_of(self, error: str | None = None, score: float | None = None) -> View:
        screen = describe_screen(self._elements, *self._connected().size())
        answered = f"{ANSWERED}{self._answer}" if self._answer else ""
        said = f"Invalid action: {error}" if error else ""
        if self.screenshots and self._screenshot is None and self._view is not None:
            self._screenshot = self._view.screenshot
        return View(
            "\n".join(filter(None, (said, screen, answered)))[:MAX_TEXT_CHARS],
            digest(self._elements[0].package, without_clocks(screen), self._answer),
            action_error=error,
            score=score,
            extra={"package": self._elements[0].package, "answer": self._answer},
            screenshot=self._screenshot,
        )

    def _checked(self) -> float:
        task = self._to_end
        assert task is not None, "an episode has a task"
        family = self._families[task.params["family"]]
        return family.check(self._connected(), family_params(task), self._notes, self._answer)

    def _end_last(self) -> None:
        """Undo on a device what the last episode's task prepared and its agent did."""
        task, self._to_end = self._to_end, None
        if task is None or self._backend.supports_snapshot:
            return
        family = self._families[task.params["family"]]
        family.tear_down(self._connected(), family_params(task))
        self._backend.end(family.packages)


def without_clocks(screen: str) -> str:
    """A description without the texts of clocks and running timers, which no action of the agent changes."""
    return _CLOCK_TEXT.sub("", screen)


def _fitted(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The picture, cut or filled with black where a device has turned or resized its screen."""
    if picture.shape == shape:
        return picture
    canvas = np.zeros(shape, np.uint8)
    height, width = min(shape[0], picture.shape[0]), min(shape[1], picture.shape[1])
    canvas[:height, :width] = picture[:height, :width]
    return canvas


def _chosen(every: Sequence[Family], names: Sequence[str] | None) -> Sequence[Family]:
    """The families whose names begin like one of `names`; all for None."""
    if names is None:
        return every
    starts = (names,) if isinstance(names, str) else tuple(names)
    for start in starts:
        if not start or not any(family.name.startswith(start) for family in every):
            raise unknown_name_error("family", start, [family.name for family in every])
    return [family for family in every if family.name.startswith(starts)]
