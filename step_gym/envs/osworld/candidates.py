"""Candidate actions on a desktop: a finite list made of the instruction and the screen's description."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

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

# What the programs understand wherever they take it; menus name the rest.
_KEYS = (
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


def candidate_actions(instruction: str, text: str) -> list[str]:
    """Actions that may be of use, the likelier ones first; at most 256, all of them well formed.

    Args:
        instruction: What is asked; texts to type are taken from it.
        text: The observation's text, whose elements are clicked.
    """
    shown = _ranked(read_description(text), set(re.findall(r"[\w.]+", instruction)))
    typed = _distinct(_texts(instruction), _MOST_TYPED)
    draggable = [*_of(shown, _DRAGGED)[:_MOST_DRAGGED], *_column_ends(shown)]
    with_menus = [*_of(shown, _HAVE_MENUS)[:_MOST_RIGHT_CLICKS], *_named_buttons(instruction, shown)]
    actions: list[Action] = [
        done(),
        fail(),
        wait(),
        *map(click, _cells(instruction, shown)),
        *map(click, shown[:_MOST_CLICKS]),
        *map(type_text, typed),
        *(type_text(f"{text}\n") for text in (*typed, *_formulas(instruction, shown))),
        *(type_text(f"\n{text}") for text in typed[:_MOST_NEW_LINES]),
        *(type_text(f"{number}{end}") for number in _results(shown) for end in ("", "\n")),
        *_KEYS,
        *map(double_click, _of(shown, _OPENED_BY_TWO)[:_MOST_DOUBLE_CLICKS]),
        *map(right_click, with_menus),
        *map(triple_click, _of(shown, _TEXT_FIELDS)[:_MOST_TRIPLE_CLICKS]),
        scroll(-5),
        scroll(5),
        *map(move, draggable),
        *map(drag_to, draggable),
        *map(type_text, _distinct(_WORD.findall(instruction), _MOST_WORDS)),
    ]
    written = (json.dumps(action, ensure_ascii=False) for action in actions)
    return _distinct((action for action in written if malformed_reason(action) is None), MAX_CANDIDATES)


def _ranked(elements: tuple[Element, ...], named: set[str]) -> list[Element]:
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

    shown = [element for element in elements if element.tag not in (*WINDOW_TAGS, *_PASSIVE)]
    return sorted(shown, key=rank)


def _of(elements: Iterable[Element], tags: tuple[str, ...]) -> list[Element]:
    """Those with the tags, in the tags' order."""
    return sorted(
        (element for element in elements if element.tag in tags), key=lambda element: tags.index(element.tag)
    )


def _named_buttons(instruction: str, elements: Iterable[Element]) -> list[Element]:
    """Buttons that the instruction names in full, such as those of bookmarks."""
    return [
        element
        for element in elements
        if element.tag == "push-button" and len(element.name) > 3 and element.name in instruction
    ]


def _column_ends(elements: Iterable[Element]) -> list[Element]:
    """The second and the last cell of each column of a sheet, between which its values lie."""
    columns: dict[str, list[Element]] = {}
    for element in elements:
        cell = _CELL.fullmatch(element.name) if element.tag == "table-cell" and element.text else None
        if cell:
            columns.setdefault(cell[1], []).append(element)
    ordered = (sorted(cells, key=lambda cell: cell.center[1]) for cells in columns.values())
    return [end for cells in ordered if len(cells) > 2 for end in (cells[1], cells[-1])][:_MOST_DRAGGED]


def _results(elements: Iterable[Element]) -> list[str]:
    """Numbers on the screen, but for those of cells and buttons: results to be written elsewhere."""
    texts = (e.text or e.name for e in elements if e.tag not in ("table-cell", "push-button", "row-header"))
    numbers = [match[0].replace(",", "") for text in texts for match in _RESULT.finditer(text[-_MOST_CHARS:])]
    return _distinct(numbers, _MOST_NUMBERS)


def _cells(instruction: str, elements: Iterable[Element]) -> Iterator[tuple[int, int]]:
    """Empty cells, which are not told, where a sheet's headers put them.

    Those that the instruction names, the first one right of the table and the first one below it.
    """
    elements = list(elements)
    across = {e.name: e.center[0] for e in elements if e.tag == "column-header"}
    down = {e.name: e.center[1] for e in elements if e.tag == "row-header"}
    held = [_CELL.fullmatch(e.name) for e in elements if e.tag == "table-cell" and e.text]
    wanted = _CELL.findall(instruction)
    columns, rows = {cell[1] for cell in held if cell}, {cell[2] for cell in held if cell}
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


def _formulas(instruction: str, elements: Iterable[Element]) -> list[str]:
    """The functions that an instruction means, over each column of numbers of a sheet that is shown."""
    rows: dict[str, list[int]] = {}
    for element in elements:
        cell = _CELL.fullmatch(element.name) if element.tag == "table-cell" else None
        if cell and _is_number(element.text):
            rows.setdefault(cell[1], []).append(int(cell[2]))
    functions = [name for words, name in _FUNCTIONS.items() if re.search(words, instruction, re.IGNORECASE)]
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
