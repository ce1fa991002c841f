"""The elements of a screen: read from a uiautomator dump, described to a model, read back from that.

Numbers, fields and filter are AndroidWorld's (`env/representation_utils.py`, and the element list of
`agents/m3a.py`): an element's number is its position among all nodes of the dump but the root.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_EDITABLE_CLASSES = ("EditText", "AutoCompleteTextView")
_PREFIX = "UI element "
_FIELD = re.compile(r'"(\w+)": ("(?:[^"\\]|\\.)*"|\d+|True|False)')
_FLAGS = {"True": True, "False": False}
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class BadDump(ValueError):
    """What the device gave as a dump is none."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a screen. Read from a description, only what is described is filled in.

    Attributes:
        index: Its number, as actions use it.
        text: What it shows; of an empty field, the hint.
        description: What a screen reader says.
        resource: Its resource id without package and type: `fab` for `net.gsantner.markor:id/fab`.
        class_name: Android class.
        package: Of the app it belongs to.
        bounds: Left, top, right, bottom, in pixels.
        has_children: Whether other elements lie in it.
    """

    index: int
    text: str = ""
    description: str = ""
    resource: str = ""
    class_name: str = ""
    package: str = ""
    bounds: tuple[int, int, int, int] = (0, 0, 0, 0)
    has_children: bool = False
    clickable: bool = False
    long_clickable: bool = False
    editable: bool = False
    scrollable: bool = False
    focusable: bool = False
    focused: bool = False
    selected: bool = False
    checkable: bool = False
    checked: bool = False
    enabled: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """Text and content description, those that are not empty."""
        return tuple(label for label in (self.text, self.description) if label)

    @property
    def center(self) -> tuple[int, int]:
        """Where a tap on it goes, in whole pixels."""
        left, top, right, bottom = self.bounds
        return int((left + right) / 2), int((top + bottom) / 2)

    def is_visible(self, width: int, height: int) -> bool:
        """Whether any of it lies on a screen of this size; AndroidWorld's agents leave out what does not."""
        left, top, right, bottom = self.bounds
        return left < right and top < bottom and left < width and top < height and right > 0 and bottom > 0


@lru_cache(maxsize=256)
def parse_dump(dump: str) -> tuple[Element, ...]:
    """All elements of a uiautomator dump, in its order.

    Raises:
        BadDump: If it is not the XML of a screen, or shows no element at all.
    """
    try:
        root = ElementTree.fromstring(dump)
        elements = tuple(_element(index, node) for index, node in enumerate(root.iter("node")))
    except (ElementTree.ParseError, ValueError) as error:
        raise BadDump(f"not a uiautomator dump ({error}): {dump[:80]!r}") from None
    if not elements:
        raise BadDump(f"a dump without elements: {dump[:80]!r}")
    return elements


def _element(index: int, node: ElementTree.Element) -> Element:
    get = node.attrib.get
    left, top, right, bottom = map(int, get("bounds", "[0,0][0,0]")[1:-1].replace("][", ",").split(","))
    class_name = get("class", "")
    return Element(
        index,
        get("text", ""),
        get("content-desc", ""),
        get("resource-id", "").rpartition("/")[2],
        class_name,
        get("package", ""),
        (left, top, right, bottom),
        len(node) > 0,
        get("clickable") == "true",
        get("long-clickable") == "true",
        class_name.endswith(_EDITABLE_CLASSES),
        get("scrollable") == "true",
        get("focusable") == "true",
        get("focused") == "true",
        get("selected") == "true",
        get("checkable") == "true",
        get("checked") == "true",
        get("enabled") == "true",
    )


def is_shown(element: Element, width: int, height: int) -> bool:
    """Whether a model is told of an element: it is on the screen, and more than a frame around others."""
    says_something = element.text or element.description or not element.has_children
    can_be_used = element.clickable or element.long_clickable or element.scrollable or element.checkable
    return bool(says_something or can_be_used) and element.is_visible(width, height)


def describe(element: Element) -> str:
    """One line about an element.

    The wording is that of AndroidWorld's M3A, with two differences: texts are written as JSON, so that an
    element stays on one line whatever it shows, and `resource_id`, which upstream gives to its other agent
    (T3A), is added.
    """
    parts = [f'"index": {element.index}']
    if element.text:
        parts.append(f'"text": {_quoted(element.text)}')
    if element.description:
        parts.append(f'"content_description": {_quoted(element.description)}')
    if element.resource:
        parts.append(f'"resource_id": {_quoted(element.resource)}')
    parts.append(f'"is_clickable": {element.clickable}')
    parts.append(f'"is_long_clickable": {element.long_clickable}')
    parts.append(f'"is_editable": {element.editable}')
    if element.scrollable:
        parts.append('"is_scrollable": True')
    if element.focusable:
        parts.append('"is_focusable": True')
    parts.append(f'"is_selected": {element.selected}')
    parts.append(f'"is_checked": {element.checked}')
    return f"{_PREFIX}{element.index}: {{{', '.join(parts)}}}"


def describe_screen(elements: Iterable[Element], width: int, height: int) -> str:
    """What a text-only model reads: a line for each element it is told of."""
    return "\n".join(describe(element) for element in elements if is_shown(element, width, height))


def read_description(text: str) -> tuple[Element, ...]:
    """The elements of a description, with what it says about them."""
    return tuple(_read_line(line) for line in text.split("\n") if line.startswith(_PREFIX))


@lru_cache(maxsize=4096)
def _read_line(line: str) -> Element:
    fields: dict[str, Any] = {
        name: _FLAGS[value] if value in _FLAGS else json.loads(value) for name, value in _FIELD.findall(line)
    }
    return Element(
        index=fields["index"],
        text=fields.get("text", ""),
        description=fields.get("content_description", ""),
        resource=fields.get("resource_id", ""),
        clickable=fields["is_clickable"],
        long_clickable=fields["is_long_clickable"],
        editable=fields["is_editable"],
        scrollable=fields.get("is_scrollable", False),
        focusable=fields.get("is_focusable", False),
        selected=fields["is_selected"],
        checked=fields["is_checked"],
    )
