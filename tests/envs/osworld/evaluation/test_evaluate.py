"""How getters and metrics are combined to a score, and what is named as not to be had."""

import sys
from types import ModuleType
from typing import Any

import pytest
from gymnasium.error import DependencyNotInstalled

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.osworld import evaluation
from step_gym.envs.osworld.computer import CommandResult, Refused
from step_gym.envs.osworld.sources import Sources


class Files:
    """A computer of which only files and commands are asked."""

    def __init__(self, files=None, outputs=None):
        self.files, self.outputs = files or {}, outputs or {}

    def file(self, path):
        return self.files.get(path)

    def execute(self, command, shell=False):
        if command not in self.outputs:
            raise Refused(f"no such program: {command}")
        return CommandResult(self.outputs[command], "", 0)


class Broken:
    def file(self, path):
        raise EnvironmentFault("no answer")


def score(tmp_path, evaluator, computer: Any = None, last_action="DONE", **options):
    task = {"id": "task", "evaluator": evaluator}
    sources = Sources(False, tmp_path / "downloads")
    (tmp_path / "cache").mkdir(exist_ok=True)
    machine: Any = computer or Files()
    return evaluation.evaluate(task, machine, last_action, tmp_path / "cache", sources, **options)


def rule(value):
    return {"type": "rule", "rules": value}


def matches(result, expected):
    return {"func": "exact_match", "result": rule(result), "expected": rule({"expected": expected})}


def several(conj, *values):
    """A list of metrics with these scores: how much texts are alike."""
    texts = {0.0: "", 0.5: "ab", 1.0: "abcdef"}
    evaluator = {
        "func": ["fuzzy_match"] * len(values),
        "result": [rule(texts[value]) for value in values],
        "expected": [rule({"expected": "abcdef"})] * len(values),
    }
    return evaluator if conj is None else {**evaluator, "conj": conj}


def test_one_metric(tmp_path):
    assert score(tmp_path, matches(1, 1)) == (1.0, [])
    assert score(tmp_path, matches(1, "1")) == (0.0, ["exact_match: 0"])


@pytest.mark.parametrize(
    "conj, values, expected",
    [
        (None, (1.0, 1.0), 1.0),
        ("and", (1.0, 0.5), 0.75),
        ("and", (1.0, 0.0, 1.0), 0.0),
        ("or", (0.5, 0.0), 0.5),
        ("or", (0.0, 1.0), 1.0),
        ("or", (0.0, 0.0), 0.0),
    ],
)
def test_several_metrics(tmp_path, conj, values, expected):
    assert score(tmp_path, several(conj, *values)).value == expected


def test_a_metric_without_expected_among_several(tmp_path):
    evaluator = {
        "func": ["check_text_enlarged", "exact_match"],
        "result": [rule("1.5"), rule("x")],
        "expected": [None, rule({"expected": "x"})],
        "options": [None, {}],
    }
    assert score(tmp_path, evaluator).value == 1.0


@pytest.mark.parametrize("last_action, expected", [("FAIL", 1.0), ("DONE", 0.0), ("", 0.0)])
def test_infeasible(tmp_path, last_action, expected):
    assert score(tmp_path, {"func": "infeasible"}, last_action=last_action).value == expected


def test_giving_up_a_feasible_task(tmp_path):
    assert score(tmp_path, matches(1, 1), last_action="FAIL").value == 0.0


def test_what_cannot_be_read_scores_0_with_the_reason(tmp_path):
    missing = {
        "func": "compare_text_file",
        "result": {"type": "cache_file", "path": "gone"},
        "expected": rule(1),
    }
    assert score(tmp_path, missing) == (
        0.0,
        ["result cache_file: FileNotFoundError: 'gone': no step kept such a file"],
    )
    bad = {
        "func": "check_json_settings",
        "result": {"type": "vm_file", "path": "/a", "dest": "a"},
        "expected": rule({"expected": {}}),
    }
    value, reasons = score(tmp_path, bad, Files({"/a": b"{"}))
    assert value == 0.0
    assert reasons[0].startswith("check_json_settings: JSONDecodeError")
    assert score(tmp_path, bad, Files()).value == 0.0


def test_or_does_not_score_the_last_result_twice(tmp_path):
    """Upstream leaves a missing file's place to the result before it."""
    evaluator = {
        "func": ["check_include_exclude"] * 2,
        "conj": "or",
        "result": [rule("a"), {"type": "cache_file", "path": "gone"}],
        "expected": [rule({"include": ["b"]}), rule({"include": ["a"]})],
    }
    assert score(tmp_path, evaluator).value == 0.0


def test_a_broken_machine_is_no_score(tmp_path):
    evaluator = {
        "func": "compare_config",
        "result": {"type": "vm_file", "path": "/a", "dest": "a"},
        "expected": rule({"expected": ""}),
    }
    with pytest.raises(EnvironmentFault, match="no answer"):
        score(tmp_path, evaluator, Broken())


def test_an_expected_file_that_cannot_be_had_is_no_score(tmp_path):
    evaluator = {
        "func": "compare_text_file",
        "result": {"type": "vm_file", "path": "/a", "dest": "a"},
        "expected": {"type": "cloud_file", "path": "https://example.org/b", "dest": "b"},
    }
    with pytest.raises(EnvironmentFault, match="downloads are off"):
        score(tmp_path, evaluator, Files({"/a": b"x"}))
    assert evaluation.unsupported({"evaluator": evaluator}) == [
        "getter cloud_file (downloads are off: pass downloads=True)"
    ]
    assert evaluation.unsupported({"evaluator": evaluator}, downloads=True) == []


def test_files_of_the_computer_against_those_of_the_task(tmp_path):
    evaluator = {
        "func": "compare_text_file",
        "result": {"type": "vm_file", "path": "/a", "dest": "a"},
        "expected": {"type": "cloud_file", "path": "data:,hello", "dest": "b"},
    }
    assert score(tmp_path, evaluator, Files({"/a": b"hello"})).value == 1.0
    assert score(tmp_path, evaluator, Files({"/a": b"hello!"})).value == 0.0


@pytest.mark.parametrize(
    "func, result, found",
    [
        ("nothing", {"type": "rule"}, "metric nothing (unknown)"),
        ("exact_match", {"type": "nothing"}, "getter nothing (unknown)"),
        (
            "check_python_file_by_test_suite",
            {"type": "rule"},
            "metric check_python_file_by_test_suite "
            "(runs Python code of the task or of the agent on this machine)",
        ),
        (
            "exact_match",
            {"type": "open_tabs_info"},
            "getter open_tabs_info (needs Playwright and the port on which Chrome is debugged)",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_named_and_never_scored(tmp_path, func, result, found):
    evaluator = {"func": func, "result": {**result, "rules": {}}, "expected": rule({"expected": 1})}
    assert evaluation.unsupported({"evaluator": evaluator}) == [found]
    with pytest.raises(NotImplementedError, match="cannot be evaluated"):
        score(tmp_path, evaluator)


def test_programs_that_a_computer_lacks_are_named():
    task = {
        "evaluator": {"func": "is_expected_bookmarks", "result": {"type": "bookmarks"}, "expected": rule({})}
    }
    assert evaluation.unsupported(task) == []
    assert evaluation.unsupported(task, programs=frozenset({"web-browser"})) == []
    assert evaluation.unsupported(task, programs=frozenset()) == ["getter bookmarks (needs web-browser)"]


def test_what_an_archive_holds_is_named_too():
    evaluator = {
        "func": "compare_archive",
        "result": rule(1),
        "expected": rule(1),
        "options": {"file_type": "audio"},
    }
    assert evaluation.unsupported({"evaluator": evaluator}) == [
        "metric compare_audios (needs librosa, which decodes sound)"
    ]


def test_a_name_cannot_lead_out_of_the_cache(tmp_path):
    evaluator = {
        "func": "compare_config",
        "result": {"type": "vm_file", "path": "/a", "dest": "../../a"},
        "expected": rule({"expected": "x"}),
    }
    value, reasons = score(tmp_path, evaluator, Files({"/a": b"x"}))
    assert (value, "leads out of the cache" in reasons[0]) == (0.0, True)
    assert not (tmp_path.parent / "a").exists()


def test_upstreams_metrics_where_they_are_installed(tmp_path, monkeypatch):
    metrics = ModuleType("desktop_env.evaluators.metrics")
    metrics.exact_match = lambda result, rules: 0.25  # type: ignore[attr-defined]
    for name in ("desktop_env", "desktop_env.evaluators"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, metrics.__name__, metrics)
    assert score(tmp_path, matches(1, 1), evaluators="upstream").value == 0.25
    assert score(tmp_path, matches(1, 1)).value == 1.0


def test_upstreams_metrics_where_they_are_not(tmp_path, monkeypatch):
    for name in ("desktop_env", "desktop_env.evaluators.metrics"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DependencyNotInstalled, match="pip install desktop-env"):
        score(tmp_path, matches(1, 1), evaluators="upstream")


def test_upstreams_metrics_read_texts_in_pictures_and_run_no_code():
    def lacking(func):
        task = {"evaluator": {"func": func, "result": rule(1), "expected": rule(1)}}
        return [bool(evaluation.unsupported(task, evaluators=whose)) for whose in ("own", "upstream")]

    assert lacking("compare_image_text") == [True, False]
    assert lacking("check_python_file_by_test_suite") == [True, True]
    assert lacking("check_gnome_favorite_apps") == [False, True]
