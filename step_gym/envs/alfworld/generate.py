"""Makes ALFWorld games: a real task, the room of its scene, and objects placed anew for every seed.

Tasks follow the counts of the real training games (`assets/alfworld/task_counts.json`); like ALFRED, which
dropped what its planner could not finish, it draws objects again when a thorough search of the room could not
finish within the step budget.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from step_gym.envs.alfworld import tables
from step_gym.envs.alfworld.game import TASK_TYPES, Game, Goal, Thing
from step_gym.envs.alfworld.scenes import (
    Scene,
    holders,
    mangled_id,
    mangled_location,
    pick,
    pick_weighted,
    scene,
    seeded,
)
from step_gym.envs.core import unknown_name_error

SIZES = ("full", "small")
MAX_STEPS = 50

_INSTANCES = ((1, 2, 3), (0.45, 0.75, 1.0))
"""How many of an object type a full room holds, with running probabilities; at most three, as in ALFRED."""


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """What a game is about; `receptacle` is the lamp type for `look_at_obj_in_light`."""

    task_type: str
    object: str
    receptacle: str
    scene: int


@dataclass(frozen=True, slots=True)
class _Placed:
    """An object in a receptacle, before it has an id."""

    type: str
    receptacle: int


def generate_game(seed: int | str, split: str, size: str = "full", task_type: str | None = None) -> Game:
    """A solvable game that is not solved at the start; equal arguments give an equal game in every process.

    Args:
        seed: Any number or text.
        split: "train" and "valid_seen" use the training scenes, "valid_unseen" only `tables.UNSEEN_SCENES`.
        size: "full" for the whole scene, "small" for 4 to 7 of its receptacles and 5 to 10 objects.
        task_type: One of `TASK_TYPES`; by default drawn as often as in the real split.

    Raises:
        ValueError: For an unknown split, size or task type.
    """
    for kind, value, choices in (("split", split, tables.SPLITS), ("size", size, SIZES)):
        if value not in choices:
            raise unknown_name_error(kind, value, choices)
    if task_type is not None and task_type not in TASK_TYPES:
        raise unknown_name_error("task type", task_type, TASK_TYPES)
    rng = seeded("alfworld-game", size, split, str(seed))
    if task_type is None:
        counts = tables.TASK_TYPE_COUNTS[split]
        task_type = pick_weighted(rng, tuple(counts), tuple(accumulate(counts.values())))
    while True:
        choice = pick_weighted(rng, *_choices(split, task_type))
        room = scene(choice.scene)
        among = tuple(range(len(room.receptacles))) if size == "full" else _small_room(choice, room, rng)
        placed = _place_targets(choice, room, among, size, rng)
        if placed is not None:
            placed += _place_others(choice, room, among, len(placed), size, rng)
            return _assemble(choice, room, among, placed, rng)


@cache
def _choices(split: str, task_type: str) -> tuple[tuple[TaskChoice, ...], tuple[float, ...]]:
    """Every task of a type in a split with the running sums of its counts.

    Real games of the unseen scenes are not in the data; there, each object and receptacle that the scene has
    counts as often as in the training scenes of the same kind of room.
    """
    counts: dict[TaskChoice, float] = {}
    for pair, by_scene in tables.load_asset("task_counts.json")[task_type].items():
        target, receptacle = pair.split("-")
        for number, count in by_scene.items():
            home = int(number)
            if split == "valid_unseen":
                home = tables.UNSEEN_SCENES[tables.room_of(home)]
            choice = TaskChoice(task_type, target, receptacle, home)
            if _possible(choice):
                counts[choice] = counts.get(choice, 0) + count
    return tuple(counts), tuple(accumulate(counts.values()))


def _possible(choice: TaskChoice) -> bool:
    """Whether the scene has what the task needs, and a place besides the goal for the object to start in."""
    room = scene(choice.scene)
    kinds = {receptacle.type for receptacle in room.receptacles}
    sources = {kind for kind in kinds if tables.placement_weight(choice.object, kind) > 0}
    if choice.object not in room.object_types or not sources - {choice.receptacle}:
        return False
    if choice.task_type == "look_at_obj_in_light":
        return choice.receptacle in room.object_types and bool(kinds & tables.LAMP_WEIGHT.keys())
    return choice.receptacle in sources and tables.APPLIANCE.get(choice.task_type, choice.receptacle) in kinds


def _small_room(choice: TaskChoice, room: Scene, rng: random.Random) -> tuple[int, ...]:
    """4 to 7 of the scene's receptacles.

    What the task needs, a place for the object to start in, and others in the scene's own order.
    """
    kinds = [receptacle.type for receptacle in room.receptacles]
    chosen: list[int] = []
    if choice.task_type == "look_at_obj_in_light":
        chosen.append(pick_weighted(rng, *holders(room.number, choice.receptacle, room.order)))
    else:
        chosen.append(next(i for i in room.order if kinds[i] == choice.receptacle))
        appliance = tables.APPLIANCE.get(choice.task_type, choice.receptacle)
        if appliance != choice.receptacle:
            chosen.append(next(i for i in room.order if kinds[i] == appliance))
    count = 4 + int(4 * rng.random())
    sources, _ = holders(room.number, choice.object, room.order)
    sources = [i for i in sources if i not in chosen and kinds[i] != choice.receptacle]
    if sources:
        chosen.append(pick(rng, sources))
    for i in room.order:
        if len(chosen) < count and i not in chosen and sum(kinds[j] == kinds[i] for j in chosen) < 2:
            chosen.append(i)
    return tuple(sorted(chosen))


def _place_targets(
    choice: TaskChoice, room: Scene, among: tuple[int, ...], size: str, rng: random.Random
) -> list[_Placed] | None:
    """The objects that the task is about, or None if the task cannot be finished in time in this scene."""
    kinds = [receptacle.type for receptacle in room.receptacles]
    indices, cumulative = holders(room.number, choice.object, among)
    is_two = choice.task_type == "pick_two_obj_and_place"
    at_goal_limit = 0 if choice.task_type == "pick_and_place_simple" else 1 if is_two else len(indices)
    for _ in range(50):
        if size == "full":
            count = pick_weighted(rng, *_INSTANCES) + is_two
        else:
            count = 1 + is_two + (rng.random() < 0.3)
        placed = [_Placed(choice.object, pick_weighted(rng, indices, cumulative)) for _ in range(count)]
        if sum(kinds[thing.receptacle] == choice.receptacle for thing in placed) > at_goal_limit:
            continue
        if choice.task_type == "look_at_obj_in_light":
            lamp_places = holders(room.number, choice.receptacle, among)
            placed.append(_Placed(choice.receptacle, pick_weighted(rng, *lamp_places)))
        if _steps_with_search(choice, room, among, placed) <= MAX_STEPS:
            return placed
    return None


def _steps_with_search(
    choice: TaskChoice, room: Scene, among: tuple[int, ...], placed: Iterable[_Placed]
) -> int:
    """Steps of an agent that searches, the most promising receptacles first, and then does the task."""
    kinds = {i: room.receptacles[i].type for i in among}

    def steps_to_see(object_type: str, how_many: int) -> int:
        def rank(i: int) -> tuple[float, str, int]:
            # Among equals, the expert takes lower numbers first, and numbers descend with ids.
            return (-tables.search_value(object_type, kinds[i]), kinds[i].lower(), -i)

        steps, seen = 0, 0
        for i in sorted(among, key=rank):
            steps += tables.search_cost(kinds[i])
            seen += sum(thing.type == object_type and thing.receptacle == i for thing in placed)
            if seen >= how_many:
                break
        return steps

    if choice.task_type == "look_at_obj_in_light":
        return steps_to_see(choice.object, 1) + steps_to_see(choice.receptacle, 1) + 3
    if choice.task_type == "pick_two_obj_and_place":
        return steps_to_see(choice.object, 2) + 9
    return steps_to_see(choice.object, 1) + 1 + 2 * (choice.task_type in tables.APPLIANCE) + 3


def _place_others(
    choice: TaskChoice, room: Scene, among: tuple[int, ...], taken: int, size: str, rng: random.Random
) -> list[_Placed]:
    """The objects that the task is not about."""
    types = [t for t in room.object_types if t not in (choice.object, choice.receptacle)]
    wanted = None
    if size == "small":
        types = sorted(types, key=lambda _: rng.random()) * 3
        wanted = 5 + int(6 * rng.random()) - taken
    placed: list[_Placed] = []
    for object_type in types:
        if wanted is not None and len(placed) >= wanted:
            break
        indices, cumulative = holders(room.number, object_type, among)
        if indices:
            is_single = wanted is not None or object_type in tables.LAMP_TYPES
            count = 1 if is_single else pick_weighted(rng, *_INSTANCES)
            placed += [_Placed(object_type, pick_weighted(rng, indices, cumulative)) for _ in range(count)]
    return placed


def _assemble(
    choice: TaskChoice, room: Scene, among: tuple[int, ...], placed: Iterable[_Placed], rng: random.Random
) -> Game:
    """The game of placed objects, with one of the two goal sentences; ids lie close to their receptacles."""
    receptacles = tuple(room.receptacles[i] for i in among)
    position = {i: place for place, i in enumerate(among)}
    things: dict[str, Thing] = {}
    for item in placed:
        x, y, z = room.points[item.receptacle]
        name = ""
        while not name or name in things:
            point = (x + 0.6 * rng.random() - 0.3, y + 0.3 * rng.random(), z + 0.6 * rng.random() - 0.3)
            name = mangled_id(item.type, point)
        home = room.receptacles[item.receptacle]
        properties = tables.object_properties(item.type)
        things[name] = Thing(name, item.type, (position[item.receptacle],), (home.location,), properties)
    is_look = choice.task_type == "look_at_obj_in_light"
    obj, recep = choice.object.lower(), choice.receptacle.lower()
    sentence = pick(rng, tables.GOAL_TEMPLATES[choice.task_type]).format(obj=obj, recep=recep, toggle=recep)
    lamp, target = (choice.receptacle, "") if is_look else ("", choice.receptacle)
    return Game(
        receptacles=receptacles,
        objects=tuple(things[name] for name in sorted(things)),
        can_contain=_can_contain({r.type for r in receptacles}, {t.type for t in things.values()}),
        # No receptacle is looked at from a horizon of 30 degrees, so the agent never starts at one.
        start=mangled_location(
            int(rng.random() * 17) - 8, int(rng.random() * 17) - 8, int(rng.random() * 4), 30
        ),
        goal=Goal(choice.task_type, choice.object, target, lamp, sentence),
        scene=room.number,
    )


def _can_contain(receptacle_types: set[str], object_types: set[str]) -> frozenset[tuple[str, str]]:
    """The `canContain` facts of a game: the general table restricted to the types that are there."""
    return frozenset(
        (kind, item) for kind in receptacle_types for item in tables.CAN_CONTAIN[kind] & object_types
    )
