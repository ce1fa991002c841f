"""What is kept between layouts gives the trees, pictures and handlers that a layout afresh would give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.machine import parts, widgets
from step_gym.envs.machine.display_list import operations
from step_gym.envs.machine.layout import place
from step_gym.envs.machine.parts import PARTS, keep, part_of
from step_gym.envs.machine.placed import Box, Placed, ViewState
from step_gym.envs.machine.statics import Statics
from step_gym.envs.machine.text_editing import edit_end
from step_gym.envs.machine.tree import find_placed, walk
from step_gym.envs.machine.views import View

_DISPLAY = Box(0, 0, 400, 300)
_ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans()), max_size=6, unique_by=lambda row: row[0]
)


def _tree(rows, done):
    return widgets.column(
        *(
            widgets.row(
                widgets.icon("folder"),
                widgets.label(name * (3 if is_long else 1), grow=1),
                widgets.box("row", (widgets.label("x"),), id="inner", on_tap=lambda: None),
                id=name,
                background="primary" if is_chosen else "",
                on_tap=lambda name=name: done.append(name),
            )
            for name, is_long, is_chosen in rows
        )
    )


def _bare(placed: Placed):
    """A tree without looks and handlers."""
    view = placed.view._replace(on_tap=None, children=())
    return placed._replace(view=view, look=None, children=tuple(map(_bare, placed.children)))


@given(st.lists(st.tuples(_ROWS, st.sampled_from(("", "a", "b"))), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_kept_views_are_what_a_layout_afresh_gives(screens):
    known = Statics()
    for i, (rows, focus) in enumerate(screens):
        done = []
        tree, state = _tree(rows, done), ViewState(focus=focus)
        known.begin(state)
        kept = place(tree, 400, 300, 1.0, state, known=known)
        fresh = place(tree, 400, 300, 1.0, state)
        assert _bare(kept) == _bare(fresh)
        assert operations(kept, _DISPLAY) == operations(fresh, _DISPLAY)
        for placed in walk(kept):  # handlers are those of the newest tree
            if placed.view.id in "abcd" and placed.view.on_tap is not None:
                placed.view.on_tap()
        assert done == [row[0] for row in rows], i


def test_a_row_that_looks_as_before_keeps_its_look_and_another_gets_a_new_one():
    known = Statics()
    looks = []
    for is_chosen in (False, False, True):
        known.begin(ViewState())
        root = place(_tree([("a", False, is_chosen)], []), 400, 300, 1.0, ViewState(), known=known)
        found = find_placed(root, "a")
        assert found is not None
        looks.append(found.look)
    assert looks[0] is looks[1] and looks[1] is not looks[2]


def test_a_static_view_is_placed_once_in_each_place_for_all_windows():
    line = widgets.row(widgets.label("cell"))._replace(is_static=True)
    tree, moved = widgets.column(line), widgets.column(line, padding=5)
    first, elsewhere, again = (
        place(root, 400, 300, 1.0, ViewState(), known=Statics()).children[0] for root in (tree, moved, tree)
    )
    assert again is first
    assert elsewhere is not first and elsewhere.box.left == 5
    larger = place(tree, 400, 300, 2.0, ViewState(), known=Statics()).children[0]
    assert larger is not first and _bare(larger) == _bare(place(tree, 400, 300, 2.0, ViewState()).children[0])


_STATES = st.builds(
    lambda focus, texts: ViewState({id: edit_end(text) for id, text in texts.items()}, focus=focus),
    st.sampled_from(("", "a", "b", "other")),
    st.dictionaries(st.sampled_from(("a", "other")), st.sampled_from(("", "typed", "said")), max_size=2),
)


@given(st.lists(_STATES, min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_part_has_a_look_for_each_text_and_focus_inside(states):
    button = widgets.label("b", id="b", on_tap=lambda: None)
    tools = widgets.row(View("field", "a", initial="begun"), button, id="bar")
    keep(tools)
    seen = {}
    for state in states:
        known = Statics()
        known.begin(state)
        kept = place(widgets.column(tools), 400, 300, 1.0, state, known=known)
        fresh = place(widgets.column(tools), 400, 300, 1.0, state)
        assert _bare(kept) == _bare(fresh)
        assert operations(kept, _DISPLAY) == operations(fresh, _DISPLAY)
        inside = (state.focus if state.focus in ("a", "b") else "", state.texts.get("a"))
        assert seen.setdefault(inside, kept.children[0]) is kept.children[0]


def test_a_part_holds_nothing_that_scrolls():
    for view in (widgets.scroll("list"), View("field", "text", multiline=True)):
        with pytest.raises(ValueError, match=view.id):
            keep(widgets.row(view))


def test_parts_are_forgotten_when_there_are_too_many_and_made_again():
    views = [widgets.label(f"part {i}") for i in range(9000)]
    for i, view in enumerate(views):
        keep(view, ("many", i))
    assert len(PARTS) < len(views)
    assert part_of(("many", 0)) is None and part_of(("many", 8999)) is views[8999]


def test_parts_are_forgotten_when_they_were_placed_too_often_or_with_long_texts(monkeypatch):
    monkeypatch.setattr(parts, "_MOST_PLACED", 1_000)
    tools = widgets.row(View("field", "a"), widgets.label("b"), id="bar")
    part = keep(tools, ("bar", "often"))
    most = 0
    for left in range(500):
        place(widgets.column(tools, padding=(left, 0)), 900, 300, 1.0, ViewState(), known=Statics())
        most = max(most, len(part.places))
    assert 100 < most < 500 and part_of(("bar", "often")) is None

    part = keep(tools, ("bar", "long"))
    for i in range(100):
        known, state = Statics(), ViewState({"a": edit_end(f"{i}" * 100_000)})
        known.begin(state)
        place(widgets.column(tools), 900, 300, 1.0, state, known=known)
    assert len(part.places) < 50 and part_of(("bar", "long")) is None


def test_parts_are_forgotten_when_their_texts_are_too_long():
    longest = 0
    for i in range(100):
        keep(widgets.label("x" * 100_000, id=f"long-{i}"))
        longest = max(longest, sum(part.chars for part in PARTS.values()))
    assert 1_000_000 < longest < 5_000_000
