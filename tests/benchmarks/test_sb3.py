from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import sb3


def test_a_small_run_reports_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = sb3.held_out_tasks()[:20]
    monkeypatch.setattr(sb3, "held_out_tasks", lambda: tasks)
    monkeypatch.setattr(sb3.torch, "set_num_threads", lambda count: None)
    plot = tmp_path / "curve.png"
    monkeypatch.setattr("sys.argv", ["sb3", "--seeds", "2", "--steps", "4096", "--plot", str(plot)])
    sb3.main()
    keys = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (keys["benchmark"], keys["seeds"], keys["tasks"], keys["expert_success"]) == ("sb3", 2, 20, 1.0)
    assert [[point[0] for point in curve] for curve in keys["curves"]] == [[0, 2048, 4096]] * 2
    assert [curve[-1][2] for curve in keys["curves"]] == keys["success"]
    assert keys["pooled_success"] == pytest.approx(sum(keys["success"]) / 2)
    assert keys["pooled_low"] <= keys["pooled_success"] <= keys["pooled_high"]
    assert "quick" not in keys
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_held_out_tasks_are_unseen_and_long() -> None:
    tasks = sb3.held_out_tasks()
    assert len(tasks) == 140 and min(task.difficulty for task in tasks) == 6
    train = sb3.task_env(sb3.make(tasks=300)).tasks.split("train")
    assert not {task.instruction for task in tasks} & {task.instruction for task in train}


def test_the_interval_of_wilson() -> None:
    """Nine of ten, as R's prop.test gives it without continuity correction."""
    assert sb3.wilson(9, 10) == pytest.approx((0.5958, 0.9821), abs=1e-3)
    assert sb3.wilson(0, 20)[0] == pytest.approx(0.0, abs=1e-12)
