"""Loose text matching as the reward uses it: `token_set_ratio` of thefuzz 0.22 and rapidfuzz 3.

Both texts are reduced to sets of words; what they share counts once, and the rest is compared by its longest
common subsequence (the Indel distance). The figures equal the libraries', which are not needed.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NO_WORD = re.compile(r"[\W_]")
_LATIN_1 = dict.fromkeys(range(128, 256)) | {ord("İ"): "i"}
"""What is dropped; and the one letter that Python's `lower` makes two characters of."""


def words(text: str) -> frozenset[str]:
    """The set of words of a text, prepared as thefuzz does: Latin-1 letters dropped, punctuation is space."""
    return frozenset(_NO_WORD.sub(" ", text.translate(_LATIN_1)).lower().split())


@lru_cache(maxsize=65_536)
def token_set_ratio(first: str, second: str) -> int:
    """Likeness of two texts, 0 to 100; 100 if all words of one occur in the other, 0 if one has no word."""
    a, b = words(first), words(second)
    if not a or not b:
        return 0
    shared = a & b
    if shared and (a <= b or b <= a):
        return 100
    only_a, only_b = " ".join(sorted(a - b)), " ".join(sorted(b - a))
    shared_length = len(" ".join(shared))
    gap = 1 if shared else 0
    length_a, length_b = shared_length + gap + len(only_a), shared_length + gap + len(only_b)
    best = _ratio(_indel(only_a, only_b), length_a + length_b)
    if shared:
        best = max(
            best,
            _ratio(gap + len(only_a), shared_length + length_a),
            _ratio(gap + len(only_b), shared_length + length_b),
        )
    return round(best)


def _ratio(distance: int, length: int) -> float:
    return 100.0 - 100.0 * distance / length


def _indel(first: str, second: str) -> int:
    """Insertions and deletions that turn one text into the other.

    The longest common subsequence comes from the bit-parallel algorithm of Hyyrö (2004): one integer holds a
    row of the table.
    """
    places: dict[str, int] = {}
    for position, letter in enumerate(first):
        places[letter] = places.get(letter, 0) | 1 << position
    full = (1 << len(first)) - 1
    row = full
    for letter in second:
        hits = row & places.get(letter, 0)
        row = ((row + hits) | (row - hits)) & full
    common = len(first) - row.bit_count()
    return len(first) + len(second) - 2 * common
