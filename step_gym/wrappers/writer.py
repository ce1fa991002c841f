"""The writer of a trajectory folder: finished episodes go to a journal at once and to Parquet shards later.

What has been handed over survives `kill -9` at any moment.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import secrets
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np

from step_gym.envs.core import Task
from step_gym.wrappers import journal, shards
from step_gym.wrappers.screens import Screen, ScreenEncoder
from step_gym.wrappers.trajectory import EpisodeRecord, StepRecord

SHARD_BYTES = 64 * 2**20
"""Journal size at which a shard is closed, however few episodes it holds."""

_WAITING_SHARDS = 2
_WORKER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

_forks = 0
"""Counts up in a forked child; cheaper to compare at every call than the process id."""


def _note_fork() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_note_fork)


class TrajectoryWriter:
    """Writes finished episodes of one process into a trajectory folder, which many processes may share.

    When it opens the folder it first turns the journals of dead processes into shards; those of living ones
    are left alone. When a shard is full, another process turns its journal into Parquet files; the last one
    is written by `close()`. A writer may be used by several threads, but not by a forked child: each process
    makes its own.

    Args:
        folder: The trajectory folder; made if missing.
        run_id: The run that `add_candidates` and `mark_superseded` speak of, and the stem of ids of episodes
            without a tag.
        attempt: How often the run has been resumed.
        worker: Name of this writer in file names, unique among living writers of the folder; None draws a
            fresh one, which begins with the time.
        shard_episodes: Episodes in a shard; fewer where they are large (see `SHARD_BYTES`).

    Raises:
        ValueError: For a worker name that cannot be part of a file name, or a folder of a newer schema
            version.
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
                f"worker={worker!r}: use letters, digits, '_', '.', '-', and first a letter or digit"
            )
        if shard_episodes < 1:
            raise ValueError(f"shard_episodes={shard_episodes}: a shard needs at least 1")
        self.folder = Path(folder)
        self.run_id, self.attempt, self.worker = run_id, attempt, worker
        self._shard_episodes = shard_episodes
        self._id_stem, self._ids = f"{run_id}-{token}-", itertools.count(1)
        self._forks = _forks
        self._mutex = threading.Lock()
        self._journal = -1
        self._journal_path = Path()
        self._journal_bytes = self._journal_episodes = 0
        self._tasks: set[tuple[str, str]] = set()
        self._closed = False
        self._process: shards.ShardProcess | None = None
        self._screens: ScreenEncoder | None = None
        (self.folder / "journal").mkdir(parents=True, exist_ok=True)
        shards.recover(self.folder)
        lock = shards.try_lock(shards.lock_path(self.folder, worker))
        if lock is None:
            raise BlockingIOError(
                f"worker={worker!r}: a living process writes to {self.folder} under this name"
            )
        self._lock = lock
        self._number = shards.next_number(self.folder, worker)

    # -- what is handed over --------------------------------------------------------------------------------

    def add(self, episode: EpisodeRecord, at_hand: journal.AtHand | None = None) -> None:
        """Store a finished episode; when this returns it survives the death of the process.

        Args:
            episode: The episode.
            at_hand: Its executed steps, if they are rows already; `steps` and `candidates` are not looked
                at then.

        Raises:
            ValueError, TypeError: For a value that its column cannot hold.
            OSError: If the journal cannot be written.
        """
        self._append(journal.episode_frame(episode, at_hand), episodes=1)

    def add_candidates(self, episode_id: str, steps: Sequence[StepRecord]) -> None:
        """Store further candidates (`is_executed` False) of an episode of this run and attempt."""
        for step in steps:
            if step.is_executed:
                raise ValueError(
                    f"step {step.step} of episode {episode_id} is marked as executed: candidates are not"
                )
        self._append(journal.candidates_frame(self.run_id, self.attempt, episode_id, steps), episodes=0)

    def add_task(self, env_id: str, task: Task) -> None:
        """Store a task once."""
        if (env_id, task.id) not in self._tasks:
            self._append(journal.task_frame(env_id, task), episodes=0)
            self._tasks.add((env_id, task.id))

    def has_task(self, env_id: str, task_id: str) -> bool:
        """Whether this writer has stored the task."""
        return (env_id, task_id) in self._tasks

    def add_screen(self, pixels: np.ndarray, previous: Screen | None = None) -> Screen:
        """Store a screenshot, `uint8[H, W, 3]`, off-thread; waits only while too many others are waiting.

        Args:
            pixels: Must not be changed afterwards.
            previous: The screen shown before; if nothing has changed it is not encoded again.
        """
        self._check_usable()
        if self._screens is None:
            with self._mutex:
                if self._screens is None:
                    self._screens = ScreenEncoder(self.folder / "media", self.folder / "journal", self.worker)
        return self._screens.put(pixels, previous)

    def next_episode_id(self) -> str:
        """A fresh id for an episode without a tag, unique among all writers."""
        return self._id_stem + str(next(self._ids))

    def mark_superseded(self, from_round: int, attempt: int) -> None:
        """Declare that `attempt` of this run plays again from `from_round`.

        What earlier attempts recorded of these rounds no longer counts and is read as superseded.
        """
        mark = {"run_id": self.run_id, "from_round": int(from_round), "attempt": int(attempt)}
        # The leading newline ends a line that a crash cut short.
        line = b"\n" + json.dumps(mark).encode() + b"\n"
        handle = os.open(self.folder / shards.SUPERSEDED, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    # -- the journal ----------------------------------------------------------------------------------------

    def _check_usable(self) -> None:
        if self._closed:
            raise ValueError(f"the writer of {self.folder} is closed")
        if self._forks != _forks:
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
                os.lseek(self._journal, self._journal_bytes, os.SEEK_SET)
                raise
            self._journal_episodes += episodes
            if self._journal_episodes >= self._shard_episodes or self._journal_bytes >= SHARD_BYTES:
                if self._process is None:
                    self._process = shards.ShardProcess(self.folder, self._lock)
                self._process.submit(self._close_journal(), _WAITING_SHARDS)

    def _open_journal(self) -> None:
        self._journal_path = self.folder / "journal" / f"{self.worker}-{self._number:06d}.journal"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with suppress(FileNotFoundError):
            shards.spare_path(self.folder, self.worker).rename(self._journal_path)
            flags = os.O_WRONLY
        self._journal = os.open(self._journal_path, flags, 0o644)
        self._number += 1
        self._journal_bytes = os.write(self._journal, journal.file_header())
        self._journal_episodes = 0

    def _close_journal(self) -> Path:
        os.close(self._journal)
        self._journal = -1
        return self._journal_path

    # -- the end --------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what was added as shards. Raises `OSError` if one cannot be written; its journal stays."""
        with self._mutex:
            self._check_usable()
            self._flush()

    def _flush(self) -> None:
        if self._journal >= 0:
            path = self._close_journal()
            if self._process is None:
                shards.write_shard(self.folder, path)
            else:
                self._process.submit(path, _WAITING_SHARDS)
        if self._process is not None:
            self._process.wait()
            failures, self._process.failures = self._process.failures, []
            if failures:
                raise OSError("; ".join(failures))

    def close(self) -> None:
        """Write the last shard and end. Raises `OSError` if a shard cannot be written; its journal stays."""
        with self._mutex:
            if self._closed or self._forks != _forks:
                return
            self._closed = True
            try:
                self._flush()
            finally:
                if self._process is not None:
                    self._process.close()
                    shards.spare_path(self.folder, self.worker).unlink(missing_ok=True)
                if self._screens is not None:
                    self._screens.close()
                shards.unlock(self._lock, shards.lock_path(self.folder, self.worker))

    def __enter__(self) -> TrajectoryWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
