"""The action set as a trie of tokens: what may come next, so that only actions of the set can be written.

Sampling over the allowed tokens gives each action the product of its branch probabilities; these sum to 1.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class ActionTrie:
    """Token sequences of a set of actions, each closed by the end mark, so that none is a prefix of another.

    Args:
        actions: The action set, not empty; duplicates are dropped.
        encode: Tokens of one action, without the end mark.
        end_id: The end mark; it must not occur inside an action.
    """

    __slots__ = ("_leaves", "_root")

    def __init__(self, actions: Sequence[str], encode: Callable[[str], Sequence[int]], end_id: int) -> None:
        if not actions:
            raise ValueError("the action set is empty: a constrained choice needs at least one action")
        self._root: dict[int, Any] = {}
        self._leaves: dict[tuple[int, ...], str] = {}
        for action in actions:
            tokens = (*encode(action), end_id)
            if tokens in self._leaves:
                continue
            self._leaves[tokens] = action
            node = self._root
            for token in tokens:
                node = node.setdefault(token, {})

    def __len__(self) -> int:
        return len(self._leaves)

    @property
    def root(self) -> dict[int, Any]:
        """The node before the first token; a node maps allowed tokens to the next nodes, a leaf is empty."""
        return self._root

    def action(self, tokens: Sequence[int]) -> str:
        """The action whose tokens (end mark included) these are. Raises `KeyError` if there is none."""
        return self._leaves[tuple(tokens)]

    def tokens(self) -> list[tuple[int, ...]]:
        """Token sequences of all actions, end mark included, in the order of the action set."""
        return list(self._leaves)

    def allowed(self, tokens: Sequence[int] | np.ndarray) -> list[list[int]]:
        """What was allowed at each position of a chosen action: a list a token, which holds that token.

        Raises `ValueError` if the tokens are no action of the set.
        """
        sets: list[list[int]] = []
        node = self._root
        for position, token in enumerate(tokens):
            sets.append(list(node))
            node = node.get(int(token))
            if node is None:
                raise ValueError(f"token {int(token)} at position {position} leads to no action of the set")
        if node:
            raise ValueError(f"{len(sets)} tokens end inside an action of the set: the end mark is missing")
        return sets


def walk_forced(node: dict[int, Any]) -> tuple[list[int], dict[int, Any]]:
    """Follow the only child from `node` while there is just one; returns those tokens and the node reached.

    The node reached is a leaf (the action is complete) or has at least two children (there is a choice).
    """
    forced: list[int] = []
    while len(node) == 1:
        token, node = next(iter(node.items()))
        forced.append(token)
    return forced, node


class TrieCache:
    """Tries by action set: sets repeat, above all in one episode and between the episodes of a task.

    Args:
        encode: See `ActionTrie`.
        end_id: See `ActionTrie`.
        max_actions: Actions of the tries that are remembered, the last one aside. Sets are of very different
            sizes, and an action takes about a kilobyte and a half.
    """

    def __init__(
        self, encode: Callable[[str], Sequence[int]], end_id: int, max_actions: int = 400_000
    ) -> None:
        self._encode, self._end_id, self._max_actions = encode, end_id, max_actions
        self._tries: OrderedDict[tuple[str, ...], ActionTrie] = OrderedDict()
        self._actions = 0

    def __call__(self, actions: Sequence[str]) -> ActionTrie:
        """The trie of an action set, built at most once while it is remembered."""
        key = tuple(actions)
        trie = self._tries.get(key)
        if trie is not None:
            self._tries.move_to_end(key)
            return trie
        trie = self._tries[key] = ActionTrie(key, self._encode, self._end_id)
        self._actions += len(trie)
        while self._actions > self._max_actions and len(self._tries) > 1:
            self._actions -= len(self._tries.popitem(last=False)[1])
        return trie
