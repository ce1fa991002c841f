"""What is true of every ALFWorld room: what may lie where, what can be heated, and how common each task is.

`CAN_CONTAIN` and the property tables are those of `alfworld/gen/constants.py` (MIT); the task counts by split
are Table 1 of the ALFWorld paper (Shridhar et al., 2021, arXiv:2010.03768). `PLACEMENT_WEIGHT` is this
project's own estimate.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

SPLITS = ("train", "valid_seen", "valid_unseen")

TASK_TYPE_COUNTS: dict[str, dict[str, int]] = {
    "train": {
        "pick_and_place_simple": 790,
        "look_at_obj_in_light": 308,
        "pick_clean_then_place_in_recep": 650,
        "pick_heat_then_place_in_recep": 459,
        "pick_cool_then_place_in_recep": 533,
        "pick_two_obj_and_place": 813,
    },
    "valid_seen": {
        "pick_and_place_simple": 35,
        "look_at_obj_in_light": 13,
        "pick_clean_then_place_in_recep": 27,
        "pick_heat_then_place_in_recep": 16,
        "pick_cool_then_place_in_recep": 25,
        "pick_two_obj_and_place": 24,
    },
    "valid_unseen": {
        "pick_and_place_simple": 24,
        "look_at_obj_in_light": 18,
        "pick_clean_then_place_in_recep": 31,
        "pick_heat_then_place_in_recep": 23,
        "pick_cool_then_place_in_recep": 21,
        "pick_two_obj_and_place": 17,
    },
}
"""Games of each task type in each split of the real data set; they add up to 3,553, 140 and 134."""

ROOM_SCENES = {
    "Kitchen": range(1, 31),
    "LivingRoom": range(201, 231),
    "Bedroom": range(301, 331),
    "Bathroom": range(401, 431),
}
"""AI2-THOR scene numbers of each kind of room."""

UNSEEN_SCENES = {"Kitchen": 10, "LivingRoom": 219, "Bedroom": 308, "Bathroom": 424}
"""The scenes of ALFRED's valid_unseen split, one of each kind; no other split uses them."""

GOAL_TEMPLATES = {
    "pick_and_place_simple": ("put a {obj} in {recep}.", "put some {obj} on {recep}."),
    "look_at_obj_in_light": ("look at {obj} under the {toggle}.", "examine the {obj} with the {toggle}."),
    "pick_clean_then_place_in_recep": (
        "put a clean {obj} in {recep}.",
        "clean some {obj} and put it in {recep}.",
    ),
    "pick_heat_then_place_in_recep": (
        "put a hot {obj} in {recep}.",
        "heat some {obj} and put it in {recep}.",
    ),
    "pick_cool_then_place_in_recep": (
        "put a cool {obj} in {recep}.",
        "cool some {obj} and put it in {recep}.",
    ),
    "pick_two_obj_and_place": ("put two {obj} in {recep}.", "find two {obj} and put them in {recep}."),
}
"""Goal sentences of `alfworld/gen/goal_library.py`, with the full stop of the game grammar's task line."""

APPLIANCE = {
    "pick_clean_then_place_in_recep": "SinkBasin",
    "pick_heat_then_place_in_recep": "Microwave",
    "pick_cool_then_place_in_recep": "Fridge",
}
"""Receptacle type that gives an object the property that the task asks for."""

OPENABLE = frozenset({"Cabinet", "Drawer", "Fridge", "Microwave", "Safe"})
"""Receptacle types that can be opened; a single cabinet or drawer may still not be openable."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TABLE_TOP = _words(
    "AlarmClock Apple BaseballBat BasketBall Book Bowl Box Bread ButterKnife CD Candle CellPhone Cloth "
    "CreditCard Cup DishSponge Egg Fork Glassbottle HandTowel Kettle KeyChain Knife Ladle Laptop Lettuce "
    "Mug Newspaper Pan PaperTowel Pen Pencil PepperShaker Plate Pot Potato RemoteControl SaltShaker "
    "SoapBar SoapBottle Spatula Spoon SprayBottle Statue TennisRacket TissueBox ToiletPaper "
    "ToiletPaperRoll Tomato Vase Watch WateringCan WineBottle"
)
_SEAT = _words(
    "BasketBall Book Box CellPhone Cloth CreditCard KeyChain Laptop Newspaper Pillow RemoteControl"
)
_DRESSER = _words(
    "AlarmClock BasketBall Book Bowl Box CD Candle CellPhone Cloth CreditCard Cup Glassbottle KeyChain "
    "Laptop Mug Newspaper Pen Pencil Plate RemoteControl SprayBottle Statue TennisRacket TissueBox "
    "ToiletPaper ToiletPaperRoll Vase Watch WateringCan WineBottle"
)

CAN_CONTAIN: dict[str, frozenset[str]] = {
    "ArmChair": _SEAT,
    "BathtubBasin": _words("Cloth DishSponge HandTowel SoapBar"),
    "Bed": _words("BaseballBat BasketBall Book CellPhone Laptop Newspaper Pillow TennisRacket"),
    "Cabinet": _words(
        "Book Bowl Box CD Candle Cloth Cup DishSponge Glassbottle HandTowel Kettle Ladle Mug Newspaper "
        "Pan PepperShaker Plate Plunger Pot SaltShaker SoapBar SoapBottle SprayBottle TissueBox "
        "ToiletPaper ToiletPaperRoll Vase WateringCan WineBottle"
    ),
    "Cart": _words(
        "Candle Cloth DishSponge HandTowel Mug PaperTowel Plunger SoapBar SoapBottle SprayBottle Statue "
        "TissueBox ToiletPaper ToiletPaperRoll Vase"
    ),
    "CoffeeMachine": frozenset({"Mug"}),
    "CoffeeTable": _TABLE_TOP,
    "CounterTop": _TABLE_TOP,
    "Desk": _DRESSER | {"SoapBottle"},
    "DiningTable": _TABLE_TOP,
    "Drawer": _words(
        "Book ButterKnife CD Candle CellPhone Cloth CreditCard DishSponge Fork HandTowel KeyChain Knife "
        "Ladle Newspaper Pen Pencil PepperShaker RemoteControl SaltShaker SoapBar SoapBottle Spatula "
        "Spoon SprayBottle TissueBox ToiletPaper ToiletPaperRoll Watch WateringCan"
    ),
    "Dresser": _DRESSER,
    "Fridge": _words(
        "Apple Bowl Bread Cup Egg Glassbottle Lettuce Mug Pan Plate Pot Potato Tomato WineBottle"
    ),
    "GarbageCan": _words(
        "Apple Bread CD Cloth DishSponge Egg HandTowel Lettuce Newspaper PaperTowel Pen Pencil Potato "
        "SoapBar SoapBottle SprayBottle TissueBox ToiletPaper ToiletPaperRoll Tomato WineBottle"
    ),
    "HandTowelHolder": frozenset({"HandTowel"}),
    "LaundryHamper": frozenset({"Cloth"}),
    "Microwave": _words("Apple Bowl Bread Cup Egg Glassbottle Mug Plate Potato Tomato"),
    "Ottoman": _SEAT,
    "Safe": _words("CD CellPhone CreditCard KeyChain Statue Vase Watch"),
    "Shelf": _words(
        "AlarmClock Book Bowl Box CD Candle CellPhone Cloth CreditCard Cup DishSponge Glassbottle "
        "HandTowel Kettle KeyChain Mug Newspaper PaperTowel Pen Pencil PepperShaker Plate Pot "
        "RemoteControl SaltShaker SoapBar SoapBottle SprayBottle Statue TissueBox ToiletPaper "
        "ToiletPaperRoll Vase Watch WateringCan WineBottle"
    ),
    "SideTable": _TABLE_TOP,
    "SinkBasin": _words(
        "Apple Bowl ButterKnife Cloth Cup DishSponge Egg Fork Glassbottle HandTowel Kettle Knife Ladle "
        "Lettuce Mug Pan Plate Pot Potato SoapBar Spatula Spoon Tomato"
    ),
    "Sofa": _SEAT,
    "StoveBurner": frozenset({"Kettle", "Pan", "Pot"}),
    "TVStand": frozenset({"TissueBox"}),
    "Toaster": frozenset(),
    "Toilet": _words(
        "Candle Cloth DishSponge HandTowel Newspaper PaperTowel SoapBar SoapBottle SprayBottle TissueBox "
        "ToiletPaper ToiletPaperRoll"
    ),
    "ToiletPaperHanger": frozenset({"ToiletPaper", "ToiletPaperRoll"}),
    "TowelHolder": frozenset({"Towel"}),
}
"""Receptacle type -> object types it may hold."""

_TYPES_WITH_PROPERTY = {
    "heatable": _words("Apple Bread Cup Egg Mug Plate Potato Tomato"),
    "coolable": _words("Apple Bowl Bread Cup Egg Lettuce Mug Pan Plate Pot Potato Tomato WineBottle"),
    "cleanable": _words(
        "Apple Bowl ButterKnife Cloth Cup DishSponge Egg Fork Kettle Knife Ladle Lettuce Mug Pan Plate "
        "Pot Potato SoapBar Spatula Spoon Tomato"
    ),
    "toggleable": frozenset({"DeskLamp", "FloorLamp"}),
    "sliceable": _words("Apple Bread Egg Lettuce Potato Tomato"),
    "isReceptacleObject": _words("Bowl Box Cup Mug Pan Plate Pot"),
}

LAMP_TYPES = _TYPES_WITH_PROPERTY["toggleable"]
LAMP_WEIGHT = {
    "Desk": 6.0,
    "SideTable": 4.0,
    "Dresser": 3.0,
    "DiningTable": 2.0,
    "CoffeeTable": 1.0,
    "Shelf": 0.5,
}
"""Where a desk lamp stands: receptacle type -> relative weight of one such receptacle."""

PLACEMENT_WEIGHT = {
    "Bed": 3.0,
    "CoffeeTable": 5.0,
    "CounterTop": 9.0,
    "Desk": 6.0,
    "DiningTable": 7.0,
    "Dresser": 4.0,
    "Fridge": 4.0,
    "GarbageCan": 2.0,
    "HandTowelHolder": 3.0,
    "SideTable": 4.0,
    "SinkBasin": 3.0,
    "Sofa": 3.0,
    "Toilet": 2.0,
    "ToiletPaperHanger": 2.0,
    "TowelHolder": 4.0,
}
"""Receptacle type -> how many objects one of it holds, relative to a cabinet or drawer (1.0).

Types that are not listed weigh 1.0. In the published game of scene 14 a counter
holds about ten times as many as a cabinet.
"""

_ALL_OBJECT_TYPES = frozenset().union(*CAN_CONTAIN.values()) | LAMP_TYPES
TYPE_OF_WORD = {name.lower(): name for name in sorted(_ALL_OBJECT_TYPES | CAN_CONTAIN.keys())}
"""Lower-case word, as the game writes it -> object or receptacle type."""


@cache
def object_properties(object_type: str) -> frozenset[str]:
    """The PDDL properties of an object type; everything but lamps can be picked up."""
    properties = {name for name, types in _TYPES_WITH_PROPERTY.items() if object_type in types}
    return frozenset(properties if object_type in LAMP_TYPES else properties | {"pickupable"})


def room_of(scene: int) -> str:
    """The kind of room of a scene number. Raises `ValueError` for a number that is no scene."""
    for room, numbers in ROOM_SCENES.items():
        if scene in numbers:
            return room
    rooms = ", ".join(f"{room} {numbers[0]}-{numbers[-1]}" for room, numbers in ROOM_SCENES.items())
    raise ValueError(f"scene {scene} does not exist: choose one of {rooms}")


def placement_weight(object_type: str, receptacle_type: str) -> float:
    """How likely an object is to be in one receptacle of a type, relative to others; 0 if it never is."""
    if object_type in LAMP_TYPES:
        return LAMP_WEIGHT.get(receptacle_type, 0.0)
    if object_type not in CAN_CONTAIN.get(receptacle_type, ()):
        return 0.0
    return PLACEMENT_WEIGHT.get(receptacle_type, 1.0)


def search_cost(receptacle_type: str) -> int:
    """Steps to see what is in a receptacle: one to go there, one more to open it."""
    return 2 if receptacle_type in OPENABLE else 1


def search_value(object_type: str, receptacle_type: str) -> float:
    """What looking into a receptacle promises for each step that it takes; the best are searched first."""
    return placement_weight(object_type, receptacle_type) / search_cost(receptacle_type)


def load_asset(name: str) -> Any:
    """A JSON file of `step_gym/assets/alfworld`."""
    return json.loads(resources.files("step_gym").joinpath("assets", "alfworld", name).read_text("utf-8"))
