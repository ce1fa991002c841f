"""What a message says, and how new ones are made, over the standard library's email package."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import format_datetime, getaddresses, parseaddr, parsedate_to_datetime
from functools import lru_cache
from typing import Any

from step_gym.envs.machine.apps.files import mime_type
from step_gym.envs.machine.apps.mail import mbox
from step_gym.envs.machine.apps.web.html_reader import parse

READ, REPLIED, STARRED, FORWARDED = 0x0001, 0x0002, 0x0004, 0x1000
"""Bits of the header X-Mozilla-Status."""

_STATUS = "X-Mozilla-Status"
_MAX_BYTES = 4 * 1024 * 1024  # of a message that is read; a longer one shows its beginning
_MAX_HEAD, _MAX_NESTED = 50_000, 50
_MAX_PARTS, _MAX_TEXT, _MAX_HEADER = 200, 200_000, 1_000
_MAX_KEPT_HEADER = 200  # characters


class _Headers(HeaderRegistry):
    """Makes a class for a header's name once, and parses a short header once.

    Most messages have the same names, senders, types and ends.
    """

    def __init__(self) -> None:
        super().__init__()
        self._class_of = lru_cache(maxsize=64)(super().__getitem__)
        self._parsed = lru_cache(maxsize=256)(super().__call__)

    def __getitem__(self, name: str) -> type:
        return self._class_of(name)

    def __call__(self, name: str, value: Any) -> Any:
        return (self._parsed if len(value) <= _MAX_KEPT_HEADER else super().__call__)(name, value)


_POLICY = policy.default.clone(max_line_length=998, header_factory=_Headers())


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What a message says.

    Attributes:
        sender: The From header, decoded: "Ann Lee <ann@x.example>".
        to: Likewise, all addresses.
        cc: Likewise.
        subject: Likewise.
        date: When it was written, in UTC; None where it does not say.
        text: Its words.
        attachments: The files with it.
        status: Bits of `X-Mozilla-Status`.
        message_id: As given, for answers.
    """

    sender: str
    to: str
    cc: str
    subject: str
    date: datetime | None
    text: str
    attachments: tuple[Attachment, ...]
    status: int
    message_id: str

    @property
    def sender_name(self) -> str:
        """The sender's name, or address where there is none."""
        name, address = parseaddr(self.sender)
        return name or address or self.sender

    @property
    def is_read(self) -> bool:
        """Whether it was opened."""
        return bool(self.status & READ)

    @property
    def is_starred(self) -> bool:
        """Whether it has a star."""
        return bool(self.status & STARRED)


@lru_cache(maxsize=2048)
def read(message: bytes) -> Mail:
    """What an mbox entry says; what is broken reads as far as it can be."""
    data = mbox.content(message[:_MAX_BYTES])
    head, blank, body = data.partition(b"\n\n")
    if len(head) > _MAX_HEAD:
        data = head[:_MAX_HEAD].rpartition(b"\n")[0] + blank + body
    try:
        if data.lower().count(b"multipart/") > _MAX_NESTED:
            raise ValueError("parts in parts take the parser a time that grows with their square")
        parsed: Message = BytesParser(policy=policy.compat32).parsebytes(data)
        text, attachments = _parts(parsed)
    except (RecursionError, ValueError, LookupError):
        parsed = BytesParser(policy=policy.compat32).parsebytes(head[:_MAX_HEAD] + b"\n\n", headersonly=True)
        text, attachments = body[:_MAX_TEXT].decode("utf-8", "replace"), ()
    try:
        when = parsedate_to_datetime(str(parsed.get("Date", "")))
        date = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        date = None
    try:
        status = int(str(parsed.get(_STATUS, "0"))[:8], 16)
    except ValueError:
        status = 0
    return Mail(
        _header(parsed, "From"),
        _header(parsed, "To"),
        _header(parsed, "Cc"),
        _header(parsed, "Subject"),
        date,
        text,
        attachments,
        status,
        _header(parsed, "Message-ID"),
    )


def _header(parsed: Message, name: str) -> str:
    from email.header import decode_header, make_header

    raw = str(parsed.get(name, ""))[:_MAX_HEADER]
    try:
        shown = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, AssertionError):
        shown = raw
    return " ".join("".join(c for c in shown if c.isprintable() or c.isspace()).split())


def _parts(parsed: Message) -> tuple[str, tuple[Attachment, ...]]:
    """The words, plain ones before HTML, and the files."""
    plain: list[str] = []
    html: list[str] = []
    files: list[Attachment] = []
    for number, part in enumerate(parsed.walk()):
        if number >= _MAX_PARTS:
            break
        if part.is_multipart():
            continue
        payload: Any = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        name = part.get_filename()
        if name or part.get_content_disposition() == "attachment":
            files.append(Attachment(_file_name(str(name or "attachment")), data))
        elif part.get_content_type() == "text/html":
            html.append(parse(_decoded(part, data)).text)
        elif part.get_content_maintype() == "text":
            plain.append(_decoded(part, data))
    text = "\n".join(plain or html).replace("\r\n", "\n")
    return text[:_MAX_TEXT].rstrip("\n"), tuple(files)


def _decoded(part: Message, data: bytes) -> str:
    try:
        return data.decode(str(part.get_content_charset("utf-8")), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _file_name(name: str) -> str:
    name = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip(". ")
    return name.encode("utf-8", "ignore")[:200].decode("utf-8", "ignore") or "attachment"


def with_status(message: bytes, status: int) -> bytes:
    """An mbox entry with other bits in its status header."""
    start, _, rest = message.partition(b"\n")
    head, blank, body = rest.partition(b"\n\n")
    name = _STATUS.lower().encode() + b":"
    lines = [line for line in head.split(b"\n") if not line.lower().startswith(name)]
    lines.insert(0, f"{_STATUS}: {status & 0xFFFF:04x}".encode())
    return start + b"\n" + b"\n".join(lines) + (blank + body if blank else b"\n\n")


def addresses(text: str) -> list[str]:
    """The addresses in a line of recipients, those that have an "@"."""
    return [address for _, address in getaddresses([text]) if "@" in address.strip("@")]


def compose(
    sender: str,
    to: str,
    cc: str,
    subject: str,
    text: str,
    attachments: Sequence[Attachment],
    now_ns: int,
    answers: str = "",
) -> bytes:
    """A new message, without a "From " line.

    Args:
        sender: As "Ann Lee <ann@x.example>".
        to: Recipients, separated by commas.
        cc: Likewise; may be empty.
        subject: Of the message.
        text: Its words.
        attachments: Files with it.
        now_ns: The time, in nanoseconds since 1970 UTC; names the message too.
        answers: The id of the message it answers.
    """
    made = EmailMessage(policy=_POLICY)
    moment = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC)
    headers = {
        "Message-ID": f"<{now_ns}@desktop.example>",
        "Date": format_datetime(moment),
        "From": sender,
        "To": to,
        "Cc": cc,
        "Subject": subject,
        "In-Reply-To": answers,
        "References": answers,
    }
    for name, value in headers.items():
        value = " ".join(value.encode("utf-8", "replace").decode().split())
        if not value:
            continue
        try:
            made[name] = value
        except (ValueError, IndexError, AttributeError):  # the parser of addresses meets what is none
            made[f"X-{name}"] = value.encode("ascii", "replace").decode()
    clean = text.encode("utf-8", "replace").decode()
    made.set_content(clean + "\n", cte="8bit" if not clean.isascii() and _fits(clean) else None)
    for file in attachments:
        main, _, sub = mime_type(file.name).partition("/")
        made.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    if made.is_multipart():  # whose parts are set apart by a random text otherwise
        made.set_boundary(f"=_{now_ns}_{sum(len(file.data) for file in attachments)}_=")
    return made.as_bytes()


def _fits(text: str) -> bool:
    """Whether no line is longer than SMTP takes."""
    return all(len(line.encode()) < 990 for line in text.split("\n"))


def answer_subject(subject: str, prefix: str) -> str:
    """As "Re: Lunch", with the prefix once."""
    return subject if subject.lower().startswith(prefix.lower()) else f"{prefix} {subject}".rstrip()


def quoted(mail: Mail) -> str:
    """The words of a message below the line that names its sender, each line after a ">"."""
    when = "" if mail.date is None else f"On {mail.date:%d/%m/%Y %H:%M}, "
    lines = "\n".join(f"> {line}".rstrip() for line in mail.text[:50_000].split("\n"))
    return f"\n\n{when}{mail.sender_name} wrote:\n{lines}"


def forwarded(mail: Mail) -> str:
    """A message's words below its headers."""
    when = "" if mail.date is None else f"Date: {mail.date:%d/%m/%Y %H:%M}\n"
    head = f"Subject: {mail.subject}\n{when}From: {mail.sender}\nTo: {mail.to}"
    return f"\n\n-------- Forwarded Message --------\n{head}\n\n{mail.text[:50_000]}"
