"""What shoppers want: the goals made of a catalogue, worded and ordered as WebShop does.

`get_human_goals` and `get_synthetic_goals` of WebShop's `web_agent_site/engine/goal.py`, and the shuffle of
its text environment's server.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from step_gym.envs.webshop.products import Product

PRICE_LIMITS = [10.0 * i for i in range(1, 100)]
"""Limits in dollars that a price clause may name."""
NO_LIMIT = 1_000_000.0
SHUFFLE_SEED = 233
SPLIT_BOUNDS = {"train": (1500, None), "validation": (500, 1500), "test": (0, 500)}
"""Places in the shuffled list, as in the paper's training code (there "eval" is our "validation")."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a shopper wants.

    Attributes:
        asin: The product it was made from; others may serve as well.
        instruction: The text.
        title: That product's title.
        query: That product's query.
        product_category: That product's path through the departments.
        attributes: Attributes that count, at least one.
        options: Options that count: (name, value) pairs of a synthetic goal, values of a human one.
        price_upper: Highest price in dollars that counts.
    """

    asin: str
    instruction: str
    title: str
    query: str
    product_category: str
    attributes: tuple[str, ...]
    options: tuple[tuple[str, str], ...] | tuple[str, ...]
    price_upper: float


def _synthetic_goals(product: Product, rng: random.Random) -> Iterator[Goal]:
    """One goal for every combination of the options, all with the same price clause."""
    if product.instruction is None or not product.instruction_attributes:
        return
    price_upper, clause = _price_limit(product.price, rng)
    names = sorted(product.options)
    for combination in itertools.product(*(product.options[name] for name in names)):
        options = tuple(zip(names, combination, strict=True))
        wanted = ", and ".join(f"{name}: {value}" for name, value in options)
        instruction = product.instruction + (" with " + wanted if wanted else "") + clause
        yield _goal(product, instruction, product.instruction_attributes, options, price_upper)


def _human_goals(product: Product, rng: random.Random) -> Iterator[Goal]:
    """One goal for every instruction written for the product."""
    for entry in product.human_instructions:
        attributes = tuple(entry.get("instruction_attributes") or ())
        if not attributes:
            continue
        price_upper, clause = _price_limit(product.price, rng)
        instruction = str(entry.get("instruction") or "").strip(".") + clause
        options = tuple(map(str, entry.get("instruction_options") or ()))
        yield _goal(product, instruction, attributes, options, price_upper)


def _goal(
    product: Product, instruction: str, attributes: tuple[str, ...], options: Any, price_upper: float
) -> Goal:
    return Goal(
        product.asin,
        instruction,
        product.title,
        product.query,
        product.product_category,
        attributes,
        options,
        price_upper,
    )


def _price_limit(price: float, rng: random.Random) -> tuple[float, str]:
    """A limit among the next four above the price, and the clause that names it."""
    limits = [limit for limit in PRICE_LIMITS if limit > price][:4]
    if len(limits) < 2:
        return NO_LIMIT, ""
    limit = max(rng.sample(limits, 2))
    return limit, f", and price lower than {limit:.2f} dollars"


GOAL_KINDS: dict[str, Callable[[Product, random.Random], Iterator[Goal]]] = {
    "synthetic": _synthetic_goals,
    "human": _human_goals,
}
"""Who worded the goals."""


def make_goals(products: Iterable[Product], kind: str, rng: random.Random) -> list[Goal]:
    """All goals of a catalogue, in upstream's shuffled order.

    Args:
        products: The catalogue, in order.
        kind: "synthetic" or "human".
        rng: Draws the price limits; where it goes on from the draws of `read_products`, the goals equal those
            of upstream after `random.seed` with the same seed.
    """
    make = GOAL_KINDS[kind]
    goals = [goal for product in products for goal in make(product, rng)]
    random.Random(SHUFFLE_SEED).shuffle(goals)
    return goals
