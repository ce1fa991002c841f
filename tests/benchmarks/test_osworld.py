from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import osworld, osworld_files
from step_gym.envs.osworld.backends import SCREENS
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.server import DesktopServer
from step_gym.envs.osworld.templates import TEMPLATES


def last_line(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_last_line_has_every_figure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [next(t.name for t in TEMPLATES if t.infeasible == infeasible) for infeasible in (False, True)]
    monkeypatch.setattr(osworld, "task_ids", lambda env, instances: [f"{name}-0" for name in names])
    monkeypatch.setattr(osworld, "UPSTREAM_STEPS", 2)
    with DesktopServer(Desktop(*SCREENS["1280x720"])) as server:
        monkeypatch.setattr("sys.argv", ["osworld", "--quick", "--upstream", server.url])
        osworld.main()
    keys = last_line(capsys)
    assert keys["quick"] is True and keys["tasks"] == 2 and keys["failed"] == []
    assert (keys["expert_success"], keys["idle_success"]) == (1.0, 0.0)
    assert keys["success"]["feasible"] == {"expert": 1.0, "WAIT": 0.0, "DONE": 0.0, "FAIL": 0.0}
    assert keys["success"]["infeasible"] == {"expert": 1.0, "WAIT": 0.0, "DONE": 0.0, "FAIL": 1.0}
    assert keys["steps_per_s_text"] > keys["steps_per_s_screenshot"] > 0 < keys["reset_ms"]
    assert keys["steps_per_s_first_time"] > 0
    low, median, high = keys["upstream_quartiles_ms"]
    assert 0 < low <= median <= high and keys["upstream_step_ms"] == median
    expected = keys["upstream_step_ms"] * keys["steps_per_s_screenshot"] / 1e3
    assert keys["speed_ratio"] == pytest.approx(expected, abs=0.1)


def test_published_files_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "examples/os").mkdir(parents=True)
    web = {"type": "download", "parameters": {"files": [{"url": "https://example.org/a", "path": "/a"}]}}
    for name, fields in {
        "plain": {},
        "web": {"config": [web]},
        "drive": {"config": [{"type": "googledrive", "parameters": {}}]},
        "program": {"related_apps": ["gimp"]},
    }.items():
        task = {"id": name, "instruction": "x", "evaluator": {"func": "infeasible"}, **fields}
        (tmp_path / f"examples/os/{name}.json").write_text(json.dumps(task))
    monkeypatch.setattr("sys.argv", ["osworld_files", str(tmp_path), "--markdown"])
    osworld_files.main()
    shown = capsys.readouterr().out
    keys = json.loads(shown.splitlines()[-1])
    assert keys["files"] == 4 and keys["splits"] == {"examples": 4}
    assert keys["can_be_scored"] == {"remote, downloads": 3, "remote": 2, "simulated": 1}
    assert "| os | 4 | 3 | 2 | 1 |" in shown and "| program gimp |  |  | 1 |" in shown
    assert "| setup step googledrive | 1 | 1 | 1 |" in shown
