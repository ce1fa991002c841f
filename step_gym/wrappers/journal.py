"""The journal of an open shard: one checksummed frame an episode, its steps pickled cell by cell.

The pickles hold plain values only: no class is ever looked up in them. All other work on single values waits
until a whole journal is made into tables.
"""

from __future__ import annotations

import io
import json
import pickle
import struct
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from step_gym.envs.core import Task
from step_gym.wrappers.storage import (
    TASKS,
    check_version,
    rebuild_prompt,
    shared_prefix,
    storable,
    to_json,
)
from step_gym.wrappers.trajectory import SCHEMA_VERSION, EpisodeRecord, StepRecord

EPISODE, CANDIDATES, TASK = "episode", "candidates", "task"
_FILE_MAGIC = b"step-gym journal "
_VERSION_WIDTH = 15
_MAGIC = b"SGj\x04"
_HEADER = struct.Struct("<4sQI")
"""Magic, number of bytes that follow, their CRC-32."""

ROW: tuple[str, ...] = (
    "observation",
    "state_key",
    "admissible_actions",
    "action",
    "action_valid",
    "action_error",
    "reward",
    "terminated",
    "truncated",
    "env_s",
    "model_ms",
    "info_json",
    "response",
    "prefix_segment",
    "prefix_bytes",
    "prompt_delta_ids",
    "action_ids",
    "logprobs",
    "policy_version",
)
"""The columns of `steps` in a row, in its order; ids and log-probabilities as bytes, `prefix_len` in bytes,
`env_ms` in seconds, and `admissible_actions` as `joined`."""

Cells = list[Any]
"""The values of rows, row after row: no row is an object of its own that the garbage collector must visit."""

DEFAULTS: Mapping[str, Any] = {
    "is_executed": True,
    "candidate_group": None,
    "source": "on_policy",
    "image": None,
}
"""The columns of `steps` beside a frame's rows, and what they are without it; `step` counts from 0."""


def file_header() -> bytes:
    """What a journal file begins with: its kind and the schema version."""
    return _FILE_MAGIC + SCHEMA_VERSION.encode().ljust(_VERSION_WIDTH) + b"\n"


# -- writing ------------------------------------------------------------------------------------------------


class _PlainPickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        raise TypeError(f"{obj!r} of type {type(obj).__name__} cannot be recorded: plain values are needed")


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"a journal holds plain values only, not {module}.{name}")


class _Packer(threading.local):
    """A thread's pickler; making one for each frame takes longer than what it does for a short episode."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.pickler = _PlainPickler(self.buffer, protocol=5)
        # Without its memo the pickler is faster; no value holds itself.
        self.pickler.fast = True


_packer = _Packer()


def pickled(value: Any) -> bytes:
    """A value in plain form. Raises `TypeError` for one that is not plain."""
    buffer = _packer.buffer
    buffer.seek(0)
    buffer.truncate()
    _packer.pickler.dump(value)
    return buffer.getvalue()


def unpickled(data: bytes | memoryview) -> Any:
    """What `pickled` packed. Raises `pickle.UnpicklingError` for anything but plain values."""
    return _PlainUnpickler(io.BytesIO(data)).load()


def joined(texts: Sequence[str]) -> str | list[str]:
    """Texts as one, because packing one costs less than packing many; a list where that cannot be undone."""
    try:
        separable = texts and "\0" not in "".join(texts)
    except TypeError:
        return list(texts)
    return "\0".join(texts) if separable else list(texts)


def separate(texts: str | list[str]) -> list[str]:
    """What `joined` put together."""
    return texts.split("\0") if isinstance(texts, str) else texts


def _made_plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [_made_plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def cells_of(steps: Iterable[StepRecord]) -> Cells:
    """The rows of records; the prompts share with each other from the first on."""
    cells: Cells = []
    previous, segment = b"", 0
    for step in steps:
        prompt, action = _data(step.prompt_ids, np.int32), _data(step.action_ids, np.int32)
        shared = 0
        if prompt is not None:
            shared = 4 * shared_prefix(previous, prompt)
            segment += shared < len(previous)
            previous = prompt + (action or b"")
        cells += _row(step, segment, shared, None if prompt is None else prompt[shared:], action)
    return cells


def _row(
    s: StepRecord, segment: int, shared: int, delta: bytes | None, action: bytes | None
) -> tuple[Any, ...]:
    return (
        str(s.observation),
        str(s.state_key),
        None if s.admissible_actions is None else joined(list(map(str, s.admissible_actions))),
        str(s.action),
        bool(s.action_valid),
        None if s.action_error is None else str(s.action_error),
        float(s.reward),
        bool(s.terminated),
        bool(s.truncated),
        float(s.env_ms) / 1e3,
        None if s.model_ms is None else float(s.model_ms),
        to_json(s.info) if s.info else None,
        None if s.response is None else str(s.response),
        segment,
        shared,
        delta,
        action,
        _data(s.logprobs, np.float32),
        None if s.policy_version is None else _int64(s.policy_version),
    )


def _data(values: np.ndarray | None, dtype: type) -> bytes | None:
    return None if values is None else np.asarray(values, dtype=dtype).tobytes()


def beside_of(steps: Sequence[StepRecord]) -> dict[str, list[Any]]:
    """The columns that records have beside their rows."""
    beside: dict[str, list[Any]] = {
        "step": [int(step.step) for step in steps],
        "is_executed": [bool(step.is_executed) for step in steps],
        "source": [str(step.source) for step in steps],
    }
    for name in ("candidate_group", "image"):
        values = [getattr(step, name) for step in steps]
        beside[name] = [None if value is None else str(value) for value in values]
    return beside


def _int64(value: Any) -> int:
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"{number} does not fit in 64 bits, the width of its column")
    return number


_META = {
    str: ("run_id", "episode_id", "env_id", "task_id", "instruction", "status", "final_observation")
    + ("group_id", "parent_episode_id", "final_image", "error"),
    _int64: ("attempt", "round", "slot", "seed", "branch_step"),
    float: ("score", "success_rate_before"),
    bool: ("is_success",),
}
_META_NAMES = tuple(name for names in _META.values() for name in names)
_META_TYPES = tuple(convert for convert, names in _META.items() for _ in names)
_meta_of = attrgetter(*_META_NAMES)


class AtHand(NamedTuple):
    """What a recorder has at hand of an episode when it ends, beside the record.

    Attributes:
        cells: The rows of its executed steps.
        images: sha256 of the screenshot of each step, or None without screenshots.
        env_kwargs_json: The environment's keyword arguments as JSON.
    """

    cells: Cells
    images: list[str] | None
    env_kwargs_json: str


def episode_frame(episode: EpisodeRecord, at_hand: AtHand | None = None) -> bytes:
    """The frame of a finished episode.

    Args:
        episode: The episode.
        at_hand: Its executed steps, if they are rows already; `steps` and `candidates` are not looked at
            then.

    Raises:
        ValueError, TypeError: For a value that its column cannot hold.
    """
    values = [
        value if value is None or type(value) is convert else convert(value)
        for convert, value in zip(_META_TYPES, _meta_of(episode), strict=True)
    ]
    if at_hand is not None:
        beside = {} if at_hand.images is None else {"image": at_hand.images}
        return _frame(EPISODE, (*values, at_hand.env_kwargs_json, 0), beside, at_hand.cells)
    beside = beside_of([*episode.steps, *episode.candidates])
    cells = cells_of(episode.steps) + cells_of(episode.candidates)
    return _frame(EPISODE, (*values, to_json(episode.env_kwargs), len(episode.candidates)), beside, cells)


def candidates_frame(run_id: str, attempt: int, episode_id: str, steps: Sequence[StepRecord]) -> bytes:
    """The frame of candidates sampled for an episode that has its own frame already."""
    owner = (str(run_id), int(attempt), str(episode_id))
    return _frame(CANDIDATES, owner, beside_of(steps), cells_of(steps))


def task_frame(env_id: str, task: Task) -> bytes:
    """The frame of a task."""
    values = (str(env_id), str(task.id), str(task.split), str(task.instruction))
    values += (float(task.difficulty), int(task.max_steps), to_json(task.params))
    return _frame(TASK, values, {}, [])


def _frame(kind: str, values: tuple[Any, ...], beside: Mapping[str, list[Any]], cells: Cells) -> bytes:
    try:
        payload = pickled((kind, values, beside, cells))
    except TypeError:
        payload = pickled((kind, values, beside, list(map(_made_plain, cells))))
    return _HEADER.pack(_MAGIC, len(payload), zlib.crc32(payload)) + payload


def columns_of(cells: Cells) -> list[list[Any]]:
    """The values of each column of rows."""
    return [cells[i :: len(ROW)] for i in range(len(ROW))]


META_OF = {
    EPISODE: (*_META_NAMES, "env_kwargs_json", "candidates"),
    CANDIDATES: ("run_id", "attempt", "episode_id"),
    TASK: tuple(TASKS.names),
}
"""Names of the values of a frame's head, by its kind."""


# -- reading ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Frame:
    """One checked frame: its kind, the columns of its episode or task, and what its steps hold."""

    kind: str
    meta: Mapping[str, Any]
    beside: Mapping[str, list[Any]]
    cells: Cells

    @property
    def length(self) -> int:
        """Number of its steps."""
        return len(self.cells) // len(ROW)

    def column(self, name: str) -> list[Any]:
        """The named cell of every step."""
        return self.cells[ROW.index(name) :: len(ROW)]


def read_frames(data: bytes, where: str) -> tuple[list[Frame], str | None]:
    """The whole frames of a journal and what is wrong with it, if anything.

    A frame that the end of the file cuts short was being written when its process died (or is being written
    now): no damage. Zeros at the end are room for further frames; none ends in one. Raises `ValueError` if
    the journal has a newer major schema version.
    """
    size = len(file_header())
    data = data.rstrip(b"\0")
    if len(data) < size:
        return [], None
    if not data.startswith(_FILE_MAGIC):
        return [], "not a journal"
    check_version(data[len(_FILE_MAGIC) : size].decode("ascii", "replace").strip(), where)
    frames: list[Frame] = []
    problem: str | None = None
    position = size
    while position < len(data):
        frame, end = _frame_at(data, position)
        if frame is not None:
            frames.append(frame)
            position = end
            continue
        following = _next_frame(data, position + 1)
        if following is not None or end <= len(data):
            problem = problem or f"damaged at byte {position}"
        if following is None:
            break
        position = following
    return frames, problem


def _frame_at(data: bytes, position: int) -> tuple[Frame | None, int]:
    """The frame that begins at `position`, None if there is no whole one, and where it ends or would end."""
    start = position + _HEADER.size
    if start > len(data):
        return None, start
    magic, size, crc = _HEADER.unpack_from(data, position)
    if magic != _MAGIC:
        return None, position
    end = start + size
    payload = memoryview(data)[start:end]
    if end > len(data) or zlib.crc32(payload) != crc:
        return None, end
    try:
        kind, values, beside, cells = unpickled(payload)
        return Frame(kind, dict(zip(META_OF[kind], values, strict=True)), beside, cells), end
    except (pickle.UnpicklingError, TypeError, ValueError, EOFError, KeyError):
        return None, end


def _next_frame(data: bytes, position: int) -> int | None:
    """Where the next whole frame begins, at `position` or later."""
    while (position := data.find(_MAGIC, position)) >= 0:
        if _frame_at(data, position)[0] is not None:
            return position
        position += 1
    return None


def records_of(cells: Cells, images: Sequence[str | None] | None = None) -> list[StepRecord]:
    """Rows of executed steps as records, prompts rebuilt and texts as they are stored."""
    records = []
    previous: np.ndarray | None = None
    for i, row in enumerate(zip(*columns_of(cells), strict=True)):
        text, key, choices, action, valid, error, reward, terminated, truncated, env_s, model_ms, info = row[
            :12
        ]
        response, _, shared, delta, action_ids, logprobs, version = row[12:]
        ids = None if action_ids is None else np.frombuffer(action_ids, dtype=np.int32).copy()
        prompt = None
        if delta is not None:
            prompt = rebuild_prompt(previous, shared // 4, np.frombuffer(delta, dtype=np.int32).copy())
            previous = prompt if ids is None else np.concatenate([prompt, ids])
        step = StepRecord(
            step=i,
            observation=storable(text),
            state_key=storable(key),
            action=storable(action),
            image=None if images is None else images[i],
            admissible_actions=None if choices is None else list(map(storable, separate(choices))),
            response=None if response is None else storable(response),
            prompt_ids=prompt,
            action_ids=ids,
            logprobs=None if logprobs is None else np.frombuffer(logprobs, dtype=np.float32).copy(),
            policy_version=_made_plain(version),
            action_valid=bool(valid),
            action_error=None if error is None else storable(error),
            reward=reward,
            terminated=bool(terminated),
            truncated=bool(truncated),
            env_ms=round(env_s * 1e6) / 1e3,
            model_ms=_made_plain(model_ms),
            info=json.loads(info) if info else {},
        )
        records.append(step)
    return records
