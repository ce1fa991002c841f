"""The journal of an open shard: one checksummed binary frame an episode, cheap to write and turned into tables without touching single values.

A frame is a header, a JSON object (the episode's or task's columns) and packed steps: fixed-width rows, then texts, then token ids.
"""

from __future__ import annotations

import json
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from step_gym.envs.core import Task
from step_gym.wrappers.storage import EPISODES, STEPS, TASKS, check_version, shared_prefix, to_json
from step_gym.wrappers.trajectory import SCHEMA_VERSION, EpisodeRecord, StepRecord

EPISODE, CANDIDATES, TASK = b"E", b"C", b"T"
_MAGIC = b"SGf\x01"
_FILE_MAGIC = b"step-gym journal "
_HEADER = struct.Struct("<4s1s3xIIIQQQQI")
"""Magic, kind, then the counts of JSON bytes, rows, texts, text bytes, delta ids, action ids, log-probabilities, and the CRC-32."""

_ROW = struct.Struct("<dddqiiiiiii???????????")
_ROW_DTYPE = np.dtype(
    [
        ("reward", "<f8"),
        ("env_ms", "<f8"),
        ("model_ms", "<f8"),
        ("policy_version", "<i8"),
        ("step", "<i4"),
        ("prefix_segment", "<i4"),
        ("prefix_len", "<i4"),
        ("deltas", "<i4"),
        ("actions", "<i4"),
        ("logprobs", "<i4"),
        ("admissible", "<i4"),
        ("action_valid", "?"),
        ("terminated", "?"),
        ("truncated", "?"),
        ("is_executed", "?"),
        ("has_model_ms", "?"),
        ("has_policy_version", "?"),
        ("has_candidate_group", "?"),
        ("has_image", "?"),
        ("has_response", "?"),
        ("has_action_error", "?"),
        ("pad", "?"),
    ]
)
"""One row of `_ROW`; the counts of ids, log-probabilities and admissible actions are -1 where the record has None."""

_TEXTS = ("source", "observation", "state_key", "action", "info_json", "candidate_group", "image", "response", "action_error")
"""The texts of a row in stored order, before its admissible actions; those from `candidate_group` on may be null."""

_INT32, _FLOAT32 = np.dtype("<i4"), np.dtype("<f4")


def file_header() -> bytes:
    """What a journal file begins with: its kind and the schema version."""
    return _FILE_MAGIC + SCHEMA_VERSION.encode().ljust(15) + b"\n"


# -- encoding -------------------------------------------------------------------------------------------------------------


def _frame(kind: bytes, meta: str, body: Sequence[bytes], counts: Sequence[int]) -> bytes:
    payload = b"".join((meta.encode(), *body))
    return _HEADER.pack(_MAGIC, kind, len(payload) - sum(map(len, body)), *counts, zlib.crc32(payload)) + payload


def episode_frame(episode: EpisodeRecord) -> bytes:
    """The frame of a finished episode. Raises `ValueError` for a value that a column cannot hold."""
    versions = [step.policy_version for step in episode.steps if step.policy_version is not None]
    meta = {
        "run_id": episode.run_id,
        "attempt": episode.attempt,
        "episode_id": episode.episode_id,
        "round": episode.round,
        "slot": episode.slot,
        "group_id": episode.group_id,
        "env_id": episode.env_id,
        "env_kwargs_json": to_json(episode.env_kwargs) if episode.env_kwargs else "{}",
        "task_id": episode.task_id,
        "instruction": episode.instruction,
        "seed": episode.seed,
        "status": episode.status,
        "is_success": episode.is_success,
        "score": episode.score,
        "success_rate_before": episode.success_rate_before,
        "parent_episode_id": episode.parent_episode_id,
        "branch_step": episode.branch_step,
        "final_observation": episode.final_observation,
        "error": episode.error,
        "length": len(episode.steps),
        "candidates": len(episode.candidates),
        "total_reward": episode.total_reward,
        "policy_version_min": min(versions, default=None),
        "policy_version_max": max(versions, default=None),
    }
    for name in ("round", "slot", "seed", "branch_step"):
        if meta[name] is not None and not -(2**63) <= meta[name] < 2**63:
            raise ValueError(f"episode {episode.episode_id}: {name}={meta[name]} does not fit in 64 bits")
    body, counts = _pack_steps(episode.steps, episode.candidates)
    return _frame(EPISODE, _meta_json(meta), body, counts)


def candidates_frame(run_id: str, attempt: int, episode_id: str, steps: Sequence[StepRecord]) -> bytes:
    """The frame of candidates sampled for an episode that has its own frame already."""
    body, counts = _pack_steps((), steps)
    return _frame(CANDIDATES, _meta_json({"run_id": run_id, "attempt": attempt, "episode_id": episode_id}), body, counts)


def task_frame(env_id: str, task: Task) -> bytes:
    """The frame of a task."""
    meta = {
        "env_id": env_id,
        "task_id": task.id,
        "split": task.split,
        "instruction": task.instruction,
        "difficulty": task.difficulty,
        "max_steps": task.max_steps,
        "params_json": to_json(task.params),
    }
    return _frame(TASK, _meta_json(meta), (), (0,) * 6)


_encode_meta = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _meta_json(meta: dict[str, object]) -> str:
    text = _encode_meta(meta)
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text


def _ids(values: np.ndarray | None, dtype: np.dtype) -> bytes:
    if values is None:
        return b""
    return (values if values.dtype is dtype else np.asarray(values, dtype=dtype)).tobytes()


def _pack_steps(steps: Sequence[StepRecord], candidates: Sequence[StepRecord]) -> tuple[tuple[bytes, ...], tuple[int, ...]]:
    """Rows, text lengths, texts, delta ids, action ids and log-probabilities as bytes, and the header's counts of them."""
    rows: list[bytes] = []
    texts: list[str] = []
    deltas: list[bytes] = []
    actions: list[bytes] = []
    logprobs: list[bytes] = []
    pack = _ROW.pack
    for chain in (steps, candidates):
        previous, segment, first = b"", 0, True
        for s in chain:
            model_ms, version, admissible = s.model_ms, s.policy_version, s.admissible_actions
            group, image, response, error = s.candidate_group, s.image, s.response, s.action_error
            action, logprob = _ids(s.action_ids, _INT32), _ids(s.logprobs, _FLOAT32)
            shared, delta_count = 0, -1
            if s.prompt_ids is not None:
                prompt = _ids(s.prompt_ids, _INT32)
                shared = shared_prefix(previous, prompt)
                if shared * 4 < len(previous) and not first:
                    segment += 1
                first = False
                delta = prompt[shared * 4 :]
                delta_count = len(delta) // 4
                deltas.append(delta)
                previous = prompt + action
            actions.append(action)
            logprobs.append(logprob)
            rows.append(
                pack(
                    s.reward,
                    s.env_ms,
                    0.0 if model_ms is None else model_ms,
                    0 if version is None else version,
                    s.step,
                    segment,
                    shared,
                    delta_count,
                    -1 if s.action_ids is None else len(action) // 4,
                    -1 if s.logprobs is None else len(logprob) // 4,
                    -1 if admissible is None else len(admissible),
                    s.action_valid,
                    s.terminated,
                    s.truncated,
                    s.is_executed,
                    model_ms is not None,
                    version is not None,
                    group is not None,
                    image is not None,
                    response is not None,
                    error is not None,
                    False,
                )
            )
            info = to_json(s.info) if s.info else ""
            texts += (s.source, s.observation, s.state_key, s.action, info, group or "", image or "", response or "", error or "")
            if admissible is not None:
                texts += admissible
    text, lengths = _join(texts)
    body = (b"".join(rows), lengths, text, b"".join(deltas), b"".join(actions), b"".join(logprobs))
    return body, (len(rows), len(texts), len(text), len(body[3]) // 4, len(body[4]) // 4, len(body[5]) // 4)


def _join(texts: list[str]) -> tuple[bytes, bytes]:
    """All texts as one UTF-8 string, and their lengths in bytes as int32; lone surrogates become escapes."""
    joined = "".join(texts)
    if joined.isascii():
        return joined.encode("ascii"), array("i", map(len, texts)).tobytes()
    parts = [text.encode("utf-8", "backslashreplace") for text in texts]
    return b"".join(parts), array("i", map(len, parts)).tobytes()


# -- decoding -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame: its kind, its JSON object and the sections of its packed steps."""

    kind: bytes
    meta: dict[str, object]
    rows: int
    sections: tuple[bytes, ...]


def read_frames(data: bytes, where: str) -> tuple[list[Frame], str | None]:
    """The whole frames of a journal and what is wrong with it, if anything.

    A frame that the end of the file cuts short was being written when its process died (or is being written now): no damage.
    Raises `ValueError` if the journal has a newer major schema version.
    """
    header = data[: len(file_header())]
    if not header.startswith(_FILE_MAGIC) or len(header) < len(file_header()):
        return [], None if len(header) < len(file_header()) else "not a journal"
    check_version(header[len(_FILE_MAGIC) :].decode("ascii", "replace").strip(), where)
    frames: list[Frame] = []
    problem: str | None = None
    for position, frame in _scan(data, len(header)):
        if frame is None:
            problem = f"damaged at byte {position}"
        else:
            frames.append(frame)
    return frames, problem


def _scan(data: bytes, position: int) -> Iterator[tuple[int, Frame | None]]:
    """Each frame with its position, None for a damaged one; ends where no frame can be told any more."""
    view = memoryview(data)
    while position + _HEADER.size <= len(data):
        magic, kind, meta_len, rows, texts, text_len, deltas, actions, logprobs, crc = _HEADER.unpack_from(data, position)
        if magic != _MAGIC:
            yield position, None
            return
        start = position + _HEADER.size
        sizes = (meta_len, rows * _ROW.size, texts * 4, text_len, deltas * 4, actions * 4, logprobs * 4)
        stop = start + sum(sizes)
        if stop > len(data):
            return
        if zlib.crc32(view[start:stop]) != crc:
            yield position, None
        else:
            sections = []
            for size in sizes:
                sections.append(data[start : start + size])
                start += size
            yield position, Frame(kind, json.loads(sections[0]), rows, tuple(sections[1:]))
        position = stop


def tables_of(frames: Sequence[Frame]) -> dict[str, pa.Table]:
    """The tables `steps`, `episodes` and `tasks` of a journal's frames: the episodes' rows in order, later candidates after them."""
    episodes = [frame for frame in frames if frame.kind == EPISODE]
    late = [frame for frame in frames if frame.kind == CANDIDATES]
    tasks = [frame.meta for frame in frames if frame.kind == TASK]
    return {
        "steps": _steps_table([*episodes, *late]),
        "tasks": pa.Table.from_pylist(tasks, schema=TASKS),
        "episodes": pa.Table.from_pylist([frame.meta for frame in episodes], schema=EPISODES),
    }


def _steps_table(frames: Sequence[Frame]) -> pa.Table:
    sections = [b"".join(frame.sections[i] for frame in frames) for i in range(6)]
    rows = np.frombuffer(sections[0], dtype=_ROW_DTYPE)
    owner = np.repeat(np.arange(len(frames)), [frame.rows for frame in frames])
    columns: dict[str, pa.Array] = {}
    for name in ("run_id", "attempt", "episode_id"):
        values = pa.array([frame.meta[name] for frame in frames], STEPS.field(name).type)
        columns[name] = values.take(pa.array(owner))
    columns |= _text_columns(rows, np.frombuffer(sections[1], dtype="<i4"), sections[2])
    for name, count, data in zip(
        ("prompt_delta_ids", "action_ids", "logprobs"), ("deltas", "actions", "logprobs"), sections[3:], strict=True
    ):
        kind = STEPS.field(name).type
        values = pa.Array.from_buffers(kind.value_type, len(data) // 4, [None, pa.py_buffer(data)])
        columns[name] = _lists(kind, rows[count], values)
    for field in STEPS:
        if field.name not in columns:
            mask = ~rows["has_" + field.name] if field.nullable else None
            columns[field.name] = pa.array(np.ascontiguousarray(rows[field.name]), field.type, mask=mask)
    return pa.Table.from_arrays([columns[field.name] for field in STEPS], schema=STEPS)


def _text_columns(rows: np.ndarray, lengths: np.ndarray, text: bytes) -> dict[str, pa.Array]:
    """The text columns: every text of the journal as one array, of which each column takes its own."""
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int32)
    everything = pa.Array.from_buffers(pa.string(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    admissible = np.maximum(rows["admissible"], 0)
    first = np.arange(len(rows)) * len(_TEXTS) + np.cumsum(admissible) - admissible
    columns: dict[str, pa.Array] = {}
    is_fixed = np.zeros(len(lengths), dtype=bool)
    for i, name in enumerate(_TEXTS):
        is_fixed[first + i] = True
        mask = ~rows["has_" + name] if STEPS.field(name).nullable else None
        columns[name] = everything.take(pa.array(first + i, mask=mask))
    actions = everything.take(pa.array(np.flatnonzero(~is_fixed)))
    columns["admissible_actions"] = _lists(STEPS.field("admissible_actions").type, rows["admissible"], actions)
    return columns


def _lists(kind: pa.DataType, counts: np.ndarray, values: pa.Array) -> pa.Array:
    """A list column over flat `values`; a count of -1 is a null."""
    offsets = np.concatenate([[0], np.cumsum(np.maximum(counts, 0), dtype=np.int64)]).astype(np.int32)
    mask = pa.array(counts < 0) if bool((counts < 0).any()) else None
    return pa.ListArray.from_arrays(pa.array(offsets), values, type=kind, mask=mask)
