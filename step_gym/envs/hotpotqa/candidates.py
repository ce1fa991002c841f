"""Candidate actions of both interfaces, made of the question and of what this episode has shown.

A pure function of observation and info: names of the question and of the text, the titles that
`info["pages"]` lists (which the agent has opened or been shown), numbers, and the question's own words.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

_CAPITALISED = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’-]*"
_NAME = re.compile(
    rf"(?:The |An? )?{_CAPITALISED}(?:(?: (?:of|the|in|on|for|de|&))* (?:{_CAPITALISED}|\d+))*"
    r"(?: \([^()]{1,30}\))?"
)
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")
_WORD = re.compile(r"[^\W\d_]{3,}")
_SIMILAR = re.compile(r"Could not find .*\. Similar: (\[.*\])\.", re.DOTALL)
_NO_NAMES = frozenset(
    """
    after an and are at but did do does doc for from he her his how in is it its many most of on one or
    other she some that the their there these they title to was were what when where which who whom whose
    why with
    """.split()  # noqa: SIM905
)
_TEXT_CHARS = 4096
_MOST_QUERIES = 100
_MOST_KEYWORDS = 40
_MOST_ANSWERS = 110


def react_candidates(question: str, text: str, pages: Sequence[str]) -> list[str]:
    """Searches for names, lookups of the question's words, answers; most likely useful first, at most 250."""
    asked, shown = _distinct(names(question)), _distinct(names(text))
    queries = _distinct((*similar_titles(text), *asked, *shown), _MOST_QUERIES)
    return [
        *(f"search[{name}]" for name in queries),
        *(f"lookup[{word}]" for word in keywords(question)),
        *(f"finish[{answer}]" for answer in _answers(asked, shown, text, pages)),
    ]


def search_candidates(question: str, text: str, pages: Sequence[str]) -> list[str]:
    """Queries for names, two names or a name and a word of the question, all of it; answers; at most 210."""
    asked, shown = _distinct(names(question)), _distinct(names(text))
    pairs = (" ".join(pair) for pair in combinations(asked[:4], 2))
    specified = (f"{name} {word}" for name in asked[:4] for word in keywords(question)[:8])
    queries = _distinct((*asked, *pairs, question, *specified, *shown), _MOST_QUERIES)
    return [
        *(f"<search>{query}</search>" for query in queries),
        *(f"<answer>{answer}</answer>" for answer in _answers(asked, shown, text, pages)),
    ]


def _answers(asked: Sequence[str], shown: Sequence[str], text: str, pages: Sequence[str]) -> list[str]:
    """Yes, no, names and numbers; of a page's title, also the name without its qualifier."""
    bare = (title.partition(" (")[0] for title in pages)
    numbers = _NUMBER.findall(text[:_TEXT_CHARS])
    return _distinct(("yes", "no", *asked, *numbers, *bare, *shown, *pages), _MOST_ANSWERS)


def similar_titles(text: str) -> list[str]:
    """The titles that ReAct's answer to a failed search offers."""
    match = _SIMILAR.fullmatch(text)
    try:
        return list(ast.literal_eval(match[1])) if match else []
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        # The agent wrote the searched name, and may have written a list into it.
        return []


def keywords(question: str) -> list[str]:
    """The question's small words that say something, in order."""
    rest = question
    for name in names(question):
        rest = rest.replace(name, " ")
    return _distinct((word for word in _WORD.findall(rest) if word.lower() not in _NO_NAMES), _MOST_KEYWORDS)


def _distinct(items: Iterable[str], most: int | None = None) -> list[str]:
    return list(dict.fromkeys(items))[:most]


def names(text: str) -> Iterator[str]:
    """Capitalised names in order; one that begins with "The" also without it; a qualifier may follow."""
    for match in _NAME.finditer(text[:_TEXT_CHARS]):
        words = match[0].split(" ")
        while words and not _may_begin(words):
            words.pop(0)
        if words:
            yield " ".join(words)
            if words[0] == "The":
                yield " ".join(words[1:])


def _may_begin(words: Sequence[str]) -> bool:
    """Whether a name may begin with the first word: a capital, and if an article, then before another."""
    if words[0] in ("The", "A", "An"):
        return len(words) > 1 and words[1][:1].isupper()
    return words[0][:1].isupper() and words[0].lower() not in _NO_NAMES
