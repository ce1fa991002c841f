from __future__ import annotations

import json
import random

import pytest

from benchmarks import hotpotqa
from step_gym.envs.hotpotqa.expert import parse


def test_the_last_line_has_every_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hotpotqa", "--quick"])
    monkeypatch.setattr(hotpotqa, "QUICK_COUNTS", {"train": 30, "validation": 10, "test": 10})
    hotpotqa.main()
    keys = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert keys["quick"] is True and keys["tasks"] == 50
    assert keys["expert_success"] >= 0.95 and 0 <= keys["one_hop_success"] < 0.5
    assert keys["steps"] > 300 and keys["ours_steps_per_s"] > 0 and keys["reset_ms"] > 0
    assert keys["construct_s"] > 0 and keys["process_mb"] > 10
    assert keys["search"]["expert_success"] >= 0.9


def test_one_hop_takes_what_it_sees_and_no_more() -> None:
    plan = parse("In which town was the director of the film Red Mill born?")
    rng = random.Random(0)
    assert hotpotqa.guess_from(plan, "Red Mill is a film. Its director was Ada Lund.", rng) == "unknown"
    assert hotpotqa.guess_from(plan, "Ada Lund was a singer. She was born in Orlau.", rng) == "Orlau"
    either = parse("Who was born later, the actor Bo Ek or the director of the film Red Mill?")
    text = "Red Mill is a film. Its director was Ada Lund."
    assert {hotpotqa.guess_from(either, text, rng) for _ in range(40)} == {"Bo Ek", "Ada Lund"}


def test_closed_book_guesses_are_common_answers() -> None:
    assert 0 < hotpotqa.closed_book([f"test-{number}" for number in range(100)]) < 0.3
