"""STEP-WebShop-v0: the Gymnasium face of the shop, over a generated catalogue or WebShop's own files.

Pages, actions and score are those of WebShop's `web_agent_site/envs/web_agent_text_env.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from step_gym.envs.core import Task, TaskEnv, View, digest, unknown_name_error
from step_gym.envs.webshop import pages
from step_gym.envs.webshop.reward import score
from step_gym.envs.webshop.shop import open_shop
from step_gym.envs.webshop.simulator import State, act, address, page_nodes
from step_gym.envs.webshop.tasks import MAX_STEPS, goal_of, goal_tasks
from step_gym.envs.webshop.wish import queries

BACKENDS = ("simulated",)

_SHOWN_ACTION_CHARS = 80


class WebShopEnv(TaskEnv):
    """An online shop: find a product that fits an instruction, choose its options, and buy it.

    Actions are `search[words]`, on every page, and `click[label]` of what the page offers; case does not
    matter in the brackets. Anything else costs a step and changes nothing. The episode ends with `click[Buy
    Now]`; the score is the share of wanted attributes, options and price that the purchase meets, less for
    another type of product. The budget is 15 steps.

    Searches are an open set, so there is no `info["admissible_actions"]`. `info["available_actions"]` is what
    upstream's `get_available_actions` gives: `has_search_bar`, true on the search page alone, and
    `clickables`, the labels in lower case. `candidate_actions` turns them into actions, with searches made of
    the instruction where the search bar is.

    Args:
        split: Where a reset without options draws its task: "train", "validation" or "test"; None for all.
        data: A folder with WebShop's files (or the product file itself), instead of the embedded catalogue.
        goals: "synthetic" or "human": who worded the instructions.
        observation_mode: "text", or "text_rich", which shows buttons and what was clicked.
        show_attrs: Whether a product has the sub-page "Attributes", which upstream hides too.
        max_steps: Step budget of every episode.
        backend: "simulated".
        render_mode: "ansi" or None.

    Raises:
        ValueError: For an unknown split, kind of goals, observation mode, backend or render mode, and for
            data
            files that are missing or damaged.
    """

    supports_snapshot = True

    def __init__(
        self,
        split: str | None = None,
        data: str | os.PathLike[str] | None = None,
        goals: str = "synthetic",
        observation_mode: str = "text",
        show_attrs: bool = False,
        max_steps: int = MAX_STEPS,
        backend: str = "simulated",
        render_mode: str | None = None,
    ) -> None:
        super().__init__(default_split=split, render_mode=render_mode)
        if backend not in BACKENDS:
            raise unknown_name_error("backend", backend, BACKENDS)
        if observation_mode not in pages.OBSERVATION_MODES:
            raise unknown_name_error("observation_mode", observation_mode, pages.OBSERVATION_MODES)
        if max_steps < 1:
            raise ValueError(f"max_steps={max_steps}: an episode needs at least 1 step")
        self.observation_mode = observation_mode
        self.show_attrs = show_attrs
        self._shop = open_shop(data, goals)
        self.tasks = goal_tasks(self._shop, max_steps)
        if split is not None:
            self.tasks.split(split)

    def _begin(self, task: Task) -> View:
        self._goal = goal_of(self._shop, task)
        return self._enter(State())

    def _enter(self, state: State) -> View:
        """Make `state` the present one and show it."""
        goal, shop = self._goal, self._shop
        points = None
        if state.page == "done":
            chosen = dict(state.options).values()
            points = score(shop.by_asin[state.asin], chosen, goal, shop.tagger)
        nodes = page_nodes(state, goal.instruction, shop.by_asin, self.show_attrs, points or 0.0)
        self._state, self._clickables = state, pages.clickables(nodes)
        url = address(state)
        if self.observation_mode == "text":
            text = pages.as_text(nodes)
        else:
            text = pages.as_rich_text(nodes, url, state.visited)
        available = {"has_search_bar": state.page == "search", "clickables": list(self._clickables)}
        key = digest(goal.instruction, url, text)
        return View(text, key, score=points, extra={"available_actions": available})

    def _act(self, action: str) -> View:
        state = act(
            self._state, action, self._clickables, lambda words: self._shop.find(words, self.np_random)
        )
        if state is None:
            shown = action if len(action) <= _SHOWN_ACTION_CHARS else action[:_SHOWN_ACTION_CHARS] + "..."
            return self._rejected(
                f"{shown!r} is neither search[words] nor click[label] with a label of this page"
            )
        return self._enter(state)

    def _save(self) -> State:
        return self._state

    def _load(self, task: Task, state: Any) -> None:
        self._goal = goal_of(self._shop, task)
        self._enter(state)

    def candidate_actions(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Iterable[str]:
        """Searches where the search bar is, on other pages a click for each label that can be clicked.

        Upstream accepts a search on every page; without a search bar none is offered here, so that the list
        stays short. "Back to Search" leads to one.
        """
        available = info["available_actions"]
        if available["has_search_bar"]:
            return [f"search[{query}]" for query in queries(observation["instruction"])]
        return [f"click[{label}]" for label in available["clickables"] if _can_be_clicked(label)]


def _can_be_clicked(label: str) -> bool:
    """Whether an action can name a label: upstream's expression takes no bracket, line break or nothing."""
    return bool(label) and label != pages.SEARCH and not set("[\n") & set(label)
