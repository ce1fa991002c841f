"""What a desktop keeps from look to look is what one that has kept nothing builds, through whole tasks."""

from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import pytest

from step_gym.envs.machine import parts
from step_gym.envs.machine.tree import find_placed
from step_gym.envs.osworld.elements import split_tree
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.kept import acting, kept

TASKS = (
    "browser-bookmark-folder-0",
    "browser-data-sheet-0",
    "calculator-result-to-note-0",
    "cross-find-and-edit-0",
    "editor-replace-name-0",
    "editor-several-notes-0",
    "files-restore-from-trash-0",
    "files-search-and-copy-0",
    "mail-attach-file-0",
    "mail-reply-0",
    "settings-several-0",
    "sheet-conditional-0",
    "sheet-replace-0",
    "sheet-sort-0",
    "terminal-rename-all-0",
)


@contextmanager
def nothing_kept():
    """No part is known inside, and all that were known are known again afterwards."""
    remembered: list[dict[Any, Any]] = [parts.PARTS, parts._by_key]
    before = [dict(each) for each in remembered]
    try:
        for each in remembered:
            each.clear()
        yield
    finally:
        for each, old in zip(remembered, before, strict=True):
            each.clear()
            each.update(old)


@pytest.mark.parametrize("task_id", TASKS)
def test_every_look_is_what_a_new_desktop_shows(task_id):
    env, expert = OSWorldEnv(screen="1280x720", screenshots=False), OSWorldExpert()
    desktop = env._backend.desktop  # pyright: ignore[reportAttributeAccessIssue]
    observation, info = env.reset(options={"task_id": task_id})
    expert.reset(observation, info)
    over = False
    while not over:
        other = Desktop(1280, 720)
        other.restore(desktop.snapshot())
        with nothing_kept():
            there = other.accessibility_runs()
        assert desktop.accessibility_runs() == there
        parts = chain.from_iterable(split_tree(other.accessibility()))
        assert desktop.accessibility() == other.accessibility() == "".join(parts)
        observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
        over = terminated or truncated
    assert info["is_success"]
    with nothing_kept():
        picture = other.screenshot()
    assert np.array_equal(desktop.screenshot(), picture)


def test_a_shared_part_acts_on_the_desktop_on_which_it_is_clicked():
    desktops = [Desktop(1280, 720) for _ in range(2)]
    buttons = [find_placed(desktop.shell.panel.placed(), "launcher") for desktop in desktops]
    assert buttons[0] is not None and buttons[0] is buttons[1]
    for desktop, other in (desktops, desktops[::-1]):
        desktop.shell.panel.click(*buttons[0].box.center)
        assert desktop.shell.launcher_is_open
        assert not other.shell.launcher_is_open
        desktop.shell.panel.click(*buttons[0].box.center)


def test_a_part_made_of_more_than_it_reads_is_refused():
    def clock(ui):
        return widgets.text(str(ui.machine.clock.now_ns))

    for window in (None, Desktop(1280, 720).shell.panel):  # while its handlers run, too
        with acting(window), pytest.raises(RuntimeError, match="'machine'"):
            kept(clock)
