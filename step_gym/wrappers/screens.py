"""Screenshots as content-addressed lossless PNG files, encoded off-thread behind a bounded queue.

The name of a file is the SHA-256 of its bytes; what did not change since the screen before is not encoded
again.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from step_gym.envs.machine.png import Png, encode

_THREADS = min(4, os.cpu_count() or 1)
_WAITING = 4 * _THREADS


class Screen:
    """A screenshot on its way to disk.

    Attributes:
        pixels: uint8[H, W, 3], until the screen after it has been encoded; then None.
    """

    __slots__ = ("_png", "_sha256", "pixels")

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels: np.ndarray | None = pixels
        self._png: Png | None = None
        self._sha256: Future[str]

    def sha256(self) -> str:
        """The SHA-256 of its PNG file, once that is on disk. Raises what kept it from being written."""
        return self._sha256.result()


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

    def put(self, pixels: np.ndarray, previous: Screen | None = None) -> Screen:
        """Take a screen, `uint8[H, W, 3]`, that must not change afterwards; waits while the queue is full."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(
                f"a screen of {pixels.dtype}{list(pixels.shape)} cannot be stored: uint8[H, W, 3] is needed"
            )
        if previous is not None and pixels is previous.pixels:
            return previous
        screen = Screen(pixels)
        self._room.acquire()
        try:
            screen._sha256 = self._pool.submit(self._store, screen, pixels, previous)
        except BaseException:
            self._room.release()
            raise
        return screen

    def _store(self, screen: Screen, pixels: np.ndarray, previous: Screen | None) -> str:
        try:
            if previous is None:
                screen._png = encode(pixels)
                return self._write(screen._png.file)
            # It was handed over before this one, so that it is written already, or being written.
            is_there = previous._sha256.exception() is None
            like, png = previous.pixels, previous._png
            previous.pixels = previous._png = None
            screen._png = encode(pixels, like, png)
            return previous.sha256() if is_there and screen._png is png else self._write(screen._png.file)
        finally:
            self._room.release()

    def _write(self, data: bytes) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        target = screen_path(self._media, sha256)
        # Of another size is a file that a power failure left empty: its name was on the disk before its data.
        if not target.exists() or target.stat().st_size != len(data):
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
