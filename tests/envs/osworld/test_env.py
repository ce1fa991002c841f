"""The environment over task files of its own: scores, budget, faults, snapshots, both kinds of actions."""

import http.server
import json
import pickle
import threading
import time
from importlib.util import find_spec
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import DependencyNotInstalled

from step_gym.envs.osworld.elements import read_description
from step_gym.envs.osworld.env import OSWorldEnv, _scratch_folder

CONTENT = {
    "func": "exact_match",
    "result": {"type": "vm_command_line", "command": "cat /home/user/note.txt", "shell": True},
    "expected": {"type": "rule", "rules": {"expected": "right"}},
}
MAKE_RIGHT = {
    "type": "execute",
    "parameters": {"command": "printf right > /home/user/note.txt", "shell": True},
}
TASKS = {
    "write": {"evaluator": CONTENT},
    "written": {"config": [MAKE_RIGHT], "evaluator": CONTENT},
    "written-at-the-end": {"evaluator": {**CONTENT, "postconfig": [MAKE_RIGHT]}},
    "infeasible": {"evaluator": {"func": "infeasible"}},
    "kept": {
        "config": [{"type": "execute", "parameters": {"command": ["echo", "kept"], "stdout": "kept.txt"}}],
        "evaluator": {
            "func": "compare_text_file",
            "result": {"type": "cache_file", "path": "kept.txt"},
            "expected": {"type": "cloud_file", "path": "data:,kept%0A", "dest": "gold.txt"},
        },
    },
    "gone": {
        "config": [MAKE_RIGHT],
        "evaluator": {**CONTENT, "postconfig": [{"type": "launch", "parameters": {"command": ["gone"]}}]},
    },
    "cannot-begin": {
        "config": [{"type": "open", "parameters": {"path": "/home/user/missing.txt"}}],
        "related_apps": [],
        "evaluator": CONTENT,
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("tasks")
    (root / "examples/os").mkdir(parents=True)
    for name, fields in TASKS.items():
        fields = {"id": name, "instruction": f"Do {name}.", "related_apps": ["os"], **fields}
        (root / f"examples/os/{name}.json").write_text(json.dumps(fields))
    (root / "test_all.json").write_text(json.dumps({"os": [name for name in TASKS if name != "kept"]}))
    (root / "test_small.json").write_text(json.dumps({"os": ["write", "kept"]}))
    return root


@pytest.fixture(scope="module")
def env(folder):
    env = OSWorldEnv(tasks=folder, screenshots=False)
    yield env
    env.close()


def begin(env, task_id):
    observation, info = env.reset(options={"task_id": task_id})
    assert info["status"] == "ok", info.get("error")
    return observation, info


@pytest.mark.parametrize(
    ("task_id", "action", "score"),
    [
        ("write", "DONE", 0.0),
        ("write", "FAIL", 0.0),
        ("written", "DONE", 1.0),
        ("written", '{"action_type": "DONE"}', 1.0),
        ("written", "FAIL", 0.0),
        ("written-at-the-end", "DONE", 1.0),
        ("infeasible", "DONE", 0.0),
        ("infeasible", "FAIL", 1.0),
        ("infeasible", '{"action_type": "FAIL", "parameters": {}}', 1.0),
        ("kept", "DONE", 1.0),
    ],
)
def test_the_end_is_scored_by_the_evaluator(env, task_id, action, score):
    begin(env, task_id)
    _, reward, terminated, truncated, info = env.step(action)
    assert (reward, terminated, truncated, info["score"]) == (score, True, False, score)
    assert info["status"] == "ok" and info["action_valid"]
    assert bool(info["evaluation"]) == (score < 1), info["evaluation"]


@pytest.mark.parametrize(("task_id", "score"), [("write", 0.0), ("written", 1.0), ("infeasible", 0.0)])
@pytest.mark.parametrize("last", ["WAIT", "", "xyzzy"])
def test_the_budget_ends_with_a_score_too(env, task_id, score, last):
    begin(env, task_id)
    for _ in range(14):
        _, reward, terminated, truncated, info = env.step("WAIT")
        assert (reward, terminated, truncated) == (0.0, False, False) and "evaluation" not in info
    _, reward, terminated, truncated, info = env.step(last)
    assert (reward, terminated, truncated, info["score"]) == (score, False, True, score)
    assert info["action_valid"] == (last == "WAIT")


def test_what_the_agent_broke_for_the_evaluation_is_no_fault_of_the_machine(env):
    begin(env, "gone")
    _, reward, terminated, _, info = env.step("DONE")
    assert (reward, terminated, info["status"]) == (1.0, True, "ok")
    assert "step launch" in info["evaluation"][0]


def test_a_task_that_cannot_be_prepared_is_an_environment_fault(folder):
    env = OSWorldEnv(tasks=folder, screenshots=False)
    observation, info = env.reset(options={"task_id": "cannot-begin"})
    assert info["status"] == "env_error" and observation["text"] == ""
    assert "cannot-begin could not begin, 2 times: step open" in info["error"]
    _, _, terminated, truncated, info = env.step("DONE")
    assert (terminated, truncated, info["status"]) == (False, True, "env_error") and "score" not in info
    begin(env, "write")


def test_a_click_opens_what_it_hits(env):
    observation, info = begin(env, "write")
    button = next(e for e in read_description(observation["text"]) if e.name == "Applications")
    x, y = button.center
    after, _, _, _, opened = env.step(json.dumps({"action_type": "CLICK", "x": x, "y": y}))
    assert opened["state_key"] != info["state_key"]
    assert len(read_description(after["text"])) > len(read_description(observation["text"]))
    after, *_, closed = env.step('{"action_type": "PRESS", "key": "esc"}')
    assert closed["state_key"] == info["state_key"]


def test_time_passes_by_the_pause_and_is_no_part_of_the_state(folder):
    env = OSWorldEnv(tasks=folder, screenshots=False, pause_s=31.0)
    observation, info = begin(env, "write")
    waited, *_, after = env.step("WAIT")
    assert waited["text"] != observation["text"] and after["state_key"] == info["state_key"]


def test_code_as_actions(folder):
    env = OSWorldEnv(tasks=folder, screenshots=False, action_space_kind="pyautogui")
    _, info = begin(env, "written")
    assert env.candidate_actions({}, {}) is None
    *_, after = env.step("pyautogui.click(68, 1058)")
    assert after["action_valid"] and after["state_key"] != info["state_key"]
    *_, after = env.step("pyautogui.press('esc')\nimport os\nos.system('reboot')")
    assert (
        not after["action_valid"] and "Error" in after["action_error"] and "\n" not in after["action_error"]
    )
    assert after["state_key"] == info["state_key"], "what stood before the fault was done"
    for code in (
        "while True: pass",
        "x = 'a' * 10**12",
        "def f(): return f()\nf()",
        "open('/etc/passwd')",
        "1 +",
    ):
        began = time.monotonic()
        *_, after = env.step(code)
        assert not after["action_valid"] and after["action_error"] and len(after["action_error"]) < 1000
        assert time.monotonic() - began < 5
    assert env.step("DONE")[1] == 1.0


def test_a_snapshot_holds_what_setup_saved_and_the_score_at_the_budget(env):
    begin(env, "kept")
    snapshot = pickle.loads(pickle.dumps(env.snapshot()))
    begin(env, "write")
    env.restore(snapshot)
    assert env.step("DONE")[1] == 1.0
    env.restore(snapshot)
    results = [env.step("WAIT") for _ in range(15)]
    assert results[-1][1] == 1.0 and results[-1][3]


def test_screenshots(folder):
    env = OSWorldEnv(tasks=folder, screen="1280x720")
    observation, _ = begin(env, "write")
    picture = observation["screenshot"]
    assert (
        picture.shape == (720, 1280, 3) and picture.dtype == np.uint8 and observation in env.observation_space
    )
    moved, *_ = env.step('{"action_type": "MOVE_TO", "x": 700, "y": 300}')
    changed = np.argwhere((moved["screenshot"] != picture).any(axis=2))
    assert len(changed) and ((changed >= [295, 0]) & (changed <= [719, 1279])).all(), "the pointer is drawn"
    assert not env.step('{"action_type": "CLICK", "x": 1280, "y": 5}')[4]["action_valid"]


def test_index_files_are_splits(env, folder):
    assert env.tasks.splits == ("test_all", "test_small")
    assert {env.reset(seed=seed)[1]["task_id"] for seed in range(12)} <= set(TASKS) - {"kept"}
    small = OSWorldEnv(tasks=folder, split="test_small", screenshots=False)
    assert {small.reset(seed=seed)[1]["task_id"] for seed in range(12)} == {"write", "kept"}
    with pytest.raises(ValueError, match="test_small"):
        OSWorldEnv(tasks=folder, split="test_smal")


def test_tasks_that_lack_something_are_left_out_and_named(tmp_path, monkeypatch):
    warned = []
    monkeypatch.setattr(gymnasium.logger, "warn", lambda message, *args: warned.append(message))
    (tmp_path / "examples/os").mkdir(parents=True)
    lacking = {
        "drive": {"config": [{"type": "googledrive", "parameters": {}}], "evaluator": CONTENT},
        "web": {
            "config": [
                {
                    "type": "download",
                    "parameters": {"files": [{"url": "https://example.org/a", "path": "/a"}]},
                }
            ],
            "evaluator": CONTENT,
        },
        "metric": {"evaluator": {**CONTENT, "func": "no_such_metric"}},
        "getter": {"evaluator": {**CONTENT, "result": {"type": "no_such_getter"}}},
        "program": {"related_apps": ["gimp"], "evaluator": CONTENT},
    }
    for name, fields in lacking.items():
        path = tmp_path / f"examples/os/{name}.json"
        path.write_text(json.dumps({"id": name, "instruction": "x", **fields}))
    named = (
        "setup step googledrive (1)",
        "setup step download (downloads are off: pass downloads=True) (1)",
        "no_such_metric",
        "no_such_getter",
        "program gimp (1)",
    )
    with pytest.raises(ValueError, match="none of its 5 tasks") as error:
        OSWorldEnv(tasks=tmp_path, screenshots=False)
    assert all(name in str(error.value) for name in named) and not warned
    (tmp_path / "examples/os/good.json").write_text(
        json.dumps({"id": "good", "instruction": "x", "evaluator": CONTENT})
    )
    env = OSWorldEnv(tasks=tmp_path, screenshots=False)
    assert list(env.tasks.ids()) == ["good"]
    (message,) = warned
    assert "5 of 6 tasks are left out" in message and all(name in message for name in named)
    env = OSWorldEnv(tasks=tmp_path, screenshots=False, downloads=True)
    assert set(env.tasks.ids()) == {"good", "web"}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"backend": "docker"}, "backend 'docker'"),
        ({"backend": "remote"}, "address="),
        ({"backend": "remote", "address": "nowhere"}, "nowhere"),
        ({"screen": "640x480"}, "screen '640x480'"),
        ({"action_space_kind": "computer13"}, "did you mean 'computer_13'"),
        ({"evaluators": "mine"}, "evaluators 'mine'"),
        ({"pause_s": -1}, "pause_s=-1"),
        ({"deadline_s": 0}, "deadline_s=0"),
        ({"split": "test"}, "split 'test'"),
        ({"tasks": "/nowhere"}, "/nowhere"),
    ],
)
def test_bad_options_are_named(options, named):
    with pytest.raises(ValueError) as error:
        OSWorldEnv(**{"screenshots": False, **options})
    assert named in str(error.value) and "\n" not in str(error.value)


# -- remote machines that fail -------------------------------------------------------------------------------


class Broken(http.server.BaseHTTPRequestHandler):
    """Answers every request in the way that its server is told."""

    def do_GET(self):
        server: Any = self.server
        way = server.way
        if way == "hangs":
            server.released.wait(20)
        if way in ("hangs", "resets"):
            self.close_connection = True
            self.connection.close()
            return
        body = b"<html>oops</html>" if way in ("html", "500") else b'{"AT": 5'
        self.send_response(500 if way == "500" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


@pytest.fixture
def broken():
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken)
    server.released = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("way", ["hangs", "resets", "500", "html", "half"])
def test_a_remote_machine_that_fails_is_an_environment_fault_in_time(folder, broken, way):
    broken.way = way
    env = OSWorldEnv(
        tasks=folder,
        backend="remote",
        address=f"http://127.0.0.1:{broken.server_port}",
        screenshots=False,
        deadline_s=0.4,
        pause_s=0.0,
    )
    assert not env.supports_snapshot
    began = time.monotonic()
    _, info = env.reset(options={"task_id": "write"})
    assert time.monotonic() - began < 4
    assert info["status"] == "env_error" and "\n" not in info["error"]
    _, _, terminated, truncated, info = env.step("WAIT")
    assert (terminated, truncated, info["status"]) == (False, True, "env_error")
    with pytest.raises(NotImplementedError):
        env._backend.save()


def test_upstreams_evaluators_need_its_package():
    if find_spec("desktop_env") is not None:
        pytest.skip("desktop-env is installed")
    with pytest.raises(DependencyNotInstalled, match="pip install desktop-env"):
        OSWorldEnv(screenshots=False, evaluators="upstream")


def test_a_snapshot_keeps_its_picture_while_the_screen_goes_on():
    env = OSWorldEnv(screen="1280x720")
    env.reset(options={"task_id": "editor-append-line-0"})
    move = json.dumps({"action_type": "MOVE_TO", "parameters": {"x": 30, "y": 40}})
    seen = env.step(move)[0]["screenshot"]
    kept, saved = seen.copy(), env.snapshot()
    later = env.step(json.dumps({"action_type": "HOTKEY", "parameters": {"keys": ["ctrl", "alt", "t"]}}))[0]
    assert np.array_equal(seen, kept) and not np.array_equal(later["screenshot"], kept)
    assert np.array_equal(env.restore(saved)[0]["screenshot"], kept)
    assert np.array_equal(env.step("no action")[0]["screenshot"], kept)


def test_an_evaluation_finds_no_file_of_another():
    with _scratch_folder() as first, _scratch_folder() as second:
        assert first != second
        for folder in (first, second):
            (folder / "sub").mkdir(parents=True)
            for path in (folder / "expected.csv", folder / "sub" / "a"):
                path.write_text("x")
            (folder / "link").symlink_to("/")
    with _scratch_folder() as folder:
        assert folder in (first, second) and list(folder.iterdir()) == []
