from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import osworld_published
from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.evaluation.registry import METRICS, load

EVALUATORS = {
    "same": {
        "func": "compare_text_file",
        "result": {"type": "vm_file", "path": "/home/user/a.txt", "dest": "a.txt"},
        "expected": {"type": "cloud_file", "path": "https://example.org/b.txt", "dest": "b.txt"},
    },
    "answer": {
        "func": "check_include_exclude",
        "result": {"type": "vm_command_line", "command": "cat a"},
        "expected": {"type": "rule", "rules": {"include": [], "exclude": ["apple"]}},
    },
    "refused": {"func": "check_python_file_by_test_suite", "result": {"type": "rule", "rules": 1}},
    "never": {"func": "infeasible"},
}


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict:
    (folder / "examples/os").mkdir(parents=True, exist_ok=True)
    for name, evaluator in EVALUATORS.items():
        task = {"id": name, "instruction": "x", "evaluator": evaluator}
        (folder / f"examples/os/{name}.json").write_text(json.dumps(task))
    monkeypatch.setattr("sys.argv", ["osworld_published", str(folder), "--inputs", "20"])
    osworld_published.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_runs_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluation, "load_upstream", lambda name: load(METRICS[name], name))
    figures = run(tmp_path, monkeypatch, capsys)
    assert (figures["tasks"], figures["runs"], figures["equal"], figures["tasks_above_0"]) == (2, 40, 40, 2)
    monkeypatch.setattr(evaluation, "load_upstream", lambda name: lambda *arguments, **options: 0.0)
    assert 0 < run(tmp_path, monkeypatch, capsys)["equal"] < 40
