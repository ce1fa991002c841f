"""The search interface: what counts as an action, and what the environment answers."""

from __future__ import annotations

import pytest

from step_gym.envs.hotpotqa.env import HotpotqaEnv
from step_gym.envs.hotpotqa.tags import INVALID, information, parse


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("<search>a river</search>", ("search", "a river")),
        ("<think>hm</think>\n<search>\n two\nlines </search> and more", ("search", "two\nlines")),
        ("<answer>yes</answer><search>x</search>", ("answer", "yes")),
        ("<search>x</search><answer>yes</answer>", ("search", "x")),
        ("<search>x <answer>yes</answer>", ("answer", "yes")),
        ("<search>a<search>b</search>", ("search", "a<search>b")),
        ("</search><search>x</search>", ("search", "x")),
        ("<search></search>", ("search", "")),
        ("<answer>x", None),
        ("x</answer>", None),
        ("<Search>x</Search>", None),
        ("search[x]", None),
        ("<search>" * 2000, None),
    ],
)
def test_the_first_complete_block_counts(action: str, expected: tuple[str, str] | None) -> None:
    assert parse(action) == expected


def test_information_has_numbered_documents() -> None:
    shown = information([("Orlau", "A town."), ("Vess", "A river.")])
    assert shown == "<information>Doc 1(Title: Orlau) A town.\nDoc 2(Title: Vess) A river.</information>"
    assert information([]) == "<information></information>"


def test_an_episode() -> None:
    env = HotpotqaEnv(interface="search", k=2)
    observation, info = env.reset(options={"task_id": "train-0"})
    task = env.tasks.by_id("train-0")
    assert observation["text"] == f"Question: {task.instruction}" and info["pages"] == []
    title = task.params["supporting_titles"][0]
    observation, _, _, _, info = env.step(f"I wonder. <search>{title}</search>")
    assert (
        observation["text"].startswith("<information>Doc 1(Title: ")
        and "\nDoc 2(Title: " in observation["text"]
    )
    assert "\nDoc 3" not in observation["text"]
    assert title in info["pages"] and len(info["pages"]) == 2 and info["action_valid"]
    before = info["state_key"]
    observation, reward, terminated, _, info = env.step("<search>never closed")
    assert observation["text"] == INVALID and not info["action_valid"] and info["state_key"] == before
    assert (reward, terminated) == (0.0, False)
    observation, reward, terminated, _, info = env.step(f"<answer> The {task.params['answer']}. </answer>")
    assert (observation["text"], reward, terminated) == ("", 1.0, True)
    assert (
        info["is_success"] and info["em"] == info["f1"] == 1.0 and info["gt_answer"] == task.params["answer"]
    )
