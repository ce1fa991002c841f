"""BM25 against a second implementation written out term by term, and the stemmer against recorded answers."""

from __future__ import annotations

import json
import math
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.bm25 import BM25, STOP_WORDS, analyse
from step_gym.envs.porter import stem

STEMS = Path(__file__).parents[1] / "data" / "porter" / "stems.json"

TEXTS = [
    "The Vessin is a river. It flows through Orlau and Orlau's meadows.",
    "Orlau is a town on the Vessin.",
    "A novel by Ada Brandt, set in Orlau.",
    "Of the and to",
    "",
    "Orlau is a town on the Vessin.",
]


def score(query: list[str], document: list[str], documents: list[list[str]], k1: float, b: float) -> float:
    """The formula of Lucene's `BM25Similarity`, for documents shorter than 40 terms."""
    indexed = [terms for terms in documents if terms]
    mean = sum(map(len, indexed)) / len(indexed)
    total = 0.0
    for term in query:
        count = document.count(term)
        holding = sum(term in terms for terms in indexed)
        rarity = math.log(1 + (len(indexed) - holding + 0.5) / (holding + 0.5))
        if count:
            total += rarity * count / (count + k1 * (1 - b + b * len(document) / mean))
    return total


@pytest.mark.parametrize(("k1", "b"), [(0.9, 0.4), (1.2, 0.75), (0.0, 0.0), (2.0, 1.0)])
@pytest.mark.parametrize("query", ["Orlau", "the river Vessin", "novels of Orlau Orlau", "rivers, towns"])
def test_scores_follow_the_formula(query: str, k1: float, b: float) -> None:
    documents = [analyse(text) for text in TEXTS]
    expected = [score(analyse(query), document, documents, k1, b) for document in documents]
    found = dict(BM25(TEXTS, k1, b).search(query, len(TEXTS)))
    assert found == pytest.approx({i: value for i, value in enumerate(expected) if value > 0})


def test_the_best_come_first_and_equals_in_document_order() -> None:
    found = BM25(TEXTS).search("town Orlau Vessin", 10)
    assert [number for number, _ in found] == [1, 5, 0, 2]
    assert found[0][1] == found[1][1] and sorted(found, key=lambda pair: -pair[1]) == found
    assert BM25(TEXTS).search("town Orlau Vessin", 2) == found[:2]


@pytest.mark.parametrize("query", ["", "the of and", "xyzzy", "!?", "\ud800", "\0"])
def test_what_no_document_holds_finds_nothing(query: str) -> None:
    assert BM25(TEXTS).search(query, 3) == []
    assert BM25([]).search(query, 3) == [] and BM25(["", ""]).search(query, 3) == []


def test_no_result_is_asked_for() -> None:
    assert BM25(TEXTS).search("Orlau", 0) == []


def test_long_documents_have_the_length_that_one_byte_holds() -> None:
    # 41 terms are stored as 40, 100 as 96 and 1,000 as 984 (Lucene's SmallFloat), so these pairs score alike.
    for stored, length in ((40, 41), (96, 103), (984, 1000)):
        texts = ["word " + "other " * (stored - 1), "word " + "other " * (length - 1)]
        (_, first), (_, second) = BM25(texts).search("word", 2)
        assert first == second
    texts = ["word " + "other " * 38, "word " + "other " * 37]
    assert [number for number, _ in BM25(texts).search("word", 2)] == [1, 0]


def test_results_belong_to_the_caller_and_survive_pickling() -> None:
    index = BM25(TEXTS)
    index.search("Orlau", 2).clear()
    assert len(index.search("Orlau", 2)) == 2
    assert pickle.loads(pickle.dumps(index)).search("Orlau", 3) == index.search("Orlau", 3)


@pytest.mark.parametrize(("k1", "b"), [(-0.1, 0.4), (0.9, -0.1), (0.9, 1.1)])
def test_parameters_out_of_range_are_refused(k1: float, b: float) -> None:
    with pytest.raises(ValueError, match=f"k1={k1}, b={b}"):
        BM25(TEXTS, k1, b)


def test_analysis_as_in_lucene() -> None:
    assert analyse("The Running of the Horses' owner's U.S.A. 3.14 1,000 well-known é") == [
        "run",
        "hors",
        "owner",
        "u.s.a",
        "3.14",
        "1,000",
        "well",
        "known",
        "é",
    ]
    assert len(STOP_WORDS) == 33
    assert analyse("x" * 16_000) == ["x" * 16_000]


@given(st.text(max_size=40))
def test_any_text_can_be_analysed_and_searched(text: str) -> None:
    index = BM25([*TEXTS, text])
    assert all(term and term not in STOP_WORDS or stem(term) == term for term in analyse(text))
    found = [number for number, _ in index.search(text, 7)]
    assert (6 in found) == bool(analyse(text))


def test_stems_are_those_of_nltk() -> None:
    recorded = json.loads(STEMS.read_text())["stems"]
    assert len(recorded) > 1000
    assert {word: stem(word) for word in recorded} == recorded
