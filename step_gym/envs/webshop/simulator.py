"""How a shopper moves through the shop: the rules of WebShop's server and browser.

`SimServer.receive` and `WebAgentTextEnv.step` of WebShop's `web_agent_site/envs/web_agent_text_env.py`.
States are values; nothing here changes one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from step_gym.envs.webshop import pages
from step_gym.envs.webshop.pages import Node
from step_gym.envs.webshop.products import Product

WINDOW = 10
"""Products on a page of results."""

Find = Callable[[tuple[str, ...]], tuple[str, ...]]
"""ASINs that a search for the given words shows, best first."""


@dataclass(frozen=True, slots=True)
class State:
    """Where a shopper is and what was chosen.

    Attributes:
        page: The page.
        keywords: Words of the last search.
        found: ASINs that it found, best first.
        number: Page of the results, from 1.
        asin: The product looked at.
        options: Values chosen for it, by option name, in the order in which they were first chosen.
        name: Which sub-page.
        visited: ASINs of products whose pages were opened since the search page was left.
    """

    page: Literal["search", "results", "item", "sub", "done"] = "search"
    keywords: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    number: int = 1
    asin: str = ""
    options: tuple[tuple[str, str], ...] = ()
    name: str = ""
    visited: frozenset[str] = frozenset()


def split_action(action: str) -> tuple[str, str]:
    r"""Verb and argument of an action: what the greedy expression `(.+)\[(.+)\]` matches at its beginning.

    Both are empty where it does not match. (The expression itself takes quadratic time on hostile input.)
    """
    line = action.partition("\n")[0]
    end = line.rfind("]")
    start = line.rfind("[", 0, max(0, end - 1))
    return (line[:start], line[start + 1 : end]) if start > 0 else ("", "")


def act(state: State, action: str, clickables: Mapping[str, Node], find: Find) -> State | None:
    """The state after an action, or None if it has no effect.

    Args:
        state: Where the shopper is.
        action: `search[words]`, allowed on every page, or `click[label]`.
        clickables: What the page offers, by label.
        find: The shop's search.
    """
    verb, argument = split_action(action)
    argument = argument.lower()
    if verb == "search" and argument:
        return _results(state, tuple(argument.split(" ")), 1, find)
    if verb == "click" and argument in clickables and argument != pages.SEARCH:
        return _click(state, argument, clickables[argument], find)
    return None


def _click(state: State, label: str, node: Node, find: Find) -> State:
    """What a label does is decided by its wording first, as upstream does."""
    if label == pages.BUY:
        return replace(state, page="done")
    if label == pages.BACK_TO_SEARCH:
        return State()
    if label in (pages.NEXT, pages.PREV):
        here = _page_name(state)
        if here == "search_results":
            return _results(state, state.keywords, state.number + (1 if label == pages.NEXT else -1), find)
        if here == "item_page" and label == pages.PREV:
            return _results(state, state.keywords, state.number, find)
    if label in pages.SUB_PAGES:
        return replace(state, page="sub", name=label)
    if node.role == "product":
        asin = label.upper()
        return replace(state, page="item", asin=asin, visited=state.visited | {asin})
    if node.role == "option":
        options = dict(state.options) | {node.option: label}
        return replace(state, page="item", options=tuple(options.items()))
    return replace(state, page="item", name="")


def _results(state: State, keywords: tuple[str, ...], number: int, find: Find) -> State:
    """A page of results; it forgets product and options."""
    return State("results", keywords, find(keywords), number, visited=state.visited)


def address(state: State) -> str:
    """The page's address, as upstream's without host and session; the chosen options are part of it."""
    words = "+".join(state.keywords)
    if state.page == "results":
        return f"/search_results/{words}/{state.number}"
    if state.page == "item":
        return f"/item_page/{state.asin}/{words}/{state.number}/{json.dumps(dict(state.options))}"
    if state.page == "sub":
        return (
            f"/item_sub_page/{state.asin}/{words}/{state.number}/{state.name.title()}/{dict(state.options)}"
        )
    return f"/{state.page}"


def _page_name(state: State) -> str:
    """The page as upstream recognises it by its address, which also holds the searched words."""
    url = address(state)
    names = ("search_results", "item_page", "item_sub_page")
    return next((name for name in names if name in url), "")


def page_nodes(
    state: State, instruction: str, products: Mapping[str, Product], show_attrs: bool, score: float
) -> list[Node]:
    """The page of a state."""
    if state.page == "search":
        return pages.search_page(instruction)
    if state.page == "results":
        shown = state.found[(state.number - 1) * WINDOW : state.number * WINDOW]
        listed = [products[asin] for asin in shown]
        return pages.results_page(instruction, listed, state.number, len(state.found))
    if state.page == "done":
        return pages.done_page(state.asin, dict(state.options), score)
    product = products[state.asin]
    if state.page == "item":
        return pages.item_page(instruction, product, show_attrs)
    return pages.sub_page(instruction, product, state.name)
