"""What does not change while an ALFWorld game is played, as tables: names, places, objects, the goal.

Names follow `alfworld/agents/utils/misc.py:Demangler` (package 0.4.2).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from step_gym.envs.alfworld.game import Game

TREATMENTS = {
    "pick_clean_then_place_in_recep": "clean",
    "pick_heat_then_place_in_recep": "hot",
    "pick_cool_then_place_in_recep": "cool",
}
"""The field of `State` that the wanted object must have, by task type."""


class State(NamedTuple):
    """A whole moment of a game, immutable and picklable; numbers are those of `Facts`.

    Attributes:
        location: Where the agent is.
        held: Object in hand, or -1.
        opened: Bit r is set where receptacle r is open.
        contents: Objects in each receptacle, in the order in which they are listed.
        hot, cool, clean, toggled, sliced: Bit o is set where object o has the property.
        at: `objectAtLocation` facts, as `object * locations + location`; what can be sliced hangs on them.
        removed: Objects that were taken out of a receptacle, as `object * receptacles + receptacle`, until
            they come back: the engine's `look` lists them on the floor once they lie in another receptacle of
            the same location.
    """

    location: int
    held: int
    opened: int
    contents: tuple[tuple[int, ...], ...]
    hot: int
    cool: int
    clean: int
    toggled: int
    sliced: int
    at: frozenset[int]
    removed: frozenset[int]


class Facts:
    """Tables over a game.

    Objects, receptacles and locations are numbered along their sorted lower-case ids, the lists' order.

    Attributes:
        objects, receptacles, locations: Number of each by lower-case id.
        object_names, receptacle_names, location_names: What the game calls each.
        place_types, openable, where: Type (lower case), whether it opens, and location of each receptacle.
        here, doors: Of each location the receptacles there, and the same as a bit mask.
        ways: Of each location the sorted `go to` commands that are admissible there.
        destinations: Receptacle by `go to` command.
        fits: Of each object the receptacles that may hold it.
        pickupable, sliceable, heatable, coolable, cleanable, toggleable, vessels, knives: Sets of objects.
        inside: Objects that lie in an object, by the outer one; no command changes it.
        wanted, needed, targets: Objects that the goal asks for, how many, and the receptacles for them.
        lamps: Bit mask of the lamps that the goal asks for; 0 for goals without one.
        beginning: The state at the start.
    """

    def __init__(self, game: Game) -> None:
        places = sorted(game.receptacles, key=lambda place: place.id.lower())
        things = sorted(game.objects, key=lambda thing: thing.id.lower())
        located = [location for thing in things for location in thing.locations]
        locations = sorted({name.lower() for name in [game.start, *located, *(p.location for p in places)]})
        names = display_names([*(p.id for p in places), *(thing.id for thing in things), *locations])
        self.receptacle_names = [names[place.id.lower()] for place in places]
        self.object_names = [names[thing.id.lower()] for thing in things]
        self.location_names = [names[location] for location in locations]

        self.place_types = [place.type.lower() for place in places]
        self.openable = [place.openable for place in places]
        self.objects = {thing.id.lower(): o for o, thing in enumerate(things)}
        self.receptacles = {place.id.lower(): r for r, place in enumerate(places)}
        self.locations = {location: i for i, location in enumerate(locations)}
        self.where = [self.locations[place.location.lower()] for place in places]
        here: list[list[int]] = [[] for _ in locations]
        for r, location in enumerate(self.where):
            here[location].append(r)
        self.here = [tuple(receptacles) for receptacles in here]
        self.doors = [sum(1 << r for r in receptacles) for receptacles in here]
        self.destinations = {f"go to {name}": r for r, name in enumerate(self.receptacle_names)}
        ordered = sorted((command, self.where[r]) for command, r in self.destinations.items())
        self.ways = [tuple(c for c, there in ordered if there != i) for i in range(len(locations))]

        types = [thing.type.lower() for thing in things]
        contains = {(place.lower(), kind.lower()) for place, kind in game.can_contain}
        self.fits = [
            frozenset(r for r, place in enumerate(self.place_types) if (place, kind) in contains)
            for kind in types
        ]
        having = {
            name: frozenset(o for o, thing in enumerate(things) if name in thing.properties)
            for name in {name for thing in things for name in thing.properties}
        }
        none: frozenset[int] = frozenset()
        self.pickupable, self.sliceable = having.get("pickupable", none), having.get("sliceable", none)
        self.heatable, self.coolable = having.get("heatable", none), having.get("coolable", none)
        self.cleanable, self.toggleable = having.get("cleanable", none), having.get("toggleable", none)
        self.vessels = having.get("isReceptacleObject", none)
        self.knives = frozenset(o for o, kind in enumerate(types) if kind in ("knife", "butterknife"))
        self.inside: dict[int, list[int]] = {}
        for o, thing in enumerate(things):
            for outer in thing.inside:
                self.inside.setdefault(self.objects[outer.lower()], []).append(o)

        self._compile_goal(game, types)
        self.beginning = self._beginning(game)

    def _compile_goal(self, game: Game, types: list[str]) -> None:
        goal = game.goal
        wanted = frozenset(o for o, kind in enumerate(types) if kind == goal.object.lower())
        able = {"clean": self.cleanable, "hot": self.heatable, "cool": self.coolable}
        treatment = TREATMENTS.get(goal.task_type)
        self.wanted = wanted & able[treatment] if treatment else wanted
        self.needed = 2 if goal.task_type == "pick_two_obj_and_place" else 1
        self.targets = [r for r, kind in enumerate(self.place_types) if kind == goal.receptacle.lower()]
        lamps = self.toggleable.intersection(o for o, kind in enumerate(types) if kind == goal.toggle.lower())
        self.lamps = sum(1 << o for o in lamps)

    def _beginning(self, game: Game) -> State:
        order = sorted(range(len(game.receptacles)), key=lambda index: game.receptacles[index].id.lower())
        receptacle_number = {index: r for r, index in enumerate(order)}
        things = sorted(game.objects, key=lambda thing: thing.id.lower())
        contents: list[set[int]] = [set() for _ in order]
        at: set[int] = set()
        for o, thing in enumerate(things):
            for index in thing.receptacles:
                contents[receptacle_number[index]].add(o)
            for location in thing.locations:
                at.add(o * len(self.locations) + self.locations[location.lower()])

        def bits(name: str) -> int:
            return sum(1 << o for o, thing in enumerate(things) if name in thing.state)

        return State(
            location=self.locations[game.start.lower()],
            held=-1,
            opened=sum(1 << r for r, index in enumerate(order) if game.receptacles[index].opened),
            contents=tuple(tuple(sorted(objects)) for objects in contents),
            hot=bits("isHot"),
            cool=bits("isCool"),
            clean=bits("isClean"),
            toggled=bits("isToggled"),
            sliced=bits("isSliced"),
            at=frozenset(at),
            removed=frozenset(),
        )


def display_names(ids: Iterable[str]) -> dict[str, str]:
    """Names that the game shows, by lower-case id: the type and a number, counted down along the sorted ids.

    Every entity of the problem's initial facts counts (receptacles, objects and locations). An id without
    `_bar_` keeps its own text and gets no number but, as in ALFWorld, a trailing space.
    """
    ordered = sorted({id_.lower() for id_ in ids})
    kinds = {id_: _kind(id_) for id_ in ordered if "_bar_" in id_}
    left = Counter(kinds.values())
    names: dict[str, str] = {}
    for id_ in ordered:
        kind = kinds.get(id_)
        if kind is None:
            names[id_] = _unmangled(id_) + " "
        else:
            names[id_] = f"{kind} {left[kind]}"
            left[kind] -= 1
    return names


def _kind(id_: str) -> str:
    return _unmangled(id_.split("_bar_", 1)[0]) + ("basin" if "basin" in id_ else "")


def _unmangled(text: str) -> str:
    for mangled, mark in (("_minus_", "-"), ("_plus_", "+"), ("_dot_", "."), ("_comma_", ",")):
        text = text.replace(mangled, mark)
    return text
