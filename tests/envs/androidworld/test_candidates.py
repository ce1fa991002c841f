"""Candidate actions: at most 256, a pure function of what is seen, and nearly all that the expert does."""

import json

import pytest

from step_gym.envs.androidworld.actions import commands, parse_action
from step_gym.envs.androidworld.candidates import candidate_actions
from step_gym.envs.androidworld.elements import parse_dump
from step_gym.envs.androidworld.env import AndroidWorldEnv
from step_gym.envs.androidworld.expert import AndroidWorldExpert
from step_gym.envs.androidworld.families import FAMILIES


@pytest.fixture(scope="module")
def walks():
    """What is seen in one episode of every family, and what the expert then does."""
    env, expert = AndroidWorldEnv(profile="360x800", screenshots=False), AndroidWorldExpert()
    seen = []
    for family in FAMILIES:
        observation, info = env.reset(options={"task_id": f"{family.name}-0"})
        expert.reset(observation, info)
        over = False
        while not over:
            action = expert.act(observation, info)
            seen.append((family.name, observation, action, env._elements))
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
    env.close()
    return seen


def test_what_the_expert_does_is_nearly_always_among_them(walks):
    missed = [
        name
        for name, observation, action, _ in walks
        if action not in candidate_actions(observation["instruction"], observation["text"])
    ]
    assert len(missed) <= 0.02 * len(walks), missed


def test_they_are_few_distinct_and_can_be_performed(walks):
    for _, observation, _, elements in walks:
        offered = candidate_actions(observation["instruction"], observation["text"])
        assert 10 < len(offered) == len(set(offered)) <= 256
        assert offered == candidate_actions(observation["instruction"], observation["text"])
        for action in offered:
            commands(parse_action(action), elements, 360, 800)


def test_nothing_is_offered_that_was_not_seen():
    dump = (
        '<hierarchy><node bounds="[0,0][9,9]" class="android.widget.EditText" text="Note" clickable="true"/>'
        "</hierarchy>"
    )
    (field,) = parse_dump(dump)
    text = (
        'UI element 0: {"index": 0, "text": "Note", "is_clickable": True, "is_long_clickable": False, '
        '"is_editable": True, "is_selected": False, "is_checked": False}'
    )
    offered = [json.loads(a) for a in candidate_actions('Write "two words" to Zoe Young in the notes.', text)]
    typed = {action["text"] for action in offered if action["action_type"] == "input_text"}
    assert field.editable and {"two words", "Zoe Young", "Zoe"} <= typed <= {
        *("two words", "Zoe Young", "Zoe", "Young", "Write"),
    }
    assert not [action for action in offered if action["action_type"] == "answer"], "nothing is asked"


def test_texts_that_no_action_can_hold_are_left_out():
    text = (
        'UI element 1: {"index": 1, "text": "Note\ud800", "is_clickable": True, "is_long_clickable": False, '
        '"is_editable": True, "is_selected": False, "is_checked": False}'
    )
    offered = [json.loads(a) for a in candidate_actions('Answer with "a\ud800b" or "so fine".', text)]
    texts = [action["text"] for action in offered if "text" in action]
    assert "so fine" in texts and not any("\ud800" in text for text in texts)
