"""The encyclopaedia as ReAct shows it: `search[entity]` opens a page, `lookup[string]` finds in it.

Rules and wording follow `wikienv.py` and `wrappers.py` of github.com/ysymyth/ReAct (Yao et al., 2023, arXiv
2210.03629), on a local corpus instead of Wikipedia's web site.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from step_gym.envs.hotpotqa.corpus import Corpus, Page

SHOWN_SENTENCES = 5
_MAX_SMALL_PARAGRAPH = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a reader is.

    Attributes:
        title: The open page, or "".
        opened: Titles opened so far, in the order of their first opening.
        keyword: What was looked up last on this page, or None.
        results: Sentences of that lookup shown so far.
        miss: What the last search answered if it found no page, else "".
    """

    title: str = ""
    opened: tuple[str, ...] = ()
    keyword: str | None = None
    results: int = 0
    miss: str = ""


def page_text(page: Page) -> str:
    """The page without paragraphs of one or two words, such as headings."""
    paragraphs = (line.strip() for line in page.text.split("\n"))
    return "\n".join(p for p in paragraphs if len(p.split(" ")) > _MAX_SMALL_PARAGRAPH)


@lru_cache(maxsize=8192)
def sentences(page: Page) -> tuple[str, ...]:
    """The page's sentences as ReAct cuts them: at line ends and at ". ", each with a full stop added."""
    found: list[str] = []
    for paragraph in page_text(page).split("\n"):
        found += [part.strip() + "." for part in paragraph.strip().split(". ") if part.strip()]
    return tuple(found)


def search(corpus: Corpus, reading: Reading, entity: str) -> tuple[str, Reading]:
    """Open a page; answers with its first five sentences, or with the titles of similar pages."""
    page = corpus.find(entity)
    if page is not None and page.is_disambiguation:
        # ReAct repeats the search with the name in brackets, for which Wikipedia lists what it finds.
        entity = f"[{entity}]"
        page = None
    if page is None:
        text = f"Could not find {entity}. Similar: {corpus.similar(entity)}."
        return text, replace(reading, miss=text)
    opened = reading.opened if page.title in reading.opened else (*reading.opened, page.title)
    return " ".join(sentences(page)[:SHOWN_SENTENCES]), Reading(page.title, opened)


def lookup(corpus: Corpus, reading: Reading, keyword: str) -> tuple[str, Reading]:
    """The next sentence of the open page that contains a string, whatever the case."""
    page = corpus.find(reading.title) if reading.title else None
    found = _containing(page, keyword) if page is not None else ()
    shown = reading.results if keyword == reading.keyword else 0
    if shown >= len(found):
        return "No more results.\n", replace(reading, keyword=keyword, results=shown, miss="")
    text = f"(Result {shown + 1} / {len(found)}) {found[shown]}"
    return text, replace(reading, keyword=keyword, results=shown + 1, miss="")


@lru_cache(maxsize=8192)
def _containing(page: Page, keyword: str) -> tuple[str, ...]:
    """The sentences of a page in which a string occurs."""
    keyword = keyword.lower()
    return tuple(sentence for sentence in sentences(page) if keyword in sentence.lower())
