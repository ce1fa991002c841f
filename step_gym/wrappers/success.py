"""Per-task success rates: outcomes in SQLite, each episode once, and the rates as a pure fold over them round
by round.

The default rule is the smoothed update of STEP (arXiv 2511.13091); `TrackSuccessRate` keeps a record for any
environment that reports success.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, get_args

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from step_gym.envs.core import unknown_name_error
from step_gym.wrappers.success_rules import RateRule, StepRule, TaskStats, make_rule, rule_spec
from step_gym.wrappers.trajectory import EpisodeStatus

SCHEMA_VERSION = 1
"""Version of the tables; a newer one is refused."""

_APPLICATION_ID = 0x53544550
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE outcomes (
    episode_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    round INTEGER NOT NULL,
    task_id TEXT NOT NULL,
    is_success INTEGER,
    status TEXT NOT NULL,
    superseded INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (episode_id, attempt)
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_counts ON outcomes (episode_id) WHERE superseded = 0;
CREATE INDEX by_round ON outcomes (round, task_id);
"""
_STATUSES = get_args(EpisodeStatus)


class RatePoint(NamedTuple):
    """One task in one closed round: its rate after the round, and the round's own successes and rollouts."""

    round: int
    rate: float
    successes: int
    rollouts: int


class SuccessRecord:
    """Outcomes of episodes in a SQLite file, and the success rate of each task folded from them.

    An episode counts once: outcomes are unique by (episode_id, attempt), and of several attempts at one
    episode the newest counts. Ids are the caller's and deterministic (a trainer's: run, round, slot), so an
    episode reported twice, or replayed after a crash, changes nothing. Rates change only when a round is
    closed, and depend on nothing but the outcomes of the closed rounds in order of rounds: opening the file
    again gives the same rates, bit for bit.

    One process writes (a second one is refused); any number read with `read_only=True`. Threads of the writer
    may share one object. An outcome survives the death of the process as soon as `add` has returned; the last
    ones may be lost when the machine loses power.

    Args:
        path: File to keep, or ":memory:".
        rule: How rates follow from rounds. None takes the rule that the file remembers, or `StepRule()` for a
            new one. A rule without a name in `RULES` is not remembered and must be given again.
        read_only: Look at a record, also while another process writes it. It shows the moment of opening.

    Raises:
        FileNotFoundError: `read_only` and there is no file.
        ValueError: No success record, a damaged one, one of a newer schema, or one that another process
            writes.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] = ":memory:",
        rule: RateRule | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.path = str(path)
        self.read_only = read_only
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._writer: sqlite3.Connection | None = None
        self._stats: dict[str, TaskStats] = {}
        self._closed_through = -1
        if read_only and not Path(self.path).is_file():
            raise FileNotFoundError(f"no success record at {self.path}")
        if not read_only and self.path != ":memory:":
            self._writer = _writer_lock(self.path)
        self._db = self._connect()
        try:
            self._check_schema()
            self.rule = self._choose_rule(rule)
            self._refold()
        except sqlite3.DatabaseError as error:
            self.close()
            raise ValueError(
                f"{self.path} is damaged or no success record ({error}): move it away, or restore a copy"
            ) from error
        except BaseException:
            self.close()
            raise

    # -- opening ------------------------------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        if not self.read_only:
            return sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        folder_writable = os.access(Path(self.path).resolve().parent, os.W_OK)
        mode = "mode=ro" if folder_writable else "immutable=1"
        uri = f"{Path(self.path).resolve().as_uri()}?{mode}"
        return sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)

    def _check_schema(self) -> None:
        database = self._db
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        is_new = application == 0 and not database.execute("SELECT 1 FROM sqlite_master").fetchone()
        if is_new and not self.read_only:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            with self._transaction():
                for statement in _TABLES.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            return
        if application != _APPLICATION_ID:
            raise ValueError(f"{self.path} is a database, but no success record: choose another path")
        if version > SCHEMA_VERSION:
            raise ValueError(
                f"{self.path} has schema {version}; this step-gym knows schemas up to {SCHEMA_VERSION}: upgrade step-gym"
            )
        if not self.read_only:
            database.execute("PRAGMA synchronous = NORMAL")
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)

    def _choose_rule(self, rule: RateRule | None) -> RateRule:
        stored = self._meta("rule")
        if rule is None:
            if stored == "null":
                raise ValueError(f"{self.path} was kept with a rule of its own: pass the same rule= again")
            return make_rule(json.loads(stored)) if stored is not None else StepRule()
        if not self.read_only:
            self._set_meta("rule", json.dumps(rule_spec(rule)))
        return rule

    def _meta(self, key: str) -> str | None:
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else row[0]

    def _set_meta(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, one thread at a time."""
        if self.read_only:
            raise ValueError(f"{self.path} was opened with read_only=True: open it for writing")
        if os.getpid() != self._pid:
            raise ValueError(
                f"{self.path} was opened by process {self._pid}: a forked process must open a success record of its own"
            )
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    # -- writing ------------------------------------------------------------------------------------------------------

    def add(
        self,
        episode_id: str,
        task_id: str,
        is_success: bool | None,
        round: int | None = None,
        attempt: int = 0,
        status: EpisodeStatus = "ok",
    ) -> bool:
        """Store the outcome of an episode.

        Args:
            episode_id: Deterministic id; see the class.
            task_id: The task it played.
            is_success: The outcome; it may be None unless `status` is "ok".
            round: Training round, 0 or more; its outcomes count when `close_round` is called. None: a round
                of its own, closed at once.
            attempt: How often the run had been resumed; a higher attempt at an episode of an open round takes
                the lower one's place.
            status: Only "ok" outcomes enter rates; the others ("env_error", ...) are stored and counted.

        Returns:
            Whether it is new; False for an outcome that is known, or older than a known one: the first report
            stands.

        Raises:
            ValueError: Unknown status, no outcome, a closed round, or `round=None` while a round is open.
        """
        if status not in _STATUSES:
            raise unknown_name_error("episode status", status, _STATUSES)
        if status == "ok" and is_success is None:
            raise ValueError(f"episode {episode_id!r} has status 'ok' but is_success=None: say how it ended")
        if round is not None and round < 0:
            raise ValueError(f"round={round}: rounds count from 0")
        with self._transaction() as database:
            known = database.execute(
                "SELECT attempt, round FROM outcomes WHERE episode_id = ? AND (superseded = 0 OR attempt >= ?)",
                (episode_id, attempt),
            ).fetchone()
            if known is not None and known[0] >= attempt:
                return False
            target = self._closed_through + 1 if round is None else round
            if target <= self._closed_through or (known is not None and known[1] <= self._closed_through):
                raise ValueError(
                    f"round {target} of episode {episode_id!r} is closed (rounds 0 to {self._closed_through} are): "
                    f"call supersede({target}, attempt={attempt}) before playing it again"
                )
            if round is None:
                self._refuse_open_rounds(before=None)
            database.execute("UPDATE outcomes SET superseded = 1 WHERE episode_id = ?", (episode_id,))
            database.execute(
                "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, 0)",
                (
                    episode_id,
                    attempt,
                    target,
                    task_id,
                    None if is_success is None else int(is_success),
                    status,
                ),
            )
            if round is None:
                self._close(target)
        return True

    def close_round(self, round: int) -> dict[str, float]:
        """Let the outcomes of a round count; returns the rates after it, as `rates()` does.

        Rounds are closed in order; closing a closed one changes nothing. Raises `ValueError` if an earlier
        round is still open.
        """
        with self._lock:
            if round > self._closed_through:
                with self._transaction():
                    self._refuse_open_rounds(before=round)
                    self._close(round)
            return self.rates()

    def supersede(self, from_round: int, attempt: int) -> int:
        """Forget, for a resumed run, what was played after its checkpoint.

        Outcomes of rounds >= `from_round` by attempts < `attempt` are kept but count no longer, and these
        rounds are open again. Returns how many outcomes were superseded by this call.
        """
        with self._transaction() as database:
            cursor = database.execute(
                "UPDATE outcomes SET superseded = 1 WHERE round >= ? AND attempt < ? AND superseded = 0",
                (from_round, attempt),
            )
            self._closed_through = min(self._closed_through, from_round - 1)
            self._set_meta("closed_through", str(self._closed_through))
            self._refold()
            return cursor.rowcount

    def _refuse_open_rounds(self, before: int | None) -> None:
        """Raise if a round, or one before `before`, has outcomes that do not count yet."""
        open_round, count = self._db.execute(
            "SELECT MIN(round), COUNT(*) FROM outcomes WHERE superseded = 0 AND round > ? AND round < ?",
            (self._closed_through, 2**62 if before is None else before),
        ).fetchone()
        if count:
            raise ValueError(
                f"round {open_round} is open with {count} outcomes waiting: call close_round({open_round}) first"
            )

    def _close(self, round: int) -> None:
        for _, task_id, stats, _, _ in self._fold(self._closed_through + 1, round, self._stats):
            self._stats[task_id] = stats
        self._closed_through = round
        self._set_meta("closed_through", str(round))

    # -- the fold -----------------------------------------------------------------------------------------------------

    def _fold(
        self, first: int, last: int, stats: Mapping[str, TaskStats], task_id: str | None = None
    ) -> Iterator[tuple[int, str, TaskStats, int, int]]:
        """Apply the rule to the rounds `first` to `last` in order: (round, task, stats after it, successes,
        rollouts).

        `stats` holds what came before; the caller brings it up to date with what is yielded.
        """
        rows = self._db.execute(
            "SELECT round, task_id, SUM(is_success), COUNT(*) FROM outcomes "
            "WHERE superseded = 0 AND status = 'ok' AND round BETWEEN ? AND ? AND (? IS NULL OR task_id = ?) "
            "GROUP BY round, task_id ORDER BY round, task_id",
            (first, last, task_id, task_id),
        ).fetchall()
        for round, task, successes, rollouts in rows:
            previous = stats.get(task)
            rate = float(self.rule(previous, successes, rollouts))
            if not 0 <= rate <= 1:
                raise ValueError(f"the success-rate rule gave {rate} for task {task!r}: rates are 0 to 1")
            known = previous or TaskStats(0.0, 0, 0)
            total = TaskStats(rate, known.successes + successes, known.rollouts + rollouts)
            yield round, task, total, successes, rollouts

    def _refold(self) -> None:
        self._closed_through = int(self._meta("closed_through") or -1)
        self._stats = {}
        for _, task_id, stats, _, _ in self._fold(0, self._closed_through, self._stats):
            self._stats[task_id] = stats

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def closed_through(self) -> int:
        """The last closed round; -1 before the first."""
        return self._closed_through

    def rate(self, task_id: str) -> float | None:
        """The task's success rate, 0 to 1, or None if no closed round has an "ok" episode of it."""
        stats = self._stats.get(task_id)
        return None if stats is None else stats.rate

    def rates(self) -> dict[str, float]:
        """The success rate of every task that has one."""
        return {task_id: stats.rate for task_id, stats in self._stats.items()}

    def stats(self, task_id: str) -> TaskStats | None:
        """Rate, successes and rollouts of a task over the closed rounds, or None as for `rate`."""
        return self._stats.get(task_id)

    def status_counts(self) -> dict[str, int]:
        """Number of stored episodes by status, open rounds included; superseded ones are counted as "superseded" alone."""
        with self._lock:
            rows = self._db.execute(
                "SELECT CASE superseded WHEN 0 THEN status ELSE 'superseded' END AS kind, COUNT(*) FROM outcomes GROUP BY kind"
            )
            return dict(rows.fetchall())

    def history(self, task_id: str) -> list[RatePoint]:
        """The task's rate after each closed round it was played in, in order."""
        return self._histories(task_id).get(task_id, [])

    def histories(self) -> dict[str, list[RatePoint]]:
        """`history` of every task that has a rate, in one pass."""
        return self._histories(None)

    def _histories(self, task_id: str | None) -> dict[str, list[RatePoint]]:
        with self._lock:
            stats: dict[str, TaskStats] = {}
            points: dict[str, list[RatePoint]] = {}
            for round, task, total, successes, rollouts in self._fold(
                0, self._closed_through, stats, task_id
            ):
                stats[task] = total
                points.setdefault(task, []).append(RatePoint(round, total.rate, successes, rollouts))
            return points

    def __len__(self) -> int:
        """Number of stored outcomes, superseded ones included."""
        with self._lock:
            return self._db.execute("SELECT COUNT(*) FROM outcomes").fetchone()[0]

    # -- closing ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file and let another process write it; calling it again does nothing."""
        with self._lock:
            self._db.close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def __enter__(self) -> SuccessRecord:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _writer_lock(path: str) -> sqlite3.Connection:
    """Hold the right to write `path` until the connection is closed or the process dies; it works wherever
    SQLite does.

    The lock is on a file of its own, because a lock on the record itself would shut out readers too.
    """
    parent = Path(path).resolve().parent
    if not parent.is_dir():
        raise ValueError(f"{path}: there is no folder {parent}: make it first")
    lock = sqlite3.connect(path + ".lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise ValueError(
            f"{path} has a writer already ({error}): one process writes a success record; "
            "choose a path for each process, or open it with read_only=True"
        ) from error
    return lock


_shared: dict[str, tuple[SuccessRecord, int]] = {}
"""Records that wrappers of this process keep together, by real path, with the number of their users."""
_shared_lock = threading.Lock()


def _acquire_shared(path: str, rule: RateRule) -> SuccessRecord:
    """The record of a path, one for all wrappers of this process."""
    key = os.path.realpath(path)
    with _shared_lock:
        record, users = _shared.get(key) or (SuccessRecord(path, rule), 0)
        if record.rule != rule:
            raise ValueError(
                f"{path} is kept with {record.rule} in this process: {rule} needs a path of its own"
            )
        _shared[key] = (record, users + 1)
        return record


def _release_shared(path: str) -> None:
    key = os.path.realpath(path)
    with _shared_lock:
        record, users = _shared.pop(key)
        if users > 1:
            _shared[key] = (record, users - 1)
        else:
            record.close()


class TrackSuccessRate(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Keep a `SuccessRecord` of an environment's episodes and report the task's rate at their end.

    The environment needs to report `info["is_success"]` at the end of an episode; where it reports
    `info["task_id"]` the rates are by task, else there is one task, named after the environment's id. Every
    episode is a round of one. An episode that ends with `info["status"] == "env_error"` is stored but does
    not count. At the end `info["success_rate"]` is the task's rate, this episode included (absent while there
    is none). An outcome is counted once a `reset`, so a branch that was continued with `restore` adds
    nothing.

    Environments of one process that name the same path share one record (a sync vector environment); each
    process needs a path of its own.

    Args:
        env: The environment.
        path: File to keep, or ":memory:" for a record of this wrapper alone.
        rule: Name of a rule in `RULES`, or `{"name": ..., **settings}`.
        run_id: First part of the episodes' ids, `<run_id>-<running number>`.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        path: str = ":memory:",
        rule: str | Mapping[str, Any] = "step",
        run_id: str = "episode",
    ) -> None:
        rule = rule if isinstance(rule, str) else dict(rule)
        RecordConstructorArgs.__init__(self, path=path, rule=rule, run_id=run_id)
        gymnasium.Wrapper.__init__(self, env)
        made = make_rule(rule)
        self._path: str | None = None if path == ":memory:" else path
        self.record = SuccessRecord(path, made) if self._path is None else _acquire_shared(path, made)
        self._run_id = run_id
        self._task_id = env.spec.id if env.spec is not None else type(env.unwrapped).__name__
        self._is_counted = True
        self._is_closed = False

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode that will be counted once."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._note_task(info)
        self._is_counted = False
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take an action; at the end of an episode store its outcome and add `info["success_rate"]`."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._note_task(info)
        if terminated or truncated:
            if not self._is_counted:
                self._is_counted = True
                self._count(info)
            rate = self.record.rate(self._task_id)
            if rate is not None:
                info["success_rate"] = rate
        return observation, reward, terminated, truncated, info

    def _note_task(self, info: Mapping[str, Any]) -> None:
        if info.get("task_id") is not None:
            self._task_id = str(info["task_id"]).encode("utf-8", "backslashreplace").decode("utf-8")

    def _count(self, info: Mapping[str, Any]) -> None:
        status = info.get("status", "ok")
        if status == "ok" and info.get("is_success") is None:
            raise ValueError(
                'the episode ended without info["is_success"]: TrackSuccessRate needs an environment that reports it '
                "at the end of every episode"
            )
        is_success = bool(info["is_success"]) if status == "ok" else None
        with self.record._lock:
            episode_id = f"{self._run_id}-{len(self.record)}"
            self.record.add(episode_id, self._task_id, is_success, status=status)

    def close(self) -> None:
        """Close the environment, and the record when no other wrapper of this process uses it."""
        if not self._is_closed:
            self._is_closed = True
            if self._path is None:
                self.record.close()
            else:
                _release_shared(self._path)
        super().close()
