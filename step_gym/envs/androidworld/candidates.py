"""Candidate actions on a phone: a finite list made of the instruction and the screen's description alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations, product
from typing import Any

from step_gym.envs.androidworld.app_names import app_names
from step_gym.envs.androidworld.elements import Element
from step_gym.envs.androidworld.plan import Page, read_page
from step_gym.envs.core import malformed_reason

MAX_CANDIDATES = 256
_MOST_CLICKS = 90
_MOST_PRESSES = 45
_MOST_FIELDS = 8
_MOST_TYPED = 30
_MOST_ANSWERS = 150
_MOST_SHOWN = 40
_MOST_JOINED = 8

# What an instruction is about, and the app that deals with it, as upstream's table names it.
_SUBJECTS = {
    "wi-fi|wifi|bluetooth|brightness|bright|airplane|flight mode": "Settings",
    "markor|note|notebook|clipboard": "Markor",
    "stopwatch|timer|countdown|clock": "Clock",
    "photo|picture|video|film|camera": "Camera",
    "contact|contacts": "Contacts",
    "sms|message|text|texted|messenger": "Simple SMS Messenger",
    "calendar|event|events|meeting|meet": "Simple Calendar Pro",
    "expense|expenses": "Pro Expense",
    "tasks|task|due": "Tasks",
    "record|recording|recorder|clip": "Audio Recorder",
    "file|files|folder": "Files",
}
_QUOTED = re.compile(r"\"([^\"]{1,2000})\"|“([^”]{1,2000})”|(?<!\w)'((?:[^']|(?<=\w)'(?=\w)){1,2000})'(?!\w)")
_TO_QUOTE_MARK = re.compile(r"(?<!\w)'(.{1,200}?)'(?=[,.;:?!)\n]|$)")  # with apostrophes in it
_AFTER_COLON = re.compile(r":\s+(?=\S)")
_SENTENCE_END = re.compile(r"[.!?](?=\s+[A-Z])")
_NAME = re.compile(r"[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*")
_NUMBER = re.compile(r"\+?\d[\d().-]*\d|\d")
_FILE = re.compile(r"\b([\w-]+)\.([a-z][a-z0-9]{1,3})\b|\b\w*_\w+\b|\b(?=\w*\d)(?=\w*[A-Za-z])\w{5,}\b")
_DATE = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d\d? \d{4}"
)
_TIME = re.compile(r"\b\d\d:\d\d\b")
_TIME_FIELD = re.compile(r"\d{1,2}")
_HOURS_AND_MINUTES = tuple(f"{number:02}" for number in (*range(24), *range(25, 60, 5)))


_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class _Asked:
    """What an instruction alone gives.

    Attributes:
        apps: Apps that it may mean.
        texts: What it may want typed.
        answer: Whether it asks for an answer.
    """

    apps: tuple[str, ...]
    texts: tuple[str, ...]
    answer: bool


@lru_cache(maxsize=256)
def candidate_actions(instruction: str, text: str) -> tuple[str, ...]:
    """Actions that may be of use, the likelier ones first; at most 256, all of them well formed.

    Args:
        instruction: What is asked; texts to type, names to open, and answers are taken from it.
        text: The observation's text; clicks, scrolls, fields, texts and answers are taken from it.
    """
    page, asked = read_page(text), _read_instruction(instruction)
    slidable = [element for element in page.elements if element.scrollable or "slider" in element.resource]
    actions = chain(
        (_act("status", goal_status="complete"),),
        (_act("open_app", app_name=name) for name in asked.apps),
        (_act("click", index=element.index) for element in _by_use(page.elements)[:_MOST_CLICKS]),
        (_act("scroll", direction=direction) for direction in ("down", "up")),
        (_act("navigate_back"), _act("navigate_home")),
        (
            _act("scroll", direction=direction, index=element.index)
            for element in slidable
            if element.index  # 0 would scroll the screen
            for direction in ("down", "up", "right", "left")
        ),
        (_act("answer", text=answer) for answer in (_answers(page, asked.texts) if asked.answer else ())),
        (_act("long_press", index=element.index) for element in _by_hold(page.elements)[:_MOST_PRESSES]),
        (_act("keyboard_enter"), _act("wait"), _act("swipe", direction="down")),
        (_act("status", goal_status="infeasible"),),
        _typing(page, asked.texts),
    )
    return tuple(_distinct(actions, MAX_CANDIDATES))


@lru_cache(maxsize=256)
def _read_instruction(instruction: str) -> _Asked:
    return _Asked(
        apps=tuple(_apps(instruction)),
        texts=tuple(_distinct(_texts(instruction), _MOST_TYPED)),
        answer="answer" in instruction.lower() or "?" in instruction,
    )


# Nearly all are those of the step before.
@lru_cache(maxsize=4096)
def _act(action_type: str, **fields: Any) -> str:
    """The action, or nothing if no action can hold its text."""
    action = _json({"action_type": action_type, **fields})
    return action if malformed_reason(action) is None else ""


def _distinct(texts: Iterable[str], limit: int) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))[:limit]


def _by_use(elements: Sequence[Element]) -> list[Element]:
    """All elements: first those that take a tap, then labels, which often lie in what does."""
    return sorted(elements, key=lambda e: (not e.clickable, not (e.text or e.description)))


def _by_hold(elements: Sequence[Element]) -> list[Element]:
    """Elements that may take a long press: those that say so, then those with a text."""
    named = [e for e in elements if e.long_clickable or e.text or e.editable]
    return sorted(named, key=lambda e: not e.long_clickable)


def _apps(instruction: str) -> Iterator[str]:
    """Apps that an instruction names, as it writes them, and those that deal with what it is about."""
    for name in app_names():
        if match := re.search(rf"\b{re.escape(name)}\b", instruction, re.IGNORECASE):
            yield match[0]
    for words, name in _SUBJECTS.items():
        if re.search(rf"\b(?:{words})\b", instruction, re.IGNORECASE):
            yield name


def _texts(instruction: str) -> Iterator[str]:
    """What an instruction may want typed, the likelier texts first."""
    for match in _QUOTED.finditer(instruction):
        yield next(group for group in match.groups() if group)
    for match in _TO_QUOTE_MARK.finditer(instruction):
        yield match[1]
    for match in _AFTER_COLON.finditer(instruction):
        rest = instruction[match.end() :]
        yield rest
        for end in _SENTENCE_END.finditer(rest):
            yield rest[: end.end()]
            yield rest[: end.start()]
        yield rest.partition("\n")[0]
        yield rest.rstrip(".")
    for match in _FILE.finditer(instruction):
        if match[1]:
            yield match[1]
            yield f".{match[2]}"
        yield match[0]
    for line in instruction.split("\n"):
        for cell in line.split(" | ") if " | " in line else line.split(": ", 1)[1:]:
            yield cell.removeprefix("$")
    for match in _NUMBER.finditer(instruction):
        yield match[0]
        if len(match[0]) == 1:
            yield f"0{match[0]}"
    for match in _NAME.finditer(instruction):
        yield match[0]
        yield from match[0].split(" ")


def _typing(page: Page, typed: Sequence[str]) -> Iterator[str]:
    """Texts for the fields: the instruction's, put before or after what a field holds, and the screen's."""
    fields = [element for element in page.elements if element.editable][:_MOST_FIELDS]
    timed = [field for field in fields if _TIME_FIELD.fullmatch(field.text)]
    for field, number in product(timed, _HOURS_AND_MINUTES):
        yield _act("input_text", text=number, index=field.index, clear_text=True)
    fields = [field for field in fields if field not in timed]
    for words, field in product(typed, fields):
        yield _act("input_text", text=words, index=field.index)
    for words, field in product(typed, fields):
        yield _act("input_text", text=words, index=field.index, clear_text=True)
        if " " in field.text:
            held = field.text.rstrip("\n")
            for whole in (f"{words}\n{held}", f"{words}\n\n{held}", f"{held}\n{words}"):
                yield _act("input_text", text=whole, index=field.index, clear_text=True)
    shown = [value for value in page.texts() if len(value) > 7]
    for words, field in product(shown, fields):
        yield _act("input_text", text=words, index=field.index)


def _answers(page: Page, typed: Sequence[str]) -> list[str]:
    """Answers to a question: yes, no, numbers, texts of the screen, several of them."""
    shown = [value for value in page.texts() if len(value) <= 80 and "\n" not in value]
    whole = " ".join(page.texts())
    moments = (f"{date} {time}" for date in _DATE.findall(whole)[:3] for time in _TIME.findall(whole)[:4])
    answers = (*("yes", "no"), *moments, *shown[:_MOST_SHOWN], *map(str, range(13)), *_joined(page), *typed)
    return _distinct(answers, _MOST_ANSWERS)


def _joined(page: Page) -> Iterator[str]:
    """Two or more texts of one kind, in their order: neighbours first, then any two or three."""
    kinds: dict[str, list[str]] = {}
    for element in page.elements:
        if element.resource and re.search(r"[A-Za-z]{3}", element.text) and len(element.text) <= 80:
            kinds.setdefault(element.resource, []).append(element.text)
    for names in sorted(kinds.values(), key=len, reverse=True)[:2]:
        for count in range(2, len(names) + 1):
            yield from (", ".join(names[i : i + count]) for i in range(len(names) - count + 1))
        for count in (2, 3):
            yield from map(", ".join, combinations(names[:_MOST_JOINED], count))
