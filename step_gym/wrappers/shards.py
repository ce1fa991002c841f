"""Journals into Parquet shards, in another process while episodes are played.

Making Arrow columns of Python values holds the interpreter's lock, so that a thread would take its time from
the rollout; another process does not. A journal is removed only after its shard lies complete under its final
name.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from step_gym.wrappers import journal
from step_gym.wrappers.storage import STEPS, VERSION_KEY
from step_gym.wrappers.tables import tables_of
from step_gym.wrappers.trajectory import SCHEMA_VERSION

UNREADABLE = (pa.ArrowException, TypeError, OverflowError)
"""What making tables of a journal may raise; packing checks values, but not every one."""

SPARE_BYTES = 8 * 2**20
"""Largest journal for which room is made before it is written."""

_NUMBERS = [f"{name}.list.element" for name in ("prompt_delta_ids", "action_ids", "logprobs")]
_WITHOUT_STATISTICS = ("observation", "state_key", "action", "response", "info_json")
_STEPS_OPTIONS: Mapping[str, Any] = {
    # Byte by byte, token ids take a third less room than in a dictionary, and less time.
    "column_encoding": dict.fromkeys(_NUMBERS, "BYTE_STREAM_SPLIT"),
    # Digests hardly repeat. Of the lists only the texts do.
    "use_dictionary": [
        "admissible_actions.list.element",
        *(field.name for field in STEPS if field.name != "state_key" and not pa.types.is_list(field.type)),
    ],
    # Nobody asks for a range of texts or tokens.
    "write_statistics": [
        field.name
        for field in STEPS
        if field.name not in _WITHOUT_STATISTICS and not pa.types.is_list(field.type)
    ],
}
"""How the columns of `steps` are written. The other tables are small: a dictionary would not pay."""

_SHARD_NAME = re.compile(r"(?:part-)?(.+)-(\d+)\.(?:parquet|journal)")


def shard_name(path: Path) -> tuple[str, int] | None:
    """(worker, number) of a shard's or journal's file, None for another file."""
    match = _SHARD_NAME.fullmatch(path.name)
    return (match[1], int(match[2])) if match else None


def next_number(folder: Path, worker: str) -> int:
    """The first shard number that the worker has not used in the folder."""
    files = [*folder.glob(f"*/part-{worker}-*.parquet"), *folder.glob(f"journal/{worker}-*")]
    names = [name for path in files if (name := shard_name(path)) is not None]
    return 1 + max((number for owner, number in names if owner == worker), default=-1)


def write_shard(folder: Path, path: Path) -> None:
    """Turn a journal that nobody writes to any more into a shard, then remove it.

    One with damage is kept under another name, and a warning says what was lost. Raises `OSError` if a file
    cannot be written, one of `UNREADABLE` if the journal holds what no column can; it then stays.
    """
    name = shard_name(path)
    assert name is not None
    frames, problem = journal.read_frames(path.read_bytes(), str(path))
    if frames:
        stem = f"{name[0]}-{name[1]:06d}"
        for table_name, table in tables_of(frames).items():
            if table.num_rows or table_name != "tasks":
                target = folder / table_name / f"part-{stem}.parquet"
                options = _STEPS_OPTIONS if table_name == "steps" else {"use_dictionary": False}
                _write_parquet(table, target, folder / "journal" / f"{stem}-{table_name}.tmp", options)
    if problem is None:
        path.unlink()
    else:
        path.rename(path.with_suffix(".damaged"))
        warnings.warn(f"{path}: {problem}; {len(frames)} whole entries kept", RuntimeWarning, stacklevel=2)


def _write_parquet(table: pa.Table, target: Path, temporary: Path, options: Mapping[str, Any]) -> None:
    """Write a table so that `target` is either absent or complete, even after a power failure."""
    target.parent.mkdir(exist_ok=True)
    table = table.replace_schema_metadata({VERSION_KEY: SCHEMA_VERSION.encode()})
    with open(temporary, "wb") as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True, **options)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def spare_path(folder: Path, worker: str) -> Path:
    """The file that a worker's next journal is made of, if it is there."""
    return folder / "journal" / f"{worker}-spare.tmp"


def make_spare(folder: Path, worker: str, size: int) -> None:
    """Make ready a file of zeros for the worker's next journal.

    Writing over what lies in the page cache takes a third of the time that making a file longer does.
    """
    path = spare_path(folder, worker)
    if not path.exists():
        unfinished = path.with_suffix(".new.tmp")
        try:
            unfinished.write_bytes(bytes(min(size, SPARE_BYTES)))
            unfinished.rename(path)
        except OSError:
            # No room, or no folder any more: the next journal grows as it is written.
            unfinished.unlink(missing_ok=True)


# -- other processes ----------------------------------------------------------------------------------------


def lock_path(folder: Path, worker: str) -> Path:
    """The file that a worker keeps locked while it lives."""
    return folder / "journal" / f"{worker}.lock"


def try_lock(path: Path) -> int | None:
    """Lock a worker's file, None if a living process holds it; the kernel lets go when that process dies."""
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


def unlock(handle: int, path: Path) -> None:
    """Remove a worker's file and let go of it."""
    path.unlink(missing_ok=True)
    os.close(handle)


def recover(folder: Path) -> None:
    """Turn the journals of dead processes into shards; those of living ones are left alone.

    A journal of a newer major schema version raises `ValueError`; one that cannot be read otherwise is named
    in a warning and stays where it is.
    """
    journals = [
        (name[0], path)
        for path in sorted((folder / "journal").glob("*.journal"))
        if (name := shard_name(path))
    ]
    locks = {path.stem for path in (folder / "journal").glob("*.lock")}
    for worker in sorted(locks | {worker for worker, _ in journals}):
        lock = try_lock(lock_path(folder, worker))
        if lock is None:
            continue
        try:
            for owner, path in journals:
                # A process that closed since we looked has dropped its journals.
                if owner == worker and path.exists():
                    _recover_one(folder, path)
            for kind in ("screen-*", "spare*"):
                for path in (folder / "journal").glob(f"{worker}-{kind}.tmp"):
                    path.unlink()
        finally:
            unlock(lock, lock_path(folder, worker))


def _recover_one(folder: Path, path: Path) -> None:
    try:
        write_shard(folder, path)
    except UNREADABLE as error:
        warnings.warn(f"{path} stays a journal, it cannot be read: {error}", RuntimeWarning, stacklevel=2)


class ShardProcess:
    """A process that writes shards, one at a time, in the order in which their journals are handed over.

    It holds the worker's lock too, so that nobody takes its journals for orphans should our process die, and
    then finishes what it was given. If it dies itself, the journals stay and are read.

    Args:
        folder: The trajectory folder.
        lock: Handle of the worker's locked file.
    """

    def __init__(self, folder: Path, lock: int) -> None:
        code = (
            f"import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {__name__} import serve; serve()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", code, json.dumps(sys.path), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(lock,),
            # Ctrl-C in a terminal is for the rollout; the shard is finished all the same.
            start_new_session=True,
        )
        self._waiting: list[Path] = []
        self.failures: list[str] = []

    def submit(self, path: Path, at_most: int) -> None:
        """Hand a journal over; waits while more than `at_most` others are unfinished."""
        self.wait(at_most)
        self._waiting.append(path)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(str(path)).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._died()

    def wait(self, at_most: int = 0) -> None:
        """Wait until at most so many journals are unfinished."""
        assert self._process.stdout is not None
        while len(self._waiting) > at_most:
            reply = self._process.stdout.readline()
            if not reply:
                self._died()
                return
            path, failure = self._waiting.pop(0), json.loads(reply)
            if failure is not None:
                self._fail(path, failure)

    def _died(self) -> None:
        for path in self._waiting:
            self._fail(path, f"the process that writes shards ended with code {self._process.wait()}")
        self._waiting.clear()

    def _fail(self, path: Path, why: str) -> None:
        self.failures.append(f"{path} stays a journal, no shard could be written: {why}")
        warnings.warn(self.failures[-1], RuntimeWarning, stacklevel=2)

    def close(self) -> None:
        """Wait until everything is written and end the process."""
        self.wait()
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):
            # Said in words, because children forked meanwhile may keep its input from ending.
            self._process.stdin.write(b"null\n")
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def serve() -> None:
    """What the process does: write a shard for each journal named on its input, answer what went wrong."""
    folder = Path(sys.argv[2])
    # Hundreds of thousands of values and no cycles: there is nothing to collect.
    gc.disable()
    # Answers alone go to the pipe; whatever a library prints goes where errors go.
    answers = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        path, failure, size = json.loads(line), None, 0
        if path is None:
            return
        try:
            size = os.stat(path).st_size
            write_shard(folder, Path(path))
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
        with suppress(BrokenPipeError):
            # Our parent may have died; what it handed over is finished all the same.
            os.write(answers, json.dumps(failure).encode() + b"\n")
        name = shard_name(Path(path))
        if name is not None and failure is None:
            make_spare(folder, name[0], size)


def superseded_marks(folder: Path) -> Sequence[tuple[str, int, int]]:
    """(run_id, from_round, attempt) of every whole mark; a line that a crash cut short was never in force."""
    file = folder / SUPERSEDED
    marks = []
    for line in file.read_text().splitlines() if file.exists() else ():
        try:
            mark = json.loads(line)
            marks.append((str(mark["run_id"]), int(mark["from_round"]), int(mark["attempt"])))
        except (ValueError, KeyError, TypeError):
            continue
    return marks


SUPERSEDED = "superseded.jsonl"
"""File of the marks of `TrajectoryWriter.mark_superseded`, one JSON object a line."""
