"""Pages of the embedded encyclopaedia in plain English: facts, and asides that nobody asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from step_gym.envs.hotpotqa import names
from step_gym.envs.hotpotqa.corpus import DISAMBIGUATION, Page
from step_gym.envs.hotpotqa.relations import BIRTH_YEAR, BY_KIND

if TYPE_CHECKING:
    from step_gym.envs.hotpotqa.encyclopaedia import Dice, Entity

_LEAD_SENTENCES = 4
_SHARE_OF_ALIASES = 0.4

_INTRODUCTIONS = {
    "person": "{name} ({birth} – {death}) was {adjective} {role}.",
    "film": "{name} is {adjective} film of {year}.",
    "novel": "{name} is {adjective} novel of {year}.",
    "album": "{name} is an album of {year}.",
    "building": "The {name} is {adjective} public building of {year}.",
    "university": "{name}{alias} is {adjective} university.",
    "company": "{name} is {adjective} {role}.",
    "band": "{name} is {adjective} band.",
    "club": "{name} is {adjective} football club.",
    "town": "{name} is {adjective} town.",
    "river": "The {name} is {adjective} river.",
    "lake": "{name} is {adjective} lake.",
    "region": "{name} is a region of {country}.",
    "country": "{name} is a country on the coast.",
}
_ASIDES = {
    "person": (
        "{s} spent ten years in {town}.",
        "In {year} {s} moved to {town} for a time.",
        "{s} could play {instrument}.",
        "{s} spoke {few} languages.",
        "Most letters by {him} are kept in {town}.",
        "A street in {town} is named after {him}.",
        "{s} collected {product} all {own} life.",
    ),
    "film": (
        "It was first shown in {town}.",
        "It lasts {some} minutes.",
        "Its music won more praise than its pictures.",
        "Only {few} copies of it have survived.",
        "Some scenes were shot in {town}.",
        "It failed at first, and found its public after {year}.",
    ),
    "novel": (
        "It has been translated into {few} languages.",
        "The first edition has {some} pages.",
        "A play after it opened in {town}.",
        "The manuscript is kept in {town}.",
        "Its last chapter was added in {year}.",
        "Readers in {town} voted it their favourite book.",
    ),
    "album": (
        "It contains {few} songs.",
        "The cover shows a street in {town}.",
        "It sold {many} copies.",
        "A second edition followed in {year}.",
        "One of the songs is about {town}.",
        "The last song is sung without words.",
    ),
    "building": (
        "It has {some} windows.",
        "Its stones came from {town}.",
        "It was damaged by fire in {year}.",
        "Its clock was made in {town}.",
        "It is open on {few} days of the month.",
        "A smaller copy of it was built in {town}.",
    ),
    "university": (
        "It has {many} students.",
        "Its library holds {many} books.",
        "Its hospital lies in {town}.",
        "Its rules were last changed in {year}.",
        "It exchanges students with a college in {town}.",
        "Lectures are held in {few} languages.",
    ),
    "company": (
        "It employs {many} people.",
        "It opened a branch in {town} in {year}.",
        "Its first customers came from {town}.",
        "It once traded in {product}.",
        "It nearly failed in {year}.",
        "Its archive was moved to {town}.",
    ),
    "band": (
        "It gave its first concert in {town}.",
        "It has {few} members.",
        "It broke up in {year} and came together again.",
        "Its drums were made in {town}.",
        "It is better known abroad than at home.",
        "It often toured with a choir from {town}.",
    ),
    "club": (
        "It won the cup in {year}.",
        "Its colours are red and white.",
        "It has {many} members.",
        "Its keenest rivals come from {town}.",
        "Its trainer came from {town}.",
        "It has won the league {few} times.",
    ),
    "town": (
        "It is known for its {product}.",
        "Its railway station was opened in {year}.",
        "Its twin town is {town}.",
        "A fair takes place there every spring.",
        "A fire in {year} destroyed most of its houses.",
        "Its market hall was copied from that of {town}.",
        "It has {few} churches.",
    ),
    "river": (
        "Its water drives {some} mills.",
        "It freezes in most winters.",
        "A bridge over it was built in {year}.",
        "Boats go down it as far as {town}.",
        "It is known for its trout.",
        "There were great floods in {year}.",
    ),
    "lake": (
        "Its greatest depth is {some} metres.",
        "It freezes in most winters.",
        "Steamers have crossed it since {year}.",
        "{few_first} islands lie in it.",
        "Its fish are sold in {town}.",
    ),
    "region": (
        "It is known for its {product}.",
        "Its oldest road leads to {town}.",
        "Its borders were drawn in {year}.",
        "It has {few} railways.",
        "Most of it is hilly.",
    ),
    "country": (
        "It is known for its {product}.",
        "Its first railway was opened in {year}.",
        "Its parliament once met in {town}.",
        "It has {few} holidays.",
        "Most of it is covered by woods.",
    ),
}


@dataclass(frozen=True, slots=True)
class Article:
    """A page and where it says what.

    Attributes:
        page: The page.
        positions: Number of the sentence, from 0, by the name of the fact.
    """

    page: Page
    positions: dict[str, int]


def write_article(entity: Entity, dice: Dice, towns: Sequence[str]) -> Article:
    """The article on an entity: an introduction, then its facts among three or four asides, in any order.

    Args:
        entity: The subject, with title and facts.
        dice: Decides wording and order.
        towns: Names that asides may mention.
    """
    sentences: list[tuple[str, str]] = []
    for relation in BY_KIND.get(entity.kind, {}).values():
        if relation.name in entity.facts:
            value = entity.facts[relation.name]
            text = value if isinstance(value, str) else _mention(value, dice)
            sentences.append((relation.name, _fill(dice.pick(relation.sentences), entity, dice, o=text)))
    if "listed" in entity.facts:
        work = entity.facts["listed"]
        assert not isinstance(work, str)
        sentences.append(("listed", _fill("The best known work by {him} is {o}.", entity, dice, o=work.name)))
    asides = dice.shuffled(_ASIDES[entity.kind])[: dice.number(3, 4)]
    sentences += [("", _fill(aside, entity, dice, **_details(entity, dice, towns))) for aside in asides]
    ordered = [("", _introduction(entity)), *dice.shuffled(sentences)]
    positions = {fact: number for number, (fact, _) in enumerate(ordered) if fact}
    if entity.kind == "person":
        positions[BIRTH_YEAR] = 0
    texts = [sentence for _, sentence in ordered]
    paragraphs = (" ".join(texts[:_LEAD_SENTENCES]), " ".join(texts[_LEAD_SENTENCES:]))
    return Article(Page(entity.title, "\n".join(filter(None, paragraphs))), positions)


def disambiguation(entities: Sequence[Entity]) -> Page:
    """The page of a name that several entities share."""
    lines = [f"{entity.title}, {entity.role or 'a ' + entity.kind}" for entity in entities]
    return Page(entities[0].name, "\n".join([f"{entities[0].name} {DISAMBIGUATION}", *lines]))


def _mention(entity: Entity, dice: Dice) -> str:
    """What a text calls an entity: its name, or now and then its other name."""
    return entity.alias if entity.alias and dice.chance(_SHARE_OF_ALIASES) else entity.name


def _introduction(entity: Entity) -> str:
    country = entity.facts.get("country")
    adjective = "" if country is None or isinstance(country, str) else country.role
    article = "an" if adjective[:1] in tuple("AEIOU") else "a"
    return _INTRODUCTIONS[entity.kind].format(
        name=entity.name,
        role=entity.role or "company",
        adjective=f"{article} {adjective}",
        alias=f", also called {entity.alias}," if entity.alias else "",
        country="" if country is None or isinstance(country, str) else country.name,
        **{key: entity.facts.get(key, "") for key in ("birth", "death", "year")},
    )


def _pronoun(entity: Entity) -> str:
    """He or she for people, by the given name; it for all else."""
    if entity.kind != "person":
        return "It"
    return "She" if entity.name.split()[0] in names.GIVEN_NAMES["She"] else "He"


def _fill(template: str, entity: Entity, dice: Dice, **values: str) -> str:
    """A sentence about an entity, which is named by a pronoun or, for a person, by the surname."""
    subject = _pronoun(entity)
    own, him = {"She": ("her", "her"), "He": ("his", "him"), "It": ("its", "it")}[subject]
    if entity.kind == "person" and dice.chance(0.3):
        subject = him = entity.name.split()[-1]
    elif not template.startswith("{s}"):
        subject = subject.lower()
    return template.format(s=subject, own=own, him=him, **values)


def _details(entity: Entity, dice: Dice, towns: Sequence[str]) -> dict[str, str]:
    """What an aside may mention."""
    since = int(str(entity.facts.get("year") or entity.facts.get("founded") or 1860))
    if entity.kind == "person":
        since = int(str(entity.facts[BIRTH_YEAR])) + 20
    few = dice.pick(("two", "three", "four", "five", "six", "seven", "eight", "nine"))
    return {
        "town": dice.pick(towns),
        "year": str(since + dice.number(1, 20)),
        "few": few,
        "few_first": few.capitalize(),
        "some": str(dice.number(40, 400)),
        "many": f"{dice.number(1_000, 90_000):,}",
        "product": dice.pick(names.PRODUCTS),
        "instrument": dice.pick(names.INSTRUMENTS),
    }
