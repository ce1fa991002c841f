"""Agreement of actions: text commands, JSON actions, and text that a model made up."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.agents.estimators.matching import match_actions

CLICK = json.dumps({"action_type": "CLICK", "parameters": {"x": 100, "y": 50, "button": "left"}})


@pytest.mark.parametrize(
    ("reference", "action", "expected"),
    [
        ("go to desk 1", "go to desk 1", "exact"),
        ("go to desk 1", "  Go to  DESK 1 ", "exact"),
        ("go to desk 1", "go to desk 2", "type"),
        ("go to desk 1", "take book 1 from desk 1", "none"),
        ("search[red shoes]", "search[blue shoes]", "type"),
        ("search[red shoes]", "click[buy now]", "none"),
        ("pyautogui.click(3, 4)", "pyautogui.click(9, 9)", "type"),
        ("pyautogui.click(3, 4)", "pyautogui.write('a')", "none"),
        ("go to desk 1", "", "none"),
        ("go to desk 1", "\0", "none"),
        ("go to desk 1", "go " * 10_000, "none"),
        ("go to desk 1", "\ud800", "none"),
        ("go to desk 1", CLICK, "none"),
        (CLICK, "click", "none"),
        (CLICK, CLICK, "exact"),
        (CLICK, '{"action_type": "click", "parameters": {"y": 44, "x": 110, "button": "Left"}}', "exact"),
        (CLICK, '{"action_type": "CLICK", "parameters": {"x": 111, "y": 50, "button": "left"}}', "type"),
        (CLICK, '{"action_type": "CLICK", "parameters": {"x": 100, "y": 50, "button": "right"}}', "type"),
        (CLICK, '{"action_type": "CLICK", "parameters": null}', "type"),
        (CLICK, '{"action_type": "DRAG_TO", "parameters": {"x": 100, "y": 50}}', "none"),
        (CLICK, '{"action_type": "CLICK"', "none"),
        (CLICK, '{"action_type": 3}', "none"),
        (CLICK, '{"x": 1}', "none"),
        ('{"action_type": "click", "index": 3}', '{"action_type": "click", "index": 4}', "type"),
        ('{"action_type": "click", "index": 3, "x": null}', '{"action_type": "click", "index": 3}', "exact"),
        ('{"action_type": "a", "n": 1}', '{"action_type": "a", "n": true}', "type"),
        ('{"action_type": "a", "x": 1.5}', '{"action_type": "a", "x": 1' + "0" * 400 + "}", "none"),
        ('{"action_type": "a", "x": 1}', '{"action_type": "a", "x": NaN}', "type"),
        (
            '{"action_type": "hotkey", "keys": ["ctrl", "c"]}',
            '{"action_type": "hotkey", "keys": ["ctrl"]}',
            "type",
        ),
        (
            '{"action_type": "hotkey", "keys": ["ctrl"]}',
            '{"action_type": "hotkey", "keys": ["Ctrl"]}',
            "exact",
        ),
        (CLICK, '{"action_type": "CLICK", "a": ' + "[" * 8_000 + "]" * 8_000 + "}", "none"),
    ],
)
def test_agreement(reference, action, expected):
    assert match_actions(reference, action) == expected


def test_the_tolerance_is_a_setting():
    near = CLICK.replace("100", "103")
    assert match_actions(CLICK, near, coordinate_tolerance=2) == "type"
    assert match_actions(CLICK, near, coordinate_tolerance=3) == "exact"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "y", "n", "t"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(st.text() | JSON.map(lambda value: json.dumps({"action_type": "a", "p": value})), st.text())
def test_nothing_raises_and_an_action_agrees_with_itself(text, other):
    assert match_actions(text, other) in ("exact", "type", "none")
    assert match_actions(other, text) in ("exact", "type", "none")
    if "NaN" not in text:
        assert match_actions(text, text) in ("exact", "none")
