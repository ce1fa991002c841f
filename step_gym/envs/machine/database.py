"""SQLite databases whose bytes live in virtual files; opened in memory, so nothing in them reaches the host.

Every file holds a database as SQLite writes it, for clients that pull it, change it and push it back.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from step_gym.envs.machine.files import FileSystem

_OPERATIONS_PER_CHECK = 1_000
_CHECKS_PER_STATEMENT = 5_000  # about a tenth of a second; a list of 1,000 rows takes ten
_MAX_VALUE_BYTES = 100_000
_MAX_GROWTH_BYTES = 128 * 1024 * 1024  # of this process, while a statement sorts in memory
_MAX_PAGES = 16_384
_MAX_OPEN = 64
_MAX_OPEN_BYTES = 64 * 1024 * 1024
_MAX_RESULTS = 64  # kept for each open database, so that a screen drawn again asks nothing
_HEADER_VERSIONS = slice(18, 20)

# What a statement may do; everything else is refused, above all ATTACH (which VACUUM INTO uses too).
_REFUSED = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
_REFUSED_FUNCTIONS = {
    "load_extension",
    "readfile",
    "writefile",
    "edit",
    "fts3_tokenizer",
    "zeroblob",
    "randomblob",
}
_ALLOWED_PRAGMAS = {
    *("table_info", "table_list", "table_xinfo", "index_list", "index_info", "foreign_key_list"),
    *("foreign_keys", "integrity_check", "quick_check", "encoding", "page_count", "page_size"),
    *("user_version", "schema_version", "data_version", "application_id", "freelist_count", "database_list"),
}


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action in _REFUSED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in _ALLOWED_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def open_database(data: bytes) -> sqlite3.Connection:
    """A database in memory that holds `data`, or nothing yet; its statements can touch nothing else.

    It is shared by threads that take turns. Text that is no UTF-8 is read with replacement characters.

    Raises:
        sqlite3.Error: Where the bytes are no database at all; other damage shows when a statement meets it.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        if data:
            # A database in write-ahead mode cannot live in memory; its header says which mode to open it in.
            rollback = bytearray(data)
            rollback[_HEADER_VERSIONS] = b"\x01\x01"
            connection.deserialize(bytes(rollback))
        connection.execute(f"pragma max_page_count={_MAX_PAGES}")
        connection.execute("pragma temp_store=memory")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
        connection.set_authorizer(_authorize)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    except BaseException:
        connection.close()
        raise
    return connection


def bound(connection: sqlite3.Connection, spend: Callable[[], bool]) -> None:
    """Stop a statement when `spend`, called every 1,000 operations, says False, or when it fills memory."""
    resident = _resident_bytes()

    def check() -> int:
        return int(not spend() or _resident_bytes() - resident > _MAX_GROWTH_BYTES)

    connection.set_progress_handler(check, _OPERATIONS_PER_CHECK)


def database_bytes(connection: sqlite3.Connection, before: bytes) -> bytes:
    """The database as a file holds it, in the journal mode that the file's bytes `before` were in."""
    data = bytearray(connection.serialize())
    if before:
        data[_HEADER_VERSIONS] = before[_HEADER_VERSIONS]
    return bytes(data)


def _resident_bytes() -> int:
    """Memory that this process holds, where the system tells (Linux); SQLite has no limit per connection."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


@dataclass(slots=True)
class _Open:
    """An open database, and the bytes that it holds: as long as they are kept, their identity is theirs."""

    data: bytes
    connection: sqlite3.Connection
    results: dict[tuple[str, tuple[Any, ...]], tuple[sqlite3.Row, ...]] = field(default_factory=dict)

    def run(self, sql: str, arguments: tuple[Any, ...]) -> sqlite3.Cursor:
        checks = iter(range(_CHECKS_PER_STATEMENT))
        bound(self.connection, lambda: next(checks, None) is not None)
        return self.connection.execute(sql, arguments)


# By the identity of the bytes: those of a file never change, so a restored or pushed file finds its own.
_OPENED: OrderedDict[int, _Open] = OrderedDict()
_LOCK = threading.Lock()


def _take(data: bytes) -> _Open:
    """The open database of these very bytes, out of the cache."""
    found = _OPENED.pop(id(data), None)
    if found is not None:
        return found
    connection = open_database(data)
    connection.row_factory = sqlite3.Row
    return _Open(data, connection)


def _keep(opened: _Open) -> None:
    _OPENED[id(opened.data)] = opened
    while len(_OPENED) > _MAX_OPEN or sum(len(one.data) for one in _OPENED.values()) > _MAX_OPEN_BYTES:
        _OPENED.popitem(last=False)[1].connection.close()


@dataclass(frozen=True, slots=True)
class Database:
    """An app's database in a virtual file.

    It is made when it is first used and missing, and made anew where its bytes are damaged or lack the app's
    tables, as Android's own helper does with a corrupt database.

    Args:
        files: Where the file lies.
        path: Its absolute path; directories are made as needed.
        schema: Statements, apart by semicolons, that make the tables of a new database.
    """

    files: FileSystem
    path: str
    schema: str

    def create(self) -> None:
        """Make the file anew, with the tables of the schema and nothing in them.

        Raises:
            OSError: ENOSPC where the files are full.
        """
        for path in (self.path, f"{self.path}-wal", f"{self.path}-shm"):
            if self.files.exists(path, follow=False):
                self.files.remove(path, recursive=True)
        self.files.make_directory(self.path.rpartition("/")[0], parents=True)
        self.files.write(self.path, _new(self.schema), mode=0o660)

    def open(self) -> None:
        """Make the file where there is none, as an app does when it starts.

        Raises:
            OSError: ENOSPC where the files are full.
        """
        with _LOCK:
            self._data()

    def rows(self, sql: str, *arguments: Any) -> tuple[sqlite3.Row, ...]:
        """The rows that a query gives; asked again, while the file is the same, it costs nothing.

        Raises:
            sqlite3.Error: Where the statement is wrong.
            OSError: ENOSPC where the database has to be made and the files are full.
        """
        values = _storable(arguments)
        with _LOCK:
            return self._retried(lambda: self._rows(sql, values), sql, values)

    def write(self, sql: str, *arguments: Any) -> int:
        """Run one statement that changes something, and store the file.

        Returns:
            The number of the row that was inserted last.

        Raises:
            sqlite3.Error: Where the statement is wrong.
            OSError: ENOSPC where the database or the files are full; nothing is changed then.
        """
        values = _storable(arguments)
        with _LOCK:
            return self._retried(lambda: self._write(sql, values), sql, values)

    def _retried(self, run: Callable[[], Any], sql: str, arguments: tuple[Any, ...]) -> Any:
        try:
            return run()
        except (sqlite3.Error, OverflowError) as failure:
            if "full" in str(failure):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path) from None
            if isinstance(failure, sqlite3.IntegrityError):
                raise  # what the rows are like, not what the file is like
            # The file is to blame only where a new one takes the same statement.
            opened = _Open(b"", open_database(_new(self.schema)))
            try:
                opened.run(sql, arguments).fetchall()
            finally:
                opened.connection.close()
        self.create()
        return run()

    def _data(self) -> bytes:
        try:
            data = self.files.read(self.path)
        except OSError:
            data = b""
        if data:
            return data
        self.create()
        return self.files.read(self.path)

    def _rows(self, sql: str, arguments: tuple[Any, ...]) -> tuple[sqlite3.Row, ...]:
        opened = _take(self._data())
        found = opened.results.get((sql, arguments))
        if found is None:
            try:
                found = tuple(opened.run(sql, arguments).fetchall())
            except BaseException:
                opened.connection.close()
                raise
            if len(opened.results) >= _MAX_RESULTS:
                opened.results.clear()
            opened.results[sql, arguments] = found
        _keep(opened)
        return found

    def _write(self, sql: str, arguments: tuple[Any, ...]) -> int:
        before = self._data()
        opened = _take(before)
        try:
            cursor = opened.run(sql, arguments)
            after = database_bytes(opened.connection, before)
            self.files.write(self.path, after)
        except BaseException:
            opened.connection.close()
            raise
        _keep(_Open(after, opened.connection))
        return cursor.lastrowid or 0


def _storable(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values with text that UTF-8 can hold, whatever was typed."""
    return tuple(
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for value in arguments
    )


_NEW: dict[str, bytes] = {}


def _new(schema: str) -> bytes:
    """The bytes of a database that has the schema's tables and no rows."""
    if schema not in _NEW:
        connection = open_database(b"")
        connection.executescript(schema)
        _NEW[schema] = database_bytes(connection, b"")
        connection.close()
    return _NEW[schema]
