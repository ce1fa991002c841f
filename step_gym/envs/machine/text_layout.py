"""Where the lines and characters of a text lie: wrapping, ellipsis, and positions in a field."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate

from step_gym.envs.machine import fonts

_ELLIPSIS = "…"
# Sums of float advances differ in the last digits with the order of adding.
_SLACK = 0.01
_MOST_CHARS = 20_000_000  # of texts of which something is remembered, as long as a model likes to type

_chars = 0


def _count(text: str) -> None:
    """Note that something of one more text is remembered; with too many characters all is forgotten."""
    global _chars
    _chars += len(text)
    if _chars > _MOST_CHARS:
        for function in (wrap, _broken, _width, fit):
            function.cache_clear()
        _chars = len(text)


@lru_cache(maxsize=1024)
def wrap(text: str, width: float, size_px: int, weight: str) -> tuple[tuple[int, int], ...]:
    """Spans of the lines of a text, of which each keeps its trailing spaces; newlines belong to no line.

    Lines break behind spaces and hyphens, or inside a word that is wider than the line. Spaces at the end of
    a line may hang out of it.
    """
    _count(text)
    lines = text.split("\n")
    if len(lines) == 1:
        return _broken(text, width, size_px, weight)
    # What is typed changes few of the lines of a text.
    found: list[tuple[int, int]] = []
    at = 0
    for line in lines:
        found += [(at + start, at + end) for start, end in _broken(line, width, size_px, weight)]
        at += len(line) + 1
    return tuple(found)


@lru_cache(maxsize=16384)
def _broken(line: str, width: float, size_px: int, weight: str) -> tuple[tuple[int, int], ...]:
    """The same of a text without newlines."""
    _count(line)
    advance = fonts.advances(size_px, weight)
    limit = width + _SLACK
    spans: list[tuple[int, int]] = []
    start, chance, x = 0, 0, 0.0
    for i, character in enumerate(line):
        step = advance[character]
        while x + step > limit and i > start and not character.isspace():
            cut = chance if chance > start else i
            spans.append((start, cut))
            x = sum(map(advance.__getitem__, line[cut:i]))
            start = cut
        x += step
        if character.isspace() or character == "-":
            chance = i + 1
    spans.append((start, len(line)))
    return tuple(spans)


_width = lru_cache(maxsize=16384)(fonts.measure)


@lru_cache(maxsize=16384)
def fit(text: str, width: int, size_px: int, weight: str, max_lines: int) -> tuple[int, int, tuple[str, ...]]:
    """Lay a text into a width.

    Args:
        text: Any text.
        width: Pixels that are there.
        size_px: Size of the font in pixels.
        weight: Of the font.
        max_lines: 0: as many as needed. What does not fit ends with an ellipsis.

    Returns:
        Width and height of the text in pixels, and its lines.
    """
    _count(text)
    spans = wrap(text, width, size_px, weight)
    lines = [text[start:end].rstrip() for start, end in spans]
    if max_lines and len(lines) > max_lines:
        start = spans[max_lines - 1][0]
        lines[max_lines - 1 :] = [_shorten(text[start:].partition("\n")[0], width, size_px, weight)]
    widest = max([_width(line, size_px, weight) for line in lines])
    return min(math.ceil(widest - _SLACK), width), len(lines) * fonts.line_height(size_px), tuple(lines)


def _shorten(text: str, width: float, size_px: int, weight: str) -> str:
    """As much of a line as leaves room for an ellipsis, and that."""
    advance = fonts.advances(size_px, weight)
    room = width - advance[_ELLIPSIS]
    kept = sum(1 for end in accumulate(advance[c] for c in text) if end <= room + _SLACK)
    return text[:kept].rstrip() + _ELLIPSIS


def offset_of(text: str, position: int, size_px: int, weight: str) -> float:
    """Pixels from the start of a line to the character at a position."""
    return fonts.measure(text[:position], size_px, weight)


def nearest(text: str, x: float, size_px: int, weight: str) -> int:
    """The position in a line whose boundary between characters is nearest to `x` pixels from its start."""
    advance = fonts.advances(size_px, weight)
    at = 0.0
    for i, character in enumerate(text):
        step = advance[character]
        if x < at + step / 2:
            return i
        at += step
    return len(text)
