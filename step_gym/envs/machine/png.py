"""PNG files of a display whose pictures differ little from one to the next.

The rows are compressed in strips, each ended by a full flush, after which no byte refers back: a strip is
compressed again only where its pixels changed, and the strips joined are one valid zlib stream (RFC 1950,
RFC 1951). The stream's check sum is combined from the strips' by the arithmetic of Adler-32.
"""

from __future__ import annotations

import operator
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_STRIP_ROWS = 64
_ADLER_BASE = 65521
_EMPTY_LAST_BLOCK = b"\x03\x00"


def adler32_combine(first: int, second: int, length: int) -> int:
    """The Adler-32 of two byte strings joined, from those of both and the length of the second."""
    a1, b1 = first & 0xFFFF, first >> 16
    a2, b2 = second & 0xFFFF, second >> 16
    a = (a1 + a2 - 1) % _ADLER_BASE
    b = (b1 + b2 + length * (a1 - 1)) % _ADLER_BASE
    return b << 16 | a


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


class _Strip(NamedTuple):
    """Some rows compressed, with the Adler-32 and the number of their raw bytes."""

    data: bytes
    check: int
    length: int


class Png(NamedTuple):
    """A picture as a PNG file, and the strips that it is joined of."""

    file: bytes
    strips: tuple[_Strip, ...]


def encode(pixels: np.ndarray, like: np.ndarray | None = None, png: Png | None = None) -> Png:
    """A picture, uint8[height, width, 3], as a PNG file; the same pixels always make the same file.

    Args:
        pixels: The picture.
        like: Another picture; its `png` lends the strips that are the same, and is returned if all are.
        png: What `like` was encoded as.
    """
    if like is None or png is None or like.shape != pixels.shape:
        like, png = None, None
    strips = []
    for i in range(-(-len(pixels) // _STRIP_ROWS)):
        rows = _rows(i)
        if like is not None and png is not None and np.array_equal(pixels[rows], like[rows]):
            strips.append(png.strips[i])
        else:
            strips.append(_strip(pixels[rows]))
    if png is not None and all(map(operator.is_, strips, png.strips)):
        return png
    return Png(_file(strips, *pixels.shape[:2]), tuple(strips))


class Encoder:
    """Encodes the pictures of one display, whose pixels are changed in place."""

    def __init__(self) -> None:
        self._last = np.zeros((0, 0, 3), np.uint8)
        self._png: Png | None = None

    def encode(self, pixels: np.ndarray) -> bytes:
        """The PNG file of a picture, uint8[height, width, 3]; the same object for the same picture."""
        png = encode(pixels, self._last, self._png)
        if self._png is None or self._last.shape != pixels.shape:
            self._last = pixels.copy()
        else:
            for i, (old, new) in enumerate(zip(self._png.strips, png.strips, strict=True)):
                if old is not new:
                    self._last[_rows(i)] = pixels[_rows(i)]
        self._png = png
        return png.file


def _rows(strip: int) -> slice:
    return slice(strip * _STRIP_ROWS, (strip + 1) * _STRIP_ROWS)


def _file(strips: Sequence[_Strip], height: int, width: int) -> bytes:
    adler = 1
    for strip in strips:
        adler = adler32_combine(adler, strip.check, strip.length)
    stream = b"".join(
        (b"\x78\x01", *(strip.data for strip in strips), _EMPTY_LAST_BLOCK, struct.pack(">I", adler))
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", stream) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _strip(pixels: np.ndarray) -> _Strip:
    height, width, _ = pixels.shape
    # Each row starts with its filter, 0: none, which suits flat colours and repeated rows.
    rows = np.zeros((height, 1 + 3 * width), np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    compressor = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    data = compressor.compress(rows.data) + compressor.flush(zlib.Z_FULL_FLUSH)
    return _Strip(data, zlib.adler32(rows.data), rows.size)
