from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.spaces import Box
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.core import (
    MAX_ACTION_CHARS,
    EnvironmentFault,
    NumberedIds,
    Task,
    TaskEnv,
    TaskSet,
    View,
    digest,
    malformed_reason,
    unknown_name_error,
)


class Builder:
    """Makes tasks and remembers which."""

    def __init__(self) -> None:
        self.built: list[str] = []

    def __call__(self, task_id: str, split: str) -> Task:
        self.built.append(task_id)
        return Task(task_id, f"Do {task_id}.", split, 1.0, 3)


class CountingEnv(TaskEnv):
    """Counts how often "add" was said; "fail" breaks it, "stop" ends it with the count as percent."""

    supports_snapshot = True

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.tasks = TaskSet(
            {"train": NumberedIds("train", 3), "broken": ["broken-0"], "none": []}, Builder()
        )

    def _begin(self, task: Task) -> View:
        if task.split == "broken":
            raise EnvironmentFault("the machine did not come up after 3 attempts")
        self.count = [0]
        return self._view_now()

    def _act(self, action: str) -> View:
        assert type(action) is str
        if action == "fail":
            raise EnvironmentFault("the machine died")
        self.count[0] += action == "add"
        return self._view_now(self.count[0] / 100 if action == "stop" else None)

    def _view_now(self, score: float | None = None) -> View:
        return View(
            str(self.count[0]), digest(str(self.count[0])), score=score, extra={"count": list(self.count)}
        )

    def _score_at_budget(self) -> float:
        return 0.5

    def _save(self) -> Any:
        return tuple(self.count)

    def _load(self, task: Task, state: Any) -> None:
        self.count = list(state)


# -- numbered ids and task sets ------------------------------------------------------------------------------


@given(st.integers(1, 300), st.text(max_size=8))
def test_numbered_ids_behave_as_the_list_they_stand_for(size: int, other: str) -> None:
    ids, held = NumberedIds("valid-d2", size), [f"valid-d2-{i}" for i in range(size)]
    assert list(ids) == held and len(ids) == size
    assert ids[-1] == held[-1] and ids[1:7:2] == held[1:7:2]
    assert all(name in ids for name in held)
    for name in (
        f"valid-d2-{size}",
        "valid-d2-01",
        "valid-d2--1",
        "valid-d2-",
        "valid-d2",
        other,
        "valid-d2-٣",
    ):
        assert (name in ids) == (name in held)
    with pytest.raises(IndexError):
        ids[size]


def test_numbered_ids_take_any_question() -> None:
    ids = NumberedIds("train", 10**12)
    assert "train-999999999999" in ids and "train-1000000000000" not in ids
    assert "train-" + "9" * 10_000 not in ids
    assert 7 not in ids and None not in ids


def test_a_task_is_built_when_it_is_first_indexed() -> None:
    build = Builder()
    tasks = TaskSet({"train": NumberedIds("train", 10**9), "valid": ["a", "b"]}, build)
    assert len(tasks) == 10**9 + 2 and tasks.splits == ("train", "valid") and build.built == []
    assert repr(tasks) == "TaskSet(train=1000000000, valid=2)"
    assert tasks[10**9 + 1].id == "b" and tasks[-1].split == "valid"
    assert tasks[5] is tasks.by_id("train-5") is tasks.split("train")[5]
    assert [task.id for task in tasks[3:5]] == ["train-3", "train-4"]
    assert build.built == ["b", "train-5", "train-3", "train-4"]
    assert next(tasks.ids()) == "train-0" and list(tasks.split("valid").ids()) == ["a", "b"]
    for index in (10**9 + 2, -(10**9) - 3):
        with pytest.raises(IndexError):
            tasks[index]


def test_the_cache_is_bounded() -> None:
    build = Builder()
    tasks = TaskSet({"train": NumberedIds("train", 100)}, build, cache=4)
    for i in (*range(6), 5, 0):
        tasks.by_id(f"train-{i}")
    assert build.built == [f"train-{i}" for i in (0, 1, 2, 3, 4, 5, 0)]


def test_unknown_splits_and_ids() -> None:
    tasks = TaskSet({"train": NumberedIds("train", 10**9), "valid": ["lamp", "desk"]}, Builder())
    with pytest.raises(
        ValueError, match="unknown split 'vlid': did you mean 'valid'\\? choices: valid, train$"
    ):
        tasks.split("vlid")
    with pytest.raises(
        ValueError, match="unknown task id 'lmp': did you mean 'lamp'.*train \\(1000000000\\)"
    ):
        tasks.by_id("lmp")
    tasks.by_id("lamp")
    with pytest.raises(ValueError, match="unknown task id 'lamp'"):
        tasks.split("train").by_id("lamp")
    with pytest.raises(ValueError, match="task id 3: must be a string, not int"):
        tasks.by_id(3)  # pyright: ignore[reportArgumentType]


def test_a_task_set_can_be_pickled() -> None:
    tasks = TaskSet({"train": NumberedIds("train", 10)}, Builder())
    copied = pickle.loads(pickle.dumps(tasks))
    assert copied.by_id("train-3") == tasks.by_id("train-3")


def test_task_parameters_are_copied_at_the_border() -> None:
    params = {"rooms": 3}
    task = Task("a", "Do a.", "train", 1.0, 3, params)
    params["rooms"] = 4
    assert task.params == {"rooms": 3}


def test_unknown_name_error_lists_the_closest_first_and_counts_the_rest() -> None:
    names = [f"name{i}" for i in range(20)]
    message = str(unknown_name_error("algorithm", "nme7", names, limit=3))
    assert message.startswith("unknown algorithm 'nme7': did you mean 'name7'? choices: name7, ")
    assert message.endswith(", ... (17 more)")
    assert str(unknown_name_error("split", "x", [])) == "unknown split 'x': choices: none"
    assert len(str(unknown_name_error("split", "x" * 10_000, ["train"]))) < 300


def test_digest_separates_its_parts() -> None:
    assert digest("a", "b") == digest("a", "b") != digest("ab") != digest("a", "b", "")
    assert len(digest("\ud800")) == 16


# -- the environment base class ------------------------------------------------------------------------------


def test_malformed_actions() -> None:
    for action, word in (("", "empty"), (b"x", "bytes"), ("a\0b", "NUL"), ("\udfff", "surrogate")):
        assert word in (malformed_reason(action) or "")
    assert malformed_reason("x" * (MAX_ACTION_CHARS + 1)) and malformed_reason("x" * MAX_ACTION_CHARS) is None
    for action in ("look", "ö", "\U0001f511", "a\nb", "\x1b[0m"):
        assert malformed_reason(action) is None


def test_a_partial_score_is_no_success_and_the_budget_may_score() -> None:
    env = CountingEnv()
    env.reset(options={"task_id": "train-0"})
    env.step("add")
    _, reward, terminated, truncated, info = env.step("stop")
    assert (reward, terminated, truncated, info["is_success"], info["score"]) == (
        0.01,
        True,
        False,
        False,
        0.01,
    )
    env.reset(options={"task_id": "train-0"})
    for _ in range(3):
        _, reward, terminated, truncated, info = env.step("add")
    assert (reward, terminated, truncated, info["is_success"], info["score"]) == (
        0.5,
        False,
        True,
        False,
        0.5,
    )


def test_a_fault_during_the_episode_truncates_it_and_is_no_failure() -> None:
    env = CountingEnv()
    env.reset(options={"task_id": "train-0"})
    env.step("add")
    observation, reward, terminated, truncated, info = env.step("fail")
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert info["status"] == "env_error" and info["error"] == "the machine died"
    assert "is_success" not in info and "score" not in info and observation in env.observation_space
    with pytest.raises(ResetNeeded):
        env.step("add")
    with pytest.raises(EnvironmentFault, match="the machine died"):
        env.snapshot()
    assert env.reset(options={"task_id": "train-0"})[1]["status"] == "ok"


def test_a_fault_at_reset_is_told_and_ends_at_the_first_step() -> None:
    env = CountingEnv()
    env.observation_space.spaces["screenshot"] = Box(0, 255, (4, 6, 3), np.uint8)  # pyright: ignore
    observation, info = env.reset(options={"task_id": "broken-0"})
    assert info["status"] == "env_error" and "3 attempts" in info["error"]
    assert observation in env.observation_space and not observation["screenshot"].any()
    *_, truncated, info = env.step("add")
    assert truncated and info["status"] == "env_error" and "is_success" not in info


def test_an_empty_split_is_an_error_of_one_line() -> None:
    with pytest.raises(ValueError, match=r"no tasks to draw from: TaskSet\(none=0\)"):
        CountingEnv().reset(options={"split": "none"})


def test_a_refused_reset_leaves_the_episode_running() -> None:
    env = CountingEnv()
    env.reset(options={"task_id": "train-0"})
    env.step("add")
    with pytest.raises(ValueError):
        env.reset(options={"task_id": "train-9"})
    assert env.step("add")[0]["text"] == "2"


def test_a_world_that_is_half_begun_or_half_loaded_cannot_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise OSError("the game file is damaged")

    env = CountingEnv()
    env.reset(options={"task_id": "train-0"})
    snapshot = env.snapshot()
    for name, call in (
        ("_begin", lambda: env.reset(options={"task_id": "train-1"})),
        ("_load", lambda: env.restore(snapshot)),
    ):
        with monkeypatch.context() as patch, pytest.raises(OSError, match="damaged"):
            patch.setattr(env, name, fail)
            call()
        with pytest.raises(ResetNeeded):
            env.step("add")
        env.restore(snapshot)
        assert env.step("add")[0]["text"] == "1"


def test_a_snapshot_shares_nothing_with_the_environment() -> None:
    env = CountingEnv()
    env.reset(seed=0, options={"task_id": "train-1"})
    env.step("add")
    snapshot = env.snapshot()
    env.np_random.random()
    env.step("add")
    assert env.restore(snapshot)[1]["count"] == [1]
    assert snapshot.steps == 1 and snapshot.task_id == "train-1" and snapshot.score is None
    drawn = env.np_random.random()
    env.restore(pickle.loads(pickle.dumps(snapshot)))
    assert env.np_random.random() == drawn
    *_, info = env.step("add")
    assert info["count"] == [2]


def test_a_fault_is_gone_after_a_restore() -> None:
    env = CountingEnv()
    env.reset(options={"task_id": "train-0"})
    snapshot = env.snapshot()
    env.step("fail")
    _, info = env.restore(snapshot)
    assert info["status"] == "ok" and "error" not in info
    assert env.step("add")[4]["status"] == "ok"
