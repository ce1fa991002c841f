"""A solver of generated questions that reads only observation and info, as a policy does; to be imitated.

It understands the wordings of `relations`, opens the pages that a question needs one after the other, looks
up what is not shown, and takes the right one of several pages that share a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from step_gym.envs.hotpotqa.candidates import keywords, similar_titles
from step_gym.envs.hotpotqa.relations import (
    BIRTH_YEAR,
    BIRTH_YEAR_QUESTION,
    COMPARISONS,
    DESCRIPTIONS,
    OCCUPATIONS,
    RELATIONS,
    Comparison,
    Relation,
)

_BIRTH = re.compile(r".*\((?:\d+ \w+ )(\d{4}) – .*")
_RESULT = re.compile(r"\(Result \d+ / \d+\) ")
_DOCUMENT = re.compile(r"Doc \d+\(Title: (?P<title>[^\n]*?)\) (?P<text>[^\n]*?)(?:\n|</information>)")
_AFTER_SENTENCE = re.compile(r"(?<=\.) ")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a page may be about: its name, and what tells it from others of that name."""

    name: str
    qualifier: str

    def has_page(self, title: str, text: str) -> bool:
        """Whether a page, as far as its text is shown, is about it."""
        return title in (self.name, f"{self.name} ({self.qualifier})") or f"also called {self.name}," in text


@dataclass(frozen=True, slots=True)
class Plan:
    """What a question asks.

    Attributes:
        start: The subject whose page names the described one.
        way: The relation between the two.
        fact: What is asked of the described subject.
        named: In a comparison, the subject that the question names.
        comparison: How the two are compared, or None.
    """

    start: Subject
    way: Relation
    fact: str
    named: Subject | None = None
    comparison: Comparison | None = None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """What a template's wording looks like; every placeholder becomes a group of its name."""
    parts = re.split(r"\{(\w)\}", template)
    pattern = "".join(
        f"(?P<{part}>.+?)" if number % 2 else re.escape(part) for number, part in enumerate(parts)
    )
    return re.compile(pattern + r"\.*" if template.endswith(".") else pattern)


@cache
def _description(kind: str) -> re.Pattern[str]:
    """What the description of a subject of some kind looks like."""
    pattern = re.escape(DESCRIPTIONS[kind]).replace(r"\{name\}", "(?P<name>.+)")
    return re.compile(pattern.replace(r"\{role\}", f"(?P<role>{'|'.join(OCCUPATIONS)})"))


def parse(question: str) -> Plan:
    """What a generated question asks. Raises `ValueError` for a question of another kind."""
    for comparison in COMPARISONS:
        if match := _pattern(comparison.question).fullmatch(question):
            for direct, phrase in ((match["a"], match["b"]), (match["b"], match["a"])):
                named = _named(direct, comparison.kind)
                for start, way in _starts(phrase, comparison.kind):
                    if named is not None:
                        return Plan(start, way, comparison.fact, named, comparison)
    asked = [(kind, relation.name, relation.question) for relation in RELATIONS for kind in relation.kinds]
    for kind, fact, template in [*asked, ("person", BIRTH_YEAR, BIRTH_YEAR_QUESTION)]:
        match = _pattern(template).fullmatch(question) if template else None
        for start, way in _starts(match["x"], kind) if match else ():
            return Plan(start, way, fact)
    raise ValueError(f"not a generated question of STEP-HotpotQA-v0: {question[:80]!r}")


def _starts(phrase: str, kind: str) -> Iterator[tuple[Subject, Relation]]:
    """How a phrase may describe something of a kind through another page."""
    for relation in RELATIONS:
        if (
            relation.phrase
            and relation.value == kind
            and (match := _pattern(relation.phrase).fullmatch(phrase))
        ):
            for start_kind in relation.kinds:
                if start := _named(match["x"], start_kind):
                    yield start, relation


def _named(phrase: str, kind: str) -> Subject | None:
    """The subject of a kind that a phrase names directly."""
    match = _description(kind).fullmatch(phrase)
    return Subject(match["name"], match["role"] if kind == "person" else kind) if match else None


class HotpotqaExpert:
    """Plays one episode at a time, in either interface: `reset`, then `act` at each step.

    It goes by what is shown, not by what it did last, so it can also take over an episode.
    """

    def reset(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Forget the last episode and read the question. Raises `ValueError` if it is no generated one."""
        self._question = observation["instruction"]
        self._plan = parse(self._question)
        self._known: dict[tuple[Subject, str], str] = {}
        self._titles: dict[Subject, str] = {}
        self._has_searched = False

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> str:
        """The next action."""
        text = observation["text"]
        if "page" not in info:
            self._learn([(match["title"], match["text"]) for match in _DOCUMENT.finditer(text)])
            return self._act_by_tags()
        offered = similar_titles(text)
        for subject, _ in self._needs():
            if (title := f"{subject.name} ({subject.qualifier})") in offered:
                self._titles[subject] = title
        if info["page"] and not offered:
            self._learn([(info["page"], _RESULT.sub("", text))])
        return self._act_on_wiki(info["page"])

    def _act_on_wiki(self, page: str) -> str:
        for subject, fact in self._needs():
            if (subject, fact) in self._known:
                continue
            title = self._titles.get(subject, subject.name)
            if title == page:
                return f"lookup[{self._keyword(fact)}]"
            return f"search[{title}]"
        return f"finish[{self._answer()}]"

    def _act_by_tags(self) -> str:
        missing = [subject for subject, fact in self._needs() if (subject, fact) not in self._known]
        if not missing:
            return f"<answer>{self._answer()}</answer>"
        if not self._has_searched:
            # All that the question names in one query, in its order.
            self._has_searched = True
            names = sorted((subject.name for subject in missing), key=self._question.find)
            return f"<search>{' '.join(names)}</search>"
        # The described subject comes first, while its name is in sight; others were crowded out by namesakes.
        last = missing[-1]
        is_described = last not in (self._plan.start, self._plan.named)
        kind = last.qualifier.split()[-1]
        is_plain = is_described or kind not in keywords(self._question)
        return f"<search>{last.name if is_plain else f'{last.name} {kind}'}</search>"

    def _learn(self, documents: Sequence[tuple[str, str]]) -> None:
        """Take from pages, given by title and text, what is still missing."""
        while True:
            known = len(self._known)
            for subject, fact in self._needs():
                for title, text in documents:
                    if subject.has_page(title, text) or self._titles.get(subject) == title:
                        self._titles[subject] = title
                        value = None if (subject, fact) in self._known else read_fact(fact, text)
                        if value:
                            self._known[subject, fact] = value
            if len(self._known) == known:
                return

    def _needs(self) -> list[tuple[Subject, str]]:
        """Whose facts are to be read, as far as the subjects are known by name."""
        plan = self._plan
        needs = [(plan.named, plan.fact)] if plan.named else []
        needs.append((plan.start, plan.way.name))
        if (plan.start, plan.way.name) in self._known:
            needs.append((self._described(), plan.fact))
        return needs

    def _described(self) -> Subject:
        plan = self._plan
        return Subject(self._known[plan.start, plan.way.name], plan.way.role or plan.way.value)

    def _keyword(self, fact: str) -> str:
        """The question's word for a fact."""
        stem = next(relation.keyword for relation in RELATIONS if relation.name == fact)
        return next(word for word in keywords(self._question) if stem in word)

    def _answer(self) -> str:
        plan, described = self._plan, self._described()
        value = self._known[described, plan.fact]
        if plan.comparison is None or plan.named is None:
            return value
        other = self._known[plan.named, plan.fact]
        if plan.comparison.choice == "same":
            return "yes" if value == other else "no"
        is_less = int(value.replace(",", "")) < int(other.replace(",", ""))
        return (described if is_less == (plan.comparison.choice == "least") else plan.named).name


def read_fact(fact: str, text: str) -> str | None:
    """What a text says of a fact, or None."""
    for sentence in _AFTER_SENTENCE.split(text):
        if fact == BIRTH_YEAR:
            if match := _BIRTH.fullmatch(sentence):
                return match[1]
            continue
        for relation in RELATIONS:
            if relation.name == fact:
                for template in relation.sentences:
                    if match := _pattern(template).fullmatch(sentence):
                        return match["o"]
    return None
