from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from step_gym.envs.webshop import pages
from step_gym.envs.webshop.pages import Node, as_rich_text, as_text, clickables
from step_gym.envs.webshop.simulator import State, act, address, split_action


@given(st.text(alphabet="[]ab \n", max_size=12))
@example("search[a][b]")
@example("click[[x]]")
@example("[x]")
def test_actions_are_split_as_upstreams_expression_does(action: str) -> None:
    match = re.match(r"(.+)\[(.+)\]", action)
    assert split_action(action) == (match.groups() if match else ("", ""))


def test_hostile_actions_are_split_at_once() -> None:
    began = time.process_time()
    for action in ("[" * 16_000, "]" * 16_000, "[" * 8000 + "]" * 8000, "search[" + "a" * 16_000):
        split_action(action)
    assert time.process_time() - began < 1, "the expression itself takes seconds"


def find(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"B{number:09d}" for number in range(23)) if "chair" in words else ()


ITEM = clickables(
    [
        Node("Back to Search", "button"),
        Node("< Prev", "button"),
        Node("Description", "button"),
        Node("Buy Now", "button"),
        Node("red", "option", "color"),
        Node("blue", "option", "color"),
        Node("8", "option", "size"),
        Node("next >", "option", "size"),
        Node("search", "option", "size"),
    ]
)


def on_item(*words: str) -> State:
    return State(
        "item", words or ("chair",), find(("chair",)), 2, "B000000012", visited=frozenset(["B000000012"])
    )


def test_a_search_is_allowed_everywhere_and_forgets_the_product() -> None:
    for before in (
        State(),
        on_item(),
        State("sub", ("chair",), find(("chair",)), 1, "B000000001", name="reviews"),
    ):
        after = act(before, "search[Red CHAIR]", {}, find)
        assert after == State("results", ("red", "chair"), find(("chair",)), 1, visited=before.visited)


@pytest.mark.parametrize(
    "action",
    ["search[]", "search", "Search[x]", "click[green]", "click[search]", "click[", "", "buy now", "]["],
)
def test_what_has_no_effect(action: str) -> None:
    assert act(on_item(), action, ITEM, find) is None


def test_options_replace_one_another_and_keep_their_order() -> None:
    state = on_item()
    for label in ("red", "8", "BLUE"):
        after = act(state, f"click[{label}]", ITEM, find)
        assert after is not None
        state = after
    assert state.options == (("color", "blue"), ("size", "8"))
    assert address(state).endswith('/2/{"color": "blue", "size": "8"}')
    described = act(state, "click[description]", ITEM, find)
    assert described is not None and described.page == "sub"
    back = act(described, "click[< prev]", ITEM, find)
    assert back == state, "a sub-page keeps the chosen options"


def test_the_wording_decides_before_the_role() -> None:
    as_option = act(on_item(), "click[next >]", ITEM, find)
    assert as_option is not None and as_option.options == (("size", "next >"),)
    # Upstream recognises a page by its address, and the address holds the searched words.
    moved = act(on_item("search_results"), "click[next >]", ITEM, find)
    assert moved is not None and (moved.page, moved.number) == ("results", 3)


def test_prev_leads_to_the_same_page_of_results_and_back_to_search_forgets_all() -> None:
    results = act(on_item(), "click[< prev]", ITEM, find)
    assert results is not None and (results.page, results.number, results.asin) == ("results", 2, "")
    assert results.visited == {"B000000012"}
    assert act(results, "click[Back to Search]", ITEM, find) == State()


def test_of_two_equal_labels_the_later_one_counts() -> None:
    nodes = [Node("Description", "button"), Node("8", "option", "a"), Node("8", "option", "b")]
    found = clickables([*nodes, Node("description", "option", "c")])
    assert list(found) == ["description", "8"]
    assert (found["8"].option, found["description"].option) == ("b", "c")


def test_blank_texts_are_shown_as_upstreams_parser_leaves_them() -> None:
    nodes = [Node(text) for text in ("", " \t", " \n ", "\xa0", " a\nb ")]
    assert as_text(nodes) == " [SEP]  [SEP] a\nb"
    assert as_rich_text(nodes, "", ()) == " \n\xa0\n a\nb \n"


def test_rich_text_marks_what_was_clicked() -> None:
    nodes = [Node("red", "option", "c"), Node("blue", "option", "c"), Node("B1", "product")]
    nodes.append(Node("Buy Now", "button"))
    assert as_rich_text(nodes, '/item_page/{"c": "blue"}', {"B1"}) == (
        "You have clicked blue.\n  [button] red [button_]\n  [clicked button] blue [clicked button_]\n"
        "\n[clicked button] B1 [clicked button_]\n[button] Buy Now [button_]\n"
    )


def test_the_done_page_names_the_score_and_what_was_chosen() -> None:
    text = as_text(pages.done_page("B1", {"size": "8", "color": "<red>"}, 0.75))
    assert "asin [SEP] B1 [SEP] options" in text
    assert '{"color": "\\u003cred\\u003e", "size": "8"}' in text
    assert "Your score (min 0.0, max 1.0) [SEP] 0.75" in text
