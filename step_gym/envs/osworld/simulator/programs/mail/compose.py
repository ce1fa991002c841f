"""The window in which a message is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from posixpath import basename
from typing import TYPE_CHECKING, cast

from step_gym.envs.machine.apps.mail import store
from step_gym.envs.machine.apps.mail.messages import (
    FORWARDED,
    REPLIED,
    Attachment,
    addresses,
    answer_subject,
    compose,
    forwarded,
    quoted,
    read,
)
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, row
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import MessageDialog
from step_gym.envs.osworld.simulator.file_chooser import OpenDialog
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, Menus, menu_bar

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

ME = "Alex Rivera <alex@desktop.example>"
_FIELDS = {"to": "To", "cc": "Cc", "subject": "Subject"}
_ICON = Style(width=16, height=16, size=16)
_MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Compose:
    """A message that is being written.

    Attributes:
        to: What the line of recipients begins with.
        cc: Likewise.
        subject: Likewise.
        text: Likewise.
        attachments: Files that go with it.
        answers: Folder, entry, and status bit of the message that is answered or forwarded; its id.
        draft: The entry in Drafts that this was, and becomes no more once it is sent.
    """

    to: str = ""
    cc: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    answers: tuple[str, bytes, int] | None = None
    draft: bytes = b""

    @property
    def title(self) -> str:
        """Of the window."""
        return f"Write: {self.subject or '(no subject)'} - Mail"

    def _written(self, ui: ProgramWindow) -> Compose:
        """With what the fields hold."""
        return replace(
            self,
            to=ui.text("to", self.to),
            cc=ui.text("cc", self.cc),
            subject=ui.text("subject", self.subject),
            text=ui.text("body", self.text),
        )

    def _message(self, ui: ProgramWindow) -> bytes:
        now = ui.machine.clock.now_ns
        mail = self._written(ui)
        known = read(self.answers[1]).message_id if self.answers and self.answers[2] == REPLIED else ""
        return compose(ME, mail.to, mail.cc, mail.subject, mail.text, mail.attachments, now, known)

    def send(self, ui: ProgramWindow) -> None:
        """Put it into Sent; without a recipient, say so."""
        mail = self._written(ui)
        listed = [part for part in f"{mail.to},{mail.cc}".split(",") if part.strip()]
        if not listed or len(addresses(f"{mail.to},{mail.cc}")) < len(listed):
            text = "Enter at least one address, as in name@host.example, and commas between several."
            ui.dialog(MessageDialog("The message has no valid recipient", text))
            return
        files = ui.machine.files
        try:
            store.add(files, "Sent", self._message(ui), ui.machine.clock.now_ns)
        except OSError as error:
            ui.dialog(MessageDialog("The message was not sent", error.strerror or ""))
            return
        if self.draft:
            store.remove(files, "Drafts", self.draft)
        if self.answers:
            folder, entry, bit = self.answers
            store.change(files, folder, entry, read(entry).status | bit)
        ui.quit()

    def save(self, ui: ProgramWindow) -> None:
        """Put it into Drafts, in the place of the draft that it was."""
        files = ui.machine.files
        try:
            made = store.add(files, "Drafts", self._message(ui), ui.machine.clock.now_ns)
        except OSError as error:
            ui.dialog(MessageDialog("The message was not saved", error.strerror or ""))
            return
        if self.draft:
            store.remove(files, "Drafts", self.draft)
        ui.show(replace(self._written(ui), draft=made))
        ui.toast("Message saved to Drafts")

    def attach(self, ui: ProgramWindow, path: str) -> None:
        """Add a file."""
        try:
            data = ui.machine.files.read(path)
        except OSError as error:
            ui.toast(f"{basename(path)} could not be attached: {error.strerror}")
            return
        if len(data) + sum(len(file.data) for file in self.attachments) > _MOST_BYTES:
            ui.toast(f"{basename(path)} is too large to be attached")
            return
        ui.show(replace(self, attachments=(*self.attachments, Attachment(basename(path), data))))

    def detach(self, ui: ProgramWindow, number: int) -> None:
        """Take a file away."""
        ui.show(replace(self, attachments=self.attachments[:number] + self.attachments[number + 1 :]))

    def on_close(self, ui: ProgramWindow) -> bool:
        """Ask what happens to a message that was changed."""
        saved = read(self.draft) if self.draft else None
        mail = self._written(ui)
        same = replace(mail, draft=b"") == replace(self, draft=b"")
        if same and (
            saved is not None or not (mail.to or mail.subject or mail.attachments or mail.text.strip())
        ):
            return True
        ui.dialog(
            MessageDialog(
                "Save this message to your drafts folder?",
                "The message has not been sent.",
                ("Discard", "Cancel", "Save"),
                partial(_answered, self),
            )
        )
        return False

    def menus(self, ui: ProgramWindow) -> Menus:
        """File and Options."""
        return {
            "File": [
                Item("Send Now", "Ctrl+Enter", lambda: self.send(ui)),
                Item("Attach File…", "Ctrl+Shift+A", lambda: self.ask_file(ui)),
                Item("Save as Draft", "Ctrl+S", lambda: self.save(ui)),
                SEPARATOR,
                Item("Close", "Ctrl+W", lambda: ui.machine.close(ui.id)),
            ]
        }

    def ask_file(self, ui: ProgramWindow) -> None:
        """Ask for a file to add."""
        ui.dialog(OpenDialog(self.attach, title="Attach File"))

    def build(self, ui: ProgramWindow) -> View:
        """Lines for recipients and subject, files, and the text."""
        return widgets.window_page(
            menu_bar(ui, ("File",)),
            kept(_tools),
            box(
                "column",
                (
                    kept(_sender),
                    *(kept(_entry, id, name, getattr(self, id)) for id, name in _FIELDS.items()),
                    *(
                        kept(_file, number, file.name, len(file.data))
                        for number, file in enumerate(self.attachments)
                    ),
                ),
                padding=(16, 10),
                gap=6,
            ),
            widgets.LINE,
            widgets.page_text("body", self.text, name="Message body"),
        )


def _screen(ui: ProgramWindow) -> Compose:
    """The screen that takes input, for what is kept longer than one."""
    return cast("Compose", ui.screen)


def _tools(ui: ProgramWindow) -> View:
    return widgets.tool_bar(
        widgets.button("Send", lambda: _screen(ui).send(ui), "filled", id="send", icon="send"),
        widgets.button("Attach", lambda: _screen(ui).ask_file(ui), "flat", id="attach", icon="attach"),
        widgets.button("Save draft", lambda: _screen(ui).save(ui), "flat", id="save", icon="save"),
    )


def _sender(ui: ProgramWindow) -> View:
    return _line("From", widgets.text(ME, color="on_surface_variant", grow=1))


def _entry(ui: ProgramWindow, id: str, name: str, initial: str) -> View:
    return _line(name, widgets.field(id, initial=initial, name=name, grow=1))


def _line(name: str, view: View) -> View:
    return row(widgets.text(name, color="on_surface_variant", width=64), view, height=32)


def _file(ui: ProgramWindow, number: int, name: str, size: int) -> View:
    return widgets.list_row(
        View("icon", icon="attach", style=_ICON),
        widgets.text(name),
        widgets.text(f"{size:,} bytes", 12, "outline"),
        widgets.tool(
            "close", f"Remove {name}", lambda: _screen(ui).detach(ui, number), id=f"detach:{number}"
        ),
        height=32,
        name=name,
    )


def _answered(screen: Compose, ui: ProgramWindow, answer: str) -> None:
    if answer == "Save":
        screen.save(ui)
    if answer in ("Save", "Discard"):
        ui.quit()


def reply(folder: str, entry: bytes, everyone: bool) -> Compose:
    """The answer to a message, to its sender or to all it names."""
    mail = read(entry)
    mine = addresses(ME)[0]
    others = [one for one in addresses(f"{mail.to},{mail.cc}") if one != mine and one not in mail.sender]
    return Compose(
        mail.sender,
        ", ".join(others) if everyone else "",
        answer_subject(mail.subject, "Re:"),
        quoted(mail),
        answers=(folder, entry, REPLIED),
    )


def forward(folder: str, entry: bytes) -> Compose:
    """A message sent on, with its files."""
    mail = read(entry)
    return Compose(
        subject=answer_subject(mail.subject, "Fwd:"),
        text=forwarded(mail),
        attachments=mail.attachments,
        answers=(folder, entry, FORWARDED),
    )


def from_draft(entry: bytes) -> Compose:
    """A draft, to be written on."""
    mail = read(entry)
    return Compose(mail.to, mail.cc, mail.subject, mail.text, mail.attachments, draft=entry)


def open_window(ui: ProgramWindow, screen: Compose) -> None:
    """Show a message that is written in a window of its own, where there is room for one more."""
    made = ui.machine.manager.open(ui.machine.programs["mail-reader"], screen)
    if made is None:
        return
    if screen.to:
        made.set_text_state("body", TextState(screen.text))  # an answer begins above what it answers
    else:
        made.focus("to")
