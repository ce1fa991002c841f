"""Ranked retrieval over a few thousand texts: BM25 as Lucene computes it, for the worlds that search.

Scores follow Lucene's `BM25Similarity` (Robertson and Zaragoza, 2009, without the constant factor k1 + 1,
with document lengths in Lucene's one-byte form), and the analysis of text its `EnglishAnalyzer`. The
parameters' defaults are those of Anserini and Pyserini.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from step_gym.envs.porter import stem

STOP_WORDS = frozenset(
    """
    a an and are as at be but by for if in into is it no not of on or such that the their then there these
    they this to was will with
    """.split()  # noqa: SIM905
)
"""The stop words of Lucene's English analysis."""

# Unicode's default word boundaries (UAX #29) in short: an apostrophe or full stop joins letters, a full stop,
# comma, semicolon or apostrophe joins digits.
_WORD = re.compile(r"\w+(?:(?:(?<=[^\W\d_])['’.](?=[^\W\d_])|(?<=\d)[.,;'’](?=\d))\w+)*")
_KEPT_QUERIES = 1024
_MAX_STEMMED_CHARS = 255


def analyse(text: str) -> list[str]:
    """The terms of a text: lower case, no possessive 's, no stop word, each stemmed; repeats are kept."""
    terms = (word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text.lower()))
    return [
        stem(term) if len(term) <= _MAX_STEMMED_CHARS else term for term in terms if term not in STOP_WORDS
    ]


class BM25:
    """An index over texts that never changes once built.

    Args:
        documents: The texts; a document is named by its position.
        k1: How soon more occurrences of a term count no further, at least 0.
        b: How much long documents are marked down, 0 to 1.
    """

    def __init__(self, documents: Sequence[str], k1: float = 0.9, b: float = 0.4) -> None:
        if k1 < 0 or not 0 <= b <= 1:
            raise ValueError(f"k1={k1}, b={b}: need k1 >= 0 and 0 <= b <= 1")
        self._size = len(documents)
        postings: dict[str, tuple[list[int], list[int]]] = {}
        lengths = np.zeros(self._size)
        for number, text in enumerate(documents):
            terms = analyse(text)
            lengths[number] = len(terms)
            for term, count in Counter(terms).items():
                numbers, counts = postings.setdefault(term, ([], []))
                numbers.append(number)
                counts.append(count)
        mean = lengths.sum() / max(1, np.count_nonzero(lengths))
        damping = k1 * (1 - b + b * _stored_length(lengths) / max(mean, 1e-9))
        self._postings: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        # Lucene counts only the documents that have a term at all.
        total = int(np.count_nonzero(lengths))
        for term, (numbers, counts) in postings.items():
            rows, frequency = np.asarray(numbers, np.int32), np.asarray(counts, float)
            rarity = np.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
            self._postings[term] = rows, rarity * frequency / (frequency + damping[rows])
        self._kept: dict[tuple[str, int], list[tuple[int, float]]] = {}

    def __len__(self) -> int:
        return self._size

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """The at most `k` best documents that share a term with the query, best first, with their scores.

        Equal scores stand in document order. A term that the query repeats counts as often as it is there.
        """
        key = (query, k)
        if key not in self._kept:
            if len(self._kept) >= _KEPT_QUERIES:
                self._kept.clear()
            self._kept[key] = self._rank(query, k)
        return list(self._kept[key])

    def _rank(self, query: str, k: int) -> list[tuple[int, float]]:
        scores = np.zeros(self._size)
        for term, count in Counter(analyse(query)).items():
            if term in self._postings:
                rows, impacts = self._postings[term]
                scores[rows] += impacts * count
        # The largest again and again is the first of equals, and faster than a partition of many zeros.
        best: list[tuple[int, float]] = []
        while len(best) < min(k, self._size):
            row = int(scores.argmax())
            if scores[row] <= 0:
                break
            best.append((row, float(scores[row])))
            scores[row] = 0
        return best


def _stored_length(lengths: np.ndarray) -> np.ndarray:
    """Lengths as Lucene's `SmallFloat.intToByte4` keeps them: exact below 40, then to four binary digits."""
    excess = np.maximum(lengths - 24, 0)
    step = np.exp2(np.floor(np.log2(np.maximum(excess, 8))) - 3)
    return np.minimum(lengths, 24) + np.floor(excess / step) * step
