"""The calculator: an expression that is typed or tapped, its result, and what was calculated before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from step_gym.envs.machine.apps.calculator import MAX_CHARS, CalculationError, calculate
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Handler, Style, View
from step_gym.envs.machine.widgets import box, column, row
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, menu_bar
from step_gym.envs.osworld.simulator.program import Program

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_FIELD = "expression"
_KEPT, _SHOWN = 50, 4  # lines of history

# Text on the key, what it types, and its name where the text says too little.
_KEYS = (
    (("C", "", "Clear"), ("(", "(", ""), (")", ")", ""), ("÷", "÷", "Divide")),
    (("7", "7", ""), ("8", "8", ""), ("9", "9", ""), ("×", "×", "Multiply")),
    (("4", "4", ""), ("5", "5", ""), ("6", "6", ""), ("-", "-", "Subtract")),
    (("1", "1", ""), ("2", "2", ""), ("3", "3", ""), ("+", "+", "Add")),
    (("0", "0", ""), (".", ".", ""), ("%", "%", "Percent"), ("=", "=", "Equals")),
    (("√", "√", "Square root"), ("^", "^", "Power"), ("⌫", "", "Backspace"), ("Ans", "", "Last result")),
)
_GO_ON = ("+", "-", "×", "÷", "*", "/", "^", "%")  # with the result that is shown
_KEY = Style(grow=1, height=46, radius=8, size=17, background="surface_container_high")
_SIGN = _KEY._replace(background="secondary_container", color="on_secondary_container")
_EQUALS = _KEY._replace(background="primary", color="on_primary")


@dataclass(frozen=True, slots=True)
class Calculator:
    """The window.

    Attributes:
        history: What was calculated, oldest first: expression and result.
        error: What is wrong with the expression, empty where nothing is.
        is_result: Whether the field holds a result, which a digit replaces and a sign goes on with.
    """

    history: tuple[tuple[str, str], ...] = ()
    error: str = ""
    is_result: bool = False

    def on_open(self, ui: ProgramWindow) -> None:
        """What is typed goes into the expression at once."""
        ui.focus(_FIELD)

    def menus(self, ui: ProgramWindow) -> Mapping[str, Sequence[Item]]:
        """The menu bar."""
        last = self.history[-1][1] if self.history else ""
        return {
            "Edit": (
                Item("Copy Result", "Ctrl+Shift+C", lambda: _copy(ui, last), enabled=bool(last)),
                Item("Paste", "Ctrl+V", lambda: ui.edit(_FIELD, "paste")),
                SEPARATOR,
                Item("Clear History", "", lambda: ui.show(Calculator()), enabled=bool(self.history)),
            )
        }

    def on_key(self, ui: ProgramWindow, name: str, modifiers: tuple[str, ...]) -> bool:
        """Escape clears."""
        if name == "Escape":
            _set(ui, "")
            return True
        return False

    def build(self, ui: ProgramWindow) -> View:
        """Display above, keys below."""
        display = kept(_display, self.history[-_SHOWN:], self.error)
        return widgets.window_page(menu_bar(ui, ("Edit",)), display, kept(_keys))


def _display(ui: ProgramWindow, history: tuple[tuple[str, str], ...], error: str) -> View:
    """What was calculated last, and the expression."""
    field = widgets.field(
        _FIELD,
        name="Expression",
        on_change=lambda text: _edited(ui, text),
        on_submit=lambda _: _equals(ui),
        height=40,
    )
    return column(
        *(kept(_line, *calculation) for calculation in history),
        field._replace(style=field.style._replace(size=20)),
        widgets.text(error, color="error", id="error"),
        padding=(12, 8),
        gap=4,
        grow=1,
        justify="end",
    )


def _line(ui: ProgramWindow, said: str, result: str) -> View:
    shown = widgets.text(f"{said} = {result}", color="on_surface_variant", grow=1, align="end")
    return box("row", (shown,), height=22)


def _keys(ui: ProgramWindow) -> View:
    return column(*(row(*(_key(ui, *key) for key in keys), gap=6) for keys in _KEYS), gap=6, padding=(12, 8))


def _screen(ui: ProgramWindow) -> Calculator:
    screen = ui.screen
    assert isinstance(screen, Calculator)
    return screen


def _key(ui: ProgramWindow, shown: str, typed: str, name: str) -> View:
    special: dict[str, Handler] = {
        "C": lambda: _set(ui, ""),
        "⌫": lambda: _backspace(ui),
        "=": lambda: _equals(ui),
        "Ans": lambda: _last(ui),
    }
    style = _EQUALS if shown == "=" else _KEY if shown in "0123456789." else _SIGN
    icon = "backspace" if shown == "⌫" else ""
    on_tap = special.get(shown, lambda: _type(ui, typed))
    text = "" if icon else shown
    return View("button", f"key:{shown}", text, name, icon=icon, style=style, on_tap=on_tap)


def _set(ui: ProgramWindow, text: str, *, error: str = "", is_result: bool = False) -> None:
    ui.set_text_state(_FIELD, TextState(text, len(text), len(text)))
    ui.show(replace(_screen(ui), error=error, is_result=is_result))


def _edited(ui: ProgramWindow, text: str) -> None:
    """Take note of what was typed; the first digit after a result begins a new expression, = ends one."""
    screen = _screen(ui)
    result = screen.history[-1][1] if screen.is_result else ""
    typed = text.removeprefix(result) if result and text.startswith(result) else ""
    begins = typed[:1] not in ("", "=", *_GO_ON)
    if begins or "=" in text:
        first, *others = (typed if begins else text).split("=")
        _set(ui, first)
        for part in others:
            _equals(ui)
            if part:
                _type(ui, part)
    elif screen.error or screen.is_result:
        ui.show(replace(screen, error="", is_result=False))


def _type(ui: ProgramWindow, typed: str) -> None:
    """Type behind the expression; a digit after a result begins anew."""
    begins = _screen(ui).is_result and typed[0] not in _GO_ON
    _set(ui, (("" if begins else ui.text(_FIELD)) + typed)[:MAX_CHARS])


def _backspace(ui: ProgramWindow) -> None:
    _set(ui, ui.text(_FIELD)[:-1])


def _last(ui: ProgramWindow) -> None:
    history = _screen(ui).history
    if history:
        _type(ui, history[-1][1])


def _equals(ui: ProgramWindow) -> None:
    said = ui.text(_FIELD).strip()
    if not said:
        return
    try:
        result = calculate(said)
    except CalculationError as error:
        _set(ui, ui.text(_FIELD), error=str(error))
        return
    screen = _screen(ui)
    ui.show(replace(screen, history=(*screen.history, (said, result))[-_KEPT:]))
    _set(ui, result, is_result=True)


def _copy(ui: ProgramWindow, text: str) -> None:
    ui.machine.clipboard = text


def _open(desktop: Desktop, arguments: tuple[str, ...]) -> Calculator:
    return Calculator()


CALCULATOR = Program(
    name="calculator",
    title="Calculator",
    icon="calculate",
    color="#5f6368",
    open=_open,
    commands=("gnome-calculator", "galculator", "kcalc"),
    size=(380, 520),
)
