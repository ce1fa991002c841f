"""Photos as Pillow reads them; films and recordings by the boxes of ISO/IEC 14496-12."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from step_gym.envs.machine.apps import media
from step_gym.envs.machine.clock import SECOND

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}


def boxes(content, path=()):
    """Path, offset of the body, and body of every box, parents first."""
    start = 0
    while start < len(content):
        size, kind = struct.unpack_from(">I4s", content, start)
        assert 8 <= size <= len(content) - start
        body = content[start + 8 : start + size]
        yield (*path, kind), body
        if kind in CONTAINERS:
            yield from boxes(body, (*path, kind))
        start += size


def samples(content):
    """The samples of a file of one track with samples of one size in one chunk."""
    tables = {path[-1]: body for path, body in boxes(content)}
    _, size, count = struct.unpack(">III", tables[b"stsz"])
    _, chunks, offset = struct.unpack(">III", tables[b"stco"])
    assert chunks == 1
    return [content[offset + i * size : offset + (i + 1) * size] for i in range(count)], tables


def test_a_photo_is_a_jpeg_of_the_landscape():
    image = Image.open(io.BytesIO(media.photo(320, 240)))
    assert (image.format, image.size) == ("JPEG", (320, 240))
    image.load()
    pixels = np.asarray(image)
    sky, ground = pixels[10, 10], pixels[235, 10]
    assert sky[2] > sky[0] and ground[1] > ground[2]  # blue above, green below
    assert not media.landscape(320, 240).flags.writeable


def test_a_film_is_one_frame_that_lasts():
    content = media.film(4_500_000_000)
    frames, tables = samples(content)
    assert [Image.open(io.BytesIO(frame)).size for frame in frames] == [(640, 480)]
    assert struct.unpack(">IIII", tables[b"stts"]) == (0, 1, 1, 4_500)
    assert media.length_of(content) == 4.5


def test_a_recording_is_frames_of_silence():
    content = media.recording(3 * SECOND)
    frames, tables = samples(content)
    assert len(frames) == -(-3 * 44_100 // 1_024)
    # An AAC channel element with max_sfb 0 has nothing to hear; the last three bits end the frame.
    assert set(frames) == {b"\x00\x00\x00\x07"}
    assert tables[b"stts"] == struct.pack(">IIII", 0, 1, len(frames), 1_024)
    assert media.length_of(content) == pytest.approx(3, abs=0.025)


@pytest.mark.parametrize("make", [media.film, media.recording])
@pytest.mark.parametrize("length_ns", [0, 1, 10**20])
def test_any_length_makes_a_file_of_sensible_size(make, length_ns):
    content = make(length_ns)
    assert len(content) < 5_000_000
    assert 0 < (media.length_of(content) or 0) < 6 * 3_600 + 1
    assert sum(len(body) + 8 for path, body in boxes(content) if len(path) == 1) == len(content)


@pytest.mark.parametrize("content", [b"", b"hello mvhd", media.film(SECOND)[:60], media.photo(32, 32)])
def test_what_is_no_film_has_no_length(content):
    assert media.length_of(content) is None
