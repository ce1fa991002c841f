"""The environment: options, budgets, info, snapshots and candidate actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import pytest

from step_gym.envs.hotpotqa.candidates import keywords, names, react_candidates, similar_titles
from step_gym.envs.hotpotqa.env import HotpotqaEnv

FIVE = Path(__file__).parents[2] / "data" / "hotpotqa" / "five_questions.json"


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"interface": "reakt"}, "unknown interface 'reakt': did you mean 'react'"),
        ({"split": "dev"}, "unknown split 'dev'"),
        ({"search_url": "http://x/retrieve"}, 'needs interface="search"'),
        ({"interface": "search", "search_url": "x"}, "search_url='x': must be an address"),
        ({"interface": "search", "search_url": "http://x", "search_timeout": 0}, "search_timeout=0"),
        ({"k": 0}, "k=0"),
        ({"max_steps": 0}, "max_steps=0"),
    ],
)
def test_bad_options_are_named(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=None) as error:
        HotpotqaEnv(**kwargs)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(("interface", "budget"), [("react", 7), ("search", 4)])
def test_the_budget_of_each_interface(interface: str, budget: int) -> None:
    env = HotpotqaEnv(interface=interface)
    env.reset(seed=0)
    ends = [env.step("think[]")[3] for _ in range(budget)]
    assert ends == [False] * (budget - 1) + [True]
    assert HotpotqaEnv(interface=interface, max_steps=9).tasks[0].max_steps == 9


def test_a_wrong_answer_scores_nothing_and_has_its_f1() -> None:
    env = HotpotqaEnv(data=FIVE)
    task = next(task for task in env.tasks if task.params["answer"] == "Chief of Protocol")
    env.reset(options={"task_id": task.id})
    _, reward, terminated, _, info = env.step("finish[Chief of Staff]")
    assert (reward, terminated, info["is_success"], info["em"]) == (0.0, True, False, 0.0)
    assert info["f1"] == pytest.approx(2 / 3) and info["answer"] == "Chief of Staff"


def test_state_key_follows_what_was_read_not_the_way_or_the_steps() -> None:
    env = HotpotqaEnv(data=FIVE)

    def key(*actions: str) -> str:
        env.reset(options={"task_id": env.tasks[0].id})
        return [env.step(action) for action in actions][-1][-1]["state_key"]

    first, second = "search[Ed Wood]", "search[Scott Derrickson]"
    assert key(first, second, first) == key(second, "think[a]", "bad", first)
    assert len({key(first), key(second), key(first, second), key(first, "lookup[a]"), key("search[zq]")}) == 5
    assert key(first, "lookup[a]") != key(first, "lookup[a]", "lookup[a]")


def test_two_seeds_are_two_worlds() -> None:
    first, second = HotpotqaEnv().tasks[0], HotpotqaEnv(corpus_seed=1).tasks[0]
    assert first.id == second.id and first.instruction != second.instruction
    other = gymnasium.make("STEP-HotpotQA-v0", corpus_seed=1)
    assert other.reset(options={"task_id": first.id})[0]["instruction"] == second.instruction


def test_a_snapshot_carries_page_and_lookup() -> None:
    env = HotpotqaEnv(data=FIVE)
    env.reset(options={"task_id": env.tasks[0].id})
    env.step("search[Ed Wood]")
    first = env.step("lookup[film]")[0]["text"]
    snapshot = env.snapshot()
    second = env.step("lookup[film]")[0]["text"]
    assert first != second
    env.step("search[Scott Derrickson]")
    env.restore(snapshot)
    assert env.step("lookup[film]")[0]["text"] == second


# -- candidates ----------------------------------------------------------------------------------------------


def test_names_in_text() -> None:
    text = "Which novel by Ada Brandt, The Silent Harbour, is set in Melbrück? Born in Orlau (town) in 1921."
    assert list(names(text)) == [
        "Ada Brandt",
        "The Silent Harbour",
        "Silent Harbour",
        "Melbrück",
        "Born in Orlau (town)",
    ]
    assert list(names("He lived near the Duchy of Savoy. The mill is his.")) == ["Duchy of Savoy"]
    assert keywords("In which town was the director of the film Red Mill born?") == [
        "town",
        "director",
        "film",
        "born",
    ]


def test_candidates_come_from_question_text_and_pages_alone() -> None:
    question, text = "Was Ada Brandt born in Orlau?", "Bo Lund (3 May 1901) lived in Melborg."
    actions = react_candidates(question, text, ["Vess (river)"])
    assert actions[:4] == [
        "search[Ada Brandt]",
        "search[Orlau]",
        "search[Bo Lund (3 May 1901)]",
        "search[Melborg]",
    ]
    assert {
        "lookup[born]",
        "finish[yes]",
        "finish[no]",
        "finish[Melborg]",
        "finish[1901]",
        "finish[Vess]",
    } < set(actions)


def test_offered_titles_are_read_even_where_the_agent_wrote_a_list() -> None:
    assert similar_titles("Could not find x. Similar: ['A', \"B's\"].") == ["A", "B's"]
    for searched in ("[", "x. Similar: [1, 2", "(" * 9000, "\\"):
        similar_titles(f"Could not find {searched}. Similar: ['A'].")


@pytest.mark.parametrize("interface", ["react", "search"])
def test_never_more_than_256_candidates(interface: str) -> None:
    env = HotpotqaEnv(interface=interface)
    text = " and ".join(f"Name{chr(97 + i % 26)}{chr(97 + i // 26)} {i}" for i in range(600))
    actions = list(
        env.candidate_actions({"instruction": text, "text": text}, {"pages": [f"P{i}" for i in range(99)]})
    )
    assert 50 < len(actions) <= 256 and len(set(actions)) == len(actions)
