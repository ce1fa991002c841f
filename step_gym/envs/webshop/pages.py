"""The shop's pages as the agent reads them, and what can be clicked on them.

A page is a list of the texts that a browser would show, in order; the literal wordings are those of WebShop's
`web_agent_site/templates`, the two forms of a page those of `web_agent_site/envs/web_agent_text_env.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from step_gym.envs.webshop.products import Product

OBSERVATION_MODES = ("text", "text_rich")
SUB_PAGES = ("description", "features", "reviews", "attributes")
BACK_TO_SEARCH, NEXT, PREV, BUY = "back to search", "next >", "< prev", "buy now"
SEARCH = "search"
"""The search page's button: listed among the clickables, but without effect."""

_ORDER = {"button": 0, "product": 1, "option": 2}
_HTML_SPACES = " \n\t\f\r"


class Node(NamedTuple):
    """A text on a page, what it is, and for an option's value the option's name."""

    text: str
    role: Literal["plain", "button", "product", "option"] = "plain"
    option: str = ""


def _button(text: str) -> Node:
    return Node(text, "button")


_BACK, _NEXT, _PREV = _button("Back to Search"), _button("Next >"), _button("< Prev")


def search_page(instruction: str) -> list[Node]:
    """Where an episode begins."""
    return [Node("WebShop"), Node("Instruction: "), Node(instruction), _button("Search")]


def _head(instruction: str) -> list[Node]:
    return [Node("Instruction:"), Node(instruction), _BACK]


def results_page(instruction: str, products: Iterable[Product], number: int, total: int) -> list[Node]:
    """One page of search results."""
    nodes = [*_head(instruction), Node(f"Page {number} (Total results: {total})")]
    nodes += [_PREV, _NEXT] if number > 1 else [_NEXT]
    for product in products:
        nodes += [Node(product.asin, "product"), Node(product.title), Node(product.price_tag)]
    return nodes


def item_page(instruction: str, product: Product, show_attrs: bool) -> list[Node]:
    """A product's own page."""
    nodes = [*_head(instruction), _PREV]
    for name, values in product.options.items():
        nodes += [Node(name), *(Node(value, "option", name) for value in values)]
    nodes += [Node(product.title), Node(f"Price: {product.price_tag}"), Node("Rating: N.A.")]
    names = ("Description", "Features", "Reviews", *(["Attributes"] if show_attrs else []), "Buy Now")
    return nodes + [_button(name) for name in names]


def sub_page(instruction: str, product: Product, name: str) -> list[Node]:
    """One of `SUB_PAGES` of a product; reviews are always empty, as upstream switched them off."""
    nodes = [*_head(instruction), _PREV]
    if name == "description":
        nodes.append(Node(product.description))
    elif name == "features":
        nodes += [Node(f" {line}") for line in product.bullets]
    elif name == "attributes":
        nodes += [Node(f" {attribute}") for attribute in product.attributes]
        nodes += [Node(product.category), Node(product.query), Node(product.product_category)]
    return nodes


def done_page(asin: str, options: Mapping[str, str], score: float) -> list[Node]:
    """After a purchase: the score; the rest is left empty by upstream's text environment."""
    chosen = json.dumps(options, sort_keys=True)
    for sign in "<>&'":
        chosen = chosen.replace(sign, f"\\u{ord(sign):04x}")
    head = ["Thank you for shopping with us!", "Your code: ", "None", " (Paste it in your MTurk interface.)"]
    bought = ["Purchased", "asin", asin, "options", chosen, "attrs", "None", "category", "None"]
    bought += ["query", "None", "product category", "None"]
    target = ["Target", "asin", "options", "attrs", "price upper", "instuction text", "category"]
    target += ["product category", "query", "Goal ", "None"]
    reward = ["Reward", "Your score (min 0.0, max 1.0)", str(score), "Reward Details ", "None"]
    return [Node(text) for text in head + bought + target + reward]


def clickables(nodes: Iterable[Node]) -> dict[str, Node]:
    """What can be clicked, by lower-case label: buttons, then products, then options.

    Of two with the same label the later one counts, at the earlier one's place.
    """
    found: dict[str, Node] = {}
    pressed = [node for node in nodes if node.role != "plain"]
    for node in sorted(pressed, key=lambda node: _ORDER[node.role]):
        found[node.text if node.role == "option" else node.text.lower()] = node
    return found


def as_text(nodes: Iterable[Node]) -> str:
    """Observation mode "text": the page's texts joined by [SEP]; nothing tells what was clicked."""
    return " [SEP] ".join([text.strip() for text, _ in _parsed(nodes)])


def as_rich_text(nodes: Sequence[Node], url: str, visited: Collection[str]) -> str:
    """Observation mode "text_rich": a line for each text, with marks for what can be and what was clicked.

    Args:
        nodes: The page.
        url: Its address, in which upstream looks for the chosen options.
        visited: ASINs of the products whose pages were opened since the last search page.
    """
    page = ""
    for text, role in _parsed(nodes):
        if role == "button":
            line = f"[button] {text} [button_]"
        elif role == "option" and f'"{text}"' in url:
            line = f"  [clicked button] {text} [clicked button_]"
            page = f"You have clicked {text}.\n{page}"
        elif role == "option":
            line = f"  [button] {text} [button_]"
        elif role == "product":
            mark = "clicked button" if text in visited else "button"
            line = f"\n[{mark}] {text} [{mark}_]"
        else:
            line = text
        page += line + "\n"
    return page


def _parsed(nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
    """Texts and roles after upstream's HTML parser: empty ones vanish, blanks become a space or a line break.

    Of these, line breaks are not shown.
    """
    for text, role, _ in nodes:
        if text.strip(_HTML_SPACES):
            yield text, role
        elif text and "\n" not in text:
            yield " ", role
