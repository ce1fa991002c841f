"""What a desktop keeps from look to look is what one that has kept nothing builds, through whole tasks."""

import numpy as np
import pytest

from step_gym.envs.osworld.elements import split_tree
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.simulator.desktop import Desktop

TASKS = (
    "browser-bookmark-folder-0",
    "calculator-result-to-note-0",
    "cross-find-and-edit-0",
    "files-search-and-copy-0",
    "mail-attach-file-0",
    "settings-several-0",
    "sheet-conditional-0",
    "sheet-sort-0",
    "terminal-rename-all-0",
)


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
        assert desktop.accessibility_parts() == other.accessibility_parts()
        assert desktop.accessibility() == other.accessibility() == "".join(split_tree(other.accessibility()))
        observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
        over = terminated or truncated
    assert info["is_success"]
    assert np.array_equal(desktop.screenshot(), other.screenshot())
