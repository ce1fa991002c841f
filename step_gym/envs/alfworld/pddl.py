"""PDDL problems of ALFWorld: text to `Game` and back, with a small s-expression reader.

Predicates are those of `alfworld/data/alfred.pddl`, goals those of `alfworld/gen/goal_library.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from step_gym.envs.alfworld.game import Game, Goal, Receptacle, Thing

PROPERTIES = (
    "pickupable",
    "heatable",
    "coolable",
    "cleanable",
    "toggleable",
    "sliceable",
    "isReceptacleObject",
)
STATES = ("isHot", "isCool", "isClean", "isToggled", "isOn", "isSliced")

# Facts of the domain that nothing in the text game depends on.
_IGNORED = {
    "checked", "examined", "full", "isreceptacleobjectfull", "moveable", "wasinreceptacle",
    "holdsanyreceptacleobject", "=",
}  # fmt: skip
_ARITY = {
    "atlocation": 2, "receptacleatlocation": 2, "objectatlocation": 2, "openable": 1, "opened": 1,
    "inreceptacle": 2, "inreceptacleobject": 2, "receptacletype": 2, "objecttype": 2, "cancontain": 2,
    **{name.lower(): 1 for name in (*PROPERTIES, *STATES)},
}  # fmt: skip
_TOKEN = re.compile(r"[()]|[^\s()]+")

_PLACED = {"inreceptacle", "objecttype", "receptacletype"}
_GOALS = {
    frozenset(_PLACED): "pick_and_place_simple",
    frozenset(_PLACED | {"not"}): "pick_two_obj_and_place",
    frozenset(_PLACED | {"cleanable", "isclean"}): "pick_clean_then_place_in_recep",
    frozenset(_PLACED | {"heatable", "ishot"}): "pick_heat_then_place_in_recep",
    frozenset(_PLACED | {"coolable", "iscool"}): "pick_cool_then_place_in_recep",
    frozenset(
        {
            "objecttype",
            "toggleable",
            "istoggled",
            "receptacleatlocation",
            "atlocation",
            "inreceptacle",
            "holds",
        }
    ): ("look_at_obj_in_light"),
}
"""Task type by the set of predicates in the goal."""


@dataclass(slots=True)
class Expression:
    """A parenthesised list of atoms (strings) and further lists, with the line where it begins."""

    line: int
    items: list[str | Expression] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The first atom in lower case, or an empty string."""
        first = self.items[0] if self.items else ""
        return first.lower() if isinstance(first, str) else ""

    def lists(self) -> Iterator[Expression]:
        """The items that are lists."""
        return (item for item in self.items if isinstance(item, Expression))


def parse_expression(text: str, source: str) -> Expression:
    """Read one s-expression; `;` begins a comment.

    Raises `ValueError` with `source` and the line where the parentheses do not match.
    """
    stack: list[Expression] = []
    result: Expression | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        for token in _TOKEN.findall(line.partition(";")[0]):
            if result is not None:
                raise _error(source, number, f"unexpected {token[:40]!r} after the end of the problem")
            if token == "(":
                inner = Expression(number)
                if stack:
                    stack[-1].items.append(inner)
                stack.append(inner)
            elif not stack:
                raise _error(source, number, f"'(' expected, found {token[:40]!r}")
            elif token == ")":
                closed = stack.pop()
                result = None if stack else closed
            else:
                stack[-1].items.append(token)
    if stack:
        raise _error(
            source, stack[-1].line, "unbalanced parentheses: the list that begins here is never closed"
        )
    if result is None:
        raise _error(source, 1, "no PDDL problem found")
    return result


def _error(source: str, line: int, reason: str) -> ValueError:
    return ValueError(f"{source}, line {line}: {reason}")


# -- reading -------------------------------------------------------------------------------------------------


def parse_problem(
    text: str, source: str, sentence: str = "", goal: Goal | None = None, scene: int = 0
) -> Game:
    """Read a PDDL problem of ALFWorld's domain.

    Of several agents the first declared one plays, and the facts about the others are left out.

    Args:
        text: The problem.
        source: What to call it in errors.
        sentence: The goal sentence where the problem states the goal.
        goal: What to win where the problem states no goal.
        scene: ALFRED scene number.

    Raises:
        ValueError: One line with source, line and reason.
    """
    sections = _sections(parse_expression(text, source), source)
    declared = _declarations(sections[":objects"], source)
    facts = _Facts(source, declared)
    for fact in sections[":init"].lists():
        facts.add(fact)
    if ":goal" in sections:
        goal = _parse_goal(sections[":goal"], source, sentence)
    elif goal is None:
        raise _error(source, sections[":init"].line, "the problem states no goal")
    return facts.game(goal, scene, sections[":init"].line)


def _sections(problem: Expression, source: str) -> dict[str, Expression]:
    if problem.head != "define":
        raise _error(source, problem.line, "a PDDL problem begins with (define (problem ...) ...)")
    sections = {section.head: section for section in problem.lists()}
    for name in ("problem", ":objects", ":init"):
        if name not in sections:
            raise _error(source, problem.line, f"the problem has no ({name} ...) section")
    return sections


def _declarations(section: Expression, source: str) -> dict[str, tuple[str, str]]:
    """PDDL type and id as written, by id in lower case, of the declared names."""
    declared: dict[str, tuple[str, str]] = {}
    waiting: list[str] = []
    items = iter(section.items[1:])
    for item in items:
        if isinstance(item, Expression):
            raise _error(source, item.line, "a name was expected in (:objects ...), found a list")
        if item != "-":
            waiting.append(item)
            continue
        kind = next(items, None)
        if not isinstance(kind, str):
            raise _error(source, section.line, "a type is missing after '-' in (:objects ...)")
        for name in waiting:
            if name.lower() in declared:
                raise _error(source, section.line, f"{name!r} is declared twice")
            declared[name.lower()] = (kind.lower(), name)
        waiting.clear()
    if waiting:
        raise _error(source, section.line, f"{waiting[0]!r} is declared without a type")
    return declared


class _Facts:
    """Collects the facts of a problem and makes a `Game` of them."""

    def __init__(self, source: str, declared: dict[str, tuple[str, str]]) -> None:
        self.source = source
        self.declared = declared
        self.agents = [name for name, (kind, _) in declared.items() if kind == "agent"]
        self.of: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self.seen: set[str] = set()

    def add(self, fact: Expression) -> None:
        name = fact.head
        if name in _IGNORED:
            # Whatever has a fact takes part in the numbering; a distance is no fact of the text game.
            if name != "=":
                self.seen.update(item.lower() for item in fact.items[1:] if isinstance(item, str))
            return
        if name in ("holds", "holdsany"):
            raise _error(
                self.source,
                fact.line,
                f"({name} ...) at the start is not supported: the agent begins empty-handed",
            )
        if name not in _ARITY:
            raise _error(
                self.source, fact.line, f"unknown fact ({name} ...): not a predicate of ALFWorld's domain"
            )
        arguments = [item.lower() for item in fact.items[1:] if isinstance(item, str)]
        if len(arguments) != _ARITY[name] or len(fact.items) != len(arguments) + 1:
            raise _error(self.source, fact.line, f"({name} ...) takes {_ARITY[name]} names")
        for argument in arguments:
            if argument not in self.declared:
                raise _error(
                    self.source, fact.line, f"{argument!r} in ({name} ...) is not declared in (:objects ...)"
                )
        if arguments[0] in self.agents[1:]:
            return
        known = self.of[name][arguments[0]]
        other = arguments[1] if len(arguments) == 2 else ""
        if other not in known:
            known.append(other)
        self.seen.update(arguments)

    def game(self, goal: Goal, scene: int, line: int) -> Game:
        places = [
            name for name, (kind, _) in self.declared.items() if kind == "receptacle" and name in self.seen
        ]
        things = [name for name, (kind, _) in self.declared.items() if kind == "object" and name in self.seen]
        receptacles = tuple(self._receptacle(name, line) for name in places)
        numbers = {name: number for number, name in enumerate(places)}
        if not self.agents:
            raise _error(self.source, line, "no agent is declared")
        start = self._only(self.agents[0], "atlocation", line)
        if start is None:
            raise _error(self.source, line, f"no (atLocation ...) for the agent {self.agents[0]!r}")
        return Game(
            receptacles=receptacles,
            objects=tuple(self._thing(name, numbers, line) for name in things),
            can_contain=frozenset(
                (self._type(place), self._type(kind))
                for place, kinds in self.of["cancontain"].items()
                for kind in kinds
            ),
            start=self._written(start),
            goal=goal,
            scene=scene,
        )

    def _receptacle(self, name: str, line: int) -> Receptacle:
        location, kind = (
            self._only(name, "receptacleatlocation", line),
            self._only(name, "receptacletype", line),
        )
        if location is None:
            raise _error(self.source, line, f"no location for the receptacle {self._written(name)!r}")
        if kind is None:
            raise _error(
                self.source, line, f"no (receptacleType ...) for the receptacle {self._written(name)!r}"
            )
        return Receptacle(
            id=self._written(name),
            type=self._type(kind),
            location=self._written(location),
            openable=name in self.of["openable"],
            opened=name in self.of["opened"],
        )

    def _thing(self, name: str, numbers: dict[str, int], line: int) -> Thing:
        inside = self.of["inreceptacle"].get(name, [])
        for place in inside:
            if place not in numbers:
                raise _error(
                    self.source, line, f"{self._written(name)!r} lies in {place!r}, which is no receptacle"
                )
        outer = self.of["inreceptacleobject"].get(name, [])
        for thing in outer:
            if self.declared[thing][0] != "object":
                raise _error(
                    self.source, line, f"{self._written(name)!r} lies in {thing!r}, which is no object"
                )
        kind = self._only(name, "objecttype", line)
        return Thing(
            id=self._written(name),
            type=self._type(kind) if kind else "",
            receptacles=tuple(numbers[place] for place in inside),
            locations=tuple(self._written(place) for place in self.of["objectatlocation"].get(name, ())),
            properties=frozenset(p for p in PROPERTIES if name in self.of[p.lower()]),
            state=frozenset(s for s in STATES if name in self.of[s.lower()]),
            inside=tuple(self._written(thing) for thing in outer),
        )

    def _only(self, name: str, predicate: str, line: int) -> str | None:
        values = self.of[predicate].get(name, [])
        if len(values) > 1:
            raise _error(self.source, line, f"more than one ({predicate} {self._written(name)} ...)")
        return values[0] if values else None

    def _written(self, name: str) -> str:
        return self.declared[name][1]

    def _type(self, name: str) -> str:
        return _bare_type(self._written(name))


def _bare_type(name: str) -> str:
    return name[:-4] if name.lower().endswith("type") else name


def _parse_goal(section: Expression, source: str, sentence: str) -> Goal:
    """The goal, if it has one of ALFWorld's six forms, which are known by their predicates."""
    atoms: list[Expression] = []
    waiting = [section]
    while waiting:
        part = waiting.pop()
        if part.head in (":goal", "and"):
            waiting.extend(reversed(list(part.lists())))
        elif part.head == "exists":
            waiting.extend(list(part.lists())[1:])
        else:
            atoms.append(part)
    names = frozenset(atom.head for atom in atoms)
    task_type = _GOALS.get(names)
    if task_type is None:
        raise _error(
            source,
            section.line,
            f"unknown goal form (over {', '.join(sorted(names)) or 'nothing'}): not one of ALFWorld's six",
        )

    def pairs(predicate: str) -> list[tuple[str, str]]:
        found = []
        for atom in atoms:
            if atom.head == predicate:
                words = [item for item in atom.items[1:] if isinstance(item, str)]
                if not words or len(words) > 2:
                    raise _error(source, atom.line, f"({predicate} ...) in the goal is damaged")
                found.append((words[0].lower(), words[-1]))
        return found

    lamps = {variable for variable, _ in pairs("istoggled")}
    objects = {_bare_type(kind) for variable, kind in pairs("objecttype") if variable not in lamps}
    toggles = {_bare_type(kind) for variable, kind in pairs("objecttype") if variable in lamps}
    receptacles = {_bare_type(kind) for _, kind in pairs("receptacletype")}
    looks = task_type == "look_at_obj_in_light"
    if len(objects) != 1 or len(toggles) != int(looks) or len(receptacles) != int(not looks):
        raise _error(
            source,
            section.line,
            f"the goal of {task_type} must name one object type and one receptacle or lamp type",
        )
    return Goal(task_type, objects.pop(), "".join(receptacles), "".join(toggles), sentence)


# -- writing -------------------------------------------------------------------------------------------------


def problem_text(game: Game, name: str) -> str:
    """The PDDL problem of a game for ALFWorld's domain; `parse_problem` gives the game back."""
    kinds = sorted(
        {thing.type for thing in game.objects if thing.type}
        | {kind for _, kind in game.can_contain}
        | {game.goal.object}
    )
    # The domain's own actions speak of these types, so that they must be declared whether or not a room has
    # them.
    kinds = sorted({*kinds, "Knife", "ButterKnife", *([game.goal.toggle] if game.goal.toggle else [])})
    places = sorted(
        {r.type for r in game.receptacles} | {place for place, _ in game.can_contain} | {"Microwave",
        "Fridge", "SinkBasin"} | ({game.goal.receptacle} if game.goal.receptacle else set())
    )  # fmt: skip
    locations = sorted(
        {game.start, *(r.location for r in game.receptacles), *(x for t in game.objects for x in t.locations)}
    )
    declarations = [
        "agent1 - agent",
        *(f"{thing.id} - object" for thing in game.objects),
        *(f"{kind}Type - otype" for kind in kinds),
        *(f"{place}Type - rtype" for place in places),
        *(f"{receptacle.id} - receptacle" for receptacle in game.receptacles),
        *(f"{location} - location" for location in locations),
    ]
    facts = [*_receptacle_facts(game), *_thing_facts(game)]
    facts += [f"(canContain {place}Type {kind}Type)" for place, kind in sorted(game.can_contain)]
    facts.append(f"(atLocation agent1 {game.start})")
    indent = "\n        "
    label = re.sub(r"[^\w-]", "_", name)
    return (
        f"(define (problem {label})\n(:domain alfred)\n"
        f"(:objects\n        {indent.join(declarations)}\n        )\n"
        f"(:init\n        {indent.join(facts)}\n        )\n{_goal_text(game.goal)}\n)\n"
    )


def _receptacle_facts(game: Game) -> Iterator[str]:
    for place in game.receptacles:
        yield f"(receptacleType {place.id} {place.type}Type)"
        yield f"(receptacleAtLocation {place.id} {place.location})"
        if place.openable:
            yield f"(openable {place.id})"
        if place.opened:
            yield f"(opened {place.id})"


def _thing_facts(game: Game) -> Iterator[str]:
    for thing in game.objects:
        if thing.type:
            yield f"(objectType {thing.id} {thing.type}Type)"
        for index in thing.receptacles:
            yield f"(inReceptacle {thing.id} {game.receptacles[index].id})"
        for location in thing.locations:
            yield f"(objectAtLocation {thing.id} {location})"
        for name in (
            *(p for p in PROPERTIES if p in thing.properties),
            *(s for s in STATES if s in thing.state),
        ):
            yield f"({name} {thing.id})"
        for outer in thing.inside:
            yield f"(inReceptacleObject {thing.id} {outer})"


def _goal_text(goal: Goal) -> str:
    if goal.task_type == "look_at_obj_in_light":
        return (
            "(:goal (and\n"
            "    (exists (?ot - object ?r - receptacle ?a - agent ?l - location)\n"
            f"        (and (objectType ?ot {goal.toggle}Type) (toggleable ?ot) (isToggled ?ot)\n"
            "             (receptacleAtLocation ?r ?l) (atLocation ?a ?l) (inReceptacle ?ot ?r)))\n"
            "    (exists (?o - object ?a - agent)\n"
            f"        (and (objectType ?o {goal.object}Type) (holds ?a ?o)))))"
        )
    extra = {
        "pick_clean_then_place_in_recep": " (cleanable ?o) (isClean ?o)",
        "pick_heat_then_place_in_recep": " (heatable ?o) (isHot ?o)",
        "pick_cool_then_place_in_recep": " (coolable ?o) (isCool ?o)",
        "pick_two_obj_and_place": (
            f"\n            (exists (?o2 - object) (and (not (= ?o ?o2)) (objectType ?o2 {goal.object}Type)\n"
            f"                (receptacleType ?r {goal.receptacle}Type) (inReceptacle ?o2 ?r)))"
        ),
    }.get(goal.task_type, "")
    return (
        "(:goal (and\n"
        "    (exists (?r - receptacle) (exists (?o - object)\n"
        f"        (and (objectType ?o {goal.object}Type) (receptacleType ?r {goal.receptacle}Type)"
        f" (inReceptacle ?o ?r){extra})))))"
    )
