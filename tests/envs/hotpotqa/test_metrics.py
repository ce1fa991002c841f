"""Exact match and F1 against worked cases and against recorded answers of the official script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from step_gym.envs.hotpotqa.metrics import exact_match, f1, normalise

SCORES = Path(__file__).parents[2] / "data" / "hotpotqa" / "official_scores.json"


def test_every_recorded_score_of_the_official_script() -> None:
    rows = json.loads(SCORES.read_text())
    assert len(rows) == 400 and len({row[2] for row in rows}) == 2
    for answer, gold, match, score in rows:
        assert (exact_match(answer, gold), f1(answer, gold)) == (bool(match), score), (answer, gold)


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("The Eiffel Tower!", "eiffel  tower", 1.0),
        ("Eiffel", "Eiffel Tower", 2 / 3),
        ("New York City", "Greenwich Village, New York City", 3 / 4),
        ("a b b", "b c", 2 * 1 / 2 * 1 / 2 / (1 / 2 + 1 / 2)),
        ("yes", "yes indeed", 0.0),
        ("yes indeed", "no", 0.0),
        ("no", "No.", 1.0),
        ("", "tower", 0.0),
        ("the", "a", 0.0),
    ],
)
def test_worked_f1(answer: str, gold: str, expected: float) -> None:
    assert f1(answer, gold) == pytest.approx(expected)


def test_normalisation_keeps_order_lower_case_and_punctuation_before_articles() -> None:
    assert normalise("The U.S.A. — an  'Answer'") == "usa — answer"
    assert normalise("a-n apple") == "apple"
    assert normalise("Thea anthem") == "thea anthem"
