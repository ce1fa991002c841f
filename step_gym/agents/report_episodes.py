"""The episodes that the report shows: a sample within a byte budget, every distinct text stored once."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from step_gym.envs.core import digest
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

EPISODE_BYTES = 11_000_000
"""Most bytes that the episodes of a page may take."""

MAX_TEXT_CHARS = 20_000
"""Longest single text that is shown whole."""

_STEP_TEXTS = ("observation", "action", "raw", "error")
_STEP_LISTS = ("choices", "sampled")
_EPISODE_TEXTS = ("instruction", "final")


class EpisodeSample:
    """Collects episodes one by one and keeps as many as fit.

    Which are kept is decided by a hash of their ids, so that the same run gives the same page.

    Args:
        limit: Byte budget of the kept episodes as JSON.
    """

    def __init__(self, limit: int = EPISODE_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._heap: list[tuple[int, int, int, dict[str, Any]]] = []
        self._texts: Counter[str] = Counter()
        self._total = 0
        self._superseded = 0

    def add(self, episode: EpisodeRecord) -> None:
        """Take an episode; one that a resumed run played again is only counted."""
        if episode.superseded:
            self._superseded += 1
            return
        self._total += 1
        item = _episode_item(episode)
        size = _numbers_size(item)
        for text in _texts(item):
            if not self._texts[text]:
                self._size += _text_size(text)
            self._texts[text] += 1
        self._size += size
        heapq.heappush(self._heap, (-int(digest(episode.episode_id), 16), self._total, size, item))
        while self._size > self._limit and len(self._heap) > 1:
            self._drop()

    def _drop(self) -> None:
        """Leave out the episode that comes last in the order of hashes."""
        _, _, size, item = heapq.heappop(self._heap)
        self._size -= size
        for text in _texts(item):
            self._texts[text] -= 1
            if not self._texts[text]:
                del self._texts[text]
                self._size -= _text_size(text)

    def data(self) -> dict[str, Any]:
        """What the page holds: `items` by round, their texts in `strings`, and a `lead` on what is shown."""
        items = [entry[3] for entry in self._heap]
        items.sort(
            key=lambda item: (item["round"] is None, item["round"] or 0, item["slot"] or 0, item["id"])
        )
        strings: dict[str, int] = {}
        packed = [_packed(item, strings) for item in items]
        lead = f"{len(items):,} recorded episodes, step by step."
        if len(items) < self._total:
            lead = (
                f"{len(items):,} of the {self._total:,} recorded episodes, step by step. They were drawn by "
                "a hash of their ids, to keep this page small; all of them are in the run's trajectories."
            )
        if self._superseded:
            lead += (
                f" {self._superseded:,} more were played again after the run was resumed; they do not count."
            )
        return {"items": packed, "strings": list(strings), "lead": lead}


def _episode_item(episode: EpisodeRecord) -> dict[str, Any]:
    """An episode as plain values; texts are still texts."""
    sampled: dict[int, list[str]] = {}
    for candidate in episode.candidates:
        sampled.setdefault(candidate.step, []).append(_clipped(candidate.action))
    item: dict[str, Any] = {
        "id": episode.episode_id,
        "task": episode.task_id,
        "instruction": _clipped(episode.instruction),
        "round": episode.round,
        "slot": episode.slot,
        "seed": episode.seed,
        "status": episode.status,
        "won": bool(episode.is_success),
        "score": episode.score,
        "before": episode.success_rate_before,
        "final": _clipped(episode.final_observation),
        "steps": [_step_item(step, sampled.get(step.step)) for step in episode.steps],
    }
    if episode.error:
        item["error"] = _clipped(episode.error)
    if episode.parent_episode_id:
        item["parent"], item["branch_step"] = episode.parent_episode_id, episode.branch_step
    return item


def _step_item(step: StepRecord, sampled: list[str] | None) -> dict[str, Any]:
    """A step as plain values; what it does not have is left out."""
    item: dict[str, Any] = {
        "observation": _clipped(step.observation),
        "action": _clipped(step.action),
        "reward": step.reward,
    }
    if step.response is not None:
        item["raw"] = _clipped(step.response)
    if not step.action_valid:
        item["error"] = _clipped(step.action_error or "no reason given")
    if step.admissible_actions is not None:
        item["choices"] = [_clipped(action) for action in step.admissible_actions]
    if sampled:
        item["sampled"] = sampled
    if step.logprobs is not None:
        item["logp"] = round(float(step.logprobs.sum()), 3)
        item["tokens"] = len(step.logprobs)
    if step.policy_version is not None:
        item["version"] = step.policy_version
    if step.terminated or step.truncated:
        item["end"] = "terminated" if step.terminated else "truncated"
    return item


def _clipped(text: str) -> str:
    if len(text) <= MAX_TEXT_CHARS:
        return text
    return f"{text[:MAX_TEXT_CHARS]}\n[{len(text) - MAX_TEXT_CHARS:,} more characters are left out here]"


def _texts(item: dict[str, Any]) -> Iterator[str]:
    """Every text of an episode that goes into the table of strings, as often as it occurs."""
    for key in _EPISODE_TEXTS:
        yield item[key]
    for step in item["steps"]:
        for key in _STEP_TEXTS:
            if key in step:
                yield step[key]
        for key in _STEP_LISTS:
            yield from step.get(key, ())


def _packed(item: dict[str, Any], strings: dict[str, int]) -> dict[str, Any]:
    """The episode with the index of each text in `strings`, which grows."""

    def index(text: str) -> int:
        return strings.setdefault(text, len(strings))

    packed = {**item, **{key: index(item[key]) for key in _EPISODE_TEXTS}, "steps": []}
    for step in item["steps"]:
        texts = {key: index(step[key]) for key in _STEP_TEXTS if key in step}
        lists = {key: [index(text) for text in step[key]] for key in _STEP_LISTS if key in step}
        packed["steps"].append({**step, **texts, **lists})
    return packed


def _text_size(text: str) -> int:
    """Upper bound of the bytes of a text in the page, quotes, comma and escapes included."""
    return len(json.dumps(text)) + 1 + 5 * sum(text.count(character) for character in "<>&")


def _numbers_size(item: dict[str, Any]) -> int:
    """Bytes of an episode without its texts, about: names, numbers, and at most 8 for each index."""
    indices = sum(len(step.get(key, ())) for step in item["steps"] for key in _STEP_LISTS)
    return 400 + len(item["id"]) + len(item["task"]) + 150 * len(item["steps"]) + 8 * indices
