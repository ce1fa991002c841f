"""The desktop's Python: answers of the real one beside ours, and programs that mean harm."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.osworld.actions import parse_action
from step_gym.envs.osworld.computer import PYAUTOGUI_PREFIX, Call, Refused, run_actions
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.local import LocalComputer
from step_gym.envs.osworld.simulator.python.interpreter import Interpreter
from step_gym.envs.osworld.simulator.python.modules import modules
from step_gym.envs.osworld.simulator.python.values import MAX_ITEMS, MAX_TEXT

# Code, what it printed, the last line of its traceback and where the pointer was then: of CPython 3.11 and
# PyAutoGUI 0.9.54 on an X display of 1280x720, run by OSWorld's own server.
REAL = json.loads((Path(__file__).parent / "pyautogui_answers.json").read_text(encoding="utf-8"))


class Devices:
    """Input that only remembers."""

    def __init__(self):
        self.events = []
        self.files = Desktop(1280, 720, programs=()).files
        self.clipboard = ""

    def size(self):
        return 1280, 720

    def position(self):
        return 600, 300

    def wait(self, seconds):
        assert seconds >= 0

    def __getattr__(self, name):
        return lambda *arguments: self.events.append((name, *arguments))


def interpreter(devices: Any = None):
    devices = Devices() if devices is None else devices
    return Interpreter(lambda budget: modules(budget, devices, devices, "/home/user"))


@pytest.fixture(scope="module")
def computer():
    return LocalComputer(Desktop(1280, 720, programs=()))


@pytest.mark.parametrize(("code", "output", "error", "pointer"), REAL, ids=range(len(REAL)))
def test_code_does_what_it_does_on_a_real_display(computer, code, output, error, pointer):
    run_actions(computer, "pyautogui.moveTo(600, 300)")
    result = run_actions(computer, code)
    assert result.output == output
    assert (result.error.splitlines() or [""])[-1] == error
    assert computer.cursor_position() == tuple(pointer)
    assert result.returncode == int(bool(error))


@pytest.mark.parametrize(
    "parameters",
    [
        {"action_type": "CLICK", "x": 7, "y": 9, "button": "left", "num_clicks": 3},
        {"action_type": "DRAG_TO", "x": 300, "y": 200},
        {"action_type": "SCROLL", "dx": -2, "dy": 3},
        {"action_type": "TYPING", "text": "1 < 2\n"},
        {"action_type": "HOTKEY", "keys": ["ctrl", "<"]},
        {"action_type": "CLICK", "x": 0, "y": 0},
        {"action_type": "KEY_DOWN", "key": "shift"},
    ],
)
def test_calls_do_what_their_code_does(parameters):
    action = parse_action(json.dumps(parameters), "computer_13", 1280, 720)
    assert not isinstance(action.does, str)
    devices = Devices(), Devices()
    outcomes = (
        interpreter(devices[0]).run(PYAUTOGUI_PREFIX + action.code),
        interpreter(devices[1]).call("pyautogui", {"FAILSAFE": False}, action.does),
    )
    assert outcomes[0] == outcomes[1]
    assert devices[0].events == devices[1].events != []


def test_settings_of_calls_are_gone_with_them(computer):
    corner = [Call("moveTo", (0, 0)), Call("click")]
    assert computer.perform(corner).returncode == 0
    failed = computer.run_python("import pyautogui; pyautogui.click()")
    assert "FailSafeException" in failed.error


HOSTILE = [
    "import os; os.system('touch /tmp/x')",
    "import subprocess",
    "__import__('os')",
    "open('/etc/passwd').read()",
    "eval('1')",
    "exec('1')",
    "().__class__.__bases__[0].__subclasses__()",
    "print.__globals__",
    "''.format.__self__",
    "'{0.__class__}'.format(1)",
    "import pyautogui; pyautogui.__dict__",
    "import pyautogui; pyautogui.click.__func__",
    "import pyautogui; pyautogui.click = 5",
    "import os; os.path = 5",
    "getattr(1, 'real')",
    "globals()",
    "lambda: 1",
    "def f(): pass",
    "class A: pass",
    "[x for x in range(3)]",
    "{1: 2}",
    "b'x'",
    "1j",
    "(yield)",
    "await x",
    "try:\n  pass\nexcept:\n  pass",
    "del print",
    "global x",
    "assert 0",
    "x: int = 5",
    "print(*range(10 ** 9))",
    "(x := 5)",
]


@pytest.mark.parametrize("code", HOSTILE)
def test_what_the_language_does_not_have_ends_in_one_line(code):
    devices = Devices()
    outcome = interpreter(devices).run(code)
    assert (outcome.error and "\n" not in outcome.error) or outcome.exhausted
    assert not devices.events and outcome.output == ""


ENDLESS = [
    "while True: pass",
    "for i in range(10 ** 30): pass",
    "import time\nwhile 1: time.sleep(0)",
    "import pyautogui\npyautogui.press([], presses=10 ** 9)",
    "import pyautogui\npyautogui.click(clicks=10 ** 9)",
    "import pyautogui\npyautogui.press('a', presses=10 ** 9)",
    "import pyautogui\npyautogui.write('a' * 90000)",
    "a = []\na.append(a)\nprint(a)",
    "a = [0] * 9000\nfor i in range(9):\n  a = [a, a]\nprint(a)",
    "a = 'x' * 90000\nb = []\nwhile 1: b.append(a + 'y')",
    "while 1: print('x' * 90000)",
    "x = 9 ** 2000\nwhile 1: y = str(x)",
    "x = '9' * 4000\nwhile 1: y = int(x)",
]


@pytest.mark.parametrize("code", ENDLESS)
def test_endless_programs_are_ended(code):
    outcome = interpreter().run(code)
    assert outcome.exhausted and len(outcome.output) < 1_000_000


LARGE = [
    "a = 'a'\nwhile 1: a += a",
    "a = [1]\nwhile 1: a += a",
    "x = 2\nwhile 1: x = x * x",
    "2 ** 10 ** 10",
    "1 << 10 ** 10",
    "'a' * 10 ** 12",
    "[0] * 10 ** 12",
    "f'{1:999999999}'",
    "f'{1.5:.99999999f}'",
    "'%999999999d' % 1",
    "'%*d' % (999999999, 1)",
    "'a'.replace('a', 'x' * 90000).replace('x', 'y' * 90000)",
    "('x' * 9000).join(['a'] * 9000)",
    "round(5, -10 ** 9)",
    "list(range(10 ** 9))",
    "sum(range(10 ** 9))",
    "max(range(10 ** 9))",
    "10.5 in range(10 ** 9)",
    "(-8) ** 0.5",
    "int('9' * 5000)",
    f"print({'-' * 5000}1)",
    "(" * 1000,
    f"x = {'[' * 150}{']' * 150}",
    "if 1:\n" + "".join(" " * depth + "if 1:\n" for depth in range(1, 95)) + " " * 95 + "pass",
    "\0",
    "\ud800",
    "x" * 200_000,
]


@pytest.mark.parametrize("code", LARGE, ids=range(len(LARGE)))
def test_large_values_are_refused_before_they_are_made(code):
    outcome = interpreter().run(code)
    assert outcome.error or outcome.exhausted
    assert "\n" not in outcome.error and len(outcome.error) < 400


def test_what_was_done_before_an_error_stays_done():
    devices = Devices()
    outcome = interpreter(devices).run("import pyautogui\npyautogui.keyDown('a')\nfoo()")
    assert devices.events == [("key", "a", True)]
    assert (outcome.error, outcome.line) == ("NameError: name 'foo' is not defined", 3)
    assert outcome.traceback.splitlines()[1:] == ['  File "<string>", line 3, in <module>', outcome.error]


def test_nothing_of_a_program_is_left_for_the_next():
    runner = interpreter()
    runner.run("import pyautogui\nx = 5\npyautogui.PAUSE = 7\nprint('x' * 90000)\nwhile 1: pass")
    outcome = runner.run("import pyautogui\nprint(pyautogui.PAUSE)\nprint(x)")
    assert (outcome.output, outcome.error) == ("0.1\n", "NameError: name 'x' is not defined")


def test_a_held_key_is_released_where_the_block_fails():
    devices = Devices()
    interpreter(devices).run("import pyautogui\nwith pyautogui.hold('shift'):\n  foo()")
    assert devices.events == [("key", "shift", True), ("key", "shift", False)]


def test_any_character_is_typed_and_the_clipboard_is_the_desktops(computer):
    devices = Devices()
    interpreter(devices).run("from pyautogui import *\nwrite('a<é漢\\n')")
    assert devices.events == [("type", "a<é漢\n")]
    result = run_actions(computer, "import pyperclip; pyperclip.copy('ü'); print(pyperclip.paste())")
    assert result.output == "ü\n" and computer.desktop.clipboard == "ü"


def test_time_is_the_desktops_and_has_an_end(computer):
    before = computer.desktop.clock.elapsed_ns
    run_actions(computer, "time.sleep(3)")
    assert computer.desktop.clock.elapsed_ns - before == 3_000_000_000
    for code in ("time.sleep(121)", "pyautogui.moveTo(1, 2, duration=1e9)", "while True: time.sleep(50)"):
        with pytest.raises(Refused, match="timed out after 120 seconds"):
            run_actions(computer, f"\n{code}")
    with pytest.raises(Refused, match="timeout"):
        computer.run_python("import time; time.sleep(31)")
    assert "must be non-negative" in run_actions(computer, "time.sleep(float('nan'))").error


@pytest.mark.filterwarnings("error")
def test_odd_code_warns_nobody_on_the_host():
    assert interpreter().run(r"print('\d', 1if 1else 2)").output == "\\d 1\n"


values = st.sampled_from(
    [
        "0",
        "-1",
        "10 ** 9",
        "2 ** 3000",
        "1.5",
        "1e308",
        "float('nan')",
        "'a'",
        "'9' * 4000",
        "'a' * 90000",
        "[]",
    ]
    + [
        "[1, 2]",
        "(1, 2)",
        "None",
        "True",
        "range(10 ** 9)",
        "print",
        "x",
        "pyautogui",
        "pyautogui.position()",
    ]
)
functions = st.sampled_from(
    [f"pyautogui.{name}" for name in interpreter()._modules["pyautogui"].attributes]
    + list(interpreter()._builtins)
    + [
        f"x.{name}"
        for name in ("append", "pop", "join", "replace", "split", "upper", "count", "x", "__len__")
    ]
    + ["time.sleep", "os.path.join", "os.listdir", "pyperclip.copy"]
)
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "<<",
    ">>",
    "&",
    "|",
    "^",
    "<",
    "==",
    "in",
    "is",
    "and",
    "or",
    "@",
]
expressions = st.recursive(
    values,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(OPERATORS),
            inner,
        ),
        st.builds("{}({})".format, functions, st.lists(inner, max_size=4).map(", ".join)),
        st.builds(
            "{}(*{}, {}={})".format, functions, inner, st.sampled_from(["clicks", "interval", "start"]), inner
        ),
        st.builds("{}[{}:{}]".format, inner, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("f'{{{}:{{{}}}}}'".format, values, values),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("-{}".format, inner),
    ),
    max_leaves=6,
)
statements = st.one_of(
    st.builds("x = {}".format, expressions),
    st.builds("x += {}".format, expressions),
    st.builds("x[0] = {}".format, expressions),
    st.builds("x, y = {}".format, expressions),
    st.builds("pyautogui.PAUSE = {}".format, expressions),
    st.builds("for x in {}: y = {}".format, expressions, expressions),
    st.builds("while {}: x = {}".format, expressions, expressions),
    st.builds("with pyautogui.hold({}): {}".format, expressions, expressions),
    st.builds("print({})".format, expressions),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(statements, min_size=1, max_size=5))
def test_no_program_gets_out_of_hand(lines):
    runner = interpreter()
    outcome = runner.run("\n".join(["import pyautogui, time, os, pyperclip", "x = [1]", *lines]))
    assert len(outcome.error) < 500 and "\n" not in outcome.error
    assert "object at 0x" not in outcome.output + outcome.error  # an address of the host
    assert len(outcome.output) <= MAX_TEXT * 10 and runner._budget.work <= 200_000
    assert MAX_ITEMS <= MAX_TEXT


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_a_program_that_ends(text):
    outcome = interpreter().run(text)
    assert "\n" not in outcome.error
