"""The nouns of a product's title, by which the reward tells how alike two products are.

WebShop takes the tokens that spaCy's model en_core_web_sm tags as noun or proper noun. For the embedded
catalogue the parts of speech are written down: its titles are made of few words, and those that are no nouns
are listed beside them (`assets/webshop/catalogue.json`). For other catalogues spaCy and its model are used
where they are installed, else the same list as an approximation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

from step_gym.envs.webshop.seeds import seeds

Tagger = Callable[[str], tuple[str, ...]]
"""Gives the nouns of a title in lower case, in order, repeats included."""

SPACY_MODEL = "en_core_web_sm"

_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=65_536)
def listed_nouns(title: str) -> tuple[str, ...]:
    """Every word of a title that is not in the list of other parts of speech."""
    modifiers = seeds().modifiers
    return tuple(word for word in _WORD.findall(title.lower()) if word not in modifiers)


@cache
def best_tagger() -> Tagger:
    """The tagger of spaCy where it and its model are installed, as upstream has it; else the word list."""
    try:
        import spacy  # pyright: ignore[reportMissingImports]

        model = spacy.load(SPACY_MODEL)
    except (ImportError, OSError):
        return listed_nouns

    @lru_cache(maxsize=65_536)
    def tagged_nouns(title: str) -> tuple[str, ...]:
        return tuple(token.text.lower() for token in model(title) if token.pos_ in ("NOUN", "PROPN"))

    return tagged_nouns
