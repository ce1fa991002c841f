"""A solver of the toy game that reads only observation and info, so that a policy can imitate it.

It keeps a map of what it has seen, walks to the nearest place where something is left to try, and goes for
the thing and the surface once it knows where they are.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

_GOAL = re.compile(r"Put the (.+) on the (.+)\.")
_HEAD = re.compile(r"You are in the (.+?)\. Exits: (.+?)\. ")


class ToyExpert:
    """Plays one episode at a time: `reset` with what the first reset gave, then `act` before each step."""

    def reset(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> None:
        """Forget the last episode and read what is asked.

        Raises:
            ValueError: If the instruction is not one of this world.
        """
        match = _GOAL.fullmatch(observation["instruction"])
        if match is None:
            raise ValueError(f"not an instruction of STEP-Toy-v0: {observation['instruction'][:80]!r}")
        self._thing, self._surface = match.groups()
        self._room = ""
        self._exits: dict[str, list[str]] = {}
        self._fixtures: dict[str, dict[str, str]] = {}
        self._carried: list[str] = []

    def act(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> str:
        """The next action, always one of `info["admissible_actions"]`."""
        self._look(observation["text"])
        here = self._fixtures[self._room]
        for action in self._useful_actions(here):
            if action in info["admissible_actions"]:
                return action
        return self._step_towards(self._targets()) or info["admissible_actions"][0]

    def _look(self, text: str) -> None:
        """Write down the room that is described."""
        match = _HEAD.search(text)
        assert match is not None, "STEP-Toy-v0 always describes the room"
        self._room = match[1]
        self._exits[self._room] = match[2].split(", ")
        *fixtures, carried = (part.split(": ") for part in text[match.end() :].rstrip(".").split(". "))
        self._fixtures[self._room] = dict(fixtures)
        self._carried = carried[1].split(", ")

    def _useful_actions(self, here: Collection[str]) -> list[str]:
        """What is worth doing in this room, best first; what is not possible is filtered by the caller."""
        if self._thing in self._carried:
            return [f"put {self._thing} on {self._surface}"]
        if self._room_of(self._thing) is not None:
            return [f"take {self._thing}"]
        return ["take key", *(f"{verb} {name}" for name in here for verb in ("open", "unlock"))]

    def _room_of(self, thing: str) -> str | None:
        """The room where a thing was last seen lying, or None."""
        for room, fixtures in self._fixtures.items():
            if any(thing in seen.split(", ") for seen in fixtures.values()):
                return room
        return None

    def _targets(self) -> Collection[str]:
        """Rooms worth walking to."""
        unseen = {room for exits in self._exits.values() for room in exits} - set(self._exits)
        if self._thing in self._carried:
            return {room for room, fixtures in self._fixtures.items() if self._surface in fixtures} or unseen
        if (room := self._room_of(self._thing)) is not None:
            return {room}
        lids = {"closed", "locked"} if "key" in self._carried else {"closed"}
        return unseen | {room for room, fixtures in self._fixtures.items() if lids & set(fixtures.values())}

    def _step_towards(self, targets: Collection[str]) -> str | None:
        """The first step of a shortest known way to the nearest target, or None if none can be reached."""
        first: dict[str, str] = {room: room for room in self._exits[self._room]}
        queue = deque(first)
        while queue:
            room = queue.popleft()
            if room in targets:
                return f"go {first[room]}"
            for other in self._exits.get(room, ()):
                if other not in first and other != self._room:
                    first[other] = first[room]
                    queue.append(other)
        return None
