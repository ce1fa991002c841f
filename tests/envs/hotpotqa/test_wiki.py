"""ReAct's interface: recorded episodes of upstream's environment, and its rules on a small corpus."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from step_gym.envs.hotpotqa.corpus import Corpus, Page
from step_gym.envs.hotpotqa.env import HotpotqaEnv
from step_gym.envs.hotpotqa.wiki import Reading, lookup, page_text, search, sentences

RECORDED = Path(__file__).parents[2] / "data" / "hotpotqa" / "react_wiki.json.gz"

CORPUS = Corpus(
    [
        Page(
            "Orlau",
            "Orlau is a town. It lies on the Vess. It is old. Its mill turns. People fish. They swim.\n",
        ),
        Page("Vess (river)", "The Vess is long. It is cold.\nSee also\nIt ends in Lake Nemi. It is deep."),
        Page("Vess (novel)", "Vess is a novel. It is set in Orlau."),
        Page("Vess", "Vess may refer to:\nVess (river)\nVess (novel)"),
    ],
    {"Town of Orlau": "Orlau"},
)


def test_every_step_that_upstream_answered() -> None:
    episodes = json.loads(gzip.decompress(RECORDED.read_bytes()))
    env = HotpotqaEnv(max_steps=30)
    steps = 0
    for episode in episodes:
        env.reset(options={"task_id": episode["task_id"]})
        for action, text, reward, done, *scores in episode["steps"]:
            observation, given, terminated, _, info = env.step(action)
            assert (observation["text"], given, terminated) == (text, reward, done), action
            if scores:
                assert [info["em"], info["f1"]] == pytest.approx(scores)
            steps += 1
    assert steps > 500


def test_the_first_five_sentences_are_shown_and_the_rest_is_looked_up() -> None:
    text, reading = search(CORPUS, Reading(), "orlau")
    assert text == "Orlau is a town. It lies on the Vess. It is old. Its mill turns. People fish."
    assert reading == Reading("Orlau", ("Orlau",))
    text, reading = lookup(CORPUS, reading, "SWIM")
    assert text == "(Result 1 / 1) They swim.."
    assert lookup(CORPUS, reading, "SWIM")[0] == "No more results.\n"
    assert lookup(CORPUS, reading, "swim")[0] == "(Result 1 / 1) They swim..", "another string begins anew"


def test_small_paragraphs_are_dropped_and_sentences_get_a_stop() -> None:
    page = CORPUS.find("Vess (river)")
    assert page is not None
    assert "See also" not in page_text(page)
    assert sentences(page) == ("The Vess is long.", "It is cold..", "It ends in Lake Nemi.", "It is deep..")


def test_a_miss_keeps_the_page_and_the_place_of_the_lookup() -> None:
    _, reading = search(CORPUS, Reading(), "Town of Orlau")
    _, reading = lookup(CORPUS, reading, "it")
    text, reading = search(CORPUS, reading, "Orlau mill")
    assert text.startswith("Could not find Orlau mill. Similar: ['Orlau'") and reading.title == "Orlau"
    assert lookup(CORPUS, reading, "it")[0].startswith("(Result 2 / ")
    assert search(CORPUS, reading, "xyzzy")[0] == "Could not find xyzzy. Similar: []."


def test_a_shared_name_is_searched_again_in_brackets() -> None:
    text, reading = search(CORPUS, Reading(), "Vess")
    assert text == "Could not find [Vess]. Similar: ['Vess (river)', 'Vess (novel)', 'Orlau']."
    assert reading.title == ""


def test_without_a_page_nothing_is_found() -> None:
    assert lookup(CORPUS, Reading(), "a")[0] == "No more results.\n"


@pytest.mark.parametrize(
    ("action", "text"),
    [
        ("Search[Orlau]", "Invalid action: Search[Orlau]"),
        ("search[Orlau", "Invalid action: search[Orlau"),
        ("search Orlau]", "Invalid action: search Orlau]"),
        ("  think[[nested] brackets]  ", "Nice thought."),
        ("lookup[]", "No more results.\n"),
        ("search[]", "Could not find . Similar: []."),
        ("search[[[]]]", "Could not find [[]]. Similar: []."),
        ("search[" + "zq " * 3000 + "]", "Could not find " + "zq " * 3000 + ". Similar: []."),
        ("finish[]", "Episode finished, reward = 0\n"),
        ("\n", "Invalid action: "),
    ],
)
def test_odd_actions_are_answered_as_upstream_does(action: str, text: str) -> None:
    env = HotpotqaEnv()
    env.reset(options={"task_id": "train-0"})
    assert env.step(action)[0]["text"] == text
