"""What a model is told of an accessibility tree, and that it can be read back."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.osworld.elements import (
    HEADER,
    BadTree,
    Element,
    describe,
    read_description,
    read_screen,
    split_tree,
)

_SPACE = "https://accessibility.ubuntu.example.org/ns/"
_HEAD = (
    f'<desktop-frame xmlns:st="{_SPACE}state" xmlns:cp="{_SPACE}component" xmlns:attr="{_SPACE}attributes">'
)
_ON = 'st:enabled="true" st:showing="true" st:visible="true"'


def place(x, y, width, height):
    return f'cp:screencoord="({x}, {y})" cp:size="({width}, {height})"'


# In the form of what OSWorld's server gives for mousepad and a calculator, applications in the order in which
# its threads were done.
TREE = (
    f'{_HEAD}<application name="mousepad">'
    f'<frame name="Untitled 1 - Mousepad" st:active="true" {_ON} {place(100, 50, 640, 480)}>'
    f"<filler {_ON} {place(100, 50, 640, 480)}>"
    f"<menu-bar {_ON} {place(100, 50, 640, 25)}>"
    f'<menu name="File" {_ON} st:selectable="true" {place(100, 50, 40, 25)}>'
    '<menu-item name="Save" st:enabled="true"/></menu></menu-bar>'
    f'<text {_ON} st:editable="true" st:focused="true" {place(100, 75, 640, 400)}>'
    "two\nlines\tand a tab</text>"
    f'<label name="off" {_ON} {place(3000, 75, 64, 40)}>off</label>'
    '<check-box name="Wrap" st:checked="true" st:showing="true" st:visible="true" '
    f"{place(110, 500, 61, 21)}/>"
    "</filler></frame></application>"
    f'<application name="galculator"><frame name="calc" {_ON} {place(0, 0, 50, 50)}>'
    f'<label name="12" {_ON} {place(0, 0, 50, 10)}>12</label></frame></application></desktop-frame>'
)


def told(xml, most_chars=10_000):
    return read_screen(split_tree(xml), 1920, 1080, most_chars)


def elements_of(xml):
    return read_description(told(xml).text)


def test_a_desktop_without_programs():
    assert told(_HEAD.replace(">", "/>")).text == told(f"{_HEAD}</desktop-frame>").text == HEADER


def test_a_tree_of_two_programs():
    elements = elements_of(TREE)
    assert [(e.tag, e.name, e.text, e.window) for e in elements] == [
        ("frame", "calc", "", "calc"),
        ("label", "12", "", "calc"),
        ("frame", "Untitled 1 - Mousepad", "", "Untitled 1 - Mousepad"),
        ("menu", "File", "", "Untitled 1 - Mousepad"),
        ("text", "", "two\nlines\tand a tab", "Untitled 1 - Mousepad"),
        ("check-box", "Wrap", "", "Untitled 1 - Mousepad"),
    ]
    assert [e.index for e in elements] == list(range(6))
    assert elements[2].states == ("active",)
    text, box = elements[4:]
    assert text.center == (420, 275) and text.size == (640, 400) and text.box == (100, 75, 740, 475)
    assert text.focused and text.states == ("focused", "editable") and text.labels == (text.text,)
    assert box.box == (110, 500, 171, 521) and box.checked and not box.enabled


def test_the_lines():
    described = told(TREE).text
    lines = described.split("\n")
    assert lines[0] == HEADER and len(lines) == 7
    assert lines[5] == 'text\t""\t"two\\nlines\\tand a tab"\t(420, 275)\t(640, 400)\tfocused, editable'
    assert lines[6] == 'check-box\t"Wrap"\t""\t(140, 510)\t(61, 21)\tchecked, disabled'
    assert "\n".join((HEADER, *map(describe, read_description(described)))) == described
    rejected = f"Invalid action: x='\\t\\t\\t\\t' is wrong\n{described}"
    assert read_description(rejected) == read_description(described)


def test_the_order_of_applications_is_not_that_of_the_tree():
    first, second = TREE.split("<application ")[1:]
    second, end = second.split("</desktop-frame>")[0], "</desktop-frame>"
    assert told(f"{_HEAD}<application {second}<application {first}{end}") == told(TREE)


def test_the_key_leaves_out_the_clock_and_nothing_else():
    def key(window, clock, other="x"):
        labels = "".join(
            f'<label name="{name}" {_ON} {place(0, 0, 9, 9)}>{name}</label>' for name in (clock, other)
        )
        frame = f'<frame name="{window}" {_ON} {place(0, 0, 50, 50)}>{labels}</frame>'
        return told(f'{_HEAD}<application name="a">{frame}</application></desktop-frame>').key

    assert key("Panel", "09:30") == key("Panel", "9:31 PM") != key("Panel", "09:30", "y")
    assert key("Notes", "09:30") != key("Notes", "09:31")


def test_the_tree_in_other_spellings_of_xml():
    spelled = TREE.replace("/><", "/>\n  <").replace(
        'name="calc"', 'name="a &lt;b&gt; &amp;amp; &#34;c&quot;"'
    )
    assert [e.name for e in elements_of(f"<?xml version='1.0'?>\n{spelled}\n")][0] == 'a <b> &amp; "c"'
    assert [e.text for e in elements_of(spelled)][1:] == [e.text for e in elements_of(TREE)][1:]


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["frame", "label", "entry"]), texts, texts, st.sampled_from([(), ("focused",)])
        ),
        max_size=8,
    )
)
def test_any_texts_are_read_back(parts):
    window, elements = "", []
    for index, (tag, name, text, states) in enumerate(parts):
        window = name if tag == "frame" else window
        elements.append(Element(index, tag, name, text, (index, 5), (3, 4), states, window))
    assert read_description("\n".join(map(describe, elements))) == tuple(elements)


@given(texts, texts)
def test_any_texts_of_a_tree_are_told(name, text):
    name, text = (re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", t) for t in (name, text))
    root = ElementTree.Element("desktop-frame")
    application = ElementTree.SubElement(root, "application", name="a")
    attributes = {"name": name, "cp:screencoord": "(5, 5)", "cp:size": "(2, 2)", "st:focusable": "true"}
    ElementTree.SubElement(application, "entry", attributes).text = text
    (element,) = elements_of(ElementTree.tostring(root, "unicode"))
    assert (element.name, element.text) == (name, text)


def test_a_long_description_is_cut_with_a_mark():
    labels = "".join(f'<label name="label {i}" {_ON} {place(i, i, 2, 2)}/>' for i in range(100))
    xml = f'{_HEAD}<application name="a">{labels}</application></desktop-frame>'
    whole, cut = told(xml), told(xml, 1000)
    assert len(cut.text) <= 1000 and cut.key == whole.key
    lines = cut.text.split("\n")
    kept = len(lines) - 2
    assert lines[-1] == f"[{100 - kept} more elements left out]" and 0 < kept < 100
    assert read_description(cut.text) == read_description(whole.text)[:kept]
    assert told(xml, len(whole.text) + 1).text == whole.text


@pytest.mark.parametrize("xml", ["", "<html>", "<desktop-frame>", "null", "<a>\0</a>", "\ud800"])
def test_what_is_no_tree(xml):
    with pytest.raises(BadTree, match="not an accessibility tree"):
        told(xml)
