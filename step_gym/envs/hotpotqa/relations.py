"""What the embedded encyclopaedia says of its subjects and how it is asked: one table for page and question.

Every sentence of a relation contains the relation's keyword, and so does every question about it: that is the
word to look up on a page which is too long to be shown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """One kind of fact.

    Attributes:
        name: What the fact is called.
        kinds: Kinds of subjects that have it.
        value: Kind of the object: a kind of entity, or "year", "number", "prize".
        role: For a person as object, the occupation; tells namesakes apart.
        keyword: Word that sentence and question share.
        sentences: Wordings on the page, with `{s}` for the subject and `{o}` for the object.
        question: The question about a subject `{x}`, or "" if it is never asked directly.
        phrase: The object described by the subject `{x}`, or "" if it never leads to a next page.
    """

    name: str
    kinds: tuple[str, ...]
    value: str
    keyword: str
    sentences: tuple[str, ...]
    question: str = ""
    phrase: str = ""
    role: str = ""


RELATIONS: tuple[Relation, ...] = (
    Relation(
        "birthplace",
        ("person",),
        "town",
        "born",
        (
            "{s} was born in {o}.",
            "{s} was born and grew up in {o}.",
            "{s} was born into a poor family in {o}.",
        ),
        "In which town was {x} born?",
        "the town in which {x} was born",
    ),
    Relation(
        "university",
        ("person",),
        "university",
        "attend",
        (
            "{s} attended {o}.",
            "After school {s} attended {o}.",
            "For four years {s} attended {o}.",
        ),
        "Which university did {x} attend?",
        "the university that {x} attended",
    ),
    Relation(
        "spouse",
        ("person",),
        "person",
        "married",
        ("{s} was married to {o}.", "From an early age {s} was married to {o}."),
        "To whom was {x} married?",
    ),
    Relation(
        "prize",
        ("person",),
        "prize",
        "prize",
        ("{s} received the {o} late in life.", "The {o} was the only prize that {s} ever received."),
        "Which prize did {x} receive?",
    ),
    Relation(
        "director",
        ("film",),
        "person",
        "director",
        ("Its director was {o}.", "The director of the film was {o}."),
        phrase="the director of {x}",
        role="film director",
    ),
    Relation(
        "author",
        ("novel",),
        "person",
        "author",
        ("Its author was {o}.", "It made its author, {o}, widely known."),
        phrase="the author of {x}",
        role="novelist",
    ),
    Relation(
        "setting",
        ("film", "novel"),
        "town",
        "set",
        ("{s} is set in {o}.", "The story is set in {o}.", "Most of it is set in {o}."),
        phrase="the town in which {x} is set",
    ),
    Relation(
        "producer",
        ("film",),
        "company",
        "produced",
        ("It was produced by {o}.", "{s} was produced at small cost by {o}."),
        phrase="the company that produced {x}",
    ),
    Relation(
        "publisher",
        ("novel",),
        "company",
        "published",
        ("It was published by {o}.", "After several refusals it was published by {o}."),
        phrase="the company that published {x}",
    ),
    Relation(
        "band",
        ("album",),
        "band",
        "recorded",
        ("It was recorded by {o}.", "{s} was recorded within a week by {o}."),
        phrase="the band that recorded {x}",
    ),
    Relation(
        "label",
        ("album",),
        "company",
        "released",
        ("It was released by {o}.", "{s} was released without notice by {o}."),
        phrase="the company that released {x}",
    ),
    Relation(
        "architect",
        ("building",),
        "person",
        "architect",
        ("Its architect was {o}.", "The architect of the house was {o}."),
        phrase="the architect of {x}",
        role="architect",
    ),
    Relation(
        "place",
        ("building",),
        "town",
        "stands",
        ("It stands in {o}.", "{s} stands near the market of {o}."),
        phrase="the town in which {x} stands",
    ),
    Relation(
        "seat",
        ("university",),
        "town",
        "situated",
        ("It is situated in {o}.", "Its oldest college is situated in {o}."),
        "In which town is {x} situated?",
    ),
    Relation(
        "headquarters",
        ("company",),
        "town",
        "headquarters",
        ("Its headquarters are in {o}.", "{s} has its headquarters in {o}."),
        "In which town does {x} have its headquarters?",
        "the town in which {x} has its headquarters",
    ),
    Relation(
        "founder",
        ("company",),
        "person",
        "founder",
        ("Its founder was {o}.", "The founder of the company was {o}."),
        "Who was the founder of {x}?",
        "the founder of {x}",
        role="merchant",
    ),
    Relation(
        "rector",
        ("university",),
        "person",
        "rector",
        ("Its best known rector was {o}.", "The rector who did most for it was {o}."),
        "Who was the rector of {x}?",
        "the rector of {x}",
        role="scholar",
    ),
    Relation(
        "founded",
        ("university", "company", "club"),
        "year",
        "founded",
        ("It was founded in {o}.", "{s} was founded in {o}."),
        "In what year was {x} founded?",
    ),
    Relation(
        "origin",
        ("band",),
        "town",
        "formed",
        ("It was formed in {o}.", "{s} was formed by school friends in {o}."),
        "In which town was {x} formed?",
        "the town in which {x} was formed",
    ),
    Relation(
        "singer",
        ("band",),
        "person",
        "singer",
        ("Its singer was {o}.", "The singer of the band was {o}."),
        "Who was the singer of {x}?",
        "the singer of {x}",
        role="singer",
    ),
    Relation(
        "ground",
        ("club",),
        "town",
        "plays",
        ("It plays in {o}.", "{s} plays its home matches in {o}."),
        phrase="the town in which {x} plays",
    ),
    Relation(
        "region",
        ("town",),
        "region",
        "region",
        ("It belongs to the region of {o}.", "{s} is one of the older places in the region of {o}."),
        "To which region does {x} belong?",
        "the region to which {x} belongs",
    ),
    Relation(
        "river",
        ("town",),
        "river",
        "river",
        ("It stands on the river {o}.", "The river {o} flows through it."),
        "Which river flows through {x}?",
        "the river that flows through {x}",
    ),
    Relation(
        "inhabitants",
        ("town",),
        "number",
        "inhabitants",
        ("It has {o} inhabitants.", "At the last count there were {o} inhabitants."),
        "How many inhabitants does {x} have?",
    ),
    Relation(
        "capital",
        ("region",),
        "town",
        "capital",
        ("Its capital is {o}.", "The capital of the region is {o}."),
        "What is the capital of {x}?",
    ),
    Relation(
        "length",
        ("river",),
        "number",
        "long",
        ("It is {o} kilometres long.", "{s} is {o} kilometres long."),
        "How many kilometres long is {x}?",
    ),
    Relation(
        "mouth",
        ("river",),
        "lake",
        "flow",
        ("It flows into {o}.", "After many bends it flows into {o}."),
        "Into which lake does {x} flow?",
    ),
)
"""All relations, in a fixed order."""

BY_KIND: dict[str, dict[str, Relation]] = {}
"""Relations by kind of subject and by name."""
for _relation in RELATIONS:
    for _kind in _relation.kinds:
        BY_KIND.setdefault(_kind, {})[_relation.name] = _relation

BIRTH_YEAR = "birth year"
"""A person's year of birth, which the first sentence of a page gives; it is asked about like a relation."""
BIRTH_YEAR_QUESTION = "In what year was {x} born?"

DESCRIPTIONS: dict[str, str] = {
    "person": "the {role} {name}",
    "film": "the film {name}",
    "novel": "the novel {name}",
    "album": "the album {name}",
    "building": "the {name}",
    "university": "{name}",
    "company": "the company {name}",
    "band": "the band {name}",
    "club": "the football club {name}",
    "town": "the town of {name}",
    "river": "the river {name}",
}
"""How a question names a subject of each kind."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A question about two subjects of one kind.

    Attributes:
        kind: Kind of both subjects.
        fact: The relation compared, or `BIRTH_YEAR`.
        choice: "least" or "most" where one of the subjects is the answer, "same" where it is yes or no.
        question: The question about `{a}` and `{b}`.
    """

    kind: str
    fact: str
    choice: str
    question: str


COMPARISONS: tuple[Comparison, ...] = (
    Comparison("person", BIRTH_YEAR, "least", "Who was born earlier, {a} or {b}?"),
    Comparison("person", BIRTH_YEAR, "most", "Who was born later, {a} or {b}?"),
    Comparison("person", "birthplace", "same", "Were {a} and {b} born in the same town?"),
    Comparison("person", "university", "same", "Did {a} and {b} attend the same university?"),
    Comparison("company", "founded", "least", "Which was founded earlier, {a} or {b}?"),
    Comparison("company", "headquarters", "same", "Do {a} and {b} have their headquarters in the same town?"),
    Comparison("town", "inhabitants", "most", "Which has more inhabitants, {a} or {b}?"),
    Comparison("town", "river", "same", "Does the same river flow through {a} and {b}?"),
    Comparison("river", "length", "most", "Which is more kilometres long, {a} or {b}?"),
    Comparison("river", "mouth", "same", "Do {a} and {b} flow into the same lake?"),
)
"""All kinds of comparison questions."""

OCCUPATIONS: dict[str, int] = {
    "film director": 110,
    "novelist": 110,
    "architect": 90,
    "singer": 100,
    "merchant": 120,
    "scholar": 80,
    "actor": 120,
    "painter": 120,
    "chemist": 120,
    "cellist": 100,
}
"""How many people of each occupation the encyclopaedia knows."""
