"""Pages are read as the standard library's tokens say, whatever the text is."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.envs.machine.apps.web.document import MAX_BLOCKS, MAX_PIECES, Cell, Control, Image, Text
from step_gym.envs.machine.apps.web.html_reader import parse

PAGE = """<!DOCTYPE html><html><head><title> A &amp; B </title><style>p{}</style></head><body>
<h1 id="top">Title</h1><p>Some <b>bold</b> and <a href="../x?y=1#z">a
link</a>.<!-- <p>not seen --><script>document.write("<p>no")</script>
<ul><li>one<li>two<ol start=3><li>inner</ol></ul>
<table><tr><th>A<th>B<tr><td>1<td><a href=q>2</a></table>
<article><h3>Card</h3><img src=pic.png alt="A lake" width=40></article>
<form action="/go"><input type=hidden name=h value=1><label>Name <input name=n></label>
<label><input type=checkbox name=c checked> Agree</label>
<select name=s><option value=1>One<option selected>Two</select><textarea name=t>
hey</textarea><label for=r>Rate</label><input id=r type=radio name=q value=3>
<button name=b value=go>Go on</button></form>
<pre>  a
   b</pre>"""


def test_a_page():
    page = parse(PAGE, "http://a.example/p/q/")
    assert page.title == "A & B"
    kinds = [block.kind for block in page.blocks]
    assert kinds == [
        "heading",
        "paragraph",
        "item",
        "item",
        "item",
        "table",
        "heading",
        *["paragraph"] * 2,
        "pre",
    ]
    heading, text = page.blocks[0], page.blocks[1]
    assert heading.level == 1 and heading.anchor == "top"
    assert text.inlines == (
        Text("Some "),
        Text("bold", weight="medium"),
        Text(" and "),
        Text("a link", "http://a.example/p/x?y=1#z"),
        Text("."),
    )
    assert [(b.marker, b.level) for b in page.blocks[2:5]] == [("•", 1), ("•", 1), ("3.", 2)]
    assert page.blocks[5].rows[1] == (Cell((Text("1"),)), Cell((Text("2", "http://a.example/p/q/q"),)))
    assert page.blocks[6].panel == page.blocks[7].panel == 1
    assert page.blocks[7].inlines == (Image("A lake", "http://a.example/p/q/pic.png", 40, 100),)
    (code,) = page.blocks[-1].inlines
    assert isinstance(code, Text) and code.text == "  a\n   b"
    assert "not seen" not in page.text and "no" not in page.text.split()


def test_forms():
    page = parse(PAGE, "http://a.example/p/q/")
    assert page.forms == (("http://a.example/go", (("h", "1"),)),)
    found = [(c.kind, c.name, c.value, c.label, c.checked) for c in page.controls]
    assert found == [
        ("text", "n", "", "Name", False),
        ("checkbox", "c", "on", "Agree", True),
        ("select", "s", "Two", "", False),
        ("textarea", "t", "hey", "", False),
        ("radio", "q", "3", "Rate", False),
        ("submit", "b", "go", "Go on", False),
    ]
    assert all(isinstance(control, Control) and control.form == 0 for control in page.controls)


@pytest.mark.parametrize(
    "html",
    [
        "<" * 50_000,
        "<a" * 50_000,
        "</" * 50_000,
        "<!--" * 20_000,
        "<div>" * 20_000 + "x",
        "<ul>" * 20_000 + "<li>x",
        "<table><tr><td>" * 5_000,
        "<blockquote>" * 9_000 + "x",
        "<a href='" * 10_000,
        "<script>" + "</x>" * 20_000,
        "<select><option>" * 5_000,
        "<![" * 20_000,
        "<p>x" * 50_000,
        "<i>a</i><b>b</b>" * 10_000,
    ],
    ids=lambda html: html[:12],
)
def test_hostile_pages_are_bounded(html):
    page = parse(html)
    assert len(page.blocks) <= MAX_BLOCKS
    assert sum(len(block.inlines) for block in page.blocks) <= MAX_PIECES + MAX_BLOCKS


@given(st.text(alphabet="<>/!-abp \"'=&;#\n", max_size=200))
def test_any_text_is_read(html):
    page = parse(html)
    assert all(block.level <= 8 for block in page.blocks)
    assert astuple(page) == astuple(parse(html))


def test_scripts_lead_nowhere():
    page = parse('<a href="javascript:alert(1)">x</a><a href="mailto:a@b.example">y</a>', "http://a.example/")
    assert page.blocks[0].inlines == (Text("x"), Text("y", "mailto:a@b.example"))
