"""The record as columns: the Arrow schemas of `steps`, `episodes` and `tasks`, and the way back to records.

Every stored form (journal, Parquet shard) becomes these tables, and only these tables become records again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from step_gym.envs.core import Task
from step_gym.wrappers.trajectory import SCHEMA_VERSION, EpisodeRecord, StepRecord

VERSION_KEY = b"step_gym.schema_version"
"""Key of the schema version in a table's metadata."""


def _field(name: str, kind: pa.DataType, *, null: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=null)


STEPS = pa.schema(
    [
        _field("run_id", pa.string()),
        _field("attempt", pa.int32()),
        _field("episode_id", pa.string()),
        _field("step", pa.int32()),
        _field("is_executed", pa.bool_()),
        _field("candidate_group", pa.string(), null=True),
        _field("source", pa.string()),
        _field("observation", pa.string()),
        _field("image", pa.string(), null=True),
        _field("state_key", pa.string()),
        _field("admissible_actions", pa.list_(pa.string()), null=True),
        _field("action", pa.string()),
        _field("response", pa.string(), null=True),
        _field("prefix_segment", pa.int32()),
        _field("prefix_len", pa.int32()),
        _field("prompt_delta_ids", pa.list_(pa.int32()), null=True),
        _field("action_ids", pa.list_(pa.int32()), null=True),
        _field("logprobs", pa.list_(pa.float32()), null=True),
        _field("policy_version", pa.int64(), null=True),
        _field("action_valid", pa.bool_()),
        _field("action_error", pa.string(), null=True),
        _field("reward", pa.float64()),
        _field("terminated", pa.bool_()),
        _field("truncated", pa.bool_()),
        _field("env_ms", pa.float64()),
        _field("model_ms", pa.float64(), null=True),
        _field("info_json", pa.string()),
    ]
)
"""One row a policy call: the executed steps of an episode in order, then its extra candidates."""

EPISODES = pa.schema(
    [
        _field("run_id", pa.string()),
        _field("attempt", pa.int32()),
        _field("episode_id", pa.string()),
        _field("round", pa.int64(), null=True),
        _field("slot", pa.int64(), null=True),
        _field("group_id", pa.string(), null=True),
        _field("env_id", pa.string()),
        _field("env_kwargs_json", pa.string()),
        _field("task_id", pa.string()),
        _field("instruction", pa.string()),
        _field("seed", pa.int64(), null=True),
        _field("status", pa.string()),
        _field("is_success", pa.bool_(), null=True),
        _field("score", pa.float64(), null=True),
        _field("success_rate_before", pa.float64(), null=True),
        _field("parent_episode_id", pa.string(), null=True),
        _field("branch_step", pa.int64(), null=True),
        _field("final_observation", pa.string()),
        _field("final_image", pa.string(), null=True),
        _field("error", pa.string(), null=True),
        _field("length", pa.int32()),
        _field("candidates", pa.int32()),
        _field("total_reward", pa.float64()),
        _field("policy_version_min", pa.int64(), null=True),
        _field("policy_version_max", pa.int64(), null=True),
    ]
)
"""One row an episode; `length` and `candidates` count its rows in the `steps` table of the same shard."""

TASKS = pa.schema(
    [
        _field("env_id", pa.string()),
        _field("task_id", pa.string()),
        _field("split", pa.string()),
        _field("instruction", pa.string()),
        _field("difficulty", pa.float64()),
        _field("max_steps", pa.int64()),
        _field("params_json", pa.string()),
    ]
)
"""One row a task that was played."""

TABLES: Mapping[str, pa.Schema] = {"steps": STEPS, "tasks": TASKS, "episodes": EPISODES}
"""Schema by table name, in the order in which a shard's files are written."""


def check_version(found: str, where: str) -> None:
    """Raise `ValueError` if `found` has a newer major version than is known here, or is no version at all."""
    try:
        major = int(found.split(".")[0])
    except ValueError:
        raise ValueError(f"{where}: schema version {found!r} is not of the form MAJOR.MINOR") from None
    if major > int(SCHEMA_VERSION.split(".")[0]):
        raise ValueError(
            f"{where}: schema version {found} is newer than {SCHEMA_VERSION}, known here: upgrade step-gym"
        )


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """`table` with exactly the columns of `schema`, whatever minor version it was written with.

    A missing column that may be null is filled with nulls, any other with zero, False or the empty string.
    """
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        elif field.nullable:
            columns.append(pa.nulls(table.num_rows, field.type))
        else:
            zero = "" if pa.types.is_string(field.type) else 0
            columns.append(pa.repeat(pa.scalar(zero).cast(field.type), table.num_rows))
    return pa.Table.from_arrays(columns, schema=schema)


def to_json(value: Any) -> str:
    """Compact ASCII JSON of a mapping; what JSON cannot hold becomes its `repr`."""
    try:
        return _encode(value)
    except (TypeError, ValueError, RecursionError):
        return _encode({"repr": repr(value)})


def plain(value: Any) -> Any:
    """A JSON-able stand-in: small arrays and sets as lists, large arrays as their shape, else the `repr`."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist() if value.size <= 256 else f"array{value.shape} of {value.dtype}"
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    return repr(value)


_encode = json.JSONEncoder(default=plain, separators=(",", ":")).encode
"""Made once: `json.dumps` makes a new encoder at each call that asks for anything unusual."""


def storable(text: str) -> str:
    """`text` as a plain string that UTF-8 can hold: lone surrogates become escapes of ASCII characters."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if type(text) is str else str(text)


# -- prompts as shared-prefix deltas ------------------------------------------------------------------------


def shared_prefix(previous: bytes, prompt: bytes) -> int:
    """Number of leading int32 tokens that two little-endian token strings share."""
    if prompt.startswith(previous):
        return len(previous) // 4
    length = min(len(previous), len(prompt)) // 4
    a = np.frombuffer(previous, dtype="<i4", count=length)
    b = np.frombuffer(prompt, dtype="<i4", count=length)
    differs = a != b
    first = int(differs.argmax()) if length else 0
    return first if length and differs[first] else length


def rebuild_prompt(previous: np.ndarray | None, prefix_len: int, delta: np.ndarray) -> np.ndarray:
    """The prompt, int32[P]: the first `prefix_len` tokens of `previous`, then `delta`.

    `previous` is the prompt before, followed by the action ids sampled after it.

    Raises `ValueError` if `previous` is shorter than `prefix_len`: the rows do not belong together.
    """
    if prefix_len == 0:
        return delta
    if previous is None or len(previous) < prefix_len:
        have = 0 if previous is None else len(previous)
        raise ValueError(
            f"a prompt shares {prefix_len} tokens with the step before it, which has only {have}"
        )
    return np.concatenate([previous[:prefix_len], delta])


# -- from tables to records ---------------------------------------------------------------------------------


def tasks_from(table: pa.Table) -> dict[tuple[str, str], Task]:
    """The tasks of a `tasks` table by (env_id, task_id)."""
    return {
        (row["env_id"], row["task_id"]): Task(
            id=row["task_id"],
            instruction=row["instruction"],
            split=row["split"],
            difficulty=row["difficulty"],
            max_steps=row["max_steps"],
            params=json.loads(row["params_json"] or "{}"),
        )
        for row in table.to_pylist()
    }


def episodes_from(episodes: pa.Table, steps: pa.Table) -> Iterator[EpisodeRecord]:
    """The episodes of one shard, token-exact; `steps` holds their rows in the same order.

    Raises `ValueError` if the two tables do not belong together.
    """
    rows = StepRows(steps)
    start = 0
    for row in episodes.to_pylist():
        middle = start + row["length"]
        stop = middle + row["candidates"]
        owner = (row["run_id"], row["attempt"], row["episode_id"])
        if stop > len(rows.owners) or any(found != owner for found in rows.owners[start:stop]):
            raise ValueError(
                f"the steps of episode {row['episode_id']} are missing or belong to another episode"
            )
        values = {name: value for name, value in row.items() if name not in _DERIVED}
        yield EpisodeRecord(
            **values,
            env_kwargs=json.loads(row["env_kwargs_json"] or "{}"),
            steps=rows.records(start, middle),
            candidates=rows.records(middle, stop),
        )
        start = stop


_DERIVED = (
    "length",
    "candidates",
    "total_reward",
    "policy_version_min",
    "policy_version_max",
    "env_kwargs_json",
)
_OWNER = ("run_id", "attempt", "episode_id")
_TOKENS = ("prompt_delta_ids", "action_ids", "logprobs")
_NOT_IN_RECORD = (*_OWNER, "prefix_segment", "prefix_len", "info_json", *_TOKENS)
_PLAIN = tuple(field.name for field in STEPS if field.name not in _NOT_IN_RECORD)


class StepRows:
    """A `steps` table from which records are made a stretch at a time, as whole prompts take much memory.

    Attributes:
        owners: (run_id, attempt, episode_id) of each row.
    """

    def __init__(self, table: pa.Table) -> None:
        self.owners = list(zip(*(_values(table[name]) for name in _OWNER), strict=True))
        self._plain = [_values(table[name]) for name in _PLAIN]
        self._prefix_lens = _values(table["prefix_len"])
        self._infos = _values(table["info_json"])
        self._deltas, self._actions, self._logprobs = (_arrays(table[name]) for name in _TOKENS)

    def records(self, start: int, stop: int) -> list[StepRecord]:
        """Rows `start` to `stop` with their prompts; an episode or a list of candidates begins at `start`."""
        records: list[StepRecord] = []
        previous: np.ndarray | None = None
        for i in range(start, stop):
            delta, action = self._deltas[i], self._actions[i]
            prompt = None if delta is None else rebuild_prompt(previous, self._prefix_lens[i], delta)
            if prompt is not None:
                previous = prompt if action is None else np.concatenate([prompt, action])
            record = StepRecord(
                **{name: column[i] for name, column in zip(_PLAIN, self._plain, strict=True)},
                prompt_ids=prompt,
                action_ids=action,
                logprobs=self._logprobs[i],
                info=json.loads(self._infos[i]) if self._infos[i] else {},
            )
            records.append(record)
        return records


def _values(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column; for texts and lists of texts several times faster than `to_pylist`."""
    if pa.types.is_string(column.type):
        return column.to_numpy().tolist()
    if not pa.types.is_list(column.type):
        return column.to_pylist()
    values: list[Any] = []
    for chunk in column.chunks:
        texts, offsets = chunk.values.to_numpy(zero_copy_only=False).tolist(), chunk.offsets.to_pylist()
        valid = chunk.is_valid().to_pylist()
        values += [texts[offsets[i] : offsets[i + 1]] if ok else None for i, ok in enumerate(valid)]
    return values


def _arrays(column: pa.ChunkedArray) -> list[np.ndarray | None]:
    """The lists of a list column as NumPy arrays of their own, None where null."""
    arrays: list[np.ndarray | None] = []
    for chunk in column.chunks:
        values = chunk.values.to_numpy(zero_copy_only=False)
        offsets = chunk.offsets.to_numpy().tolist()
        valid = chunk.is_valid().to_pylist()
        arrays += [values[offsets[i] : offsets[i + 1]].copy() if ok else None for i, ok in enumerate(valid)]
    return arrays
