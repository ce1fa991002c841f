"""What a purchase is worth: type, attributes, options and price against the goal, as WebShop scores it.

`get_reward` of WebShop's `web_agent_site/engine/goal.py`, section 3.2 of Yao et al., 2022 (arXiv 2207.01206).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from step_gym.envs.webshop.fuzzy import token_set_ratio
from step_gym.envs.webshop.goals import Goal
from step_gym.envs.webshop.nouns import Tagger
from step_gym.envs.webshop.products import Product

COLORS = """
    alabaster apricot aqua ash asphalt azure banana beige black blue blush bordeaux bronze brown burgundy
    camel camo caramel champagne charcoal cheetah chestnut chocolate christmas coffee cognac copper coral
    cranberry cream crystal dark denim eggplant elephant espresso fuchsia gold granite grape graphite
    grass gray green grey heather indigo ivory ivy khaki lavender lemon leopard light lilac lime magenta
    maroon mauve merlot midnight mint mocha multicolor mushroom mustard natural navy nude olive orange
    peach pewter pink plum purple rainbow red rose royal rust sand sapphire seashell silver skull slate
    steel stone stonewash sunflower tan taupe teal tiger turquoise violet walnut wheat white wine yellow
    """.split()  # noqa: SIM905
"""WebShop's colours (`engine/normalize.py`), in the order in which they are looked for."""

_ALIKE = 85


def score(product: Product, options: Collection[str], goal: Goal, tagger: Tagger) -> float:
    """The score of a purchase, 0 to 1.

    The type's share times the mean over attributes, options and price that fit.

    Args:
        product: What was bought.
        options: The values chosen for it.
        goal: What was wanted.
        tagger: Finds the nouns of a title.
    """
    fitting = matched_attributes(product, goal.attributes) + matched_options(options, goal.options)
    fitting += product.price <= goal.price_upper
    return fitting / (len(goal.attributes) + len(goal.options) + 1) * type_share(product, goal, tagger)


def type_share(product: Product, goal: Goal, tagger: Tagger) -> float:
    """1 for the same kind of product, 0.5, 0.1 or 0 for ever less similar ones."""
    bought, wanted = tagger(product.title), tagger(goal.title)
    overlap = len(set(bought) & set(wanted)) / len(wanted) if wanted else 0.2
    if overlap == 0:
        return 0.0
    if overlap < 0.1:
        return 0.1
    same_query = product.query == goal.query
    shared_levels = _levels(product.product_category) & _levels(goal.product_category)
    return 1.0 if same_query or len(shared_levels) >= 2 or overlap > 0.2 else 0.5


@lru_cache(maxsize=65_536)
def _levels(product_category: str) -> frozenset[str]:
    return frozenset(level.strip() for level in product_category.split("›"))


def matched_attributes(product: Product, wanted: Iterable[str]) -> int:
    """How many attributes the product has, or names in title, features or description."""
    pages = (product.title.lower(), " ".join(product.bullets).lower(), product.description.lower())
    return sum(
        any(token_set_ratio(own, attribute) > _ALIKE for own in product.attributes)
        or any(attribute in page for page in pages)
        for attribute in wanted
    )


def matched_options(chosen: Iterable[str], wanted: Sequence[tuple[str, str]] | Sequence[str]) -> int:
    """How many wanted options are loosely alike to some chosen value."""
    values = [first_color(value) or value for value in chosen]
    return sum(
        any(token_set_ratio(value, text) > _ALIKE for value in values) for text in map(_as_text, wanted)
    )


def _as_text(option: tuple[str, str] | str) -> str:
    """A wanted option as it is compared.

    Upstream compares the text of a synthetic goal's whole (name, value) pair, and takes a pair for a colour
    only if its name or value is exactly one.
    """
    if isinstance(option, str):
        return first_color(option) or option
    return next((color for color in COLORS if color in option), None) or str(option)


@lru_cache(maxsize=65_536)
def first_color(text: str) -> str | None:
    """The first of `COLORS` that occurs in the text, also inside a word, or None."""
    return next((color for color in COLORS if color in text), None)
