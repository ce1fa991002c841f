"""The writer of a trajectory folder: finished episodes go to a journal at once and to Parquet shards in the background.

A journal is dropped only after its shard lies complete under its final name, so that `kill -9` at any moment loses no finished episode.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from step_gym.envs.core import Task
from step_gym.wrappers import journal
from step_gym.wrappers.journal import Row
from step_gym.wrappers.screens import Screen, ScreenEncoder
from step_gym.wrappers.storage import VERSION_KEY
from step_gym.wrappers.trajectory import SCHEMA_VERSION, EpisodeRecord, StepRecord

SHARD_BYTES = 64 * 2**20
"""Journal size at which a shard is closed, however few episodes it holds."""

_WAITING_SHARDS = 2
_WORKER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SHARD_NAME = re.compile(r"(?:part-)?(.+)-(\d+)\.(?:parquet|journal)")


_process = 0
"""Changes in a forked child; cheaper to compare at every call than the process id."""


def _note_fork() -> None:
    global _process
    _process += 1


os.register_at_fork(after_in_child=_note_fork)


class TrajectoryWriter:
    """Writes finished episodes of one process into a trajectory folder, which any number of processes may share.

    When it opens the folder it first turns the journals of dead processes into shards; those of living ones are left alone. It may be used
    by several threads, but not by a forked child: each process makes its own.

    Args:
        folder: The trajectory folder; made if missing.
        run_id: The run that `add_candidates` and `mark_superseded` speak of, and the stem of ids of episodes without a tag.
        attempt: How often the run has been resumed.
        worker: Name of this writer in file names, unique among living writers of the folder; None draws a fresh one.
        shard_episodes: Episodes in a shard; fewer where they are large (see `SHARD_BYTES`).

    Raises:
        ValueError: For a worker name that cannot be part of a file name.
        BlockingIOError: If a living process writes under the same worker name.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        run_id: str,
        attempt: int = 0,
        worker: str | None = None,
        shard_episodes: int = 512,
    ) -> None:
        token = secrets.token_hex(4)
        worker = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{token}" if worker is None else worker
        if not _WORKER_NAME.fullmatch(worker):
            raise ValueError(
                f"worker={worker!r}: use letters, digits, '_', '.' and '-', beginning with a letter or digit"
            )
        if shard_episodes < 1:
            raise ValueError(f"shard_episodes={shard_episodes}: a shard needs at least 1")
        self.folder = Path(folder)
        self.run_id, self.attempt, self.worker = run_id, attempt, worker
        self._shard_episodes = shard_episodes
        self._token, self._ids = token, 0
        self._process = _process
        self._mutex = threading.Lock()
        self._journal = -1
        self._journal_path = Path()
        self._journal_bytes = self._journal_episodes = 0
        self._tasks: set[tuple[str, str]] = set()
        self._closed = False
        self._pool: ThreadPoolExecutor | None = None
        self._pending: list[Future[None]] = []
        self._screens: ScreenEncoder | None = None
        (self.folder / "journal").mkdir(parents=True, exist_ok=True)
        recover(self.folder)
        lock = _try_lock(self.folder / "journal" / f"{worker}.lock")
        if lock is None:
            raise BlockingIOError(
                f"worker={worker!r}: a living process writes into {self.folder} under this name: take another"
            )
        self._lock = lock
        self._sequence = 1 + max(
            (seq for name, seq in shard_names(self.folder) if name == worker), default=-1
        )

    # -- what is handed over ----------------------------------------------------------------------------------------------

    def add(
        self,
        episode: EpisodeRecord,
        rows: Sequence[Row] | None = None,
        beside: Mapping[str, list[Any]] | None = None,
    ) -> None:
        """Store a finished episode; when this returns it survives the death of the process (not of the machine).

        Args:
            episode: The episode.
            rows: Its executed steps as rows of the journal, if they are at hand; its own are not looked at then.
            beside: The columns beside those rows.

        Raises:
            ValueError, TypeError: For a value that its column cannot hold.
            OSError: If the journal cannot be written.
        """
        self._append(journal.episode_frame(episode, rows, beside), episodes=1)

    def add_candidates(self, episode_id: str, steps: Sequence[StepRecord]) -> None:
        """Store further candidates (`is_executed` False) of an episode of this run and attempt that has been handed over."""
        for step in steps:
            if step.is_executed:
                raise ValueError(
                    f"step {step.step} of episode {episode_id} is marked as executed: candidates are not"
                )
        self._append(journal.candidates_frame(self.run_id, self.attempt, episode_id, steps), episodes=0)

    def add_task(self, env_id: str, task: Task) -> None:
        """Store a task once."""
        if (env_id, task.id) not in self._tasks:
            self._tasks.add((env_id, task.id))
            self._append(journal.task_frame(env_id, task), episodes=0)

    def has_task(self, env_id: str, task_id: str) -> bool:
        """Whether this writer has stored the task."""
        return (env_id, task_id) in self._tasks

    def add_screen(self, pixels: np.ndarray, previous: Screen | None = None) -> Screen:
        """Store a screenshot, `uint8[H, W, 3]`, off-thread; waits only while too many others are waiting.

        Args:
            pixels: Must not be changed afterwards.
            previous: The screen shown before; if nothing has changed it is not encoded again.
        """
        if self._screens is None:
            self._check_usable()
            self._screens = ScreenEncoder(self.folder / "media", self.folder / "journal", self.worker)
        return self._screens.put(pixels, previous)

    def next_episode_id(self) -> str:
        """A fresh id for an episode without a tag, unique among all writers."""
        self._ids += 1
        return f"{self.run_id}-{self._token}-{self._ids}"

    def mark_superseded(self, from_round: int, attempt: int) -> None:
        """Declare that `attempt` of this run plays again from `from_round`: what earlier attempts recorded of it no longer counts."""
        mark = {"run_id": self.run_id, "from_round": from_round, "attempt": attempt}
        # The leading newline ends a line that a crash cut short.
        line = b"\n" + json.dumps(mark).encode() + b"\n"
        handle = os.open(self.folder / SUPERSEDED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    # -- the journal ------------------------------------------------------------------------------------------------------

    def _check_usable(self) -> None:
        if self._closed:
            raise ValueError(f"the writer of {self.folder} is closed")
        if self._process != _process:
            raise RuntimeError(
                "a TrajectoryWriter belongs to the process that made it: make one in each process"
            )

    def _append(self, frame: bytes, episodes: int) -> None:
        with self._mutex:
            self._check_usable()
            if self._journal < 0:
                self._open_journal()
            try:
                written = os.write(self._journal, frame)
                while written < len(frame):
                    written += os.write(self._journal, frame[written:])
                self._journal_bytes += written
            except BaseException:
                os.ftruncate(self._journal, self._journal_bytes)
                raise
            self._journal_episodes += episodes
            if self._journal_episodes >= self._shard_episodes or self._journal_bytes >= SHARD_BYTES:
                self._close_journal()

    def _open_journal(self) -> None:
        self._journal_path = self.folder / "journal" / f"{self.worker}-{self._sequence:06d}.journal"
        self._journal = os.open(self._journal_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        self._sequence += 1
        self._journal_bytes = os.write(self._journal, journal.file_header())
        self._journal_episodes = 0

    def _close_journal(self) -> None:
        """Hand the journal to the background thread; waits while too many others are waiting there."""
        os.close(self._journal)
        self._journal = -1
        if self._pool is None:
            self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trajectory-shards")
        self._pending = [job for job in self._pending if not job.done() or job.exception() is not None]
        while sum(not job.done() for job in self._pending) >= _WAITING_SHARDS:
            next(job for job in self._pending if not job.done()).exception()
        self._pending.append(self._pool.submit(self._finish_shard, self._journal_path))

    def _finish_shard(self, path: Path) -> None:
        try:
            write_shard(self.folder, path)
        except Exception as error:
            warnings.warn(
                f"{path} stays a journal, no shard could be written: {error}", RuntimeWarning, stacklevel=2
            )
            raise

    # -- the end ----------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write what is open as a last shard. Raises what kept a shard from being written (its journal then stays and is read)."""
        with self._mutex:
            if self._closed or self._process != _process:
                return
            if self._journal >= 0:
                self._close_journal()
            self._closed = True
        errors = [error for job in self._pending if (error := job.exception()) is not None]
        if self._pool is not None:
            self._pool.shutdown()
        if self._screens is not None:
            self._screens.close()
        _unlock(self._lock, self.folder / "journal" / f"{self.worker}.lock")
        if errors:
            raise errors[0]

    def __enter__(self) -> TrajectoryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


SUPERSEDED = "superseded.jsonl"
"""File of the marks of `TrajectoryWriter.mark_superseded`, one JSON object a line."""


# -- shards ---------------------------------------------------------------------------------------------------------------


def shard_names(folder: Path) -> set[tuple[str, int]]:
    """(worker, number) of every shard and journal in the folder."""
    files = [*folder.glob("*/part-*.parquet"), *folder.glob("journal/*.journal")]
    matches = (_SHARD_NAME.fullmatch(path.name) for path in files)
    return {(match[1], int(match[2])) for match in matches if match}


def shard_name(path: Path) -> tuple[str, int] | None:
    """(worker, number) of a shard's or journal's file, None for another file."""
    match = _SHARD_NAME.fullmatch(path.name)
    return (match[1], int(match[2])) if match else None


def write_shard(folder: Path, path: Path) -> None:
    """Turn a journal that nobody writes to any more into a shard, then remove it; one with damage is kept under another name."""
    name = shard_name(path)
    assert name is not None
    frames, problem = journal.read_frames(path.read_bytes(), str(path))
    if frames:
        for table_name, table in journal.tables_of(frames).items():
            if table.num_rows or table_name == "episodes":
                target = folder / table_name / f"part-{name[0]}-{name[1]:06d}.parquet"
                _write_parquet(
                    table, target, folder / "journal" / f"{name[0]}-{name[1]:06d}-{table_name}.tmp"
                )
    if problem is None:
        path.unlink()
    else:
        path.rename(path.with_suffix(".damaged"))
        warnings.warn(
            f"{path}: {problem}; {len(frames)} whole entries were kept", RuntimeWarning, stacklevel=2
        )


def _write_parquet(table: pa.Table, target: Path, temporary: Path) -> None:
    """Write a table so that `target` is either absent or complete, even after a power failure."""
    target.parent.mkdir(exist_ok=True)
    metadata = {VERSION_KEY: SCHEMA_VERSION.encode()}
    with open(temporary, "wb") as file:
        pq.write_table(
            table.replace_schema_metadata(metadata), file, compression="zstd", write_page_checksum=True
        )
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# -- other processes ------------------------------------------------------------------------------------------------------


def recover(folder: Path) -> list[str]:
    """Turn the journals of processes that no longer live into shards; returns their names."""
    recovered = []
    left = folder / "journal"
    journals = [
        (name[0], path) for path in sorted(left.glob("*.journal")) if (name := shard_name(path)) is not None
    ]
    for worker in sorted({path.stem for path in left.glob("*.lock")} | {worker for worker, _ in journals}):
        lock = _try_lock(left / f"{worker}.lock")
        if lock is None:
            continue
        try:
            for owner, path in journals:
                # A process that died or closed since we looked may have dropped it.
                if owner == worker and path.exists():
                    write_shard(folder, path)
                    recovered.append(path.name)
            for path in left.glob(f"{worker}-screen-*.tmp"):
                path.unlink()
        finally:
            _unlock(lock, left / f"{worker}.lock")
    return recovered


def _try_lock(path: Path) -> int | None:
    """Lock a file that lives as long as its owner; None if another process holds it. The kernel releases it when the owner dies."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        # Its last owner may have removed the file between our open and our lock.
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)


def _unlock(handle: int, path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(handle)
