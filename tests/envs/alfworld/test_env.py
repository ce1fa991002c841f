from __future__ import annotations

import gzip
import json
import pickle
import random
from pathlib import Path

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

import step_gym  # noqa: F401
from step_gym.envs.alfworld.env import AlfworldEnv
from step_gym.envs.alfworld.oracle import optimal_plan

RECORDED = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "data" / "alfworld" / "real_engine.json.gz").read_bytes())
)


@pytest.fixture
def games(tmp_path: Path) -> Path:
    """The recorded games as ALFWorld keeps games that have not been generated yet."""
    for name, game in RECORDED["games"].items():
        folder = tmp_path / "json_2.1.1" / "valid_seen" / name
        folder.mkdir(parents=True)
        (folder / "initial_state.pddl").write_text(game["initial_state"])
        (folder / "traj_data.json").write_text(json.dumps(game["traj_data"]))
    return tmp_path


def make(**kwargs) -> AlfworldEnv:
    env = gymnasium.make("STEP-ALFWorld-v0", **kwargs).unwrapped
    assert isinstance(env, AlfworldEnv)
    return env


@pytest.mark.parametrize("kwargs", [{}, {"size": "small", "split": "valid_unseen", "grammar": "0.3"}])
def test_checks_of_gymnasium(kwargs: dict) -> None:
    check_env(make(**kwargs), skip_render_check=True)


def test_first_observation() -> None:
    env = make(size="small")
    observation, info = env.reset(options={"task_id": "train-0"})
    assert observation["text"].startswith(
        "-= Welcome to TextWorld, ALFRED! =-\n\nYou are in the middle of a room."
    )
    assert observation["text"].endswith(f"\n\nYour task is to: {observation['instruction']}")
    assert {"help", "inventory", "look"} <= set(info["admissible_actions"])
    assert env.action_space.contains(info["admissible_actions"][0])


@pytest.mark.parametrize("grammar", ["0.4", "0.3"])
def test_an_optimal_plan_wins(grammar: str) -> None:
    env = make(size="small", split="train", grammar=grammar)
    for number in range(12):
        env.reset(options={"task_id": f"train-{number}"})
        task = env.tasks.by_id(f"train-{number}")
        plan = optimal_plan(env._game_of(task.id), grammar)
        assert plan is not None and len(plan) == task.difficulty
        for command in plan[:-1]:
            _, reward, terminated, truncated, info = env.step(command)
            assert (reward, terminated, truncated, info["action_valid"]) == (0.0, False, False, True)
        _, reward, terminated, truncated, info = env.step(plan[-1])
        assert (reward, terminated, truncated) == (1.0, True, False)
        assert (info["is_success"], info["score"]) == (True, 1.0)


def test_recorded_games_from_their_files(games: Path) -> None:
    env = make(games=str(games), split="valid_seen")
    assert env.tasks.splits == ("valid_seen",) and len(env.tasks) == 6
    for episode in RECORDED["episodes"]:
        observation, info = env.reset(options={"task_id": episode["game"]})
        assert observation["text"].split("\n\n")[1] == episode["obs0"].split("\n\n")[1]
        assert info["admissible_actions"] == episode["adm0"]
        for number, (command, text, admissible, reward, done, won) in enumerate(episode["steps"], start=1):
            observation, ours, terminated, truncated, info = env.step(command)
            assert (observation["text"], info["admissible_actions"]) == (text, admissible)
            assert (ours, terminated) == (reward, done)
            assert truncated == (number == 50 and not won)
            assert info.get("is_success", False) == won


@pytest.mark.parametrize(
    "action", ["go to nowhere 1", "LOOK", "x" * 20_000, "", "look\0", "\ud800", "ünïcode", None, 7, " "]
)
def test_actions_that_do_nothing(action: object) -> None:
    env = make(size="small")
    before = env.reset(options={"task_id": "train-3"})[1]
    observation, reward, terminated, truncated, info = env.step(action)  # type: ignore[arg-type]
    assert observation["text"] == "Nothing happens."
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert not info["action_valid"] and info["action_error"] and len(info["action_error"]) < 200
    assert (info["state_key"], info["admissible_actions"]) == (
        before["state_key"],
        before["admissible_actions"],
    )


def test_the_budget_ends_an_episode() -> None:
    env = make(size="small")
    env.reset(options={"task_id": "train-3"})
    for number in range(50):
        _, _, terminated, truncated, info = env.step("look")
        assert (terminated, truncated) == (False, number == 49)
    assert (info["is_success"], info["score"]) == (False, 0.0)


def test_snapshots_restore_in_another_environment() -> None:
    env, other = make(size="small"), make(size="small")
    rng = random.Random(1)
    _, info = env.reset(options={"task_id": "train-5"})
    other.reset(options={"task_id": "train-6"})
    for _ in range(10):
        _, _, _, _, info = env.step(rng.choice(info["admissible_actions"]))
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))
    commands = []
    expected = []
    for _ in range(8):
        commands.append(rng.choice(info["admissible_actions"]))
        expected.append(env.step(commands[-1]))
        info = expected[-1][-1]
    for restored in (env, other):
        restored.restore(snapshot)
        assert [restored.step(command) for command in commands] == expected


def test_environments_can_be_pickled(games: Path) -> None:
    for env in (make(size="small"), make(games=str(games))):
        _, info = env.reset(seed=3)
        env.step(info["admissible_actions"][0])
        twin = pickle.loads(pickle.dumps(env))
        assert twin.step("look") == env.step("look")
        assert twin.reset(seed=4) == env.reset(seed=4)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"split": "test"}, "unknown split 'test'.*train"),
        ({"size": "tiny"}, "unknown size 'tiny'.*full"),
        ({"grammar": "0.5"}, r"unknown grammar '0\.5'"),
        ({"backend": "textwrld"}, "unknown backend 'textwrld'.*simulated"),
        ({"render_mode": "human"}, "unknown render_mode 'human'"),
        ({"games": "/does/not/exist"}, "games path '/does/not/exist' does not exist"),
    ],
)
def test_bad_arguments(kwargs: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        AlfworldEnv(**kwargs)
    assert "\n" not in str(caught.value)


def test_unknown_task() -> None:
    with pytest.raises(ValueError, match="unknown task id 'train-9999'"):
        make().reset(options={"task_id": "train-9999"})
