"""The shop: its products, their search index and the goals made of them."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from gymnasium.error import DependencyNotInstalled

from step_gym.envs.bm25 import BM25, analyse
from step_gym.envs.core import unknown_name_error
from step_gym.envs.webshop.catalogue import generated_catalogue
from step_gym.envs.webshop.files import read_catalogue
from step_gym.envs.webshop.goals import GOAL_KINDS, Goal, make_goals
from step_gym.envs.webshop.nouns import Tagger, best_tagger, listed_nouns
from step_gym.envs.webshop.products import Product, read_products

HITS = 50
"""Products a search finds at most."""
PRICE_SEED = 0
"""Seed of prices drawn from ranges and of price clauses; upstream draws them anew in every process."""
LARGE = 50_000
"""Catalogues of more products are searched with the library bm25s."""

K1, B = 0.9, 0.4

Search = Callable[[str, int], list[int]]
"""Places of the best documents for a query, best first, and at most so many."""


class Shop:
    """A catalogue that can be searched, and its goals.

    Args:
        data: A folder with WebShop's files, or the product file itself; None for the embedded catalogue.
        goals: "synthetic" or "human".

    Attributes:
        products: All products, in the catalogue's order.
        goals: All goals, in upstream's shuffled order.
        by_asin: The products by ASIN in capitals.
        tagger: Finds the nouns of a title.
        search: Places of products for a query.
    """

    def __init__(self, data: str | None, goals: str) -> None:
        self._made_of = data, goals
        rng = random.Random(PRICE_SEED)
        catalogue = generated_catalogue() if data is None else read_catalogue(data, goals)
        self.products = read_products(*catalogue, rng)
        self.goals: list[Goal] = make_goals(self.products, goals, rng)
        self.tagger: Tagger = listed_nouns if data is None else best_tagger()
        # A click names a product in capitals.
        self.by_asin = {product.asin.upper(): product for product in self.products}
        self.search = build_search([searched_text(product) for product in self.products])

    def __reduce__(self) -> tuple:
        # A pickled environment opens the shop again instead of carrying thousands of products.
        return open_shop, self._made_of

    def find(self, keywords: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
        """ASINs that a search shows, best first.

        As upstream does, a first word "<r>" draws `HITS` products, "<a>", "<c>" and "<q>" list all with the
        attribute, category or query that follows, in the catalogue's order.
        """
        rest = " ".join(keywords[1:]).strip()
        if keywords[0] == "<r>":
            count = min(HITS, len(self.products))
            found = [self.products[i] for i in rng.choice(len(self.products), count, replace=False)]
        elif keywords[0] == "<a>":
            found = [product for product in self.products if rest in product.attributes]
        elif keywords[0] == "<c>":
            found = [product for product in self.products if product.category == "".join(keywords[1:2])]
        elif keywords[0] == "<q>":
            found = [product for product in self.products if product.query == rest]
        else:
            found = [self.products[i] for i in self.search(" ".join(keywords), HITS)]
        return tuple(product.asin.upper() for product in found)


@lru_cache(maxsize=4)
def _opened(data: str | None, goals: str) -> Shop:
    return Shop(data, goals)


def open_shop(data: str | os.PathLike[str] | None, goals: str) -> Shop:
    """The shop of a catalogue and its goals; made once in a process, and shared, since nothing in it changes.

    Raises `ValueError` for an unknown kind of goals and for files that are missing or damaged.
    """
    if goals not in GOAL_KINDS:
        raise unknown_name_error("goals", goals, GOAL_KINDS)
    return _opened(None if data is None else os.path.abspath(os.fspath(data)), goals)


def searched_text(product: Product) -> str:
    """What the index holds of a product (WebShop's `search_engine/convert_product_file_format.py`)."""
    options = ", and ".join(f"{name}: {', '.join(values)}" for name, values in product.options.items())
    first_bullet = product.bullets[0] if product.bullets else ""
    return f"{product.title} {product.description} {first_bullet} {options}".lower()


def build_search(documents: Sequence[str]) -> Search:
    """BM25 over the documents, ours, or for `LARGE` catalogues that of bm25s.

    Raises `DependencyNotInstalled` where bm25s is needed and missing.
    """
    if len(documents) <= LARGE:
        index = BM25(documents, K1, B)
        return lambda query, count: [place for place, _ in index.search(query, count)]
    try:
        import bm25s  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise DependencyNotInstalled(
            f"searching {len(documents)} products needs bm25s: run `pip install 'step-gym[search]'`"
        ) from error
    retriever = bm25s.BM25(method="lucene", k1=K1, b=B)
    retriever.index([analyse(document) for document in documents], show_progress=False)

    def search(query: str, count: int) -> list[int]:
        terms = [term for term in analyse(query) if term in retriever.vocab_dict]
        if not terms:
            return []
        scores = retriever.get_scores(terms)
        best = np.argsort(-scores, kind="stable")[:count]
        return [int(place) for place in best if scores[place] > 0]

    return search
