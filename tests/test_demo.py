"""The demonstration from beginning to end, as small as it goes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from step_gym import demo
from step_gym.agents import config


def test_trains_reports_and_plays_a_game_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small = dataclasses.replace(
        config.demo(),
        tasks_per_round=2,
        copies=2,
        parallel=4,
        eval_tasks=4,
        policy=config.PolicyConfig(hidden=32, layers=1, heads=2, vocabulary=400),
        warm_start=config.WarmStartConfig(demonstrations=20, epochs=1, target_success=1.0),
    )
    monkeypatch.setitem(config.PRESETS, "demo", lambda: small)
    assert demo.main([str(tmp_path / "run"), "--rounds", "1"]) == 0
    shown = capsys.readouterr().out
    assert "held-out tasks  before" in shown and "held-out tasks  after" in shown
    assert "Your task is to: " in shown and "solved in" in shown
    assert (tmp_path / "run" / "report.html").stat().st_size > 10_000
    assert demo.main([str(tmp_path / "run")]) == 2
    assert "is not empty" in capsys.readouterr().err
