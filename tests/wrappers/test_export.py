from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from step_gym.wrappers.export import to_atif, to_messages, write_atif, write_messages
from step_gym.wrappers.trajectory import EpisodeRecord
from tests.wrappers.record_samples import episode, episode_records, step

STEPS = [step(0, [1, 2]), step(1, reward=1.0, terminated=True, action="put cup")]


def test_a_conversation_ends_with_a_reply() -> None:
    told = to_messages(episode("e0", STEPS, final_observation="never answered"))
    assert told["messages"] == [
        {"role": "user", "content": "do it\n\nroom 0"},
        {"role": "assistant", "content": "<go>"},
        {"role": "user", "content": "room 1"},
        {"role": "assistant", "content": "put cup"},
    ]
    assert (told["episode_id"], told["is_success"], told["score"], told["total_reward"]) == (
        "e0",
        True,
        1.0,
        1.0,
    )
    assert to_messages(episode("e0", 0))["messages"] == []


def test_messages_are_one_line_an_episode(tmp_path: Path) -> None:
    episodes = [episode("a", final_observation="x\ny"), episode("b", 0), episode("ä")]
    assert write_messages(iter(episodes), tmp_path / "m.jsonl") == 3
    lines = (tmp_path / "m.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [to_messages(record) for record in episodes]
    assert write_messages([], tmp_path / "none.jsonl") == 0


def test_an_atif_document_holds_tokens_rewards_and_outcome() -> None:
    document = to_atif(episode("e0", STEPS, final_observation="done"))
    user, first, second = document["steps"]
    assert [document[name] for name in ("schema_version", "session_id", "trajectory_id")] == [
        "ATIF-v1.7",
        "run",
        "e0",
    ]
    assert user == {"step_id": 1, "source": "user", "message": "do it\n\nroom 0"}
    assert first["metrics"] == {
        "prompt_tokens": 2,
        "completion_tokens": 2,
        "prompt_token_ids": [1, 2],
        "completion_token_ids": [7, 8],
        "logprobs": [-0.5, -1.25],
    }
    assert first["tool_calls"][0]["arguments"] == {"action": "go"} and first["message"] == "<go>"
    assert first["observation"]["results"] == [{"source_call_id": "call-0", "content": "room 1"}]
    assert second["step_id"] == 3 and second["llm_call_count"] == 0 and "metrics" not in second
    assert second["extra"]["reward"] == 1.0 and second["observation"]["results"][0]["content"] == "done"
    assert document["extra"]["is_success"] is True and document["extra"]["task_id"] == "t"
    assert document["final_metrics"] == {
        "total_prompt_tokens": 2,
        "total_completion_tokens": 2,
        "total_steps": 3,
    }


def test_screenshots_are_named_relative_to_the_document() -> None:
    image = "ab" * 32
    document = to_atif(episode("e0", [step(0, image=image)], final_image=image), media="../media")
    source = {"media_type": "image/png", "path": f"../media/ab/{image}.png"}
    assert document["steps"][0]["message"][1] == {"type": "image", "source": source}
    assert document["steps"][1]["observation"]["results"][0]["content"][1]["source"] == source


def test_numbers_that_json_lacks_are_left_out() -> None:
    odd = step(0, [1], logprobs=np.array([-np.inf, 0.0], dtype=np.float32), reward=float("nan"))
    document = to_atif(episode("e0", [odd]))
    assert (
        "logprobs" not in document["steps"][1]["metrics"] and document["steps"][1]["extra"]["reward"] is None
    )


@settings(deadline=None, max_examples=20)
@given(episode_records())
def test_any_episode_can_be_exported(record: EpisodeRecord) -> None:
    json.dumps(to_messages(record), allow_nan=False)
    document = json.loads(json.dumps(to_atif(record), allow_nan=False))
    assert [step["step_id"] for step in document["steps"]] == list(range(1, len(record) + 2))


def test_documents_are_numbered(tmp_path: Path) -> None:
    assert write_atif([episode("a/b"), episode("c")], tmp_path / "atif") == 2
    with pytest.raises(ValueError, match="atif holds the documents of another export: choose another folder"):
        write_atif([episode("d")], tmp_path / "atif")
    read = [json.loads(path.read_text()) for path in sorted((tmp_path / "atif").iterdir())]
    assert [document["trajectory_id"] for document in read] == ["a/b", "c"]
