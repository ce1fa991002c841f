"""OSWorld's actions: read strictly from a model's text, and turned into the code that OSWorld runs for them.

Types, parameters and their combinations are those of `desktop_env/actions.py` and `controllers/python.py` in
the package desktop-env 1.0.2 (xlang-ai/OSWorld). Where upstream would write unchecked values into code, or
send a point that is not on the screen, the action is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from step_gym.envs.json_action import InvalidAction, read_object, shown
from step_gym.envs.osworld.computer import Call

SPECIAL_ACTIONS = ("WAIT", "FAIL", "DONE")

ACTION_SPACES = ("computer_13", "pyautogui")

MAX_WHEEL_CLICKS = 1_000
"""Farthest turn of the wheel in one action; on a real screen every click of it is an event."""

MAX_HOTKEY_KEYS = 10

_NAMED_KEYS = (
    "accept add alt altleft altright apps backspace browserback browserfavorites browserforward browserhome "
    "browserrefresh browsersearch browserstop capslock clear command convert ctrl ctrlleft ctrlright decimal "
    "del delete divide down end enter esc escape execute final fn hanguel hangul hanja help home insert "
    "junja kana kanji launchapp1 launchapp2 launchmail launchmediaselect left modechange multiply nexttrack "
    "nonconvert numlock option optionleft optionright pagedown pageup pause pgdn pgup playpause prevtrack "
    "print printscreen prntscrn prtsc prtscr return right scrolllock select separator shift shiftleft "
    "shiftright sleep stop subtract tab up volumedown volumemute volumeup win winleft winright yen"
)
KEYBOARD_KEYS = frozenset(
    [
        *"\t\n\r !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~",
        *(f"f{number}" for number in range(1, 25)),
        *(f"num{number}" for number in range(10)),
        *_NAMED_KEYS.split(),
    ]
)
"""The names of keys that upstream knows, from pyautogui; a letter is also accepted as a capital."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action, ready to be performed.

    Attributes:
        action_type: One of the sixteen types; "CODE" for pyautogui code that the agent wrote.
        does: What performs it: calls of pyautogui, none where nothing is to be done; or that code.
    """

    action_type: str
    does: tuple[Call, ...] | str = ()

    @property
    def code(self) -> str:
        """What performs it, as code."""
        return self.does if isinstance(self.does, str) else "\n".join(map(str, self.does))


def parse_action(text: str, kind: str, width: int, height: int) -> Action:
    """The action that a text is.

    Args:
        text: In both kinds "WAIT", "FAIL" or "DONE", or a JSON object with one of them as `action_type`. In
            "computer_13" a JSON object with `action_type` and `parameters`, or with the parameters beside the
            type. In "pyautogui" Python code, or a JSON object with the code as `command`.
        kind: One of `ACTION_SPACES`.
        width: Of the screen, in pixels.
        height: Of the screen, in pixels.

    Raises:
        InvalidAction: For anything else.
    """
    stripped = text.strip()
    if stripped in SPECIAL_ACTIONS:
        return Action(stripped)
    if kind == "pyautogui" and not stripped.startswith("{"):
        return Action("CODE", _code(text))
    fields = read_object(stripped)
    if kind == "pyautogui" and fields.keys() == {"command"} and isinstance(fields["command"], str):
        return Action("CODE", _code(fields["command"]))
    action_type = fields.get("action_type")
    if kind == "pyautogui" and action_type not in SPECIAL_ACTIONS:
        raise InvalidAction(f"{shown(text)} is neither code nor an object with code as its `command`")
    if not isinstance(action_type, str) or action_type not in _TYPES:
        raise InvalidAction(f"action_type={shown(action_type)} is not one of {', '.join(_TYPES)}")
    parameters = fields.get("parameters")
    if "parameters" not in fields:
        parameters = {key: value for key, value in fields.items() if key != "action_type"}
    elif len(fields) > 2:
        raise InvalidAction(f"{shown(text)} has more than action_type and parameters")
    if not isinstance(parameters, dict):
        raise InvalidAction(f"parameters={shown(parameters)} is not an object")
    known, write = _TYPES[action_type]
    for key, value in parameters.items():
        if key not in known:
            takes = f"its parameters are {', '.join(known)}" if known else "it takes no parameters"
            raise InvalidAction(f"{action_type} has no parameter {shown(key)}; {takes}")
        _CHECKS[key](key, value)
    _check_point(action_type, parameters, width, height)
    return Action(action_type, tuple(write(parameters)))


def _code(code: str) -> str:
    _check_text("code", code)
    if not code.strip():
        raise InvalidAction("the code is empty")
    return _spelled(code) if "<" in code else code


def _spelled(code: str) -> str:
    """The code, with "<" in literals that it types or presses made by keys, as TYPING does.

    Upstream does the same with regular expressions. Code that is no Python stays as it is, and says so when
    it is run.
    """
    try:
        tree = ast.parse(code)
        for node in ast.walk(tree):
            for body in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
                if isinstance(body, list):
                    body[:] = [made for statement in body for made in _typed_by_keys(statement)]
        # OSWorld puts the code's first line behind its imports, where a compound statement is an error.
        first = "\n" if tree.body and tree.body[0].lineno > 1 else ""
        return first + ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return code


def _typed_by_keys(statement: ast.stmt) -> list[ast.stmt]:
    match statement:
        case ast.Expr(
            ast.Call(
                ast.Attribute(ast.Name("pyautogui"), "typewrite" | "write" | "press"),
                [ast.Constant(str(text)), *_],
            )
        ) if "<" in text:
            return ast.parse("\n".join(map(str, _typing({"text": text})))).body
    return [statement]


# -- one parameter -------------------------------------------------------------------------------------------


def _check_number(key: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:
        raise InvalidAction(f"{key}={shown(value)} is not a number")


def _check_wheel(key: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAX_WHEEL_CLICKS:
        raise InvalidAction(
            f"{key}={shown(value)} is not a whole number from -{MAX_WHEEL_CLICKS} to {MAX_WHEEL_CLICKS}"
        )


def _check_button(key: str, value: Any) -> None:
    if value not in ("left", "right", "middle"):
        raise InvalidAction(f"{key}={shown(value)} is not one of left, right, middle")


def _check_clicks(key: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 3:
        raise InvalidAction(f"{key}={shown(value)} is not 1, 2 or 3")


def _check_text(key: str, value: Any) -> None:
    if not isinstance(value, str):
        raise InvalidAction(f"{key}={shown(value)} is not a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidAction(f"{key} contains a lone surrogate, which is not valid Unicode text") from None
    if "\0" in value:
        raise InvalidAction(f"{key} contains a NUL character")


def _check_key(key: str, value: Any) -> None:
    if not isinstance(value, str) or value.lower() not in KEYBOARD_KEYS:
        raise InvalidAction(f"{key}={shown(value)} is no key of pyautogui, such as enter, ctrl, f2, a")


def _check_keys(key: str, value: Any) -> None:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_HOTKEY_KEYS:
        raise InvalidAction(f"{key}={shown(value)} is not a list of 1 to {MAX_HOTKEY_KEYS} keys")
    for one in value:
        _check_key(key, one)


_CHECKS: dict[str, Callable[[str, Any], None]] = {
    "x": _check_number,
    "y": _check_number,
    "dx": _check_wheel,
    "dy": _check_wheel,
    "button": _check_button,
    "num_clicks": _check_clicks,
    "text": _check_text,
    "key": _check_key,
    "keys": _check_keys,
}


def _check_point(action_type: str, parameters: Mapping[str, Any], width: int, height: int) -> None:
    if ("x" in parameters) != ("y" in parameters):
        raise InvalidAction(f"{action_type}: x and y belong together")
    if "x" not in parameters:
        return
    x, y = parameters["x"], parameters["y"]
    if not (0 <= x < width and 0 <= y < height):
        raise InvalidAction(f"x={shown(x)}, y={shown(y)} is off the screen of {width} x {height} pixels")


# -- the calls of each type ----------------------------------------------------------------------------------


def _needed(parameters: Mapping[str, Any], *keys: str) -> None:
    for key in keys:
        if key not in parameters:
            raise InvalidAction(f"{key} is missing")


def _point(parameters: Mapping[str, Any]) -> dict[str, int]:
    """The point as arguments; pyautogui cuts fractions of a pixel off, too."""
    return {key: int(parameters[key]) for key in ("x", "y") if key in parameters}


def _move_to(parameters: Mapping[str, Any]) -> Iterator[Call]:
    # Upstream draws a duration and an easing at random; the pointer arrives at the same place.
    if parameters:
        yield Call("moveTo", named=_point(parameters))


def _click(parameters: Mapping[str, Any]) -> Iterator[Call]:
    if parameters.keys() == {"num_clicks"}:
        raise InvalidAction("CLICK with num_clicks needs a button, or x and y")
    named = {"button": parameters["button"]} if "button" in parameters else {}
    named |= _point(parameters)
    if "num_clicks" in parameters:
        named["clicks"] = parameters["num_clicks"]
    yield Call("click", named=named)


def _button(function: str) -> Callable[[Mapping[str, Any]], Iterator[Call]]:
    def write(parameters: Mapping[str, Any]) -> Iterator[Call]:
        yield Call(function, named=parameters)

    return write


def _at_point(function: str) -> Callable[[Mapping[str, Any]], Iterator[Call]]:
    def write(parameters: Mapping[str, Any]) -> Iterator[Call]:
        yield Call(function, named=_point(parameters))

    return write


def _drag_to(parameters: Mapping[str, Any]) -> Iterator[Call]:
    _needed(parameters, "x", "y")
    yield Call("dragTo", named=_point(parameters) | {"duration": 1.0, "button": "left", "mouseDownUp": True})


def _scroll(parameters: Mapping[str, Any]) -> Iterator[Call]:
    if not parameters:
        raise InvalidAction("SCROLL needs dx, dy, or both")
    for key, function in (("dx", "hscroll"), ("dy", "vscroll")):
        if key in parameters:
            yield Call(function, (parameters[key],))


# On X11 pyautogui types ">" for "<" (upstream's issue 257), and upstream's way round it is the keys.
_LESS_THAN = Call("hotkey", ("shift", ","))


def _typing(parameters: Mapping[str, Any]) -> Iterator[Call]:
    _needed(parameters, "text")
    for number, piece in enumerate(parameters["text"].split("<")):
        if number:
            yield _LESS_THAN
        if piece:
            yield Call("typewrite", (piece,))


def _key(function: str) -> Callable[[Mapping[str, Any]], Iterator[Call]]:
    def write(parameters: Mapping[str, Any]) -> Iterator[Call]:
        _needed(parameters, "key")
        key = parameters["key"]
        yield _LESS_THAN if (function, key) == ("press", "<") else Call(function, (key,))

    return write


def _hotkey(parameters: Mapping[str, Any]) -> Iterator[Call]:
    _needed(parameters, "keys")
    yield Call("hotkey", tuple(parameters["keys"]))


def _nothing(parameters: Mapping[str, Any]) -> Iterator[Call]:
    return iter(())


_TYPES: dict[str, tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Iterator[Call]]]] = {
    "MOVE_TO": (("x", "y"), _move_to),
    "CLICK": (("button", "x", "y", "num_clicks"), _click),
    "MOUSE_DOWN": (("button",), _button("mouseDown")),
    "MOUSE_UP": (("button",), _button("mouseUp")),
    "RIGHT_CLICK": (("x", "y"), _at_point("rightClick")),
    "DOUBLE_CLICK": (("x", "y"), _at_point("doubleClick")),
    "DRAG_TO": (("x", "y"), _drag_to),
    "SCROLL": (("dx", "dy"), _scroll),
    "TYPING": (("text",), _typing),
    "PRESS": (("key",), _key("press")),
    "KEY_DOWN": (("key",), _key("keyDown")),
    "KEY_UP": (("key",), _key("keyUp")),
    "HOTKEY": (("keys",), _hotkey),
    **{special: ((), _nothing) for special in SPECIAL_ACTIONS},
}
