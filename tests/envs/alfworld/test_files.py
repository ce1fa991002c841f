from __future__ import annotations

import gzip
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from gymnasium.error import DependencyNotInstalled
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.alfworld import files
from step_gym.envs.alfworld.files import file_tasks, find_games, read_game, write_game, write_problem
from step_gym.envs.alfworld.game import TASK_TYPES, Game
from step_gym.envs.alfworld.generate import generate_game
from step_gym.envs.alfworld.pddl import parse_problem, problem_text
from step_gym.envs.alfworld.simulator import Simulator

RECORDED = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "data" / "alfworld" / "real_engine.json.gz").read_bytes())
)["games"]
HEAT = RECORDED["pick_heat_then_place_in_recep/trial_0_0"]

# Stands in for ALFWorld's grammar, which is no part of the project; only the line with the goal is read.
GRAMMAR = 'grammar :: """ {"task": [{\n "rhs": "Your task is to: UNKNOWN GOAL."\n}]} """;'


@pytest.fixture
def packaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "alfworld_logic", lambda: ("(define (domain alfred))", GRAMMAR))


def a_game(number: int = 0, task_type: str = TASK_TYPES[0]) -> Game:
    return generate_game(f"files-{number}", "train", "small", task_type)


def write_raw(folder: Path, **changes: object) -> Path:
    """A trial folder of a recorded game; a change of None leaves a key of game.tw-pddl out."""
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "pddl_domain": "",
        "grammar": GRAMMAR.replace("UNKNOWN GOAL.", HEAT["sentence"]),
        "pddl_problem": HEAT["initial_state"],
        "solvable": True,
        "walkthrough": [],
    } | changes
    data = {key: value for key, value in data.items() if value is not None}
    (folder / "game.tw-pddl").write_text(json.dumps(data))
    (folder / "initial_state.pddl").write_text(HEAT["initial_state"])
    (folder / "traj_data.json").write_text(json.dumps(HEAT["traj_data"]))
    return folder


# -- round trips -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_what_is_written_is_read_back(task_type: str, tmp_path: Path, packaged: None) -> None:
    game = a_game(1, task_type)
    write_game(game, tmp_path / "task" / "trial_1", "trial_1")
    assert read_game(tmp_path / "task" / "trial_1") == game
    assert read_game(tmp_path / "task" / "trial_1" / "game.tw-pddl") == game
    os.remove(tmp_path / "task" / "trial_1" / "game.tw-pddl")
    read = read_game(tmp_path / "task" / "trial_1")
    assert replace(read, goal=game.goal) == game
    assert read.goal == replace(game.goal, sentence=read.goal.sentence)


def test_odd_facts_are_written_and_read_back() -> None:
    game = a_game(2)
    rng = random.Random(0)
    objects = [
        replace(
            thing,
            state=frozenset(rng.sample(["isHot", "isCool", "isToggled", "isSliced"], 2)),
            locations=(game.start, game.receptacles[0].location),
            receptacles=(0, 1) if number % 2 else (),
            inside=(game.objects[0].id,) if number else (),
        )
        for number, thing in enumerate(game.objects)
    ]
    places = [replace(place, opened=True) for place in game.receptacles]
    odd = replace(game, objects=tuple(objects), receptacles=tuple(places), scene=0)
    assert parse_problem(problem_text(odd, "odd"), "odd", sentence=odd.goal.sentence) == odd


def test_the_problem_is_written_without_alfworld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DependencyNotInstalled, match=r"pip install step-gym\[alfworld\]"):
        write_game(a_game(), tmp_path / "t", "t")
    assert not (tmp_path / "t").exists()
    write_problem(a_game(), tmp_path / "t", "t")
    assert sorted(os.listdir(tmp_path / "t")) == ["initial_state.pddl", "traj_data.json"]
    assert Simulator(read_game(tmp_path / "t")).admissible == Simulator(a_game()).admissible


def test_recorded_problems_read_with_goal_and_scene(tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "task" / "trial")
    game = read_game(folder)
    assert (game.goal.task_type, game.goal.object, game.goal.receptacle) == (
        "pick_heat_then_place_in_recep",
        "Potato",
        "Fridge",
    )
    assert game.goal.sentence == "heat some potato and put it in fridge."
    os.remove(folder / "game.tw-pddl")
    assert read_game(folder).goal.sentence == "put a hot potato in fridge."
    os.remove(folder / "traj_data.json")
    assert read_game(folder / "initial_state.pddl") == read_game(folder)
    assert read_game(folder).goal.sentence == "put a hot potato in fridge."
    assert list(find_games(folder / "initial_state.pddl").ids["games"]) == ["task/trial"]


def test_several_agents_are_played_by_the_first() -> None:
    problem = HEAT["initial_state"].replace("agent1 - agent", "alice - agent\n bob - agent")
    start = "loc_bar_0_bar_0_bar_0_bar_30"
    problem = problem.replace(
        f"(atLocation agent1 {start})", f"(atLocation alice {start})\n(atLocation bob {start})\n(holds bob x)"
    )
    with pytest.raises(ValueError, match="holds"):
        parse_problem(problem, "p")
    problem = problem.replace("(holds bob x)", "")
    expected = parse_problem(HEAT["initial_state"], "p")
    assert parse_problem(problem, "p") == expected


# -- layout and skipping -----------------------------------------------------------------------------------


def test_a_tree_in_alfworlds_layout(tmp_path: Path) -> None:
    root = tmp_path / "json_2.1.1"
    write_raw(root / "valid_seen" / "pick_heat_then_place_in_recep-Potato-None-Fridge-1" / "trial_a")
    write_raw(root / "train" / "pick_heat_then_place_in_recep-Potato-None-Fridge-2" / "trial_b")
    write_raw(root / "extra" / "pick_heat_then_place_in_recep-Potato-None-Fridge-3" / "trial_c")
    task = "pick_heat_then_place_in_recep-Potato-None-Fridge-4"
    write_raw(root / "train" / "pick_and_place_with_movable_recep-Egg-Pan-Fridge-1" / "trial_d")
    write_raw(root / "train" / "pick_heat_then_place_in_recep-PotatoSliced-None-Fridge-1" / "trial_e")
    write_raw(root / "train" / task / "trial_f", solvable=False)
    write_raw(root / "train" / task / "trial_g", solvable=None)
    os.remove(write_raw(root / "train" / task / "trial_h") / "game.tw-pddl")
    os.remove(write_raw(root / "train" / task / "trial_i") / "traj_data.json")
    other = write_raw(root / "train" / "some_task" / "trial_j")
    (other / "traj_data.json").write_text(json.dumps(HEAT["traj_data"] | {"task_type": "stack_plates"}))
    write_raw(root / "train" / "another_task" / "trial_k")

    tree = find_games(tmp_path)
    assert tree.ids == {
        "train": (
            "another_task/trial_k",
            "pick_heat_then_place_in_recep-Potato-None-Fridge-2/trial_b",
        ),
        "valid_seen": ("pick_heat_then_place_in_recep-Potato-None-Fridge-1/trial_a",),
        "extra": ("pick_heat_then_place_in_recep-Potato-None-Fridge-3/trial_c",),
    }
    assert tree.skipped == {
        "movable or sliced": 2,
        "unsolvable": 1,
        "not marked solvable": 1,
        "no game.tw-pddl": 1,
        "no traj_data.json": 1,
        "unknown task type": 1,
    }
    assert list(find_games(root / "train").ids) == ["train"]
    assert list(find_games(root / "extra").ids) == ["games"]
    single = find_games(
        root / "valid_seen" / "pick_heat_then_place_in_recep-Potato-None-Fridge-1" / "trial_a"
    )
    assert single.ids == {"valid_seen": ("pick_heat_then_place_in_recep-Potato-None-Fridge-1/trial_a",)}


def test_listing_reads_no_problem(tmp_path: Path) -> None:
    good = write_raw(tmp_path / "train" / "pick_heat_then_place_in_recep-A-None-B-1" / "trial_a")
    bad = write_raw(tmp_path / "train" / "pick_heat_then_place_in_recep-A-None-B-1" / "trial_b")
    text = (bad / "game.tw-pddl").read_text()
    (bad / "game.tw-pddl").write_text(text.replace("(:init", "(:init (", 1))
    tasks = file_tasks(find_games(tmp_path))
    assert len(tasks) == 2
    # Go to the potato, take it, go to the microwave, heat, go to the fridge, open, put in.
    assert (tasks[0].id, tasks[0].difficulty) == (f"{good.parent.name}/trial_a", 7.0)
    with pytest.raises(ValueError, match=r"trial_b.*line \d+: unbalanced parentheses"):
        tasks[1]


def test_a_tree_without_generated_games_is_read_from_its_problems(tmp_path: Path) -> None:
    os.remove(write_raw(tmp_path / "task" / "trial_a") / "game.tw-pddl")
    stuck = write_raw(tmp_path / "task" / "trial_b")
    os.remove(stuck / "game.tw-pddl")
    problem = (
        HEAT["initial_state"]
        .replace("PotatoType)", "NoneType)")
        .replace("PotatoType - otype", "NoneType - otype")
    )
    goal = problem.index("(:goal")
    (stuck / "initial_state.pddl").write_text(
        problem[:goal] + problem[goal:].replace("NoneType", "PotatoType")
    )
    tree = find_games(tmp_path)
    assert tree.ids == {"games": ("task/trial_a",)}
    assert tree.skipped == {"no solution": 1}


def test_two_games_with_one_id(tmp_path: Path) -> None:
    write_raw(tmp_path / "a" / "task" / "trial")
    write_raw(tmp_path / "b" / "task" / "trial")
    with pytest.raises(ValueError, match="two games have the id 'task/trial'"):
        find_games(tmp_path)


def test_nothing_to_play(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        find_games(tmp_path / "missing")
    with pytest.raises(ValueError, match=r"no game\.tw-pddl"):
        find_games(tmp_path)
    write_raw(tmp_path / "task" / "trial", solvable=False)
    with pytest.raises(ValueError, match="1 skipped: unsolvable"):
        find_games(tmp_path)


# -- damaged files -----------------------------------------------------------------------------------------


def test_damaged_json(tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "task" / "trial")
    text = (folder / "game.tw-pddl").read_text()
    (folder / "game.tw-pddl").write_text(text[: len(text) // 2])
    with pytest.raises(ValueError, match=r"game\.tw-pddl, line 1 column \d+: damaged JSON"):
        read_game(folder)
    (folder / "game.tw-pddl").write_text("[]")
    with pytest.raises(ValueError, match="JSON object was expected, not list"):
        read_game(folder)
    (folder / "game.tw-pddl").write_bytes(b"\xff\xfe{}")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_game(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pddl_problem": None}, r"missing key 'pddl_problem' \(found: pddl_domain, grammar"),
        ({"grammar": None}, "missing key 'grammar'"),
        ({"pddl_problem": 3}, "'pddl_problem' must be a str, not int"),
        ({"grammar": "no goal here"}, "no line 'Your task is to:'"),
        ({"solvable": False}, "marked unsolvable"),
    ],
)
def test_damaged_game_files(change: dict, message: str, tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "task" / "trial", **change)
    with pytest.raises(ValueError, match=message) as caught:
        read_game(folder)
    assert "game.tw-pddl" in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"initial_state\.pddl: cannot be read \(No such file or directory\)"
    ):
        read_game(tmp_path)
    folder = write_raw(tmp_path / "task" / "trial")
    os.remove(folder / "traj_data.json")
    (folder / "traj_data.json").symlink_to("nowhere")
    with pytest.raises(ValueError, match=r"traj_data\.json: cannot be read"):
        find_games(tmp_path)


def test_damaged_trajectory(tmp_path: Path) -> None:
    folder = write_raw(tmp_path / "task" / "trial")
    os.remove(folder / "game.tw-pddl")
    for change, message in (
        ({"task_type": "stack"}, "'stack' is not one of ALFWorld's six"),
        ({"pddl_params": {}}, "missing key 'object_target'"),
        ({"pddl_params": {"object_sliced": True}}, "sliced task type"),
    ):
        (folder / "traj_data.json").write_text(json.dumps(HEAT["traj_data"] | change))
        with pytest.raises(ValueError, match=message):
            read_game(folder)


PROBLEM = """(define (problem p) ; a comment (
 (:domain alfred)
 (:objects agent1 - agent Mug_bar_1 - object Shelf_bar_1 - receptacle loc_bar_1 loc_bar_2 - location
   MugType - otype ShelfType - rtype)
 (:init (atLocation agent1 loc_bar_2) (receptacleType Shelf_bar_1 ShelfType)
   (receptacleAtLocation Shelf_bar_1 loc_bar_1)
   (objectType Mug_bar_1 MugType) (inReceptacle Mug_bar_1 Shelf_bar_1) (= (distance loc_bar_1 loc_bar_2) 4))
 (:goal (and (exists (?r - receptacle) (exists (?o - object)
   (and (inReceptacle ?o ?r) (objectType ?o MugType) (receptacleType ?r ShelfType)))))))
"""


def test_a_small_problem() -> None:
    game = parse_problem(PROBLEM, "p")
    assert [place.id for place in game.receptacles] == ["Shelf_bar_1"]
    assert game.objects[0].receptacles == (0,) and game.objects[0].type == "Mug"
    assert (game.goal.task_type, game.goal.object, game.goal.receptacle) == (
        "pick_and_place_simple",
        "Mug",
        "Shelf",
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(define", "define", r"p, line 1: '\(' expected, found 'define'"),
        ("ShelfType)))))))", "ShelfType))))))", "p, line 1: unbalanced parentheses"),
        ("ShelfType)))))))", "ShelfType))))))))", r"p, line 9: unexpected '\)' after the end"),
        ("(:init", "(:start", r"no \(:init ...\) section"),
        ("(define", "(defined", "begins with"),
        ("loc_bar_2 - location", "loc_bar_2 - (location)", r"p, line 3: a type is missing after '-'"),
        ("ShelfType - rtype)", "ShelfType)", "'ShelfType' is declared without a type"),
        ("agent1 - agent", "agent1 - agent agent1 - agent", "'agent1' is declared twice"),
        ("(atLocation agent1 loc_bar_2)", "", r"no \(atLocation ...\) for the agent 'agent1'"),
        ("agent1 - agent", "agent1 - robot", "no agent is declared"),
        ("(receptacleAtLocation Shelf_bar_1 loc_bar_1)", "", "no location for the receptacle 'Shelf_bar_1'"),
        ("(receptacleType Shelf_bar_1 ShelfType)", "(openable Shelf_bar_1)", r"no \(receptacleType"),
        (
            "(objectType Mug_bar_1 MugType)",
            "(objectType Cup_bar_1 MugType)",
            "'cup_bar_1' .* is not declared",
        ),
        (
            "(objectType Mug_bar_1 MugType)",
            "(objectType Mug_bar_1)",
            r"p, line 7: \(objecttype ...\) takes 2 names",
        ),
        ("(objectType Mug_bar_1 MugType)", "(colour Mug_bar_1)", r"p, line 7: unknown fact \(colour ...\)"),
        (
            "(inReceptacle Mug_bar_1 Shelf_bar_1)",
            "(inReceptacle Mug_bar_1 loc_bar_1)",
            "which is no receptacle",
        ),
        (
            "Shelf_bar_1 loc_bar_1)\n",
            "Shelf_bar_1 loc_bar_1) (receptacleAtLocation Shelf_bar_1 loc_bar_2)\n",
            "more than one",
        ),
        (
            "(inReceptacle ?o ?r)",
            "(isSliced ?o)",
            r"p, line 8: unknown goal form \(over issliced, objecttype",
        ),
        ("(objectType ?o MugType)", "(objectType ?o MugType) (objectType ?o CupType)", "one object type"),
        ("(:goal", "(:aim", "states no goal"),
    ],
)
def test_damaged_problems(old: str, new: str, message: str) -> None:
    assert old in PROBLEM
    with pytest.raises(ValueError, match=message) as caught:
        parse_problem(PROBLEM.replace(old, new, 1), "p")
    assert "\n" not in str(caught.value)


def test_empty_problem() -> None:
    with pytest.raises(ValueError, match="no PDDL problem found"):
        parse_problem("", "p")


@given(st.integers(0, len(PROBLEM) - 1), st.sampled_from(["", "(", ")", "-", " x ", "((((", "\0", ";"]))
def test_damage_anywhere_is_a_value_error_or_harmless(place: int, noise: str) -> None:
    for damaged in (PROBLEM[:place] + noise, PROBLEM[:place] + noise + PROBLEM[place + 1 :]):
        try:
            game = parse_problem(damaged, "p")
        except ValueError as error:
            assert str(error).startswith("p, line ") and "\n" not in str(error)
        else:
            Simulator(game)
