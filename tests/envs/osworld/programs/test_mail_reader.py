"""The mail reader with mouse and keyboard: reading, answering, drafts, folders."""

import pytest

from step_gym.envs.machine.apps.mail import messages, store
from step_gym.envs.machine.tree import walk
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.window_manager import MAX_WINDOWS


@pytest.fixture
def desktop():
    made = Desktop(1280, 720)
    for sender, subject in (("Ann Lee", "Lunch"), ("Bob Orr", "Report")):
        letter = messages.compose(
            f"{sender} <x@y.example>",
            "Alex Rivera <alex@desktop.example>, c@d.example",
            "",
            subject,
            f"About {subject}",
            [messages.Attachment("a.txt", b"data")],
            made.clock.now_ns,
        )
        store.add(made.files, "Inbox", letter, made.clock.now_ns, 0)
    made.files.write("/home/user/Documents/plan.txt", b"plan")
    made.launch("thunderbird")
    return made


def click(desktop, says):
    for placed in walk(desktop.manager.focused.placed()):
        if says in (placed.view.text, placed.view.description, placed.view.id) and placed.view.on_tap:
            desktop.mouse.click(*placed.box.center)
            return
    raise AssertionError(f"nothing is called {says}")


def mails(desktop, folder):
    return [messages.read(entry) for entry in store.messages(desktop.files, folder)]


def test_reading_marks_as_read(desktop):
    click(desktop, "Ann Lee: Lunch")
    assert [mail.is_read for mail in mails(desktop, "Inbox")] == [True, False]
    click(desktop, "Star: Report")
    assert [mail.is_starred for mail in mails(desktop, "Inbox")] == [False, True]


def test_answering_everyone(desktop):
    click(desktop, "Ann Lee: Lunch")
    desktop.keyboard.hotkey(("ctrl", "shift", "r"))
    desktop.keyboard.type("Yes")
    desktop.keyboard.hotkey(("ctrl", "enter"))
    (sent,) = mails(desktop, "Sent")
    assert (sent.to, sent.cc, sent.subject) == ("Ann Lee <x@y.example>", "c@d.example", "Re: Lunch")
    assert sent.text.startswith("Yes\n\nOn ") and sent.text.endswith("> About Lunch")
    assert mails(desktop, "Inbox")[0].status == messages.READ | messages.REPLIED
    assert len(desktop.windows) == 1


def test_drafts(desktop):
    click(desktop, "Write")
    desktop.keyboard.type("c@d.example")
    click(desktop, "Attach")
    desktop.keyboard.type("/home/user/Documents/plan.txt\n")
    desktop.keyboard.hotkey(("alt", "f4"))
    click(desktop, "Save")
    (draft,) = mails(desktop, "Drafts")
    assert draft.to == "c@d.example" and draft.attachments == (messages.Attachment("plan.txt", b"plan"),)
    click(desktop, "Drafts")
    click(desktop, "To: c@d.example: (no subject)")
    click(desktop, "Edit draft")
    click(desktop, "Send")
    assert mails(desktop, "Drafts") == [] and mails(desktop, "Sent")[0].attachments == draft.attachments


def test_nothing_is_sent_to_nobody(desktop):
    click(desktop, "Write")
    desktop.keyboard.type("nobody")
    click(desktop, "Send")
    assert mails(desktop, "Sent") == []
    assert len(desktop.windows) == 2


def test_moving_and_deleting(desktop):
    click(desktop, "Ann Lee: Lunch")
    click(desktop, "do:Archive")
    click(desktop, "Bob Orr: Report")
    desktop.keyboard.press("delete")
    found = {folder: [mail.subject for mail in mails(desktop, folder)] for folder in store.FOLDERS}
    assert found == {"Inbox": [], "Drafts": [], "Sent": [], "Archive": ["Lunch"], "Trash": ["Report"]}


def test_a_mail_address_on_a_page_begins_a_message(desktop):
    desktop.launch("mail-reader", ("mailto:a@b.example?subject=Hi%20you",))
    assert desktop.active_window.title == "Write: Hi you - Mail"


def test_a_mail_address_begins_a_message_while_another_is_written(desktop):
    desktop.launch("mail-reader", ("mailto:a@b.example?subject=One",))
    main = desktop.windows[0].id
    desktop.activate(main)  # the message that is written lies behind it now
    assert desktop.launch("mail-reader", ("mailto:a@b.example?subject=Two",)) == main
    assert desktop.active_window.title == "Write: Two - Mail"
    desktop.remove(main)
    assert desktop.launch("mail-reader") == desktop.active_window.id
    assert desktop.active_window.title == "Inbox - Mail"


def test_no_more_messages_are_begun_than_there_is_room_for_windows(desktop):
    main = desktop.windows[0].id
    for _ in range(200):
        desktop.activate(main)
        desktop.keyboard.hotkey(("ctrl", "n"))
    assert len(desktop.windows) == MAX_WINDOWS
