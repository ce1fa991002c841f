"""A shopper that reads only observation and info, so that a policy can imitate it.

It searches for all that the instruction names, opens results in order, reads a product's pages as far as
something is still missing, chooses the options and buys; when few steps are left it buys the best that it has
seen.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from step_gym.envs.bm25 import analyse
from step_gym.envs.webshop import pages
from step_gym.envs.webshop.fuzzy import token_set_ratio
from step_gym.envs.webshop.tasks import MAX_STEPS
from step_gym.envs.webshop.wish import queries, read_wish

_MARKS = re.compile(r"\[(?:clicked )?button\] | \[(?:clicked )?button_\]")
_BUTTONS = {pages.BACK_TO_SEARCH, pages.NEXT, pages.PREV, pages.BUY, *pages.SUB_PAGES}


@dataclass(frozen=True, slots=True)
class _Offer:
    """A product that was looked at: how much is probably missing, and the clicks that choose its options."""

    missing: float
    choices: tuple[str, ...]


class WebShopExpert:
    """Plays one episode at a time: `reset` with what the first reset gave, then `act` before each step."""

    def reset(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Forget the last episode and read what is asked."""
        self._instruction = observation["instruction"]
        self._wish = read_wish(self._instruction)
        self._terms = set(analyse(self._wish.text))
        self._queries = queries(self._instruction)
        self._left = MAX_STEPS
        self._asin, self._reading = "", ""
        self._titles: dict[str, str] = {}
        self._read: dict[str, dict[str, str]] = {}
        self._offers: dict[str, _Offer] = {}
        self._decided = ""
        self._chosen: list[str] = []

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> str:
        """The next action, always one that the environment's `candidate_actions` offers."""
        available = info["available_actions"]
        labels = [label for label in available["clickables"] if label]
        texts = page_texts(observation["text"])
        if available["has_search_bar"]:
            action = f"search[{self._queries.pop(0) if len(self._queries) > 1 else self._queries[0]}]"
        elif pages.BUY in labels:
            action = self._on_item(texts, labels)
        elif pages.NEXT in labels:
            action = self._on_results(texts, labels)
        else:
            self._read.setdefault(self._asin, {})[self._reading] = " ".join(texts[4:])
            action = f"click[{pages.PREV}]"
        self._left -= 1
        return action

    def _on_results(self, texts: Sequence[str], labels: Sequence[str]) -> str:
        asins = [label for label in labels if label not in _BUTTONS]
        shown = {text.lower(): title for text, title in zip(texts, texts[1:], strict=False)}
        self._titles |= {asin: shown.get(asin, "") for asin in asins}
        if not self._decided:
            for asin in asins:
                if asin not in self._offers and _likely_price(texts, asin) <= self._wish.price_limit:
                    return self._open(asin)
        if self._decided in asins:
            return self._open(self._decided)
        # Without anything that fits here: the next page, and after the last another search.
        return f"click[{pages.NEXT}]" if asins else f"click[{pages.BACK_TO_SEARCH}]"

    def _open(self, asin: str) -> str:
        self._asin, self._chosen = asin, []
        return f"click[{asin}]"

    def _on_item(self, texts: Sequence[str], labels: Sequence[str]) -> str:
        values = [label for label in labels if label not in _BUTTONS]
        page = " ".join(text for text in texts[4:])
        if (title := _title(texts)) != self._titles.get(self._asin):
            # Another hand has opened this product, as in demonstrations with random actions.
            self._asin = next((asin for asin, known in self._titles.items() if known == title), title)
            self._chosen = []
        choices, lacking = self._choices(texts, values)
        read = self._read.setdefault(self._asin, {})
        known = set(analyse(" ".join((page, *read.values()))))
        missing = len(self._terms - known) + lacking
        if missing and not lacking and self._decided != self._asin:
            # Reading costs two steps; buying this one, or going back to a better one, must remain possible.
            needed = 3 + len(choices) if not self._offers else 5 + self._longest(choices)
            for name in (pages.SUB_PAGES[1], pages.SUB_PAGES[0]):
                if name not in read and self._left >= needed:
                    self._reading = name
                    return f"click[{name}]"
        # What is not on the pages read so far may stand on those that are not.
        doubt = 1.0 if len(read) == 2 else 0.5
        self._offers[self._asin] = _Offer(doubt * (missing - lacking) + lacking, tuple(choices))
        if missing and self._decided != self._asin and not self._must_decide():
            return f"click[{pages.PREV}]"
        if not self._decided:
            self._decided = min(self._offers, key=lambda asin: self._offers[asin].missing)
            if self._decided != self._asin:
                return f"click[{pages.PREV}]"
        for choice in choices:
            if choice not in self._chosen:
                self._chosen.append(choice)
                return f"click[{choice}]"
        return f"click[{pages.BUY}]"

    def _must_decide(self) -> bool:
        """Whether too few steps are left to look at another product and still buy the best one after it."""
        return self._left < 5 + self._longest(())

    def _longest(self, choices: Sequence[str]) -> int:
        """The most clicks on options that a product seen so far needs."""
        return max(len(choices), *(len(offer.choices) for offer in self._offers.values()))

    def _choices(self, texts: Sequence[str], values: Sequence[str]) -> tuple[list[str], int]:
        """The values to choose on a product's page, and how many wanted ones it lacks."""
        if self._wish.options:
            found = [_closest(name, value, values) for name, value in self._wish.options]
            return [value for value in found if value], found.count("")
        choices = []
        for group in _option_groups(texts, values):
            named = [value for value in group if _mentions(self._instruction, value)]
            choices += [max(named, key=len)] if named else []
        return choices, 0


def page_texts(text: str) -> list[str]:
    """The texts of a page in either observation mode, without marks, from "Instruction:" on."""
    if " [SEP] " in text:
        return text.split(" [SEP] ")
    lines = [_MARKS.sub("", line).strip() for line in text.split("\n")]
    lines = [line for line in lines if line]
    return lines[lines.index("Instruction:") :] if "Instruction:" in lines else lines


def _likely_price(texts: Sequence[str], asin: str) -> float:
    """The price shown for a product, the middle of a range; 0 if it cannot be read."""
    places = [i for i, text in enumerate(texts) if text.lower() == asin]
    for text in texts[places[0] + 1 : places[0] + 3] if places else ():
        if text.startswith("$"):
            prices = [float(price) for price in re.findall(r"\$(\d+(?:\.\d+)?)", text)]
            return sum(prices) / max(1, len(prices))
    return 0.0


def _title(texts: Sequence[str]) -> str:
    """The title on a product's page, which stands before its price."""
    return next((title for title, text in itertools.pairwise(texts) if text.startswith("Price: $")), "")


def _option_groups(texts: Sequence[str], values: Sequence[str]) -> list[list[str]]:
    """The page's option values by option: what stands between two names."""
    groups: list[list[str]] = []
    end = next((i for i, text in enumerate(texts) if text.startswith("Price: $")), len(texts))
    known = set(values)
    for text in texts[4:end]:
        if text not in known:
            groups.append([])
        elif groups:
            groups[-1].append(text)
    return groups


def _closest(name: str, wanted: str, values: Sequence[str]) -> str:
    """The value that is wanted, or one that the shop would take for it, or nothing."""
    if wanted in values:
        return wanted
    alike = [value for value in values if token_set_ratio(value, f"{name} {wanted}") > 85]
    return alike[0] if alike else ""


def _mentions(instruction: str, value: str) -> bool:
    """Whether an instruction names a value as whole words."""
    return re.search(rf"(?<![\w.-]){re.escape(value)}(?![\w-])", instruction.lower()) is not None
