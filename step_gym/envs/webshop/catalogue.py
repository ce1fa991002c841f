"""The embedded catalogue: 4,000 generated products in the form of WebShop's own files.

Products come in families: the same kind, style and use, with attributes, options, brand or price changed, so
that a search finds several alike and the pages tell which one fits. Every attribute stands on one of a
product's pages.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from step_gym.envs.webshop.seeds import Kind, seeds

PRODUCTS_PER_KIND = 80
FAMILY = 4

_FIRST_ASIN = 1000
_SYNTHETIC_SHARE = 0.25
_REQUESTS = (
    "i am looking for",
    "i need",
    "find me",
    "i want to buy",
    "please show me",
    "i would like",
    "can you find",
    "my next purchase should be",
)
_OPTION_PHRASES = {
    "color": "in {}",
    "size": "in size {}",
    "scent": "with a {} scent",
    "flavor": "with {} flavor",
    "style": "of {} style",
    "item package quantity": "in a package of {}",
}


class Catalogue(NamedTuple):
    """The contents of WebShop's three files.

    Attributes:
        items: Entries of `items_shuffle*.json`.
        attributes: `items_ins_v2*.json`: attributes, and perhaps a synthetic instruction, by ASIN.
        human: `items_human_ins.json`: instructions as people word them, by ASIN.
    """

    items: list[dict[str, Any]]
    attributes: dict[str, dict[str, Any]]
    human: dict[str, list[dict[str, Any]]]


@cache
def generated_catalogue() -> Catalogue:
    """The catalogue; always the same."""
    generator = _Generator()
    for kind in seeds().kinds:
        for _ in range(PRODUCTS_PER_KIND // FAMILY):
            generator.add_family(kind)
    generator.rng.shuffle(generator.catalogue.items)
    return generator.catalogue


class _Generator:
    """A catalogue in the making, the ASINs that are left, and the instructions that exist already."""

    def __init__(self) -> None:
        self.rng = random.Random("webshop-catalogue")
        self.catalogue = Catalogue([], {}, {})
        self._asked: set[str] = set()
        count = len(seeds().kinds) * PRODUCTS_PER_KIND
        self._asins = [f"B{_FIRST_ASIN + number:09d}" for number in range(count)]
        self.rng.shuffle(self._asins)

    def add_family(self, kind: Kind) -> None:
        """`FAMILY` products that are easily taken for one another."""
        rng = self.rng
        brands = rng.sample(seeds().brands, 2)
        style, use = rng.choice(kind.styles), rng.choice(kind.uses)
        attributes = rng.sample(kind.attributes, 5)
        price = round(rng.uniform(*kind.price), 2)
        for member in range(FAMILY):
            if member:
                # Every further member loses some attributes and gets others.
                others = [attribute for attribute in kind.attributes if attribute not in attributes]
                kept = rng.sample(attributes, 5 - rng.randint(1, 2))
                attributes = kept + rng.sample(others, 5 - len(kept))
            factor = rng.choice((1.0, 1.0, 1.25, 2.0))
            shown = rng.sample(attributes, len(attributes))
            options = _options(kind, rng)
            asin, brand = self._asins.pop(), brands[member // 2]
            self.catalogue.items.append(
                {
                    "asin": asin,
                    "name": f"{brand} {phrase(shown[:2], f'{style} {kind.noun}')}",
                    "full_description": f"A {kind.noun} by {brand} for {use}. {_sentence(shown[2], use)}",
                    "small_description": [_sentence(attribute, use) for attribute in shown[3:]],
                    "pricing": _pricing(price * factor, rng),
                    "customization_options": {
                        name: [{"value": value, "image": None} for value in values]
                        for name, values in options.items()
                    },
                    "category": kind.category,
                    "query": kind.query,
                    "product_category": kind.path,
                    "images": [f"https://images.example/{asin}.jpg"],
                }
            )
            self._add_instruction(asin, kind, style, shown, options)

    def _add_instruction(
        self, asin: str, kind: Kind, style: str, attributes: list[str], options: dict[str, tuple[str, ...]]
    ) -> None:
        """A product's attributes, and an instruction that asks for some of them, unless it exists already."""
        rng = self.rng
        known: dict[str, Any] = {"attributes": sorted(map(bare, attributes))}
        self.catalogue.attributes[asin] = known
        wanted = rng.sample(attributes, rng.choice((1, 2, 2, 3)))
        instruction = f"Find me {phrase(wanted, kind.query)}"
        if rng.random() < _SYNTHETIC_SHARE and instruction not in self._asked:
            self._asked.add(instruction)
            known |= {"instruction": instruction, "instruction_attributes": [*map(bare, wanted)]}
            return
        chosen = {name: rng.choice(values) for name, values in options.items() if rng.random() < 0.75}
        request = _request(phrase(wanted, f"{style} {kind.noun}", ""), chosen, rng)
        if request not in self._asked:
            self._asked.add(request)
            self.catalogue.human[asin] = [
                {
                    "instruction": request,
                    "instruction_attributes": [*map(bare, wanted)],
                    "instruction_options": list(chosen.values()),
                }
            ]


def bare(attribute: str) -> str:
    """An attribute without the mark that tells where it stands in a phrase."""
    return attribute.lstrip("+@")


def phrase(attributes: Sequence[str], thing: str, comma: str = ",") -> str:
    """A thing with its attributes around it: "rich, cruelty free lotion with aloe vera for dry skin"."""
    front = [attribute for attribute in attributes if attribute[0] not in "+@"]
    with_ = [bare(attribute) for attribute in attributes if attribute[0] == "+"]
    for_ = [bare(attribute) for attribute in attributes if attribute[0] == "@"]
    text = f"{', '.join(front)} {thing}" if comma else f"{' '.join(front)} {thing}"
    text += f" with {' and '.join(with_)}" if with_ else ""
    text += f" for {' and '.join(for_)}" if for_ else ""
    return text.strip()


def _sentence(attribute: str, use: str) -> str:
    if attribute[0] == "+":
        return f"Comes with {bare(attribute)}, which helps with {use}."
    if attribute[0] == "@":
        return f"Made for {bare(attribute)} as well as {use}."
    return f"{attribute.capitalize()}, so that it serves {use} for years."


def _options(kind: Kind, rng: random.Random) -> dict[str, tuple[str, ...]]:
    """Two to four values of some of the kind's options, in the kind's order; one product in ten has none."""
    share = 0.0 if rng.random() < 0.1 else 0.8
    return {
        name: tuple(value for value in values if value in chosen)
        for name, values in kind.options.items()
        if rng.random() < share
        for chosen in [rng.sample(values, min(len(values), rng.randint(2, 4)))]
    }


def _pricing(price: float, rng: random.Random) -> str:
    """Mostly one price, now and then a range or none."""
    draw = rng.random()
    if draw < 0.02:
        return ""
    return f"${price:,.2f}" if draw < 0.9 else f"${price:,.2f}${price * 1.5:,.2f}"


def _request(wanted: str, chosen: dict[str, str], rng: random.Random) -> str:
    """An instruction as people write it: a sentence in lower case, options in passing."""
    article = "an" if wanted[0] in "aeiou" else "a"
    parts = [_OPTION_PHRASES[name].format(value) for name, value in chosen.items()]
    return f"{rng.choice(_REQUESTS)} {article} {' '.join([wanted, *parts])}."
