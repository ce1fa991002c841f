"""A clock that moves only when told to, so that times in files, rows and screens repeat exactly."""

from __future__ import annotations

SECOND = 1_000_000_000

# What a clock can be set to: what a signed 32-bit second counter holds, as the sync protocol's times do.
_LAST_SECOND = 2**31 - 1


class Clock:
    """Time since boot, which never goes back, and the time of day, which can be set.

    Args:
        now_ns: Time of day at boot, in nanoseconds since 1970 UTC.
    """

    def __init__(self, now_ns: int) -> None:
        self._elapsed_ns = 0
        self._boot_ns = now_ns

    @property
    def now_ns(self) -> int:
        """The time of day, in nanoseconds since 1970 UTC; stops at the last second that 31 bits hold."""
        return min(self._boot_ns + self._elapsed_ns, _LAST_SECOND * SECOND)

    @property
    def elapsed_ns(self) -> int:
        """Nanoseconds since boot; setting the time of day leaves it alone."""
        return self._elapsed_ns

    def advance(self, duration_ns: int) -> None:
        """Let `duration_ns` nanoseconds pass.

        Raises:
            ValueError: If the duration is negative.
        """
        if duration_ns < 0:
            raise ValueError(f"duration_ns={duration_ns}: a clock does not run backwards; use set_time")
        self._elapsed_ns += duration_ns

    def set_time(self, now_ns: int) -> None:
        """Set the time of day, in nanoseconds since 1970 UTC.

        Raises:
            ValueError: If it lies outside 1970 to 2038, which file times cannot hold.
        """
        if not 0 <= now_ns <= _LAST_SECOND * SECOND:
            raise ValueError(f"now_ns={now_ns}: outside 0 .. {_LAST_SECOND * SECOND}, 1970 to 2038")
        self._boot_ns = now_ns - self._elapsed_ns

    def snapshot(self) -> tuple[int, int]:
        """The state of the clock; picklable."""
        return self._elapsed_ns, self._boot_ns

    def restore(self, snapshot: tuple[int, int]) -> None:
        """Go back to a snapshot."""
        self._elapsed_ns, self._boot_ns = snapshot
