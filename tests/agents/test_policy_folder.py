"""What a saved policy says of itself, whole and otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from step_gym.agents.config import HistoryConfig
from step_gym.agents.policy_folder import FORMAT, SavedPolicy, keep_history, read_policy, write_policy
from step_gym.agents.tiny import TinyConfig

SAVED: dict[str, Any] = {"policy": "tiny", "version": 3, "config": {"layers": 2}}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    saved = SavedPolicy(tmp_path, "llm", 4, {"reply": "json"}, "some/model")
    write_policy(saved)
    assert read_policy(tmp_path) == read_policy(tmp_path, "llm") == saved


def test_the_history_is_added_to_what_is_there(tmp_path: Path) -> None:
    saved = SavedPolicy(tmp_path, "llm", 4, {"reply": "json"}, "some/model")
    write_policy(saved)
    assert read_policy(tmp_path).history is None
    history = HistoryConfig("append", window=0, max_tokens=77, repeat_instruction=False)
    keep_history(tmp_path, history)
    assert read_policy(tmp_path) == replace(saved, history=history)


def test_a_file_from_before_formats_were_counted_is_read(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(json.dumps(SAVED))
    assert read_policy(tmp_path, "tiny").config_as(TinyConfig) == TinyConfig(layers=2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"holds no saved policy: there is no policy\.json in it"),
        (b"", r"policy\.json cannot be read \(Expecting value.*\): take another checkpoint"),
        (b"\xff\xfe", r"policy\.json cannot be read \('utf-8' codec"),
        (b"[]", r"cannot be read \(it is no JSON object\)"),
        (json.dumps(SAVED | {"policy": "huge"}), "unknown policy 'huge': choices: tiny, llm"),
        (json.dumps(SAVED | {"policy": {}}), "unknown policy {}"),
        (json.dumps(SAVED | {"version": "3"}), "version is '3'"),
        (json.dumps({"policy": "tiny", "version": 3}), "config is None"),
        (json.dumps(SAVED | {"base": 5}), "base is 5"),
        (json.dumps(SAVED | {"config": {"widht": 2}}), "unknown setting 'widht'"),
        (json.dumps(SAVED | {"config": {"layers": "2"}}), "layers is '2', which is no int"),
        (
            json.dumps(SAVED | {"format": FORMAT + 1}),
            f"is of format {FORMAT + 1}, .* reads 1: update step-gym",
        ),
        (json.dumps(SAVED | {"history": "window"}), "history is 'window'"),
        (json.dumps(SAVED | {"history": {"wndow": 2}}), "unknown setting 'wndow': did you mean 'window'"),
        (json.dumps(SAVED | {"history": {"window": 2.5}}), "window is 2.5, which is no int"),
        (json.dumps(SAVED | {"history": {"window": -1}}), "window=-1: must be 0 or more"),
        (json.dumps(SAVED | {"history": {"mode": "all"}}), "unknown history.mode 'all'"),
        (json.dumps(SAVED | {"policy": "llm"}), "holds a policy of kind 'llm', not 'tiny'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, content: str | bytes | None, message: str) -> None:
    if content is not None:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "policy.json").write_bytes(data)
    with pytest.raises(ValueError, match=message) as caught:
        read_policy(tmp_path, "tiny").config_as(TinyConfig)
    assert "\n" not in str(caught.value) and str(tmp_path) in str(caught.value)
