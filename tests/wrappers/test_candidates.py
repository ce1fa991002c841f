from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec
from hypothesis import given
from hypothesis import strategies as st

import step_gym  # noqa: F401  (registers the worlds)
from step_gym.envs.core import NumberedIds, Task, TaskEnv, TaskSet, View, digest, malformed_reason
from step_gym.wrappers.candidates import (
    MAX_CANDIDATES,
    CandidateActions,
    entities,
    first_distinct,
    ngrams,
    quoted,
    template_actions,
)

QUESTION = 'Who wrote "War and Peace", the novel about Prince Andrei?'


class OpenEnv(TaskEnv):
    """A library with an open action set: `search[...]` shows a page, `finish[Leo Tolstoy]` wins."""

    supports_snapshot = True

    def __init__(self) -> None:
        super().__init__()
        self.tasks = TaskSet({"train": NumberedIds("train", 1)}, self._task_of)

    @staticmethod
    def _task_of(task_id: str, split: str) -> Task:
        return Task(task_id, QUESTION, split, 2.0, 5)

    def _begin(self, task: Task) -> View:
        self.page = "Search for something."
        return self._shown()

    def _act(self, action: str) -> View:
        if action.startswith("search["):
            self.page = f"Results for {action[7:-1]}: Leo Tolstoy began it in 1863."
        return self._shown(1.0 if action == "finish[Leo Tolstoy]" else None)

    def _shown(self, score: float | None = None) -> View:
        return View(self.page, digest(self.page), score=score)

    def _save(self) -> str:
        return self.page

    def _load(self, task: Task, state: Any) -> None:
        self.page = state


class OwnListEnv(OpenEnv):
    """The same, with a list of its own, some of it said twice."""

    def candidate_actions(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Iterable[str]:
        return [f"search[{len(observation['text'])}]", "finish[]", "finish[]", "finish[Leo Tolstoy]"]


TEMPLATES = ("search[{}]", "finish[{}]")


def test_a_closed_set_is_passed_on_as_it_is() -> None:
    env = CandidateActions(gymnasium.make("STEP-Toy-v0"), templates=TEMPLATES)
    _, info = env.reset(seed=0)
    assert info["candidate_actions"] == info["admissible_actions"] and info["candidate_actions_cut"] == 0
    assert info["candidate_actions"] is not info["admissible_actions"]
    *_, info = env.step(info["candidate_actions"][0])
    assert info["candidate_actions"] == info["admissible_actions"] and info["action_valid"]


def test_what_is_beyond_the_limit_is_cut_and_counted() -> None:
    env = CandidateActions(gymnasium.make("STEP-Toy-v0"), limit=2)
    _, info = env.reset(seed=0)
    assert info["candidate_actions"] == info["admissible_actions"][:2]
    assert info["candidate_actions_cut"] == len(info["admissible_actions"]) - 2 > 0


def test_an_open_set_is_built_from_what_was_observed() -> None:
    env = CandidateActions(OpenEnv(), templates=TEMPLATES)
    _, info = env.reset(seed=0)
    offered = info["candidate_actions"]
    assert offered[:2] == ["search[War and Peace]", "finish[War and Peace]"], "quoted text comes first"
    assert "search[Prince Andrei]" in offered and "finish[Leo Tolstoy]" not in offered
    *_, info = env.step("search[War and Peace]")
    assert "finish[Leo Tolstoy]" in info["candidate_actions"] and "finish[1863]" in info["candidate_actions"]
    *_, terminated, _, info = env.step("finish[Leo Tolstoy]")
    assert terminated and info["is_success"] and info["candidate_actions"]


def test_restore_offers_candidates_too() -> None:
    env = CandidateActions(OpenEnv(), templates=TEMPLATES)
    env.reset(seed=0)
    *_, before = env.step("search[War and Peace]")
    snapshot = env.get_wrapper_attr("snapshot")()
    env.step("search[x]")
    _, info = env.get_wrapper_attr("restore")(snapshot)
    assert info == before


def test_the_list_of_a_world_comes_before_the_general_one() -> None:
    _, info = CandidateActions(OwnListEnv()).reset(seed=0)
    assert info["candidate_actions"] == ["search[21]", "finish[]", "finish[Leo Tolstoy]"]
    assert info["candidate_actions_cut"] == 0
    _, info = CandidateActions(OwnListEnv(), limit=1).reset(seed=0)
    assert info["candidate_actions"] == ["search[21]"] and info["candidate_actions_cut"] == 2
    _, info = CandidateActions(OwnListEnv(), templates=["say {}"]).reset(seed=0)
    assert info["candidate_actions"][0] == "say War and Peace"


def test_an_open_set_without_any_builder_says_what_to_pass() -> None:
    with pytest.raises(ValueError, match="OpenEnv has an open action set.*pass templates"):
        CandidateActions(OpenEnv()).reset(seed=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"limit": 0}, "limit=0"),
        ({"limit": MAX_CANDIDATES + 1}, "from 1 to 256"),
        ({"templates": ["search"]}, "template 'search'"),
        ({"templates": ["{} {}"]}, "exactly one {}"),
        ({"templates": "search[{}]"}, "not one text"),
    ],
)
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        CandidateActions(OpenEnv(), **arguments)
    assert message in str(error.value)


def test_the_spec_survives_json() -> None:
    env = CandidateActions(gymnasium.make("STEP-Toy-v0"), limit=3, templates=TEMPLATES)
    assert env.spec is not None
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert isinstance(again, CandidateActions) and (again.limit, again.templates) == (3, list(TEMPLATES))
    assert again.reset(seed=4) == env.reset(seed=4)


def test_it_wraps_the_members_of_a_vector_environment() -> None:
    vector: Any = gymnasium.make_vec(
        "STEP-Toy-v0", num_envs=2, vectorization_mode="async", wrappers=[CandidateActions],
        vector_kwargs={"shared_memory": False, "context": "spawn"},
    )  # fmt: skip
    try:
        _, infos = vector.reset(seed=0)
        assert list(infos["candidate_actions"]) == list(infos["admissible_actions"])
    finally:
        vector.close()


# -- the general builder -------------------------------------------------------------------------------------


def test_quotes() -> None:
    text = 'say "hello there" and \'x\', not don\'t or \u201ccurly ones\u201d or "" or "two\nlines"'
    assert list(quoted(text)) == ["hello there", "x", "curly ones"]


def test_entities() -> None:
    text = "Which river crosses the Duchy of Savoy? In 1969 Apollo 11 left; Élise and the Bolshoi, of Moscow."
    assert list(entities(text)) == ["Duchy of Savoy", "Apollo 11", "Élise and the Bolshoi", "Moscow"]


def test_ngrams() -> None:
    assert list(ngrams("a pack of deodorant, price below 40.00 dollars")) == [
        "pack of deodorant", "pack", "deodorant",
        "price below 40.00", "price below", "price", "below 40.00 dollars", "below 40.00", "below",
        "40.00 dollars", "40.00", "dollars",
    ]  # fmt: skip


def test_sources_take_turns_so_that_a_long_page_leaves_room() -> None:
    page = " ".join(f"word{i}" for i in range(3000))
    kept, cut = first_distinct(template_actions("Where was Ada Lovelace born?", page, TEMPLATES), 40)
    assert len(kept) == 40 and cut > 500
    assert {"search[Ada Lovelace]", "search[born]", "search[word0 word1 word2]"} <= set(kept)


def test_hostile_quotes_give_no_malformed_action() -> None:
    actions = list(template_actions('say "a\0b" or "\ud800" or "so fine"', "", ["say {}"]))
    assert "say so fine" in actions and not any(map(malformed_reason, actions))


@given(st.text(max_size=200), st.text(max_size=500), st.integers(1, 40))
def test_any_text_gives_distinct_well_formed_actions_in_a_fixed_order(
    instruction: str, page: str, limit: int
) -> None:
    kept, cut = first_distinct(template_actions(instruction, page, TEMPLATES), limit)
    everything = list(dict.fromkeys(template_actions(instruction, page, TEMPLATES)))
    assert kept == everything[:limit] and cut == len(everything) - len(kept)
    for action in kept:
        assert malformed_reason(action) is None and "\n" not in action
        phrase = action[len("search[") : -1]
        words = (instruction + " " + page).split()
        assert all(any(part in word for word in words) for part in phrase.split())
