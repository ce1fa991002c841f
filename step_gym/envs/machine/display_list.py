"""From laid-out views to drawing operations, back to front: what every kind of view looks like."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable
from itertools import accumulate

from step_gym.envs.machine import fonts
from step_gym.envs.machine.fields import caret_box, line_starts, selection_boxes, text_of
from step_gym.envs.machine.layout import BUTTON_GAP, BUTTON_ICON
from step_gym.envs.machine.placed import Box, Placed
from step_gym.envs.machine.raster import (
    Fill,
    Icon,
    Operation,
    Outline,
    Photo,
    Picture,
    Shadow,
    Text,
    Tint,
    shadow_reach,
)
from step_gym.envs.machine.theme import DISABLED, DISABLED_CONTAINER, SCRIM, Color, color, mix
from step_gym.envs.machine.views import PLAIN

# Height above the page in dp by elevation, as in Material Design 3.
_HEIGHTS = (0, 1, 3, 6, 8, 12)
_SELECTION = "inverse_primary"
BAR_WIDTH, BAR_MINIMUM = 8, 24  # pixels of a scroll bar's handle


def operations(root: Placed, display: Box) -> list[Operation]:
    """What draws a tree of views on a display, on which the shadow of the root may fall."""
    result: list[Operation] = []
    _add(result, root, display)
    return result


def _add(result: list[Operation], placed: Placed, clip: Box) -> None:
    """Add what draws a view and those inside; its shadow may fall on all of `clip`."""
    if placed.view.style.elevation:
        _add_shadow(result, placed, clip)
    if placed.look is not None:
        if placed.look.operations is None:
            placed.look.operations = _operations_of(placed)
        result.extend(placed.look.operations)
    else:
        _add_view(result, placed, clip)


def _add_view(result: list[Operation], placed: Placed, clip: Box) -> None:
    """The same without its own shadow."""
    if placed.clip.is_empty:
        return
    view = placed.view
    style = view.style
    if style.background or style.border:
        _add_container(result, placed)
    draw = _KINDS.get(view.kind)
    if draw is not None:
        draw(result, placed)
    if placed.focused and view.kind != "field":
        radius = _radius(placed.box, style.radius, placed.scale)
        result.append(Outline(placed.clip, placed.box, color("primary"), radius, _px(placed, 2)))
    if view.kind == "scroll":
        clip = placed.clip
    for child in placed.children:
        _add(result, child, clip)
    if style.bar and (bar := bar_box(placed)) is not None:
        result.append(Fill(placed.clip.intersect(bar), bar, color(style.bar), BAR_WIDTH / 2))


def _operations_of(placed: Placed) -> list[Operation]:
    result: list[Operation] = []
    _add_view(result, placed, placed.clip)
    return result


def bar_box(placed: Placed) -> Box | None:
    """Where the handle of a scroll bar is, at the right or at the bottom; None where all is seen."""
    horizontal = placed.view.direction == "row"
    content, box = placed.content, placed.box
    room = content.width if horizontal else content.height
    if placed.extent <= room or room <= 0:
        return None
    length = max(room * room // placed.extent, BAR_MINIMUM)
    at = placed.offset * (room - length) // (placed.extent - room)
    if horizontal:
        top, left = box.bottom - BAR_WIDTH - 2, content.left + at
        return Box(left, top, left + length, top + BAR_WIDTH)
    left, top = box.right - BAR_WIDTH - 2, content.top + at
    return Box(left, top, left + BAR_WIDTH, top + length)


def _radius(box: Box, dp: float, scale: float) -> float:
    return min(dp * scale, box.width / 2, box.height / 2)


def _px(placed: Placed, dp: float) -> int:
    return max(1, round(dp * placed.scale))


def _add_shadow(result: list[Operation], placed: Placed, clip: Box) -> None:
    style, box = placed.view.style, placed.box
    if not placed.view.enabled:
        return
    height = _HEIGHTS[style.elevation] * placed.scale
    reach = shadow_reach(height)
    around = Box(box.left - reach, box.top - reach, box.right + reach, box.bottom + reach).intersect(clip)
    if not around.is_empty:
        result.append(Shadow(around, box, _radius(box, style.radius, placed.scale), height))


def _add_container(result: list[Operation], placed: Placed) -> None:
    """Background and border."""
    style, box = placed.view.style, placed.box
    if style.background == "scrim":
        result.append(Tint(placed.clip, color("scrim"), SCRIM))
        return
    radius = _radius(box, style.radius, placed.scale)
    if style.background:
        fill = color(style.background)
        if not placed.view.enabled and placed.view.kind == "button":
            fill = mix(color("on_surface"), color("surface"), DISABLED_CONTAINER)
        result.append(Fill(placed.clip, box, fill, radius))
    if style.border and placed.view.kind == "field" and not style.background:
        ink, width = ("primary", 2) if placed.focused else (style.border, 1)
        result.append(Outline(placed.clip, box, color(ink), radius, _px(placed, width)))
    elif style.border and placed.view.kind == "field":
        # Only the upper corners of a field with a line under it are round.
        lower = box._replace(top=(box.top + box.bottom) // 2)
        if style.background:
            result.append(Fill(placed.clip.intersect(lower), lower, color(style.background)))
        width = _px(placed, 2 if placed.focused else 1)
        line = Box(box.left, box.bottom - width, box.right, box.bottom)
        ink = color("primary" if placed.focused else style.border)
        result.append(Fill(placed.clip.intersect(line), line, ink))
    elif style.border:
        result.append(Outline(placed.clip, box, color(style.border), radius, _px(placed, 1)))


def _ink(placed: Placed, role: str = "") -> Color:
    """The colour of what is written in a view."""
    ink = color(role or placed.view.style.color)
    return ink if placed.view.enabled else mix(color("on_surface"), color("surface"), DISABLED)


def _add_line(
    result: list[Operation], placed: Placed, clip: Box, left: int, top: int, line: str, ink: Color
) -> None:
    """One line of text from its top left; of a long one only what is near the part that is seen."""
    size, weight = placed.text_px, placed.view.style.weight
    width = fonts.measure(line, size, weight)
    if width > 2 * clip.width + 4 * size:
        advances = fonts.advances(size, weight)
        ends = list(accumulate(advances[character] for character in line))
        first = bisect(ends, clip.left - size - left)
        last = bisect(ends, clip.right + size - left) + 1
        left += round(ends[first - 1]) if first else 0
        line = line[first:last]
        width = fonts.measure(line, size, weight)
    bounds = Box(left - size // 2, top, left + int(width) + size // 2, top + fonts.line_height(size))
    bounds = bounds.intersect(clip)
    if line and not bounds.is_empty:
        result.append(Text(bounds, left, top, line, size, weight, ink))


def _seen_rows(placed: Placed, clip: Box, top: int, count: int) -> range:
    """Which of so many lines from `top` downwards may be seen."""
    height = fonts.line_height(placed.text_px)
    return range(max((clip.top - top) // height, 0), min(-((top - clip.bottom) // height), count))


def _label(result: list[Operation], placed: Placed) -> None:
    style, content = placed.view.style, placed.content
    size, ink = placed.text_px, _ink(placed)
    height = fonts.line_height(size)
    for i in _seen_rows(placed, placed.clip, content.top, len(placed.lines)):
        left, line = content.left, placed.lines[i]
        if style.text_align != "start":
            spare = content.width - fonts.measure(line, size, style.weight)
            left += round(spare / 2 if style.text_align == "center" else spare)
        _add_line(result, placed, placed.clip, left, content.top + i * height, line, ink)


def _add_icon(result: list[Operation], placed: Placed, box: Box, name: str, size: int, ink: Color) -> None:
    """An icon in the middle of a box."""
    left, top = box.left + (box.width - size) // 2, box.top + (box.height - size) // 2
    bounds = Box(left, top, left + size, top + size).intersect(placed.clip)
    if not bounds.is_empty:
        result.append(Icon(bounds, left, top, name, size, ink))


def _icon(result: list[Operation], placed: Placed) -> None:
    size = _px(placed, placed.view.style.size)
    _add_icon(result, placed, placed.content, placed.view.icon, size, _ink(placed))


def _button(result: list[Operation], placed: Placed) -> None:
    view, content = placed.view, placed.content
    left = content.left
    if view.icon:
        size = _px(placed, BUTTON_ICON if view.text else view.style.size)
        box = content._replace(right=content.left + size) if view.text else content
        _add_icon(result, placed, box, view.icon, size, _ink(placed))
        left += size + _px(placed, BUTTON_GAP)
    top = content.top + (content.height - fonts.line_height(placed.text_px)) // 2
    for line in placed.lines:
        _add_line(result, placed, placed.clip, left, top, line, _ink(placed))


def _field(result: list[Operation], placed: Placed) -> None:
    view, content = placed.view, placed.content
    assert placed.state is not None
    caret = caret_box(placed)
    # The caret stands between two characters, and may do so at either end of a full line.
    half = (caret.width + 1) // 2
    caret = caret._replace(left=caret.left - half, right=caret.right - half)
    clip = content._replace(left=content.left - half, right=content.right + half).intersect(placed.clip)
    if placed.focused or view.multiline:
        for box in selection_boxes(placed):
            result.append(Fill(box.intersect(clip), box, color(_SELECTION)))
    lines, ink = placed.lines, _ink(placed)
    left, top = content.left, content.top
    if not placed.state.text:
        lines, ink = (view.hint,), _ink(placed, "on_surface_variant")
    elif view.multiline:
        top -= placed.offset
    else:
        left -= placed.offset
    height = fonts.line_height(placed.text_px)
    for i in _seen_rows(placed, clip, top, len(lines)):
        _add_line(result, placed, clip, left, top + i * height, lines[i], ink)
    if view.line_numbers:
        _line_numbers(result, placed, top)
    if placed.focused and placed.state.cursor == placed.state.anchor:
        result.append(Fill(caret.intersect(clip), caret, color("primary")))


def _line_numbers(result: list[Operation], placed: Placed, top: int) -> None:
    """At the right of a field's left padding, beside each line that does not continue the one above."""
    content, size = placed.content, placed.text_px
    clip = Box(placed.box.left, content.top, content.left, content.bottom).intersect(placed.clip)
    starts = line_starts(placed)
    text = text_of(placed).text
    number = 0
    seen = _seen_rows(placed, clip, top, len(starts))
    for row, at in enumerate(starts[: seen.stop]):
        if at and text[at - 1] != "\n":
            continue
        number += 1
        if row in seen:
            left = content.left - size - round(fonts.measure(str(number), size, placed.view.style.weight))
            line_top = top + row * fonts.line_height(size)
            _add_line(result, placed, clip, left, line_top, str(number), color("outline"))


def _switch(result: list[Operation], placed: Placed) -> None:
    # Drawn for a box 32 high; in a lower one everything is smaller.
    share = min(placed.box.height / _px(placed, 32), 1.0)
    width, height = _px(placed, 52 * share), _px(placed, 32 * share)
    left = placed.box.left + (placed.box.width - width) // 2
    top = placed.box.top + (placed.box.height - height) // 2
    track = Box(left, top, left + width, top + height)
    on = bool(placed.view.checked)
    size = _px(placed, (24 if on else 16) * share)
    middle = track.right - height // 2 if on else track.left + height // 2
    thumb = Box(middle - size // 2, top + (height - size) // 2, middle - size // 2 + size, 0)
    thumb = thumb._replace(bottom=thumb.top + size)
    clip = placed.clip
    if on:
        result.append(Fill(clip, track, _ink(placed, "primary"), height / 2))
        result.append(Fill(clip, thumb, color("on_primary"), size / 2))
        _add_icon(result, placed, thumb, "check", _px(placed, 16 * share), _ink(placed, "primary"))
    else:
        result.append(Fill(clip, track, color("surface_container_highest"), height / 2))
        result.append(Outline(clip, track, _ink(placed, "outline"), height / 2, _px(placed, 2 * share)))
        result.append(Fill(clip, thumb, _ink(placed, "outline"), size / 2))


def _mark(result: list[Operation], placed: Placed) -> None:
    """A checkbox or radio button, in its own colour where it has one."""
    on = bool(placed.view.checked)
    name = f"{placed.view.kind}_{'on' if on else 'off'}"
    own = placed.view.style.color
    ink = _ink(placed, own if own != PLAIN.color else "primary" if on else "on_surface_variant")
    _add_icon(result, placed, placed.box, name, min(_px(placed, 24), placed.box.height), ink)


def _bar(result: list[Operation], placed: Placed, box: Box, share: float) -> int:
    """A thick line, of which a share is in colour; where that ends."""
    radius = box.height / 2
    middle = box.left + round(box.width * share)
    result.append(Fill(placed.clip, box, color("secondary_container"), radius))
    if middle > box.left:
        result.append(
            Fill(
                placed.clip,
                box._replace(right=max(middle, box.left + box.height)),
                _ink(placed, "primary"),
                radius,
            )
        )
    return middle


def _share(placed: Placed) -> float:
    view = placed.view
    length = view.maximum - view.minimum
    return min(max((view.value - view.minimum) / length, 0.0), 1.0) if length > 0 else 0.0


def _slider(result: list[Operation], placed: Placed) -> None:
    size, thickness = _px(placed, 20), _px(placed, 4)
    content = placed.content
    top = content.top + (content.height - thickness) // 2
    track = Box(content.left, top, content.right, top + thickness)
    middle = _bar(result, placed, track, _share(placed))
    left = min(max(middle - size // 2, content.left), content.right - size)
    top = content.top + (content.height - size) // 2
    thumb = Box(left, top, left + size, top + size)
    result.append(Fill(placed.clip.intersect(thumb), thumb, _ink(placed, "primary"), size / 2))


def _progress(result: list[Operation], placed: Placed) -> None:
    _bar(result, placed, placed.content, _share(placed))


def _divider(result: list[Operation], placed: Placed) -> None:
    result.append(Fill(placed.clip.intersect(placed.content), placed.content, color(placed.view.style.color)))


def _image(result: list[Operation], placed: Placed) -> None:
    view, content = placed.view, placed.content
    bounds = placed.clip.intersect(content)
    radius = _radius(content, view.style.radius, placed.scale)
    if bounds.is_empty or view.picture is None:
        return
    source = view.picture if isinstance(view.picture, str) else Picture(view.picture)
    result.append(Photo(bounds, content, source, radius, view.style.align == "center"))


_KINDS: dict[str, Callable[[list[Operation], Placed], None]] = {
    "label": _label,
    "icon": _icon,
    "button": _button,
    "field": _field,
    "switch": _switch,
    "checkbox": _mark,
    "radio": _mark,
    "slider": _slider,
    "progress": _progress,
    "divider": _divider,
    "image": _image,
}
