from __future__ import annotations

import pickle
from typing import Any

import gymnasium
import pytest

from step_gym.envs.webshop.env import WebShopEnv
from step_gym.wrappers.candidates import CandidateActions


def make(**kwargs: Any) -> WebShopEnv:
    env = gymnasium.make("STEP-WebShop-v0", **kwargs).unwrapped
    assert isinstance(env, WebShopEnv)
    return env


def bought(env: WebShopEnv, task_id: str, price_first: bool = False) -> tuple[float, dict[str, Any], int]:
    """Buy the product that a task was made from, in the least number of steps."""
    _, info = env.reset(options={"task_id": task_id})
    params = env.tasks.by_id(task_id).params
    product = env._shop.by_asin[params["asin"]]
    actions = [f"search[{product.title}]", f"click[{product.asin}]"]
    actions += [f"click[{option if isinstance(option, str) else option[1]}]" for option in params["options"]]
    reward = 0.0
    for action in [*actions, "click[Buy Now]"]:
        _, reward, terminated, _, info = env.step(action)
        assert info["action_valid"], (action, info)
    assert terminated
    return float(reward), info, len(actions) + 1


@pytest.mark.parametrize("goals", ["synthetic", "human"])
def test_the_difficulty_is_the_number_of_steps_that_a_perfect_purchase_takes(goals: str) -> None:
    env = make(goals=goals)
    for split in env.tasks.splits:
        for task in env.tasks.split(split)[:25]:
            reward, info, steps = bought(env, task.id)
            assert (reward, info["is_success"], steps) == (1.0, True, task.difficulty), task


def test_available_actions_are_upstreams() -> None:
    env = make()
    _, info = env.reset(seed=0)
    assert info["available_actions"] == {"has_search_bar": True, "clickables": ["search"]}
    assert "admissible_actions" not in info
    *_, info = env.step("search[rug]")
    assert not info["available_actions"]["has_search_bar"]
    assert info["available_actions"]["clickables"][:2] == ["back to search", "next >"]
    assert len(info["available_actions"]["clickables"]) == 12


def test_results_have_ten_to_a_page_and_fifty_in_all() -> None:
    env = make()
    env.reset(seed=0)
    observation, *_, info = env.step("search[chair stool rug lamp]")
    shown = []
    for page in range(1, 7):
        assert f"Page {page} (Total results: 50) [SEP] " in observation["text"]
        labels = info["available_actions"]["clickables"]
        assert ("< prev" in labels) == (page > 1) and "next >" in labels
        shown.append([label for label in labels if label.startswith("b0")])
        observation, *_, info = env.step("click[Next >]")
    assert [len(asins) for asins in shown] == [10, 10, 10, 10, 10, 0]
    assert len(set(sum(shown, []))) == 50


def test_searches_with_a_mark_list_by_attribute_category_and_query() -> None:
    env = make()
    totals = {"<q> bar stools": 80, "<c> beauty": 800, "<r>": 50, "<c>": 0, "<q>": 0, "<a>": 0}
    for query, total in totals.items():
        env.reset(seed=0)
        observation, *_ = env.step(f"search[{query}]")
        assert f"(Total results: {total})" in observation["text"]
    env.reset(seed=0)
    observation, *_ = env.step("search[<a> solid wood]")
    assert "(Total results: 0)" not in observation["text"]


@pytest.mark.parametrize("mode", ["text", "text_rich"])
@pytest.mark.parametrize(
    "action",
    [
        "search[" + "x" * 10_000 + "]",
        "search[" + "chair " * 2_500 + "]",
        "search[ ]",
        "search[a]b]c]",
        "search[\U0001f511 ñ]",
        "search[+ - && || ! ( ) { } ^ ~ * ? : \\ /]",
        "search[%s {0} {x}]",
    ],
)
def test_no_search_raises(mode: str, action: str) -> None:
    env = make(observation_mode=mode)
    env.reset(seed=0)
    observation, reward, terminated, truncated, info = env.step(action)
    assert info["action_valid"] and "Total results" in observation["text"]
    assert env.step("click[back to search]")[4]["action_valid"]


@pytest.mark.parametrize(
    "action",
    [
        "search[]",
        "search",
        "search[[[[]]]]",
        "click[b999999999]",
        "click[ ]",
        "click[no such option]",
        "click[buy now]",
        "click[",
        "]click[",
        "[]",
        "[" * 5000,
        "click[search]",
        "SEARCH[rug]",
        "buy",
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_so(action: str) -> None:
    env = make()
    before, info = env.reset(seed=0)
    after, reward, terminated, _, told = env.step(action)
    assert (after, reward, terminated) == (before, 0.0, False)
    assert told["state_key"] == info["state_key"] and not told["action_valid"]
    assert "search[words]" in told["action_error"]


def test_chosen_options_are_part_of_the_state_and_shown_in_rich_text_alone() -> None:
    for mode in ("text", "text_rich"):
        env = make(observation_mode=mode)
        task = next(task for task in env.tasks if task.params["options"])
        product = env._shop.by_asin[task.params["asin"]]
        env.reset(options={"task_id": task.id})
        env.step(f"search[{product.title}]")
        before, *_, info = env.step(f"click[{product.asin}]")
        value = task.params["options"][0][1]
        after, *_, told = env.step(f"click[{value}]")
        assert told["state_key"] != info["state_key"]
        assert (before["text"] == after["text"]) == (mode == "text")
        assert (f"[clicked button] {value} [clicked button_]" in after["text"]) == (mode == "text_rich")


def test_candidates_are_searches_then_clicks() -> None:
    env = CandidateActions(gymnasium.make("STEP-WebShop-v0"))
    _, info = env.reset(seed=0)
    assert 5 < len(info["candidate_actions"]) <= 24
    assert all(action.startswith("search[") for action in info["candidate_actions"])
    *_, info = env.step(info["candidate_actions"][0])
    assert info["candidate_actions"][:2] == ["click[back to search]", "click[next >]"]
    for action in info["candidate_actions"]:
        snapshot = env.unwrapped.snapshot()  # type: ignore[attr-defined]
        assert env.step(action)[4]["action_valid"]
        env.restore(snapshot)


def test_a_pickled_environment_carries_no_catalogue() -> None:
    env = make()
    env.reset(seed=0)
    assert len(pickle.dumps(env)) < 20_000
    assert pickle.loads(pickle.dumps(env))._shop is env._shop


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"split": "eval"}, "split 'eval'.*validation"),
        ({"goals": "people"}, "goals 'people'.*human"),
        ({"observation_mode": "html"}, "observation_mode 'html'.*text_rich"),
        ({"backend": "docker"}, "backend 'docker'.*simulated"),
        ({"max_steps": 0}, "max_steps=0"),
    ],
)
def test_wrong_arguments_are_named(kwargs: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        WebShopEnv(**kwargs)


def test_the_hidden_page_of_attributes() -> None:
    env = make(show_attrs=True)
    task = env.tasks[0]
    env.reset(options={"task_id": task.id})
    env.step(f"search[{env._shop.by_asin[task.params['asin']].title}]")
    env.step(f"click[{task.params['asin']}]")
    observation, *_ = env.step("click[Attributes]")
    assert all(attribute in observation["text"] for attribute in task.params["attributes"])
    assert observation["text"].endswith(env._shop.by_asin[task.params["asin"]].product_category)
