"""The words that the embedded catalogue is made of (`assets/webshop/catalogue.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of product.

    Attributes:
        category: Department, such as "beauty".
        query: The search that finds it, in the plural.
        noun: What it is called in a title.
        path: Path through the departments, joined by " › ".
        price: Lowest and highest price in dollars.
        attributes: What such a product can be; "+x" follows "with", "@x" follows "for", others stand in
            front.
        styles: Adjectives of its titles.
        uses: What it is used for.
        options: Possible values by option name.
    """

    category: str
    query: str
    noun: str
    path: str
    price: tuple[float, float]
    attributes: tuple[str, ...]
    styles: tuple[str, ...]
    uses: tuple[str, ...]
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Seeds:
    """All words: invented brands, kinds of products, and the words of titles that are no nouns."""

    brands: tuple[str, ...]
    kinds: tuple[Kind, ...]
    modifiers: frozenset[str]


@cache
def seeds() -> Seeds:
    """The words, read once."""
    file = resources.files("step_gym") / "assets" / "webshop" / "catalogue.json"
    raw = json.loads(file.read_text(encoding="utf-8"))
    pools = {name: tuple(values) for name, values in raw["pools"].items()}
    kinds = tuple(
        Kind(
            category=kind["category"],
            query=kind["query"],
            noun=kind["noun"],
            path=kind["path"],
            price=tuple(kind["price"]),
            attributes=tuple(kind["attributes"]),
            styles=tuple(kind["styles"]),
            uses=tuple(kind["uses"]),
            options={
                name: pools[pool] if isinstance(pool, str) else tuple(pool)
                for name, pool in kind["options"].items()
            },
        )
        for kind in raw["kinds"]
    )
    return Seeds(tuple(raw["brands"]), kinds, frozenset(raw["modifiers"]))
