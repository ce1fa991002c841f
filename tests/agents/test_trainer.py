"""A run learns from what it recorded, and one that is killed and resumed ends like one that was not."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from step_gym.agents.config import (
    EnvConfig,
    HistoryConfig,
    PolicyConfig,
    TrainConfig,
    WarmStartConfig,
    to_json,
)
from step_gym.agents.policy import TrainRow
from step_gym.agents.run_folder import RunFolder, load_config
from step_gym.agents.trainer import TrainingStopped, train
from step_gym.agents.update import training_rows
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.success import SuccessRecord

CONFIG = TrainConfig(
    rounds=4,
    train_tasks=3,
    tasks_per_round=2,
    copies=3,
    parallel=6,
    eval_tasks=4,
    checkpoint_every=2,
    threads=1,
    device="cpu",
    settings={"sampling": {"s0": 0.9}, "augmentation": {"s_aug": 0.9, "group": 4}},
    env=EnvConfig(id="STEP-Toy-v0", kwargs={"tasks": 30, "max_difficulty": 3}, eval_splits=("valid",)),
    policy=PolicyConfig(hidden=32, layers=1, heads=2, vocabulary=400),
    history=HistoryConfig(window=2, max_tokens=256),
    warm_start=WarmStartConfig(
        demonstrations=30, epochs=2, probe_every=2, probe_tasks=4, target_success=0.95
    ),
)
TIMES = ("seconds", "rollout_s", "update_s")

KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from step_gym.agents.config import from_json
from step_gym.agents.trainer import train

def listener(record):
    line = " ".join(str(record.get(key)) for key in ("kind", "phase", "round", "done"))
    if line == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

train(from_json(Path(sys.argv[2]).read_text()), Path(sys.argv[1]), listener=listener)
"""


def metrics(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in RunFolder(folder).metrics.read_text().splitlines()]
    return [{key: value for key, value in line.items() if key not in TIMES} for line in lines]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    train(CONFIG, folder)
    return folder


def test_a_run_leaves_what_it_promises(unbroken: Path) -> None:
    lines = metrics(unbroken)
    kinds = [line["kind"] for line in lines]
    assert kinds == ["warmstart", *["evaluation"] * 2, *["round"] * 4, *["evaluation"] * 2]
    assert load_config(unbroken) == CONFIG
    checkpoint = RunFolder(unbroken).latest_checkpoint()
    assert checkpoint is not None and checkpoint.name == "round-00004"
    episodes = list(read_run(RunFolder(unbroken).trajectories).episodes())
    assert len(episodes) == 4 * 2 * 3
    assert {len(e.candidates) for e in episodes} != {0}, "the augmentation's candidates are recorded"
    for episode in episodes:
        assert all(s.prompt_ids is not None and s.logprobs is not None for s in episode.steps)
    with SuccessRecord(RunFolder(unbroken).success, read_only=True) as record:
        assert set(record.rates()) == {episode.task_id for episode in episodes}
        assert len(record.rates()) == CONFIG.train_tasks
    trained = [line for line in lines if line["kind"] == "round" and line["rows"]]
    assert trained and all(abs(line["kl"]) < 0.5 and line["skipped"] == 0 for line in trained)


@pytest.mark.parametrize(
    "moment",
    [
        "progress warm start to 95 % success None 0",
        "progress round 1 None 4",
        "round None 3 None",
        "progress round 4 None 2",
    ],
)
def test_killed_and_resumed_equals_unbroken(unbroken: Path, tmp_path: Path, moment: str) -> None:
    folder = tmp_path / "run"
    config = tmp_path / "config.json"
    config.write_text(to_json(CONFIG))
    if "warm start" in moment:
        moment = f"progress warm start to 95 % success None {first_probe(tmp_path / 'probe')}"
    command = [sys.executable, "-c", KILLED_RUN, str(folder), str(config), moment]
    killed = subprocess.run(command, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = {
        (episode.episode_id, episode.attempt): episode
        for episode in (
            read_run(RunFolder(folder).trajectories).episodes(include_superseded=True)
            if RunFolder(folder).trajectories.is_dir()
            else ()
        )
    }
    train(CONFIG, folder, resume=True)
    assert metrics(folder) == metrics(unbroken)
    after = {
        (episode.episode_id, episode.attempt): episode
        for episode in read_run(RunFolder(folder).trajectories).episodes(include_superseded=True)
    }
    assert set(before) <= set(after), "every finished episode is kept"
    if "round 4" in moment:
        assert len(before) == 3 * 6 + 2
    counted = [episode for episode in after.values() if not episode.superseded]
    expected = list(read_run(RunFolder(unbroken).trajectories).episodes())
    assert sorted(e.episode_id for e in counted) == sorted(e.episode_id for e in expected)
    with (
        SuccessRecord(RunFolder(folder).success, read_only=True) as resumed,
        SuccessRecord(RunFolder(unbroken).success, read_only=True) as whole,
    ):
        assert resumed.rates() == whole.rates()


def first_probe(folder: Path) -> int:
    """What the first probe of the warm start reports."""
    seen: list[dict[str, Any]] = []

    class Seen(Exception):
        pass

    def listener(record: dict[str, Any]) -> None:
        seen.append(record)
        raise Seen

    with pytest.raises(Seen):
        train(CONFIG, folder, listener=listener)
    return seen[0]["done"]


def test_a_run_that_cannot_write_its_episodes_lets_go_of_its_success_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("step_gym.agents.trainer.TrajectoryWriter", refuse)
    folder = RunFolder(tmp_path / "run")
    with pytest.raises(OSError, match="no room"):
        train(CONFIG, folder.path)
    SuccessRecord(folder.success).close()


def test_a_loss_that_stays_non_finite_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> list[TrainRow]:
        return [dataclasses.replace(row, advantage=float("nan")) for row in training_rows(*arguments)]

    monkeypatch.setattr("step_gym.agents.trainer.training_rows", broken)
    config = dataclasses.replace(CONFIG, checkpoint_every=1, rounds=8)
    with pytest.raises(TrainingStopped, match=r"round \d: .*3 minibatches in a row.*last good checkpoint is"):
        train(config, tmp_path / "run")
    skipped = [line["skipped"] for line in metrics(tmp_path / "run") if line["kind"] == "round"]
    assert sum(skipped) == 2
    checkpoint = RunFolder(tmp_path / "run").latest_checkpoint()
    assert checkpoint is not None
    assert json.loads((checkpoint / "state.json").read_text())["non_finite"] == 2
    with pytest.raises(TrainingStopped):
        train(config, tmp_path / "run", resume=True)
    assert [line["skipped"] for line in metrics(tmp_path / "run") if line["kind"] == "round"] == skipped


def test_more_rounds_continue_a_finished_run(unbroken: Path, tmp_path: Path) -> None:
    short = dataclasses.replace(CONFIG, rounds=2)
    train(short, tmp_path / "run")
    train(CONFIG, tmp_path / "run", resume=True)
    rounds = [line for line in metrics(tmp_path / "run") if line["kind"] == "round"]
    assert rounds == [line for line in metrics(unbroken) if line["kind"] == "round"]


def test_refusals(unbroken: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not empty: choose another folder, or step-gym train --resume"):
        train(CONFIG, unbroken)
    with pytest.raises(ValueError, match=r"differs in seed"):
        train(dataclasses.replace(CONFIG, seed=1), unbroken, resume=True)
    with pytest.raises(ValueError, match="is no run folder"):
        train(CONFIG, tmp_path / "none", resume=True)
    with pytest.raises(ValueError, match="unknown algorithm 'stepp'.*did you mean 'step'"):
        train(dataclasses.replace(CONFIG, algorithm="stepp"), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    with pytest.raises(ValueError, match="unknown split 'valdi'.*did you mean 'valid'"):
        env = dataclasses.replace(CONFIG.env, eval_splits=("valdi",))
        train(dataclasses.replace(CONFIG, env=env), tmp_path / "new")
    assert not (tmp_path / "new").exists()
