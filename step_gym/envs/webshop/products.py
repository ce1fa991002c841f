"""Products as the shop knows them, read from the entries of WebShop's own files.

Field by field as in `load_products` of WebShop's `web_agent_site/engine/engine.py`; what makes upstream fail
(a missing field, a price that is no number) is read as absent.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

DEFAULT_PRICE = 100.0
"""Price in dollars of a product without one."""

_LONGEST_ASIN = 10


@dataclass(frozen=True, slots=True)
class Product:
    """One thing in the shop.

    Attributes:
        asin: Its number, up to 10 characters.
        title: Its name.
        description: Text of the page "Description".
        bullets: Lines of the page "Features".
        price_tag: Price as shown, "$9.99" or "$9.99 to $19.99".
        price: Price in dollars that the reward compares; drawn from the range where there is one.
        options: Values by option name, both lower-case.
        attributes: What the shop knows of it; not shown unless asked for.
        category: Department, such as "beauty".
        query: The search it was found with, lower-case; products of one kind share it.
        product_category: Path through the departments, joined by " › ".
        instruction: A synthetic instruction without options and price, or None.
        instruction_attributes: The attributes that it asks for.
        human_instructions: Entries of `items_human_ins.json`.
    """

    asin: str
    title: str
    description: str
    bullets: tuple[str, ...]
    price_tag: str
    price: float
    options: Mapping[str, tuple[str, ...]]
    attributes: tuple[str, ...]
    category: str
    query: str
    product_category: str
    instruction: str | None
    instruction_attributes: tuple[str, ...]
    human_instructions: tuple[Mapping[str, Any], ...]


def read_products(
    items: Iterable[Mapping[str, Any]],
    attributes: Mapping[str, Mapping[str, Any]],
    human: Mapping[str, Iterable[Mapping[str, Any]]],
    rng: random.Random,
) -> list[Product]:
    """Products of the entries of `items_shuffle*.json`, `items_ins_v2*.json` and `items_human_ins.json`.

    Args:
        items: Product entries; a repeated or over-long ASIN is left out.
        attributes: Attributes and synthetic instruction by ASIN.
        human: Instructions written by people, by ASIN.
        rng: Draws a price from each range, in order, as upstream draws from Python's own generator.
    """
    products: dict[str, Product] = {}
    for item in items:
        asin = _text(item.get("asin"))
        if asin == "nan" or len(asin) > _LONGEST_ASIN or asin in products:
            continue
        known = attributes.get(asin, {})
        bullets = item.get("small_description")
        prices = read_prices(item.get("pricing"))
        products[asin] = Product(
            asin=asin,
            title=_text(item.get("name")),
            description=_text(item.get("full_description")),
            bullets=tuple(map(_text, bullets if isinstance(bullets, list) else [bullets])),
            price_tag=" to ".join(f"${price}" for price in prices or [DEFAULT_PRICE]),
            price=_price(prices, rng),
            options=_options(item.get("customization_options")),
            attributes=tuple(known.get("attributes", ("DUMMY_ATTR",))),
            category=_text(item.get("category")),
            query=_text(item.get("query")).lower().strip(),
            product_category=_text(item.get("product_category")),
            instruction=known.get("instruction"),
            instruction_attributes=tuple(known.get("instruction_attributes") or ()),
            human_instructions=tuple(human.get(asin, ())),
        )
    return list(products.values())


def read_prices(pricing: Any) -> list[float]:
    """No, one or two prices in dollars from a text such as "$1,299.00" or "$9.99$19.99"."""
    found = []
    for part in str(pricing or "").split("$")[1:]:
        digits = re.sub(r"[^\d.]", "", part)
        if digits.count(".") <= 1 and digits.strip("."):
            found.append(float(digits))
    return found[:2]


def _price(prices: list[float], rng: random.Random) -> float:
    if not prices:
        return DEFAULT_PRICE
    return prices[0] if len(prices) == 1 else rng.uniform(*prices)


def _options(customization: Any) -> dict[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    for name, contents in (customization or {}).items():
        if contents is not None:
            values = (_text(content.get("value")) for content in contents)
            options[name.lower()] = tuple(value.strip().replace("/", " | ").lower() for value in values)
    return options


def _text(value: Any) -> str:
    return "" if value is None else str(value)
