from __future__ import annotations

import re
from collections import Counter

import pytest

from step_gym.envs.webshop.catalogue import generated_catalogue
from step_gym.envs.webshop.goals import GOAL_KINDS
from step_gym.envs.webshop.nouns import best_tagger, listed_nouns
from step_gym.envs.webshop.seeds import seeds
from step_gym.envs.webshop.shop import open_shop
from step_gym.envs.webshop.tasks import goal_tasks


def test_size_and_mix() -> None:
    catalogue = generated_catalogue()
    assert len(catalogue.items) == len({item["asin"] for item in catalogue.items}) == 4000
    assert set(Counter(item["query"] for item in catalogue.items).values()) == {80}
    assert Counter(item["category"] for item in catalogue.items).keys() == {
        "beauty",
        "electronics",
        "fashion",
        "garden",
        "grocery",
    }
    assert any(item["pricing"] == "" for item in catalogue.items)
    assert any(item["pricing"].count("$") == 2 for item in catalogue.items)


def test_every_attribute_stands_on_a_page() -> None:
    for product in open_shop(None, "synthetic").products:
        pages = " ".join((product.title, product.description, *product.bullets)).lower()
        assert all(attribute in pages for attribute in product.attributes), product


def test_products_of_a_kind_are_easily_confused() -> None:
    """The goal's product is not simply the best match of the instruction without its options."""
    shop = open_shop(None, "synthetic")
    first = 0
    for goal in shop.goals[:200]:
        text = goal.instruction.removeprefix("Find me ").partition(" with ")[0].partition(", and price")[0]
        first += shop.products[shop.search(text, 1)[0]].asin == goal.asin
    assert 5 < first < 100


def test_the_nouns_of_titles() -> None:
    assert listed_nouns("Norvale solid wood rustic bar stool with padded back") == (
        "norvale",
        "wood",
        "bar",
        "stool",
        "back",
    )
    assert listed_nouns("") == listed_nouns("8 by 10, easy to clean") == ()
    assert all(listed_nouns(product.title) for product in open_shop(None, "synthetic").products)


def test_brands_are_nouns_and_styles_are_not() -> None:
    known = seeds()
    assert not {brand.lower() for brand in known.brands} & known.modifiers
    styles = {style for kind in known.kinds for style in kind.styles}
    # These four are nouns used before another noun.
    assert styles - known.modifiers == {"cable", "linen", "stone", "velvet"}


def test_without_spacy_the_word_list_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "spacy", None)
    best_tagger.cache_clear()
    assert best_tagger() is listed_nouns
    best_tagger.cache_clear()


@pytest.mark.parametrize(("kind", "train"), [("synthetic", 3458), ("human", 1650)])
def test_splits_never_overlap(kind: str, train: int) -> None:
    shop = open_shop(None, kind)
    tasks = goal_tasks(shop)
    assert {split: len(tasks.split(split)) for split in tasks.splits} == {
        "train": train,
        "validation": 1000,
        "test": 500,
    }
    by_split = {split: {task.instruction for task in tasks.split(split)} for split in tasks.splits}
    assert sum(map(len, by_split.values())) == len(set().union(*by_split.values())) == len(shop.goals)
    goals = [task.params["goal"] for task in tasks]
    assert sorted(goals) == list(range(len(goals)))
    assert {task.difficulty for task in tasks} == {3.0, 4.0, 5.0}


def test_goal_kinds_differ_in_wording() -> None:
    assert set(GOAL_KINDS) == {"synthetic", "human"}
    assert all(goal.instruction.startswith("Find me ") for goal in open_shop(None, "synthetic").goals)
    openings = Counter(goal.instruction.split()[0] for goal in open_shop(None, "human").goals)
    assert len(openings) >= 5
    assert not any(re.search(r"\w: ", goal.instruction) for goal in open_shop(None, "human").goals)
