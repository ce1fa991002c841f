"""Where start files and expected files come from: `data:` and `file:` addresses, and the web if allowed."""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

from step_gym.envs.core import EnvironmentFault

DOWNLOAD_TIMEOUT_S = 300.0
"""For each read of a download, as upstream has it."""

_TRIES = 3


class SourceRefused(ValueError):
    """An address that is not read; nothing was fetched.

    Attributes:
        why: The reason, without the address.
    """

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url[:200]!r}: {why}")
        self.why = why


def check_source(url: str, downloads: bool) -> None:
    """Whether an address may be read at all.

    Raises:
        SourceRefused: If not.
    """
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme in ("data", "file") or (scheme in ("http", "https") and downloads):
        return
    why = "downloads are off: pass downloads=True" if scheme in ("http", "https") else "no such source"
    raise SourceRefused(url, why)


@dataclass(frozen=True, slots=True)
class Sources:
    """Reads addresses.

    Attributes:
        downloads: Whether http and https are fetched.
        cache_dir: Where what was fetched is kept, for the next time.
    """

    downloads: bool
    cache_dir: Path

    def read(self, url: str) -> bytes:
        """The bytes at an address.

        Raises:
            SourceRefused: If such addresses are not read.
            EnvironmentFault: If it cannot be read.
        """
        check_source(url, self.downloads)
        try:
            if url.startswith("data:"):
                return _content(url)
            if url.startswith("file:"):
                return Path(urllib.request.url2pathname(urllib.parse.urlsplit(url).path)).read_bytes()
        except (OSError, ValueError) as error:
            raise EnvironmentFault(f"{url[:200]!r} cannot be read: {error}") from error
        kept = self.cache_dir / f"{uuid.uuid5(uuid.NAMESPACE_URL, url)}_{_base_name(url)}"
        if not kept.exists():
            _write(kept, _fetch(url))
        return kept.read_bytes()


def _content(url: str) -> bytes:
    """What a `data:` address holds (RFC 2397)."""
    kind, comma, text = url.strip().partition(",")
    if not comma:
        raise ValueError("no comma before the data")
    content = urllib.parse.unquote_to_bytes(text)
    return base64.decodebytes(content) if kind.endswith(";base64") else content


def _base_name(url: str) -> str:
    return urllib.parse.unquote(urllib.parse.urlsplit(url).path).rpartition("/")[2][-100:]


def _fetch(url: str) -> bytes:
    import httpx

    problem = ""
    for _ in range(_TRIES):
        try:
            answer = httpx.get(url, timeout=DOWNLOAD_TIMEOUT_S, follow_redirects=True)
            if answer.status_code == 200:
                return answer.content
            problem = f"status {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            problem = str(error) or type(error).__name__
    raise EnvironmentFault(f"{url[:200]} cannot be fetched, {_TRIES} times: {problem}")


def _write(path: Path, content: bytes) -> None:
    """Write a file so that another process sees all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
