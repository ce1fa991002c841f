"""Where commands read and write, and the budget that bounds what a script may cost."""

from __future__ import annotations

from collections.abc import Callable

# One unit is about a microsecond of work here; a simple command costs 20.
MAX_WORK = 3_000_000
MAX_OUTPUT_BYTES = 32 * 1024 * 1024
PIPE_BYTES = 4 * 1024 * 1024


class Exhausted(Exception):
    """A script used up its budget: the shell is killed, as a device kills what takes all its memory."""


class BrokenPipe(Exception):
    """A pipe holds no more: what writes into it ends, as it does when its reader has gone."""


class Budget:
    """What a script may still spend. It counts work and never time, so runs repeat exactly.

    Args:
        work: Units of work, about a microsecond each.
        output_bytes: Bytes that may be written in all, to the caller, to files and into pipes.
    """

    def __init__(self, work: int = MAX_WORK, output_bytes: int = MAX_OUTPUT_BYTES) -> None:
        self._work = work
        self._output_bytes = output_bytes

    def spend(self, units: int) -> None:
        """Count work.

        Raises:
            Exhausted: When none is left.
        """
        self._work -= units
        if self._work < 0:
            raise Exhausted

    def lasts(self, units: int) -> bool:
        """Count work, and tell whether it was left: for callbacks, which must not raise."""
        self._work -= units
        return self._work >= 0

    def set_aside(self) -> tuple[int, int]:
        """Keep half of what is left from being spent; returns it for `put_back`."""
        kept = self._work // 2, self._output_bytes // 2
        self._work -= kept[0]
        self._output_bytes -= kept[1]
        return kept

    def put_back(self, kept: tuple[int, int]) -> None:
        """Make what was set aside available again."""
        self._work = max(self._work, 0) + kept[0]
        self._output_bytes = max(self._output_bytes, 0) + kept[1]

    def spend_output(self, count: int) -> None:
        """Count bytes written.

        Raises:
            Exhausted: When none are left.
        """
        self._output_bytes -= count
        if self._output_bytes < 0:
            raise Exhausted


class Input:
    """Bytes to read, from memory or from a caller that sends them when they are asked for.

    Args:
        data: What can be read at once.
        source: Gives what comes after `data`: with a number that many bytes, with None all; less at its end.
    """

    def __init__(self, data: bytes = b"", source: Callable[[int | None], bytes] | None = None) -> None:
        self._data = data
        self._source = source

    def read(self, count: int | None = None) -> bytes:
        """The next `count` bytes, or all that is left; less only at the end."""
        missing = None if count is None else max(count - len(self._data), 0)
        if self._source is not None and missing != 0:
            self._data += self._source(missing)
            self._source = self._source if missing is not None else None
        taken = self._data if count is None else self._data[:count]
        self._data = b"" if count is None else self._data[count:]
        return taken

    def read_line(self) -> bytes:
        """The next line with its newline; empty at the end."""
        if self._source is not None:
            self._data += self._source(None)
            self._source = None
        line, newline, self._data = self._data.partition(b"\n")
        return line + newline


class Sink:
    """Collects what is written.

    Args:
        budget: Pays for it.
        limit: Bytes it takes before it breaks; None for no limit of its own.
        record: Called with each piece instead of keeping it.
    """

    def __init__(
        self, budget: Budget, limit: int | None = None, record: Callable[[bytes], None] | None = None
    ) -> None:
        self._budget = budget
        self._limit = limit
        self._record = record
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Take bytes.

        Raises:
            BrokenPipe: When the limit is passed; what fits is kept.
            Exhausted: When the budget is.
        """
        self._budget.spend_output(len(data))
        if self._record is not None:
            self._record(data)
            return
        if self._limit is not None and self._size + len(data) > self._limit:
            self._parts.append(data[: self._limit - self._size])
            self._size = self._limit
            raise BrokenPipe
        self._parts.append(data)
        self._size += len(data)

    def data(self) -> bytes:
        """All that was taken."""
        return b"".join(self._parts)
