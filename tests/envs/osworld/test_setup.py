"""Setup steps: what each asks of the computer, in which order, and what happens where that refuses."""

import re
from typing import Any

import pytest

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.osworld.computer import CommandResult, Refused
from step_gym.envs.osworld.setup import Setup, StepRefused
from step_gym.envs.osworld.sources import Sources


class Recorder:
    """A computer that writes down what it is asked; `results` are what its commands give, in order."""

    def __init__(self, results=()):
        self.asked, self.results = [], list(results)

    def __getattr__(self, name):
        def method(*args):
            self.asked.append((name, *args))
            if name == "screen_size":
                return 1920, 1080
            if name == "execute":
                return self.results.pop(0) if self.results else CommandResult("", "", 0)
            return None

        return method


class Refusing(Recorder):
    def launch(self, command, shell):
        raise Refused(f"no such program: {command}")


def run(tmp_path, *steps, computer=None, downloads=False):
    asked: Any = computer or Recorder()
    setup = Setup(asked, Sources(downloads, tmp_path), "secret")
    setup.run(steps)
    return asked.asked, setup.saved


def step(kind, **parameters):
    return {"type": kind, "parameters": parameters}


def test_every_kind_of_step(tmp_path):
    (tmp_path / "own.bin").write_bytes(b"\0\1")
    asked, _ = run(
        tmp_path,
        step(
            "download",
            files=[{"url": "data:,a%20b", "path": "/a"}, {"url": "data:;base64,AAE=", "path": "/b"}],
        ),
        step("download", files=[{"url": f"file://{tmp_path}/own.bin", "path": "/c"}]),
        step("upload_file", files=[{"local_path": str(tmp_path / "own.bin"), "path": "/d"}]),
        step("launch", command=["gedit", "/a"]),
        step("open", path="/a"),
        step("activate_window", window_name="a", strict=True),
        step("close_window", window_name="a", by_class=True),
        step("sleep", seconds=3),
        step("change_wallpaper", path="/p.png"),
        step("command", command="ls | wc", shell="true"),
    )
    assert asked == [
        ("upload", "/a", b"a b"),
        ("upload", "/b", b"\0\1"),
        ("upload", "/c", b"\0\1"),
        ("upload", "/d", b"\0\1"),
        ("launch", ["gedit", "/a"], False),
        ("open_file", "/a"),
        ("activate_window", "a", True, False),
        ("close_window", "a", False, True),
        ("wait", 3.0),
        ("change_wallpaper", "/p.png"),
        ("execute", "ls | wc", True),
    ]


def test_places_in_commands_are_filled(tmp_path):
    code = "click({SCREEN_WIDTH_HALF}, {SCREEN_HEIGHT_HALF}, {SCREEN_WIDTH}, {SCREEN_HEIGHT}, {x})"
    asked, _ = run(
        tmp_path,
        step("execute", command=["python", "-c", code]),
        step("execute", command="echo {CLIENT_PASSWORD} | sudo -S ls", shell=True),
    )
    assert asked[1:] == [
        ("execute", ["python", "-c", "click(960, 540, 1920, 1080, {x})"], False),
        ("execute", "echo secret | sudo -S ls", True),
    ]


def test_outputs_are_kept(tmp_path):
    computer = Recorder([CommandResult("out", "err", 1)])
    _, saved = run(tmp_path, step("execute", command="x", stdout="o.txt", stderr="e.txt"), computer=computer)
    assert saved == {"o.txt": b"out", "e.txt": b"err"}


@pytest.mark.parametrize(
    ("until", "tries"),
    [
        ({}, 1),
        ({"returncode": 0}, 3),
        ({"returncode": 9, "stdout": "second"}, 2),
        ({"stderr": "oops"}, 1),
        ({"stdout": "never"}, 5),
    ],
)
def test_a_command_is_repeated_until_any_condition_holds(tmp_path, until, tries):
    results = [CommandResult("", "oops", 1), CommandResult("second", "", 1), CommandResult("", "", 0)]
    asked, _ = run(tmp_path, step("execute", command="x", until=until), computer=Recorder(results))
    assert [name for name, *_ in asked] == ["execute", *["wait", "execute"] * (tries - 1)]


def test_verification_waits_for_what_it_names(tmp_path):
    results = [CommandResult("", "", 0), CommandResult("0x1 other", "", 0), CommandResult("0x1 Calc", "", 0)]
    asked, _ = run(
        tmp_path,
        step("execute_with_verification", command="x", verification={"window_exists": "Calc"}),
        computer=Recorder(results),
    )
    assert asked == [
        ("execute", "x", False),
        ("execute", ["wmctrl", "-l"]),
        ("wait", 1.0),
        ("execute", ["wmctrl", "-l"]),
    ]
    with pytest.raises(StepRefused, match="did not hold within 3 s"):
        failing = step("execute_with_verification", command="x", verification={"command_success": "y"})
        failing["parameters"] |= {"max_wait_time": 3, "check_interval": 1.5}
        run(tmp_path, failing, computer=Recorder([CommandResult("", "", 1)] * 9))


def test_what_is_refused_is_a_fault_that_names_the_step(tmp_path):
    with pytest.raises(EnvironmentFault, match="step launch: no such program: gimp"):
        run(tmp_path, step("launch", command="gimp"), computer=Refusing())
    web = step("download", files=[{"url": "https://example.org/a.txt", "path": "/a"}])
    with pytest.raises(EnvironmentFault, match=re.escape("downloads are off: pass downloads=True")):
        run(tmp_path, web)
    gone = step("download", files=[{"url": f"file://{tmp_path}/gone", "path": "/a"}])
    with pytest.raises(EnvironmentFault, match="gone"):
        run(tmp_path, gone)
    with pytest.raises(EnvironmentFault, match="gone"):
        run(tmp_path, step("upload_file", files=[{"local_path": f"{tmp_path}/gone", "path": "/a"}]))
