"""The environment over a simulated phone: what ends an episode, what is typed, the ways to reach it."""

import json
import random
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest

import step_gym  # noqa: F401
from step_gym.envs.androidworld import backends
from step_gym.envs.androidworld.actions import typeable
from step_gym.envs.androidworld.elements import read_description
from step_gym.envs.androidworld.env import AndroidWorldEnv, without_clocks
from step_gym.envs.androidworld.expert import AndroidWorldExpert
from step_gym.envs.androidworld.simulator.adb_server import AdbServer
from step_gym.envs.androidworld.simulator.app import App
from step_gym.envs.androidworld.simulator.apps import APPS
from step_gym.envs.androidworld.simulator.phone import Phone
from step_gym.envs.machine import widgets
from tests.envs.androidworld.touch import tap

COMPLETE = '{"action_type": "status", "goal_status": "complete"}'
INFEASIBLE = '{"action_type": "status", "goal_status": "infeasible"}'


def make(**options) -> AndroidWorldEnv:
    return AndroidWorldEnv(**{"profile": "360x800", "screenshots": False, **options})


def act(env, **fields):
    return env.step(json.dumps(fields))


@pytest.fixture
def env():
    env = make()
    yield env
    env.close()


@pytest.fixture
def wifi(env):
    """An environment whose task is to turn wifi off, and the phone."""
    observation, _ = env.reset(options={"task_id": "SystemWifiTurnOff-0"})
    return env, env.unwrapped._backend.phone, observation


def test_the_score_is_the_checks_once_the_agent_declares_success(wifi):
    env, phone, _ = wifi
    assert env.step(COMPLETE)[1:3] == (0.0, True)
    env.reset(options={"task_id": "SystemWifiTurnOff-0"})
    phone.run("svc wifi disable")
    assert act(env, action_type="wait")[1:4] == (0.0, False, False), "the state alone ends nothing"
    _, reward, terminated, truncated, info = env.step(COMPLETE)
    assert (reward, terminated, truncated, info["is_success"]) == (1.0, True, False, True)


def test_a_feasible_task_declared_infeasible_scores_nothing(wifi):
    env, phone, _ = wifi
    phone.run("svc wifi disable")
    _, reward, terminated, _, info = env.step(INFEASIBLE)
    assert (reward, terminated, info["is_success"]) == (0.0, True, False)


def test_the_budget_scores_nothing_even_in_the_right_state(wifi):
    env, phone, _ = wifi
    phone.run("svc wifi disable")
    task = env.tasks.by_id("SystemWifiTurnOff-0")
    assert task.max_steps == 10
    for step in range(1, task.max_steps + 1):
        _, reward, terminated, truncated, info = act(env, action_type="wait")
        assert (reward, terminated, truncated) == (0.0, False, step == task.max_steps)
    assert info["is_success"] is False and info["score"] == 0.0


def test_an_answer_is_kept_and_shown_and_ends_nothing(wifi):
    env, _, first = wifi
    observation, _, terminated, _, info = act(env, action_type="answer", text="42")
    assert not terminated and info["answer"] == "42" and info["action_valid"]
    assert observation["text"] == first["text"] + "\nAgent answered: 42"
    key = info["state_key"]
    assert act(env, action_type="answer", text="43")[4]["state_key"] != key
    assert env.reset(options={"task_id": "SystemWifiTurnOff-0"})[1]["answer"] == ""


def test_what_is_refused_is_told_and_changes_nothing(wifi):
    env, phone, first = wifi
    before = phone.snapshot()
    observation, _, _, _, info = act(env, action_type="click", index=999)
    assert info["action_error"].startswith("index=999: there are elements 0 to ")
    assert observation["text"] == f"Invalid action: {info['action_error']}\n{first['text']}"
    assert phone.snapshot()["clock"] == before["clock"], "nothing was sent, no time has passed"
    info = act(env, action_type="open_app", app_name="no such app")[4]
    assert info["action_error"] == "no app on this phone is called 'no such app'"
    assert act(env, action_type="open_app", app_name="Settings")[4]["package"] == "com.android.settings"


def test_time_passes_for_a_wait_but_makes_no_new_state(wifi):
    env, phone, _ = wifi
    before = phone.clock.now_ns
    key = act(env, action_type="wait")[4]["state_key"]
    assert phone.clock.now_ns - before >= 10**9
    assert act(env, action_type="wait")[4]["state_key"] == key


def test_clocks_are_no_part_of_the_state():
    line = 'UI element 7: {"index": 7, "text": "15:34", "resource_id": "city_time", "is_clickable": False}'
    assert without_clocks(line) == without_clocks(line.replace("15:34", "15:35"))
    other = line.replace("city_time", "title")
    assert without_clocks(other) != without_clocks(other.replace("15:34", "15:35"))


def test_what_runs_by_itself_makes_no_new_state_and_what_is_entered_does(wifi):
    env, phone, _ = wifi
    phone.launch("com.google.android.deskclock")

    def key_after(*taps):
        tap(phone, *taps)
        return act(env, action_type="wait")[4]["state_key"]

    assert len({key_after("Timer"), key_after("1"), key_after("2")}) == 3
    assert key_after("Stopwatch", "Start") == key_after()


# -- typing --------------------------------------------------------------------------------------------------


class _Notepad:
    def build(self, ui):
        return widgets.column(widgets.field("pad", multiline=True), grow=1)


NOTEPAD = App(
    "org.example.pad",
    "Pad",
    activities={"org.example.pad.Main": lambda phone, intent: _Notepad()},
    launcher="org.example.pad.Main",
)


def _hostile_texts() -> list[str]:
    rng = random.Random(7)
    alphabet = "ab Z09'\"\\;|&<>()#$`*?[]{}~!^%s=-+@,.:/_éßｅ；＄\u00a0\t\n日🔑"
    return ["'; reboot #", *("".join(rng.choices(alphabet, k=rng.randint(1, 40))) for _ in range(200))]


def test_a_field_holds_exactly_what_was_typed(monkeypatch):
    monkeypatch.setattr(backends, "Phone", partial(Phone, apps=(*APPS, NOTEPAD)))
    env = make()
    env.reset(options={"task_id": "MarkorMergeNotes-0"})
    observation = act(env, action_type="open_app", app_name="org.example.pad")[0]
    beginning = env.snapshot()
    (field,) = (element for element in read_description(observation["text"]) if element.editable)
    for text in _hostile_texts():
        env.restore(beginning)
        observation, _, _, _, info = act(env, action_type="input_text", text=text, index=field.index)
        assert info["action_error"] is None
        (shown,) = (element for element in read_description(observation["text"]) if element.editable)
        # ENTER at the end; what has no key on the device is folded to ASCII or left out, as upstream does.
        assert shown.text == typeable(text) + "\n"
    world: Any = env.unwrapped
    assert not world._backend.phone.unknown_commands
    again = act(env, action_type="input_text", text="new", index=field.index, clear_text=True)[0]
    (shown,) = (element for element in read_description(again["text"]) if element.editable)
    assert shown.text == "new\n"


# -- transports and backends ---------------------------------------------------------------------------------

WALK = [
    {"action_type": "open_app", "app_name": "Settings"},
    {"action_type": "scroll", "direction": "down"},
    {"action_type": "click", "x": 180, "y": 300},
    {"action_type": "navigate_back"},
    {"action_type": "input_text", "text": "it's 100%", "x": 180, "y": 100},
    {"action_type": "long_press", "x": 180, "y": 400},
    {"action_type": "swipe", "direction": "down"},
    {"action_type": "navigate_home"},
    {"action_type": "status", "goal_status": "complete"},
]


def _walk(env) -> list:
    shown = [env.reset(options={"task_id": "SystemBrightnessMax-0"})]
    shown += [act(env, **fields) for fields in WALK]
    env.close()
    pictures = [observation.pop("screenshot").tobytes() for observation, *_ in shown]
    return [shown, pictures]


def test_every_way_to_a_phone_shows_the_same():
    expected = _walk(make(screenshots=True))
    assert len(set(expected[1])) > 4 and {"com.android.settings"} < {
        info["package"] for *_, info in expected[0]
    }
    assert _walk(make(screenshots=True, transport="socket")) == expected
    with AdbServer([Phone(profile="360x800")]) as server:
        options = {"backend": "device", "port": server.port, "settle_s": 0}
        assert _walk(make(screenshots=True, **options)) == expected
        assert _walk(make(screenshots=True, serial="emulator-5554", **options)) == expected


def test_pictures_are_left_out_on_request():
    for profile, shape in (("360x800", (800, 360, 3)), ("1080x2400", (2400, 1080, 3))):
        env = make(profile=profile, screenshots=True)
        observation, _ = env.reset(options={"task_id": "SystemBrightnessMax-0"})
        assert observation["screenshot"].shape == shape and observation["screenshot"].dtype == np.uint8
        assert observation in env.observation_space
    assert "screenshot" not in make().reset()[0]


def test_a_device_is_left_as_upstream_leaves_it():
    phone = Phone(profile="360x800")
    with AdbServer([phone]) as server:
        env = make(backend="device", port=server.port, settle_s=0)
        assert not env.supports_snapshot
        env.reset(options={"task_id": "SystemBrightnessMax-0"})
        act(env, action_type="open_app", app_name="Settings")
        assert "com.android.settings" in phone.run("dumpsys activity recents").merged.decode()
        with pytest.raises(NotImplementedError):
            env.snapshot()
        env.close()
        assert "com.android.settings" not in phone.run("dumpsys activity recents").merged.decode()


def test_tasks_on_a_device_leave_nothing_behind_that_disturbs_the_next():
    phone = Phone(profile="360x800")
    expert = AndroidWorldExpert()
    families = [
        *("SystemAirplaneModeTurnOn", "SimpleSmsSend", "ContactsAddContact", "MarkorDeleteNote"),
        *("FilesMoveFile", "ExpenseAddSingle", "SimpleCalendarEventsOnDate", "SimpleSmsReply"),
        "AudioRecorderRecordAudio",
    ]
    with AdbServer([phone]) as server:
        env = make(backend="device", port=server.port)
        for family in families:
            observation, info = env.reset(options={"task_id": f"{family}-0"})
            expert.reset(observation, info)
            over = False
            while not over:
                observation, reward, terminated, truncated, info = env.step(expert.act(observation, info))
                over = terminated or truncated
            assert reward == 1.0, (family, info, expert.failure)
        env.close()
    left = phone.run("find /sdcard/ -type f").merged.decode().split()
    assert [path.rpartition("/")[2] for path in left] == ["Record-1.m4a"], "what was asked for, and no more"
    for uri in ("content://sms", "content://contacts/phones/"):
        assert phone.run(f"content query --uri {uri}").merged == b"No result found.\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backend": "emulator"}, "backend 'emulator'"),
        ({"transport": "usb"}, "transport 'usb'"),
        ({"profile": "1x1"}, "profile '1x1'"),
        ({"suite": "miniwob"}, "suite 'miniwob'"),
        ({"split": "test"}, "split 'test'"),
        ({"deadline_s": 0}, "deadline_s=0"),
    ],
)
def test_unknown_options_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        make(**options)


def test_the_registered_environment_has_pictures_of_upstreams_screen():
    env = gymnasium.make("STEP-AndroidWorld-v0")
    assert isinstance(env.observation_space, gymnasium.spaces.Dict)
    assert env.observation_space["screenshot"].shape == (2400, 1080, 3)
    env.close()


def test_families_are_chosen_by_how_their_names_begin() -> None:
    env = gymnasium.make(
        "STEP-AndroidWorld-v0", families=("SystemWifi", "ClockTimerEntry"), screenshots=False
    )
    names = {task_id.rpartition("-")[0] for task_id in env.get_wrapper_attr("tasks").ids()}
    assert names == {*(f"SystemWifiTurn{how}{what}" for how in ("On", "Off") for what in ("", "Verify"))} | {
        "ClockTimerEntry"
    }
    with pytest.raises(ValueError, match="unknown family 'SytemWifi': did you mean 'SystemWifi"):
        gymnasium.make("STEP-AndroidWorld-v0", families=["SytemWifi"], screenshots=False)
