"""A page as a short list of blocks that a window can show, made from HTML or plain text.

Nesting is a number (the level of a list, the panel of an article), so that no page is deep; what is longer
than the limits below is left out, and the document says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

MAX_CHARS = 200_000
MAX_BLOCKS = 600
MAX_PIECES = 6_000
MAX_LEVEL = 8


class Text(NamedTuple):
    """A piece of a line.

    Attributes:
        text: Its characters; a newline is a forced break.
        href: Where it leads, absolute; empty for plain text.
        weight: "regular", "medium" or "mono".
        saves: Whether a click saves what is there instead of showing it.
    """

    text: str
    href: str = ""
    weight: str = "regular"
    saves: bool = False


class Image(NamedTuple):
    """A picture's place in a line: what it shows, in words, where its file is, and where a click leads."""

    description: str
    address: str
    width: int
    height: int
    href: str = ""


class Control(NamedTuple):
    """Something to fill in or press.

    Attributes:
        index: Its place among the controls of the page.
        kind: "text", "password", "number", "textarea", "checkbox", "radio", "select", "submit" or "reset".
        name: What its value is sent under; empty: it is not sent.
        value: What it begins with; of a button its text; of a box what is sent when it is ticked.
        label: What it is called.
        hint: Shown while it is empty.
        options: Of a select: value and text of each.
        checked: Whether a box begins ticked.
        form: The index of its form, -1 outside of any.
    """

    index: int
    kind: str
    name: str
    value: str = ""
    label: str = ""
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()
    checked: bool = False
    form: int = -1


Inline = Text | Image | Control


class Cell(NamedTuple):
    """A cell of a table."""

    inlines: tuple[Inline, ...]
    is_header: bool = False


class Block(NamedTuple):
    """One thing below another.

    Attributes:
        kind: "heading", "paragraph", "item", "quote", "pre", "nav", "table" or "rule".
        inlines: What it holds, from left to right.
        level: Of a heading 1 to 6; of the others how far it is indented, 0 to `MAX_LEVEL`.
        marker: What stands before an item: "•" or "3.".
        rows: Of a table.
        panel: Blocks with the same number but 0 lie in one box.
        anchor: The id that an address can end with.
    """

    kind: str
    inlines: tuple[Inline, ...] = ()
    level: int = 0
    marker: str = ""
    rows: tuple[tuple[Cell, ...], ...] = ()
    panel: int = 0
    anchor: str = ""


class Form(NamedTuple):
    """Where a form's values go, and those that are not shown."""

    action: str
    hidden: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Document:
    """A page; equal to itself alone, because what is made of it is found by it and it may be long.

    Attributes:
        title: Of the window; may be empty.
        blocks: From top to bottom.
        forms: What controls belong to.
        is_cut: Whether there was more than the limits allow.
    """

    title: str
    blocks: tuple[Block, ...]
    forms: tuple[Form, ...] = ()
    is_cut: bool = False

    @property
    def controls(self) -> tuple[Control, ...]:
        """All controls, in order."""
        lines = [block.inlines for block in self.blocks]
        lines += [cell.inlines for block in self.blocks for row in block.rows for cell in row]
        found = (piece for line in lines for piece in line if isinstance(piece, Control))
        return tuple(sorted(found, key=lambda control: control.index))

    @property
    def text(self) -> str:
        """What it says, a line a block."""
        return "\n".join(
            plain(block.inlines)
            if block.kind != "table"
            else "\n".join("\t".join(plain(cell.inlines) for cell in row) for row in block.rows)
            for block in self.blocks
        )


def plain(inlines: tuple[Inline, ...]) -> str:
    """The words of a line."""
    return "".join(piece.text for piece in inlines if isinstance(piece, Text))


def text_document(text: str, title: str) -> Document:
    """A plain text as a page."""
    block = Block("pre", (Text(text[:MAX_CHARS], weight="mono"),))
    return Document(title, (block,) if text else (), is_cut=len(text) > MAX_CHARS)
