"""A table-driven simulator of ALFWorld's text engine: the same feedback, commands, reward and end as the real one, step by step.

Behaviour and wording follow `alfworld/data/alfred.pddl` and `alfred.twl2` (package 0.4.2, and 0.3.3 for `grammar="0.3"`) as played by
TextWorld 1.7.0's `PddlEnv`, with the names of `alfworld/agents/utils/misc.py:Demangler`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from step_gym.envs.alfworld.game import Game
from step_gym.envs.core import digest, unknown_name_error

GRAMMARS = ("0.4", "0.3")
"""Wordings: that of package 0.4 and later, and that of the packages up to 0.3 (ReAct's prompts, AgentGym)."""

NOTHING_HAPPENS = "Nothing happens."
"""Feedback to every command that is not admissible; no admissible command gives it."""

WELCOME = "-= Welcome to TextWorld, ALFRED! =-"

# The spacing of the line for `move` is ALFWorld's own.
HELP = """Available commands:
  look:                             look around your current location
  inventory:                        check your current inventory
  go to (receptacle):               move to a receptacle
  open (receptacle):                open a receptacle
  close (receptacle):               close a receptacle
  take (object) from (receptacle):  take an object from a receptacle
  move (object) to (receptacle):  place an object in or on a receptacle
  examine (something):              examine a receptacle or an object
  use (object):                     use an object
  heat (object) with (receptacle):  heat an object using a receptacle
  clean (object) with (receptacle): clean an object using a receptacle
  cool (object) with (receptacle):  cool an object using a receptacle
  slice (object) with (object):     slice an object using a sharp object
"""

_MAX_SCENES = 4096
_MAX_KEYS = 64
_EMPTY: frozenset[int] = frozenset()

# Operations behind commands.
(
    _FIXED,
    _GO,
    _OPEN,
    _CLOSE,
    _TAKE,
    _PUT,
    _HEAT,
    _COOL,
    _CLEAN,
    _USE,
    _SLICE,
    _EXAMINE_R,
    _EXAMINE_O,
    _LOOK,
) = range(14)

_REFRESHED = frozenset((_OPEN, _CLOSE, _TAKE, _PUT))


def display_names(ids: Iterable[str]) -> dict[str, str]:
    """Names that the game shows, by PDDL id in lower case: the type and a number, counted down in the order of the sorted ids.

    Every entity of the problem's initial facts counts (receptacles, objects and locations). An id without `_bar_` keeps its own text and gets
    no number but, as in ALFWorld, a trailing space.
    """
    ordered = sorted({id_.lower() for id_ in ids})
    kinds = {id_: _kind(id_) for id_ in ordered if "_bar_" in id_}
    left = Counter(kinds.values())
    names: dict[str, str] = {}
    for id_ in ordered:
        kind = kinds.get(id_)
        if kind is None:
            names[id_] = _plain(id_) + " "
        else:
            names[id_] = f"{kind} {left[kind]}"
            left[kind] -= 1
    return names


def _kind(id_: str) -> str:
    return _plain(id_.split("_bar_", 1)[0]) + ("basin" if "basin" in id_ else "")


def _plain(text: str) -> str:
    for mangled, mark in (("_minus_", "-"), ("_plus_", "+"), ("_dot_", "."), ("_comma_", ",")):
        text = text.replace(mangled, mark)
    return text


def listed(names: list[str]) -> str:
    """Names as the game lists them: `nothing`, `a`, `a, and b`, `a, b, and c`."""
    if len(names) < 2:
        return names[0] if names else "nothing"
    return ", ".join(names[:-1]) + ", and " + names[-1]


class State(NamedTuple):
    """A whole moment of a game; immutable and picklable. Objects, receptacles and locations are numbers of `Simulator`'s tables.

    Attributes:
        location: Where the agent is.
        held: Object in hand, or -1.
        opened: Bit r is set where receptacle r is open.
        contents: Objects in each receptacle, in the order in which they are listed.
        hot, cool, clean, toggled, sliced: Bit o is set where object o has the property.
        at: `objectAtLocation` facts, as `object * locations + location`; what can be sliced hangs on them.
        removed: Objects that have been taken out of a receptacle, as `object * receptacles + receptacle`, until they come back: the
            engine's `look` lists such objects on the floor when they lie in another receptacle of the same location.
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


@dataclass(slots=True)
class _Scene:
    """What can be done and seen at one location with given doors, contents and hand; shared by all states that look like it."""

    admissible: tuple[str, ...]
    operations: dict[str, tuple[int, int, int, str]]
    visible: int
    lamps: int
    key_text: str
    keys: dict[tuple[int, int, int, int, int], str] = field(default_factory=dict)


class Simulator:
    """Plays one game. All of the game's fixed facts are compiled once; a step is a few table look-ups.

    Commands are compared as the real engine does: after stripping white space at both ends, exactly. A command that is not admissible changes
    nothing. The game goes on after the goal has been reached, as the real engine does; `won` tells whether the goal holds now.

    Args:
        game: What to play.
        grammar: "0.4", or "0.3" for the older wording: `put O in/on R` instead of `move O to R`, `You arrive at loc N.` instead of the
            receptacle's name, and no `help`. The number N is that of ALFWorld 0.3.3 (the locations of the initial facts, counted down in the
            order of their sorted ids); checked against its grammar and domain in the real engine.

    Attributes:
        object_names, receptacle_names: Name of each object and receptacle, in the order of the sorted ids.
        intro: The text at the beginning of an episode.
    """

    def __init__(self, game: Game, grammar: str = "0.4") -> None:
        if grammar not in GRAMMARS:
            raise unknown_name_error("grammar", grammar, GRAMMARS)
        self.game = game
        self.grammar = grammar
        self._compile_places(game)
        self._compile_things(game)
        self._compile_goal(game)
        self._scenes: dict[tuple, _Scene] = {}
        self._described: dict[tuple, str] = {}
        self._beginning = self._initial_state(game)
        self.load(self._beginning)
        self.intro = f"{WELCOME}\n\n{self._look(at_start=True)}\n\nYour task is to: {game.goal.sentence}"

    # -- tables -------------------------------------------------------------------------------------------------------

    def _compile_places(self, game: Game) -> None:
        places = sorted(game.receptacles, key=lambda r: r.id.lower())
        declared = {place.id.lower(): number for number, place in enumerate(places)}
        self._numbers = [declared[place.id.lower()] for place in game.receptacles]
        located = [location for thing in game.objects for location in thing.locations]
        locations = {name.lower() for name in [game.start, *located, *(r.location for r in places)]}
        location_ids = sorted(locations)
        names = display_names([*(r.id for r in places), *(thing.id for thing in game.objects), *location_ids])
        self._names = names
        self.receptacle_names = [names[place.id.lower()] for place in places]
        self._location_number = {id_: number for number, id_ in enumerate(location_ids)}
        self._location_names = [names[id_] for id_ in location_ids]
        self._types = [place.type.lower() for place in places]
        self._openable = [place.openable for place in places]
        self._where = [self._location_number[place.location.lower()] for place in places]
        here: list[list[int]] = [[] for _ in location_ids]
        for number, location in enumerate(self._where):
            here[location].append(number)
        self._here = [tuple(numbers) for numbers in here]
        self._doors = [sum(1 << r for r in numbers) for numbers in here]
        commands = [f"go to {name}" for name in self.receptacle_names]
        self._go = {command: (_GO, number, -1, "") for number, command in enumerate(commands)}
        ordered = sorted((command, self._where[number]) for number, command in enumerate(commands))
        self._ways = [
            tuple(c for c, place in ordered if place != here_) for here_ in range(len(location_ids))
        ]

    def _compile_things(self, game: Game) -> None:
        things = sorted(game.objects, key=lambda thing: thing.id.lower())
        number_of = {thing.id.lower(): number for number, thing in enumerate(things)}
        self._things = things
        self.object_names = [self._names[thing.id.lower()] for thing in things]
        self._kinds = [thing.type.lower() for thing in things]
        contains = {(place.lower(), kind.lower()) for place, kind in game.can_contain}
        self._fits = [
            frozenset(r for r, place in enumerate(self._types) if (place, kind) in contains)
            for kind in self._kinds
        ]

        def having(name: str) -> frozenset[int]:
            return frozenset(number for number, thing in enumerate(things) if name in thing.properties)

        self._pickupable, self._sliceable = having("pickupable"), having("sliceable")
        self._heatable, self._coolable, self._cleanable = (
            having("heatable"),
            having("coolable"),
            having("cleanable"),
        )
        self._toggleable, self._vessels = having("toggleable"), having("isReceptacleObject")
        self._knives = frozenset(o for o, kind in enumerate(self._kinds) if kind in ("knife", "butterknife"))
        self._inside: dict[int, list[int]] = {}
        for number, thing in enumerate(things):
            for outer in thing.inside:
                self._inside.setdefault(number_of[outer.lower()], []).append(number)

    def _compile_goal(self, game: Game) -> None:
        goal = game.goal
        kind = goal.task_type
        wanted = {o for o, name in enumerate(self._kinds) if name == goal.object.lower()}
        self._looks = kind == "look_at_obj_in_light"
        if kind == "pick_clean_then_place_in_recep":
            wanted &= self._cleanable
        elif kind == "pick_heat_then_place_in_recep":
            wanted &= self._heatable
        elif kind == "pick_cool_then_place_in_recep":
            wanted &= self._coolable
        self._wanted = frozenset(wanted)
        self._needed = 2 if kind == "pick_two_obj_and_place" else 1
        self._targets = [r for r, name in enumerate(self._types) if name == goal.receptacle.lower()]
        lamps = {o for o, name in enumerate(self._kinds) if name == goal.toggle.lower()} & self._toggleable
        self._goal_lamps = sum(1 << o for o in lamps)

    def _initial_state(self, game: Game) -> State:
        contents: list[list[int]] = [[] for _ in self._types]
        at: set[int] = set()
        for number, thing in enumerate(self._things):
            for index in thing.receptacles:
                contents[self._numbers[index]].append(number)
            at.update(
                number * len(self._here) + self._location_number[location.lower()]
                for location in thing.locations
            )

        def having(name: str) -> int:
            return sum(1 << number for number, thing in enumerate(self._things) if name in thing.state)

        return State(
            location=self._location_number[game.start.lower()],
            held=-1,
            opened=sum(1 << self._numbers[i] for i, place in enumerate(game.receptacles) if place.opened),
            contents=tuple(tuple(sorted(set(numbers))) for numbers in contents),
            hot=having("isHot"),
            cool=having("isCool"),
            clean=having("isClean"),
            toggled=having("isToggled"),
            sliced=having("isSliced"),
            at=frozenset(at),
            removed=_EMPTY,
        )

    # -- state --------------------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Go to the beginning of the game and give its text (`intro`)."""
        self.load(self._beginning)
        return self.intro

    def save(self) -> State:
        """The present moment. Costs less than a step."""
        return State(
            self._location, self._held, self._opened, tuple(self._contents),
            self._hot, self._cool, self._clean, self._toggled, self._sliced, self._at, self._removed,
        )  # fmt: skip

    def load(self, state: State) -> None:
        """Come back to a moment that `save` of any simulator of the same game gave."""
        self._location, self._held, self._opened, contents = state[:4]
        self._hot, self._cool, self._clean, self._toggled, self._sliced, self._at, self._removed = state[4:]
        self._contents = list(contents)
        self._scene = self._find_scene()
        self._won = self._goal_holds()

    @property
    def won(self) -> bool:
        """Whether the goal holds now."""
        return self._won

    @property
    def admissible(self) -> tuple[str, ...]:
        """Every command that can be executed now, sorted as the real engine sorts them."""
        return self._scene.admissible

    @property
    def state_key(self) -> str:
        """Digest of what the agent can tell apart now: the goal and the room, where it is, open doors and what lies in sight, what it holds,
        and the properties of those objects; equal for equal states, however they were reached.
        """
        scene = self._scene
        seen = scene.visible
        facts = (
            self._hot & seen,
            self._cool & seen,
            self._clean & seen,
            self._sliced & seen,
            self._toggled & scene.lamps,
        )
        key = scene.keys.get(facts)
        if key is None:
            if len(scene.keys) >= _MAX_KEYS:
                scene.keys.clear()
            marked = [
                ",".join(name for o, name in enumerate(self.object_names) if bits >> o & 1) for bits in facts
            ]
            key = scene.keys[facts] = digest(scene.key_text, *marked)
        return key

    # -- playing ------------------------------------------------------------------------------------------------------

    def act(self, command: str) -> str:
        """Execute a command and give the feedback; `NOTHING_HAPPENS` if it is not admissible."""
        command = command.strip()
        operation = self._scene.operations.get(command)
        if operation is None:
            operation = self._go.get(command)
            if operation is None or self._where[operation[1]] == self._location:
                return NOTHING_HAPPENS
            return self._go_to(operation[1])
        code, a, b, text = operation
        if code == _FIXED:
            return text
        if code == _EXAMINE_R:
            return self._describe(a)
        if code == _EXAMINE_O:
            return self._examine(a)
        if code == _LOOK:
            return self._look()
        self._change(code, a, b)
        if code in _REFRESHED:
            self._scene = self._find_scene()
            if code == _OPEN:
                return text + self._describe(a)
        if code != _SLICE:
            self._won = self._goal_holds()
        return text

    def _go_to(self, receptacle: int) -> str:
        location = self._where[receptacle]
        self._location = location
        self._scene = self._find_scene()
        if self._looks:
            self._won = self._goal_holds()
        name = self.receptacle_names[receptacle] if self.grammar == "0.4" else self._location_names[location]
        return f"You arrive at {name}. {self._describe(receptacle)}"

    def _change(self, code: int, a: int, b: int) -> None:
        """The effects of an operation on object `a`, or on receptacle `a` for doors; `b` is the receptacle."""
        if code == _TAKE:
            self._held = a
            self._contents[b] = tuple(o for o in self._contents[b] if o != a)
            self._at -= {a * len(self._here) + self._location}
            self._removed |= {a * len(self._types) + b}
        elif code == _PUT:
            self._held = -1
            if a not in self._contents[b]:
                contents = list(self._contents[b])
                insort(contents, a)
                self._contents[b] = tuple(contents)
            self._at |= {a * len(self._here) + self._location}
            self._removed -= {a * len(self._types) + b}
        elif code == _OPEN or code == _CLOSE:
            self._opened ^= 1 << a
        elif code == _HEAT:
            self._hot |= 1 << a
            self._cool &= ~(1 << a)
        elif code == _COOL:
            self._cool |= 1 << a
            self._hot &= ~(1 << a)
        elif code == _CLEAN:
            self._clean |= 1 << a
        elif code == _USE:
            self._toggled |= 1 << a
        else:
            self._sliced |= 1 << a

    def _goal_holds(self) -> bool:
        wanted = self._wanted
        if self._looks:
            if self._held not in wanted:
                return False
            lit = self._toggled & self._goal_lamps
            return bool(lit) and any(
                lit >> o & 1 for r in self._here[self._location] for o in self._contents[r]
            )
        kind = self.game.goal.task_type
        if kind == "pick_heat_then_place_in_recep":
            having = self._hot
        elif kind == "pick_cool_then_place_in_recep":
            having = self._cool
        elif kind == "pick_clean_then_place_in_recep":
            having = self._clean
        else:
            having = -1
        if not having:
            return False
        for r in self._targets:
            found = 0
            for o in self._contents[r]:
                if o in wanted and having >> o & 1:
                    found += 1
            if found >= self._needed:
                return True
        return False

    # -- texts --------------------------------------------------------------------------------------------------------

    def _describe(self, receptacle: int) -> str:
        opened = self._opened >> receptacle & 1
        contents = self._contents[receptacle]
        key = (receptacle, opened, contents)
        text = self._described.get(key)
        if text is None:
            name = self.receptacle_names[receptacle]
            things = listed([f"a {self.object_names[o]}" for o in contents])
            if not self._openable[receptacle]:
                text = f"On the {name}, you see {things}."
            elif opened:
                text = f"The {name} is open. In it, you see {things}."
            else:
                text = f"The {name} is closed."
            if len(self._described) >= _MAX_SCENES:
                self._described.clear()
            self._described[key] = text
        return text

    def _examine(self, o: int) -> str:
        name = self.object_names[o]
        if o in self._vessels:
            inner = listed([f"a {self.object_names[i]}" for i in self._inside.get(o, ())])
            return f"This is a normal {name}. In it, you see {inner}."
        clean, hot, cool = self._clean >> o & 1, self._hot >> o & 1, self._cool >> o & 1
        sliced = "sliced " if self._sliced >> o & 1 else ""
        if clean and hot:
            return f"This is a hot and clean {sliced}{name}."
        if clean and cool:
            return f"This is a cool and clean {sliced}{name}."
        if clean:
            return f"This is a clean {sliced}{name}."
        if hot:
            return f"This is a hot {sliced}{name}."
        if cool:
            return f"This is a {'cool' if sliced else 'cold'} {sliced}{name}."
        # A lamp is never found to be off: the engine states no negative facts at the start, and nothing turns a lamp off.
        if o in self._toggleable and self._toggled >> o & 1:
            return f"This {name} is on."
        if sliced and o in self._sliceable:
            return f"This is a sliced {name}."
        return f"There's nothing special about {name}."

    def _look(self, at_start: bool = False) -> str:
        here = self._here[self._location]
        if here:
            facing = listed([self.receptacle_names[r] for r in here])
            return f"You are facing the {facing}. Next to it, you see {self._floor(here)}."
        # Only the intro, where the query is not bound to the agent's location, lists the receptacles of the room.
        seen = listed([f"a {name}" for name in self.receptacle_names]) if at_start else "nothing"
        return f"You are in the middle of a room. Looking quickly around you, you see {seen}."

    def _floor(self, here: tuple[int, ...]) -> str:
        if not self._removed:
            return "nothing"
        places, locations = len(self._types), len(self._here)
        lying = [
            f"a {self.object_names[code // locations]}"
            for code in sorted(self._at)
            if code % locations == self._location
            for r in here
            if code // locations * places + r in self._removed
        ]
        return listed(lying)

    # -- scenes -------------------------------------------------------------------------------------------------------

    def _find_scene(self) -> _Scene:
        location, held = self._location, self._held
        here = self._here[location]
        contents = self._contents
        slices: tuple[int, ...] = ()
        if held in self._knives:
            locations = len(self._here)
            slices = tuple(o for o in sorted(self._sliceable) if o * locations + location in self._at)
        seen = contents[here[0]] if len(here) == 1 else tuple(contents[r] for r in here)
        key = (location, held, self._opened & self._doors[location], seen, slices)
        scene = self._scenes.get(key)
        if scene is None:
            if len(self._scenes) >= _MAX_SCENES:
                self._scenes.clear()
            scene = self._scenes[key] = self._make_scene(here, slices)
        return scene

    def _make_scene(self, here: tuple[int, ...], slices: tuple[int, ...]) -> _Scene:
        held = self._held
        operations: dict[str, tuple[int, int, int, str]] = {"look": (_LOOK, -1, -1, "")}
        for r in here:
            self._add_door_and_contents(operations, r)
        if held < 0:
            operations["inventory"] = (_FIXED, -1, -1, "You are not carrying anything.")
        else:
            name = self.object_names[held]
            operations["inventory"] = (_FIXED, -1, -1, f"You are carrying: a {name}.")
            operations[f"examine {name}"] = (_EXAMINE_O, held, -1, "")
            for r in here:
                self._add_uses_of_held(operations, r)
            for o in slices:
                sliced = self.object_names[o]
                operations[f"slice {sliced} with {name}"] = (
                    _SLICE,
                    o,
                    -1,
                    f"You sliced the {sliced} with the {name}.",
                )
        if self.grammar == "0.4":
            operations["help"] = (_FIXED, -1, -1, HELP)
        commands = sorted(operations)
        cut = bisect_left(commands, "go to ")
        lines = [
            self.game.goal.sentence,
            *self.receptacle_names,
            f"hand: {self.object_names[held] if held >= 0 else ''}",
        ]
        visible, lamps = 1 << held if held >= 0 else 0, 0
        for r in here:
            lines.append(self._describe(r))
            bits = sum(1 << o for o in self._contents[r])
            visible |= bits if self._accessible(r) else 0
            lamps |= sum(1 << o for o in self._contents[r] if o in self._toggleable)
        return _Scene(
            admissible=(*commands[:cut], *self._ways[self._location], *commands[cut:]),
            operations=operations,
            visible=visible,
            lamps=lamps | visible,
            key_text="\n".join(lines),
        )

    def _accessible(self, receptacle: int) -> bool:
        return not self._openable[receptacle] or bool(self._opened >> receptacle & 1)

    def _add_door_and_contents(self, operations: dict[str, tuple[int, int, int, str]], r: int) -> None:
        place = self.receptacle_names[r]
        operations[f"examine {place}"] = (_EXAMINE_R, r, -1, "")
        if self._openable[r]:
            if self._opened >> r & 1:
                operations[f"close {place}"] = (_CLOSE, r, -1, f"You close the {place}.")
            else:
                operations[f"open {place}"] = (_OPEN, r, -1, f"You open the {place}. ")
        free = self._held < 0 and self._accessible(r)
        for o in self._contents[r]:
            name = self.object_names[o]
            if free and o in self._pickupable:
                operations[f"take {name} from {place}"] = (
                    _TAKE,
                    o,
                    r,
                    f"You pick up the {name} from the {place}.",
                )
            if o in self._toggleable:
                operations[f"use {name}"] = (_USE, o, -1, f"You turn on the {name}.")

    def _add_uses_of_held(self, operations: dict[str, tuple[int, int, int, str]], r: int) -> None:
        held, place, kind = self._held, self.receptacle_names[r], self._types[r]
        name = self.object_names[held]
        if r in self._fits[held] and self._accessible(r):
            if self.grammar == "0.4":
                operations[f"move {name} to {place}"] = (
                    _PUT,
                    held,
                    r,
                    f"You move the {name} to the {place}.",
                )
            else:
                operations[f"put {name} in/on {place}"] = (
                    _PUT,
                    held,
                    r,
                    f"You put the {name} in/on the {place}.",
                )
        if kind == "microwave" and held in self._heatable:
            operations[f"heat {name} with {place}"] = (
                _HEAT,
                held,
                r,
                f"You heat the {name} using the {place}.",
            )
        if kind == "fridge" and held in self._coolable:
            operations[f"cool {name} with {place}"] = (
                _COOL,
                held,
                r,
                f"You cool the {name} using the {place}.",
            )
        if kind == "sinkbasin" and held in self._cleanable:
            operations[f"clean {name} with {place}"] = (
                _CLEAN,
                held,
                r,
                f"You clean the {name} using the {place}.",
            )
