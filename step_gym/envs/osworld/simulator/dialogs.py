"""Dialogs that all programs use: a question with buttons, and a line to type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.views import View
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow


@dataclass(frozen=True, slots=True)
class MessageDialog:
    """A message or question: `ui.dialog(MessageDialog(...))`.

    Attributes:
        title: As "Save changes before closing?".
        text: Below it; may be empty.
        buttons: Texts from left to right, the last one being what Enter does; Escape chooses none.
        then: Called with the window and the text of the button, after the dialog has closed. It must be
            picklable: a module's function, a `functools.partial` of one, or a method of a screen.
        danger: Whether the last button is red.
    """

    title: str
    text: str = ""
    buttons: tuple[str, ...] = ("OK",)
    then: Callable[[ProgramWindow, str], object] | None = None
    danger: bool = False

    def build(self, ui: ProgramWindow) -> View:
        """Texts and buttons."""
        return kept(_message, self.title, self.text, self.buttons, self.danger)


def _message(ui: ProgramWindow, title: str, text: str, buttons: tuple[str, ...], danger: bool) -> View:
    def choose(answer: str) -> None:
        then = cast("MessageDialog", ui.screen).then
        ui.close()
        if then is not None:
            then(ui, answer)

    last = len(buttons) - 1
    main = "danger" if danger else "filled"
    return widgets.dialog(
        title,
        (widgets.text(text, color="on_surface_variant", max_lines=0),) if text else (),
        [
            widgets.button(
                name,
                lambda name=name: choose(name),
                main if i == last else "plain",
                id=f"answer:{i}",
                default=i == last,
            )
            for i, name in enumerate(buttons)
        ],
    )


@dataclass(frozen=True, slots=True)
class EntryDialog:
    """A line to type: `ui.dialog(EntryDialog(...)); ui.focus("entry")`.

    Attributes:
        title: As "Rename".
        label: Of the field.
        then: Called with the window and the text, after the dialog has closed; picklable, as in
            `MessageDialog`.
        initial: What the field begins with.
        action: Text of the button.
        text: Above the field; may be empty.
    """

    title: str
    label: str
    then: Callable[[ProgramWindow, str], object]
    initial: str = ""
    action: str = "OK"
    text: str = ""

    def build(self, ui: ProgramWindow) -> View:
        """The field and two buttons."""
        is_usable = bool(ui.text("entry", self.initial).strip())
        return kept(_entry, self.title, self.text, self.label, self.initial, self.action, is_usable)


def _entry(
    ui: ProgramWindow, title: str, text: str, label: str, initial: str, action: str, is_usable: bool
) -> View:
    def finish() -> None:
        typed, then = ui.text("entry"), cast("EntryDialog", ui.screen).then
        ui.close()
        then(ui, typed)

    return widgets.dialog(
        title,
        (
            widgets.text(text, color="on_surface_variant", max_lines=0) if text else None,
            widgets.caption(label),
            widgets.field("entry", initial=initial, name=label),
        ),
        [
            widgets.button("Cancel", lambda: ui.close(), id="cancel"),
            widgets.button(action, finish, "filled", default=True, enabled=is_usable),
        ],
        gap=6,
    )
