"""What a task lacks on the simulated desktop, and whether its browser keeps what getters are let read."""

from dataclasses import replace

import pytest

from step_gym.envs.machine.apps.web import profile
from step_gym.envs.osworld.evaluation.context import Context
from step_gym.envs.osworld.evaluation.getters import browser
from step_gym.envs.osworld.evaluation.registry import GETTERS
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.local import LocalComputer
from step_gym.envs.osworld.sources import Sources
from step_gym.envs.osworld.support import unsupported


def read_by(getter):
    return {
        "evaluator": {
            "func": "exact_match",
            "result": {"type": getter},
            "expected": {"type": "rule", "rules": {"expected": 1}},
        }
    }


@pytest.mark.parametrize(
    "getter", [name for name, entry in GETTERS.items() if entry.module == "getters.browser"]
)
def test_only_what_the_browser_keeps_is_read(getter):
    kept = {"bookmarks", "chrome_font_size", "shortcuts_on_desktop"}
    expected = [] if getter in kept else [f"getter {getter} (needs chrome)"]
    assert unsupported(read_by(getter), downloads=False, desktop=Desktop(1280, 720)) == expected
    assert unsupported(read_by(getter), downloads=False, desktop=None) == []


def test_what_the_browser_keeps_is_what_getters_read(tmp_path):
    desktop = Desktop(1280, 720)
    here = Context(LocalComputer(desktop), tmp_path, Sources(False, tmp_path))
    assert browser.bookmarks(here, {}) == []
    size = profile.preferences(desktop.files).font_size
    assert browser.chrome_font_size(here, {})["default_font_size"] == size
    folder = profile.put_bookmark(desktop.files, profile.Bookmark("", "Mine", parent="1"), 0)
    profile.put_bookmark(desktop.files, profile.Bookmark("", "A", "http://a.example/", parent=folder), 0)
    profile.set_preferences(desktop.files, replace(profile.preferences(desktop.files), font_size=24))
    [mine] = browser.bookmarks(here, {})["bookmark_bar"]["children"]
    assert (mine["type"], mine["name"], mine["children"][0]["url"]) == ("folder", "Mine", "http://a.example/")
    assert browser.chrome_font_size(here, {})["default_font_size"] == 24
