from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest

from step_gym.envs.webshop.goals import GOAL_KINDS, Goal
from step_gym.envs.webshop.nouns import listed_nouns
from step_gym.envs.webshop.products import Product
from step_gym.envs.webshop.reward import matched_options, score, type_share
from step_gym.envs.webshop.shop import open_shop

DATA = Path(__file__).parents[2] / "data" / "webshop"
SESSIONS = json.loads((DATA / "human_sessions.json").read_text())

PRODUCT = Product(
    asin="B000000001",
    title="Norvale wooden bar stool",
    description="For the KITCHEN.",
    bullets=("Swivels.", "Has a padded back."),
    price_tag="$40.0",
    price=40.0,
    options={"color": ("walnut", "dark navy blue")},
    attributes=("solid wood",),
    category="garden",
    query="bar stools",
    product_category="Home › Furniture › Stools",
    instruction=None,
    instruction_attributes=(),
    human_instructions=(),
)
GOAL = Goal(
    asin="B1",
    instruction="i need a stool",
    title="Norvale bar stool",
    query="bar stools",
    product_category="Home › Furniture › Stools",
    attributes=("wood",),
    options=(),
    price_upper=50.0,
)


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session["session"])
def test_recorded_purchases_of_people(session: dict) -> None:
    """Options, price and the total are recomputed; the record has no text of the bought product.

    How many attributes fitted and the share for the type (1 in all nine) are taken from it.
    """
    wanted, bought, parts = session["goal"], session["bought"], session["reward_info"]
    attributes, options = tuple(wanted["attributes"]), tuple(wanted["goal_options"])
    matched = matched_options(bought["options"].values(), options)
    assert matched == round(parts.get("r_option", 0) * len(options))
    assert parts["r_type"] == 1.0
    fitting = attributes[: round(parts["r_att"] * len(attributes))]
    goal = replace(GOAL, attributes=attributes, options=options, price_upper=wanted["price_upper"])
    product = replace(PRODUCT, title=GOAL.title, attributes=fitting, price=bought["price"])
    assert score(product, bought["options"].values(), goal, listed_nouns) == session["reward"]


@pytest.mark.parametrize(
    ("chosen", "wanted", "matches"),
    [
        ("x-large", "large", True),
        ("dark navy blue", "blue", True),
        ("blue | gray", "gray", False),  # both become their first colour, "blue" and "gray"
        ("8 wide", "8", True),
        ("8", "8.5", True),
        ("7", "8", False),
        ("6 ounce", "16 ounce", True),
        ("6 ounce", ("size", "16 ounce"), False),  # a pair is compared with its name
        ("red", ("color", "red"), True),
        ("pistachio", ("flavor", "pistachio"), True),
        ("cashew", ("flavor", "cashew"), False),  # "ash" is taken for its colour
        ("dark blue", ("color", "dark gray"), False),
    ],
)
def test_options_match_loosely(chosen: str, wanted: str | tuple[str, str], matches: bool) -> None:
    assert bool(matched_options([chosen], [wanted])) == matches  # type: ignore[list-item]


def test_attributes_are_looked_for_on_every_page() -> None:
    for attribute, fits in {
        "solid wood": 1,
        "wood": 1,
        "kitchen": 1,
        "padded back": 1,
        "bar stool": 1,
        "Swivels": 0,
        "glass": 0,
    }.items():
        goal = replace(GOAL, attributes=(attribute,))
        assert score(PRODUCT, (), goal, listed_nouns) == (fits + 1) / 2, attribute


def test_a_price_above_the_limit_costs_its_share() -> None:
    assert score(PRODUCT, (), replace(GOAL, price_upper=40.0), listed_nouns) == 1
    assert score(PRODUCT, (), replace(GOAL, price_upper=39.9), listed_nouns) == 0.5


@pytest.mark.parametrize(
    ("title", "query", "category", "share"),
    [
        ("lamp", "bar stools", "Home › Furniture › Stools", 0.0),
        ("one two three four five six seven eight nine ten stool", "bar stools", "a", 0.1),
        ("one two three four stool", "lamps", "Home › Other", 0.5),
        ("one two three four stool", "lamps", "Furniture › Home", 1.0),
        ("one two three four stool", "bar stools", "a", 1.0),
        ("one two three stool", "lamps", "a", 1.0),
        ("", "lamps", "a", 0.5),
    ],
)
def test_share_for_the_type(title: str, query: str, category: str, share: float) -> None:
    goal = replace(GOAL, title=title, query=query, product_category=category)
    assert type_share(PRODUCT, goal, lambda text: tuple(text.split())) == share


@pytest.mark.parametrize("kind", sorted(GOAL_KINDS))
def test_every_goal_of_the_embedded_catalogue_can_be_met_and_not_in_fewer_steps(kind: str) -> None:
    shop = open_shop(None, kind)
    values = {value for product in shop.products for v in product.options.values() for value in v}
    pairs = set()
    for goal in shop.goals:
        product = shop.by_asin[goal.asin]
        chosen = [option if isinstance(option, str) else option[1] for option in goal.options]
        assert all(any(value in own for own in product.options.values()) for value in chosen)
        assert len(chosen) <= len(product.options)
        assert score(product, chosen, goal, shop.tagger) == 1, goal
        pairs |= set(itertools.combinations(goal.options, 2))
    # A single click never serves two of a goal's options, so each costs one.
    both = [(value, pair) for pair in pairs for value in values if matched_options([value], pair) > 1]
    assert not both


def test_the_title_finds_every_product_on_the_first_page() -> None:
    shop = open_shop(None, "synthetic")
    for place, product in enumerate(shop.products[::20]):
        found = shop.search(product.title.lower(), 10)
        assert place * 20 in found or shop.products[found[9]].title == product.title, product.title
