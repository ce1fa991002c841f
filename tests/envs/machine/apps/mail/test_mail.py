"""Folders are mbox files that Python's own mailbox module reads; hostile ones are bounded."""

import mailbox
from typing import Any

import pytest

from step_gym.envs.machine.apps.mail import mbox, messages, store
from step_gym.envs.machine.clock import Clock
from step_gym.envs.machine.files import FileSystem

NOW = 1_715_938_200_000_000_000


@pytest.fixture
def files():
    return FileSystem(Clock(NOW))


def letter(subject="Hällo", text="Hi\nFrom me\n>From x\nüber", to="Ann Lée <ann@x.example>", attached=()):
    return messages.compose("Me <me@desktop.example>", to, "", subject, text, attached, NOW)


def opened(files, folder, tmp_path) -> Any:  # typeshed takes the parts of a message for texts
    path = tmp_path / folder
    path.write_bytes(files.read(store.path_of(folder)))
    return mailbox.mbox(path)


def test_python_reads_what_is_written(files, tmp_path):
    store.add(files, "Sent", letter(attached=[messages.Attachment("a.txt", b"data\n")]), NOW)
    store.add(files, "Sent", letter("Two", "x"), NOW)
    box = opened(files, "Sent", tmp_path)
    assert len(box) == 2
    text, attached = box[0].get_payload()
    assert attached.get_filename() == "a.txt" and attached.get_payload(decode=True) == b"data\n"
    assert text.get_payload(decode=True).decode() == "Hi\n>From me\n>>From x\nüber\n"
    mail = messages.read(store.messages(files, "Sent")[0])
    assert (mail.subject, mail.to, mail.text) == (
        "Hällo",
        "Ann Lée <ann@x.example>",
        "Hi\nFrom me\n>From x\nüber",
    )
    assert mail.attachments == (messages.Attachment("a.txt", b"data\n"),)


def test_what_python_writes_is_read(files, tmp_path):
    box = mailbox.mbox(tmp_path / "made")
    for subject in ("one", "two"):
        message = mailbox.mboxMessage()
        message["Subject"], message["From"] = subject, "a@b.example"
        message.set_payload("From here\nto there\n")
        box.add(message)
    box.flush()
    found = mbox.split((tmp_path / "made").read_bytes())
    assert [messages.read(one).subject for one in found] == ["one", "two"]
    assert messages.read(found[0]).text == "From here\nto there"


def test_moving_and_marking_leave_the_others_as_they_were(files):
    for subject in ("one", "two", "three"):
        store.add(files, "Inbox", letter(subject), NOW, 0)
    one, two, three = store.messages(files, "Inbox")
    read = store.change(files, "Inbox", two, messages.READ | messages.STARRED)
    assert messages.read(read).is_read and messages.read(read).is_starred
    store.move(files, "Inbox", read, "Archive")
    assert store.messages(files, "Inbox") == (one, three)
    assert store.messages(files, "Archive") == (read,)
    store.remove(files, "Inbox", one)
    assert store.messages(files, "Inbox") == (three,)


def test_search_and_folders(files):
    store.add(files, "Inbox", letter("Lunch", "at noon"), NOW)
    store.add(files, "Inbox", letter("Dinner", "at eight"), NOW)
    found = store.messages(files, "Inbox")
    assert [mail.subject for _, mail in store.search(found, "NOON")] == ["Lunch"]
    assert [mail.subject for _, mail in store.search(found, "")] == ["Dinner", "Lunch"]
    assert store.create_folder(files, "Trips") and "Trips" in store.folders(files)
    for name in ("Trips", "", "a/b", "..", "x" * 80):
        assert not store.create_folder(files, name)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no mail at all",
        b"\xff" * 50_000,
        b"From " * 50_000,
        b"From x\n" * 20_000,
        b"From a\nContent-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 9_000,
        b"From a\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(2_000)),
        b"From a\nSubject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\n",
        b"From a\nTo: " + b"((" * 50_000 + b"\n\n",
        b"From a\nDate: " + b"9" * 50_000 + b"\nX-Mozilla-Status: zz\n\n",
        b"From a\n" + b"A: b\n" * 50_000,
        b"From a\nContent-Type: text/plain; charset=nonsense\n\nhi",
    ],
    ids=range(12),
)
def test_hostile_files_are_bounded_and_kept(files, data):
    files.make_directory(store.MAIL, parents=True)
    files.write(store.path_of("Inbox"), data)
    found = store.messages(files, "Inbox")
    assert len(found) <= mbox.MAX_MESSAGES
    for message in found[:50]:
        mail = messages.read(message)
        assert len(mail.text) <= 200_000 and len(mail.subject) <= 1_000
    assert b"".join(found) == (data if data.strip() else b"")
    store.add(files, "Inbox", letter("new"), NOW)
    assert (
        messages.read(store.messages(files, "Inbox")[-1]).subject == "new" or len(found) == mbox.MAX_MESSAGES
    )


@pytest.mark.parametrize(
    "to", ["a@b.example", "x y z", "((((", "\ud800@x", "a@b.example, c@d.example", "<" * 500]
)
def test_any_recipient_can_be_written(to):
    made = messages.compose("Me <me@x.example>", to, to, to, to, (), NOW)
    assert messages.read(mbox.entry(made, NOW)).sender == "Me <me@x.example>"
    assert messages.compose("Me <me@x.example>", to, to, to, to, (), NOW) == made
