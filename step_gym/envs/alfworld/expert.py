"""A solver of ALFWorld games that reads only observation and info, as a policy does; made to be imitated.

It looks into the most promising receptacles first, remembers what it saw, and knows both wordings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from step_gym.envs.alfworld import tables

_TREATMENTS = {
    "clean": ("clean", "sinkbasin"),
    "hot": ("heat", "microwave"),
    "heat": ("heat", "microwave"),
    "cool": ("cool", "fridge"),
}
_LOOK_GOAL = re.compile(r"(?:look at|examine the) (?P<object>\S+) (?:under|with) the (?P<lamp>\S+)")
_TWO_GOAL = re.compile(r"(?:put|find) two (?P<object>\S+) (?:and put them )?in (?P<place>\S+)")
_PLACE_GOAL = re.compile(
    r"(?:put (?:an? |some )?(?:(?P<state>clean|hot|cool) )?(?P<object>\S+) (?:in|on)"
    r"|(?P<verb>clean|heat|cool) some (?P<thing>\S+) and put it in) (?P<place>\S+)"
)

_SEEN = re.compile(
    r"(?:On the (?P<surface>[^.]+?)|The (?P<inside>[^.]+?) is open\. In it), you see (?P<things>[^.]*)\."
)
_CLOSED = re.compile(r"The ([^.]+?) is closed\.")
_TAKEN = re.compile(r"You pick up the (.+) from the (.+)\.")
_TREATED = re.compile(r"You (heat|cool|clean) the (.+) using the .+\.")
_TAKE = re.compile(r"take (.+) from (.+)")
_PUT = re.compile(r"(?:move|put) (.+) (?:to|in/on) (.+)")

_LAST_RESORT = 1e-3
"""Weight of a receptacle that should not hold the object; such places are searched after all others."""


@dataclass(frozen=True, slots=True)
class _Goal:
    """What is asked, in the game's words; `verb` is "" where the object is to be placed as it is."""

    object: str
    place: str = ""
    lamp: str = ""
    verb: str = ""
    appliance: str = ""
    count: int = 1


def _parse_goal(instruction: str) -> _Goal:
    text = instruction.strip().lower().rstrip(".")
    if match := _LOOK_GOAL.fullmatch(text):
        return _Goal(match["object"], lamp=match["lamp"])
    if match := _TWO_GOAL.fullmatch(text):
        return _Goal(match["object"], match["place"], count=2)
    if match := _PLACE_GOAL.fullmatch(text):
        verb, appliance = _TREATMENTS.get(match["state"] or match["verb"] or "", ("", ""))
        return _Goal(match["object"] or match["thing"], match["place"], verb=verb, appliance=appliance)
    raise ValueError(f"not an instruction of STEP-ALFWorld-v0: {instruction[:80]!r}")


def _kind(name: str) -> str:
    return name.rpartition(" ")[0] or name


def _number(name: str) -> int:
    number = name.rpartition(" ")[2]
    return int(number) if number.isdecimal() else 0


def _weight(object_kind: str, receptacle_kind: str) -> float:
    """`tables.placement_weight` for the game's words."""
    words = tables.TYPE_OF_WORD
    return tables.placement_weight(words.get(object_kind, ""), words.get(receptacle_kind, "")) or _LAST_RESORT


class AlfworldExpert:
    """Plays one episode at a time: `reset` with what the environment's reset gave, then `act` each step.

    What it holds, where it is and which doors are open it reads from the admissible actions each time, so it
    can also take over an episode that somebody else has begun.
    """

    def reset(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Forget the last episode and read what is asked.

        Raises `ValueError` for an instruction of another world.
        """
        self._goal = _parse_goal(observation["instruction"])
        self._places: list[str] = []
        self._contents: dict[str, set[str]] = {}
        self._closed: set[str] = set()
        self._lamp_places: set[str] = set()
        self._treated: set[str] = set()
        self._been: set[str] = set()
        self._visits: Counter[str] = Counter()
        self._held = ""
        self._here: list[str] = []
        self._actions: dict[str, None] = {}

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> str:
        """The next action, always one of `info["admissible_actions"]`."""
        self._read_actions(info["admissible_actions"])
        self._read_text(observation["text"])
        goal = self._goal
        if not self._held:
            return self._fetch()
        if _kind(self._held) != goal.object:
            return self._put_down()
        if goal.lamp:
            return self._use_lamp()
        if goal.verb and self._held not in self._treated:
            return self._treat()
        return self._place()

    # -- reading -----------------------------------------------------------------------------------------

    def _read_actions(self, actions: Iterable[str]) -> None:
        """Where the agent is, what it holds and what is within reach."""
        self._actions = dict.fromkeys(actions)
        places = self._with_prefix("go to ")
        # Only the receptacles here and the object in hand can be examined.
        examined = self._with_prefix("examine ")
        kinds = tables.CAN_CONTAIN.keys()
        self._here = [x for x in examined if x in self._places or tables.TYPE_OF_WORD.get(_kind(x)) in kinds]
        self._places = sorted({*self._places, *places, *self._here})
        self._been.update(self._here)
        self._held = next((name for name in examined if name not in self._here), "")
        for place in self._here:
            if f"open {place}" in self._actions:
                self._closed.add(place)
            else:
                self._closed.discard(place)
        if self._lamp_action():
            self._lamp_places.update(self._here)
        if not self._held:
            self._contents.update({place: set() for place in self._here if place not in self._closed})
            for action in self._actions:
                if match := _TAKE.fullmatch(action):
                    self._contents.setdefault(match[2], set()).add(match[1])

    def _with_prefix(self, prefix: str) -> list[str]:
        """What follows a prefix in the actions that have it."""
        return [action[len(prefix) :] for action in self._actions if action.startswith(prefix)]

    def _read_text(self, text: str) -> None:
        """What the last answer shows."""
        if match := _SEEN.search(text):
            place = match["surface"] or match["inside"]
            names = match["things"].replace(", and ", ", ").split(", ")
            self._contents[place] = {name.removeprefix("a ") for name in names if name != "nothing"}
        if match := _CLOSED.search(text):
            self._closed.add(match[1])
        if match := _TAKEN.search(text):
            self._contents.get(match[2], set()).discard(match[1])
        if match := _TREATED.search(text):
            if match[1] == self._goal.verb:
                self._treated.add(match[2])
            elif match[1] != "clean":
                self._treated.discard(match[2])

    # -- doing -------------------------------------------------------------------------------------------

    def _fetch(self) -> str:
        """Get a wanted object into the hand: from where one was seen, else from the next place to search."""
        home = self._home() if self._goal.count == 2 else ""
        for action in self._actions:
            match = _TAKE.fullmatch(action)
            if match and _kind(match[1]) == self._goal.object and match[2] != home:
                return action
        for place, names in self._contents.items():
            if place != home and any(_kind(name) == self._goal.object for name in names):
                return self._approach(place)
        return self._search(self._goal.object, lambda place: place not in self._contents)

    def _lamp_action(self) -> str:
        """The action that switches the wanted lamp on, or "" where there is none."""
        lamps = (name for name in self._with_prefix("use ") if _kind(name) == self._goal.lamp)
        return next((f"use {name}" for name in lamps), "")

    def _use_lamp(self) -> str:
        if action := self._lamp_action():
            return action
        if self._lamp_places:
            return self._go_to(min(self._lamp_places))
        return self._search(self._goal.lamp, lambda place: place not in self._been)

    def _treat(self) -> str:
        prefix = f"{self._goal.verb} {self._held} with "
        for action in self._actions:
            if action.startswith(prefix):
                return action
        appliances = [place for place in self._places if _kind(place) == self._goal.appliance]
        return self._go_to(min(appliances, key=_number)) if appliances else self._wander()

    def _place(self) -> str:
        """Put the object in hand where the goal wants it."""
        home = self._home()
        return self._put_into(home) if home else self._wander()

    def _put_down(self) -> str:
        """Get rid of an object that the goal does not ask for."""
        for action in self._actions:
            if _PUT.fullmatch(action):
                return action
        kind = _kind(self._held)
        return self._go_to(max(self._away(), key=lambda place: _weight(kind, _kind(place)), default=""))

    def _home(self) -> str:
        """The receptacle to fill: of those that hold most wanted objects, the one that takes fewest steps.

        With empty hands it is rather not the one here, whose object can be carried to the other.
        """

        def rank(place: str) -> tuple[int, int, int]:
            there = sum(_kind(name) == self._goal.object for name in self._contents.get(place, ()))
            steps = self._steps_to_reach_into(place) if self._held else int(place in self._here)
            return (-there if self._goal.count == 2 else 0, steps, _number(place))

        places = (place for place in self._places if _kind(place) == self._goal.place)
        return min(places, key=rank, default="")

    def _put_into(self, place: str) -> str:
        for action in self._actions:
            match = _PUT.fullmatch(action)
            if match and match[2] == place:
                return action
        return self._approach(place)

    def _approach(self, place: str) -> str:
        """One step towards reaching into a receptacle."""
        return f"open {place}" if f"open {place}" in self._actions else self._go_to(place)

    def _search(self, kind: str, is_new: Callable[[str], bool]) -> str:
        """One step towards the new receptacle that promises most for the steps it takes to look into it."""

        def rank(place: str) -> tuple[float, str, int]:
            value = _weight(kind, _kind(place)) / self._steps_to_reach_into(place)
            return (-value, _kind(place), _number(place))

        candidates = [place for place in self._places if is_new(place)]
        return self._approach(min(candidates, key=rank)) if candidates else self._wander()

    def _go_to(self, place: str) -> str:
        action = f"go to {place}"
        if action not in self._actions:
            return self._wander()
        self._visits[place] += 1
        return action

    def _away(self) -> list[str]:
        return [place for place in self._places if f"go to {place}" in self._actions]

    def _wander(self) -> str:
        """When nothing is left to try: visit the place that was visited least."""
        away = self._away()
        if not away:
            return next(iter(self._actions))
        return self._go_to(min(away, key=lambda place: (self._visits[place], place)))

    def _steps_to_reach_into(self, place: str) -> int:
        """Steps until something can be taken from or put into a receptacle, as far as is known."""
        is_closed = place in self._closed or (
            place not in self._contents and tables.TYPE_OF_WORD.get(_kind(place), "") in tables.OPENABLE
        )
        return (place not in self._here) + is_closed
