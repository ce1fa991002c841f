"""Random and hand-made records, and their comparison, for the tests of recording."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import strategies as st

from step_gym.wrappers.storage import storable
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

TEXTS = st.one_of(
    st.text(st.characters(codec=None, categories=None), max_size=20),
    st.sampled_from(["", "\0", "\ud800", "a\udfffb", "\U0001f600 \r\n\t", "ä" * 300, '{"a": 1}']),
)
IDS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=8).map(lambda ids: np.array(ids, dtype=np.int32))
LOGPROBS = st.lists(st.floats(width=32), max_size=8).map(lambda values: np.array(values, dtype=np.float32))
INT64 = st.integers(-(2**63), 2**63 - 1)


def step_records(is_executed: bool) -> st.SearchStrategy[StepRecord]:
    maybe_text = st.none() | TEXTS
    return st.builds(
        StepRecord,
        step=st.integers(0, 1000),
        observation=TEXTS,
        state_key=TEXTS,
        action=TEXTS,
        image=st.none() | st.just("ab" * 32),
        admissible_actions=st.none() | st.lists(TEXTS, max_size=4),
        response=maybe_text,
        prompt_ids=st.none() | IDS,
        action_ids=st.none() | IDS,
        logprobs=st.none() | LOGPROBS,
        policy_version=st.none() | INT64,
        action_valid=st.booleans(),
        action_error=maybe_text,
        reward=st.floats(),
        terminated=st.booleans(),
        truncated=st.booleans(),
        is_executed=st.just(is_executed),
        candidate_group=maybe_text,
        source=st.sampled_from(["on_policy", "replay", "augment"]),
        env_ms=st.integers(0, 10**9).map(lambda us: us / 1000),
        model_ms=st.none() | st.floats(0, 1e6),
        info=st.dictionaries(TEXTS, st.none() | st.integers() | TEXTS | st.lists(st.booleans()), max_size=2),
    )


def episode_records() -> st.SearchStrategy[EpisodeRecord]:
    maybe_text, maybe_int = st.none() | TEXTS, st.none() | INT64
    return st.builds(
        EpisodeRecord,
        episode_id=TEXTS,
        run_id=TEXTS,
        env_id=TEXTS,
        task_id=TEXTS,
        instruction=TEXTS,
        attempt=st.integers(0, 9),
        round=maybe_int,
        slot=maybe_int,
        group_id=maybe_text,
        env_kwargs=st.dictionaries(st.text(max_size=3), st.integers() | st.booleans(), max_size=2),
        seed=maybe_int,
        status=st.sampled_from(["ok", "env_error", "policy_error", "cancelled"]),
        is_success=st.none() | st.booleans(),
        score=st.none() | st.floats(0, 1),
        success_rate_before=st.none() | st.floats(0, 1),
        parent_episode_id=maybe_text,
        branch_step=maybe_int,
        final_observation=TEXTS,
        final_image=st.none() | st.just("cd" * 32),
        steps=st.lists(step_records(True), max_size=5),
        candidates=st.lists(step_records(False), max_size=3),
        error=maybe_text,
    )


def step(index: int, prompt: list[int] | None = None, **changed: Any) -> StepRecord:
    values: dict[str, Any] = {"observation": f"room {index}", "state_key": f"key-{index}", "action": "go"}
    if prompt is not None:
        values |= {
            "prompt_ids": np.array(prompt, dtype=np.int32),
            "action_ids": np.array([7, 8], dtype=np.int32),
        }
        values |= {
            "logprobs": np.array([-0.5, -1.25], dtype=np.float32),
            "policy_version": 3,
            "response": "<go>",
        }
    return StepRecord(step=index, **{**values, **changed})


def episode(name: str, steps: int | list[StepRecord] = 3, **changed: Any) -> EpisodeRecord:
    values = {"run_id": "run", "env_id": "STEP-Toy-v0", "task_id": "t", "instruction": "do it", "score": 1.0}
    if isinstance(steps, int):
        steps = [step(i, list(range(5 + 3 * i))) for i in range(steps)]
    return EpisodeRecord(**{"episode_id": name, "is_success": True, "steps": steps, **values, **changed})


def comparable(value: Any) -> Any:
    """A record as plain values that compare exactly; texts as they are stored."""
    if isinstance(value, (EpisodeRecord, StepRecord)):
        return {
            f.name: comparable(getattr(value, f.name))
            for f in fields(value)
            if f.name not in ("info", "env_kwargs")
        } | {
            # JSON keeps lone surrogates as they are.
            name: getattr(value, name)
            for name in ("info", "env_kwargs")
            if hasattr(value, name)
        }
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, float):
        return repr(value)
    return value
