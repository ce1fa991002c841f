"""Recorded episodes in formats of others: chat messages as JSON lines, and ATIF documents.

ATIF is Harbor's Agent Trajectory Interchange Format, version 1.7 (rfcs/0001-trajectory-format.md); as it has
no place for rewards and success, they are in `extra`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import step_gym
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

ATIF_VERSION = "ATIF-v1.7"


def to_messages(episode: EpisodeRecord) -> dict[str, Any]:
    """An episode as a conversation, `messages` of "user" and "assistant" in turn, and what it came to.

    The first message is the instruction and the first observation; a reply is the raw model text, or the
    action where there is none. The observation after the last reply is left out: nobody answered it.
    """
    messages = []
    for step in episode.steps:
        shown = step.observation if messages else f"{episode.instruction}\n\n{step.observation}"
        messages.append({"role": "user", "content": shown})
        messages.append({"role": "assistant", "content": _reply(step)})
    return {"messages": messages, **_outcome(episode)}


def write_messages(episodes: Iterable[EpisodeRecord], path: str | os.PathLike[str]) -> int:
    """Write `to_messages` of each episode as one line of a JSON-lines file; returns how many there were."""
    count = 0
    with open(path, "w", encoding="utf-8") as file:
        for episode in episodes:
            file.write(json.dumps(to_messages(episode)) + "\n")
            count += 1
    return count


def to_atif(episode: EpisodeRecord, media: str = "media") -> dict[str, Any]:
    """An episode as an ATIF document: the instruction as the user's step, then each step as one of the agent.

    Args:
        episode: The episode.
        media: The run's folder of screenshots, as seen from where the document will lie.
    """
    shown = [(step.observation, step.image) for step in episode.steps]
    shown.append((episode.final_observation, episode.final_image))
    first = _content(f"{episode.instruction}\n\n{shown[0][0]}", shown[0][1], media)
    steps: list[dict[str, Any]] = [{"step_id": 1, "source": "user", "message": first}]
    for step, (text, image) in zip(episode.steps, shown[1:], strict=True):
        call = f"call-{step.step}"
        steps.append(
            {
                "step_id": len(steps) + 1,
                "source": "agent",
                "message": _reply(step),
                "tool_calls": [
                    {"tool_call_id": call, "function_name": "act", "arguments": {"action": step.action}}
                ],
                "observation": {
                    "results": [{"source_call_id": call, "content": _content(text, image, media)}]
                },
                "extra": _step_extra(step),
                **_metrics(step),
            }
        )
    return {
        "schema_version": ATIF_VERSION,
        "session_id": episode.run_id,
        "trajectory_id": episode.episode_id,
        "agent": {"name": "step-gym", "version": step_gym.__version__},
        "steps": steps,
        "final_metrics": {
            "total_prompt_tokens": sum(_count(step.prompt_ids) for step in episode.steps),
            "total_completion_tokens": sum(_count(step.action_ids) for step in episode.steps),
            "total_steps": len(steps),
        },
        "extra": _outcome(episode),
    }


def write_atif(
    episodes: Iterable[EpisodeRecord], folder: str | os.PathLike[str], media: str = "../media"
) -> int:
    """Write `to_atif` of each episode as `000000.json`, `000001.json`, ...; returns how many there were.

    Raises `ValueError` if the folder holds documents of another export, as the two would be read as one.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    if any(path.stem.isdecimal() for path in Path(folder).glob("*.json")):
        raise ValueError(f"{folder} holds the documents of another export: choose another folder")
    count = 0
    for episode in episodes:
        text = json.dumps(to_atif(episode, media), allow_nan=False)
        (Path(folder) / f"{count:06d}.json").write_text(text, encoding="utf-8")
        count += 1
    return count


def _reply(step: StepRecord) -> str:
    return step.action if step.response is None else step.response


def _count(ids: np.ndarray | None) -> int:
    return 0 if ids is None else len(ids)


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _outcome(episode: EpisodeRecord) -> dict[str, Any]:
    names = ("episode_id", "run_id", "attempt", "round", "slot", "group_id", "env_id", "task_id", "status")
    values = {name: getattr(episode, name) for name in (*names, "is_success", "superseded", "error")}
    return {**values, "score": _finite(episode.score), "total_reward": _finite(episode.total_reward)}


def _content(text: str, image: str | None, media: str) -> str | list[dict[str, Any]]:
    if image is None:
        return text
    source = {"media_type": "image/png", "path": f"{media}/{image[:2]}/{image}.png"}
    return [{"type": "text", "text": text}, {"type": "image", "source": source}]


def _step_extra(step: StepRecord) -> dict[str, Any]:
    names = ("state_key", "action_valid", "action_error", "terminated", "truncated", "policy_version")
    return {"reward": _finite(step.reward), **{name: getattr(step, name) for name in names}}


def _metrics(step: StepRecord) -> dict[str, Any]:
    """Tokens of a step; a step without them is one that no model was asked for."""
    if step.prompt_ids is None or step.action_ids is None:
        return {"llm_call_count": 0}
    metrics: dict[str, Any] = {
        "prompt_tokens": len(step.prompt_ids),
        "completion_tokens": len(step.action_ids),
        "prompt_token_ids": step.prompt_ids.tolist(),
        "completion_token_ids": step.action_ids.tolist(),
    }
    if step.logprobs is not None and bool(np.isfinite(step.logprobs).all()):
        metrics["logprobs"] = step.logprobs.tolist()
    return {"llm_call_count": 1, "metrics": metrics}
