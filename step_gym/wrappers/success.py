"""Success rates by task: outcomes in SQLite, each episode once, and the rates as a fold over them by rounds.

The rules that make a rate of outcomes are in `success_rules`; the default is STEP's (arXiv 2511.13091).
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple, get_args

from step_gym.envs.core import unknown_name_error
from step_gym.wrappers.success_rules import MeanRule, RateRule, StepRule, TaskStats, make_rule, rule_spec
from step_gym.wrappers.trajectory import EpisodeStatus

__all__ = ["SCHEMA_VERSION", "MeanRule", "RatePoint", "RateRule", "StepRule", "SuccessRecord", "TaskStats"]

SCHEMA_VERSION = 1
"""Version of the tables; a newer one is refused."""

MASTERED = 0.6
"""Success rate above which a task counts as mastered (the level of STEP's motivating figure)."""

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
    episode that is reported twice, or replayed after a crash, changes nothing. Rates change only when a round
    is closed, and depend on nothing but the rule and the outcomes of the closed rounds, in order of rounds:
    opening the file again gives the same rates, bit for bit.

    One process writes (a second one is refused); any number read with `read_only=True`. Threads of the writer
    may share one object. An outcome survives the death of the process as soon as `add` has returned; the last
    ones may be lost when the machine loses power.

    Args:
        path: File to keep, or ":memory:".
        rule: How rates follow from rounds. None takes the rule that the file remembers, or `StepRule()` for a
            new one. A rule without a name in `success_rules.RULES` is not remembered and must be given again.
        read_only: Look at a record, also while another process writes it. It shows the moment of opening.

    Attributes:
        lock: Held by every method that reads or writes the file; hold it to make several calls as one.

    Raises:
        FileNotFoundError: `read_only` and there is no file.
        ValueError: The file cannot be opened, is no success record, is damaged, has a newer schema, or has
            another writer.
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
        self.lock = threading.RLock()
        self._pid = os.getpid()
        self._stats: dict[str, TaskStats] = {}
        self._closed_through = -1
        self._stored = 0
        if read_only and not Path(self.path).is_file():
            raise FileNotFoundError(f"no success record at {self.path}")
        self._open = ExitStack()
        try:
            if self.path != ":memory:" and not read_only:
                self._open.enter_context(closing(_writer_lock(self.path)))
            self._db = self._open.enter_context(closing(self._connect()))
            self._check_schema()
            self.rule = self._choose_rule(rule)
            self._refold()
        except sqlite3.DatabaseError as error:
            self.close()
            reason = " ".join(str(error).split())
            raise ValueError(
                f"{self.path} cannot be read, is damaged or is no success record ({reason}): "
                "choose another path, or restore a copy"
            ) from error
        except BaseException:
            self.close()
            raise

    # -- opening --------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        if not self.read_only:
            return sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        path = Path(self.path).resolve()
        # A reader of a WAL database writes beside it; where it cannot, no writer can be at work either.
        mode = "mode=ro" if os.access(path.parent, os.W_OK) else "immutable=1"
        return sqlite3.connect(
            f"{path.as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
        )

    def _check_schema(self) -> None:
        database = self._db
        application = database.execute("PRAGMA application_id").fetchone()[0]
        version = database.execute("PRAGMA user_version").fetchone()[0]
        is_new = application == 0 and not database.execute("SELECT 1 FROM sqlite_master").fetchone()
        if application != _APPLICATION_ID and (self.read_only or not is_new):
            raise ValueError(f"{self.path} is a database, but no success record: choose another path")
        if version > SCHEMA_VERSION:
            raise ValueError(
                f"{self.path} has schema {version}, this step-gym knows {SCHEMA_VERSION}: upgrade step-gym"
            )
        verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        if not self.read_only:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
        if is_new:
            with self._transaction():
                for statement in _TABLES.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _choose_rule(self, rule: RateRule | None) -> RateRule:
        stored = self._meta("rule")
        if rule is None and stored == "null":
            raise ValueError(f"{self.path} was kept with a rule that has no name: pass the same rule= again")
        chosen = rule or (make_rule(json.loads(stored)) if stored is not None else StepRule())
        if not self.read_only:
            self._set_meta("rule", json.dumps(rule_spec(chosen)))
        return chosen

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
                f"{self.path} was opened by process {self._pid}: "
                "a forked process must open a success record of its own"
            )
        with self.lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                self._refold()
                raise

    # -- writing --------------------------------------------------------------------------------

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
            Whether it is new. False for an outcome that is known or older than a known one: what was reported
            first stands.

        Raises:
            ValueError: Unknown status, no outcome, a closed round, or `round=None` while a round is open.
        """
        if status not in _STATUSES:
            raise unknown_name_error("episode status", status, _STATUSES)
        if status == "ok" and is_success is None:
            raise ValueError(f"episode {episode_id!r} has status 'ok' but is_success=None: say how it ended")
        if round is not None and round < 0:
            raise ValueError(f"round={round}: rounds count from 0")
        attempt, outcome = int(attempt), None if is_success is None else int(is_success)
        with self._transaction() as database:
            known = database.execute(
                "SELECT attempt, round FROM outcomes WHERE episode_id = ? ORDER BY attempt DESC",
                (episode_id,),
            ).fetchone()
            if known is not None and known[0] >= attempt:
                return False
            target = self._closed_through + 1 if round is None else int(round)
            self._refuse_closed_rounds(episode_id, target, attempt)
            if round is None:
                self._refuse_open_rounds(before=None)
            database.execute("UPDATE outcomes SET superseded = 1 WHERE episode_id = ?", (episode_id,))
            database.execute(
                "INSERT INTO outcomes VALUES (?, ?, ?, ?, ?, ?, 0)",
                (episode_id, attempt, target, task_id, outcome, status),
            )
            if round is None:
                self._close(target)
            self._stored += 1
        return True

    def close_round(self, round: int) -> dict[str, float]:
        """Let the outcomes of a round count; returns the rates after it, as `rates()` does.

        Rounds are closed in order; closing a closed one changes nothing. Raises `ValueError` if an earlier
        round is still open.
        """
        with self.lock:
            if round > self._closed_through:
                with self._transaction():
                    self._refuse_open_rounds(before=int(round))
                    self._close(int(round))
            return self.rates()

    def supersede(self, from_round: int, attempt: int) -> int:
        """Let a resumed run play again what came after its checkpoint.

        Outcomes of rounds >= `from_round` by attempts < `attempt` are kept but count no longer, and these
        rounds are open again. Returns how many outcomes this call superseded.
        """
        if from_round < 0:
            raise ValueError(f"from_round={from_round}: rounds count from 0")
        with self._transaction() as database:
            superseded = database.execute(
                "UPDATE outcomes SET superseded = 1 WHERE round >= ? AND attempt < ? AND superseded = 0",
                (int(from_round), int(attempt)),
            ).rowcount
            self._set_meta("closed_through", str(min(self._closed_through, int(from_round) - 1)))
            self._refold()
        return superseded

    def _refuse_closed_rounds(self, episode_id: str, target: int, attempt: int) -> None:
        """Raise if an outcome would change a closed round, by entering it or by replacing one there."""
        counted = self._db.execute(
            "SELECT MIN(round) FROM outcomes WHERE episode_id = ? AND superseded = 0", (episode_id,)
        ).fetchone()[0]
        changed = target if counted is None else min(target, counted)
        if changed <= self._closed_through:
            raise ValueError(
                f"episode {episode_id!r} would change round {changed}, which is closed: "
                f"call supersede({changed}, attempt={max(1, attempt)}) before playing it again"
            )

    def _refuse_open_rounds(self, before: int | None) -> None:
        """Raise if a round, or one before `before`, has outcomes that do not count yet."""
        open_round, count = self._db.execute(
            "SELECT MIN(round), COUNT(*) FROM outcomes WHERE superseded = 0 AND round > ? AND round < ?",
            (self._closed_through, 2**62 if before is None else before),
        ).fetchone()
        if count:
            raise ValueError(
                f"round {open_round} is open, with {count} outcomes: call close_round({open_round}) first"
            )

    def _close(self, round: int) -> None:
        for _, task_id, stats, _, _ in self._fold(round, round, self._stats):
            self._stats[task_id] = stats
        self._closed_through = round
        self._set_meta("closed_through", str(round))

    # -- the fold --------------------------------------------------------------------------------

    def _fold(
        self, first: int, last: int, known: Mapping[str, TaskStats], task_id: str | None = None
    ) -> Iterator[tuple[int, str, TaskStats, int, int]]:
        """Apply the rule to the rounds `first` to `last`: (round, task, stats after it, successes, rollouts).

        `known` holds what came before; the caller enters there what is yielded.
        """
        rows = self._db.execute(
            "SELECT round, task_id, SUM(is_success), COUNT(*) FROM outcomes "
            "WHERE superseded = 0 AND status = 'ok' AND round BETWEEN ? AND ? AND (? IS NULL OR task_id = ?) "
            "GROUP BY round, task_id ORDER BY round, task_id",
            (first, last, task_id, task_id),
        ).fetchall()
        for round, task, successes, rollouts in rows:
            previous = known.get(task)
            rate = float(self.rule(previous, successes, rollouts))
            if not 0 <= rate <= 1:
                raise ValueError(f"the success-rate rule gave {rate} for task {task!r}: rates are 0 to 1")
            before = previous or TaskStats(rate, 0, 0)
            total = TaskStats(rate, before.successes + successes, before.rollouts + rollouts)
            yield round, task, total, successes, rollouts

    def _refold(self) -> None:
        """Take everything that is held in memory from the file again."""
        self._stored = self._db.execute("SELECT COUNT(*) FROM outcomes").fetchone()[0]
        self._closed_through = int(self._meta("closed_through") or -1)
        self._stats = {}
        for _, task_id, stats, _, _ in self._fold(0, self._closed_through, self._stats):
            self._stats[task_id] = stats

    # -- reading --------------------------------------------------------------------------------

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
        """Stored episodes by status, open rounds included; superseded ones count as "superseded" alone."""
        with self.lock:
            rows = self._db.execute(
                "SELECT CASE superseded WHEN 0 THEN status ELSE 'superseded' END AS kind, COUNT(*) "
                "FROM outcomes GROUP BY kind"
            )
            return dict(rows.fetchall())

    def history(self, task_id: str) -> list[RatePoint]:
        """The task's rate after each closed round it was played in, in order."""
        return self._histories(task_id).get(task_id, [])

    def histories(self) -> dict[str, list[RatePoint]]:
        """`history` of every task that has a rate, in one pass."""
        return self._histories(None)

    def _histories(self, task_id: str | None) -> dict[str, list[RatePoint]]:
        with self.lock:
            known: dict[str, TaskStats] = {}
            points: dict[str, list[RatePoint]] = {}
            for round, task, total, successes, rollouts in self._fold(
                0, self._closed_through, known, task_id
            ):
                known[task] = total
                points.setdefault(task, []).append(RatePoint(round, total.rate, successes, rollouts))
            return points

    def __len__(self) -> int:
        """Number of stored outcomes, superseded ones included."""
        return self._stored

    # -- closing --------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file and let another process write it; calling it again does nothing."""
        with self.lock:
            self._open.close()

    def __enter__(self) -> SuccessRecord:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _writer_lock(path: str) -> sqlite3.Connection:
    """Hold the right to write `path` until the connection is closed or the process dies.

    The lock is SQLite's own, so it works wherever a record does; it is on a file beside the record, because a
    lock on the record itself would shut out readers too.
    """
    parent = Path(path).resolve().parent
    if not parent.is_dir():
        raise ValueError(f"{path}: there is no folder {parent}: make it first")
    lock = sqlite3.connect(path + ".lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.DatabaseError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise ValueError(
            f"{path} has a writer already: one process writes a success record; "
            "choose a path for each process, or open it with read_only=True"
        ) from error
    return lock
