from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import step_gym  # noqa: F401 (registers the environments)
from step_gym.envs.core import TaskEnv, View
from step_gym.envs.toy.env import ToyEnv
from step_gym.play import Screens, plain, play_commands, play_terminal, printable

TASK = "train-d2-12-3"
SOLUTION = ["take key", "open drawer", "unlock cabinet", "open cabinet", "take hat", "put hat on sofa"]


class ScreenEnv(ToyEnv):
    """The toy world with a screenshot and NumPy values in info."""

    def _enter(self, *args: Any) -> View:
        view = super()._enter(*args)
        screenshot = np.full((2, 3, 3), 7, np.uint8)
        extra = {"count": np.int64(3), "share": np.float32(0.5), "box": np.array([1, 2])}
        return View(view.text, view.state_key, view.admissible_actions, None, view.score, extra, screenshot)


def typed(
    lines: list[str], env: TaskEnv, monkeypatch: pytest.MonkeyPatch, **chosen: Any
) -> tuple[str, dict[str, Any]]:
    """What the terminal game shows when these lines are typed."""
    answers = iter(lines)
    shown = io.StringIO()
    console = Console(file=shown, width=100)

    def read(prompt: object) -> str:
        console.print(prompt, end="")
        try:
            return next(answers)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr(console, "input", read)
    info = play_terminal(env, console, **chosen)
    return shown.getvalue(), info


def test_screenshots_are_files_named_in_the_observation(tmp_path: Path) -> None:
    out = io.StringIO()
    play_commands(
        ScreenEnv(), SOLUTION, out, as_json=True, task_id=TASK, screens=Screens(tmp_path / "screens")
    )
    steps = [json.loads(line) for line in out.getvalue().splitlines()]
    assert steps[0]["observation"]["screenshot"] == "step-0000.png"
    assert steps[-1]["step"] == 6 and steps[-1]["observation"]["screenshot"] == "step-0006.png"
    assert np.array_equal(
        np.asarray(Image.open(tmp_path / "screens" / "step-0000.png")), np.full((2, 3, 3), 7)
    )
    assert len(list((tmp_path / "screens").iterdir())) == 7


def test_screenshots_are_left_out_without_a_folder_and_numpy_values_become_plain() -> None:
    out = io.StringIO()
    play_commands(ScreenEnv(), [], out, as_json=True, task_id=TASK)
    first = json.loads(out.getvalue())
    assert list(first["observation"]) == ["instruction", "text"]
    assert (first["info"]["count"], first["info"]["share"], first["info"]["box"]) == (3, 0.5, [1, 2])


def test_plain_refuses_what_json_cannot_hold() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        plain({1, 2})


def test_commands_after_the_end_stay_in_the_iterator() -> None:
    commands = iter([*SOLUTION, "look", "look"])
    info = play_commands(gym.make("STEP-Toy-v0"), commands, io.StringIO(), as_json=True, task_id=TASK)
    assert info["is_success"] is True
    assert list(commands) == ["look", "look"]


def test_printable_disarms_control_characters() -> None:
    assert printable("a\x1b[31mb\nc\td\x07\udcff\u202ee\xa0é") == "a\\x1b[31mb\nc\td\\x07\\udcff\\u202ee\xa0é"


def test_terminal_game_takes_numbers_and_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, info = typed(["5", "open drawer", *SOLUTION[2:]], ToyEnv(), monkeypatch, task_id=TASK)
    assert info["is_success"] is True
    assert "Put the hat on the sofa." in shown and TASK in shown
    assert "5 take key" in shown and "Solved in 6 steps." in shown


def test_terminal_game_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, info = typed(["99", "", "dance [bold]", "QUIT", "look"], ToyEnv(), monkeypatch, task_id=TASK)
    assert "There is no action 99: choose 1 to 5." in shown
    assert "'dance [bold]' is not admissible here" in shown
    assert shown.rstrip().endswith("Left the game.")
    assert info["action_valid"] is False


def test_terminal_game_ends_with_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, _ = typed(["5"], ToyEnv(), monkeypatch, task_id=TASK)
    assert shown.rstrip().endswith("Left the game.")


def test_terminal_game_says_when_the_budget_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    env = ToyEnv()
    budget = env.tasks.by_id(TASK).max_steps
    shown, _ = typed(["dance"] * budget, env, monkeypatch, task_id=TASK)
    assert f"Not solved: the step budget ran out after {budget} steps, score 0." in shown
