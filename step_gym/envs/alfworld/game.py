"""What an ALFWorld game is: receptacles, objects and a goal, apart from file formats and running state.

Field names follow the predicates of ALFWorld's PDDL domain (`alfworld/data/alfred.pddl`).
"""

from __future__ import annotations

from dataclasses import dataclass

TASK_TYPES = (
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
)


@dataclass(frozen=True, slots=True)
class Receptacle:
    """A place that holds things.

    Attributes:
        id: PDDL id, for example `Cabinet_bar__plus_01_dot_66_bar_...`; decides names and numbers.
        type: Receptacle type without the `Type` suffix, for example `SinkBasin`.
        location: PDDL id of the location where it stands; several receptacles may share one.
        openable: Whether it can be opened and closed; it starts closed unless `opened`.
        opened: Whether it starts open.
    """

    id: str
    type: str
    location: str
    openable: bool = False
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Thing:
    """An object.

    Attributes:
        id: PDDL id; decides names and numbers.
        type: Object type without the `Type` suffix, for example `ButterKnife`.
        receptacles: Indices into `Game.receptacles` of those that hold it at the start (normally one or
            none).
        locations: PDDL ids of its `objectAtLocation` facts at the start.
        properties: Subset of {"pickupable", "heatable", "coolable", "cleanable", "toggleable", "sliceable",
            "isReceptacleObject"}.
        state: Subset of {"isHot", "isCool", "isClean", "isToggled", "isOn", "isSliced"} true at the start.
        inside: PDDL ids of receptacle objects it lies in at the start (`inReceptacleObject`).
    """

    id: str
    type: str
    receptacles: tuple[int, ...] = ()
    locations: tuple[str, ...] = ()
    properties: frozenset[str] = frozenset()
    state: frozenset[str] = frozenset()
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Goal:
    """What wins the game: one of the six task types over an object type and a receptacle or lamp type.

    Attributes:
        task_type: One of `TASK_TYPES`.
        object: Target object type.
        receptacle: Target receptacle type; empty for `look_at_obj_in_light`.
        toggle: Lamp type for `look_at_obj_in_light`; else empty.
        sentence: The goal sentence as the game words it, for example `put a clean mug in coffeemachine.`
    """

    task_type: str
    object: str
    receptacle: str
    toggle: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Game:
    """A whole game: everything that does not change while it is played.

    Attributes:
        receptacles: Every receptacle, in the order of the problem's declarations.
        objects: Every object with a type, in the order of the problem's declarations.
        can_contain: Pairs (receptacle type, object type) of the `canContain` facts.
        start: PDDL id of the location where the agent starts.
        goal: What wins.
        scene: ALFRED scene number (kitchens 1-30, living rooms 201-230, bedrooms 301-330, bathrooms 401-430),
            or 0 if unknown.
    """

    receptacles: tuple[Receptacle, ...]
    objects: tuple[Thing, ...]
    can_contain: frozenset[tuple[str, str]]
    start: str
    goal: Goal
    scene: int = 0
