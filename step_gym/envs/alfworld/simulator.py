"""A table-driven simulator of ALFWorld's text engine: feedback, commands, reward and end of the real one.

Behaviour and wording follow `alfworld/data/alfred.pddl` and `alfred.twl2` (package 0.4.2, and 0.3.3 for
`grammar="0.3"`) as TextWorld 1.7.0's `PddlEnv` plays them.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field

from step_gym.envs.alfworld.facts import TREATMENTS, Facts, State
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

_MAX_CACHED = 1024
_MAX_KEYS = 64

Operation = tuple[str, int, int, str]
"""What a command does: verb, object (for doors the receptacle), receptacle, feedback or its beginning."""

_REARRANGES = frozenset(("take", "put", "open", "close"))


def listed(names: list[str]) -> str:
    """Names as the game lists them: `nothing`, `a`, `a, and b`, `a, b, and c`."""
    if len(names) < 2:
        return names[0] if names else "nothing"
    return ", ".join(names[:-1]) + ", and " + names[-1]


@dataclass(slots=True)
class _Scene:
    """What can be done and seen at a location with given doors, contents and hand; shared by all such states.

    Attributes:
        admissible: Every admissible command, sorted.
        operations: What each of them does, but for `go to`.
        visible: Bit mask of the objects in sight and in hand.
        lamps: The same and every lamp here, which can be switched behind a closed door.
        key_text: What `state_key` digests besides the properties of those objects.
        keys: Digests by properties.
    """

    admissible: tuple[str, ...]
    operations: dict[str, Operation]
    visible: int
    lamps: int
    key_text: str
    keys: dict[tuple[int, ...], str] = field(default_factory=dict)


class Simulator:
    """Plays one game. The fixed facts are compiled once; a step is a few table look-ups.

    Commands are compared as the real engine does: exactly, after stripping white space at both ends. A
    command that is not admissible changes nothing. The game goes on after its goal, as the real one does.

    Args:
        game: What to play.
        grammar: "0.4", or "0.3" for the older wording: `put O in/on R` instead of `move O to R`, no `help`,
            and `You arrive at loc N.` instead of the receptacle's name. N is ALFWorld's own number: the
            locations of the initial facts, counted down along their sorted ids (checked in the real engine
            with domain and grammar of 0.3.3).

    Attributes:
        facts: Names and tables of the game.
        intro: The text at the beginning of an episode.
    """

    def __init__(self, game: Game, grammar: str = "0.4") -> None:
        if grammar not in GRAMMARS:
            raise unknown_name_error("grammar", grammar, GRAMMARS)
        self.game = game
        self.grammar = grammar
        self.facts = Facts(game)
        self._treatment = TREATMENTS.get(game.goal.task_type)
        self._scenes: dict[tuple, _Scene] = {}
        self._descriptions: dict[tuple, str] = {}
        self.load(self.facts.beginning)
        self.intro = f"{WELCOME}\n\n{self._look(at_start=True)}\n\nYour task is to: {game.goal.sentence}"

    @property
    def object_names(self) -> list[str]:
        """Name of each object, in the order of the sorted ids."""
        return self.facts.object_names

    @property
    def receptacle_names(self) -> list[str]:
        """Name of each receptacle, in the order of the sorted ids."""
        return self.facts.receptacle_names

    # -- state -----------------------------------------------------------------------------------------------

    def start(self) -> str:
        """Go to the beginning of the game and give its text (`intro`)."""
        self.load(self.facts.beginning)
        return self.intro

    def save(self) -> State:
        """The present moment."""
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
        """Digest of what the agent can tell apart now; equal for equal states, however they were reached.

        It covers the goal, the room, where the agent is, open doors, what lies in sight, what it holds, and
        the properties of those objects and of the lamps here.
        """
        scene = self._scene
        seen = scene.visible
        properties = (
            self._hot & seen, self._cool & seen, self._clean & seen, self._sliced & seen,
            self._toggled & scene.lamps,
        )  # fmt: skip
        key = scene.keys.get(properties)
        if key is None:
            names = self.facts.object_names
            marked = [",".join(name for o, name in enumerate(names) if bits >> o & 1) for bits in properties]
            if len(scene.keys) >= _MAX_KEYS:
                scene.keys.clear()
            key = scene.keys[properties] = digest(scene.key_text, *marked)
        return key

    # -- playing ---------------------------------------------------------------------------------------------

    def act(self, command: str) -> str:
        """Execute a command and give the feedback; `NOTHING_HAPPENS` if it is not admissible."""
        command = command.strip()
        operation = self._scene.operations.get(command)
        if operation is None:
            destination = self.facts.destinations.get(command)
            if destination is None or self.facts.where[destination] == self._location:
                return NOTHING_HAPPENS
            return self._go_to(destination)
        verb, a, b, text = operation
        if verb == "say":
            return text
        if verb == "describe":
            return self._describe(a)
        if verb == "examine":
            return self._examine(a)
        if verb == "look":
            return self._look()
        self._change(verb, a, b)
        if verb in _REARRANGES:
            self._scene = self._find_scene()
            if verb == "open":
                return text + self._describe(a)
        self._won = self._goal_holds()
        return text

    def _go_to(self, receptacle: int) -> str:
        facts = self.facts
        location = facts.where[receptacle]
        self._location = location
        self._scene = self._find_scene()
        if facts.lamps:
            self._won = self._goal_holds()
        name = facts.receptacle_names[receptacle] if self.grammar == "0.4" else facts.location_names[location]
        return f"You arrive at {name}. {self._describe(receptacle)}"

    def _change(self, verb: str, a: int, b: int) -> None:
        """The effects of an operation on object `a`, or receptacle `a` for doors; `b` is the receptacle."""
        if verb == "take":
            self._held = a
            self._contents[b] = tuple(o for o in self._contents[b] if o != a)
            self._at -= {a * len(self.facts.here) + self._location}
            self._removed |= {a * len(self.facts.where) + b}
        elif verb == "put":
            self._held = -1
            if a not in self._contents[b]:
                contents = list(self._contents[b])
                insort(contents, a)
                self._contents[b] = tuple(contents)
            self._at |= {a * len(self.facts.here) + self._location}
            self._removed -= {a * len(self.facts.where) + b}
        elif verb in ("open", "close"):
            self._opened ^= 1 << a
        elif verb == "heat":
            self._hot |= 1 << a
            self._cool &= ~(1 << a)
        elif verb == "cool":
            self._cool |= 1 << a
            self._hot &= ~(1 << a)
        elif verb == "clean":
            self._clean |= 1 << a
        elif verb == "use":
            self._toggled |= 1 << a
        else:
            self._sliced |= 1 << a

    def _goal_holds(self) -> bool:
        facts = self.facts
        wanted = facts.wanted
        if facts.lamps:
            lit = self._toggled & facts.lamps
            if not lit or self._held not in wanted:
                return False
            return any(lit >> o & 1 for r in facts.here[self._location] for o in self._contents[r])
        treated = -1
        if self._treatment is not None:
            treated = {"hot": self._hot, "cool": self._cool, "clean": self._clean}[self._treatment]
            if not treated:
                return False
        for r in facts.targets:
            found = 0
            for o in self._contents[r]:
                if o in wanted and treated >> o & 1:
                    found += 1
            if found >= facts.needed:
                return True
        return False

    # -- texts -----------------------------------------------------------------------------------------------

    def _describe(self, receptacle: int) -> str:
        opened = self._opened >> receptacle & 1
        contents = self._contents[receptacle]
        key = (receptacle, opened, contents)
        text = self._descriptions.get(key)
        if text is None:
            name = self.facts.receptacle_names[receptacle]
            things = listed([f"a {self.facts.object_names[o]}" for o in contents])
            if not self.facts.openable[receptacle]:
                text = f"On the {name}, you see {things}."
            elif opened:
                text = f"The {name} is open. In it, you see {things}."
            else:
                text = f"The {name} is closed."
            if len(self._descriptions) >= _MAX_CACHED:
                self._descriptions.clear()
            self._descriptions[key] = text
        return text

    def _examine(self, o: int) -> str:
        facts = self.facts
        name = facts.object_names[o]
        if o in facts.vessels:
            inner = listed([f"a {facts.object_names[i]}" for i in facts.inside.get(o, ())])
            return f"This is a normal {name}. In it, you see {inner}."
        clean, hot, cool = self._clean >> o & 1, self._hot >> o & 1, self._cool >> o & 1
        sliced = "sliced " if self._sliced >> o & 1 else ""
        if clean and hot:
            return f"This is a hot and clean {sliced}{name}."
        if clean and cool:
            return f"This is a cool and clean {sliced}{name}."
        if hot:
            return f"This is a hot {sliced}{name}."
        if clean:
            return f"This is a clean {sliced}{name}."
        if cool:
            return f"This is a {'cool' if sliced else 'cold'} {sliced}{name}."
        # The grammar has "This O is off." too, but its fact is never stated: nothing switches a lamp off.
        if o in facts.toggleable and self._toggled >> o & 1:
            return f"This {name} is on."
        if sliced and o in facts.sliceable:
            return f"This is a sliced {name}."
        return f"There's nothing special about {name}."

    def _look(self, at_start: bool = False) -> str:
        names = self.facts.receptacle_names
        here = self.facts.here[self._location]
        if here:
            facing = listed([names[r] for r in here])
            return f"You are facing the {facing}. Next to it, you see {self._floor(here)}."
        # Only in the intro is the query for receptacles not bound to the agent's location.
        seen = listed([f"a {name}" for name in names]) if at_start else "nothing"
        return f"You are in the middle of a room. Looking quickly around you, you see {seen}."

    def _floor(self, here: tuple[int, ...]) -> str:
        if not self._removed:
            return "nothing"
        places, locations = len(self.facts.where), len(self.facts.here)
        lying = [
            f"a {self.facts.object_names[code // locations]}"
            for code in sorted(self._at)
            if code % locations == self._location
            for r in here
            if code // locations * places + r in self._removed
        ]
        return listed(lying)

    # -- scenes ----------------------------------------------------------------------------------------------

    def _find_scene(self) -> _Scene:
        facts, location, held, contents = self.facts, self._location, self._held, self._contents
        here = facts.here[location]
        within_reach: tuple[int, ...] = ()
        if held in facts.knives:
            locations = len(facts.here)
            within_reach = tuple(o for o in sorted(facts.sliceable) if o * locations + location in self._at)
        seen = contents[here[0]] if len(here) == 1 else tuple([contents[r] for r in here])
        key = (location, held, self._opened & facts.doors[location], seen, within_reach)
        scene = self._scenes.get(key)
        if scene is None:
            if len(self._scenes) >= _MAX_CACHED:
                self._scenes.clear()
            scene = self._scenes[key] = self._make_scene(here, within_reach)
        return scene

    def _make_scene(self, here: tuple[int, ...], within_reach: tuple[int, ...]) -> _Scene:
        facts, held = self.facts, self._held
        holding = facts.object_names[held] if held >= 0 else ""
        carried = f"You are carrying: a {holding}." if holding else "You are not carrying anything."
        operations: dict[str, Operation] = {
            "look": ("look", -1, -1, ""),
            "inventory": ("say", -1, -1, carried),
        }
        if self.grammar == "0.4":
            operations["help"] = ("say", -1, -1, HELP)
        lines = [self.game.goal.sentence, *facts.receptacle_names, f"in hand: {holding}"]
        visible, lamps = 1 << held if held >= 0 else 0, 0
        for r in here:
            self._add_place(operations, r)
            if held >= 0:
                self._add_uses_of_held(operations, r)
            lines.append(self._describe(r))
            contents = self._contents[r]
            visible |= sum(1 << o for o in contents) if self._is_accessible(r) else 0
            lamps |= sum(1 << o for o in contents if o in facts.toggleable)
        if held >= 0:
            operations[f"examine {holding}"] = ("examine", held, -1, "")
        for o in within_reach:
            name = facts.object_names[o]
            operations[f"slice {name} with {holding}"] = (
                "slice", o, -1, f"You sliced the {name} with the {holding}.",
            )  # fmt: skip
        commands = sorted(operations)
        cut = bisect_left(commands, "go to ")
        return _Scene(
            admissible=(*commands[:cut], *facts.ways[self._location], *commands[cut:]),
            operations=operations,
            visible=visible,
            lamps=lamps | visible,
            key_text="\n".join(lines),
        )

    def _is_accessible(self, receptacle: int) -> bool:
        return not self.facts.openable[receptacle] or bool(self._opened >> receptacle & 1)

    def _add_place(self, operations: dict[str, Operation], r: int) -> None:
        """Commands for a receptacle here and for what lies in it."""
        facts = self.facts
        place = facts.receptacle_names[r]
        operations[f"examine {place}"] = ("describe", r, -1, "")
        if facts.openable[r]:
            if self._opened >> r & 1:
                operations[f"close {place}"] = ("close", r, -1, f"You close the {place}.")
            else:
                operations[f"open {place}"] = ("open", r, -1, f"You open the {place}. ")
        can_take = self._held < 0 and self._is_accessible(r)
        for o in self._contents[r]:
            name = facts.object_names[o]
            if can_take and o in facts.pickupable:
                operations[f"take {name} from {place}"] = (
                    "take", o, r, f"You pick up the {name} from the {place}.",
                )  # fmt: skip
            if o in facts.toggleable:
                operations[f"use {name}"] = ("use", o, -1, f"You turn on the {name}.")

    def _add_uses_of_held(self, operations: dict[str, Operation], r: int) -> None:
        """Commands for the object in hand at a receptacle here."""
        facts, held = self.facts, self._held
        name, place, kind = facts.object_names[held], facts.receptacle_names[r], facts.place_types[r]
        if r in facts.fits[held] and self._is_accessible(r):
            command, feedback = f"move {name} to {place}", f"You move the {name} to the {place}."
            if self.grammar == "0.3":
                command, feedback = f"put {name} in/on {place}", f"You put the {name} in/on the {place}."
            operations[command] = ("put", held, r, feedback)
        for verb, appliance, able in (
            ("heat", "microwave", facts.heatable),
            ("cool", "fridge", facts.coolable),
            ("clean", "sinkbasin", facts.cleanable),
        ):
            if kind == appliance and held in able:
                feedback = f"You {verb} the {name} using the {place}."
                operations[f"{verb} {name} with {place}"] = (verb, held, r, feedback)
