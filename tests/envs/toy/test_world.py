from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.toy.tasks import draw_layout
from step_gym.envs.toy.world import (
    CLOSED,
    HAND,
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


@pytest.fixture
def layout() -> Layout:
    """Two rooms: here a closed box with the key and an apple on the table, there a cup in a locked chest."""
    return Layout(
        rooms=("hall", "attic"),
        exits=((1,), (0,)),
        fixtures=("box", "table", "chest"),
        fixture_rooms=(0, 0, 1),
        surfaces=(1,),
        things=("key", "apple", "cup"),
        start=(0, (0, 1, 2), (CLOSED, OPEN, LOCKED)),
        goal=(2, 1),
    )


def play(layout: Layout, *actions: str) -> State:
    state = layout.start
    for action in actions:
        state = moves(layout, state)[action]
    return state


def test_what_is_seen(layout: Layout) -> None:
    assert instruction(layout) == "Put the cup on the table."
    assert describe(layout, layout.start) == (
        "You are in the hall. Exits: attic. box: closed. table: apple. You carry: nothing."
    )
    state = play(layout, "open box", "take key", "take apple", "go attic")
    assert (
        describe(layout, state) == "You are in the attic. Exits: hall. chest: locked. You carry: key, apple."
    )
    state = play(layout, "open box", "take apple")
    assert describe(layout, state) == (
        "You are in the hall. Exits: attic. box: key. table: nothing. You carry: apple."
    )


def test_what_can_be_done(layout: Layout) -> None:
    assert list(moves(layout, layout.start)) == ["go attic", "open box", "take apple"]
    assert list(moves(layout, play(layout, "go attic"))) == ["go hall"], "no key, no unlocking"
    state = play(layout, "open box", "take key", "take apple")
    assert list(moves(layout, state)) == ["go attic", "put key on table", "put apple on table"]
    state = play(layout, "open box", "take key", "go attic")
    assert list(moves(layout, state)) == ["go hall", "unlock chest"]
    state = moves(layout, state)["unlock chest"]
    assert state == (1, (HAND, 1, 2), (OPEN, OPEN, CLOSED))
    assert list(moves(layout, state)) == ["go hall", "open chest"], "unlocked is not yet open"


def test_the_shortest_plan(layout: Layout) -> None:
    plan = [
        "open box",
        "take key",
        "go attic",
        "unlock chest",
        "open chest",
        "take cup",
        "go hall",
        "put cup on table",
    ]
    assert solve(layout, layout.start) == plan
    state = play(layout, *plan)
    assert is_won(layout, state) and solve(layout, state) == []
    assert solve(layout, play(layout, *plan[:3], "go hall", "put key on table")) == ["take key", *plan[2:]]


def test_an_unreachable_goal_is_an_error(layout: Layout) -> None:
    no_key = Layout(
        rooms=layout.rooms,
        exits=layout.exits,
        fixtures=layout.fixtures,
        fixture_rooms=layout.fixture_rooms,
        surfaces=layout.surfaces,
        things=("coin", "apple", "cup"),
        start=layout.start,
        goal=layout.goal,
    )
    with pytest.raises(ValueError, match="no plan puts the cup on the table"):
        solve(no_key, no_key.start)


def distance_by_full_search(layout: Layout, state: State) -> int:
    """Breadth-first search that leaves no action out."""
    distance = {state: 0}
    queue = deque([state])
    while queue:
        current = queue.popleft()
        if is_won(layout, current):
            return distance[current]
        for successor in moves(layout, current).values():
            if successor not in distance:
                distance[successor] = distance[current] + 1
                queue.append(successor)
    raise AssertionError("unreachable")


@pytest.mark.parametrize("difficulty", [2, 3, 4, 5, 6, 7])
def test_difficulty_is_exact(difficulty: int) -> None:
    for seed in range(6):
        layout = draw_layout(random.Random(seed), difficulty, "train")
        assert distance_by_full_search(layout, layout.start) == len(solve(layout, layout.start)) == difficulty


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32), st.integers(0, 15))
def test_plan_lengths_agree_with_those_of_all_successors(difficulty: int, seed: int, steps: int) -> None:
    rng = random.Random(seed)
    layout = draw_layout(rng, difficulty, "valid")
    state = layout.start
    for _ in range(steps):
        state = rng.choice(list(moves(layout, state).values()))
    if is_won(layout, state):
        assert solve(layout, state) == []
    else:
        best = min(len(solve(layout, successor)) for successor in moves(layout, state).values())
        assert len(solve(layout, state)) == 1 + best


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32))
def test_drawn_worlds_are_well_formed(difficulty: int, seed: int) -> None:
    layout = draw_layout(random.Random(seed), difficulty, "train")
    room, places, lids = layout.start
    for names in (layout.rooms, layout.fixtures, layout.things):
        assert len(set(names)) == len(names)
    assert 0 <= room < len(layout.rooms) and all(0 <= place < len(layout.fixtures) for place in places)
    assert all(lids[surface] == OPEN for surface in layout.surfaces)
    assert layout.goal[1] in layout.surfaces and not is_won(layout, layout.start)
    assert LOCKED not in lids or layout.key is not None and lids[places[layout.key]] != LOCKED
    assert all(here in layout.exits[there] for here, exits in enumerate(layout.exits) for there in exits)
