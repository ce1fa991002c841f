"""Tasks and activities: what starting, finishing and switching does to them, and each activity's window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from step_gym.envs.androidworld.simulator.app import Intent
from step_gym.envs.machine.layers import Layer
from step_gym.envs.machine.touch import TouchWindow


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity that was started and not finished.

    Attributes:
        id: Unique on the phone, also among tasks.
        package: Of the app it belongs to.
        name: Full class name.
        intent: What started it.
    """

    id: int
    package: str
    name: str
    intent: Intent

    @property
    def component(self) -> str:
        """As "package/full.class.Name"."""
        return f"{self.package}/{self.name}"


@dataclass(frozen=True, slots=True)
class Task:
    """A stack of activities, possibly of several packages; the last one is seen.

    Attributes:
        id: Unique on the phone.
        package: Of its first activity.
        activities: From the first to the one on top; never empty.
    """

    id: int
    package: str
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class ActivitiesSnapshot:
    """All tasks from back to front, and the layers of each activity's window."""

    tasks: tuple[Task, ...]
    layers: Mapping[int, tuple[Layer, ...]]
    last_id: int


class Activities:
    """All tasks, back to front. The last one has the focus; the launcher's task is never without activity.

    Args:
        make_window: Makes the window of a new activity, without layers.
    """

    def __init__(self, make_window: Callable[[], TouchWindow]) -> None:
        self._make_window = make_window
        self._last_id = 0
        self._windows: dict[int, TouchWindow] = {}
        self.tasks: tuple[Task, ...] = ()

    def snapshot(self) -> ActivitiesSnapshot:
        """The state of all tasks and windows; picklable as far as screens are."""
        for window in self._windows.values():
            window.settle()
        layers = {number: window.layers for number, window in self._windows.items()}
        return ActivitiesSnapshot(self.tasks, layers, self._last_id)

    def restore(self, snapshot: ActivitiesSnapshot) -> None:
        """Go back to a snapshot; windows that are the same keep what they have laid out."""
        self.tasks = snapshot.tasks
        self._last_id = snapshot.last_id
        windows = {number: self._windows.get(number) or self._make_window() for number in snapshot.layers}
        for number, layers in snapshot.layers.items():
            if windows[number].layers is not layers:
                windows[number].layers = layers
        self._windows = windows

    @property
    def last_id(self) -> int:
        """The id given last, to an activity or a task."""
        return self._last_id

    @property
    def front(self) -> Task:
        """The task that is seen."""
        return self.tasks[-1]

    @property
    def top(self) -> Activity:
        """The activity that has the focus."""
        return self.tasks[-1].activities[-1]

    def window(self, activity: Activity) -> TouchWindow:
        """The window of an activity."""
        return self._windows[activity.id]

    def windows(self) -> list[TouchWindow]:
        """The windows of all activities."""
        return list(self._windows.values())

    def find(self, package: str) -> Task | None:
        """The task that began with an activity of this package, the foremost of several."""
        return next((task for task in reversed(self.tasks) if task.package == package), None)

    def add(self, package: str, name: str, intent: Intent, task: Task | None) -> TouchWindow:
        """A new activity on top of a task, or of a new one; it comes to the front. Gives its window."""
        self._last_id += 1
        activity = Activity(self._last_id, package, name, intent)
        self._windows[activity.id] = self._make_window()
        if task is None:
            self._last_id += 1
            task = Task(self._last_id, package, ())
        self._put_in_front(replace(task, activities=(*task.activities, activity)))
        return self._windows[activity.id]

    def to_front(self, task: Task) -> None:
        """Show a task."""
        self._put_in_front(task)

    def to_back(self, task: Task) -> None:
        """Put a task behind all others."""
        self._pause()
        self.tasks = (task, *(other for other in self.tasks if other.id != task.id))

    def remove(self, keep: Callable[[Activity], bool]) -> None:
        """End activities that are not to be kept, and tasks that are left without any."""
        tasks = []
        for task in self.tasks:
            left = tuple(activity for activity in task.activities if keep(activity))
            if left:
                tasks.append(task if len(left) == len(task.activities) else replace(task, activities=left))
        self.tasks = tuple(tasks)
        alive = {activity.id for task in tasks for activity in task.activities}
        self._windows = {number: window for number, window in self._windows.items() if number in alive}

    def _put_in_front(self, task: Task) -> None:
        self._pause()
        self.tasks = (*(other for other in self.tasks if other.id != task.id), task)

    def _pause(self) -> None:
        """Tell the screen that is seen that another one takes its place; what lies above it stays."""
        window = self.window(self.top) if self.tasks else None
        if window is None or not window.layers:
            return
        layers = window.layers
        above = next(i for i in range(len(layers), 0, -1) if layers[i - 1].kind == "screen")
        on_pause = getattr(layers[above - 1].screen, "on_pause", None)
        if on_pause is not None:
            window.layers = layers[:above]
            on_pause(window)
            window.layers = (*window.layers, *layers[above:])
