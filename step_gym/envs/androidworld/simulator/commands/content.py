"""The `content` command: rows of content providers, asked and changed.

Options, output and error texts: `cmds/content/.../Content.java` of Android 13's frameworks/base.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from step_gym.envs.androidworld.simulator.providers import UnknownProvider, Unsupported, Values, table_of
from step_gym.envs.machine.shell.evaluator import Call, encode
from step_gym.envs.machine.shell.streams import Exhausted

if TYPE_CHECKING:
    from step_gym.envs.androidworld.simulator.device import Device

_UNITS_PER_CHECK = 50
_USAGE = """usage: adb shell content insert --uri <URI> [--user <USER_ID>] --bind <BINDING> \
[--bind <BINDING>...]
usage: adb shell content update --uri <URI> [--user <USER_ID>] --bind <BINDING> [--where <WHERE>]
usage: adb shell content delete --uri <URI> [--user <USER_ID>] [--where <WHERE>]
usage: adb shell content query --uri <URI> [--user <USER_ID>] [--projection <PROJECTION>] [--where <WHERE>] \
[--sort <SORT_ORDER>]
"""
_OPTIONS = {
    "insert": {"--uri", "--user", "--bind"},
    "update": {"--uri", "--user", "--bind", "--where"},
    "delete": {"--uri", "--user", "--where"},
    "query": {"--uri", "--user", "--projection", "--where", "--sort"},
}
_LONG = re.compile(r"[+-]?[0-9]{1,19}")


class _BadUsage(Exception):
    """The arguments are wrong; the text says how."""


@dataclass(slots=True)
class _Request:
    verb: str
    options: dict[str, str] = field(default_factory=dict)
    values: Values = field(default_factory=dict)


def content(device: Device, call: Call) -> int:
    """Ask or change rows of a provider."""
    try:
        request = _read(call.arguments)
    except _BadUsage as error:
        call.out(f"{_USAGE}\n[ERROR] {error}\n")
        return 0
    uri = request.options["--uri"]
    authority = uri.removeprefix("content://").partition("/")[0]
    try:
        _execute(device, call, request)
    except UnknownProvider:
        error = f"java.lang.IllegalStateException: Could not find provider: {authority}"
    except Unsupported:
        error = f"java.lang.UnsupportedOperationException: Cannot {request.verb} that URL: {uri}"
    except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError) as failure:
        if str(failure) == "interrupted":  # by what bounds the script
            raise Exhausted from None
        error = f"android.database.sqlite.SQLiteException: {failure}"
    except OSError as failure:
        error = f"android.database.sqlite.SQLiteFullException: {failure.strerror}"
    else:
        return 0
    # The real command prints a stack trace after this, and its exit status is 0 too.
    call.streams.stderr.write(encode(f"Error while accessing provider:{authority}\n{error}\n"))
    return 0


def _read(arguments: list[str]) -> _Request:
    words = iter(arguments)
    verb = next(words, None)
    if verb not in _OPTIONS:
        raise _BadUsage(f"Unsupported operation: {'null' if verb is None else verb}")
    request = _Request(verb)
    for option in words:
        if option not in _OPTIONS[verb]:
            raise _BadUsage(f"Unsupported argument: {option}")
        value = next(words, "")
        if option == "--bind":
            column, bound_value = _binding(value)
            request.values[column] = bound_value
        elif not value or value.startswith("--"):
            raise _BadUsage(f"No value for argument: {option}")
        else:
            request.options[option] = value
    if "--uri" not in request.options:
        raise _BadUsage("Content provider URI not specified. Did you specify --uri argument?")
    if verb in ("insert", "update") and not request.values:
        raise _BadUsage("Bindings not specified. Did you specify --bind argument(s)?")
    return request


def _binding(text: str) -> tuple[str, Any]:
    """Column and value of COLUMN:TYPE:VALUE; the value may hold colons."""
    column, first, rest = text.partition(":")
    kind, second, value = rest.partition(":")
    if not first or not second:
        raise _BadUsage(f"Binding not well formed: {text or 'null'}")
    if kind == "s":
        return column, value
    kind = kind.lower()
    if kind == "n":
        return column, None
    if kind == "b":
        return column, int(value.lower() == "true")
    if kind in ("i", "l"):
        if not _LONG.fullmatch(value) or not -(2**63) <= int(value) < 2**63:
            raise _BadUsage(f'For input string: "{value}"')
        return column, int(value)
    if kind in ("f", "d"):
        try:
            return column, float(value)
        except ValueError:
            raise _BadUsage(f'For input string: "{value}"') from None
    raise _BadUsage(f"Unsupported type: {kind}")


def _execute(device: Device, call: Call, request: _Request) -> None:
    spend = partial(call.shell.budget.lasts, _UNITS_PER_CHECK)
    options = request.options
    table = table_of(device, options["--uri"])
    where = options.get("--where", "")
    if request.verb == "query":
        projection = re.split(r"\s*:\s*", options["--projection"]) if "--projection" in options else ()
        columns, rows = (
            table.query(spend, projection, where, options.get("--sort", "")) if table else ([], [])
        )
        for number, row in enumerate(rows):
            pairs = (f"{column}={_shown(value)}" for column, value in zip(columns, row, strict=True))
            call.out(f"Row: {number} {', '.join(pairs)}\n")
        if not rows:
            call.out("No result found.\n")
    elif table is None:
        raise Unsupported
    elif request.verb == "insert":
        if table.insert is None:
            raise Unsupported
        table.insert(request.values)
    elif request.verb == "update":
        table.update(spend, request.values, where)
    else:
        table.delete(spend, where)


def _shown(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return "BLOB"
    if isinstance(value, float):
        return str(np.float32(value))  # the command asks for a float, in as few digits as tell it from others
    return str(value)
