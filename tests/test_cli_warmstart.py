"""`warmstart` for the tiny policy and for a language model, which `train` then goes on from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from step_gym.agents.config import HistoryConfig, TrainConfig, preset
from step_gym.agents.load import load_policy, saved_history
from step_gym.cli import main
from tests.agents.language_models import make_model, make_tokenizer

SMALL = [
    *("--env", "toy", "--set", "max_difficulty=3", "--threads", "1", "--device", "cpu"),
    *("--warm-start.demonstrations", "12", "--warm-start.epochs", "2", "--warm-start.learning-rate", "1e-2"),
    *("--policy.hidden", "32", "--policy.layers", "1", "--history.max-tokens", "1000"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random language model's folder."""
    folder = tmp_path_factory.mktemp("models") / "model"
    tokenizer = make_tokenizer()
    make_model(tokenizer).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_a_language_model_is_cloned_and_then_trained(model: Path, tmp_path: Path) -> None:
    start, run = tmp_path / "start", tmp_path / "run"
    assert main(["warmstart", *SMALL, "--policy", str(model), "--output", str(start)]) == 0
    metrics = json.loads((start / "warmstart.json").read_text())
    assert metrics["epochs"] == 2
    assert metrics["held_out_losses"][1] < metrics["held_out_losses"][0]
    assert metrics["held_out_loss"] == pytest.approx(metrics["held_out_losses"][1], rel=1e-4)
    rounds = ["--rounds", "1", "--tasks-per-round", "2", "--copies", "4", "--eval-tasks", "2"]
    assert main(["train", *SMALL, *rounds, "--policy", str(start), "--output", str(run)]) == 0
    assert json.loads((run / "config.json").read_text())["history"]["mode"] == "append"
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    (played,) = [line for line in lines if line["kind"] == "round"]
    assert played["env_steps"] > 0
    assert played["mismatch/abs"] < 1e-4
    trained = run / "checkpoints" / "round-00001" / "policy"
    assert load_policy(trained).version == int(played["rows"] > 0)
    assert saved_history(str(trained)) == HistoryConfig("append", max_tokens=1000)


def test_a_tiny_policy_is_cloned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "start"
    assert main(["warmstart", *SMALL, "--output", str(folder)]) == 0
    assert "12 demonstrations, 2.0 epochs, held-out loss" in capsys.readouterr().out
    assert load_policy(folder).version == 0
    assert main(["warmstart", *SMALL, "--output", str(folder)]) == 2
    assert "is not empty: choose another folder" in capsys.readouterr().err


def test_what_its_prompts_held_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, found = tmp_path / "start", list[HistoryConfig]()

    def rollout(env: object, policy: object, history: HistoryConfig) -> None:
        found.append(history)
        raise KeyboardInterrupt

    def train(config: TrainConfig, *_: object, **__: object) -> None:
        found.append(config.history)
        raise KeyboardInterrupt

    monkeypatch.setattr("step_gym.agents.rollout.Rollout", rollout)
    monkeypatch.setattr("step_gym.agents.trainer.train", train)
    assert main(["warmstart", *SMALL, "--history.window", "1", "--output", str(folder)]) == 0
    kept = HistoryConfig(window=1, max_tokens=1000)
    assert preset("toy").history != kept
    start = ["--policy", str(folder), "--output", str(tmp_path / "run")]
    assert main(["evaluate", str(folder), "--env", "toy", "--split", "valid"]) == 130
    assert main(["train", "--env", "toy", *start]) == 130
    assert main(["train", "--preset", "toy", *start]) == 130
    assert found == [kept] * 3
    assert main(["train", "--env", "toy", *start, "--history.window", "2"]) == 130
    assert found[-1] == HistoryConfig(window=2, max_tokens=1000)


def test_usage_errors_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, part in (
        (["--policy", str(tmp_path / "none")], str(tmp_path / "none")),
        (["--warm-start.epoch", "1"], "did you mean '--warm-start.epochs'?"),
        (["--warm-start.demonstrations", "1"], "a warm start needs at least 2"),
    ):
        assert main(["warmstart", *SMALL, "--output", str(tmp_path / "new"), *arguments]) == 2
        line = capsys.readouterr().err.splitlines()[-1]
        assert line.startswith("step-gym: ") and part in line
    assert not (tmp_path / "new").exists()
