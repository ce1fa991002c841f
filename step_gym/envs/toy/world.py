"""The rules of the toy game: what a world consists of, what can be done and seen in it, how far the goal is.

Everything is a pure function of a `Layout` (what never changes) and a `State` (a small tuple).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

HAND = -1
"""Place of a thing that is carried."""
OPEN, CLOSED, LOCKED = 0, 1, 2
"""Lids of fixtures; a surface is always open."""
KEY = "key"
"""The thing that unlocks every locked box."""

State = tuple[int, tuple[int, ...], tuple[int, ...]]
"""(room of the agent, place of each thing as fixture index or `HAND`, lid of each fixture)."""


@dataclass(frozen=True, eq=False)
class Layout:
    """What never changes during an episode; compared and hashed by identity. Names are unique within a world.

    Attributes:
        rooms: Room names.
        exits: Indices of the neighbouring rooms, by room.
        fixtures: Names of boxes (with a lid) and surfaces.
        fixture_rooms: Room index of each fixture.
        surfaces: Indices of the fixtures that things can be put on.
        things: Names of what can be carried.
        start: State at the beginning.
        goal: (thing index, surface index): the game is won when that thing lies there.
        key: Index of the key among `things`, or None.
        here: Indices of the fixtures in each room.
        heads: How the description of each room begins.
        walks: The "go" action and the room it leads to, for each exit of each room.
    """

    rooms: tuple[str, ...]
    exits: tuple[tuple[int, ...], ...]
    fixtures: tuple[str, ...]
    fixture_rooms: tuple[int, ...]
    surfaces: tuple[int, ...]
    things: tuple[str, ...]
    start: State
    goal: tuple[int, int]
    key: int | None = field(init=False)
    here: tuple[tuple[int, ...], ...] = field(init=False)
    heads: tuple[str, ...] = field(init=False)
    walks: tuple[tuple[tuple[str, int], ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        def derive(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        numbers = range(len(self.rooms))
        derive("key", self.things.index(KEY) if KEY in self.things else None)
        where = self.fixture_rooms
        names = [[self.rooms[other] for other in exits] for exits in self.exits]
        derive("here", tuple(tuple(i for i in range(len(where)) if where[i] == n) for n in numbers))
        derive("walks", tuple(tuple((f"go {self.rooms[i]}", i) for i in exits) for exits in self.exits))
        derive(
            "heads", tuple(f"You are in the {self.rooms[n]}. Exits: {', '.join(names[n])}." for n in numbers)
        )


def is_won(layout: Layout, state: State) -> bool:
    """Whether the goal thing lies on the goal surface."""
    thing, surface = layout.goal
    return state[1][thing] == surface


def instruction(layout: Layout) -> str:
    """What the agent is asked."""
    thing, surface = layout.goal
    return f"Put the {layout.things[thing]} on the {layout.fixtures[surface]}."


def moves(layout: Layout, state: State) -> dict[str, State]:
    """Every admissible action with the state it leads to, in a fixed order: go, unlock or open, take, put."""
    room, places, lids = state
    here = layout.here[room]
    result: dict[str, State] = {action: (other, places, lids) for action, other in layout.walks[room]}
    for index in here:
        if lids[index] == CLOSED:
            result[f"open {layout.fixtures[index]}"] = (room, places, _replaced(lids, index, OPEN))
        elif lids[index] == LOCKED and layout.key is not None and places[layout.key] == HAND:
            result[f"unlock {layout.fixtures[index]}"] = (room, places, _replaced(lids, index, CLOSED))
    for thing, place in enumerate(places):
        if place in here and lids[place] == OPEN:
            result[f"take {layout.things[thing]}"] = (room, _replaced(places, thing, HAND), lids)
    for thing, place in enumerate(places):
        if place == HAND:
            for index in here:
                if index in layout.surfaces:
                    action = f"put {layout.things[thing]} on {layout.fixtures[index]}"
                    result[action] = (room, _replaced(places, thing, index), lids)
    return result


def _replaced(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    return (*values[:index], value, *values[index + 1 :])


def describe(layout: Layout, state: State) -> str:
    """What is seen: the room, its exits, its fixtures with what lies open, and what is carried."""
    room, places, lids = state
    lying: dict[int, str] = {}
    for name, place in zip(layout.things, places, strict=True):
        lying[place] = f"{lying[place]}, {name}" if place in lying else name
    text = layout.heads[room]
    for index in layout.here[room]:
        lid = lids[index]
        seen = lying.get(index, "nothing") if lid == OPEN else "closed" if lid == CLOSED else "locked"
        text += f" {layout.fixtures[index]}: {seen}."
    return f"{text} You carry: {lying.get(HAND, 'nothing')}."


def solve(layout: Layout, state: State) -> list[str]:
    """A shortest plan from any state to the goal, by breadth-first search over states; empty at the goal.

    Only actions that touch the key, the goal thing, the boxes that hold these two, or the goal surface are
    expanded. That keeps the length exact: hands hold any number of things and nothing can be closed again, so
    a plan without its other actions is still a plan.

    Raises:
        ValueError: If the goal cannot be reached.
    """
    thing, surface = layout.goal
    key = thing if layout.key is None else layout.key
    boxes = {state[1][thing], state[1][key]} - {HAND}
    wanted = {f"{verb} {layout.fixtures[box]}" for box in boxes for verb in ("open", "unlock")}
    wanted |= {f"take {layout.things[thing]}", f"take {layout.things[key]}"}
    wanted |= {f"put {layout.things[thing]} on {layout.fixtures[surface]}"}
    came_from: dict[State, tuple[State, str] | None] = {state: None}
    queue = deque([state])
    while queue:
        current = queue.popleft()
        if is_won(layout, current):
            return _plan(came_from, current)
        for action, successor in moves(layout, current).items():
            if successor not in came_from and (action in wanted or action.startswith("go ")):
                came_from[successor] = (current, action)
                queue.append(successor)
    raise ValueError(f"no plan puts the {layout.things[thing]} on the {layout.fixtures[surface]}")


def _plan(came_from: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    """The actions that led to `state`, first to last."""
    plan = []
    while (step := came_from[state]) is not None:
        state, action = step
        plan.append(action)
    return plan[::-1]
