"""Where every view lies: a flex layout in whole pixels, computed from a tree of views.

Widths are settled from the outside in, then heights follow from them, then every view gets its box. Lengths
are rounded from dp to pixels once, where they are read, so that equal views have equal sizes and neighbours
share their edges. Nothing reaches out of its parent: what has no room is cut to what there is. Parts that are
shared (`parts`) are measured once, and in a window that keeps something placed once.
"""

from __future__ import annotations

from functools import lru_cache, partial

from step_gym.envs.machine import fonts
from step_gym.envs.machine.lengths import aligned, grow, justify, shrink
from step_gym.envs.machine.parts import PARTS
from step_gym.envs.machine.placed import BOXES, Box, Look, Placed, ViewState, displayed, field_state
from step_gym.envs.machine.statics import Statics
from step_gym.envs.machine.text_editing import TextState
from step_gym.envs.machine.text_layout import fit, offset_of, wrap
from step_gym.envs.machine.views import View


def place(
    root: View,
    width: int,
    height: int,
    scale: float,
    state: ViewState,
    left: int = 0,
    top: int = 0,
    whole: bool = False,
    known: Statics | None = None,
) -> Placed:
    """Lay out a tree into a rectangle.

    Args:
        root: The tree.
        width: Of the rectangle, in pixels.
        height: Likewise.
        scale: Pixels in a dp.
        state: What fields and scrolls of the tree remember.
        left: Of the rectangle on the display.
        top: Likewise.
        whole: Place what is scrolled out of sight too; its `clip` is empty.
        known: Views that were placed before; those of this tree are added.
    """
    return _Layout(scale, state, whole, known).place(
        root, left, top, width, height, Box(left, top, left + width, top + height)
    )


def natural_size(root: View, width: int, scale: float, state: ViewState) -> tuple[int, int]:
    """Width (at most `width`) and height in pixels that a tree wants."""
    layout = _Layout(scale, state)
    wanted = min(layout.width(root, width), width)
    return wanted, layout.height(root, wanted)


# Sizes in dp of what has a size of its own.
_OWN_SIZES = {
    "switch": (52.0, 32.0),
    "checkbox": (40.0, 40.0),
    "radio": (40.0, 40.0),
    "slider": (160.0, 44.0),
    "progress": (160.0, 4.0),
    "field": (200.0, 0.0),
    "divider": (1.0, 1.0),
}
BUTTON_ICON = 20.0
BUTTON_GAP = 8.0
_UNBOUNDED = 1 << 20
# As `Placed._make` in half the time: there are hundreds in a screen.
_placed = partial(tuple.__new__, Placed)
_NO_PADDING = (0, 0, 0, 0)


class _Pixels(dict[float, int]):
    """Whole pixels by dp."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self._scale = scale

    def __missing__(self, dp: float) -> int:
        pixels = self[dp] = int(dp * self._scale + 0.5)
        return pixels


@lru_cache(maxsize=16)
def _pixels(scale: float) -> _Pixels:
    return _Pixels(scale)


class _Layout:
    """One layout; it remembers sizes by a view's identity, so the tree must outlive it."""

    def __init__(
        self, scale: float, state: ViewState, whole: bool = False, known: Statics | None = None
    ) -> None:
        self.scale = scale
        self._known = known
        self._whole = whole
        self.px = _pixels(scale)
        self.state = state
        self._widths: dict[tuple[float, int], int] = {}
        self._heights: dict[tuple[float, int], int] = {}

    def _text_px(self, view: View) -> int:
        return round(view.style.size * self.scale)

    # How wide a view wants to be.

    def width(self, view: View, available: int) -> int:
        """Pixels across that a view wants, at most `available` but for a fixed width."""
        style = view.style
        if style.width is not None:
            return self.px[style.width]
        if view.kind not in ("box", "scroll"):
            return min(self._own_width(view, available), available)
        part = PARTS.get(id(view))
        known = self._widths if part is None else part.widths
        key = (id(view) if part is None else self.scale, available)
        found = known.get(key)
        if found is None:
            pad = self._across(style.padding)
            inner = self._children_width(view, max(available - pad, 0))
            found = known[key] = min(inner + pad, available)
        return found

    def _across(self, padding: tuple[float, float, float, float]) -> int:
        return 0 if padding == _NO_PADDING else self.px[padding[0]] + self.px[padding[2]]

    def _down(self, padding: tuple[float, float, float, float]) -> int:
        return 0 if padding == _NO_PADDING else self.px[padding[1]] + self.px[padding[3]]

    def _own_width(self, view: View, available: int) -> int:
        style = view.style
        pad = self._across(style.padding)
        inner = max(available - pad, 0)
        if view.kind == "label":
            return pad + fit(view.text, inner, self._text_px(view), style.weight, style.max_lines)[0]
        if view.kind == "button":
            return pad + self._button_size(view, inner)[0]
        if view.kind == "icon":
            return pad + self.px[style.size]
        if view.kind == "image":
            return pad + _picture_size(view)[0]
        return pad + self.px[_OWN_SIZES[view.kind][0]]

    def _children_width(self, view: View, inner: int) -> int:
        children = view.children
        if not children:
            return 0
        if view.direction == "row":
            widths = [self.width(child, _UNBOUNDED) for child in children]
            return sum(widths) + self.px[view.style.gap] * (len(widths) - 1)
        if view.direction == "grid":
            gaps = self.px[view.style.gap] * (view.columns - 1)
            cell = max(inner - gaps, 0) // view.columns
            return gaps + view.columns * max(self.width(child, cell) for child in children)
        return max([self.width(child, inner) for child in children])

    def _button_size(self, view: View, inner: int) -> tuple[int, int]:
        """Size of icon and text together."""
        style = view.style
        if not view.text:
            side = self.px[style.size] if view.icon else 0
            return side, side
        icon = self.px[BUTTON_ICON] + self.px[BUTTON_GAP] if view.icon else 0
        w, h, _ = fit(view.text, max(inner - icon, 0), self._text_px(view), style.weight, 1)
        return icon + w, max(h, self.px[BUTTON_ICON]) if icon else h

    # How high it then has to be.

    def height(self, view: View, width: int) -> int:
        """Pixels down that a view wants at a width."""
        style = view.style
        if style.height is not None:
            return self.px[style.height]
        kind = view.kind
        if kind == "label":
            inner = max(width - self._across(style.padding), 0)
            size_px = round(style.size * self.scale)
            return (
                self._down(style.padding) + fit(view.text, inner, size_px, style.weight, style.max_lines)[1]
            )
        if kind not in ("box", "scroll"):
            inner = max(width - self._across(style.padding), 0)
            return self._down(style.padding) + self._own_height(view, inner)
        part = PARTS.get(id(view))
        known = self._heights if part is None else part.heights
        key = (id(view) if part is None else self.scale, width)
        found = known.get(key)
        if found is None:
            inner = max(width - self._across(style.padding), 0)
            found = known[key] = self._down(style.padding) + self._children_height(view, inner)
        return found

    def _own_height(self, view: View, inner: int) -> int:
        if view.kind == "icon":
            return self.px[view.style.size]
        if view.kind == "button":
            return self._button_size(view, inner)[1]
        if view.kind == "field":
            size_px = self._text_px(view)
            lines = len(self._field_spans(view, inner, size_px)) if view.multiline else 1
            lines = min(lines, view.style.max_lines or lines)
            return lines * fonts.line_height(size_px)
        if view.kind == "image":
            across, down = _picture_size(view)
            return round(down * inner / across) if across else 0
        return max(self.px[_OWN_SIZES[view.kind][1]], 1)

    def _field_spans(self, view: View, inner: int, size_px: int) -> tuple[tuple[int, int], ...]:
        text = displayed(view, field_state(view, self.state).text)
        return wrap(text, inner, size_px, view.style.weight)

    def _children_height(self, view: View, inner: int) -> int:
        children = view.children
        if not children:
            return 0
        style = view.style
        if view.direction == "column":
            heights = [self.height(child, self._cross(child, inner, style.align)) for child in children]
            return sum(heights) + self.px[style.gap] * (len(heights) - 1)
        if view.direction == "row":
            if view.kind == "scroll":
                return max(self.height(child, self.width(child, _UNBOUNDED)) for child in children)
            widths = self._row_widths(view, inner, self.px[style.gap])
            return max(map(self.height, children, widths))
        if view.direction == "grid":
            gap = self.px[style.gap]
            rows = self._grid_rows(view, max(inner - gap * (view.columns - 1), 0) // view.columns)
            return sum(rows) + gap * (len(rows) - 1)
        return max([self.height(child, self._cross(child, inner, style.align)) for child in children])

    def _cross(self, child: View, available: int, align: str) -> int:
        """Width of a child of a column or stack."""
        if align == "stretch" and child.style.width is None:
            return available
        return min(self.width(child, available), available)

    def _grid_rows(self, view: View, cell: int) -> list[int]:
        heights = [self.height(child, cell) for child in view.children]
        return [max(heights[i : i + view.columns]) for i in range(0, len(heights), view.columns)]

    def _row_widths(self, view: View, inner: int, gap: int) -> list[int]:
        """Widths of the children of a row of `inner` pixels: grown into free space, or shrunk to fit."""
        children, px = view.children, self.px
        widths = [
            0
            if child.style.grow
            else self.width(child, inner)
            if child.style.width is None
            else px[child.style.width]
            for child in children
        ]
        free = inner - sum(widths) - gap * (len(children) - 1)
        if free < 0:
            soft = [i for i, child in enumerate(children) if widths[i] and child.style.width is None]
            shrink(widths, soft, -free)
        elif free > 0:
            grow(widths, children, free)
        return widths

    def _column_heights(self, view: View, widths: list[int], inner: int, gap: int) -> list[int]:
        """Heights of the children of a column; where it is too low, what can scroll gives way."""
        children, px = view.children, self.px
        heights = [
            0
            if child.style.grow
            else self.height(child, width)
            if child.style.height is None
            else px[child.style.height]
            for child, width in zip(children, widths, strict=True)
        ]
        free = inner - sum(heights) - gap * (len(children) - 1)
        if free < 0:
            soft = [i for i, c in enumerate(children) if c.style.height is None and _can_scroll(c)]
            shrink(heights, soft, -free)
        elif free > 0:
            grow(heights, children, free)
        return heights

    # Where it goes.

    def place(self, view: View, left: int, top: int, width: int, height: int, clip: Box) -> Placed:
        """Give a view its box, and its children theirs."""
        if self._known is not None:
            return self._known.place(self.place_afresh, view, left, top, width, height, clip, self.scale)
        return self.place_afresh(view, left, top, width, height, clip)

    def place_afresh(
        self, view: View, left: int, top: int, width: int, height: int, clip: Box, look: Look | None = None
    ) -> Placed:
        """The same without looking for one that is known; see `Placed` for `look`."""
        right, bottom = left + width, top + height
        box = content = BOXES[left, top, right, bottom]
        clip = box.intersect(clip)
        style = view.style
        pads = style.padding
        if pads != _NO_PADDING:
            px = self.px
            inner_left, inner_top = min(left + px[pads[0]], right), min(top + px[pads[1]], bottom)
            content = BOXES[
                inner_left,
                inner_top,
                max(right - px[pads[2]], inner_left),
                max(bottom - px[pads[3]], inner_top),
            ]
        focused = view.id == self.state.focus and view.id != ""
        kind = view.kind
        children: tuple[Placed, ...] = ()
        lines: tuple[str, ...] = ()
        state: TextState | None = None
        offset = extent = 0
        if kind == "box":
            if view.children:
                children = tuple(_PLACERS[view.direction](self, view, content, clip))
        elif kind == "label":
            size_px = round(style.size * self.scale)
            _, needed, lines = fit(view.text, content.width, size_px, style.weight, style.max_lines)
            if style.justify != "start" and needed < content.height:
                spare = content.height - needed
                at = content.top + (spare // 2 if style.justify == "center" else spare)
                content = BOXES[content.left, at, content.right, at + needed]
        elif kind == "button":
            content, lines = self._button(view, content)
        elif kind == "field":
            state = field_state(view, self.state)
            content, lines, offset, extent = self._field(view, content, state, focused)
        elif kind == "scroll":
            # Its padding scrolls along, so that what is scrolled reaches to the edges.
            if view.direction == "row":
                content = BOXES[left, content.top, right, content.bottom]
            else:
                content = BOXES[content.left, top, content.right, bottom]
            children, offset, extent = self._scroll(view, content, clip)
        fields = (view, box, clip, children, lines, content, state, focused, offset, extent, self.scale, look)
        return _placed(fields)

    def _button(self, view: View, content: Box) -> tuple[Box, tuple[str, ...]]:
        w, h = self._button_size(view, content.width)
        lines: tuple[str, ...] = ()
        if view.text:
            icon = self.px[BUTTON_ICON] + self.px[BUTTON_GAP] if view.icon else 0
            room = max(content.width - icon, 0)
            lines = fit(view.text, room, self._text_px(view), view.style.weight, 1)[2]
        left = content.left + max((content.width - w) // 2, 0)
        top = content.top + (content.height - h) // 2
        return BOXES[left, top, left + w, top + h], lines

    def _field(
        self, view: View, content: Box, state: TextState, focused: bool
    ) -> tuple[Box, tuple[str, ...], int, int]:
        """Where the text of a field is drawn, its lines, how far it is scrolled, and of how much."""
        text = displayed(view, state.text)
        size_px = self._text_px(view)
        line_height = fonts.line_height(size_px)
        if view.multiline:
            lines = tuple([text[a:b] for a, b in self._field_spans(view, content.width, size_px)])
            extent = len(lines) * line_height
            offset = min(self.state.scrolls.get(view.id, 0), max(extent - content.height, 0))
            return content, lines, offset, extent
        caret = round(offset_of(text, state.cursor, size_px, view.style.weight)) if focused else 0
        offset = max(caret - content.width + self.px[2], 0)
        top = content.top + (content.height - line_height) // 2
        return BOXES[content.left, top, content.right, top + line_height], (text,), offset, 0

    def _scroll(self, view: View, content: Box, clip: Box) -> tuple[tuple[Placed, ...], int, int]:
        """The children of a scroll that can be seen, how far it is scrolled, and of how much."""
        horizontal = view.direction == "row"
        style = view.style
        px = self.px
        gap, pads = px[style.gap], style.padding
        if horizontal:
            lengths = [self.width(child, _UNBOUNDED) for child in view.children]
            room, at, margins = content.width, content.left + px[pads[0]], self._across(pads)
        else:
            widths = [self._cross(child, content.width, style.align) for child in view.children]
            lengths = list(map(self.height, view.children, widths))
            room, at, margins = content.height, content.top + px[pads[1]], self._down(pads)
        extent = sum(lengths) + gap * max(len(lengths) - 1, 0) + margins
        offset = min(self.state.scrolls.get(view.id, 0), max(extent - room, 0))
        inside = content.intersect(clip)
        first, last = (inside.left, inside.right) if horizontal else (inside.top, inside.bottom)
        at -= offset
        children = []
        for i, (child, length) in enumerate(zip(view.children, lengths, strict=True)):
            if at >= last and not self._whole:
                break
            if at + length > first or self._whole:
                if horizontal:
                    children.append(self.place(child, at, content.top, length, content.height, inside))
                else:
                    left = aligned(content.left, content.width - widths[i], style.align)
                    children.append(self.place(child, left, at, widths[i], length, inside))
            at += length + gap
        return tuple(children), offset, extent

    def _column(self, view: View, content: Box, clip: Box) -> list[Placed]:
        style, px = view.style, self.px
        first, at, right, end = content
        inner, align, room = right - first, style.align, end - at
        widths = [
            inner if align == "stretch" and child.style.width is None else self._cross(child, inner, align)
            for child in view.children
        ]
        gap = px[style.gap]
        heights = self._column_heights(view, widths, room, gap)
        at, gap = justify(at, room, heights, gap, style.justify)
        result = []
        for child, width, height in zip(view.children, widths, heights, strict=True):
            if not 0 <= height <= end - at:
                height = max(min(height, end - at), 0)
            left = first if width == inner else aligned(first, inner - width, align)
            result.append(self.place(child, left, at, width, height, clip))
            at += height + gap
            if at > end:
                at = end
        return result

    def _row(self, view: View, content: Box, clip: Box) -> list[Placed]:
        style, px = view.style, self.px
        at, first, end, bottom = content
        inner, align, room = bottom - first, style.align, end - at
        gap = px[style.gap]
        widths = self._row_widths(view, room, gap)
        at, gap = justify(at, room, widths, gap, style.justify)
        result = []
        for child, width in zip(view.children, widths, strict=True):
            if not 0 <= width <= end - at:
                width = max(min(width, end - at), 0)
            own = child.style.height
            if own is None:
                height = inner if align == "stretch" else min(self.height(child, width), inner)
            else:
                height = min(px[own], inner)
            top = first if height == inner else aligned(first, inner - height, align)
            result.append(self.place(child, at, top, width, height, clip))
            at += width + gap
            if at > end:
                at = end
        return result

    def _grid(self, view: View, content: Box, clip: Box) -> list[Placed]:
        columns, gap = view.columns, self.px[view.style.gap]
        cell = max(content.width - gap * (columns - 1), 0) // columns
        result = []
        top = content.top
        for i, row in enumerate(self._grid_rows(view, cell)):
            height = min(row, content.bottom - top)
            for j, child in enumerate(view.children[i * columns : (i + 1) * columns]):
                left = min(content.left + j * (cell + gap), content.right)
                result.append(self.place(child, left, top, cell, height, clip))
            top = min(top + height + gap, content.bottom)
        return result

    def _stack(self, view: View, content: Box, clip: Box) -> list[Placed]:
        style = view.style
        result = []
        for child in view.children:
            width = self._cross(child, content.width, style.align)
            height = content.height
            if child.style.height is not None or not (style.justify == "stretch" or child.style.grow):
                height = min(self.height(child, width), height)
            top = aligned(content.top, content.height - height, style.justify)
            left = aligned(content.left, content.width - width, style.align)
            result.append(self.place(child, left, top, width, height, clip))
        return result


_PLACERS = {"column": _Layout._column, "row": _Layout._row, "grid": _Layout._grid, "stack": _Layout._stack}


def _picture_size(view: View) -> tuple[int, int]:
    """Width and height of an image in its own pixels; a drawing function has none."""
    shape = getattr(view.picture, "shape", (0, 0))
    return int(shape[1]), int(shape[0])


def _can_scroll(view: View) -> bool:
    """Whether it loses nothing by being lower than its content."""
    return view.kind == "scroll" or view.multiline or any(map(_can_scroll, view.children))
