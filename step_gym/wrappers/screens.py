"""Screenshots as content-addressed lossless PNG files, encoded off-thread behind a bounded queue.

The name of a file is the SHA-256 of its bytes; an unchanged screen is not encoded again.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import struct
import threading
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

_THREADS = min(4, os.cpu_count() or 1)
_WAITING = 4 * _THREADS


class Screen:
    """A screenshot on its way to disk."""

    __slots__ = ("_stored", "pixels")

    def __init__(self, pixels: np.ndarray, stored: Future[str]) -> None:
        self.pixels = pixels
        self._stored = stored

    def sha256(self) -> str:
        """The SHA-256 of its PNG file, once that is on disk. Raises what kept it from being written."""
        return self._stored.result()


class ScreenEncoder:
    """Encodes screens in a few threads.

    Args:
        media: Folder of the PNG files, `ab/<sha256>.png`.
        temporary: Folder for unfinished files, on the same file system.
        worker: Stem of the unfinished files' names.
    """

    def __init__(self, media: Path, temporary: Path, worker: str) -> None:
        self._media, self._temporary, self._worker = media, temporary, worker
        self._numbers = itertools.count()
        self._pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="screens")
        self._room = threading.BoundedSemaphore(_WAITING)
        self._mutex = threading.Lock()
        self._stored: dict[bytes, Future[str]] = {}

    def put(self, pixels: np.ndarray, previous: Screen | None = None) -> Screen:
        """Take a screen, `uint8[H, W, 3]`, that must not change afterwards; waits while the queue is full."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(
                f"a screen of {pixels.dtype}{list(pixels.shape)} cannot be stored: uint8[H, W, 3] is needed"
            )
        if previous is not None and pixels is previous.pixels:
            return previous
        self._room.acquire()
        try:
            return Screen(pixels, self._pool.submit(self._store, pixels, previous))
        except BaseException:
            self._room.release()
            raise

    def _store(self, pixels: np.ndarray, previous: Screen | None) -> str:
        try:
            if previous is not None and np.array_equal(pixels, previous.pixels):
                return previous.sha256()
            key = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
            key.update(np.ascontiguousarray(pixels).data)
            mine: Future[str] = Future()
            with self._mutex:
                first = self._stored.setdefault(key.digest(), mine)
            if first is mine:
                try:
                    mine.set_result(self._write(png_bytes(pixels)))
                except BaseException as error:
                    with self._mutex:
                        del self._stored[key.digest()]
                    mine.set_exception(error)
            return first.result()
        finally:
            self._room.release()

    def _write(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        target = screen_path(self._media, sha256)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._temporary / f"{self._worker}-screen-{next(self._numbers)}.tmp"
            temporary.write_bytes(data)
            temporary.rename(target)
        return sha256

    def close(self) -> None:
        """Finish what is waiting."""
        self._pool.shutdown()


def screen_path(media: Path, sha256: str) -> Path:
    """Where the PNG file of a hash lies under the media folder."""
    return media / sha256[:2] / f"{sha256}.png"


def png_bytes(pixels: np.ndarray) -> bytes:
    """`uint8[H, W, 3]` as a PNG file: each row as its difference to the row above, compressed fast.

    Written by hand because both steps then run without the interpreter's lock (PNG specification, ISO/IEC
    15948, filter type 2).
    """
    height, width, _ = pixels.shape
    flat = np.ascontiguousarray(pixels).reshape(height, width * 3)
    rows = np.empty((height, 1 + width * 3), dtype=np.uint8)
    rows[:, 0] = 2
    rows[:1, 1:] = flat[:1]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.data, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
