"""The contract of `step_gym.envs.core`, checked on every registered world: a new one gets these tests free.

Run as a script it prints a digest of a short walk through each world given, for comparison between processes.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import step_gym
from step_gym.envs.core import MAX_ACTION_CHARS, Snapshot, TaskEnv, malformed_reason
from step_gym.registration import ENTRY_POINTS
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.completion import Completion

WORLDS = sorted(name for name in gymnasium.registry if name.startswith("STEP-"))
ROOT = Path(step_gym.__file__).parents[1]
STEPS = 6

MALFORMED = {
    "empty": "",
    "huge": "x" * 20_000,
    "NUL": "look\0",
    "lone surrogate": "look \ud800",
    "integer": 7,
    "none": None,
    "bytes": b"look",
    "list": ["look"],
}
UNKNOWN = {
    "no command": "xyzzy plugh",
    "emoji": "\U0001f511\U0001f6aa",
    "long": "look " * 3000,
    "newlines": "look\n\nlook",
}


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def env(world: str) -> Iterator[gymnasium.Env]:
    made = gymnasium.make(world)
    yield made
    made.close()


def base(env: gymnasium.Env) -> TaskEnv:
    inner = env.unwrapped
    assert isinstance(inner, TaskEnv)
    return inner


def actions_of(env: gymnasium.Env, observation: dict[str, Any], info: dict[str, Any]) -> list[str]:
    """What a random agent may choose from."""
    if "admissible_actions" in info:
        return info["admissible_actions"]
    own = base(env).candidate_actions(observation, info)
    assert own is not None, "a world with an open action set offers candidate actions"
    return list(own)


def walk(env: gymnasium.Env, seed: int, steps: int = STEPS, **reset: Any) -> tuple[list[str], list[tuple]]:
    """Random actions from a reset on, with what reset and every step gave."""
    return walk_on(env, env.reset(seed=seed, **reset), seed, steps)


def walk_on(env: gymnasium.Env, start: tuple, seed: int, steps: int = STEPS) -> tuple[list[str], list[tuple]]:
    """Random actions from an observation and info on, with these and what every step gave."""
    rng = np.random.default_rng(seed)
    actions: list[str] = []
    shown = [start]
    observation, info = start
    for _ in range(steps):
        choices = actions_of(env, observation, info)
        actions.append(choices[int(rng.integers(len(choices)))])
        observation, reward, terminated, truncated, info = env.step(actions[-1])
        shown.append((observation, reward, terminated, truncated, info))
        if terminated or truncated:
            break
    return actions, shown


def long_task(env: gymnasium.Env) -> str:
    """A task whose budget leaves room for a walk: of the first hundred the one with the largest."""
    tasks = base(env).tasks
    return max((tasks[i] for i in range(min(100, len(tasks)))), key=lambda task: task.max_steps).id


def canonical(value: Any) -> Any:
    """The value with arrays as digests, for comparison and for JSON."""
    if isinstance(value, np.ndarray):
        return ["array", value.dtype.str, list(value.shape), hashlib.sha256(value.tobytes()).hexdigest()]
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value


def fingerprint(world: str) -> str:
    """A digest of all that two short walks show."""
    env = gymnasium.make(world)
    shown = [walk(env, seed) for seed in (0, 1)]
    env.close()
    return hashlib.sha256(json.dumps(canonical(shown), sort_keys=True).encode()).hexdigest()


def assert_info(env: gymnasium.Env, info: dict[str, Any], *, over: bool) -> None:
    """Keys and exact types of an info without an environment fault."""
    assert type(info["task_id"]) is str and base(env).tasks.by_id(info["task_id"]).id == info["task_id"]
    assert type(info["state_key"]) is str and info["state_key"]
    assert type(info["action_valid"]) is bool
    assert info["status"] == "ok" and "error" not in info
    if info["action_valid"]:
        assert info["action_error"] is None
    else:
        assert type(info["action_error"]) is str and info["action_error"]
        assert "\n" not in info["action_error"] and len(info["action_error"]) < 1000
    if "admissible_actions" in info:
        admissible = info["admissible_actions"]
        assert type(admissible) is list and len(set(admissible)) == len(admissible)
        assert all(type(action) is str and malformed_reason(action) is None for action in admissible)
    assert ("is_success" in info) == ("score" in info) == over
    if over:
        assert type(info["is_success"]) is bool and type(info["score"]) is float
        assert 0.0 <= info["score"] <= 1.0 and info["is_success"] == (info["score"] >= 1.0)
    json.dumps(info).encode()


def assert_observation(env: gymnasium.Env, observation: dict[str, Any]) -> None:
    assert observation in env.observation_space
    assert set(observation) == set(env.observation_space.spaces)  # pyright: ignore[reportAttributeAccessIssue]
    assert type(observation["instruction"]) is str and observation["instruction"]
    assert type(observation["text"]) is str
    observation["text"].encode()


def run_python(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_every_world_is_registered() -> None:
    assert sorted(ENTRY_POINTS) == WORLDS
    assert all(gymnasium.spec(name).max_episode_steps is None for name in WORLDS), (
        "TimeLimit does not see a restore"
    )


def test_gymnasium_check_env(env: gymnasium.Env) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env.unwrapped)


def test_passes_the_passive_checker_without_a_warning(world: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make(world, render_mode="ansi")
        walk(env, seed=3)
        rendered = env.render()
        assert isinstance(rendered, str) and rendered
        env.close()


def test_reset_and_step_give_what_the_contract_says(env: gymnasium.Env) -> None:
    _, ((observation, info), *steps) = walk(env, seed=0, options={"task_id": long_task(env)})
    assert_observation(env, observation)
    assert_info(env, info, over=False)
    assert info["action_valid"]
    task = base(env).tasks.by_id(info["task_id"])
    assert observation["instruction"] == task.instruction
    for observation, reward, terminated, truncated, info in steps:
        assert_observation(env, observation)
        assert type(reward) is float and type(terminated) is bool and type(truncated) is bool
        assert_info(env, info, over=terminated or truncated)
        assert info["task_id"] == task.id and observation["instruction"] == task.instruction
        assert reward == info.get("score", 0.0)


def test_task_fields(env: gymnasium.Env) -> None:
    tasks = base(env).tasks
    assert len(tasks) > 0
    for split in tasks.splits:
        task = tasks.split(split)[-1]
        assert task.split == split and type(task.difficulty) is float and type(task.max_steps) is int
        assert 1 <= task.difficulty <= task.max_steps and task.instruction
        assert pickle.loads(pickle.dumps(task)) == task == tasks.by_id(task.id)
        json.dumps(task.params)


def test_equal_seeds_give_equal_episodes(world: str, env: gymnasium.Env) -> None:
    other = gymnasium.make(world)
    first, second = walk(env, seed=5), walk(other, seed=5)
    assert canonical(first) == canonical(second)
    assert canonical(env.reset()) == canonical(other.reset()), (
        "the second episode follows from the first seed"
    )
    assert canonical(walk(env, seed=5)) == canonical(first), "the past leaves no trace"
    assert len({env.reset(seed=seed)[1]["task_id"] for seed in range(8)}) > 1
    other.close()


@pytest.fixture(scope="module")
def digests_of_other_processes() -> list[dict[str, str]]:
    return [json.loads(run_python(__file__, *WORLDS, PYTHONHASHSEED=seed)) for seed in ("1", "2")]


def test_other_processes_see_the_same(world: str, digests_of_other_processes: list[dict[str, str]]) -> None:
    assert [digests[world] for digests in digests_of_other_processes] == [fingerprint(world)] * 2


@pytest.mark.parametrize("name", [*MALFORMED, *UNKNOWN])
def test_a_bad_action_costs_a_step_and_changes_nothing(env: gymnasium.Env, name: str) -> None:
    action: Any = {**MALFORMED, **UNKNOWN}[name]
    task_id = long_task(env)
    left = base(env).tasks.by_id(task_id).max_steps - 4
    actions, clean = walk(env, seed=1, steps=min(STEPS, left), options={"task_id": task_id})
    observation, before = env.reset(seed=1, options={"task_id": task_id})
    for _ in range(3):
        observation, reward, terminated, truncated, info = env.step(action)
        assert (reward, terminated, truncated) == (0.0, False, False)
        assert info["action_valid"] is False
        assert_info(env, info, over=False)
        assert_observation(env, observation)
        assert info["state_key"] == before["state_key"]
        assert info.get("admissible_actions") == before.get("admissible_actions")
    for action, (*_, expected) in zip(actions, clean[1:], strict=True):
        *_, info = env.step(action)
        assert info["state_key"] == expected["state_key"]
        assert info["action_valid"] == expected["action_valid"]


def test_the_error_names_the_action_or_the_fault(env: gymnasium.Env) -> None:
    env.reset(seed=0)
    named = {
        "": "empty",
        "x" * 20_000: "20000",
        "a\0": "NUL",
        "\ud800": "surrogate",
        "xyzzy plugh": "xyzzy plugh",
    }
    for action, word in named.items():
        assert word in env.step(action)[4]["action_error"]
    assert str(MAX_ACTION_CHARS) in env.step("x" * 20_000)[4]["action_error"]
    assert "int" in env.step(3)[4]["action_error"]


def test_the_budget_truncates(env: gymnasium.Env) -> None:
    observation, info = env.reset(seed=2)
    budget = base(env).tasks.by_id(info["task_id"]).max_steps
    for step in range(1, budget + 1):
        observation, reward, terminated, truncated, info = env.step("")
        assert (terminated, truncated) == (False, step == budget)
        assert_info(env, info, over=step == budget)
    assert info["is_success"] is False and reward == info["score"] < 1.0
    assert_observation(env, observation)


def test_step_needs_a_running_episode(env: gymnasium.Env) -> None:
    for callee in (env, env.unwrapped):
        with pytest.raises(ResetNeeded):
            callee.step("look")
    if base(env).supports_snapshot:
        with pytest.raises(ResetNeeded):
            base(env).snapshot()
    env.reset(seed=2)
    while not env.step("")[3]:
        pass
    for callee in (env, env.unwrapped):
        with pytest.raises(ResetNeeded):
            callee.step("look")
    env.reset(seed=2)
    env.step("look")


def test_which_task_a_reset_takes(env: gymnasium.Env) -> None:
    tasks = base(env).tasks
    first, second, last = tasks[0].id, tasks[1].id, tasks[len(tasks) - 1].id
    assert env.reset(options={"task_id": last})[1]["task_id"] == last
    env.set_wrapper_attr("next_task_id", second)
    assert env.reset()[1]["task_id"] == second
    assert base(env).next_task_id is None
    assert len({env.reset(seed=seed)[1]["task_id"] for seed in range(8)}) > 1, "next_task_id counts once"
    env.set_wrapper_attr("next_task_id", second)
    assert env.reset(options={"task_id": first})[1]["task_id"] == first, "options come first"
    for split in tasks.splits:
        drawn = env.reset(seed=0, options={"split": split})[1]["task_id"]
        assert tasks.by_id(drawn).split == split
    assert env.reset(seed=0, options={})[1]["task_id"] == env.reset(seed=0)[1]["task_id"]


def test_unknown_names_are_refused_with_the_closest_first(env: gymnasium.Env) -> None:
    tasks = base(env).tasks
    near, split = tasks[0].id, tasks.splits[0]
    env.reset(options={"task_id": near})
    cases: list[tuple[dict[str, Any], str]] = [
        ({"task_id": near + "x"}, near),
        ({"split": split + "x"}, split),
        ({"task": near}, "task_id"),
    ]
    for options, closest in cases:
        with pytest.raises(ValueError) as error:
            env.reset(options=options)
        message = str(error.value)
        assert "\n" not in message and len(message) < 2000
        assert repr(next(iter(options.values())))[1:-1] in message or repr(next(iter(options))) in message
        assert f"did you mean {closest!r}" in message and f"choices: {closest}" in message
    for task_id in ("", "no such task", "9" * 5000, 7, [near]):
        with pytest.raises(ValueError, match="task id") as error:
            env.reset(options={"task_id": task_id})
        assert "\n" not in str(error.value) and len(str(error.value)) < 2000
    env.set_wrapper_attr("next_task_id", "no such task")
    with pytest.raises(ValueError, match="no such task"):
        env.reset()
    assert env.reset(options={"task_id": near})[1]["task_id"] == near


def test_an_unknown_render_mode_is_refused(world: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="render_mode.*ansi"):
            gymnasium.make(world, render_mode="ansy")


def test_what_is_returned_belongs_to_the_caller(world: str, env: gymnasium.Env) -> None:
    twin = gymnasium.make(world)
    task_id = long_task(env)
    actions, clean = walk(twin, seed=4, options={"task_id": task_id})
    _ruin(env.reset(seed=4, options={"task_id": task_id}))
    for action, expected in zip(actions, clean[1:], strict=True):
        result = env.step(action)
        assert canonical(result) == canonical(expected)
        _ruin(result)
    if base(env).supports_snapshot:
        snapshot = base(env).snapshot()
        _ruin(base(env).restore(snapshot))
        assert canonical(base(env).restore(snapshot)) == canonical((clean[-1][0], clean[-1][-1]))
    twin.close()


def _ruin(value: Any) -> None:
    """Overwrite every mutable part."""
    if isinstance(value, np.ndarray):
        value[...] = 0
    elif isinstance(value, dict):
        for item in value.values():
            _ruin(item)
        value.clear()
    elif isinstance(value, list):
        for item in value:
            _ruin(item)
        value.clear()
    elif isinstance(value, tuple):
        for item in value:
            _ruin(item)


def test_a_completion_acts_as_its_string(world: str, env: gymnasium.Env) -> None:
    task_id = long_task(env)
    actions, clean = walk(env, seed=6, options={"task_id": task_id})
    env.reset(seed=6, options={"task_id": task_id})
    for action, expected in zip(actions, clean[1:], strict=True):
        sampled = Completion(
            action, prompt_ids=[1, 2], action_ids=[3], logprobs=[-0.5], text=f"<act>{action}</act>"
        )
        assert canonical(env.step(sampled)) == canonical(expected)


# -- snapshots -----------------------------------------------------------------------------------------------


Fork = tuple[gymnasium.Env, Snapshot, list[str], list[tuple]]


@pytest.fixture
def forked(env: gymnasium.Env) -> Fork:
    """An environment, a snapshot of the middle of a walk, and the actions and results that followed it."""
    if not base(env).supports_snapshot:
        pytest.skip("this world takes no snapshots")
    seed, over = 7, True
    while over:  # a random walk may end the episode
        _, (*_, (_, _, terminated, truncated, _)) = walk(
            env, seed, steps=STEPS // 2, options={"task_id": long_task(env)}
        )
        seed, over = seed + 1, terminated or truncated
    snapshot = base(env).snapshot()
    return env, snapshot, *walk_on(env, base(env).restore(snapshot), seed=7)


def replay(env: gymnasium.Env, snapshot: Snapshot, actions: list[str]) -> list[tuple]:
    shown: list[tuple] = [base(env).restore(snapshot)]
    shown += [env.step(action) for action in actions]
    return shown


def test_restore_continues_as_before(forked: Fork) -> None:
    env, snapshot, actions, shown = forked
    for _ in range(3):
        assert canonical(replay(env, snapshot, actions)) == canonical(shown)


def test_restore_equals_replay_from_the_start(world: str, env: gymnasium.Env) -> None:
    if not base(env).supports_snapshot:
        pytest.skip("this world takes no snapshots")
    actions, shown = walk(env, seed=8, options={"task_id": long_task(env)})
    env.reset(seed=8, options={"task_id": long_task(env)})
    for step, action in enumerate(actions):
        snapshot = base(env).snapshot()
        env.step(actions[-1])
        observation, info = base(env).restore(snapshot)
        assert canonical((observation, info)) == canonical((shown[step][0], shown[step][-1]))
        assert canonical(env.step(action)) == canonical(shown[step + 1])


def test_branches_do_not_touch_each_other(
    forked: Fork,
) -> None:
    env, snapshot, actions, shown = forked
    observation, info = base(env).restore(snapshot)
    for action in actions_of(env, observation, info)[:12]:
        base(env).restore(snapshot)
        *_, info = env.step(action)
        if "admissible_actions" in shown[0][1]:
            assert info["action_valid"], action
    assert canonical(replay(env, snapshot, actions)) == canonical(shown)


def test_a_pickled_snapshot_restores_into_a_second_environment(world: str, forked: Fork) -> None:
    env, snapshot, actions, shown = forked
    other = gymnasium.make(world)
    with pytest.raises(ResetNeeded):
        base(other).restore(snapshot)
    other.reset(seed=99)
    copied = pickle.loads(pickle.dumps(snapshot))
    assert canonical(replay(other, copied, actions)) == canonical(shown)
    base(env).restore(snapshot)
    base(other).restore(copied)
    assert canonical(env.reset()) == canonical(other.reset()), "the generator's state is part of the snapshot"
    other.close()


def test_every_branch_has_what_was_left_of_the_budget(
    forked: Fork,
) -> None:
    env, snapshot, _, _ = forked
    left = base(env).tasks.by_id(snapshot.task_id).max_steps - snapshot.steps
    for _ in range(3):
        base(env).restore(snapshot)
        results = [env.step("") for _ in range(left)]
        assert [truncated for _, _, _, truncated, _ in results] == [False] * (left - 1) + [True]
        assert results[-1][-1]["is_success"] is False
        end = base(env).snapshot()
        with pytest.raises(ResetNeeded):
            env.step("look")
        base(env).restore(snapshot)
        observation, info = base(env).restore(end)
        assert canonical((observation, info)) == canonical((results[-1][0], results[-1][-1]))
        with pytest.raises(ResetNeeded):
            env.unwrapped.step("look")


def test_a_snapshot_of_another_world_is_refused(env: gymnasium.Env) -> None:
    env.reset(seed=0)
    state = np.random.default_rng(0).bit_generator.state
    foreign = Snapshot("OtherEnv", "task", 0, None, state, base(env)._view, None)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="OtherEnv"):
        base(env).restore(foreign)


# -- pickling, specs, vector environments --------------------------------------------------------------------


def test_a_pickled_environment_continues_identically(env: gymnasium.Env) -> None:
    if not base(env).supports_snapshot:
        pytest.skip("an environment that holds a machine is not pickled")
    task_id = long_task(env)
    actions, shown = walk(env, seed=9, options={"task_id": task_id})
    env.reset(seed=9, options={"task_id": task_id})
    middle = len(actions) // 2
    for action in actions[:middle]:
        env.step(action)
    copied = pickle.loads(pickle.dumps(env.unwrapped))
    for action, expected in zip(actions[middle:], shown[middle + 1 :], strict=True):
        assert canonical(copied.step(action)) == canonical(expected)
        assert canonical(env.step(action)) == canonical(expected)
    assert canonical(copied.reset()) == canonical(env.reset())


def test_the_spec_survives_json(world: str, env: gymnasium.Env) -> None:
    for wrapped in (env, CandidateActions(gymnasium.make(world), limit=5)):
        spec = wrapped.spec
        assert spec is not None
        read = EnvSpec.from_json(spec.to_json())
        again = gymnasium.make(read)
        assert type(again) is type(wrapped)
        assert canonical(again.reset(seed=3)) == canonical(wrapped.reset(seed=3))
        again.close()


def test_closing_twice(world: str) -> None:
    env = gymnasium.make(world)
    env.reset(seed=0)
    env.close()
    assert env.close() is None
    never_reset = gymnasium.make(world)
    assert never_reset.close() is None


def shortest_tasks(world: str) -> tuple[list[str], int]:
    """Two tasks with the smallest budget among the first ones, so that episodes end soon."""
    env = gymnasium.make(world)
    tasks = base(env).tasks
    budget = min(tasks[i].max_steps for i in range(20))
    found = [tasks[i].id for i in range(len(tasks)) if i < 40 and tasks[i].max_steps == budget]
    env.close()
    return found[:2], budget


MODES = tuple(AutoresetMode)
VECTORS = [("sync", mode) for mode in MODES] + [("async", mode) for mode in MODES]


@pytest.mark.parametrize(("kind", "mode"), VECTORS, ids=[f"{kind}-{mode.value}" for kind, mode in VECTORS])
def test_vector_environments(world: str, kind: str, mode: AutoresetMode) -> None:
    ids, budget = shortest_tasks(world)
    options: dict[str, Any] = {"autoreset_mode": mode}
    if kind == "async":
        options |= {"shared_memory": False, "context": "spawn"}
    vector: Any = gymnasium.make_vec(
        f"step_gym:{world}", num_envs=2, vectorization_mode=kind, vector_kwargs=options
    )
    try:
        vector.set_attr("next_task_id", ids)
        observations, infos = vector.reset(seed=[1, 2])
        assert list(infos["task_id"]) == ids
        assert all(isinstance(text, str) and text for text in observations["instruction"])
        for _ in range(budget - 1):
            observations, rewards, terminated, truncated, infos = vector.step(["", ""])
            assert not terminated.any() and not truncated.any()
            assert list(infos["action_valid"]) == [False, False]
        vector.set_attr("next_task_id", ids[::-1])
        observations, rewards, terminated, truncated, infos = vector.step(["", "xyzzy"])
        assert list(truncated) == [True, True] and not terminated.any()
        ended = infos["final_info"] if mode is AutoresetMode.SAME_STEP else infos
        assert list(ended["is_success"]) == [False, False] and list(ended["task_id"]) == ids
        if mode is AutoresetMode.NEXT_STEP:
            observations, rewards, terminated, truncated, infos = vector.step(["ignored", "ignored"])
        elif mode is AutoresetMode.DISABLED:
            observations, infos = vector.reset(options={"reset_mask": np.array([True, True])})
        assert list(infos["task_id"]) == ids[::-1]
        assert "is_success" not in infos
    finally:
        vector.close()


# -- imports -------------------------------------------------------------------------------------------------

HEAVY = [
    "torch",
    "transformers",
    "tokenizers",
    "pyarrow",
    "PIL",
    "docker",
    "adbutils",
    "httpx",
    "rich",
    "tyro",
]


def test_make_works_without_importing_the_package() -> None:
    code = (
        "import sys, gymnasium\n"
        f"for name in {WORLDS}:\n"
        "    env = gymnasium.make('step_gym:' + name)\n"
        "    print(env.reset(seed=0)[1]['task_id'])\n"
        "assert not {'torch', 'transformers', 'pyarrow'} & set(sys.modules)\n"
    )
    assert len(run_python("-c", code).split()) == len(WORLDS)


def test_the_package_imports_nothing_heavy() -> None:
    code = f"import sys, step_gym; print(*sorted(({{*{HEAVY}}} | {{'step_gym.envs'}}) & set(sys.modules)))"
    assert run_python("-c", code).split() == []


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: fingerprint(name) for name in sys.argv[1:]}))
