"""`read_run`: a trajectory folder back as records, token-exact, whatever state its writers left it in."""

from __future__ import annotations

import functools
import itertools
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from step_gym.envs.core import Task
from step_gym.wrappers import journal
from step_gym.wrappers.screens import screen_path
from step_gym.wrappers.shards import UNREADABLE, shard_name, superseded_marks
from step_gym.wrappers.storage import (
    TABLES,
    VERSION_KEY,
    StepRows,
    check_version,
    conform,
    episodes_from,
    tasks_from,
)
from step_gym.wrappers.tables import tables_of
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

_T = TypeVar("_T")
_Key = tuple[str, int, str]


@dataclass(slots=True)
class Run:
    """A recorded run as it was when `read_run` looked at its folder.

    Attributes:
        path: The trajectory folder.
        tasks: Every recorded task by (env_id, task_id).
        damaged: Files that could not be read whole, each with the reason; what they held is missing, all else
            is there. Damage inside a file is found when an iteration comes to it.
    """

    path: Path
    tasks: dict[tuple[str, str], Task] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    _shards: list[_Shard] = field(default_factory=list)
    _late: dict[_Key, list[Callable[[], list[StepRecord]]]] = field(default_factory=dict)
    _marks: list[tuple[str, int, int]] = field(default_factory=list)

    def episodes(self, include_superseded: bool = False) -> Iterator[EpisodeRecord]:
        """Every finished episode, shard by shard; shards are read as the iteration comes to them.

        Args:
            include_superseded: Also those that a resumed run played again, with `superseded` True.
        """
        for shard in self._shards:
            episodes, steps = shard.load(self, "episodes"), shard.load(self, "steps")
            if episodes is None or steps is None:
                continue
            try:
                for episode in episodes_from(episodes, steps):
                    key = (episode.run_id, episode.attempt, episode.episode_id)
                    for candidates in self._late.get(key, ()):
                        episode.candidates += candidates()
                    episode.superseded = self._is_superseded(episode)
                    if include_superseded or not episode.superseded:
                        yield episode
            except ValueError as error:
                self._damage(f"{shard.name}: {error}")

    def screen(self, sha256: str) -> np.ndarray:
        """The screenshot behind a step's `image`, `uint8[H, W, 3]`; `FileNotFoundError` if it is missing."""
        with Image.open(screen_path(self.path / "media", sha256)) as image:
            return np.asarray(image.convert("RGB"))

    def _is_superseded(self, episode: EpisodeRecord) -> bool:
        return episode.round is not None and any(
            episode.run_id == run_id and episode.round >= from_round and episode.attempt < attempt
            for run_id, from_round, attempt in self._marks
        )

    def _damage(self, what: str) -> None:
        if what not in self.damaged:
            self.damaged.append(what)
            warnings.warn(f"left out what cannot be read: {what}", RuntimeWarning, stacklevel=3)


@dataclass(slots=True)
class _Shard:
    """Where one shard's tables are: Parquet files, or in memory where they came from a journal."""

    name: str
    files: dict[str, Path] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)

    def load(self, run: Run, name: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        """The named table (or some columns of it), None if it is damaged or missing."""
        if name in self.tables:
            return self.tables[name]
        schema = TABLES[name]
        if columns is not None:
            schema = pa.schema([schema.field(column) for column in columns])

        def look(file: pq.ParquetFile) -> pa.Table:
            present = [column for column in schema.names if column in file.schema_arrow.names]
            return conform(file.read(present), schema)

        return self._with_file(run, name, look)

    def count(self, run: Run, name: str) -> int | None:
        """Number of rows of the named table, None if it is damaged or missing."""
        if name in self.tables:
            return self.tables[name].num_rows
        return self._with_file(run, name, lambda file: file.metadata.num_rows)

    def _with_file(self, run: Run, name: str, look: Callable[[pq.ParquetFile], _T]) -> _T | None:
        """What `look` finds in the named table's file; None, and the damage noted, if it cannot be read."""
        if name not in self.files:
            run._damage(f"{run.path / name / self.name}: the file is missing")
            return None
        path = self.files[name]
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                version = (file.schema_arrow.metadata or {}).get(VERSION_KEY)
                if version is not None:
                    check_version(version.decode("ascii", "replace"), str(path))
                    return look(file)
        except (OSError, pa.ArrowException) as error:
            run._damage(f"{path}: {str(error).splitlines()[0]}")
        else:
            run._damage(f"{path}: not a shard of a recorded run, it names no schema version")
        return None


def read_run(path: str | os.PathLike[str]) -> Run:
    """Read a trajectory folder, also one that is being written to; nothing in it is changed.

    Shards that cannot be read are named in a warning and in `Run.damaged`; the rest is read.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If a file was written with a newer major schema version; names the version found and the
            version known.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise FileNotFoundError(f"no trajectory folder at {folder}")
    run = Run(folder, _marks=list(superseded_marks(folder)))
    shards: dict[tuple[str, int], _Shard] = {}
    # Journals first: one that vanishes meanwhile has become a shard by then.
    for file in sorted(folder.glob("journal/*.journal")):
        name = shard_name(file)
        try:
            frames, problem = journal.read_frames(file.read_bytes(), str(file))
        except FileNotFoundError:
            continue
        if problem is not None:
            run._damage(f"{file}: {problem}")
        if name is None:
            continue
        try:
            shards[name] = _Shard(file.name, tables=tables_of(frames))
        except UNREADABLE as error:
            run._damage(f"{file}: {str(error).splitlines()[0]}")
    from_journals = set(shards)
    for table in TABLES:
        for file in sorted(folder.glob(f"{table}/part-*.parquet")):
            name = shard_name(file)
            if name is not None and name not in from_journals:
                shards.setdefault(name, _Shard(file.name)).files[table] = file
    for file in sorted(folder.glob("journal/*.damaged")):
        run._damage(f"{file}: a damaged journal; its whole entries became a shard")
    run._shards = [shards[name] for name in sorted(shards)]
    for shard in run._shards:
        if "tasks" in shard.files or "tasks" in shard.tables:
            tasks = shard.load(run, "tasks")
            run.tasks |= {} if tasks is None else tasks_from(tasks)
        _collect_late(run, shard)
    return run


def _collect_late(run: Run, shard: _Shard) -> None:
    """Note the candidates that were added after their episode: the rows behind those of the episodes.

    They become records, with whole prompts, when an iteration comes to their episode.
    """
    counts, rows = shard.load(run, "episodes", ["length", "candidates"]), shard.count(run, "steps")
    if counts is None or rows is None:
        return
    own = sum(counts["length"].to_pylist()) + sum(counts["candidates"].to_pylist())
    if rows <= own or (steps := shard.load(run, "steps")) is None:
        return
    late, start = StepRows(steps.slice(own)), 0
    for owner, rows_of_owner in itertools.groupby(late.owners):
        stop = start + sum(1 for _ in rows_of_owner)
        run._late.setdefault(owner, []).append(functools.partial(late.records, start, stop))
        start = stop
