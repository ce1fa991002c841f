"""sqlite3 over virtual files: the database lives in memory, and nothing in a statement reaches the host."""

from __future__ import annotations

import sqlite3
from functools import partial

from step_gym.envs.machine.database import bound, database_bytes, open_database
from step_gym.envs.machine.shell.commands.options import read_options
from step_gym.envs.machine.shell.evaluator import Call, CommandFunction, decode
from step_gym.envs.machine.shell.streams import Exhausted

_UNITS_PER_CHECK = 50


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
    files = call.machine.files
    path = call.path(name)
    before = files.read(path) if files.exists(path) else b""
    connection = None
    try:
        connection = open_database(before)
        connection.text_factory = decode
        _run(call, connection, script)
        after = database_bytes(connection, before)
    except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError, MemoryError) as error:
        call.streams.stderr.write(f"Error: {error}\n".encode("utf-8", "backslashreplace"))
        return 1
    finally:
        if connection is not None:
            connection.close()
    if after and after != before:
        files.write(path, after)
    return 0


def _run(call: Call, connection: sqlite3.Connection, script: str) -> None:
    """Run the statements one by one and print their rows."""
    bound(connection, partial(call.shell.budget.lasts, _UNITS_PER_CHECK))
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
            except sqlite3.OperationalError as error:
                if str(error) == "interrupted":  # by what `bound` asks
                    raise Exhausted from None
                raise
        statement = ""


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return decode(value)
    return repr(value) if isinstance(value, float) else str(value)


COMMANDS: dict[str, CommandFunction] = {"sqlite3": _sqlite3}
