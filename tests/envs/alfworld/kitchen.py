"""A small game that the tests play; `test_real_engine.py` plays the same commands in the real engine."""

from __future__ import annotations

from dataclasses import replace

from step_gym.envs.alfworld.game import Game, Goal, Receptacle, Thing

FOOD = frozenset({"pickupable", "heatable", "coolable", "cleanable", "sliceable"})
LAMP = frozenset({"toggleable"})


def kitchen(**changes) -> Game:
    """A kitchen where a shelf and a cabinet share a location and a lamp stands behind a closed door."""
    receptacles = (
        Receptacle("Cabinet_bar_1", "Cabinet", "loc_bar_2", openable=True),
        Receptacle("Shelf_bar_1", "Shelf", "loc_bar_2"),
        Receptacle("Fridge_bar_1", "Fridge", "loc_bar_3", openable=True),
        Receptacle("Microwave_bar_1", "Microwave", "loc_bar_4", openable=True),
        Receptacle("Sink_bar_1_bar_SinkBasin", "SinkBasin", "loc_bar_5"),
        Receptacle("Cabinet_bar_2", "Cabinet", "loc_bar_6"),
    )
    objects = (
        Thing("Apple_bar_2", "Apple", (1,), ("loc_bar_2",), FOOD),
        Thing("Apple_bar_1", "Apple", (0,), ("loc_bar_2",), FOOD),
        Thing("Knife_bar_1", "Knife", (1,), ("loc_bar_2",), frozenset({"pickupable", "cleanable"})),
        Thing("Plate_bar_1", "Plate", (1,), ("loc_bar_2",), (FOOD | {"isReceptacleObject"}) - {"sliceable"}),
        Thing("DeskLamp_bar_1", "DeskLamp", (0,), ("loc_bar_2",), LAMP),
        Thing("Window_bar_1", "Window", (), ("loc_bar_9",)),
    )
    kinds = ("Apple", "Knife", "Plate")
    places = ("Cabinet", "Shelf", "Fridge", "Microwave", "SinkBasin")
    fits = frozenset((place, kind) for place in places for kind in kinds) - {("Microwave", "Knife")}
    goal = Goal("pick_heat_then_place_in_recep", "Apple", "Shelf", "", "put a hot apple in shelf.")
    return replace(Game(receptacles, objects, fits, "loc_bar_1", goal), **changes)
