"""Candidate actions: at most 256, a pure function of what is seen, and nearly all that the expert does."""

import json

import pytest

from step_gym.envs.osworld.actions import parse_action
from step_gym.envs.osworld.candidates import MAX_CANDIDATES, candidate_actions
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.templates import TEMPLATES


@pytest.fixture(scope="module")
def walks():
    """What is seen in one episode of every template, and what the expert then does."""
    env, expert = OSWorldEnv(screenshots=False), OSWorldExpert()
    seen = []
    for template in TEMPLATES:
        observation, info = env.reset(options={"task_id": f"{template.name}-0"})
        expert.reset(observation, info)
        over = False
        while not over:
            action = expert.act(observation, info)
            seen.append((observation["instruction"], observation["text"], action))
            observation, _, terminated, truncated, info = env.step(action)
            over = terminated or truncated
    return seen


def test_they_are_well_formed_few_and_distinct(walks):
    for instruction, text, _ in walks:
        actions = candidate_actions(instruction, text)
        assert 3 <= len(actions) <= MAX_CANDIDATES and len(set(actions)) == len(actions)
        assert actions == candidate_actions(instruction, text)
        for action in actions:
            parse_action(action, "computer_13", 1920, 1080)
        assert {json.loads(action)["action_type"] for action in actions} >= {"DONE", "FAIL", "WAIT", "CLICK"}


def test_they_hold_most_of_what_the_expert_does(walks):
    def same(action):
        fields = json.loads(action)
        return fields["action_type"], json.dumps(fields.get("parameters"), sort_keys=True)

    offered = [
        same(action) in {same(candidate) for candidate in candidate_actions(instruction, text)}
        for instruction, text, action in walks
    ]
    assert sum(offered) / len(offered) > 0.9


def test_texts_come_from_the_instruction_alone():
    instruction = (
        'Write "two words" into ~/notes/list.txt, mail it to ann@example.org, and sum =SUM(A1:A9) in B3.'
    )
    typed = {
        json.loads(action)["parameters"]["text"]
        for action in candidate_actions(instruction, "")
        if json.loads(action)["action_type"] == "TYPING"
    }
    assert typed >= {"two words", "~/notes/list.txt", "ann@example.org", "=SUM(A1:A9)", "B3"}
    assert all(text.strip() in instruction for text in typed)


def test_menus_columns_and_results():
    text = "\n".join(
        (
            'frame\t"Calculator"\t""\t(900, 100)\t(200, 200)',
            'label\t"Result"\t"-1,234.5"\t(900, 60)\t(20, 20)',
            'frame\t"Front"\t""\t(100, 100)\t(200, 200)\tactive',
            'push-button\t"Science pages"\t""\t(70, 50)\t(20, 20)',
            'push-button\t"Other"\t""\t(90, 50)\t(20, 20)',
            *(f'table-cell\t"B{row}"\t"{row}"\t(60, {70 + row})\t(20, 20)' for row in (1, 2, 3, 4)),
        )
    )
    offered = set(candidate_actions('Delete the bookmark "Science pages" and work out 2*(3+4).', text))

    def action(action_type, **parameters):
        return json.dumps({"action_type": action_type, "parameters": parameters})

    assert action("RIGHT_CLICK", x=70, y=50) in offered and action("RIGHT_CLICK", x=90, y=50) not in offered
    assert {action("MOVE_TO", x=60, y=72), action("DRAG_TO", x=60, y=74)} <= offered
    assert {action("TYPING", text="-1234.5\n"), action("TYPING", text="2*(3+4)\n")} <= offered


def test_the_window_in_front_comes_first():
    text = "\n".join(
        (
            'frame\t"Behind"\t""\t(100, 100)\t(200, 200)',
            'push-button\t"Far"\t""\t(50, 50)\t(20, 20)',
            'frame\t"Front"\t""\t(100, 100)\t(200, 200)\tactive',
            'label\t"Text"\t""\t(60, 60)\t(20, 20)',
            'push-button\t"Near"\t""\t(70, 70)\t(20, 20)',
        )
    )
    clicks = [json.loads(a) for a in candidate_actions("x", text) if json.loads(a)["action_type"] == "CLICK"]
    assert [click["parameters"].get("x") for click in clicks[:3]] == [70, 60, 50]


def test_texts_that_no_action_can_hold_are_left_out():
    offered = candidate_actions('Write "a\ud800b" and "so fine" there.', "")
    typed = [json.loads(a)["parameters"]["text"] for a in offered if '"TYPING"' in a]
    assert "so fine\n" in typed and not any("\ud800" in text for text in typed)


def test_a_line_counts_where_it_stands():
    """The same line, in the window in front and behind it."""
    near = 'push-button\t"Near"\t""\t(70, 70)\t(20, 20)'
    far = 'push-button\t"Far"\t""\t(50, 50)\t(20, 20)'
    front, behind = (f'frame\t"{name}"\t""\t(100, 100)\t(200, 200)' for name in ("Front", "Behind"))

    def clicks(*lines):
        actions = [json.loads(action) for action in candidate_actions("x", "\n".join(lines))]
        return [action["parameters"]["x"] for action in actions if action["action_type"] == "CLICK"]

    assert clicks(behind, far, f"{front}\tactive", near) == [70, 50]
    assert clicks(front, near, f"{behind}\tactive", far) == [50, 70]
    assert clicks(behind, near, f"{front}\tactive", far) == [50, 70]
