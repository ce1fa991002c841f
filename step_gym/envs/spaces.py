"""Gymnasium spaces for worlds that speak text.

`gymnasium.spaces.Text` needs an explicit character set, which full Unicode makes impractical; this space
admits any string up to a length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gymnasium.spaces import Space

_WORDS = ("go", "look", "open", "take", "the", "a", "red", "key", "door", "search", "item", "42")


class FreeText(Space[str]):
    """Any Python string of at most `max_length` characters, the empty string included.

    `sample()` draws zero to six short words: enough for environment checkers and random agents, never a
    meaningful action. Subclasses of `str` (such as an action that carries its tokens) belong to the space.

    Args:
        max_length: Largest number of characters (code points) a member may have, at least 1.
        seed: Seed of the space's own generator, used by `sample()` alone.
    """

    def __init__(self, max_length: int = 65_536, seed: int | None = None) -> None:
        if max_length < 1:
            raise ValueError(f"max_length={max_length}: a text space needs room for at least 1 character")
        self.max_length = int(max_length)
        super().__init__(shape=None, dtype=str, seed=seed)

    @property
    def is_np_flattenable(self) -> bool:
        """Always False: free text has no fixed-size array form."""
        return False

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short random phrase.

        Raises:
            ValueError: If a mask or a probability is given: the space has no finite set to weigh.
        """
        if mask is not None or probability is not None:
            raise ValueError("FreeText.sample takes no mask and no probability: the space is not enumerable")
        count = int(self.np_random.integers(0, 7))
        words = [_WORDS[int(i)] for i in self.np_random.integers(0, len(_WORDS), size=count)]
        return " ".join(words)[: self.max_length]

    def contains(self, x: Any) -> bool:
        """Whether `x` is a string of at most `max_length` characters."""
        return isinstance(x, str) and len(x) <= self.max_length

    def to_jsonable(self, sample_n: Sequence[str]) -> list[str]:
        """The strings themselves."""
        return list(sample_n)

    def from_jsonable(self, sample_n: list[str]) -> list[str]:
        """The strings themselves."""
        return list(sample_n)

    def __repr__(self) -> str:
        return f"FreeText({self.max_length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FreeText) and other.max_length == self.max_length

    def __hash__(self) -> int:
        return hash(("FreeText", self.max_length))
