"""ALFWorld's own engine as a backend: the same episodes as the simulator's, and what happens when it fails.

The faults are played by stand-ins for the worker process, so that they need no engine.
"""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.error import DependencyNotInstalled
from gymnasium.utils.env_checker import check_env

import step_gym  # noqa: F401
from step_gym.envs.alfworld import engine
from step_gym.envs.alfworld.engine import Engine, state_of
from step_gym.envs.alfworld.env import AlfworldEnv
from step_gym.envs.alfworld.files import write_game, write_problem
from step_gym.envs.alfworld.simulator import Simulator
from step_gym.envs.alfworld.tasks import game_of
from step_gym.envs.core import EnvironmentFault

needs_engine = pytest.mark.skipif(
    find_spec("fast_downward") is None, reason="needs the real engine: pip install step-gym[alfworld]"
)


def make(**kwargs) -> AlfworldEnv:
    env = gymnasium.make("STEP-ALFWorld-v0", disable_env_checker=True, **kwargs).unwrapped
    assert isinstance(env, AlfworldEnv)
    return env


def same_episodes(ours: AlfworldEnv, theirs: AlfworldEnv, task_id: str, rng: random.Random) -> int:
    """Plays random commands, now and then a wrong or malformed one, in both; gives the number of steps."""
    shown = ours.reset(options={"task_id": task_id})
    assert theirs.reset(options={"task_id": task_id}) == shown
    steps, over = 0, False
    while not over:
        action: Any = rng.choice(shown[-1]["admissible_actions"])
        if rng.random() < 0.2:
            action = rng.choice(["", "look\0", "LOOK", " look\t", "open the pod bay doors", None, "\ud800"])
        shown = ours.step(action)
        assert theirs.step(action) == shown, action
        steps += 1
        over = shown[2] or shown[3]
    return steps


@pytest.mark.parametrize("missing", ["alfworld", "textworld", "fast_downward"])
def test_a_missing_package_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(
        DependencyNotInstalled, match=rf"package {missing}: `pip install step-gym\[alfworld\]`"
    ):
        AlfworldEnv(backend="textworld")


def test_the_wording_is_the_files_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: object())
    with pytest.raises(ValueError, match=r"grammar='0\.3': .*leave grammar='0\.4'"):
        AlfworldEnv(backend="textworld", grammar="0.3")


ANSWER = {"text": "hello", "admissible": ["look"], "won": False, "facts": []}
WORKER = f"""
import json, os, sys, time
from multiprocessing.connection import Connection
connection = Connection(int(sys.argv[1]))
while True:
    request = json.loads(connection.recv_bytes())
    if request.get("command") == "abort": os.abort()
    if request.get("command") == "exit": os._exit(3)
    if request.get("command") == "hang": time.sleep(60)
    if request.get("command") == "doze": time.sleep(0.5)
    if request.get("command") == "fail": answer = {{"error": "KeyError: 'x'\\n  y"}}
    else: answer = {ANSWER!r} | {{"pid": os.getpid()}}
    connection.send_bytes(json.dumps(answer).encode())
"""


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Engine]:
    worker = tmp_path / "worker.py"
    worker.write_text(WORKER)
    monkeypatch.setattr(engine, "WORKER", worker)
    return Engine


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("abort", r"died \(SIGABRT\)"),
        ("exit", r"died \(exit status 3\)"),
        ("hang", r"gave no answer in 1 s"),
        ("fail", r"failed: KeyError: 'x' y$"),
    ],
)
def test_a_fault_of_the_engine_is_reported_and_the_next_question_answered(
    stand_in: type[Engine], command: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_process = stand_in()
    pid = engine_process.ask(game="a")["pid"]
    assert engine_process.ask(command="look") == ANSWER | {"pid": pid}
    with monkeypatch.context() as patch:
        patch.setattr(engine, "TIMEOUT_S", 1.0)
        with pytest.raises(EnvironmentFault, match=message):
            engine_process.ask(command=command)
    assert not engine_process.runs
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert engine_process.ask(game="a")["pid"] != pid
    engine_process.close()
    engine_process.close()


def test_an_interrupted_question_gets_no_late_answer(stand_in: type[Engine]) -> None:
    engine_process = stand_in()
    pid = engine_process.ask(game="a")["pid"]
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            engine_process.ask(command="doze")
    finally:
        signal.signal(signal.SIGALRM, before)
    assert engine_process.ask(game="a")["pid"] != pid


def test_the_process_ends_with_its_engine(stand_in: type[Engine]) -> None:
    engine_process = stand_in()
    pid = engine_process.ask(game="a")["pid"]
    twin = pickle.loads(pickle.dumps(engine_process))
    assert engine_process.runs and not twin.runs
    del engine_process
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_engine_that_cannot_start_is_an_env_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation, found only when a game is loaded: no exception, and no success rate."""
    monkeypatch.setattr(engine, "find_spec", lambda name: object())
    monkeypatch.setattr(engine, "WORKER", Path(__file__).with_name("no_such_worker.py"))
    monkeypatch.setattr(engine, "game_data", lambda game, task_id: {})
    env = make(size="small", backend="textworld")
    assert not env.supports_snapshot
    _, info = env.reset(options={"task_id": "train-0"})
    assert info["status"] == "env_error" and "died" in info["error"]
    _, reward, terminated, truncated, info = env.step("look")
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info["status"] == "env_error" and "is_success" not in info
    env.close()


def test_state_from_facts() -> None:
    """The facts of a state written down by hand give the simulator's own state of that moment."""
    game = game_of("train-3", "small")
    simulator = Simulator(game)
    simulator.start()
    tables = simulator.facts
    state = simulator.save()
    objects, places, spots = list(tables.objects), list(tables.receptacles), list(tables.locations)
    facts = [("atlocation", "agent1", spots[state.location])]
    facts += [("opened", places[r]) for r in range(len(places)) if state.opened >> r & 1]
    facts += [
        ("inreceptacle", objects[o], places[r]) for r, inside in enumerate(state.contents) for o in inside
    ]
    facts += [("objectatlocation", objects[n // len(spots)], spots[n % len(spots)]) for n in state.at]
    assert state_of(tables, reversed(facts)) == state
    changed = state_of(
        tables, [*facts, ("holds", "agent1", objects[2]), ("ishot", objects[2]), ("opened", places[1])]
    )
    assert changed == state._replace(held=2, hot=state.hot | 4, opened=state.opened | 2)


# -- with the real engine ------------------------------------------------------------------------------------


@pytest.fixture
def pair():
    """Environments with equal arguments on both backends, closed afterwards."""
    made: list[AlfworldEnv] = []

    def build(**kwargs) -> tuple[AlfworldEnv, AlfworldEnv]:
        made.extend((make(**kwargs), make(backend="textworld", **kwargs)))
        return made[-2], made[-1]

    yield build
    for env in made:
        env.close()


@pytest.mark.real
@needs_engine
def test_generated_tasks_are_the_same_in_both(pair) -> None:
    ours, theirs = pair(size="small")
    assert list(ours.tasks.ids()) == list(theirs.tasks.ids())
    rng = random.Random(0)
    steps = [same_episodes(ours, theirs, f"train-{number}", rng) for number in (0, 1, 2, 3, 0)]
    assert sum(steps) > 150


@pytest.mark.real
@needs_engine
def test_game_files_are_the_same_in_both(pair, tmp_path: Path) -> None:
    for number in range(2):
        write_game(
            game_of(f"valid_seen-{number}", "small"), tmp_path / "valid_seen" / f"task-{number}" / "t", "t"
        )
    write_problem(game_of("valid_seen-2", "small"), tmp_path / "raw" / "task" / "t", "t")
    rng = random.Random(1)
    for games in (
        tmp_path / "valid_seen",
        tmp_path / "raw",
        tmp_path / "valid_seen" / "task-0" / "t" / "game.tw-pddl",
    ):
        ours, theirs = pair(games=str(games))
        assert list(ours.tasks) == list(theirs.tasks)
        for task_id in theirs.tasks.ids():
            same_episodes(ours, theirs, task_id, rng)


@pytest.mark.real
@needs_engine
def test_winning(pair) -> None:
    from step_gym.envs.alfworld.oracle import optimal_plan

    ours, theirs = pair(size="small")
    plan = optimal_plan(game_of("train-1", "small"), "0.4")
    assert plan
    for env in (ours, theirs):
        env.reset(options={"task_id": "train-1"})
    for command in plan:
        shown = theirs.step(command)
        assert shown == ours.step(command)
    assert shown[1:4] == (1.0, True, False) and shown[4]["is_success"]


@pytest.mark.real
@needs_engine
def test_contract_of_the_engine(pair) -> None:
    _, env = pair(size="small", max_steps=12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=True)
    env.reset(options={"task_id": "train-4"})
    env.step("look")
    twin = pickle.loads(pickle.dumps(env))
    for command in ("inventory", "help", "go to nowhere 1"):
        assert twin.step(command) == env.step(command)
    twin.close()
    with pytest.raises(NotImplementedError, match="backend='simulated'"):
        env.snapshot()


@pytest.mark.real
@needs_engine
def test_a_killed_engine_costs_one_episode(pair) -> None:
    ours, env = pair(size="small")
    start = env.reset(options={"task_id": "train-4"})
    engine_of_env = env._engine
    assert engine_of_env is not None
    engine_of_env._process.send_signal(signal.SIGKILL)
    _, reward, terminated, truncated, info = env.step("look")
    assert (reward, terminated, truncated, info["status"]) == (0.0, False, True, "env_error")
    assert "SIGKILL" in info["error"] and "is_success" not in info
    assert env.reset(options={"task_id": "train-4"}) == start == ours.reset(options={"task_id": "train-4"})
    engine_of_env._process.send_signal(signal.SIGKILL)
    assert env.reset(options={"task_id": "train-4"}) == start, "a death between episodes is repaired"


@pytest.mark.real
@needs_engine
def test_a_damaged_problem_is_an_env_error(pair, tmp_path: Path) -> None:
    trial = write_game(game_of("train-0", "small"), tmp_path / "task" / "trial", "trial")
    data = json.loads((trial / "game.tw-pddl").read_text())
    data["pddl_domain"] = data["pddl_domain"].replace("(:action", "(:nonsense", 1)
    (trial / "game.tw-pddl").write_text(json.dumps(data))
    _, env = pair(games=str(trial))
    _, info = env.reset()
    assert info["status"] == "env_error" and info["error"]
