"""Values made once for equal fields, and looked up after that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Interned(dict[tuple[Any, ...], T]):
    """Values by all their fields, as in `boxes[left, top, right, bottom]`.

    Looking one up takes less time than making one, and leaves nothing for the garbage collector, which goes
    through every named tuple that is alive.

    Args:
        make: Gives the value for fields; immutable.
        most: Values that are held; with one more all are forgotten.
    """

    def __init__(self, make: Callable[..., T], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, fields: tuple[Any, ...]) -> T:
        if len(self) >= self._most:
            self.clear()
        made = self[fields] = self._make(*fields)
        return made
