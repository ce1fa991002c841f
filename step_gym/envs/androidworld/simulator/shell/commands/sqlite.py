"""sqlite3 over virtual files: the database lives in memory, and nothing in a statement reaches the host."""

from __future__ import annotations

import os
import sqlite3

from step_gym.envs.androidworld.simulator.shell.commands.options import read_options
from step_gym.envs.androidworld.simulator.shell.evaluator import Call, CommandFunction, decode
from step_gym.envs.androidworld.simulator.shell.streams import Exhausted

_OPERATIONS_PER_CHECK = 1_000
_UNITS_PER_CHECK = 50
_MAX_VALUE_BYTES = 100_000
_MAX_GROWTH_BYTES = 128 * 1024 * 1024  # of this process, while a statement sorts in memory
_MAX_PAGES = 16_384
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
    *(
        "table_info",
        "table_list",
        "table_xinfo",
        "index_list",
        "index_info",
        "foreign_key_list",
        "user_version",
    ),
    *(
        "foreign_keys",
        "integrity_check",
        "quick_check",
        "encoding",
        "page_count",
        "page_size",
        "schema_version",
    ),
    *("database_list", "data_version", "application_id", "freelist_count"),
}


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action in _REFUSED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in _ALLOWED_PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _sqlite3(call: Call) -> int:
    _, operands = read_options(call, "", "", least=1, permute=False)
    name, *statements = operands
    script = ";\n".join(statements) if statements else decode(call.streams.stdin.read())
    if script.lstrip().startswith("."):
        return _dot_command(call, name, script.strip())
    return _execute(call, name, script)


def _dot_command(call: Call, name: str, command: str) -> int:
    if command == ".tables":
        return _execute(call, name, "select name from sqlite_schema where type='table' order by 1")
    if command == ".schema":
        return _execute(call, name, "select sql || ';' from sqlite_schema where sql is not null")
    call.streams.stderr.write(b"Error: unknown command or invalid arguments\n")
    return 1


def _execute(call: Call, name: str, script: str) -> int:
    files = call.device.files
    path = call.path(name)
    before = files.read(path) if files.exists(path) else b""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        if before:
            # A database in write-ahead mode cannot live in memory; its header says which mode to open it in.
            data = bytearray(before)
            data[_HEADER_VERSIONS] = b"\x01\x01"
            connection.deserialize(bytes(data))
        connection.execute(f"pragma max_page_count={_MAX_PAGES}")
        connection.execute("pragma temp_store=memory")
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100)
        connection.set_authorizer(_authorize)
        _run(call, connection, script)
        after = connection.serialize()
    except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError, MemoryError) as error:
        call.streams.stderr.write(f"Error: {error}\n".encode("utf-8", "backslashreplace"))
        return 1
    finally:
        connection.close()
    if before:
        restored = bytearray(after)
        restored[_HEADER_VERSIONS] = before[_HEADER_VERSIONS]
        after = bytes(restored)
    if after and after != before:
        files.write(path, after)
    return 0


def _run(call: Call, connection: sqlite3.Connection, script: str) -> None:
    """Run the statements one by one and print their rows."""
    exhausted = False
    resident = _resident_bytes()

    def pay() -> int:
        nonlocal exhausted
        try:
            call.shell.budget.spend(_UNITS_PER_CHECK)
        except Exhausted:
            exhausted = True
        exhausted = exhausted or _resident_bytes() - resident > _MAX_GROWTH_BYTES
        return int(exhausted)

    connection.set_progress_handler(pay, _OPERATIONS_PER_CHECK)
    statement = ""
    for piece in script.split(";"):
        statement += piece
        if not sqlite3.complete_statement(statement + ";") and len(statement) < len(script) - 1:
            statement += ";"
            continue
        if statement.strip():
            try:
                for row in connection.execute(statement):
                    call.out("|".join(_shown(value) for value in row) + "\n")
            except sqlite3.OperationalError:
                if exhausted:
                    raise Exhausted from None
                raise
        statement = ""


def _resident_bytes() -> int:
    """Memory that this process holds, where the system tells (Linux); SQLite has no limit per connection."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return decode(value)
    return repr(value) if isinstance(value, float) else str(value)


COMMANDS: dict[str, CommandFunction] = {"sqlite3": _sqlite3}
