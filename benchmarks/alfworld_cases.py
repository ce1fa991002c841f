"""What `benchmarks.alfworld` plays besides ordinary games and commands: odd rooms and commands that fail."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from step_gym.envs.alfworld.game import Game, Thing
from step_gym.envs.alfworld.oracle import optimal_length

STATES = ("isHot", "isCool", "isClean", "isToggled", "isOn", "isSliced")
ABILITIES = ("heatable", "coolable", "cleanable", "toggleable", "sliceable", "isReceptacleObject")


def odd_game(game: Game, rng: random.Random) -> Game:
    """A solvable variant of a game with facts that ALFWorld's own games seldom or never have."""
    while True:
        odd = game
        for change in rng.sample(CHANGES, rng.randint(2, 5)):
            odd = change(odd, rng)
        if optimal_length(odd) is not None:
            return odd


def probe(admissible: Sequence[str], seen: Sequence[str], rng: random.Random) -> str:
    """A command that may well fail: malformed, in the other wording, or admissible only somewhere else."""
    command = rng.choice(admissible)
    return rng.choice(
        [
            "",
            "xyzzy",
            command.upper(),
            command.replace(" ", "  ", 1),
            f"  {command}\t\n",
            command + ".",
            command.replace("move ", "put ").replace(" to ", " in/on "),
            command.replace(" 1", " 99"),
            "go to",
            "put a in/on b",
            rng.choice(seen),
            rng.choice(seen),
            rng.choice(seen),
        ]
    )


def _some_things(game: Game, rng: random.Random, change: Callable[[Thing], Thing], count: int = 6) -> Game:
    chosen = set(rng.sample(range(len(game.objects)), min(count, len(game.objects))))
    objects = tuple(change(thing) if i in chosen else thing for i, thing in enumerate(game.objects))
    return replace(game, objects=objects)


def start_at_receptacle(game: Game, rng: random.Random) -> Game:
    """The agent starts in front of something."""
    return replace(game, start=rng.choice(game.receptacles).location)


def share_locations(game: Game, rng: random.Random) -> Game:
    """Several receptacles at one location; what lies in them keeps its old `objectAtLocation`."""
    spots = rng.sample(sorted({place.location for place in game.receptacles}), 2)
    chosen = rng.sample(range(len(game.receptacles)), min(5, len(game.receptacles)))
    places = list(game.receptacles)
    for i in chosen:
        places[i] = replace(places[i], location=rng.choice(spots))
    return replace(game, receptacles=tuple(places))


def change_doors(game: Game, rng: random.Random) -> Game:
    """Doors that are open at the start, doors where none are, and open things without a door."""
    places = tuple(
        replace(place, openable=place.openable ^ (rng.random() < 0.3), opened=rng.random() < 0.4)
        for place in game.receptacles
    )
    return replace(game, receptacles=places)


def set_states(game: Game, rng: random.Random) -> Game:
    """Objects that are hot, cool, clean, sliced or switched on at the start."""
    return _some_things(
        game, rng, lambda thing: replace(thing, state=frozenset(rng.sample(STATES, rng.randint(1, 3)))), 15
    )


def leave_on_floor(game: Game, rng: random.Random) -> Game:
    """Objects in no receptacle."""
    return _some_things(game, rng, lambda thing: replace(thing, receptacles=()))


def lie_twice(game: Game, rng: random.Random) -> Game:
    """Objects in two receptacles."""
    numbers = range(len(game.receptacles))
    return _some_things(
        game, rng, lambda thing: replace(thing, receptacles=tuple(sorted(rng.sample(numbers, 2)))), 4
    )


def stray_locations(game: Game, rng: random.Random) -> Game:
    """Objects whose `objectAtLocation` is elsewhere, nowhere, or in two places."""
    spots = sorted({place.location for place in game.receptacles})
    return _some_things(
        game,
        rng,
        lambda thing: replace(thing, locations=tuple(rng.sample(spots, rng.randint(0, min(2, len(spots)))))),
        12,
    )


def nest(game: Game, rng: random.Random) -> Game:
    """Objects inside other objects."""
    outer = rng.choice(game.objects)
    nested = _some_things(
        game, rng, lambda thing: thing if thing.id == outer.id else replace(thing, inside=(outer.id,)), 4
    )
    objects = tuple(
        replace(thing, properties=thing.properties | {"isReceptacleObject", "pickupable"})
        if thing.id == outer.id
        else thing
        for thing in nested.objects
    )
    return replace(nested, objects=objects)


def change_abilities(game: Game, rng: random.Random) -> Game:
    """Objects that can do what their type cannot: lamps to carry, mugs to switch on, plates to slice."""

    def change(thing: Thing) -> Thing:
        return replace(thing, properties=thing.properties | {"pickupable", rng.choice(ABILITIES)})

    return _some_things(game, rng, change, 10)


def bring_knives(game: Game, rng: random.Random) -> Game:
    """Knives, and things to cut in and behind doors."""

    def change(thing: Thing) -> Thing:
        if rng.random() < 0.4:
            return replace(thing, type=rng.choice(("Knife", "ButterKnife")))
        return replace(thing, properties=thing.properties | {"sliceable"})

    goal = game.goal
    changed = _some_things(
        game, rng, lambda thing: thing if thing.type in (goal.object, goal.toggle) else change(thing), 8
    )
    knives = {(place.type, kind) for place in game.receptacles for kind in ("Knife", "ButterKnife")}
    return replace(changed, can_contain=game.can_contain | knives)


def plain_ids(game: Game, rng: random.Random) -> Game:
    """Ids without the mangled coordinates, which get no number."""
    names = {
        thing.id: f"Odd{i}" for i, thing in enumerate(rng.sample(game.objects, min(3, len(game.objects))))
    }
    objects = tuple(
        replace(
            thing,
            id=names.get(thing.id, thing.id),
            inside=tuple(names.get(outer, outer) for outer in thing.inside),
        )
        for thing in game.objects
    )
    place = rng.randrange(len(game.receptacles))
    places = tuple(
        replace(receptacle, id="OddPlace") if i == place else receptacle
        for i, receptacle in enumerate(game.receptacles)
    )
    return replace(game, objects=objects, receptacles=places)


def hold_anything(game: Game, rng: random.Random) -> Game:
    """Every receptacle may hold nearly everything."""
    pairs = {(place.type, thing.type) for place in game.receptacles for thing in game.objects if thing.type}
    return replace(
        game, can_contain=game.can_contain | {pair for pair in sorted(pairs) if rng.random() < 0.8}
    )


def hide_lamps(game: Game, rng: random.Random) -> Game:
    """Lamps behind closed doors."""
    doors = [i for i, place in enumerate(game.receptacles) if place.openable]
    if not doors:
        return game
    objects = tuple(
        replace(thing, receptacles=(rng.choice(doors),)) if "toggleable" in thing.properties else thing
        for thing in game.objects
    )
    return replace(game, objects=objects)


CHANGES = (
    start_at_receptacle,
    share_locations,
    change_doors,
    set_states,
    leave_on_floor,
    lie_twice,
    stray_locations,
    nest,
    change_abilities,
    bring_knives,
    plain_ids,
    hold_anything,
    hide_lamps,
)
