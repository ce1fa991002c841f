"""The wire format between ADB clients and server (AOSP `packages/modules/adb`: OVERVIEW, SERVICES, SYNC)."""

from __future__ import annotations

import asyncio
from typing import Any

# The server version of platform-tools since 2018. A client that reads another one kills the server.
VERSION = 41

# Only what is implemented: with sendrecv_v2 in the list, a push would speak a protocol that is not.
FEATURES = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir,apex"

MAX_CHUNK = 64 * 1024
OKAY = b"OKAY"


class ProtocolFailure(Exception):
    """A request that is refused; its text is sent to the client."""


def block(data: bytes) -> bytes:
    """A length in four hexadecimal digits, then the bytes."""
    return b"%04x" % len(data) + data


def fail(text: str) -> bytes:
    """The refusal of a request."""
    return b"FAIL" + block(text.encode("utf-8", "replace")[:1024])


def kill_forward(listeners: dict[str, Any], verb: str, argument: str) -> bytes:
    """Answer "killforward" of one listener, or "killforward-all"; the table loses what was killed."""
    if verb == "killforward-all":
        listeners.clear()
    elif listeners.pop(argument, None) is None:
        return OKAY + fail(f"listener '{argument}' not found")
    return OKAY + OKAY


async def read_request(reader: asyncio.StreamReader) -> str | None:
    """The next request, or None where the client has left or sent no length.

    Raises:
        ProtocolFailure: For a length that is no number.
    """
    try:
        length = int(await reader.readexactly(4), 16)
        return (await reader.readexactly(length)).decode("utf-8", "surrogateescape")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except ValueError:
        raise ProtocolFailure("protocol fault (no length)") from None
