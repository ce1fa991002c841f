"""Candidate actions on a desktop: a finite list made of the instruction and the screen's description."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from step_gym.envs.core import malformed_reason
from step_gym.envs.osworld.elements import WINDOW_TAGS, Element, read_description
from step_gym.envs.osworld.plan import (
    Action,
    click,
    done,
    double_click,
    drag_to,
    fail,
    hotkey,
    key_down,
    key_up,
    move,
    press,
    right_click,
    scroll,
    triple_click,
    type_text,
    wait,
)
from step_gym.envs.osworld.template import HOME

MAX_CANDIDATES = 256
_MOST_CLICKS = 100
_MOST_DOUBLE_CLICKS, _MOST_RIGHT_CLICKS, _MOST_TRIPLE_CLICKS = 24, 24, 8
_MOST_TYPED = 24
_MOST_NEW_LINES = 6
_MOST_DRAGGED = 12
_MOST_FORMULAS = 12
_MOST_WORDS = 24
_MOST_NUMBERS = 8
_MOST_CHARS = 400

_OPENED_BY_TWO = ("icon", "list-item", "tree-item", "table-row", "table-cell", "label")
_HAVE_MENUS = (
    *("icon", "list-item", "tree-item", "table-row", "page-tab", "link"),
    *("column-header", "row-header", "table-cell"),
)
_DRAGGED = ("icon", "slider", "table-cell", "column-header")
_TEXT_FIELDS = ("entry", "text", "password-text", "spin-button", "terminal")
_PASSIVE = ("panel", "filler", "scroll-pane", "scroll-bar", "separator", "image", "tool-bar", "menu-bar")
_NOT_CLICKED = frozenset((*WINDOW_TAGS, *_PASSIVE))
_NO_RESULTS = frozenset(("table-cell", "push-button", "row-header"))

_FOLDERS = ("Desktop", "Documents", "Downloads", "Pictures", "Music", "Videos")
_ALWAYS_ACTIVE = ("Panel", "Desktop")

_QUOTED = re.compile(r"\"([^\"]{1,400})\"|“([^”]{1,400})”|(?<!\w)'([^']{1,400})'(?!\w)")
_PATH = re.compile(r"(?:~|/|[\w-]+/)[\w./~-]*\w|[\w-]+\.[a-z0-9]{2,5}\b")
_ADDRESS = re.compile(r"\w+://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_FORMULA = re.compile(r"=[A-Z]+\([^)\s]*\)|\b[A-Z]{1,2}\d{1,4}(?::[A-Z]{1,2}\d{1,4})?\b")
_CELL = re.compile(r"\b([A-Z]{1,2})(\d{1,4})\b")
_NUMBER = re.compile(r"\d[\d,.:/-]*\d|\d")
_EXPRESSION = re.compile(r"\(*\d[\d.]*\)*(?:[-+*/^]\(*\d[\d.]*\)*)+")
_RESULT = re.compile(r"(?<![\w.,:/-])-?\d[\d,]*(?:\.\d+)?(?![\w:/-])")
_AFTER_COLON = re.compile(r":\s+([^\n]+)")
_WORD = re.compile(r"\b[a-z][\w'-]{2,}")
_NAME = re.compile(r"[A-Z][\w'-]*(?: [A-Z][\w'-]*)*")

_COUNTING = r"\b(?:how many|number of|count)\b"
_FUNCTIONS = {
    r"\b(?:sum|total|add up|altogether)": "SUM",
    r"\b(?:average|mean)\b": "AVERAGE",
    r"\b(?:largest|highest|most|maximum)\b": "MAX",
    r"\b(?:smallest|lowest|least|minimum)\b": "MIN",
    _COUNTING: "COUNT",
}

_json = json.JSONEncoder(ensure_ascii=False).encode

_FIRST = tuple(map(_json, (done(), fail(), wait())))
_SCROLLS = tuple(map(_json, (scroll(-5), scroll(5))))
# What the programs understand wherever they take it; menus name the rest.
_KEYS = tuple(
    _json(action)
    for action in (
        press("enter"),
        hotkey("ctrl", "s"),
        press("esc"),
        press("tab"),
        hotkey("ctrl", "a"),
        press("delete"),
        press("backspace"),
        hotkey("ctrl", "c"),
        hotkey("ctrl", "v"),
        hotkey("ctrl", "shift", "c"),
        hotkey("ctrl", "x"),
        hotkey("ctrl", "z"),
        hotkey("ctrl", "f"),
        hotkey("ctrl", "h"),
        hotkey("ctrl", "o"),
        hotkey("ctrl", "n"),
        hotkey("ctrl", "l"),
        hotkey("ctrl", "shift", "s"),
        hotkey("ctrl", "end"),
        hotkey("ctrl", "home"),
        hotkey("ctrl", "d"),
        hotkey("ctrl", "i"),
        hotkey("shift", "end"),
        hotkey("shift", "down"),
        hotkey("ctrl", "shift", "n"),
        hotkey("shift", "delete"),
        hotkey("alt", "left"),
        key_down("ctrl"),
        key_up("ctrl"),
        hotkey("alt", "f4"),
        hotkey("alt", "tab"),
        press("f2"),
        *(press(key) for key in ("down", "up", "right", "left", "home", "end", "pagedown", "pageup")),
    )
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an instruction alone gives.

    Attributes:
        named: Its words and names, which may be those of cells.
        cells: Columns and rows of cells that it names.
        functions: Those of a sheet that it means.
        typed: Its texts, typed.
        entered: The same, Enter after each.
        on_new_lines: The first of them, Enter before each.
        words: Its words, typed.
    """

    named: frozenset[str]
    cells: tuple[tuple[str, str], ...]
    functions: tuple[str, ...]
    typed: tuple[str, ...]
    entered: tuple[str, ...]
    on_new_lines: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=256)
def candidate_actions(instruction: str, text: str) -> tuple[str, ...]:
    """Actions that may be of use, the likelier ones first; at most 256, all of them well formed.

    Args:
        instruction: What is asked; texts to type are taken from it.
        text: The observation's text, whose elements are clicked.
    """
    asked = _read_instruction(instruction)
    shown = _ranked(read_description(text), asked.named)
    by_tag: dict[str, list[Element]] = {}
    for element in shown:
        by_tag.setdefault(element.tag, []).append(element)
    cells = [
        (*cell, element)
        for element in by_tag.get("table-cell", ())
        if (cell := _filled_cell(element.name, element.text))
    ]
    draggable = [*_of(by_tag, _DRAGGED)[:_MOST_DRAGGED], *_column_ends(cells)]
    with_menus = [*_of(by_tag, _HAVE_MENUS)[:_MOST_RIGHT_CLICKS], *_named_buttons(instruction, by_tag)]
    results = (f"{number}{end}" for number in _results(shown) for end in ("", "\n"))
    actions = chain(
        _FIRST,
        (_written(click, point) for point in _empty_cells(asked.cells, by_tag, cells)),
        _pointing(click, shown[:_MOST_CLICKS]),
        asked.typed,
        asked.entered,
        (_written(type_text, f"{formula}\n") for formula in _formulas(asked.functions, cells)),
        asked.on_new_lines,
        (_written(type_text, result) for result in results),
        _KEYS,
        _pointing(double_click, _of(by_tag, _OPENED_BY_TWO)[:_MOST_DOUBLE_CLICKS]),
        _pointing(right_click, with_menus),
        _pointing(triple_click, _of(by_tag, _TEXT_FIELDS)[:_MOST_TRIPLE_CLICKS]),
        _SCROLLS,
        _pointing(move, draggable),
        _pointing(drag_to, draggable),
        asked.words,
    )
    return tuple(_distinct(actions, MAX_CANDIDATES))


@lru_cache(maxsize=256)
def _read_instruction(instruction: str) -> _Asked:
    texts = _distinct(_texts(instruction), _MOST_TYPED)
    return _Asked(
        named=frozenset(re.findall(r"[\w.]+", instruction)),
        cells=tuple(_CELL.findall(instruction)),
        functions=tuple(
            name for words, name in _FUNCTIONS.items() if re.search(words, instruction, re.IGNORECASE)
        ),
        typed=_typing(texts),
        entered=_typing(f"{text}\n" for text in texts),
        on_new_lines=_typing(f"\n{text}" for text in texts[:_MOST_NEW_LINES]),
        words=_typing(_distinct(_WORD.findall(instruction), _MOST_WORDS)),
    )


def _typing(texts: Iterable[str]) -> tuple[str, ...]:
    """Typing of each text of an instruction, but for those that no action can hold."""
    written = (_json(type_text(text)) for text in texts)
    return tuple(action for action in written if malformed_reason(action) is None)


def _pointing(make: Callable[[tuple[int, int]], Action], elements: Iterable[Element]) -> Iterator[str]:
    """What the pointer does at each element."""
    return (_written(make, element.center) for element in elements)


# Nearly all are those of the step before.
@lru_cache(maxsize=16_384)
def _written(make: Callable[..., Action], of: tuple[int, int] | str) -> str:
    """The action at a point, or with one of the short texts that a screen gives."""
    return _json(make(of))


def _ranked(elements: tuple[Element, ...], named: frozenset[str]) -> list[Element]:
    """What can be clicked: of the window in front controls, cells, labels; the panel; what is behind."""
    front = {
        element.window
        for element in elements
        if element.tag in WINDOW_TAGS
        and ("active" in element.states or element.tag != "frame")
        and element.window not in _ALWAYS_ACTIVE
    }

    def rank(element: Element) -> int:
        if element.window not in front:
            return 1 if element.window == "Panel" and element.tag in ("push-button", "toggle-button") else 5
        if element.tag == "table-cell":
            return 2 if element.text or element.name in named else 4
        return 3 if element.tag == "label" else 0

    return sorted((element for element in elements if element.tag not in _NOT_CLICKED), key=rank)


def _of(by_tag: Mapping[str, list[Element]], tags: Iterable[str]) -> list[Element]:
    """Those with the tags, in the tags' order."""
    return [element for tag in tags for element in by_tag.get(tag, ())]


def _named_buttons(instruction: str, by_tag: Mapping[str, list[Element]]) -> list[Element]:
    """Buttons that the instruction names in full, such as those of bookmarks."""
    buttons = by_tag.get("push-button", ())
    return [button for button in buttons if len(button.name) > 3 and button.name in instruction]


@lru_cache(maxsize=4096)
def _filled_cell(name: str, text: str) -> tuple[str, str, bool] | None:
    """Column, row, and whether it holds a number, of a sheet's cell that is not empty."""
    cell = _CELL.fullmatch(name) if text else None
    return None if cell is None else (cell[1], cell[2], _is_number(text))


_Cell = tuple[str, str, bool, Element]
"""What `_filled_cell` tells of an element, and the element."""


def _column_ends(cells: Iterable[_Cell]) -> list[Element]:
    """The second and the last cell of each column of a sheet, between which its values lie."""
    columns: dict[str, list[Element]] = {}
    for column, _, _, element in cells:
        columns.setdefault(column, []).append(element)
    ordered = (sorted(cells, key=lambda cell: cell.center[1]) for cells in columns.values())
    return [end for cells in ordered if len(cells) > 2 for end in (cells[1], cells[-1])][:_MOST_DRAGGED]


def _results(elements: Iterable[Element]) -> list[str]:
    """Numbers on the screen, but for those of cells and buttons: results to be written elsewhere."""
    texts = (element.text or element.name for element in elements if element.tag not in _NO_RESULTS)
    return _distinct(chain.from_iterable(_numbers(text[-_MOST_CHARS:]) for text in texts), _MOST_NUMBERS)


@lru_cache(maxsize=4096)
def _numbers(text: str) -> tuple[str, ...]:
    return tuple(match[0].replace(",", "") for match in _RESULT.finditer(text))


def _empty_cells(
    named: Iterable[tuple[str, str]], by_tag: Mapping[str, list[Element]], filled: Sequence[_Cell]
) -> Iterator[tuple[int, int]]:
    """Empty cells, which are not told, where a sheet's headers put them.

    Those that the instruction names, the first one right of the table and the first one below it.
    """
    across = {e.name: e.center[0] for e in by_tag.get("column-header", ())}
    down = {e.name: e.center[1] for e in by_tag.get("row-header", ())}
    columns, rows = {cell[0] for cell in filled}, {cell[1] for cell in filled}
    wanted = list(named)
    for name, x in across.items():
        if x > max((across[column] for column in columns & across.keys()), default=x):
            wanted.append((name, "1"))
            break
    for name, y in down.items():
        if y > max((down[row] for row in rows & down.keys()), default=y):
            wanted.append(("A", name))
            break
    for column, row in wanted:
        if column in across and row in down:
            yield across[column], down[row]


def _formulas(functions: Iterable[str], cells: Iterable[_Cell]) -> list[str]:
    """The functions that an instruction means, over each column of numbers of a sheet that is shown."""
    rows: dict[str, list[int]] = {}
    for column, row, is_number, _ in cells:
        if is_number:
            rows.setdefault(column, []).append(int(row))
    areas = [
        area
        for column, own in sorted(rows.items())
        for area in (f"{column}:{column}", f"{column}{min(own)}:{column}{max(own)}")
    ]
    return [f"={name}({area})" for name in functions for area in areas][:_MOST_FORMULAS]


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _distinct(texts: Iterable[str], limit: int) -> list[str]:
    return list(dict.fromkeys(texts))[:limit]


def _texts(instruction: str) -> Iterator[str]:
    """What an instruction may want typed: quoted texts, paths, addresses, cells, numbers, names."""
    for match in _QUOTED.finditer(instruction):
        yield next(group for group in match.groups() if group)
    for match in _AFTER_COLON.finditer(instruction):
        text = match[1].strip()[:_MOST_CHARS]
        yield from (text, text.rstrip("."))
    folders = [name for name in _FOLDERS if name.lower() in instruction.lower()]
    for match in _PATH.finditer(instruction):
        name = match[0].rstrip(".,")
        yield name
        if "/" not in name:
            yield from (f"{home}/{folder}/{name}" for home in ("~", HOME) for folder in folders)
    for pattern in (_ADDRESS, _EXPRESSION, _FORMULA, _NUMBER, _NAME):
        for match in pattern.finditer(instruction):
            yield match[0].rstrip(".,")
    if re.search(_COUNTING, instruction, re.IGNORECASE):
        yield from map(str, range(10))
