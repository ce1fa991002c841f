"""The mail reader's main window: folders, messages, and the message that is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote

from step_gym.envs.machine.apps.mail import store
from step_gym.envs.machine.apps.mail.messages import READ, STARRED, Attachment, read
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box, column, spacer
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.dialogs import EntryDialog, MessageDialog
from step_gym.envs.osworld.simulator.file_chooser import SaveDialog
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.menus import SEPARATOR, Item, Menus, menu_bar
from step_gym.envs.osworld.simulator.programs.mail.compose import (
    Compose,
    forward,
    from_draft,
    open_window,
    reply,
)

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.desktop import Desktop
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_ICONS = {"Inbox": "email", "Drafts": "edit", "Sent": "send", "Archive": "archive", "Trash": "delete"}
_MOST_ROWS = 200
_LINES, _MOST_LINES = 40, 4000  # of a message that are laid out together, and that are shown


@dataclass(frozen=True, slots=True)
class MailReader:
    """The main window's screen.

    Attributes:
        folder: The one that is shown.
        selected: The entry that is read; b"" for none.
    """

    folder: str = "Inbox"
    selected: bytes = b""

    @property
    def title(self) -> str:
        """Of the window."""
        return f"{self.folder} - Mail"

    def on_arguments(self, ui: ProgramWindow, arguments: tuple[str, ...]) -> None:
        """A mailto: address begins a message."""
        for argument in arguments:
            if argument.startswith("mailto:"):
                open_window(ui, mailto(argument))

    # What is done with the message.

    def select(self, ui: ProgramWindow, entry: bytes) -> None:
        """Read a message, which marks it as read."""
        mail = read(entry)
        if not mail.is_read:
            entry = store.change(ui.machine.files, self.folder, entry, mail.status | READ)
        ui.show(replace(self, selected=entry))
        ui.scroll_to("message", 0)

    def open_folder(self, ui: ProgramWindow, folder: str) -> None:
        """Show another folder."""
        ui.show(MailReader(folder))
        ui.scroll_to("list", 0)

    def toggle(self, ui: ProgramWindow, entry: bytes, bit: int) -> None:
        """Set or clear a bit of a message's status."""
        changed = store.change(ui.machine.files, self.folder, entry, read(entry).status ^ bit)
        if entry == self.selected:
            ui.show(replace(self, selected=changed))

    def move(self, ui: ProgramWindow, target: str) -> None:
        """Put the message into another folder."""
        try:
            store.move(ui.machine.files, self.folder, self.selected, target)
        except OSError as error:
            ui.toast(f"The message was not moved: {error.strerror}")
            return
        ui.show(replace(self, selected=b""))

    def delete(self, ui: ProgramWindow) -> None:
        """Put the message into the trash; from there, remove it for good after a question."""
        if self.folder != "Trash":
            self.move(ui, "Trash")
            return
        text = "It cannot be brought back."
        answered = partial(_delete_answered, self)
        ui.dialog(MessageDialog("Delete this message for good?", text, ("Cancel", "Delete"), answered, True))

    def _is_there(self, ui: ProgramWindow) -> bool:
        return bool(self.selected) and self.selected in store.messages(ui.machine.files, self.folder)

    def answer(self, ui: ProgramWindow, everyone: bool) -> None:
        """Begin an answer to the message, to its sender or to all it names."""
        open_window(ui, reply(self.folder, self.selected, everyone))

    # Menus.

    def menus(self, ui: ProgramWindow) -> Menus:
        """File, Message."""
        chosen = self._is_there(ui)
        mail = read(self.selected)
        usable = partial(Item, enabled=chosen)
        return {
            "File": [
                Item("New Message", "Ctrl+N", lambda: open_window(ui, Compose())),
                Item(
                    "New Folder…", on_tap=lambda: ui.dialog(EntryDialog("New Folder", "Name", _folder_named))
                ),
                Item("Empty Trash", on_tap=lambda: _ask_empty(ui)),
                SEPARATOR,
                Item("Quit", "Ctrl+Q", lambda: ui.machine.close(ui.id)),
            ],
            "Message": [
                usable("Reply", "Ctrl+R", lambda: self.answer(ui, False)),
                usable("Reply to All", "Ctrl+Shift+R", lambda: self.answer(ui, True)),
                usable("Forward", "Ctrl+L", lambda: open_window(ui, forward(self.folder, self.selected))),
                SEPARATOR,
                usable("Archive", "", lambda: self.move(ui, "Archive")),
                usable(
                    "Mark as Unread" if mail.is_read else "Mark as Read",
                    "",
                    lambda: self.toggle(ui, self.selected, READ),
                ),
                usable(
                    "Remove Star" if mail.is_starred else "Add Star",
                    "",
                    lambda: self.toggle(ui, self.selected, STARRED),
                ),
                usable("Delete", "Delete", lambda: self.delete(ui)),
            ],
            "Move": [
                Item(f"Move to {name}", on_tap=lambda name=name: self.move(ui, name), enabled=chosen)
                for name in store.folders(ui.machine.files)
                if name != self.folder
            ],
        }

    def popup(self, ui: ProgramWindow, name: str) -> list[Item]:
        """What a right click on a message, and the button for moving, offer."""
        menus = self.menus(ui)
        return list(menus["Move"] if name == "move" else [*menus["Message"], SEPARATOR, *menus["Move"]])

    # What is seen.

    def build(self, ui: ProgramWindow) -> View:
        """Bars and three panes."""
        found = store.messages(ui.machine.files, self.folder)
        chosen = bool(self.selected) and self.selected in found
        panes = box(
            "row",
            (
                self._folders(ui),
                _EDGE,
                box("column", (self._list(ui, found),), width=max(360, int(ui.bounds.width * 0.34))),
                _EDGE,
                self._reading() if chosen else _NOTHING,
            ),
            grow=1,
        )
        unread = sum(not read(entry).is_read for entry in found[-_MOST_ROWS:])
        return widgets.window_page(
            menu_bar(ui, ("File", "Message", "Move")),
            kept(_bar, chosen),
            panes,
            kept(_status, len(found), unread),
        )

    def _folders(self, ui: ProgramWindow) -> View:
        looks = []
        for name in store.folders(ui.machine.files):
            found = store.messages(ui.machine.files, name)[-_MOST_ROWS:]
            unread = sum(not read(entry).is_read for entry in found) if name not in ("Drafts", "Sent") else 0
            looks.append((name, unread, name == self.folder))
        rows = kept(_folder_rows, tuple(looks))
        list_ = widgets.scroll("folders", rows, padding=(8, 8), name="Folders")
        return box("column", (list_,), width=200, background="surface_container_low")

    def _list(self, ui: ProgramWindow, messages: tuple[bytes, ...]) -> View:
        found = store.search(messages, ui.text("search"))
        rows = [
            kept(_row, number, entry, self.folder, entry == self.selected)
            for number, (entry, _) in enumerate(found[:_MOST_ROWS])
        ]
        if len(found) > _MOST_ROWS:
            rows.append(
                widgets.text(f"{len(found) - _MOST_ROWS} older messages: search for them", 12, "outline")
            )
        return widgets.scroll("list", *(rows or [_NO_MESSAGES]), name="Messages", padding=(0, 4))

    def _reading(self) -> View:
        lines = min(read(self.selected).text.count("\n") + 1, _MOST_LINES)
        text = [kept(_lines, self.selected, first) for first in range(0, lines, _LINES)]
        return box(
            "column",
            (
                kept(_head, self.selected, self.folder == "Drafts"),
                _LINE,
                widgets.scroll("message", *text, padding=(24, 16), name="Message"),
            ),
            grow=1,
        )


def _screen(ui: ProgramWindow) -> MailReader:
    """The screen that takes input, for what is kept longer than one."""
    return cast("MailReader", ui.screen)


def _bar(ui: ProgramWindow, is_usable: bool) -> View:
    """What can be done: always a new message, the rest with the one that is read; and the search."""

    def tool(text: str, icon: str, act: Callable[[], object]) -> View:
        return widgets.button(text, act, "flat", id=f"do:{text}", icon=icon, enabled=is_usable)

    def send_on() -> None:
        open_window(ui, forward(_screen(ui).folder, _screen(ui).selected))

    return widgets.tool_bar(
        widgets.button("Write", lambda: open_window(ui, Compose()), "filled", id="write", icon="edit"),
        tool("Reply", "undo", lambda: _screen(ui).answer(ui, False)),
        tool("Reply All", "people", lambda: _screen(ui).answer(ui, True)),
        tool("Forward", "redo", send_on),
        tool("Archive", "archive", lambda: _screen(ui).move(ui, "Archive")),
        tool("Delete", "delete", lambda: _screen(ui).delete(ui)),
        tool("Move to", "folder", lambda: ui.popup("move", anchor="do:Move to")),
        spacer(),
        widgets.field("search", "Search this folder", name="Search", width=280),
    )


def _status(ui: ProgramWindow, messages: int, unread: int) -> View:
    return widgets.status_bar(widgets.text(f"{messages} messages, {unread} unread", 12, "on_surface_variant"))


def _head(ui: ProgramWindow, entry: bytes, is_draft: bool) -> View:
    """What is above the words of a message."""
    mail = read(entry)
    files = [
        widgets.list_row(
            View("icon", icon="attach", style=_ICON),
            widgets.text(file.name),
            widgets.text(f"{len(file.data):,} bytes", 12, "outline", grow=1),
            widgets.button("Save", lambda file=file: save_attachment(ui, file), "plain", id=f"save:{i}"),
            height=40,
            name=file.name,
        )
        for i, file in enumerate(mail.attachments)
    ]
    edit = widgets.button("Edit draft", lambda: open_window(ui, from_draft(entry)), "filled", id="edit")
    return box(
        "column",
        (
            widgets.text(mail.subject or "(no subject)", 20, weight="medium", max_lines=2),
            _header("From", mail.sender),
            _header("To", mail.to),
            _header("Cc", mail.cc) if mail.cc else None,
            _header("Date", f"{mail.date:%A, %d %B %Y, %H:%M}" if mail.date else "unknown"),
            box("row", (edit,), padding=(0, 6)) if is_draft else None,
            *files,
        ),
        padding=(24, 18),
        gap=6,
    )


def _lines(ui: ProgramWindow, entry: bytes, first: int) -> View:
    """Some lines of a message: a long one is not laid out as a whole."""
    lines = read(entry).text.split("\n")[first : first + _LINES]
    return View("label", "", "\n".join(lines), style=Style(size=15), is_static=True)


def _folder_rows(ui: ProgramWindow, looks: tuple[tuple[str, int, bool], ...]) -> View:
    return column(*(kept(_folder_row, *look) for look in looks))


def _folder_row(ui: ProgramWindow, name: str, unread: int, is_shown: bool) -> View:
    return widgets.list_row(
        View("icon", icon=_ICONS.get(name, "folder"), style=_ICON),
        widgets.text(name, weight="medium" if unread else "regular", grow=1),
        widgets.text(str(unread), 12, "primary", "medium") if unread else None,
        id=f"folder:{name}",
        name=name,
        height=34,
        selected=is_shown,
        on_tap=lambda: _screen(ui).open_folder(ui, name),
        role="tree-item",
    )


def _row(ui: ProgramWindow, number: int, entry: bytes, folder: str, is_selected: bool) -> View:
    """A message of the list, and the line below it."""
    mail = read(entry)
    weight = "regular" if mail.is_read else "medium"
    who = f"To: {mail.to}" if folder in ("Sent", "Drafts") else mail.sender_name

    def menu() -> None:
        _screen(ui).select(ui, entry)
        ui.popup("message")

    def open_it() -> None:
        if folder == "Drafts":
            open_window(ui, from_draft(entry))
        else:
            _screen(ui).select(ui, entry)

    dot = Style(width=8, height=8, radius=4, background="" if mail.is_read else "primary")
    message = box(
        "row",
        (
            View("box", style=dot),
            box(
                "column",
                (
                    box(
                        "row",
                        (
                            widgets.text(who, weight=weight, grow=1),
                            View("icon", icon="attach", style=_SMALL) if mail.attachments else None,
                            widgets.text(
                                f"{mail.date:%d %b %H:%M}" if mail.date else "", 12, "on_surface_variant"
                            ),
                        ),
                        gap=6,
                    ),
                    widgets.text(mail.subject or "(no subject)", weight=weight, color="on_surface_variant"),
                ),
                gap=3,
                grow=1,
            ),
            widgets.tool(
                "star" if mail.is_starred else "star_outline",
                f"Star: {mail.subject}",
                lambda: _screen(ui).toggle(ui, entry, STARRED),
                id=f"star:{number}",
                selected=mail.is_starred,
            ),
        ),
        id=f"message:{number}",
        height=58,
        padding=(12, 8, 8, 8),
        gap=10,
        align="center",
        background="primary_container" if is_selected else "",
        description=f"{who}: {mail.subject or '(no subject)'}",
        selected=is_selected,
        on_tap=lambda: _screen(ui).select(ui, entry),
        on_long_press=menu,
    )
    return column(message._replace(role="list-item", on_double_tap=open_it), _LINE)


def _header(name: str, value: str) -> View:
    return box(
        "row",
        (widgets.text(name, color="on_surface_variant", width=52), widgets.text(value, grow=1, max_lines=3)),
    )


def save_attachment(ui: ProgramWindow, file: Attachment) -> None:
    """Ask where to save a file that came with a message."""
    ui.dialog(SaveDialog(file.name, partial(_save, file.data), "Save Attachment", "/home/user/Downloads"))


def _save(data: bytes, ui: ProgramWindow, path: str) -> None:
    try:
        ui.machine.files.write(path, data)
    except OSError as error:
        ui.toast(f"The file was not saved: {error.strerror}")


def _delete_answered(screen: MailReader, ui: ProgramWindow, answer: str) -> None:
    if answer == "Delete":
        store.remove(ui.machine.files, screen.folder, screen.selected)
        ui.show(replace(screen, selected=b""))


def _folder_named(ui: ProgramWindow, name: str) -> None:
    if not store.create_folder(ui.machine.files, name):
        ui.dialog(MessageDialog("The folder was not made", f"“{name}” is taken, or no name for a folder."))


def _ask_empty(ui: ProgramWindow) -> None:
    text = "All messages in it are removed for good."
    ui.dialog(MessageDialog("Empty the trash?", text, ("Cancel", "Empty"), _empty_answered, True))


def _empty_answered(ui: ProgramWindow, answer: str) -> None:
    if answer == "Empty":
        ui.machine.files.write(store.path_of("Trash"), b"")


def mailto(address: str) -> Compose:
    """The message that a mailto: address begins (RFC 6068)."""
    to, _, query = address.removeprefix("mailto:")[:4000].partition("?")
    given = parse_qs(query, max_num_fields=50) if query.count("&") < 50 else {}
    cc, subject, body = (given.get(name, [""])[0] for name in ("cc", "subject", "body"))
    return Compose(unquote(to), cc, subject, body)


def open_mail(desktop: Desktop, arguments: tuple[str, ...]) -> MailReader | Compose:
    """The screen of a new window: a message for a mailto: address, else the inbox."""
    for argument in arguments:
        if argument.startswith("mailto:"):
            return mailto(argument)
    return MailReader()


_ICON = Style(width=18, height=18, size=18, color="primary")
_SMALL = Style(width=14, height=14, size=14, color="outline")
_LINE = View("divider", style=Style(color="surface_container_highest"), is_static=True)
_EDGE = View("box", style=Style(width=1, background="outline_variant"), is_static=True)
_NO_MESSAGES = widgets.text("No messages", color="outline", align="center")._replace(is_static=True)
_NOTHING = box(
    "column",
    (widgets.text("Select a message to read it", color="outline", align="center"),),
    padding=(0, 120, 0, 0),
    grow=1,
)._replace(is_static=True)
