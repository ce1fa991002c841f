"""`train` and `evaluate`: errors first, runs that fail, and one run that is trained, continued and judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from step_gym.agents.config import EnvConfig, HistoryConfig, language_model, preset
from step_gym.cli import main
from tests.agents.language_models import make_llm
from tests.agents.tiny_policies import make_policy

SMALL = [
    *(
        "--env",
        "toy",
        "--set",
        "max_difficulty=3",
        "--rounds",
        "1",
        "--tasks-per-round",
        "2",
        "--copies",
        "2",
    ),
    *("--eval-tasks", "4", "--threads", "1", "--policy.hidden", "32", "--policy.layers", "1"),
    *("--warm-start.demonstrations", "12", "--warm-start.epochs", "1", "--warm-start.probe-tasks", "4"),
]
"""A run that takes a second or two."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small finished run."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    assert main(["train", *SMALL, "--output", str(folder)]) == 0
    return folder


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith("step-gym: ")
    return message


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["--algorithm", "stpe"], ["unknown algorithm 'stpe'", "did you mean 'step'?", "grpo"]),
        (["--preset", "tyo"], ["unknown preset 'tyo'", "did you mean 'toy'?"]),
        (["--env", "tyo"], ["unknown environment 'tyo'", "did you mean 'toy'?"]),
        (
            ["--set", "sise=small"],
            ["unknown keyword argument of STEP-ALFWorld-v0 'sise'", "did you mean 'size'?"],
        ),
        (["--settings", "sampling.s1=0.5"], ["unknown setting 's1'", "'s0'"]),
        (["--round", "3"], ["unknown argument '--round'", "did you mean '--rounds'?"]),
        (["--rounds", "many"], ["--rounds", "'many'"]),
        (["--rounds", "-2"], ["rounds=-2"]),
        (["--optimizer.lr", "1"], ["unknown argument '--optimizer.lr'", "--optimizer."]),
        (["--resume", "/no/such/run"], ["/no/such/run is no run folder"]),
        (["--env", "toy", "--env.train-split", "tran"], ["unknown split 'tran'", "did you mean 'train'?"]),
        (["--env", "toy", "--policy", "/no/such/policy"], ["/no/such/policy"]),
    ],
)
def test_a_wrong_value_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: list[str], parts: list[str]
) -> None:
    output = [] if "--resume" in arguments else ["--output", str(tmp_path / "run")]
    message = usage_error(capsys, "train", *arguments, *output)
    for part in parts:
        assert part in message


def test_training_leaves_a_run_and_its_report(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = json.loads((run / "config.json").read_text())
    assert config["env"]["kwargs"] == {"max_difficulty": 3} and config["policy"]["hidden"] == 32
    metrics = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [line["round"] for line in metrics if line["kind"] == "round"] == [1]
    assert "STEP on Toy" in (run / "report.html").read_text(encoding="utf-8")


def test_a_taken_folder_and_another_configuration_are_refused(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "is not empty" in usage_error(capsys, "train", *SMALL, "--output", str(run))
    message = usage_error(capsys, "train", "--resume", str(run), "--copies", "3")
    assert "cannot resume" in message and "copies" in message


def test_a_run_can_be_made_longer(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--resume", str(run), "--rounds", "2"]) == 0
    out = capsys.readouterr().out
    assert "round   2" in out and f"Report: {run / 'report.html'}" in out.splitlines()


def test_evaluate_a_run_and_its_policy(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(run), "--episodes", "4"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("STEP-Toy-v0, valid: ") and "/4, 95 % interval" in lines[0]
    policy = sorted((run / "checkpoints").glob("round-*"))[-1] / "policy"
    arguments = ["--env", "toy", "--set", "max_difficulty=3", "--split", "valid", "--episodes", "4"]
    assert main(["evaluate", str(policy), *arguments]) == 0
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize("env", ["webshop", "androidworld"])
def test_a_policy_is_evaluated_with_the_prompts_it_was_trained_with(
    tmp_path: Path, env: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[EnvConfig, HistoryConfig]] = []

    def rollout(env: EnvConfig, policy: object, history: HistoryConfig) -> None:
        asked.append((env, history))
        raise KeyboardInterrupt

    monkeypatch.setattr("step_gym.agents.rollout.Rollout", rollout)
    make_policy().save(tmp_path / "tiny")
    make_llm().save(tmp_path / "llm")
    split = preset(env).env.eval_splits[0]
    for kind, config in (("tiny", preset(env)), ("llm", language_model(preset(env)))):
        arguments = ["--env", env, "--split", split, "--episodes", "1"]
        assert main(["evaluate", str(tmp_path / kind), *arguments]) == 130
        assert asked.pop() == (config.env, config.history)


def test_evaluate_names_what_is_wrong(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no folder" in usage_error(capsys, "evaluate", str(tmp_path / "none"))
    assert "say --env and --split" in usage_error(capsys, "evaluate", str(tmp_path))
    assert "holds no model" in usage_error(
        capsys, "evaluate", str(tmp_path), "--env", "toy", "--split", "valid"
    )
    assert "unknown split 'tset'" in usage_error(capsys, "evaluate", str(run), "--split", "tset")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "interrupted; step-gym train --resume {folder} continues the run"),
        ("TrainingStopped", 1, "every episode failed"),
        (RuntimeError("broken"), 1, "the run failed; step-gym train --resume {folder} continues it from"),
        (ValueError("wrong\n value"), 2, "wrong value"),
    ],
)
def test_how_a_run_can_end(
    error: BaseException | str,
    code: int,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from step_gym.agents import trainer

    def broken(*_: object, **__: object) -> None:
        raise trainer.TrainingStopped("every episode failed") if isinstance(error, str) else error

    monkeypatch.setattr(trainer, "train", broken)
    folder = tmp_path / "run"
    assert main(["train", *SMALL, "--output", str(folder)]) == code
    assert message.format(folder=folder) in capsys.readouterr().err.splitlines()[-1]


def test_help_lists_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["train", "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    assert all(
        flag in out for flag in ("--resume RUN", "--rounds", "--optimizer.learning-rate", "--history.window")
    )
