"""The rooms of ALFWorld: which receptacles a scene has and where they stand, by scene number alone.

Receptacles whose place is known come from ALFRED's layouts (`assets/alfworld/scenes.json`); the rest of what
the scene is known to have (stove burners, coffee machine, holders, cabinets that do not open) is placed by a
generator seeded with the scene number.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate
from typing import TypeVar

from step_gym.envs.alfworld import tables
from step_gym.envs.alfworld.game import Receptacle
from step_gym.envs.core import digest

_T = TypeVar("_T")

Point = tuple[float, float, float]

_COUNT_WITHOUT_PLACE = {"StoveBurner": 4, "HandTowelHolder": 2, "Drawer": 3, "Shelf": 2, "Cabinet": 2}
_HEIGHT = {
    "Cabinet": 2.02,
    "Toaster": 0.9,
    "CoffeeMachine": 0.9,
    "StoveBurner": 0.91,
    "Shelf": 1.1,
    "Drawer": 0.6,
}
_MAX_FIXED_CABINETS = 6


@dataclass(frozen=True, slots=True)
class Scene:
    """A room without its objects.

    Attributes:
        number: Scene number.
        room: Kind of room, a key of `tables.ROOM_SCENES`.
        receptacles: Every receptacle, sorted by id.
        points: Where each receptacle is (x, y, z in metres); objects in it get ids close by.
        object_types: Types of the objects found in the room.
        order: Indices of all receptacles, shuffled; small rooms are made of the first ones.
    """

    number: int
    room: str
    receptacles: tuple[Receptacle, ...]
    points: tuple[Point, ...]
    object_types: tuple[str, ...]
    order: tuple[int, ...]


def seeded(*parts: str) -> random.Random:
    """A generator seeded by text; only its `random()` is used, which Python promises to keep as it is."""
    return random.Random(int(digest(*parts), 16))


def pick(rng: random.Random, items: Sequence[_T]) -> _T:
    """One of the items, uniformly."""
    return items[int(rng.random() * len(items))]


def pick_weighted(rng: random.Random, items: Sequence[_T], cumulative: Sequence[float]) -> _T:
    """One of the items; `cumulative` holds the running sums of their weights."""
    return items[min(bisect(cumulative, rng.random() * cumulative[-1]), len(items) - 1)]


def mangled_id(kind: str, point: Point) -> str:
    """The PDDL id of a thing at a point in metres: `Mug_bar__plus_00_dot_50_bar__minus_01_dot_46_...`.

    Basins are written as in the data set: `Sink_bar_..._bar_SinkBasin`.
    """
    stem = kind.removesuffix("Basin")
    coordinates = "".join(f"_bar__{'plus' if value >= 0 else 'minus'}_{abs(value):05.2f}" for value in point)
    return (stem + coordinates).replace(".", "_dot_") + (f"_bar_{kind}" if stem != kind else "")


def mangled_location(x: int, z: int, rotation: int, horizon: int) -> str:
    """PDDL id of a place to stand: x, z in quarter metres, rotation in quarter turns, horizon in degrees."""
    parts = (f"_minus_{-value}" if value < 0 else str(value) for value in (x, z, rotation, horizon))
    return "_bar_".join(("loc", *parts))


@cache
def _scene_data() -> dict[str, dict[str, list[str]]]:
    return tables.load_asset("scenes.json")


def scene_numbers() -> tuple[int, ...]:
    """Every scene that games are made in."""
    return tuple(int(number) for number in _scene_data())


@cache
def scene(number: int) -> Scene:
    """The room of a scene number. Raises `ValueError` if no games are made in it."""
    data = _scene_data().get(str(number))
    if data is None:
        raise ValueError(f"scene {number} is not in this data set: choose one of scene_numbers()")
    rng = seeded("alfworld-scene", str(number))
    placed = [_known_receptacle(entry) for entry in data["receptacles"]]
    used = {receptacle.location for receptacle, _ in placed}
    known = list(placed)
    for kind in data["unplaced"]:
        placed += _added_receptacles(kind, _COUNT_WITHOUT_PLACE.get(kind, 1), known, used, rng)
    cabinets = sum(receptacle.type == "Cabinet" for receptacle, _ in known)
    fixed = round(cabinets * rng.random())
    placed += _added_receptacles("Cabinet", min(fixed, _MAX_FIXED_CABINETS), known, used, rng)
    placed = sorted(
        {receptacle.id: (receptacle, point) for receptacle, point in placed}.values(), key=lambda p: p[0].id
    )
    return Scene(
        number=number,
        room=tables.room_of(number),
        receptacles=tuple(receptacle for receptacle, _ in placed),
        points=tuple(point for _, point in placed),
        object_types=tuple(data["objects"]),
        order=tuple(sorted(range(len(placed)), key=lambda _: rng.random())),
    )


def _known_receptacle(entry: str) -> tuple[Receptacle, Point]:
    """A receptacle from an entry such as `Cabinet|+01.66|+02.05|+00.67@4|1|1|-30`."""
    name, _, place = entry.partition("@")
    parts = name.split("|")
    kind = parts[-1] if parts[-1].endswith("Basin") else parts[0]
    x, z, rotation, horizon = (int(value) for value in place.split("|"))
    point = (float(parts[1]), float(parts[2]), float(parts[3]))
    # Counters, sink and microwave of the published game of scene 14 are 15 degrees below their layout entry.
    location = mangled_location(x, z, rotation, horizon + 15)
    mangled = name.replace("|", "_bar_").replace("+", "_plus_").replace("-", "_minus_").replace(".", "_dot_")
    return Receptacle(mangled, kind, location, openable=kind in tables.OPENABLE), point


def _added_receptacles(
    kind: str, count: int, known: Sequence[tuple[Receptacle, Point]], used: set[str], rng: random.Random
) -> list[tuple[Receptacle, Point]]:
    """Receptacles without a known place: at a location of their own or, where natural, at a known one."""
    neighbour = {"CoffeeMachine": "CounterTop", "Toaster": "CounterTop", "Cabinet": "Cabinet"}.get(kind)
    neighbours = [(receptacle, point) for receptacle, point in known if receptacle.type == neighbour]
    openable = kind in tables.OPENABLE - {"Cabinet", "Drawer"}
    added = []
    for _ in range(count):
        if neighbours and rng.random() < 0.5:
            receptacle, (x, y, z) = pick(rng, neighbours)
            location, point = (
                receptacle.location,
                (x + 0.3 * rng.random() + 0.1, y + 0.02, z + 0.3 * rng.random()),
            )
        else:
            location, point = _free_place(kind, used, rng)
        used.add(location)
        added.append((Receptacle(mangled_id(kind, point), kind, location, openable=openable), point))
    return added


def _free_place(kind: str, used: set[str], rng: random.Random) -> tuple[str, Point]:
    """A location that is not in use and a point three quarters of a metre ahead of it."""
    while True:
        x, z, rotation = int(rng.random() * 17) - 8, int(rng.random() * 17) - 8, int(rng.random() * 4)
        location = mangled_location(x, z, rotation, 45)
        if location not in used:
            dx, dz = ((0.0, 0.75), (0.75, 0.0), (0.0, -0.75), (-0.75, 0.0))[rotation]
            jitter = 0.2 * rng.random() - 0.1
            return location, (x / 4 + dx + jitter, _HEIGHT.get(kind, 0.0), z / 4 + dz + jitter)


@lru_cache(maxsize=4096)
def holders(
    number: int, object_type: str, among: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Which of a scene's receptacles may hold an object type, with the running sums of their weights.

    Args:
        number: Scene number.
        object_type: Type of the object.
        among: Indices of the receptacles that are there.
    """
    receptacles = scene(number).receptacles
    weights = {i: tables.placement_weight(object_type, receptacles[i].type) for i in among}
    indices = tuple(i for i in among if weights[i] > 0)
    return indices, tuple(accumulate(weights[i] for i in indices))
