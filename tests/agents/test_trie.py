from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.trie import ActionTrie, TrieCache, walk_forced

END = 0


def letters(text: str) -> tuple[int, ...]:
    return tuple(ord(c) for c in text)


@given(st.lists(st.text("abc", max_size=5), min_size=1))
def test_paths_are_exactly_the_actions(actions: list[str]) -> None:
    trie = ActionTrie(actions, letters, END)
    found = []
    stack: list[tuple[tuple[int, ...], dict]] = [((), trie.root)]
    while stack:
        tokens, node = stack.pop()
        if not node:
            found.append(trie.action(tokens))
        stack += [((*tokens, token), child) for token, child in node.items()]
    assert sorted(found) == sorted(set(actions))
    assert len(trie) == len(set(actions))


@given(st.lists(st.text("abc", max_size=5), min_size=1))
def test_allowed_sets_hold_the_chosen_token(actions: list[str]) -> None:
    trie = ActionTrie(actions, letters, END)
    for tokens in trie.tokens():
        sets = trie.allowed(tokens)
        assert len(sets) == len(tokens)
        assert all(token in allowed for token, allowed in zip(tokens, sets, strict=True))


def test_a_prefix_of_another_action_differs_by_the_end_mark() -> None:
    trie = ActionTrie(["go", "gone", "go", "sit"], letters, END)
    assert trie.allowed([*letters("go"), END]) == [[*letters("gs")], [*letters("o")], [END, *letters("n")]]
    assert trie.allowed([*letters("sit"), END])[1:] == [[*letters("i")], [*letters("t")], [END]]


def test_forced_tokens() -> None:
    trie = ActionTrie(["abc", "abd"], letters, END)
    forced, node = walk_forced(trie.root)
    assert forced == [*letters("ab")]
    assert sorted(node) == sorted(letters("cd"))
    forced, node = walk_forced(node[ord("c")])
    assert forced == [END]
    assert node == {}


def test_what_is_no_action_is_refused() -> None:
    trie = ActionTrie(["ab"], letters, END)
    with pytest.raises(ValueError, match="position 1 leads to no action"):
        trie.allowed([ord("a"), ord("x")])
    with pytest.raises(ValueError, match="the end mark is missing"):
        trie.allowed(letters("ab"))
    with pytest.raises(ValueError, match="the action set is empty"):
        ActionTrie([], letters, END)
    with pytest.raises(KeyError):
        trie.action(letters("ab"))


def test_equal_action_sets_share_one_trie() -> None:
    cache = TrieCache(letters, END)
    assert cache(["a", "b"]) is cache(("a", "b"))
    assert cache(["b", "a"]) is not cache(["a", "b"])


def test_tries_are_remembered_up_to_a_number_of_actions() -> None:
    cache = TrieCache(letters, END, max_actions=5)
    small, other = cache(["a", "b"]), cache(["c", "d", "d"])
    assert cache(["a", "b"]) is small
    third = cache(["e", "f"])
    assert cache(["a", "b"]) is small and cache(["e", "f"]) is third, "the newest are remembered"
    assert cache(["c", "d", "d"]) is not other, "the one asked for longest ago is not"
    large = cache(list("abcdefgh"))
    assert cache(list("abcdefgh")) is large
    assert cache(["e", "f"]) is not third
