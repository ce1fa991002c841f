"""Odd catalogues and odd actions: the shop beside WebShop's own beyond what products usually are."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any

from step_gym.envs.webshop.catalogue import Catalogue, generated_catalogue

Item = dict[str, Any]

_TEXTS = (
    "A & B <b>chair</b>",
    "50% off &amp; more &nbsp; &#39;today&#39;",
    'it\'s "quoted" \\ back',
    "größe ÅNGSTRÖM 日本 ﬁ İ",
    "  padded  ",
    "line\nbreak",
    "tab\tand\xa0blank",
    "{{ instruction_text }} {% if %}",
    "search_results item_page done",
    "<!-- comment --> </script>",
)
_BLANK = ("", " ", "\n", " \n ", "\t", "\xa0")
_VALUES = (
    "Red/Blue",
    'dark "navy"',
    "search",
    "Description",
    "buy now",
    "< Prev",
    "next >",
    "[x] y",
    " Padded ",
    "",
    "größe İ",
    "10' x 12' & more",
    "<i>",
    "Back to Search",
    "item_page",
    "8",
)
_PRICES: tuple[Any, ...] = (
    "",
    None,
    "$1,299.00",
    "$5.00$7.50",
    "$5$6$7",
    "$0.99",
    "$989.5",
    "$1500",
    "$10.00",
)


def _odd_text(item: Item, rng: random.Random) -> None:
    item[rng.choice(("name", "full_description", "query", "category"))] = rng.choice(_TEXTS)


def _blank_text(item: Item, rng: random.Random) -> None:
    item["full_description"] = rng.choice(_BLANK)


def _odd_bullets(item: Item, rng: random.Random) -> None:
    bullets: Any = [rng.choice((*_TEXTS, *_BLANK)) for _ in range(rng.randint(1, 3))]
    item["small_description"] = rng.choice((bullets, rng.choice(_TEXTS)))


def _odd_price(item: Item, rng: random.Random) -> None:
    item["pricing"] = rng.choice(_PRICES)


def _odd_options(item: Item, rng: random.Random) -> None:
    options: dict[str, Any] = {}
    for name in rng.sample(("Color", "size", 'Fit\'s & "cut"', "Größe", "style"), rng.randint(0, 3)):
        options[name] = [{"value": value, "image": None} for value in rng.sample(_VALUES, rng.randint(1, 4))]
    if rng.random() < 0.2:
        options["nothing"] = None
    item["customization_options"] = rng.choice((options, options, options, None, {}))


CHANGES: tuple[Callable[[Item, random.Random], None], ...] = (
    _odd_text,
    _blank_text,
    _odd_bullets,
    _odd_price,
    _odd_options,
)


def odd_catalogue(size: int, rng: random.Random) -> Catalogue:
    """Some generated products, each with one to four changes, and entries that a reader must leave out."""
    whole = generated_catalogue()
    items = copy.deepcopy(rng.sample(whole.items, size))
    for item in items:
        for change in rng.sample(CHANGES, rng.randint(1, 4)):
            change(item, rng)
    extra = [items[0] | {"name": "repeated"}, items[1] | {"asin": "B0123456789"}, items[2] | {"asin": "nan"}]
    known = {item["asin"]: copy.deepcopy(whole.attributes[item["asin"]]) for item in items}
    for item in items:
        entry = known[item["asin"]]
        if "instruction" not in entry and rng.random() < 0.5:
            wanted = rng.sample(entry["attributes"], 2)
            entry |= {"instruction": f"Find me {item['query']}", "instruction_attributes": wanted}
    known["B0123456789"] = known["nan"] = {"attributes": []}
    human = {item["asin"]: whole.human[item["asin"]] for item in items if item["asin"] in whole.human}
    return Catalogue(items + extra, known, human)


def odd_action(labels: Sequence[str], page: str, rng: random.Random) -> str:
    """An action that may fail, or a search for what was read."""
    words = page.split()
    start = rng.randrange(len(words))
    query = " ".join(words[start : start + rng.randint(1, 6)])
    label = rng.choice(list(labels) or ["search"])
    return rng.choice(
        (
            f"search[{query}]",
            f"search[{query}]",
            f"search[{query.upper()}]",
            f"click[{label.upper()}]",
            f"click[{label}] and more",
            f"click[{label}",
            f"Click[{label}]",
            f" click[{label}]",
            f"click[[{label}]]",
            f"click[{label}]]",
            f"search[{label}][x]",
            "search[]",
            "search[ ]",
            "search[<q> bar stools]",
            "search[<c> beauty]",
            "search[search_results]",
            "search[item_page]",
            "search[the of and]",
            "search[" + "word " * 200 + "]",
            "click[search]",
            "click[]",
            "click[b000000000]",
            f"click\n[{label}]",
            "buy now",
        )
    )
