"""What an instruction says, as a shopper reads it: price limit, options, the rest; and first searches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_QUERIES = 24

_PRICE = re.compile(r",? and price lower than ([\d.]+) dollars\s*$")
_OPTIONS = re.compile(r" with ((?:(?! with )[^:])+: .+)$")
_OPENING = re.compile(
    r"^(?:(?:please|find|show|get|give|buy|me|i|i'm|im|am|would|like|want|need|looking|for|to|can|you|my|next|"
    r"purchase|should|be|a|an|some|the)\s+)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s+(?:with|for|in|of|that|which|and)\s+.*$")
_BRACKETS = str.maketrans("[]\n", "   ")


@dataclass(frozen=True, slots=True)
class Wish:
    """An instruction taken apart.

    Attributes:
        price_limit: Highest price in dollars, infinite without a clause.
        options: Pairs of name and value that are spelled out ("with color: red, and size: 8").
        text: The rest, without its opening words, in lower case.
    """

    price_limit: float
    options: tuple[tuple[str, str], ...]
    text: str


def read_wish(instruction: str) -> Wish:
    """What an instruction says."""
    limit, options = float("inf"), ()
    text = instruction.lower().translate(_BRACKETS)
    if price := _PRICE.search(text):
        text = text[: price.start()]
        if price[1].count(".") <= 1 and price[1].strip("."):
            limit = float(price[1])
    if spelled := _OPTIONS.search(text):
        pairs = (part.partition(": ") for part in spelled[1].split(", and "))
        options = tuple((name, value) for name, _, value in pairs)
        text = text[: spelled.start()]
    return Wish(limit, options, " ".join(_OPENING.sub("", text).split()))


def queries(instruction: str) -> list[str]:
    """At most `MAX_QUERIES` searches for an instruction, the most telling first.

    All that is wanted with the options' values; without them; the thing alone without what follows "with",
    "for" or "in"; its last words; then single parts.
    """
    return list(dict.fromkeys(query for query in _queries(read_wish(instruction)) if query))[:MAX_QUERIES]


def _queries(wish: Wish) -> Iterator[str]:
    values = " ".join(value for _, value in wish.options)
    yield f"{wish.text} {values}".strip()
    yield wish.text
    thing = _TAIL.sub("", wish.text)
    yield thing
    yield f"{thing} {values}".strip()
    words = thing.replace(",", " ").split()
    for count in (3, 2, 1):
        yield " ".join(words[-count:])
    yield from (part.strip() for part in re.split(r",| with | for | in ", wish.text))
    yield from (value for _, value in wish.options)
    yield from words
