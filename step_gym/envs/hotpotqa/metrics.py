"""Exact match and F1 of an answer, by the rules of HotpotQA's `hotpot_evaluate_v1.py`."""

from __future__ import annotations

import re
import string
from collections import Counter

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WHOLE = frozenset(("yes", "no", "noanswer"))


def normalise(answer: str) -> str:
    """Lower case, without ASCII punctuation, then without articles, words one space apart."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_NO_PUNCTUATION)).split())


def exact_match(answer: str, gold: str) -> bool:
    """Whether both are equal once normalised."""
    return normalise(answer) == normalise(gold)


def f1(answer: str, gold: str) -> float:
    """Harmonic mean of token precision and recall, 0 to 1; yes, no and noanswer count only as a whole."""
    answer, gold = normalise(answer), normalise(gold)
    if answer != gold and (answer in _WHOLE or gold in _WHOLE):
        return 0.0
    given, wanted = answer.split(), gold.split()
    shared = sum((Counter(given) & Counter(wanted)).values())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(given), shared / len(wanted)
    return 2 * precision * recall / (precision + recall)
