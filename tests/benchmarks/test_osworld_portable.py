from __future__ import annotations

import json

import pytest

from benchmarks import osworld_portable
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.server import DesktopServer


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], restore: str, *names: str
) -> dict:
    with DesktopServer(Desktop(1280, 720)) as server:
        arguments = ["osworld_portable", server.url, "--restore", restore, "--pause", "0", "--only", *names]
        monkeypatch.setattr("sys.argv", arguments)
        osworld_portable.main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_tasks_are_played_left_alone_and_solved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("editor-join-files", "files-sort-into-folders", "terminal-permissions", "editor-file-missing")
    empty = (
        "rm -rf ~/Desktop/* ~/Documents/* ~/Videos/*; wmctrl -l | cut -d ' ' -f 1 | xargs -n 1 wmctrl -i -c"
    )
    figures = run(monkeypatch, capsys, empty, *names)
    assert (figures["tasks"], figures["left_alone_0"], figures["solved_1"]) == (4, 4, 4)


def test_what_is_not_restored_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = run(monkeypatch, capsys, "touch ~/Videos/stray.txt", "files-new-folder")
    assert (figures["left_alone_0"], figures["solved_1"]) == (1, 0)
