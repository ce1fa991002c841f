"""A document as views: lines of words, links and controls that are broken to the page's width here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from step_gym.envs.machine import fonts
from step_gym.envs.machine.apps.web.addresses import file_path
from step_gym.envs.machine.apps.web.document import Block, Control, Document, Image, Inline, Text
from step_gym.envs.machine.text_layout import wrap
from step_gym.envs.machine.views import Style, View
from step_gym.envs.machine.widgets import box
from step_gym.envs.osworld.simulator import widgets
from step_gym.envs.osworld.simulator.kept import kept
from step_gym.envs.osworld.simulator.picture_files import picture_of
from step_gym.envs.osworld.simulator.programs.browser.bars import browser_of

if TYPE_CHECKING:
    from step_gym.envs.osworld.simulator.program_window import ProgramWindow

_WORDS = re.compile(r"[^\s-]*-+|\S+[^\S\n]*|[^\S\n]+|\n")
_HEADINGS = {1: 1.9, 2: 1.4, 3: 1.2}
_INDENT = 26
_FIELD, _AREA, _CHOICE = 280, 460, 220
MATCH, CURRENT_MATCH = "#fde293", "#ff9632"


class _Group(NamedTuple):
    """Blocks in one view: one by itself, or those of a panel.

    Attributes:
        first: Index of the first block.
        end: Of the block behind the last one.
        is_plain: Whether how they look depends on the document alone.
    """

    first: int
    end: int
    is_plain: bool


@lru_cache(maxsize=64)
def _groups(document: Document) -> tuple[_Group, ...]:
    blocks = document.blocks
    firsts = [
        i for i, block in enumerate(blocks) if not (i and block.panel and block.panel == blocks[i - 1].panel)
    ]
    return tuple(
        _Group(first, end, all(map(_is_plain, blocks[first:end])))
        for first, end in pairwise([*firsts, len(blocks)])
    )


def _is_plain(block: Block) -> bool:
    """Whether a block has no controls, and no pictures from files."""
    pieces = [*block.inlines, *(piece for row in block.rows for cell in row for piece in cell.inlines)]
    return all(
        isinstance(piece, Text) or (isinstance(piece, Image) and not piece.address.startswith("file:"))
        for piece in pieces
    )


class _Run(NamedTuple):
    """Characters of one look, side by side."""

    text: str
    href: str
    weight: str
    saves: bool
    match: int
    whole: str


@dataclass
class PageView:
    """Makes the views of one document.

    Attributes:
        ui: The window.
        document: What is shown.
        prefix: Of the ids of its controls.
        values: What boxes and choices hold that were changed, by index of the control.
        width: Of the column of text, in pixels.
        size: Of its type.
        query: What is searched for on the page; matches are marked.
        current: The number of the match that is shown, from 0.
        matches: How many there are, once it is built.
        match_at: In which of the views the current match is, once it is built.
    """

    ui: ProgramWindow
    document: Document
    prefix: str
    values: dict[int, str]
    width: int
    size: int
    query: str = ""
    current: int = 0
    matches: int = 0
    match_at: int = 0

    def build(self) -> list[View]:
        """Views from top to bottom; blocks of one panel are in one of them."""
        made: list[View] = []
        for first, end, is_plain in _groups(self.document):
            if is_plain and not self.query:
                made.append(kept(_plain, self.document, first, end, self.width, self.size))
                continue
            before = self.matches
            view = self.group(first, end)
            if before <= self.current < self.matches:
                self.match_at = len(made)
            made.append(view)
        if self.document.is_cut:
            made.append(widgets.text("The rest of this page is too long to be shown.", color="outline"))
        return made

    def place_of(self, anchor: str) -> int:
        """Which of the views an address that ends with that id means; the first where there is none."""
        for number, (first, end, _) in enumerate(_groups(self.document)):
            if anchor and any(block.anchor == anchor for block in self.document.blocks[first:end]):
                return number
        return 0

    # Blocks.

    def group(self, first: int, end: int) -> View:
        """The blocks from one index to before another, which are a panel or just one."""
        blocks = self.document.blocks[first:end]
        if not blocks[0].panel:
            return self._block(blocks[0], self.width)
        return _panel([self._block(block, self.width - 40) for block in blocks])

    def _block(self, block: Block, width: int) -> View:
        if block.kind == "rule":
            return _RULE
        if block.kind == "table":
            return self._table(block, width)
        if block.kind == "heading":
            size = round(self.size * _HEADINGS.get(block.level, 1.05))
            lines = self._lines(block.inlines, width, size, "medium")
            return box("column", lines, padding=(0, 10 if block.level < 3 else 6, 0, 2))
        if block.kind == "nav":
            return self._nav(block, width)
        if block.kind == "pre":
            lines = self._lines(block.inlines, width - 32, self.size - 2, "")
            return box("column", lines, padding=(16, 12), background="surface_container_low", radius=8)
        indent = _INDENT * block.level
        if block.kind == "item":
            lines = self._lines(block.inlines, width - indent, self.size, "")
            style = Style(width=indent, size=self.size, padding=(indent - 20, 0, 0, 0))
            marker = View("label", "", block.marker, style=style)
            return box("row", (marker, box("column", lines, grow=1)))
        lines = self._lines(block.inlines, width - indent, self.size, "")
        return box("column", lines, padding=(indent, 0, 0, 0))

    def _nav(self, block: Block, width: int) -> View:
        if sum(self._wanted(piece) + 18 for piece in block.inlines) > width - 32:
            inside = self._lines(block.inlines, width - 32, self.size - 1, "")
        else:
            words = [
                piece._replace(text=piece.text.strip()) for piece in block.inlines if isinstance(piece, Text)
            ]
            runs = [list(self._runs(word, "medium")) for word in words if word.text]
            cells = [box("row", [self._label(run, self.size - 1) for run in cell]) for cell in runs]
            inside = [box("row", cells, gap=18)]
        return box("column", inside, padding=(16, 11), background="primary_container", radius=10)

    def _table(self, block: Block, width: int) -> View:
        columns = max(len(row) for row in block.rows)
        wanted = [24] * columns
        for row in block.rows:
            for i, cell in enumerate(row):
                wanted[i] = max(wanted[i], min(sum(self._wanted(piece) for piece in cell.inlines) + 30, 700))
        total = sum(wanted)
        widths = wanted if total <= width else [max(int(w * width / total), 8) for w in wanted]
        rows: list[View] = []
        for number, row in enumerate(block.rows):
            cells = [
                box(
                    "column",
                    self._lines(
                        cell.inlines, max(widths[i] - 24, 8), self.size, "medium" if cell.is_header else ""
                    ),
                    width=widths[i],
                    padding=(12, 7),
                    background="surface_container" if cell.is_header else "",
                )
                for i, cell in enumerate(row)
            ]
            if number:
                rows.append(_LINE)
            rows.append(box("row", cells))
        table = box("column", rows, width=sum(widths), border="outline_variant", radius=6)
        return box("row", (table,))

    def _wanted(self, piece: Inline) -> int:
        if isinstance(piece, Text):
            return max(math.ceil(fonts.measure(line, self.size, "medium")) for line in piece.text.split("\n"))
        return piece.width if isinstance(piece, Image) else self._control_width(piece)

    # Lines.

    def _lines(self, inlines: Sequence[Inline], width: int, size: int, weight: str) -> list[View]:
        """Rows of what fits side by side."""
        if len(inlines) == 1 and isinstance(inlines[0], Text) and not inlines[0].href:
            text = inlines[0].text
            if not self.query or self.query not in text.lower():
                return [_paragraph(text, size, weight or inlines[0].weight)]
        lines: list[list[_Run | View]] = [[]]
        room = width

        def new_line() -> None:
            nonlocal room
            lines.append([])
            room = width

        for piece in inlines:
            if not isinstance(piece, Text):
                view, wide = self._object(piece, width)
                if wide + 6 > room and lines[-1]:
                    new_line()
                lines[-1].append(view)
                room -= wide + 6
                continue
            for run in self._runs(piece, weight):
                for word in _WORDS.findall(run.text):
                    if word == "\n":
                        new_line()
                        continue
                    for part in _fitting(word, width, size, run.weight):
                        wide = fonts.measure(part.rstrip(), size, run.weight)
                        if wide > room - 2 and lines[-1]:
                            new_line()
                        last = lines[-1][-1] if lines[-1] else None
                        if isinstance(last, _Run) and last[1:] == run[1:]:
                            lines[-1][-1] = last._replace(text=last.text + part)
                        else:
                            lines[-1].append(run._replace(text=part))
                            room -= 2
                        room -= fonts.measure(part, size, run.weight)
        return [
            box(
                "row",
                [self._label(one, size) if isinstance(one, _Run) else one for one in line],
                align="center",
                gap=0 if all(isinstance(one, _Run) for one in line) else 6,
                height=None if line else fonts.line_height(size),
            )
            for line in lines
        ]

    def _runs(self, piece: Text, weight: str) -> Iterable[_Run]:
        """The piece, cut where what is searched for begins and ends."""
        weight = weight or piece.weight
        text, query = piece.text, self.query
        lower = text.lower() if query else ""
        if len(lower) != len(text):  # a letter whose lower case is longer: places do not agree
            lower = text
        at = 0
        while query and (found := lower.find(query, at)) >= 0:
            if found > at:
                yield _Run(text[at:found], piece.href, weight, piece.saves, -1, text)
            at = found + len(query)
            yield _Run(text[found:at], piece.href, weight, piece.saves, self.matches, text)
            self.matches += 1
        if at < len(text):
            yield _Run(text[at:], piece.href, weight, piece.saves, -1, text)

    def _label(self, run: _Run, size: int) -> View:
        mark = "" if run.match < 0 else CURRENT_MATCH if run.match == self.current else MATCH
        style = Style(
            width=math.ceil(fonts.measure(run.text, size, run.weight)) + 1,
            size=size,
            weight=run.weight,
            max_lines=1,
            color="primary" if run.href else "on_surface",
            background=mark,
        )
        if not run.href:
            return View("label", "", run.text, style=style)
        return View(
            "label",
            "",
            run.text,
            run.whole.strip(),
            style=style,
            on_tap=lambda: browser_of(self.ui).go(self.ui, run.href, saves=run.saves),
            on_long_press=lambda: self.ui.popup(f"link:{run.href}"),
            role="link",
        )

    # What is no text.

    def _object(self, piece: Image | Control, width: int) -> tuple[View, int]:
        """A picture or control, and how wide it is."""
        if isinstance(piece, Image):
            wide = min(piece.width, width)
            return self._image(piece, wide), wide
        return self._control(piece), self._control_width(piece)

    def _image(self, piece: Image, wide: int) -> View:
        address = piece.address
        picture = (
            picture_of(self.ui.machine.files, file_path(address)) if address.startswith("file:") else None
        )
        act = (lambda: browser_of(self.ui).go(self.ui, piece.href)) if piece.href else None
        if picture is not None:
            style = Style(width=wide, height=piece.height, radius=6)
            return View("image", "", "", piece.description, picture=picture, style=style, on_tap=act)
        holder = box(
            "column",
            (View("icon", icon="photo", style=_PHOTO), widgets.text(piece.description, 12, "outline")),
            width=wide,
            height=piece.height,
            background="surface_container",
            radius=6,
            align="center",
            justify="center",
            description=piece.description or "Picture",
            on_tap=act,
        )
        return holder._replace(role="image")

    def _control_width(self, control: Control) -> int:
        if control.kind in ("checkbox", "radio"):
            return 30 + math.ceil(fonts.measure(control.label, widgets.TEXT))
        if control.kind in ("submit", "reset"):
            return 30 + math.ceil(fonts.measure(control.label or control.value, widgets.TEXT, "medium"))
        return {"select": _CHOICE, "textarea": _AREA}.get(control.kind, _FIELD)

    def id_of(self, control: Control) -> str:
        """The id of a control's view."""
        return f"{self.prefix}{control.index}"

    def value(self, control: Control) -> str:
        """What a control holds; of a box that is not ticked, nothing."""
        if control.kind in ("checkbox", "radio"):
            return self.values.get(control.index, control.value if control.checked else "")
        if control.kind == "select":
            return self.values.get(control.index, control.value)
        return self.ui.text(self.id_of(control), control.value)

    def _control(self, control: Control) -> View:
        id, ui = self.id_of(control), self.ui
        if control.kind == "checkbox" or control.kind == "radio":
            return widgets.check(
                control.label,
                bool(self.value(control)),
                lambda on: browser_of(ui).change(ui, control, control.value if on else ""),
                kind=control.kind,
                id=id,
            )
        if control.kind == "select":
            shown = dict(control.options).get(self.value(control), "")
            name = control.label or control.name
            return widgets.choice(
                id, name, shown, lambda: ui.popup(f"select:{control.index}", id), width=_CHOICE
            )
        if control.kind in ("submit", "reset"):
            kind = "filled" if control.kind == "submit" else "plain"
            text = control.label or control.value
            return widgets.button(
                text, lambda: browser_of(ui).press(ui, control), kind, id=id, enabled=control.form >= 0
            )
        is_area = control.kind == "textarea"
        return widgets.field(
            id,
            control.hint,
            control.value,
            name=control.label or control.name,
            on_submit=None if is_area or control.form < 0 else lambda _: browser_of(ui).press(ui, control),
            multiline=is_area,
            password=control.kind == "password",
            number=control.kind == "number",
            width=_AREA if is_area else _FIELD,
            height=110 if is_area else 32,
        )


def _plain(ui: ProgramWindow, document: Document, first: int, end: int, width: int, size: int) -> View:
    return PageView(ui, document, "", {}, width, size).group(first, end)


def _fitting(word: str, width: int, size: int, weight: str) -> list[str]:
    """A word in parts that are no wider than a line."""
    if len(word) * size < width or fonts.measure(word, size, weight) <= width - 4:
        return [word]
    return [word[start:end] for start, end in wrap(word, max(width - 4, size), size, weight)]


@lru_cache(maxsize=2048)
def _paragraph(text: str, size: int, weight: str) -> View:
    return View("label", "", text, style=Style(size=size, weight=weight), is_static=True)


def _panel(views: list[View]) -> View:
    return box(
        "column",
        views,
        padding=(20, 12, 20, 16),
        gap=6,
        background="surface",
        radius=12,
        border="outline_variant",
    )


_RULE = View(
    "box",
    children=(View("divider", style=Style(color="outline_variant")),),
    style=Style(padding=(0, 8, 0, 8)),
)
_LINE = View("divider", style=Style(color="outline_variant"))
_PHOTO = Style(width=28, height=28, size=28, color="outline")
