"""Pages of an encyclopaedia, how a title is found, and how text is ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from step_gym.envs.bm25 import BM25

DISAMBIGUATION = "may refer to:"
"""What a page says that only lists other pages; the mark that ReAct's `wikienv.py` looks for."""


@dataclass(frozen=True, slots=True)
class Page:
    """One article.

    Attributes:
        title: Its unique name, with a qualifier in brackets where several pages share a name.
        text: Paragraphs, one a line.
    """

    title: str
    text: str

    @property
    def is_disambiguation(self) -> bool:
        """Whether it only lists other pages."""
        return DISAMBIGUATION in self.text


class Corpus:
    """Pages by title, and ranked by words.

    Args:
        pages: The pages; of several with one title, the first counts.
        redirects: Other names of pages, with the title that each leads to.
    """

    def __init__(self, pages: Iterable[Page], redirects: Mapping[str, str] | None = None) -> None:
        by_name: dict[str, Page] = {}
        for page in pages:
            by_name.setdefault(_key(page.title), page)
        self.pages = tuple(by_name.values())
        for name, title in (redirects or {}).items():
            by_name.setdefault(_key(name), by_name[_key(title)])
        self._by_name = by_name

    def find(self, name: str) -> Page | None:
        """The page of that title or redirect, whatever the case; None if there is none."""
        return self._by_name.get(_key(name))

    @cached_property
    def articles(self) -> tuple[Page, ...]:
        """The pages that are no disambiguation pages: what a search may return."""
        return tuple(page for page in self.pages if not page.is_disambiguation)

    @cached_property
    def _titles(self) -> BM25:
        return BM25([page.title for page in self.articles])

    @cached_property
    def _texts(self) -> BM25:
        return BM25([f"{page.title}\n{page.text}" for page in self.articles])

    def index(self) -> None:
        """Build the search index now; otherwise the first search does."""
        _ = self._titles, self._texts

    def search(self, query: str, k: int) -> list[Page]:
        """The at most `k` best articles for a query, by BM25 over title and text."""
        return [self.articles[number] for number, _ in self._texts.search(query, k)]

    def similar(self, name: str, k: int = 5) -> list[str]:
        """The at most `k` titles to offer for a name without a page: by words of titles, then of texts."""
        numbers = [number for number, _ in self._titles.search(name, k)]
        if len(numbers) < k:
            numbers += [number for number, _ in self._texts.search(name, k) if number not in numbers]
        return [self.articles[number].title for number in numbers[:k]]


def _key(name: str) -> str:
    """A name as titles are compared: without regard to case, underscores and repeated spaces."""
    return " ".join(name.replace("_", " ").split()).casefold()
