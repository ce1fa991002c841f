"""Tables of a journal's frames, as shards hold them: whole columns at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from step_gym.wrappers.journal import (
    CANDIDATES,
    DEFAULTS,
    EPISODE,
    META_OF,
    ROW,
    TASK,
    Frame,
    columns_of,
    separate,
)
from step_gym.wrappers.storage import EPISODES, STEPS, TASKS, storable


def tables_of(frames: Sequence[Frame]) -> dict[str, pa.Table]:
    """The tables of a journal's frames; in `steps` the episodes' rows in order, then later candidates."""
    episodes = [frame for frame in frames if frame.kind == EPISODE]
    late = [frame for frame in frames if frame.kind == CANDIDATES]
    tasks = [frame.meta for frame in frames if frame.kind == TASK]
    return {
        "steps": _steps_table([*episodes, *late]),
        "tasks": _table(TASKS, {name: [task[name] for task in tasks] for name in TASKS.names}),
        "episodes": _table(EPISODES, _episode_columns(episodes)),
    }


def _episode_columns(frames: Sequence[Frame]) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {
        name: [frame.meta[name] for frame in frames] for name in META_OF[EPISODE]
    }
    lengths = [frame.length - frame.meta["candidates"] for frame in frames]
    pairs = list(zip(frames, lengths, strict=True))
    versions = [set(frame.column("policy_version")[:length]) - {None} for frame, length in pairs]
    columns["length"] = lengths
    columns["total_reward"] = [sum(frame.column("reward")[:length], 0.0) for frame, length in pairs]
    columns["policy_version_min"] = [min(values, default=None) for values in versions]
    columns["policy_version_max"] = [max(values, default=None) for values in versions]
    return columns


def _steps_table(frames: Sequence[Frame]) -> pa.Table:
    cells = _joined(frame.cells for frame in frames)
    columns: dict[str, Any] = dict(zip(ROW, columns_of(cells), strict=True))
    # Whole microseconds: the rest is noise that would not compress.
    columns["env_ms"] = np.rint(np.array(columns.pop("env_s")) * 1e6) / 1e3
    columns["prefix_len"] = np.array(columns.pop("prefix_bytes"), dtype=np.int32) // 4
    for name in ("action_valid", "terminated", "truncated"):
        columns[name] = np.array(columns[name], dtype=bool)
    columns["info_json"] = _array(pa.string(), columns["info_json"]).fill_null("")
    columns["admissible_actions"] = _choices(columns["admissible_actions"])
    lengths = [frame.length for frame in frames]
    owner = np.repeat(np.arange(len(frames)), lengths)
    for name in ("run_id", "attempt", "episode_id"):
        columns[name] = _array(STEPS.field(name).type, [frame.meta[name] for frame in frames]).take(owner)
    columns["step"] = _joined(frame.beside.get("step", range(frame.length)) for frame in frames)
    for name, default in DEFAULTS.items():
        if any(name in frame.beside for frame in frames):
            columns[name] = _joined(frame.beside.get(name, repeat(default, frame.length)) for frame in frames)
        else:
            columns[name] = pa.repeat(pa.scalar(default, STEPS.field(name).type), len(owner))
    return _table(STEPS, columns)


def _choices(values: Sequence[str | list[str] | None]) -> pa.Array | list[list[str] | None]:
    """Lists of texts from their joined forms."""
    if list in map(type, values):
        return [None if texts is None else separate(texts) for texts in values]
    return pc.split_pattern(  # pyright: ignore[reportAttributeAccessIssue]
        _array(pa.string(), values), "\0"
    )


def _joined(parts: Iterable[Iterable[Any]]) -> list[Any]:
    # A list takes over another one whole, where `chain` would hand over its values one by one.
    values: list[Any] = []
    for part in parts:
        values += part
    return values


def _table(schema: pa.Schema, columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    return pa.Table.from_arrays([_array(field.type, columns[field.name]) for field in schema], schema=schema)


def _array(kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """A column; lists of numbers are given as bytes."""
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_list(kind) and kind.value_type == pa.string():
        sizes = np.array([-1 if value is None else len(value) for value in values], dtype=np.int64)
        offsets = np.concatenate([[0], np.cumsum(np.maximum(sizes, 0))]).astype(np.int32)
        flat = _array(pa.string(), _joined(filter(None, values)))
        mask = pa.array(sizes < 0) if bool((sizes < 0).any()) else None
        return pa.ListArray.from_arrays(pa.array(offsets), flat, type=kind, mask=mask)
    if pa.types.is_list(kind):
        packed = pa.array(values, pa.binary())
        nulls, offsets, data = packed.buffers()
        data = data if data is not None else pa.py_buffer(b"")
        flat = pa.Array.from_buffers(kind.value_type, data.size // 4, [None, data])
        ends = pa.py_buffer(np.frombuffer(offsets, np.int32, len(values) + 1) // 4)
        return pa.Array.from_buffers(kind, len(values), [nulls, ends], children=[flat])
    try:
        return pa.array(values, kind)
    except (UnicodeEncodeError, pa.ArrowTypeError):
        if kind != pa.string():
            raise
        return pa.array([None if value is None else storable(str(value)) for value in values], kind)
