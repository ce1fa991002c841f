"""The shortest solution of an ALFWorld game, from its full state.

Every move costs one step however far it is, so a solution is a short list of visits (take, treat, place,
light a lamp); the shortest one is found by trying every object, appliance and goal receptacle that can make a
difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import NamedTuple

from step_gym.envs.alfworld.game import Game, Thing
from step_gym.envs.alfworld.simulator import Simulator
from step_gym.envs.alfworld.tables import APPLIANCE

_TREATMENT = {
    "pick_clean_then_place_in_recep": ("clean", "cleanable", "isClean"),
    "pick_heat_then_place_in_recep": ("heat", "heatable", "isHot"),
    "pick_cool_then_place_in_recep": ("cool", "coolable", "isCool"),
}
_NEEDS_OPEN = ("take", "move")


class Visit(NamedTuple):
    """One thing to do at a receptacle; numbers index the game's tuples.

    The verb is "take", "move", "use", "heat", "cool" or "clean".
    """

    verb: str
    receptacle: int
    object: int


class Step(NamedTuple):
    """One command: a visit's verb, "go to" or "open" (both without an object, -1)."""

    verb: str
    receptacle: int
    object: int = -1


def optimal_length(game: Game) -> int | None:
    """Steps of a shortest solution; 0 if the goal holds at the start, None if it cannot be reached."""
    return min((_length(game, visits) for visits in _solutions(game)), default=None)


def optimal_steps(game: Game) -> list[Step] | None:
    """The steps of a shortest solution, or None if there is none."""
    best = min(_solutions(game), key=lambda visits: _length(game, visits), default=None)
    if best is None:
        return None
    steps: list[Step] = []
    location, opened = game.start, set[int]()
    for visit in best:
        place = game.receptacles[visit.receptacle]
        if place.location != location:
            steps.append(Step("go to", visit.receptacle))
            location = place.location
        if (
            visit.verb in _NEEDS_OPEN
            and place.openable
            and not place.opened
            and visit.receptacle not in opened
        ):
            steps.append(Step("open", visit.receptacle))
            opened.add(visit.receptacle)
        steps.append(Step(*visit))
    return steps


def optimal_plan(game: Game, grammar: str = "0.4") -> list[str] | None:
    """The commands of a shortest solution in the game's own names, or None if there is none."""
    steps = optimal_steps(game)
    if steps is None:
        return None
    simulator = Simulator(game, grammar)
    places = dict(
        zip(sorted(r.id.lower() for r in game.receptacles), simulator.receptacle_names, strict=True)
    )
    things = dict(zip(sorted(t.id.lower() for t in game.objects), simulator.object_names, strict=True))
    wording = {
        "take": "take {o} from {r}",
        "move": "move {o} to {r}" if grammar == "0.4" else "put {o} in/on {r}",
        "use": "use {o}",
    }
    commands = []
    for step in steps:
        place = places[game.receptacles[step.receptacle].id.lower()]
        if step.object < 0:
            commands.append(f"{step.verb} {place}")
        else:
            form = wording.get(step.verb, step.verb + " {o} with {r}")
            commands.append(form.format(o=things[game.objects[step.object].id.lower()], r=place))
    return commands


def _length(game: Game, visits: Iterable[Visit]) -> int:
    """Steps of a list of visits: one each, one for every change of location, one for every closed door."""
    location, steps = game.start, 0
    opened: list[int] = []
    for verb, receptacle, _ in visits:
        place = game.receptacles[receptacle]
        if place.location != location:
            location = place.location
            steps += 1
        if verb in _NEEDS_OPEN and place.openable and not place.opened and receptacle not in opened:
            opened.append(receptacle)
            steps += 1
        steps += 1
    return steps


def _solutions(game: Game) -> Iterator[tuple[Visit, ...]]:
    """Lists of visits that reach the goal, among them a shortest one."""
    task_type = game.goal.task_type
    wanted = [i for i, thing in enumerate(game.objects) if thing.type == game.goal.object]
    if task_type == "look_at_obj_in_light":
        return _look_solutions(game, wanted)
    if task_type == "pick_two_obj_and_place":
        return _two_solutions(game, wanted)
    return _place_solutions(game, wanted)


def _takes(game: Game, i: int) -> list[Visit]:
    thing = game.objects[i]
    return [Visit("take", r, i) for r in thing.receptacles] if "pickupable" in thing.properties else []


def _targets(game: Game, wanted: Iterable[int]) -> list[int]:
    """Receptacles of the goal type, but of several that are alike for this task only one.

    They differ by what they hold, by sharing a location with something that the task visits, and by a closed
    door.
    """
    goal = game.goal
    held = {r for i in wanted for r in game.objects[i].receptacles}
    visited = {game.receptacles[r].location for r in held} | {game.start}
    visited |= {place.location for place in game.receptacles if place.type == APPLIANCE.get(goal.task_type)}
    chosen: dict[object, int] = {}
    for r, place in enumerate(game.receptacles):
        if place.type == goal.receptacle:
            location = place.location if place.location in visited else None
            key = (r if r in held else None, location, place.openable and not place.opened)
            chosen.setdefault(key, r)
    return list(chosen.values())


def _fits(game: Game) -> bool:
    return (game.goal.receptacle, game.goal.object) in game.can_contain


def _place_solutions(game: Game, wanted: list[int]) -> Iterator[tuple[Visit, ...]]:
    """Solutions of the tasks that want one object, treated where the task says so, in a receptacle."""
    goal = game.goal
    verb, ability, result = _TREATMENT.get(goal.task_type, ("", "", ""))
    appliances = [
        r for r, place in enumerate(game.receptacles) if place.type == APPLIANCE.get(goal.task_type)
    ]
    targets = _targets(game, wanted) if _fits(game) else []
    for i in wanted:
        thing = game.objects[i]
        if ability and ability not in thing.properties:
            continue
        ready = not result or result in thing.state
        if ready and _lies_at_goal(game, thing, -1):
            yield ()
        for take in _takes(game, i):
            for treatment in [()] if ready else [(Visit(verb, a, i),) for a in appliances]:
                # An object in two receptacles stays in the one when it is taken out of the other.
                if treatment and _lies_at_goal(game, thing, take.receptacle):
                    yield (take, *treatment)
                for target in targets:
                    yield (take, *treatment, Visit("move", target, i))


def _lies_at_goal(game: Game, thing: Thing, besides: int) -> bool:
    return any(game.receptacles[r].type == game.goal.receptacle for r in thing.receptacles if r != besides)


def _look_solutions(game: Game, wanted: list[int]) -> Iterator[tuple[Visit, ...]]:
    """Solutions of the task that wants an object in hand beside a lamp that has been switched on."""
    for lamp, thing in enumerate(game.objects):
        if thing.type == game.goal.toggle and "toggleable" in thing.properties:
            for place in thing.receptacles:
                for i in wanted:
                    for take in _takes(game, i):
                        yield take, Visit("use", place, lamp)


def _two_solutions(game: Game, wanted: list[int]) -> Iterator[tuple[Visit, ...]]:
    """Solutions of the task that wants two objects in one receptacle; those that lie there count."""
    for target in _targets(game, wanted):
        missing = max(0, 2 - sum(target in game.objects[i].receptacles for i in wanted))
        if missing and not _fits(game):
            continue
        away = [i for i in wanted if target not in game.objects[i].receptacles]
        for chosen in permutations(away, missing):
            routes: list[tuple[Visit, ...]] = [()]
            for i in chosen:
                routes = [
                    (*route, take, Visit("move", target, i)) for route in routes for take in _takes(game, i)
                ]
            yield from routes
