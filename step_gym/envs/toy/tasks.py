"""The task set of the toy game: a generator that makes a world of a wanted difficulty from a task's id alone.

A goal pair (thing, surface) belongs to one split, so nothing asked in `valid` is ever asked in `train`.
"""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass

from step_gym.envs.core import NumberedIds, Task, TaskSet
from step_gym.envs.toy.expert import ToyExpert
from step_gym.envs.toy.world import (
    CLOSED,
    KEY,
    LOCKED,
    OPEN,
    Layout,
    State,
    describe,
    instruction,
    is_won,
    moves,
    solve,
)

MIN_DIFFICULTY, MAX_DIFFICULTY = 2, 12
VALID_TASKS = 220
"""Size of the `valid` split."""

ROOMS = ("hall", "kitchen", "study", "attic", "cellar", "garden", "library", "bedroom", "garage", "porch")
SURFACES = ("table", "desk", "shelf", "bench", "counter", "stool", "rack", "sill", "bed", "sofa")
BOXES = ("box", "chest", "drawer", "cabinet", "crate", "trunk", "basket", "bin", "locker", "safe")
THINGS = (
    "apple", "book", "coin", "cup", "lamp", "ring", "ball", "hat", "bell", "vase",
    "map", "pen", "doll", "fork", "clock", "shell", "rope", "brush", "stamp", "candle",
)  # fmt: skip

_PUZZLES = {2: (), 3: (CLOSED,), 5: (OPEN, LOCKED), 6: (CLOSED, LOCKED)}
"""Steps other than walking, and the lids met: of the key's place if a key is needed, of the thing's place."""
_MAX_WALK = 7


def max_steps(difficulty: int) -> int:
    """The step budget: twice the optimal length and four more, room for a search without detours."""
    return 2 * difficulty + 4


def toy_tasks(count: int, min_difficulty: int, max_difficulty: int) -> TaskSet:
    """`count` train tasks and `VALID_TASKS` valid ones; difficulties take turns, smallest to largest.

    Ids name the range (`train-d2-12-0`), so environments of different ranges never share an id.
    """
    kind = f"d{min_difficulty}-{max_difficulty}"
    sizes = {"train": count, "valid": VALID_TASKS}
    ids = {split: NumberedIds(f"{split}-{kind}", size) for split, size in sizes.items()}
    return TaskSet(ids, functools.partial(build_task, min_difficulty, max_difficulty))


def build_task(min_difficulty: int, max_difficulty: int, task_id: str, split: str) -> Task:
    """The task of an id."""
    number = int(task_id.rpartition("-")[2])
    difficulty = min_difficulty + number % (max_difficulty - min_difficulty + 1)
    layout = layout_of(task_id, split, difficulty)
    return Task(
        id=task_id,
        instruction=instruction(layout),
        split=split,
        difficulty=float(len(solve(layout, layout.start))),
        max_steps=max_steps(difficulty),
        params={"difficulty": difficulty, "rooms": len(layout.rooms), "locked": LOCKED in layout.start[2]},
    )


@functools.lru_cache(maxsize=4096)
def layout_of(task_id: str, split: str, difficulty: int) -> Layout:
    """The world of a task, kept for all environments of the process.

    Worlds that `ToyExpert` does not solve within the budget are drawn again, so no task needs luck.
    """
    rng = random.Random(f"STEP-Toy-v0/{task_id}")
    while True:
        layout = draw_layout(rng, difficulty, split)
        if expert_length(layout, max_steps(difficulty)) is not None:
            return layout


def expert_length(layout: Layout, limit: int) -> int | None:
    """How many steps `ToyExpert` takes, or None if it needs more than `limit`."""
    expert, state = ToyExpert(), layout.start
    observation = {"instruction": instruction(layout)}
    expert.reset(observation, {})
    for step in range(limit):
        choices = moves(layout, state)
        observation["text"] = describe(layout, state)
        state = choices[expert.act(observation, {"admissible_actions": list(choices)})]
        if is_won(layout, state):
            return step + 1
    return None


@dataclass(slots=True)
class _Draft:
    """A world being furnished: parallel lists of fixtures and things."""

    surfaces: list[str]
    boxes: list[str]
    names: list[str]
    rooms: list[int]
    lids: list[int]
    things: list[str]
    places: list[int]

    def add_surface(self, room: int, name: str | None = None) -> int:
        return self._add(name or self.surfaces.pop(), room, OPEN)

    def add_holder(self, room: int, lid: int) -> int:
        """Something to find a thing in: a surface or a box with the wanted lid."""
        return self.add_surface(room) if lid == OPEN else self._add(self.boxes.pop(), room, lid)

    def _add(self, name: str, room: int, lid: int) -> int:
        self.names.append(name)
        self.rooms.append(room)
        self.lids.append(lid)
        return len(self.names) - 1

    def add_thing(self, name: str, place: int) -> None:
        self.things.append(name)
        self.places.append(place)


def draw_layout(rng: random.Random, difficulty: int, split: str) -> Layout:
    """A random world whose shortest solution takes exactly `difficulty` steps."""
    goal_thing, goal_surface = _draw_goal(rng, split)
    lids, exits, stops = _draw_route(rng, difficulty)
    draft = _Draft(
        surfaces=rng.sample([name for name in SURFACES if name != goal_surface], len(SURFACES) - 1),
        boxes=rng.sample(BOXES, len(BOXES)),
        names=[], rooms=[], lids=[], things=[], places=[],
    )  # fmt: skip
    target = draft.add_surface(stops[-1], goal_surface)
    draft.add_thing(goal_thing, draft.add_holder(stops[-2], lids[-1]))
    if len(stops) == 4:
        draft.add_thing(KEY, draft.add_holder(stops[1], lids[0]))
    _add_distractors(rng, draft, len(exits), [name for name in THINGS if name != goal_thing])
    return _finished(rng, draft, exits, stops[0], target)


def _draw_goal(rng: random.Random, split: str) -> tuple[str, str]:
    """A goal pair of the split: one pair in five belongs to `valid`, the others to `train`."""
    while True:
        thing, surface = rng.randrange(len(THINGS)), rng.randrange(len(SURFACES))
        if ((thing + surface) % 5 == 0) == (split == "valid"):
            return THINGS[thing], SURFACES[surface]


def _draw_route(rng: random.Random, difficulty: int) -> tuple[tuple[int, ...], list[list[int]], list[int]]:
    """Lids, exits and stops of a route of the wanted length.

    The stops are the rooms of the start, of the key if one is needed, of the thing, and of the goal.
    """
    count = 2 + difficulty // 3
    steps = rng.choice([n for n in _PUZZLES if 0 <= difficulty - n <= _MAX_WALK])
    lids = _PUZZLES[steps] or (OPEN,)
    while True:
        exits, distance = _draw_rooms(rng, count)
        for _ in range(20):
            stops = [rng.randrange(count) for _ in range(2 + len(lids))]
            if sum(distance[a][b] for a, b in zip(stops, stops[1:], strict=False)) == difficulty - steps:
                return lids, exits, stops


def _draw_rooms(rng: random.Random, count: int) -> tuple[list[list[int]], list[list[int]]]:
    """A random tree of rooms, rather long than wide: the exits of each, and the distances between all."""
    exits: list[list[int]] = [[] for _ in range(count)]
    distance = [[0] * count for _ in range(count)]
    for room in range(1, count):
        parent = rng.randrange(max(0, room - 2), room)
        exits[room].append(parent)
        exits[parent].append(room)
        for other in range(room):
            distance[room][other] = distance[other][room] = distance[parent][other] + 1
    return exits, distance


def _add_distractors(rng: random.Random, draft: _Draft, rooms: int, things: list[str]) -> None:
    """Fixtures for empty rooms, two more anywhere, and three or four things that nobody asked for."""
    bare = [room for room in range(rooms) if room not in draft.rooms]
    has_key = KEY in draft.things
    for room in bare + [rng.randrange(rooms) for _ in range(2)]:
        draft.add_holder(room, rng.choice((OPEN, CLOSED, LOCKED if has_key else CLOSED)))
    for name in rng.sample(things, rng.randint(3, 4)):
        draft.add_thing(name, rng.randrange(len(draft.names)))


def _finished(rng: random.Random, draft: _Draft, exits: list[list[int]], start: int, target: int) -> Layout:
    """The layout, with everything renumbered at random so that no order betrays the solution."""
    room_order = rng.sample(range(len(exits)), len(exits))
    fixture_order = rng.sample(range(len(draft.names)), len(draft.names))
    thing_order = rng.sample(range(len(draft.things)), len(draft.things))
    new_room = {old: new for new, old in enumerate(room_order)}
    new_fixture = {old: new for new, old in enumerate(fixture_order)}
    state: State = (
        new_room[start],
        tuple(new_fixture[draft.places[old]] for old in thing_order),
        tuple(draft.lids[old] for old in fixture_order),
    )
    return Layout(
        rooms=tuple(rng.sample(ROOMS, len(exits))),
        exits=tuple(tuple(sorted(new_room[other] for other in exits[old])) for old in room_order),
        fixtures=tuple(draft.names[old] for old in fixture_order),
        fixture_rooms=tuple(new_room[draft.rooms[old]] for old in fixture_order),
        surfaces=tuple(new for new, old in enumerate(fixture_order) if draft.names[old] in SURFACES),
        things=tuple(draft.things[old] for old in thing_order),
        start=state,
        goal=(thing_order.index(0), new_fixture[target]),
    )
