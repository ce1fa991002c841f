from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest
from gymnasium.envs.registration import EnvSpec

from step_gym.cli import COMMANDS, main
from step_gym.envs.core import EnvironmentFault
from step_gym.envs.toy.env import ToyEnv
from tests.agents.run_folder import make_run

DATA = Path(__file__).parent / "data" / "cli"
TASK = "train-d2-12-3"


def usage_error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a wrong command line prints."""
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("step-gym: ") and captured.err.count("\n") == 1
    return captured.err


# -- the stable interface -------------------------------------------------------------------------------


def test_play_json_is_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    commands = str(DATA / "toy_commands.txt")
    assert main(["play", "toy", "--task-id", TASK, "--seed", "3", "--commands", commands, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.out == (DATA / "toy_play.jsonl").read_text(encoding="utf-8")
    assert captured.err == "step-gym: 2 lines after the end of the episode ignored\n"


def test_play_json_has_its_keys_in_order(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.write_text("nonsense\n")
    assert main(["play", "STEP-Toy-v0", "--commands", str(commands), "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert list(first) == ["step", "observation", "info"]
    assert list(second) == ["step", "action", "observation", "reward", "terminated", "truncated", "info"]
    assert list(first["observation"]) == ["instruction", "text"]
    assert (first["step"], second["step"], second["action"]) == (0, 1, "nonsense")
    assert second["info"]["action_valid"] is False


def test_play_reads_hostile_lines(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commands = tmp_path / "commands"
    commands.write_bytes(b"\xff\xfe\n\nwith\0nul\r\n" + b"x" * 20_000 + b"\nlast line without an end")
    assert main(["play", "toy", "--commands", str(commands), "--json", "--task-id", TASK]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    steps = [json.loads(line) for line in out.splitlines()]
    actions = [step["action"] for step in steps[1:]]
    assert actions == ["\udcff\udcfe", "", "with\0nul", "x" * 20_000, "last line without an end"]
    assert [step["info"]["action_valid"] for step in steps] == [True] + [False] * 5


def test_play_answers_each_line_of_a_pipe_at_once() -> None:
    arguments = [
        sys.executable,
        "-m",
        "step_gym.cli",
        "play",
        "toy",
        "--commands",
        "-",
        "--json",
        "--task-id",
        TASK,
    ]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert json.loads(process.stdout.readline())["step"] == 0
        for line in (DATA / "toy_commands.txt").read_text(encoding="utf-8").splitlines()[:7]:
            process.stdin.write(line + "\n")
            process.stdin.flush()
            last = json.loads(process.stdout.readline())
        assert last["terminated"] is True and last["info"]["is_success"] is True
        # Standard input is still open: the command does not wait for more of it.
        assert process.wait(timeout=60) == 0


def test_play_counts_what_a_pipe_holds_after_the_end() -> None:
    arguments = [sys.executable, "-m", "step_gym.cli", "play", "toy", "--commands", "-", "--task-id", TASK]
    commands = (DATA / "toy_commands.txt").read_text(encoding="utf-8")
    done = subprocess.run(arguments, input=commands, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr == "step-gym: 2 lines after the end of the episode ignored\n"
    assert done.stdout.startswith("Put the hat on the sofa.\n")
    assert "\n> put hat on sofa\n" in done.stdout and done.stdout.endswith("[solved in 7 steps]\n")


class BrokenEnv(ToyEnv):
    def _act(self, action: str):
        raise EnvironmentFault("the machine died")


def test_play_exits_1_when_the_environment_fails(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        gym.registry, "STEP-Toy-v0", EnvSpec("STEP-Toy-v0", lambda **kwargs: BrokenEnv(**kwargs))
    )
    commands = tmp_path / "commands"
    commands.write_text("look\n")
    assert main(["play", "toy", "--commands", str(commands), "--json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["truncated"] is True
    assert captured.err == "step-gym: the environment failed: the machine died\n"


# -- tasks ----------------------------------------------------------------------------------------------


def test_tasks_lists_every_split(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "TOY", "--limit", "2", "--set", "tasks=9"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [
        ("train-d2-12-0", "train"),
        ("train-d2-12-1", "train"),
        ("valid-d2-12-0", "valid"),
        ("valid-d2-12-1", "valid"),
    ]
    assert rows[0][2:] == ["2", "8", "Put the pen on the rack."]


def test_tasks_of_one_split_without_limit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tasks", "toy", "--split", "train", "--limit", "0", "--set", "tasks=40"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 40


def test_tasks_and_play_load_nothing_heavy() -> None:
    code = (
        "import sys; from step_gym.cli import main; "
        "main(['tasks', 'toy', '--limit', '1']); main(['play', 'toy', '--commands', '/dev/null', '--json']); "
        "print([m for m in ('torch', 'transformers', 'pyarrow', 'tyro') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# -- errors ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["plya", "toy"], ["unknown command 'plya'", "did you mean 'play'?"]),
        (["tasks", "tyo"], ["unknown environment 'tyo'", "did you mean 'toy'?", "alfworld"]),
        (["tasks", "toy", "--split", "trian"], ["unknown split 'trian'", "did you mean 'train'?", "valid"]),
        (["tasks", "toy", "--splt", "train"], ["unknown argument '--splt'", "did you mean '--split'?"]),
        (["tasks", "toy", "--limit", "some"], ["--limit", "invalid int value: 'some'"]),
        (["tasks", "toy", "--limit", "-1"], ["--limit -1", "0 or more"]),
        (["tasks"], ["required: ENV"]),
        (
            ["play", "toy", "--task-id", "train-d2-12-x"],
            ["unknown task id 'train-d2-12-x'", "train-d2-12-", "splits"],
        ),
        (
            ["play", "toy", "--set", "task=9"],
            ["unknown keyword argument of STEP-Toy-v0 'task'", "mean 'tasks'?"],
        ),
        (["play", "toy", "--set", "tasks"], ["'tasks' is not of the form key=value"]),
        (["play", "toy", "--set", "tasks=none"], ["tasks=None: must be a whole number"]),
        (["play", "toy", "--set", "split=tset"], ["unknown split 'tset'"]),
        (["play", "toy", "--json"], ["--json needs --commands"]),
        (["play", "toy", "--commands", "/no/such/file"], ["No such file", "/no/such/file"]),
        (["play", "toy", "--seed", "-3"], ["--seed -3"]),
        (["report", "/no/such/run"], ["/no/such/run is no run folder"]),
    ],
)
def test_a_wrong_value_is_named_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], parts: list[str]
) -> None:
    message = usage_error(capsys, *arguments)
    for part in parts:
        assert part in message


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    help_text = capsys.readouterr().err
    assert all(f"\n  {name}" in help_text for name in COMMANDS)


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--version"],
        ["--help"],
        *([name, "--help"] for name in ("tasks", "play", "report", "evaluate")),
    ):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
    assert "step-gym 0." in capsys.readouterr().out


def test_an_interrupt_exits_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("step_gym.play.play_commands", interrupted)
    assert main(["play", "toy", "--commands", "/dev/null"]) == 130
    assert capsys.readouterr().err == "step-gym: interrupted\n"


def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m step_gym.cli tasks toy --limit 0 | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "" and done.stdout.startswith("train-d2-12-0\t")


# -- report ---------------------------------------------------------------------------------------------


def test_report_writes_the_page(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", rounds=1)
    assert main(["report", str(run)]) == 0
    assert capsys.readouterr().out == f"{run / 'report.html'}\n"
    assert main(["report", str(run), "--output", str(tmp_path / "pages" / "page.html")]) == 0
    assert (tmp_path / "pages" / "page.html").read_bytes() == (run / "report.html").read_bytes()
