"""The embedded encyclopaedia: a consistent invented world, made from a seed, with a page on each part."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeVar

from step_gym.envs.core import digest
from step_gym.envs.hotpotqa import names
from step_gym.envs.hotpotqa.articles import Article, disambiguation, write_article
from step_gym.envs.hotpotqa.corpus import Corpus
from step_gym.envs.hotpotqa.relations import BIRTH_YEAR, BY_KIND, OCCUPATIONS

_T = TypeVar("_T")

_COUNTS = {"region": 60, "town": 420, "river": 90, "lake": 40, "university": 80, "company": 240}
_COUNTS |= {"band": 110, "club": 110, "film": 330, "novel": 330, "album": 220, "building": 200}
_MEDIA = {"Pictures": "film company", "Press": "publishing house", "Records": "record company"}
_MEDIA_COMPANIES = 30
_MAKERS = {
    "film": ("director", "producer", "film company"),
    "novel": ("author", "publisher", "publishing house"),
    "album": ("band", "label", "record company"),
    "building": ("architect", "", ""),
}
_LATE_OCCUPATIONS = ("film director", "singer", "actor")
_PLACES = {
    "town": "region",
    "person": "birthplace",
    "university": "seat",
    "company": "headquarters",
    "band": "origin",
    "club": "ground",
    "building": "place",
    "film": "setting",
    "novel": "setting",
}
_SHARED_NAMES = {"film": ("novel", 0.2), "album": ("film", 0.2), "river": ("town", 0.2)}
_SHARED_PERSON_NAMES = 0.1
_MOST_NAMESAKES = 3
_LISTED_WORKS = 0.2


@dataclass(eq=False, slots=True)
class Entity:
    """A part of the world: a person, a place, a work or an organisation.

    Attributes:
        kind: "person", "town", "film" and so on.
        name: What texts call it.
        role: Occupation of a person, line of a company; "" otherwise.
        title: Title of its page: the name, with a qualifier where several entities share it.
        alias: Another name that leads to its page, or "".
        facts: What is known of it by the relation's name: another entity or a text. Beside relations these
            are `BIRTH_YEAR`, "birth", "death", "country", "year" and "listed" (a person's best known work).
    """

    kind: str
    name: str
    role: str = ""
    title: str = ""
    alias: str = ""
    facts: dict[str, Entity | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Encyclopaedia:
    """A world and its pages.

    Attributes:
        entities: Everything that has an article, in a fixed order.
        articles: The article of each entity's title.
        corpus: The pages, disambiguation pages included.
    """

    entities: tuple[Entity, ...]
    articles: dict[str, Article]
    corpus: Corpus


class Dice:
    """Draws from a generator of which only `random()` is used, the part that Python promises to keep."""

    def __init__(self, *seed: str) -> None:
        self._rng = random.Random(int(digest(*seed), 16))

    def chance(self, share: float) -> bool:
        """True in that share of cases."""
        return self._rng.random() < share

    def pick(self, items: Sequence[_T]) -> _T:
        """One of the items."""
        return items[int(self._rng.random() * len(items))]

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return low + int(self._rng.random() * (high - low + 1))

    def shuffled(self, items: Sequence[_T]) -> list[_T]:
        """The items in a random order."""
        return sorted(items, key=lambda _: self._rng.random())


@lru_cache(maxsize=4)
def encyclopaedia(seed: int = 0) -> Encyclopaedia:
    """The encyclopaedia of a seed: some 3,400 articles; the last four are kept."""
    dice = Dice("hotpotqa-world", str(seed))
    by_kind = _cast(dice)
    _relate(by_kind, dice)
    entities = tuple(entity for group in by_kind.values() for entity in group)
    pages = list(_name_pages(entities))
    towns = [town.name for town in by_kind["town"]]
    articles = {entity.title: write_article(entity, dice, towns) for entity in entities}
    redirects = {entity.alias: entity.title for entity in entities if entity.alias}
    corpus = Corpus([*(article.page for article in articles.values()), *pages], redirects)
    return Encyclopaedia(entities, articles, corpus)


def _cast(dice: Dice) -> dict[str, list[Entity]]:
    """Everything there is, by kind, with names but without facts."""
    by_kind: dict[str, list[Entity]] = defaultdict(list)
    taken: set[tuple[str, str]] = set()

    def add(kind: str, draw_name: Callable[[names.Draw], str], role: str = "", qualifier: str = "") -> None:
        """One more of a kind; its name is new among those that have the same qualifier."""
        while (key := (name := draw_name(dice.pick), qualifier or kind)) in taken:
            pass
        taken.add(key)
        by_kind[kind].append(Entity(kind, name, role))

    for name, adjective in names.countries():
        by_kind["country"].append(Entity("country", name, adjective))
    drawers: dict[str, Callable[[names.Draw], str]] = {
        "region": names.region,
        "town": names.town,
        "river": names.river,
        "lake": names.lake,
        "university": lambda draw: f"{names.surname(draw)} University",
        "company": names.company,
        "band": names.band,
        "club": names.club,
        "film": names.title,
        "novel": names.title,
        "album": names.title,
        "building": names.building,
    }
    for kind in ("region", "town", "river", "lake", "university", "company", "band", "club", "novel", "film"):
        _add_all(kind, drawers[kind], by_kind, add, dice)
    for kind in ("album", "building"):
        _add_all(kind, drawers[kind], by_kind, add, dice)
    for trade, role in _MEDIA.items():
        for _ in range(_MEDIA_COMPANIES):
            add("company", lambda draw, trade=trade: names.media_company(draw, trade), role)
    for role, count in OCCUPATIONS.items():
        known = Counter(person.name for person in by_kind["person"])
        others = tuple(person for person in by_kind["person"] if known[person.name] < _MOST_NAMESAKES)
        for _ in range(count):
            if others and dice.chance(_SHARED_PERSON_NAMES):
                add("person", lambda _, others=others: dice.pick(others).name, role, role)
            else:
                add("person", _person_name, role, role)
    return by_kind


def _add_all(
    kind: str,
    draw_name: Callable[[names.Draw], str],
    by_kind: dict[str, list[Entity]],
    add: Callable[..., None],
    dice: Dice,
) -> None:
    """All of a kind; some take the name of something of another kind."""
    other, share = _SHARED_NAMES.get(kind, ("", 0.0))
    for _ in range(_COUNTS[kind]):
        if dice.chance(share):
            add(kind, lambda _: dice.pick(by_kind[other]).name)
        else:
            add(kind, draw_name)


def _person_name(draw: names.Draw) -> str:
    given = draw(names.GIVEN_NAMES["She"] + names.GIVEN_NAMES["He"])
    return f"{given} {names.surname(draw)}"


def _name_pages(entities: Sequence[Entity]) -> Iterator:
    """Give every entity its title and alias; yields a page for every name that several entities share."""
    by_name: dict[str, list[Entity]] = defaultdict(list)
    for entity in entities:
        by_name[entity.name.casefold()].append(entity)
    for group in by_name.values():
        for entity in group:
            qualifier = entity.role if entity.kind == "person" else entity.kind
            entity.title = entity.name if len(group) == 1 else f"{entity.name} ({qualifier})"
        if len(group) > 1:
            yield disambiguation(group)
    for entity in entities:
        if entity.kind == "university":
            alias = entity.name.replace(" University", " College")
            entity.alias = alias if alias.casefold() not in by_name else ""


def _relate(by_kind: dict[str, list[Entity]], dice: Dice) -> None:
    """Give every entity its facts, so that they agree with each other."""
    for person in by_kind["person"]:
        _live(person, dice)
    by_role: dict[str, list[Entity]] = defaultdict(list)
    for entity in (*by_kind["person"], *by_kind["company"]):
        by_role[entity.role].append(entity)
    for kind, group in by_kind.items():
        for entity in group:
            for relation in BY_KIND.get(kind, {}).values():
                if relation.value == "person" and relation.role:
                    entity.facts[relation.name] = dice.pick(by_role[relation.role])
                elif relation.value in by_kind and relation.value not in ("person", "company"):
                    entity.facts[relation.name] = dice.pick(by_kind[relation.value])
    for region in by_kind["region"]:
        region.facts["country"] = dice.pick(by_kind["country"])
        own = [town for town in by_kind["town"] if town.facts["region"] is region]
        region.facts.pop("capital")
        if own:
            region.facts["capital"] = dice.pick(own)
    for town in by_kind["town"]:
        town.facts["inhabitants"] = f"{dice.number(2_000, 400_000):,}"
    for river in by_kind["river"]:
        river.facts["length"] = str(dice.number(30, 900))
    for entity in (*by_kind["university"], *by_kind["club"]):
        entity.facts["founded"] = str(dice.number(1650, 1850))
    _date_works(by_kind, by_role, dice)
    _marry(by_kind["person"], dice)
    for kind in ("river", "lake"):
        for entity in by_kind[kind]:
            entity.facts["country"] = dice.pick(by_kind["country"])
    for kind, fact in _PLACES.items():
        for entity in by_kind[kind]:
            entity.facts["country"] = _entity(_entity(entity, fact), "country")


def _entity(entity: Entity, fact: str) -> Entity:
    """A fact that is known to be another entity."""
    value = entity.facts[fact]
    assert isinstance(value, Entity)
    return value


def _live(person: Entity, dice: Dice) -> None:
    """Birth, death and a prize."""
    born = dice.number(1840, 1915)
    if person.role in _LATE_OCCUPATIONS:
        born = dice.number(1880, 1915)
    person.facts[BIRTH_YEAR] = str(born)
    person.facts["birth"] = f"{dice.number(1, 28)} {dice.pick(names.MONTHS)} {born}"
    person.facts["death"] = f"{dice.number(1, 28)} {dice.pick(names.MONTHS)} {born + dice.number(45, 92)}"
    person.facts["prize"] = dice.pick(names.PRIZES)


def _date_works(by_kind: dict[str, list[Entity]], by_role: dict[str, list[Entity]], dice: Dice) -> None:
    """Years of firms and works: their makers are 22 to 40, and a firm exists when it brings a work out."""
    for company in by_kind["company"]:
        founder = _entity(company, "founder")
        company.facts["founded"] = str(int(str(founder.facts[BIRTH_YEAR])) + dice.number(22, 30))
    for kind, (fact, outlet, role) in _MAKERS.items():
        for work in by_kind[kind]:
            maker = _entity(_entity(work, fact), "singer") if kind == "album" else _entity(work, fact)
            year = int(str(maker.facts[BIRTH_YEAR])) + dice.number(25, 40)
            work.facts["year"] = str(year)
            if outlet:
                firms = [firm for firm in by_role[role] if int(str(firm.facts["founded"])) <= year]
                work.facts[outlet] = dice.pick(firms or by_role[role])
            if kind != "album" and dice.chance(_LISTED_WORKS):
                maker.facts["listed"] = work


def _marry(people: Sequence[Entity], dice: Dice) -> None:
    """Marry some people to somebody born in the same decade."""
    ordered = sorted(dice.shuffled(people), key=lambda person: str(person.facts[BIRTH_YEAR])[:3])
    for first, second in zip(ordered[0::2], ordered[1::2], strict=False):
        if dice.chance(0.6) and first.name != second.name:
            first.facts["spouse"], second.facts["spouse"] = second, first
