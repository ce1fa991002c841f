"""HotpotQA's files in both layouts, and what is said of files that are no such thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from step_gym.envs.hotpotqa.env import HotpotqaEnv
from step_gym.envs.hotpotqa.files import read_questions

FIVE = Path(__file__).parents[2] / "data" / "hotpotqa" / "five_questions.json"


def columns() -> list[dict[str, Any]]:
    return json.loads(FIVE.read_text())


def official() -> list[dict[str, Any]]:
    """The same questions in the official layout."""
    rows = columns()
    for number, row in enumerate(rows):
        row["_id"] = f"q{number}"
        facts, context = row["supporting_facts"], row["context"]
        row["supporting_facts"] = [list(pair) for pair in zip(facts["title"], facts["sent_id"], strict=True)]
        row["context"] = [list(pair) for pair in zip(context["title"], context["sentences"], strict=True)]
    return rows


def write(path: Path, rows: Any) -> Path:
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text(json.dumps(rows))
    return path


@pytest.mark.parametrize("name", ["dev.json", "dev.jsonl", "dev.parquet"])
@pytest.mark.parametrize("make", [columns, official])
def test_every_layout_gives_the_same_questions(tmp_path: Path, name: str, make: Any) -> None:
    if name == "dev.parquet" and make is official:
        pytest.skip("Parquet has no lists of mixed types")
    tasks, corpus = read_questions(write(tmp_path / name, make()), 7)
    assert tasks.splits == ("validation",) and len(tasks) == 5
    assert len(corpus.pages) == 50
    task = tasks[0]
    assert task.instruction == "Were Scott Derrickson and Ed Wood of the same nationality?"
    assert task.params == {
        "answer": "yes",
        "type": "comparison",
        "level": "hard",
        "supporting_titles": ["Scott Derrickson", "Ed Wood"],
    }
    assert task.difficulty == 3.0
    assert task.id == ("validation-0" if make is columns else "q0")


@pytest.mark.parametrize("interface", ["react", "search"])
def test_a_real_question_is_played(interface: str) -> None:
    env = HotpotqaEnv(interface=interface, data=FIVE, split="data")
    assert len(env.tasks) == 5 and env.tasks.splits == ("data",)
    env.reset(options={"task_id": "data-0"})
    search, finish = (
        ("search[ed wood]", "finish[Yes]")
        if interface == "react"
        else ("<search>Ed Wood filmmaker</search>", "<answer>Yes</answer>")
    )
    observation, *_ = env.step(search)
    assert "Edward Davis Wood Jr. (October 10, 1924 – December 10, 1978)" in observation["text"]
    _, reward, terminated, _, info = env.step(finish)
    assert reward == 1.0 and terminated and info["is_success"]


def test_a_folder_has_the_splits_of_its_files(tmp_path: Path) -> None:
    rows = official()
    write(tmp_path / "hotpot_train_v1.1.json", rows[:3])
    write(tmp_path / "hotpot_dev_distractor_v1.json", rows[3:])
    (tmp_path / "notes.txt").write_text("not read")
    tasks, corpus = read_questions(tmp_path, 7)
    assert {split: len(tasks.split(split)) for split in tasks.splits} == {"validation": 2, "train": 3}
    assert tasks.by_id("q4").split == "validation" and len(corpus.pages) == 50


def test_without_paragraphs_only_for_a_service(tmp_path: Path) -> None:
    rows = [{"question": "Who?", "answer": "He", "type": "bridge"}]
    path = write(tmp_path / "hotpot_dev_v1_simplified.json", rows)
    tasks, corpus = read_questions(path, 4, needs_context=False)
    assert tasks[0].id == "validation-0" and corpus.pages == ()
    with pytest.raises(ValueError, match="question 0: it has no context"):
        read_questions(path, 7)


def broken(change: Any) -> str:
    rows = official()
    change(rows)
    return json.dumps(rows)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (json.dumps(json.loads(FIVE.read_text()))[:5000], "it cannot be read"),
        ("", "it cannot be read"),
        ("[" * 100_000, "it cannot be read"),
        ("{}", "it is no list of questions"),
        ("[]", "it is no list of questions"),
        ("[1]", "question 0"),
        (broken(lambda rows: rows[1].pop("answer")), "question 1: it has no answer (the test file has none)"),
        (broken(lambda rows: rows[2].update(question=7)), "question 2: its question is no text"),
        (broken(lambda rows: rows[0].update(context=[["title"]])), "question 0"),
        (broken(lambda rows: rows[0].update(context=[["title", "no list"]])), "question 0: its context"),
        (broken(lambda rows: rows[0].update(context=[["title", [1]]])), "question 0"),
        (broken(lambda rows: rows[3].update(_id="q0")), "question 3 has the id 'q0'"),
        (broken(lambda rows: rows[3].update(supporting_facts=[[]])), "question 3"),
    ],
)
def test_a_bad_file_is_named_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "hotpot_dev_distractor_v1.json"
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        HotpotqaEnv(data=path)
    message = str(error.value)
    assert reason in message and str(path) in message and "hotpotqa.github.io" in message
    assert "\n" not in message and len(message) < 700


def test_bad_parquet_and_missing_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "dev.parquet"
    path.write_bytes(b"PAR1 nonsense")
    for wrong, reason in (
        (path, "it cannot be read"),
        (tmp_path / "none.json", "does not exist"),
        (FIVE.parent / "nowhere", "does not exist"),
    ):
        with pytest.raises(ValueError) as error:
            read_questions(wrong, 7)
        assert str(wrong) in str(error.value) and reason in str(error.value) and "\n" not in str(error.value)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="has no .json, .jsonl, .parquet file"):
        read_questions(tmp_path / "empty", 7)
