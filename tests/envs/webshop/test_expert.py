from __future__ import annotations

import gymnasium
import pytest

from step_gym.envs.webshop.expert import WebShopExpert, page_texts
from step_gym.envs.webshop.wish import MAX_QUERIES, queries, read_wish


@pytest.mark.parametrize("goals", ["synthetic", "human"])
@pytest.mark.parametrize("mode", ["text", "text_rich"])
def test_the_expert_mostly_succeeds_with_actions_that_are_offered(goals: str, mode: str) -> None:
    env = gymnasium.make("STEP-WebShop-v0", goals=goals, observation_mode=mode)
    base = env.unwrapped
    expert = WebShopExpert()
    solved = total = 0
    for split in ("train", "validation", "test"):
        for task in base.tasks.split(split)[:40]:  # type: ignore[attr-defined]
            observation, info = env.reset(options={"task_id": task.id})
            expert.reset(observation, info)
            over = False
            while not over:
                action = expert.act(observation, info)
                assert action in base.candidate_actions(observation, info)  # type: ignore[attr-defined]
                observation, _, terminated, truncated, info = env.step(action)
                over = terminated or truncated
            assert terminated, "it buys something before its steps run out"
            solved += info["is_success"]
            total += 1
    assert solved >= 0.85 * total


def test_the_expert_reads_both_observation_modes_alike() -> None:
    shown = []
    for mode in ("text", "text_rich"):
        env = gymnasium.make("STEP-WebShop-v0", observation_mode=mode)
        env.reset(options={"task_id": "test-0"})
        env.step("search[rug]")
        observation, *_, info = env.step("click[next >]")
        results = page_texts(observation["text"])
        asin = info["available_actions"]["clickables"][3]
        shown.append((results, page_texts(env.step(f"click[{asin}]")[0]["text"])))
    assert shown[0] == shown[1]


def test_an_expert_that_meets_no_page_it_knows_still_acts() -> None:
    env = gymnasium.make("STEP-WebShop-v0", max_steps=40)
    observation, info = env.reset(options={"task_id": "test-0"})
    expert = WebShopExpert()
    expert.reset({"instruction": "xyzzy", "text": ""}, info)
    for _ in range(40):
        observation, _, terminated, truncated, info = env.step(expert.act(observation, info))
        if terminated or truncated:
            break
        assert info["action_valid"]


def test_an_instruction_taken_apart() -> None:
    wish = read_wish(
        "Find me soft chairs with metal legs with color: red | blue, and size: 8, "
        "and price lower than 50.00 dollars"
    )
    assert wish.price_limit == 50.0
    assert wish.options == (("color", "red | blue"), ("size", "8"))
    assert wish.text == "soft chairs with metal legs"
    wish = read_wish("i'm looking for an oak table in size [x]")
    assert (wish.price_limit, wish.options, wish.text) == (float("inf"), (), "oak table in size x")


ODD = ["", "find me", "a", "[[[", "x " * 500, "with : , and", "x, and price lower than .. dollars"]


@pytest.mark.parametrize("instruction", ODD)
def test_any_instruction_gives_searches(instruction: str) -> None:
    found = queries(instruction)
    assert len(found) <= MAX_QUERIES and all(found) and not any(set("[]\n") & set(query) for query in found)
    read_wish(instruction)


def test_the_first_search_is_for_everything() -> None:
    found = queries(
        "Find me soft, red chairs for living room with size: 8, and price lower than 5.00 dollars"
    )
    assert found[:4] == [
        "soft, red chairs for living room 8",
        "soft, red chairs for living room",
        "soft, red chairs",
        "soft, red chairs 8",
    ]
