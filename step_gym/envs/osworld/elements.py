"""The elements of a desktop: read from the accessibility tree, described to a model, read back from that.

The lines have the columns of upstream's own linearisation (`mm_agents/agent.py` of xlang-ai/OSWorld: tag,
name, text, position, size), with two differences: the position is the middle, which is what an action takes,
and a last column tells the states that a picture would show.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from step_gym.envs.core import digest

HEADER = "tag\tname\ttext\tposition (middle x, y)\tsize (w, h)\tstates"

WINDOW_TAGS = ("frame", "dialog", "window", "file-chooser", "color-chooser", "font-chooser")
"""Roles of top-level windows; what follows such a line up to the next lies in that window."""

_TOLD_STATES = ("active", "checked", "selected", "focused", "editable", "expanded", "pressed")
_USABLE = ("st:focusable", "st:editable", "st:checkable", "st:expandable", "st:selectable")
_ATTRIBUTE = re.compile(r'([\w:.-]+)="([^"]*)"')
_PIECE = re.compile(r'([\w.-]+)((?:\s+[\w:.-]+="[^"]*")*)\s*(/?)>(.*)', re.DOTALL)
_PAIR = re.compile(r"\((-?\d+), (-?\d+)\)")
_APPLICATION = re.compile(r"(?=<application )")
_TREE = re.compile(r"(?:<\?xml[^>]*\?>)?\s*<desktop-frame[\s>/].*(?:</desktop-frame>|/>)\s*", re.DOTALL)
_quoted = json.JSONEncoder(ensure_ascii=False).encode
_unquoted = lru_cache(maxsize=4096)(json.loads)  # few of a screen's texts are its own

# Where a desktop shows its own clock: the panel of the simulated one, and GNOME Shell's stage.
_CLOCK_WINDOWS = ("Panel", "Main stage")
_TIME = re.compile(r"\b\d{1,2}:\d\d\b")


class BadTree(ValueError):
    """What the computer gave as accessibility tree is none."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element that is shown.

    Attributes:
        index: Its place in the description, from 0.
        tag: Its role, as AT-SPI names it, with hyphens: "push-button", "menu-item", "entry", "table-cell".
        name: What it is called; of a button its caption.
        text: What it holds: the text of an entry, a label, a cell.
        center: Its middle, in pixels from the left and the top of the screen.
        size: Width and height in pixels.
        states: Of "active", "checked", "selected", "focused", "editable", "expanded", "pressed", "disabled"
            those that hold.
        window: Name of the frame or dialog it lies in, "" outside of any (panel, desktop).
    """

    index: int
    tag: str
    name: str
    text: str
    center: tuple[int, int]
    size: tuple[int, int]
    states: tuple[str, ...] = ()
    window: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Name and text, those that are not empty."""
        return tuple(label for label in (self.name, self.text) if label)

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom, in pixels."""
        left, top = self.center[0] - self.size[0] // 2, self.center[1] - self.size[1] // 2
        return left, top, left + self.size[0], top + self.size[1]

    @property
    def checked(self) -> bool:
        """Whether a check box, switch or menu item is on."""
        return "checked" in self.states

    @property
    def selected(self) -> bool:
        """Whether it is chosen among others."""
        return "selected" in self.states

    @property
    def focused(self) -> bool:
        """Whether keys go to it."""
        return "focused" in self.states

    @property
    def enabled(self) -> bool:
        """Whether it can be used."""
        return "disabled" not in self.states


class Screen(NamedTuple):
    """What is told of a screen.

    Attributes:
        text: What a text-only model reads: a header, and a line for each element; a mark where it is cut.
        key: Digest of the lines, all of them, but for the desktop's own clock.
    """

    text: str
    key: str


# What is kept of parts and pieces are plain tuples of texts, which the garbage collector does not go through:
# there are thousands.
_Line = tuple[str, str | None, bool]
"""A line about an element, the name of the window if it is one, and whether it has a time."""

_Lines = tuple[tuple[str, ...], tuple[str, ...], str]
"""The lines of a part of a tree: all, those that are more than a clock, and the window at its end."""

Runs = tuple[tuple[str, ...], ...]
"""A tree's XML in parts that begin with a tag, grouped: an application begins a group of its own."""


def split_tree(xml: str) -> Runs:
    """A tree's XML in runs: what precedes applications, and each of these."""
    return tuple((part,) for part in _APPLICATION.split(xml))


@lru_cache(maxsize=256)
def read_screen(runs: Runs, width: int, height: int, most_chars: int) -> Screen:
    """What a model is told of an accessibility tree: applications by name, elements in their order.

    Left out is what does not show or has its middle off the screen, and what neither says anything nor can be
    used.

    Args:
        runs: The tree, root `desktop-frame`, as OSWorld's server writes it; see
            `computer.Computer.accessibility_runs`. Runs and parts that were read before cost next to nothing.
        width: Of the screen, in pixels.
        height: Of the screen, in pixels.
        most_chars: Longest text; lines that do not fit are left out and counted.

    Raises:
        BadTree: If it is not the XML of a tree.
    """
    first, last = runs[0][0], runs[-1][-1]
    if _TREE.fullmatch(first if len(runs) == 1 else first + last) is None:
        raise BadTree(f"not an accessibility tree: {first[:80]!r}")
    starts = [i for i, run in enumerate(runs) if run[0].startswith("<application ")]
    applications = [runs[i:j] for i, j in pairwise([*starts, len(runs)])]
    lines: list[str] = [HEADER]
    lasting: list[str] = []
    for application in sorted(applications, key=lambda runs: _name(runs[0][0].partition(">")[0])):
        window = ""
        for run in application:
            texts, more_lasting, window = _lines_of_run(run, window, width, height)
            lines += texts
            lasting += more_lasting
    return Screen(_clipped(lines, most_chars), digest(*lasting))


@lru_cache(maxsize=64)
def _name(tag: str) -> str:
    """The name of the application that a tag begins."""
    found = re.search(r'\bname="([^"]*)"', tag)
    return "" if found is None else found[1]


@lru_cache(maxsize=2_048)
def _lines_of_run(run: tuple[str, ...], window: str, width: int, height: int) -> _Lines:
    """The lines of parts in a row that begin in a window."""
    lines: list[str] = []
    lasting: list[str] = []
    for part in run:
        texts, more_lasting, window = _lines(part, window, width, height)
        lines += texts
        lasting += more_lasting
    return tuple(lines), tuple(lasting), window


@lru_cache(maxsize=16_384)
def _lines(part: str, window: str, width: int, height: int) -> _Lines:
    """The lines of a part that begins in a window."""
    texts, lasting = [], []
    # In XML a "<" begins a tag and nothing else, so that a piece is a tag with the text after it. Nearly all
    # pieces are those of the step before, which a parser of the whole tree could not make use of.
    for piece in part.split("<")[1:]:
        line = _line(piece, width, height)
        if line is not None:
            text, opened, has_time = line
            window = opened or window
            texts.append(text)
            if not (has_time and window in _CLOCK_WINDOWS):
                lasting.append(text)
    return tuple(texts), tuple(lasting), window


@lru_cache(maxsize=16_384)
def _line(piece: str, width: int, height: int) -> _Line | None:
    """What is told of one tag, None for an end of one and for what is not told."""
    match = _PIECE.fullmatch(piece)
    if match is None:
        return None
    attributes = dict(_ATTRIBUTE.findall(match[2]))
    place = _PAIR.fullmatch(attributes.get("cp:screencoord", ""))
    extent = _PAIR.fullmatch(attributes.get("cp:size", ""))
    if place is None or extent is None:
        return None
    size = int(extent[1]), int(extent[2])
    center = int(place[1]) + size[0] // 2, int(place[2]) + size[1] // 2
    if size[0] <= 0 or size[1] <= 0 or not (0 <= center[0] < width and 0 <= center[1] < height):
        return None
    tag, name = match[1], html.unescape(attributes.get("name", ""))
    text = "" if match[3] else html.unescape(match[4])
    is_window = tag in WINDOW_TAGS
    if not (is_window or name or text.strip() or any(state in attributes for state in _USABLE)):
        return None
    states = tuple(state for state in _TOLD_STATES if f"st:{state}" in attributes)
    if "st:enabled" not in attributes and "st:sensitive" not in attributes:
        states += ("disabled",)
    if text == name and tag == "label":
        text = ""
    told = describe(Element(0, tag, name, text, center, size, states))
    return told, name if is_window else None, _TIME.search(name or text) is not None


def describe(element: Element) -> str:
    """One line about an element, its columns separated by tabs; name and text are JSON strings."""
    (x, y), (width, height) = element.center, element.size
    columns = (
        f"{element.tag}\t{_quoted(element.name)}\t{_quoted(element.text)}\t({x}, {y})\t({width}, {height})"
    )
    return f"{columns}\t{', '.join(element.states)}" if element.states else columns


def _clipped(lines: list[str], most_chars: int) -> str:
    """The lines, or as many as fit and a mark that counts the others."""
    if sum(map(len, lines)) + len(lines) <= most_chars:
        return "\n".join(lines)
    room = most_chars - 40  # for the mark
    kept = 0
    while room >= len(lines[kept]) + 1:
        room -= len(lines[kept]) + 1
        kept += 1
    return "\n".join((*lines[:kept], f"[{len(lines) - kept} more elements left out]"))


def read_description(text: str) -> tuple[Element, ...]:
    """The elements that the lines of an observation's text describe, in order."""
    elements: list[Element] = []
    window = ""
    for line in text.split("\n"):
        element = _read_line(line, len(elements), window)
        if element is not None:
            elements.append(element)
            window = element.window
    return tuple(elements)


# Nearly all lines are those of the step before.
@lru_cache(maxsize=4096)
def _read_line(line: str, index: int, window: str) -> Element | None:
    """The element of a line that comes after those of a window, None for a line that is about no element."""
    columns = line.split("\t")
    if len(columns) < 5 or line == HEADER:
        return None
    tag, name, text, at, size = columns[:5]
    name = _unquoted(name)
    states = tuple(columns[5].split(", ")) if len(columns) > 5 else ()
    return Element(
        index,
        tag,
        name,
        _unquoted(text),
        _pair(at),
        _pair(size),
        states,
        name if tag in WINDOW_TAGS else window,
    )


@lru_cache(maxsize=4096)
def _pair(text: str) -> tuple[int, int]:
    first, _, second = text[1:-1].partition(", ")
    return int(first), int(second)
