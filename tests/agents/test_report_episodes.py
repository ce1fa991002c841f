from __future__ import annotations

import json
import random

import numpy as np

from step_gym.agents.report_episodes import MAX_TEXT_CHARS, EpisodeSample
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord


def episode(number: int, steps: int = 4, text: str = "", **fields: object) -> EpisodeRecord:
    records = [
        StepRecord(
            step=i, observation=f"{text}<room {number} {i}>", state_key="k", action=f"go {i}",
            admissible_actions=["look", f"go {i}", "wait \"here\" & now"],
            response=f"go {i}", policy_version=3,
            logprobs=np.array([-0.5, -0.25], np.float32), action_ids=np.array([1, 2], np.int32),
        )
        for i in range(steps)
    ]  # fmt: skip
    values = {
        "round": number // 10,
        "slot": number % 10,
        "is_success": number % 2 == 0,
        "score": 1.0,
    } | fields
    return EpisodeRecord(
        episode_id=f"run/{number}", run_id="run", env_id="e", task_id=f"t{number % 7}", instruction="Do it.",
        steps=records, **values,  # type: ignore[arg-type]
    )  # fmt: skip


def kept(limit: int, numbers: list[int], text: str = "") -> dict:
    sample = EpisodeSample(limit)
    for number in numbers:
        sample.add(episode(number, text=text))
    return sample.data()


def test_a_small_run_is_kept_whole_and_in_order() -> None:
    data = kept(10**7, random.Random(0).sample(range(50), 50))
    assert [item["id"] for item in data["items"]] == [f"run/{i}" for i in range(50)]
    assert data["lead"] == "50 recorded episodes, step by step."


def test_a_large_run_is_sampled_within_the_limit_whatever_the_order() -> None:
    limit = 60_000
    first, again = kept(limit, list(range(300)), 'é\n"'), kept(limit, list(range(299, -1, -1)), 'é\n"')
    ids = [item["id"] for item in first["items"]]
    assert ids == [item["id"] for item in again["items"]]
    assert 20 < len(ids) < 300 and f"{len(ids)} of the 300 recorded episodes" in first["lead"]
    size = len(json.dumps(first, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").encode())
    assert 0.3 * limit < size <= limit
    assert {item["won"] for item in first["items"]} == {True, False}


def test_one_episode_beyond_the_limit_is_still_shown() -> None:
    data = kept(10, [1])
    assert len(data["items"]) == 1


def test_texts_are_stored_once_and_point_back() -> None:
    data = kept(10**7, [0, 1])
    strings, item = data["strings"], data["items"][1]
    assert len(strings) == len(set(strings)) and strings.count("look") == 1
    step = item["steps"][2]
    assert strings[step["observation"]] == "<room 1 2>"
    assert [strings[i] for i in step["choices"]] == ["look", "go 2", 'wait "here" & now']
    assert (step["logp"], step["tokens"], step["version"], step["reward"]) == (-0.75, 2, 3, 0.0)
    assert "error" not in step and "end" not in step


def test_superseded_episodes_are_counted_and_not_shown() -> None:
    sample = EpisodeSample()
    sample.add(episode(1))
    sample.add(episode(2, superseded=True))
    data = sample.data()
    assert [item["id"] for item in data["items"]] == ["run/1"]
    assert data["lead"].endswith("1 more were played again after the run was resumed; they do not count.")


def test_failures_of_the_environment_keep_their_reason() -> None:
    sample = EpisodeSample()
    sample.add(episode(1, steps=0, status="env_error", is_success=None, score=None, error="the machine died"))
    (item,) = sample.data()["items"]
    assert (item["status"], item["score"], item["steps"], item["error"]) == (
        "env_error",
        None,
        [],
        "the machine died",
    )


def test_a_huge_text_is_cut_and_says_so() -> None:
    data = kept(10**7, [1], text="x" * (MAX_TEXT_CHARS + 500))
    text = data["strings"][data["items"][0]["steps"][0]["observation"]]
    assert text.startswith("x" * MAX_TEXT_CHARS) and text.endswith("more characters are left out here]")


def test_candidates_stand_beside_their_step() -> None:
    record = episode(1)
    record.candidates = [StepRecord(step=2, observation="", state_key="k", action="wave", is_executed=False)]
    sample = EpisodeSample()
    sample.add(record)
    data = sample.data()
    steps = data["items"][0]["steps"]
    assert [data["strings"][i] for i in steps[2]["sampled"]] == ["wave"]
    assert all("sampled" not in step for step in (steps[0], steps[1], steps[3]))
