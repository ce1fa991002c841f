"""Questions about the embedded encyclopaedia; each takes two hops or more.

A bridge question describes its subject through a first page: "In which town was the director of the film X
born?". A comparison sets a named subject against a described one. No page that the question names contains
the answer or, in a comparison, the described subject; no described subject's page leads back by name; and
values compared lie close together. So neither the question nor its first page gives the answer away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from step_gym.envs.hotpotqa.encyclopaedia import Dice, Encyclopaedia, Entity, encyclopaedia
from step_gym.envs.hotpotqa.relations import (
    BIRTH_YEAR,
    BIRTH_YEAR_QUESTION,
    BY_KIND,
    COMPARISONS,
    DESCRIPTIONS,
    Comparison,
    Relation,
)
from step_gym.envs.hotpotqa.wiki import SHOWN_SENTENCES

SPLITS: dict[str, tuple[float, int, int]] = {
    "train": (0.8, 6400, 1600),
    "validation": (0.1, 400, 100),
    "test": (0.1, 400, 100),
}
"""Share of the subjects, number of bridge questions and of comparisons, by split; no subject is in two."""

_CLOSE_YEARS = 10
_CLOSE_RATIO = 1.3
_MOST_TRIES = 300
_MOST_STEPS = 7
"""Steps for a comparison in ReAct's interface: pages, lookups, shared names, and the answer."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its answer and what must be read for it.

    Attributes:
        text: The question.
        answer: The gold answer.
        type: "bridge" or "comparison", HotpotQA's two.
        hops: Title of each page to open and name of the fact to read there; the page that the question only
            describes is the last.
    """

    text: str
    answer: str
    type: str
    hops: tuple[tuple[str, str], ...]


def describe(entity: Entity) -> str:
    """How a question names an entity directly."""
    return DESCRIPTIONS[entity.kind].format(name=entity.name, role=entity.role)


@lru_cache(maxsize=4)
def questions(seed: int = 0) -> Mapping[str, tuple[Question, ...]]:
    """The questions of each split about the encyclopaedia of a seed; the last four are kept."""
    world = encyclopaedia(seed)
    dice = Dice("hotpotqa-questions", str(seed))
    subjects = dice.shuffled([entity for entity in world.entities if entity.kind in DESCRIPTIONS])
    chosen: dict[str, tuple[Question, ...]] = {}
    start = 0
    for split, (share, bridges, comparisons) in SPLITS.items():
        end = start + int(share * len(subjects))
        own = subjects[start:end]
        start = end
        two_hops = dice.shuffled(list(_bridges(world, own)))[:bridges]
        chosen[split] = tuple(dice.shuffled([*two_hops, *_comparisons(world, own, comparisons, dice)]))
    return chosen


def _ways(world: Encyclopaedia, subjects: Sequence[Entity]) -> Iterator[tuple[Entity, Relation, Entity]]:
    """Every subject with every relation that leads to another page which does not lead back, and to what."""
    for subject in subjects:
        for relation in BY_KIND[subject.kind].values():
            bridge = subject.facts.get(relation.name)
            if not relation.phrase or not isinstance(bridge, Entity):
                continue
            # Else a search for the subject would find the other page as well.
            if subject.name not in world.articles[bridge.title].page.text:
                yield subject, relation, bridge


def _bridges(world: Encyclopaedia, subjects: Sequence[Entity]) -> Iterator[Question]:
    """Every two-hop question that begins at one of the subjects."""
    for subject, first, bridge in _ways(world, subjects):
        asked = {name: second.question for name, second in BY_KIND[bridge.kind].items() if second.question}
        if bridge.kind == "person":
            asked[BIRTH_YEAR] = BIRTH_YEAR_QUESTION
        for fact, template in asked.items():
            value = bridge.facts.get(fact)
            if value is None:
                continue
            text = template.format(x=first.phrase.format(x=describe(subject)))
            answer = _name(value)
            # A page may call a university by its other name, which would not be the gold answer.
            is_written = answer in world.articles[bridge.title].page.text
            if is_written and _is_hidden(world, answer, text, [subject.title]):
                hops = ((subject.title, first.name), (bridge.title, fact))
                yield Question(text, answer, "bridge", hops)


def _is_hidden(world: Encyclopaedia, answer: str, text: str, titles: Sequence[str]) -> bool:
    """Whether neither the question nor the pages it names contain the answer."""
    shown = [text, *(world.articles[title].page.text for title in titles)]
    return not any(answer.casefold() in part.casefold() for part in shown)


def _comparisons(
    world: Encyclopaedia, subjects: Sequence[Entity], count: int, dice: Dice
) -> Iterator[Question]:
    """Questions about a named subject and a described one; answers are balanced."""
    named: dict[str, list[Entity]] = defaultdict(list)
    described: dict[str, list[tuple[Entity, Relation, Entity]]] = defaultdict(list)
    sharing: dict[tuple[str, str, str], list[tuple[Entity, Relation, Entity]]] = defaultdict(list)
    for subject in subjects:
        named[subject.kind].append(subject)
    for way in _ways(world, subjects):
        target = way[2]
        described[target.kind].append(way)
        for fact, value in target.facts.items():
            sharing[target.kind, fact, _text(value)].append(way)
    seen: set[str] = set()
    leads = {True: 0, False: 0}
    while len(seen) < count:
        comparison = dice.pick(COMPARISONS)
        is_same = comparison.choice == "same"
        # Answers alternate between yes and no, and between the named and the described subject.
        wants_first = leads[is_same] <= 0
        for _ in range(_MOST_TRIES):
            first = dice.pick(named[comparison.kind])
            ways = described[comparison.kind]
            if is_same and wants_first:
                ways = sharing.get(
                    (comparison.kind, comparison.fact, _text(first.facts[comparison.fact])), []
                )
            question = _compare(world, comparison, first, dice.pick(ways), dice) if ways else None
            if question is None or question.text in seen:
                continue
            if (question.answer in ("yes", first.name)) == wants_first:
                seen.add(question.text)
                leads[is_same] += 1 if wants_first else -1
                yield question
                break


def _text(value: Entity | str) -> str:
    return value if isinstance(value, str) else value.title


def _name(value: Entity | str) -> str:
    return value if isinstance(value, str) else value.name


def _compare(
    world: Encyclopaedia,
    comparison: Comparison,
    first: Entity,
    way: tuple[Entity, Relation, Entity],
    dice: Dice,
) -> Question | None:
    """A comparison question, or None if the pair gives the answer away."""
    subject, relation, second = way
    if second is first or subject is first or comparison.fact not in second.facts:
        return None
    values = first.facts[comparison.fact], second.facts[comparison.fact]
    phrases = [describe(first), relation.phrase.format(x=describe(subject))]
    hops = [(first.title, comparison.fact), (subject.title, relation.name), (second.title, comparison.fact)]
    if dice.chance(0.5):
        phrases.reverse()
    text = comparison.question.format(a=phrases[0], b=phrases[1])
    if comparison.choice == "same":
        # A page may call a university by its other name, which would hide that it is the same.
        pages = (world.articles[entity.title].page.text for entity in (first, second))
        if not all(_name(value) in text for value, text in zip(values, pages, strict=True)):
            return None
        answer = "yes" if values[0] is values[1] else "no"
    else:
        numbers = [int(str(value).replace(",", "")) for value in values]
        if not _are_close(comparison, *numbers):
            return None
        best = min(numbers) if comparison.choice == "least" else max(numbers)
        answer = (first, second)[numbers.index(best)].name
    if not _is_hidden(world, second.name, text, [first.title]):
        return None
    steps = len(hops) + 1
    for entity, (title, fact) in zip((first, subject, second), hops, strict=True):
        below = world.articles[title].positions[fact] >= SHOWN_SENTENCES
        steps += below + (entity.title != entity.name)
    return Question(text, answer, "comparison", tuple(hops)) if steps <= _MOST_STEPS else None


def _are_close(comparison: Comparison, one: int, other: int) -> bool:
    """Whether two values differ, but so little that knowing one tells nothing of which is larger."""
    if comparison.fact in (BIRTH_YEAR, "founded"):
        return 0 < abs(one - other) <= _CLOSE_YEARS
    return 1 < max(one, other) / min(one, other) <= _CLOSE_RATIO
