"""The Porter stemmer: an English word without its inflection ("connections" becomes "connect").

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the three changes that its author
made in his own programs and Lucene's `PorterStemFilter` has as well: "bli" becomes "ble" (not "abli" "able"),
"logi" becomes "log", and words of one or two letters stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

_STEP_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
    "logi": "log",
}
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4: dict[str, str] = dict.fromkeys(
    """
    al ance ence er ic able ible ant ement ment ent sion tion ou ism ate iti ous ive ize
    """.split(),  # noqa: SIM905
    "",
)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a lower-case word."""
    if len(word) <= 2:
        return word
    word = _plural(word)
    word = _past_and_gerund(word)
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replace(word, _STEP_2, 0)
    word = _replace(word, _STEP_3, 0)
    word = _replace(word, _STEP_4, 1)
    return _final(word)


def _plural(word: str) -> str:
    """Step 1a."""
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past_and_gerund(word: str) -> str:
    """Step 1b."""
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix):
            base = word[: -len(suffix)]
            if not _has_vowel(base):
                return word
            if base.endswith(("at", "bl", "iz")):
                return base + "e"
            if _ends_double(base) and base[-1] not in "lsz":
                return base[:-1]
            return base + "e" if _measure(base) == 1 and _ends_short(base) else base
    return word


def _replace(word: str, rules: Mapping[str, str], above: int) -> str:
    """Exchange the longest suffix that has a rule, if what stands before it has a measure above `above`."""
    for length in range(7, 1, -1):
        suffix = word[-length:] if length < len(word) else ""
        if suffix in rules:
            # Of the ending "ion", only the letters after the s or t go.
            base = word[:-3] if suffix in ("sion", "tion") and not rules[suffix] else word[:-length]
            return base + rules[suffix] if _measure(base) > above else word
    return word


def _final(word: str) -> str:
    """Step 5: a last e, and one of two last l."""
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word) > 1 else word


def _shape(word: str) -> str:
    """The word as "c" for consonants and "v" for vowels; y is a vowel after a consonant."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(base: str) -> int:
    """How often a vowel is followed by a consonant."""
    return _shape(base).count("vc")


def _has_vowel(base: str) -> bool:
    return "v" in _shape(base)


def _ends_double(base: str) -> bool:
    return len(base) > 1 and base[-1] == base[-2] and _shape(base)[-1] == "c"


def _ends_short(base: str) -> bool:
    """Whether it ends in consonant, vowel, consonant, the last not w, x or y."""
    return _shape(base)[-3:] == "cvc" and base[-1] not in "wxy"
