"""Drawing operations and how each colours pixels.

An operation is a value that says all there is to know about what it draws, so two that are equal draw the
same, and each pixel it leaves depends on that pixel alone: painted in any piece, the picture is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageChops

from step_gym.envs.machine import fonts, icons, pictures
from step_gym.envs.machine.placed import Box
from step_gym.envs.machine.theme import Color

_BAND_PIXELS = 1 << 15
_SAMPLES = 8  # supersampling of round corners along each side


class Fill(NamedTuple):
    """A rectangle of one colour with round corners."""

    bounds: Box  # in every operation: outside this it leaves no mark
    box: Box
    color: Color
    radius: float = 0.0


class Outline(NamedTuple):
    """A line along the inside of a rectangle with round corners."""

    bounds: Box
    box: Box
    color: Color
    radius: float
    width: int


class Tint(NamedTuple):
    """A colour laid over what is there, with an opacity of 0 to 1."""

    bounds: Box
    color: Color
    opacity: float


class Shadow(NamedTuple):
    """The shadow of a rectangle that floats so many pixels above the page."""

    bounds: Box
    box: Box
    radius: float
    height: float


class Text(NamedTuple):
    """A line of text from its top left; `left` may lie between pixels."""

    bounds: Box
    left: int
    top: int
    text: str
    size_px: int
    weight: str
    color: Color


class Icon(NamedTuple):
    """An icon from its top left."""

    bounds: Box
    left: int
    top: int
    name: str
    size_px: int
    color: Color


class Picture:
    """Pixels, compared by identity: uint8[h, w, 3 or 4], not to be changed while shown."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Picture) and other.pixels is self.pixels

    def __hash__(self) -> int:
        return id(self.pixels)


class Photo(NamedTuple):
    """A picture, or the name of one of `pictures`: filling a box and cut at its edges, or wholly inside."""

    bounds: Box
    box: Box
    source: Picture | str
    radius: float
    whole: bool


Operation = Fill | Outline | Tint | Shadow | Text | Icon | Photo


@lru_cache(maxsize=512)
def _corner(radius: float, hole: float) -> Image.Image:
    """Coverage of the top left corner of a round rectangle, outside of a hole of a smaller radius."""
    size = int(radius)
    steps = (np.arange(size * _SAMPLES) + 0.5) / _SAMPLES - radius
    distance = steps[:, None] ** 2 + steps[None, :] ** 2
    inside = (distance <= radius**2) & (distance >= hole**2)
    coverage = inside.reshape(size, _SAMPLES, size, _SAMPLES).mean((1, 3))
    return Image.fromarray(np.rint(coverage * 255).astype(np.uint8))


@lru_cache(maxsize=1024)
def _corners(radius: float, hole: float = 0.0) -> tuple[Image.Image, ...]:
    """The corners top left, top right, bottom left, bottom right."""
    corner = _corner(radius, hole)
    mirrored = corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    flip = Image.Transpose.FLIP_TOP_BOTTOM
    return corner, mirrored, corner.transpose(flip), mirrored.transpose(flip)


# Opacity of the two parts of a shadow, how far each reaches and how far it is moved down, in heights.
_SHADOWS = ((0.16, 1.6, 0.0), (0.20, 2.2, 0.8))


def shadow_reach(height: float) -> int:
    """Pixels that a shadow can reach beyond its rectangle."""
    return math.ceil(height * max(reach + down for _, reach, down in _SHADOWS)) + 1


@lru_cache(maxsize=16)
def _shadow(width: int, height: int, radius: float, lift: float) -> Image.Image:
    reach = shadow_reach(lift)
    x = _outside(width, reach, 0.0)
    ys = [_outside(height, reach, down * lift) for _, _, down in _SHADOWS]
    # Away from the corners all columns are alike, and all rows: one of each is worked out.
    columns, across = _distinct(x <= -radius)
    rows, along = _distinct(np.all([y <= -radius for y in ys], axis=0))
    clear = np.ones((len(rows), len(columns)), np.float32)
    for (opacity, blur, _), y in zip(_SHADOWS, ys, strict=True):
        corner = np.maximum(x[None, columns] + radius, 0), np.maximum(y[rows, None] + radius, 0)
        fade = np.clip(0.5 - (np.hypot(*corner) - radius) / (2 * blur * lift), 0, 1)
        clear *= 1 - opacity * fade * fade * (3 - 2 * fade)
    mask = np.rint((1 - clear) * 255).astype(np.uint8)
    return Image.fromarray(mask.take(along, 0).take(across, 1))


def _outside(length: int, reach: int, moved: float) -> np.ndarray:
    """How far the middles of pixels lie outside of a length that is moved, float32[length + 2 reach]."""
    size = length + 2 * reach
    return np.abs(np.arange(size, dtype=np.float32) + 0.5 - size / 2 - moved) - length / 2


def _distinct(alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places, bool[n], that are not alike and one of those that are; and for each place its index there."""
    chosen = ~alike
    chosen[alike.argmax()] = True
    index = np.cumsum(chosen) - 1
    index[alike] = index[alike.argmax()]
    return np.flatnonzero(chosen), index


@lru_cache(maxsize=1024)
def _line(text: str, size_px: int, weight: str) -> tuple[Image.Image, int]:
    mask, left = fonts.line_mask(text, size_px, weight)
    return Image.fromarray(mask), left


@lru_cache(maxsize=512)
def _icon(name: str, size_px: int) -> Image.Image:
    return Image.fromarray(icons.mask(name, size_px))


def _scaled(picture: Picture, width: int, height: int, whole: bool) -> Image.Image:
    image = Image.fromarray(picture.pixels)
    fit = min if whole else max
    scale = fit(width / image.width, height / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return image if whole else image.crop((left, top, left + width, top + height))


@lru_cache(maxsize=16)
def _picture(
    source: Picture | str, width: int, height: int, whole: bool, radius: float
) -> tuple[Image.Image, Image.Image | None]:
    """The pixels of a picture at its size, and through what mask they are seen."""
    if isinstance(source, str):
        image = pictures.draw(source, width, height)
    else:
        image = _scaled(source, width, height, whole)
    mask = image.getchannel("A") if image.mode == "RGBA" else None
    radius = min(radius, image.width / 2, image.height / 2)
    if int(radius):
        shape = Image.new("L", image.size)
        box = Box(0, 0, *image.size)
        Region(shape, box).fill(box, box, 255, radius)
        mask = shape if mask is None else ImageChops.multiply(mask, shape)
    return image.convert("RGB"), mask


def bands(box: Box) -> Iterator[Box]:
    """A rectangle in bands, whose memory is used again: fresh pages cost more than the work in them."""
    rows = max(_BAND_PIXELS // box.width, 1)
    for top in range(box.top, box.bottom, rows):
        yield box._replace(top=top, bottom=min(top + rows, box.bottom))


def _cut(image: Image.Image, box: Box, seen: Box) -> Image.Image:
    """The part of an image that lies in `box` which is seen."""
    left, top, _, _ = box
    cut = (seen.left - left, seen.top - top, seen.right - left, seen.bottom - top)
    return image if seen == box else image.crop(cut)


class Region:
    """A piece of a display that is being painted.

    Args:
        image: The whole display, or a mask.
        box: The piece; nothing outside it is touched.
    """

    def __init__(self, image: Image.Image, box: Box) -> None:
        self.image = image
        self.box = box

    def rectangle(self, bounds: Box, box: Box, color: Color | int) -> None:
        """Colour what lies in both boxes."""
        box = box.intersect(bounds).intersect(self.box)
        if not box.is_empty:
            self.image.paste(color, box)

    def stamp(self, bounds: Box, left: int, top: int, mask: Image.Image, color: Color | int) -> None:
        """Colour through a mask whose top left is given."""
        box = Box(left, top, left + mask.width, top + mask.height)
        seen = box.intersect(bounds).intersect(self.box)
        if not seen.is_empty:
            self.image.paste(color, seen, _cut(mask, box, seen))

    def lay(self, bounds: Box, left: int, top: int, image: Image.Image, mask: Image.Image | None) -> None:
        """Put an image whose top left is given, through a mask of its size or whole."""
        box = Box(left, top, left + image.width, top + image.height)
        seen = box.intersect(bounds).intersect(self.box)
        if not seen.is_empty:
            self.image.paste(_cut(image, box, seen), seen, mask and _cut(mask, box, seen))

    def fill(self, bounds: Box, box: Box, color: Color | int, radius: float) -> None:
        """Colour a rectangle with round corners."""
        size = int(radius)
        if not size:
            self.rectangle(bounds, box, color)
            return
        left, top, right, bottom = box
        self.rectangle(bounds, Box(left + size, top, right - size, bottom), color)
        self.rectangle(bounds, Box(left, top + size, left + size, bottom - size), color)
        self.rectangle(bounds, Box(right - size, top + size, right, bottom - size), color)
        self._stamp_corners(bounds, box, color, size, _corners(radius))

    def outline(self, bounds: Box, box: Box, color: Color, radius: float, width: int) -> None:
        """Colour a line along the inside of a rectangle with round corners."""
        size = max(int(radius), width)
        left, top, right, bottom = box
        self.rectangle(bounds, Box(left + size, top, right - size, top + width), color)
        self.rectangle(bounds, Box(left + size, bottom - width, right - size, bottom), color)
        self.rectangle(bounds, Box(left, top + size, left + width, bottom - size), color)
        self.rectangle(bounds, Box(right - width, top + size, right, bottom - size), color)
        if int(radius) >= width:
            self._stamp_corners(bounds, box, color, size, _corners(radius, radius - width))
        else:
            for x, y in (
                (left, top),
                (right - size, top),
                (left, bottom - size),
                (right - size, bottom - size),
            ):
                self.rectangle(bounds, Box(x, y, x + size, y + size), color)

    def tint(self, bounds: Box, color: Color, opacity: float) -> None:
        """Mix a colour into what is there."""
        seen = bounds.intersect(self.box)
        if not seen.is_empty:
            for band in bands(seen):
                flat = Image.new("RGB", (band.width, band.height), color)
                self.image.paste(Image.blend(self.image.crop(band), flat, opacity), band)

    def _stamp_corners(
        self, bounds: Box, box: Box, color: Color | int, size: int, masks: tuple[Image.Image, ...]
    ) -> None:
        right, bottom = box.right - size, box.bottom - size
        places = ((box.left, box.top), (right, box.top), (box.left, bottom), (right, bottom))
        for (x, y), mask in zip(places, masks, strict=True):
            self.stamp(bounds, x, y, mask, color)


def paint(operation: Operation, region: Region) -> None:
    """Do one operation, as far as it lies in a region."""
    bounds = operation.bounds
    match operation:
        case Fill():
            region.fill(bounds, operation.box, operation.color, operation.radius)
        case Text():
            mask, offset = _line(operation.text, operation.size_px, operation.weight)
            region.stamp(bounds, operation.left + offset, operation.top, mask, operation.color)
        case Icon():
            mask = _icon(operation.name, operation.size_px)
            region.stamp(bounds, operation.left, operation.top, mask, operation.color)
        case Outline():
            region.outline(bounds, operation.box, operation.color, operation.radius, operation.width)
        case Shadow():
            box, reach = operation.box, shadow_reach(operation.height)
            mask = _shadow(box.width, box.height, operation.radius, operation.height)
            inset = math.ceil(operation.radius)
            left, top, right, bottom = bounds
            inside = Box(left, box.top + inset, right, box.bottom - inset)
            # What lies under the rectangle itself is not seen, and may be large.
            for part in (
                Box(left, top, right, inside.top),
                Box(left, inside.top, box.left + inset, inside.bottom),
                Box(box.right - inset, inside.top, right, inside.bottom),
                Box(left, inside.bottom, right, bottom),
            ):
                region.stamp(part.intersect(bounds), box.left - reach, box.top - reach, mask, (0, 0, 0))
        case Tint():
            region.tint(bounds, operation.color, operation.opacity)
        case Photo():
            box = operation.box
            image, mask = _picture(operation.source, box.width, box.height, operation.whole, operation.radius)
            left = box.left + (box.width - image.width) // 2
            top = box.top + (box.height - image.height) // 2
            region.lay(bounds, left, top, image, mask)
