"""HotpotQA's own question files as tasks, with all their paragraphs as the corpus.

Layouts (Yang et al., 2018, arXiv 1809.09600): the official JSON list with `_id`, `supporting_facts` as
`[[title, sentence number], ...]` and `context` as `[[title, [sentence, ...]], ...]`; or the columns of the
data set on Hugging Face, with `id`, `supporting_facts` as `{"title": [...], "sent_id": [...]}` and `context`
as `{"title": [...], "sentences": [[...], ...]}`, as JSON, JSON lines or Parquet.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from step_gym.envs.core import Task, TaskSet
from step_gym.envs.hotpotqa.corpus import Corpus, Page

_SUFFIXES = (".json", ".jsonl", ".parquet")
_SPLITS = (("train", "train"), ("dev", "validation"), ("valid", "validation"), ("test", "test"))
_SHOULD = (
    "should be HotpotQA questions with question, answer and context, such as hotpot_dev_distractor_v1.json: "
    "download it from https://hotpotqa.github.io"
)


def read_questions(
    path: str | os.PathLike[str], max_steps: int, needs_context: bool = True
) -> tuple[TaskSet, Corpus]:
    """The questions of a file, or of all files of a folder, and the paragraphs that come with them.

    A task's id is the question's own, or split and number where it has none. The split is "train",
    "validation" or "test" after the file's name ("train", "dev" or "valid", "test"), else "data". Of several
    paragraphs with one title, the first counts. The difficulty is the number of pages to open and the answer.

    Args:
        path: A `.json`, `.jsonl` or `.parquet` file, or a folder of them.
        max_steps: Step budget of every task.
        needs_context: Whether a question without paragraphs is an error.

    Raises:
        ValueError: In one line with the file, what is wrong and where to get it.
    """
    rows: dict[str, tuple[str, dict[str, Any]]] = {}
    pages: list[Page] = []
    for file in _files(Path(path)):
        split = next((name for part, name in _SPLITS if part in file.name.lower()), "data")
        for number, row in enumerate(_rows(file)):
            try:
                task_id = str(row.get("_id") or row.get("id") or f"{split}-{number}")
                fields = _fields(row, needs_context)
                pages += _pages(row.get("context"))
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                raise _error(file, f"question {number}: {_reason(error)}") from error
            if task_id in rows:
                raise _error(file, f"question {number} has the id {task_id!r} of another one")
            rows[task_id] = split, fields
    ids: dict[str, list[str]] = {}
    for task_id, (split, _) in rows.items():
        ids.setdefault(split, []).append(task_id)
    build = partial(_build, rows, max_steps)
    return TaskSet({split: _Ids(own) for split, own in ids.items()}, build), Corpus(pages)


class _Ids(list[str]):
    """Ids in order, found at once."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(ids)
        self._known = frozenset(ids)

    def __contains__(self, value: object) -> bool:
        return value in self._known


def _build(rows: Mapping[str, tuple[str, dict[str, Any]]], max_steps: int, task_id: str, split: str) -> Task:
    fields = rows[task_id][1]
    pages = len(fields["supporting_titles"]) or 2
    return Task(
        id=task_id,
        instruction=fields["question"],
        split=split,
        difficulty=float(min(pages + 1, max_steps)),
        max_steps=max_steps,
        params={key: value for key, value in fields.items() if key != "question"},
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
        if not files:
            raise ValueError(f"{path} has no {', '.join(_SUFFIXES)} file; it {_SHOULD}")
        return files
    if not path.is_file():
        raise ValueError(f"{path} does not exist; it {_SHOULD}")
    return [path]


def _rows(file: Path) -> list[dict[str, Any]]:
    """The questions of one file, not yet checked."""
    try:
        if file.suffix == ".parquet":
            from pyarrow.parquet import read_table

            rows: Any = read_table(file).to_pylist()
        elif file.suffix == ".jsonl":
            lines = file.read_text(encoding="utf-8").split("\n")
            rows = [json.loads(line) for line in lines if line.strip()]
        else:
            rows = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise _error(file, f"it cannot be read: {_reason(error)}") from error
    if not isinstance(rows, list) or not rows:
        raise _error(file, "it is no list of questions")
    return rows


def _fields(row: Mapping[str, Any], needs_context: bool) -> dict[str, Any]:
    """What a task needs of a question, in plain values."""
    for key in ("question", "answer", *(["context"] if needs_context else [])):
        if not row.get(key):
            hint = " (the test file has none)" if key == "answer" else ""
            raise ValueError(f"it has no {key}{hint}")
    for key in ("question", "answer"):
        if not isinstance(row[key], str):
            raise ValueError(f"its {key} is no text")
    facts = row.get("supporting_facts") or []
    titles = facts["title"] if isinstance(facts, Mapping) else [fact[0] for fact in facts]
    return {
        "question": row["question"],
        "answer": row["answer"],
        "type": str(row.get("type", "")),
        "level": str(row.get("level", "")),
        "supporting_titles": list(dict.fromkeys(str(title) for title in titles)),
    }


def _pages(context: Any) -> Iterator[Page]:
    """The paragraphs of a question."""
    if context is None:
        return
    is_columns = isinstance(context, Mapping)
    pairs = zip(context["title"], context["sentences"], strict=True) if is_columns else context
    for title, sentences in pairs:
        if not isinstance(title, str) or isinstance(sentences, str):
            raise ValueError("its context is no list of titles with sentences")
        yield Page(title, "".join(sentences))


def _reason(error: Exception) -> str:
    """An exception in one line."""
    text = " ".join(str(error).split())[:200]
    return f"no {text}" if isinstance(error, KeyError) else text or type(error).__name__


def _error(file: Path, reason: str) -> ValueError:
    return ValueError(f"{file}: {reason}; it {_SHOULD}")
