"""Generated games: equal in every process, valid by the tables of ALFWorld, and spread like the real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from step_gym.envs.alfworld import tables
from step_gym.envs.alfworld.game import TASK_TYPES, Game
from step_gym.envs.alfworld.generate import SIZES, generate_game
from step_gym.envs.alfworld.scenes import mangled_id, mangled_location, scene, scene_numbers
from step_gym.envs.alfworld.simulator import Simulator
from step_gym.envs.core import digest


def text(game: Game) -> str:
    """Every field of a game; sets in sorted order, because theirs differs between processes."""
    objects = [
        (thing.id, thing.type, thing.receptacles, thing.locations, sorted(thing.properties))
        for thing in game.objects
    ]
    return repr((game.receptacles, objects, sorted(game.can_contain), game.start, game.goal, game.scene))


def games(count: int, split: str, size: str) -> list[Game]:
    return [generate_game(seed, split, size) for seed in range(count)]


def distance(first: Counter, second: Counter) -> float:
    """Total variation distance of two counts."""
    keys = {*first, *second}
    return sum(abs(first[k] / first.total() - second[k] / second.total()) for k in keys) / 2


def fingerprint() -> str:
    """Digest of some games; printed when this file is run by another process."""
    made = (generate_game(i, split, size) for i in range(4) for split in tables.SPLITS for size in SIZES)
    return digest(*map(text, made))


def test_equal_in_another_process() -> None:
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, __file__], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == fingerprint()


def test_seeds_splits_and_sizes_give_different_games() -> None:
    made = [
        generate_game(seed, split, size) for seed in range(10) for split in tables.SPLITS for size in SIZES
    ]
    assert len({text(game) for game in made}) == len(made)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("split", tables.SPLITS)
def test_games_are_valid_and_not_won_at_the_start(split: str, size: str) -> None:
    for game in games(150, split, size):
        ids = [place.id.lower() for place in game.receptacles] + [thing.id.lower() for thing in game.objects]
        assert len(set(ids)) == len(ids)
        kinds = {place.type for place in game.receptacles}
        assert game.can_contain == {
            (kind, thing.type)
            for kind in kinds
            for thing in game.objects
            if thing.type in tables.CAN_CONTAIN[kind]
        }
        for thing in game.objects:
            (home,) = thing.receptacles
            place = game.receptacles[home]
            assert thing.locations == (place.location,)
            assert thing.properties == tables.object_properties(thing.type)
            if thing.type == "DeskLamp":
                assert place.type in tables.LAMP_WEIGHT and "pickupable" not in thing.properties
            else:
                assert (place.type, thing.type) in game.can_contain
        assert game.start not in {place.location for place in game.receptacles}
        assert not Simulator(game).won
        goal = game.goal
        words = {"obj": goal.object.lower(), "recep": goal.receptacle.lower(), "toggle": goal.toggle.lower()}
        assert goal.sentence in [form.format(**words) for form in tables.GOAL_TEMPLATES[goal.task_type]]


def test_sizes_are_those_of_real_scenes_and_of_small_rooms() -> None:
    kitchens = [game for game in games(300, "train", "full") if tables.room_of(game.scene) == "Kitchen"]
    assert 20 < sum(len(game.receptacles) for game in kitchens) / len(kitchens) < 40
    assert 35 < sum(len(game.objects) for game in kitchens) / len(kitchens) < 55
    for game in games(300, "train", "small"):
        assert 4 <= len(game.receptacles) <= 7
        assert 5 <= len(game.objects) <= 10


def test_unseen_scenes_are_never_used_in_training() -> None:
    unseen = set(tables.UNSEEN_SCENES.values())
    assert unseen == {10, 219, 308, 424}
    for size in SIZES:
        assert {game.scene for game in games(200, "valid_unseen", size)} == unseen
        for split in ("train", "valid_seen"):
            assert not {game.scene for game in games(400, split, size)} & unseen
    assert len(scene_numbers()) == 112


@pytest.mark.parametrize("size", SIZES)
def test_training_games_are_distributed_like_the_real_ones(size: str) -> None:
    types: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    goals: Counter[str] = Counter()
    real_rooms: Counter[str] = Counter()
    real_goals: Counter[str] = Counter()
    weights = tables.TASK_TYPE_COUNTS["train"]
    for task_type, pairs in tables.load_asset("task_counts.json").items():
        total = sum(sum(by_scene.values()) for by_scene in pairs.values())
        for pair, by_scene in pairs.items():
            for number, count in by_scene.items():
                real_rooms[tables.room_of(int(number))] += count / total * weights[task_type]
                real_goals[pair.split("-")[1]] += count / total * weights[task_type]
    for game in games(1500, "train", size):
        types[game.goal.task_type] += 1
        rooms[tables.room_of(game.scene)] += 1
        goals[game.goal.receptacle or game.goal.toggle] += 1
    assert distance(types, Counter(weights)) < 0.05
    assert distance(rooms, real_rooms) < 0.06
    assert distance(goals, real_goals) < 0.08


def test_a_scene_is_the_same_room_in_every_game() -> None:
    by_scene: dict[int, tuple] = {}
    for game in games(300, "train", "full"):
        assert by_scene.setdefault(game.scene, game.receptacles) == game.receptacles
    for game in games(200, "train", "small"):
        assert set(game.receptacles) <= set(scene(game.scene).receptacles)


def test_scenes_are_like_the_published_one() -> None:
    room = scene(14)
    kinds = Counter(place.type for place in room.receptacles)
    assert kinds["CounterTop"] == 2 and kinds["StoveBurner"] == 4
    assert {"CoffeeMachine", "Fridge", "GarbageCan", "Microwave", "SinkBasin", "Toaster"} <= kinds.keys()
    sink = next(place for place in room.receptacles if place.type == "SinkBasin")
    assert sink.id == "Sink_bar__plus_01_dot_10_bar__plus_00_dot_91_bar__minus_01_dot_60_bar_SinkBasin"
    assert sink.location == "loc_bar_4_bar__minus_3_bar_2_bar_45"
    everywhere = [scene(number) for number in scene_numbers()]
    places = [place for room in everywhere for place in room.receptacles]
    assert any(place.type == "Cabinet" and not place.openable for place in places)
    assert all(place.openable for place in places if place.type in ("Fridge", "Microwave", "Safe"))
    shared = sum(
        len(room.receptacles) - len({place.location for place in room.receptacles}) for room in everywhere
    )
    assert 0.05 < shared / len(places) < 0.25


def test_ids_are_mangled_as_in_the_data_set() -> None:
    assert (
        mangled_id("Mug", (0.5, 0.938, -1.456))
        == "Mug_bar__plus_00_dot_50_bar__plus_00_dot_94_bar__minus_01_dot_46"
    )
    assert mangled_id("BathtubBasin", (0.0, 1.0, -12.0)) == (
        "Bathtub_bar__plus_00_dot_00_bar__plus_01_dot_00_bar__minus_12_dot_00_bar_BathtubBasin"
    )
    assert mangled_location(-4, 0, 2, 30) == "loc_bar__minus_4_bar_0_bar_2_bar_30"


def test_counts_add_up_to_the_real_split_sizes() -> None:
    sizes = {split: sum(counts.values()) for split, counts in tables.TASK_TYPE_COUNTS.items()}
    assert sizes == {"train": 3553, "valid_seen": 140, "valid_unseen": 134}
    assert all(set(counts) == set(TASK_TYPES) for counts in tables.TASK_TYPE_COUNTS.values())


def test_every_task_type_can_be_asked_for() -> None:
    for split in tables.SPLITS:
        for size in SIZES:
            for task_type in TASK_TYPES:
                assert generate_game("any text", split, size, task_type).goal.task_type == task_type


def test_unknown_names_are_refused_with_the_choices() -> None:
    with pytest.raises(ValueError, match="unknown split 'test'.*train"):
        generate_game(0, "test")
    with pytest.raises(ValueError, match="unknown size 'smal': did you mean 'small'"):
        generate_game(0, "train", "smal")
    with pytest.raises(ValueError, match="unknown task type"):
        generate_game(0, "train", "small", "juggle")
    with pytest.raises(ValueError, match="scene 99 does not exist"):
        tables.room_of(99)
    with pytest.raises(ValueError, match="scene 9 "):
        scene(9)


if __name__ == "__main__":
    print(fingerprint())
