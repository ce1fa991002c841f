"""Packing against rows computed one by one: same hidden states, same gradients, fewer tokens."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    Gemma2Config,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MistralConfig,
    PreTrainedConfig,
)

from step_gym.agents.packing import (
    Packed,
    can_branch,
    hidden_states,
    micro_batches,
    pack,
    pairs_per_token,
)

CPU = torch.device("cpu")
PAIRS = pairs_per_token(640)


def tiny_model(attention: str = "sdpa") -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=50,
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=64**-0.5,
    )
    model = LlamaForCausalLM(config)
    model.set_attn_implementation(attention)
    return model


def chain(rng: np.random.Generator, steps: int, start: int = 12, added: int = 9) -> list[np.ndarray]:
    """The rows of an episode with `append` history."""
    tokens = rng.integers(50, size=start + added * (steps - 1))
    return [tokens[: start + added * step] for step in range(steps)]


def branches(rng: np.random.Generator) -> list[np.ndarray]:
    """An episode with further actions at each of its states, and one that shares nothing."""
    rows = chain(rng, 4)
    further = [np.concatenate((row, rng.integers(50, size=rng.integers(1, 5)))) for row in rows for _ in "ab"]
    return [*rows, *further, rng.integers(50, size=7), rows[2]]


def window(rng: np.random.Generator) -> list[np.ndarray]:
    """Rows that share their head alone."""
    head = rng.integers(50, size=6)
    return [np.concatenate((head, rng.integers(50, size=rng.integers(3, 15)))) for _ in range(6)]


CASES = {
    "chains": lambda rng: chain(rng, 4) + chain(rng, 3),
    "branches": branches,
    "window": window,
    "one": lambda rng: [rng.integers(50, size=1)],
}


def ancestors(packed: Packed) -> np.ndarray:
    """What each sequence's token may see, from the places alone: the tokens before it in its sequence."""
    flat = packed.ids.size
    seen = np.eye(flat, dtype=bool)
    for places in packed.places:
        for depth, place in enumerate(places):
            seen[place, places[:depth]] = True
    return seen


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=9), min_size=1, max_size=12),
    st.sampled_from([0, 1, PAIRS]),
)
def test_places_tokens_positions_and_mask(rows: list[list[int]], pairs: int) -> None:
    packed = pack([np.array(row) for row in rows], pairs=pairs)
    for row, places in zip(rows, packed.places, strict=True):
        assert packed.ids.flat[places].tolist() == row
        assert packed.positions.flat[places].tolist() == list(range(len(row)))
    lanes, width = packed.ids.shape
    mask = packed.mask(CPU).numpy()
    expected = ancestors(packed).reshape(lanes, width, lanes, width)
    for lane in range(lanes):
        used = np.unique(np.concatenate([p for p in packed.places])) // width == lane
        assert used.any()
        assert np.array_equal(mask[lane, 0], expected[lane, :, lane])
        assert not np.delete(expected[lane], lane, axis=1).any()
    assert packed.tokens == len(np.unique(np.concatenate(packed.places)))
    assert packed.given == sum(map(len, rows))
    if packed.is_chain:
        real = packed.positions + np.arange(lanes)[:, None] * width
        assert all(np.array_equal(real.flat[places], places) for places in packed.places)
    if not pairs:
        assert packed.is_chain


def test_an_append_episode_is_one_causal_sequence() -> None:
    rows = chain(np.random.default_rng(0), 30, start=300, added=70)
    packed = pack(rows[::-1], pairs=PAIRS)
    assert packed.is_chain
    assert packed.ids.shape == (1, len(rows[-1]))
    assert packed.given / packed.tokens > 10
    copies = pack(rows + chain(np.random.default_rng(1), 20, start=300, added=70), pairs=PAIRS)
    assert copies.is_chain and len(copies.ids) == 2


def test_a_branch_shares_its_prefix_only_where_that_is_longer() -> None:
    head = np.arange(10)
    short = pack(
        [np.concatenate((head, np.full(9, 20))), np.concatenate((head, np.full(4, 21)))], pairs=PAIRS
    )
    assert short.tokens == 23 and not short.is_chain
    long = pack(
        [np.concatenate((head, np.full(90, 20))), np.concatenate((head, np.full(40, 21)))], pairs=PAIRS
    )
    assert long.tokens == 150 and long.is_chain


def test_many_branches_do_not_make_a_lane_of_masked_attention() -> None:
    """A thousand rows that share half of their tokens; further actions of an episode stay with it."""
    rng = np.random.default_rng(0)
    head = rng.integers(50, size=100)
    rows = [np.concatenate((head, rng.integers(50, size=100))) for _ in range(1000)]
    packed = pack(rows, pairs=PAIRS)
    assert 1_000 < packed.ids.shape[1] < 3_000
    assert packed.tokens < 0.6 * packed.given
    further = [
        np.concatenate((row, rng.integers(50, size=4))) for row in chain(rng, 30, 300, 70) for _ in "abc"
    ]
    assert len(pack(further, pairs=PAIRS).ids) == 1


def test_the_narrower_the_model_the_less_is_masked_to_save_tokens() -> None:
    rng = np.random.default_rng(0)
    head = rng.integers(50, size=400)
    rows = [np.concatenate((head, rng.integers(50, size=150))) for _ in range(24)]
    wide, narrow = (pack(rows, pairs=pairs_per_token(width)) for width in (1536, 64))
    assert len(wide.ids) < len(narrow.ids) < 24
    assert wide.tokens < narrow.tokens < narrow.given


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("case", CASES)
def test_states_and_gradients_equal_those_of_rows_alone(case: str, attention: str) -> None:
    rows = CASES[case](np.random.default_rng(3))
    model = tiny_model(attention)
    weight = torch.nn.functional.normalize(torch.randn(64, generator=torch.Generator().manual_seed(1)), dim=0)
    packed = pack(rows, pairs=PAIRS)
    states = hidden_states(model, packed, CPU)
    ends = []
    for row, places in zip(rows, packed.places, strict=True):
        alone = model.model(torch.from_numpy(row)[None]).last_hidden_state[0]
        torch.testing.assert_close(states[places], alone, atol=1e-5, rtol=1e-5)
        ends.append(alone[-3:] @ weight)
    expected = gradients(model, ends)
    found = gradients(model, [states[places[-3:]] @ weight for places in packed.places])
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-5, rtol=0)


def gradients(model: LlamaForCausalLM, ends: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Gradients of a mean over tokens in which every row weighs differently."""
    model.zero_grad()
    torch.cat([(number % 3 - 1) * end.sin() for number, end in enumerate(ends, 2)]).mean().backward()
    return {name: p.grad.clone() for name, p in model.model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize(
    ("config", "possible"),
    [
        (LlamaConfig(), True),
        (MistralConfig(sliding_window=None), True),
        (MistralConfig(sliding_window=4), False),
        (Gemma2Config(), False),
        (MambaConfig(), False),
    ],
)
def test_only_full_attention_can_branch(config: PreTrainedConfig, possible: bool) -> None:
    assert can_branch(SimpleNamespace(config=config)) == possible


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("budget", [1, 30, 60, 10_000])
def test_micro_batches_hold_every_row_once_within_the_budget(case: str, budget: int) -> None:
    rows = CASES[case](np.random.default_rng(5))
    groups = list(micro_batches(rows, budget, pairs=PAIRS))
    assert sorted(index for group in groups for index in group) == list(range(len(rows)))
    for group in groups:
        assert len(group) == 1 or pack([rows[i] for i in group], pairs=PAIRS).ids.size <= budget
    assert budget < 10_000 or len(groups) == 1


def test_nothing_to_pack() -> None:
    assert list(micro_batches([], 10, pairs=PAIRS)) == []
    with pytest.raises(ValueError, match="at least one token"):
        pack([], pairs=PAIRS)
    with pytest.raises(ValueError, match="at least one token"):
        pack([np.arange(3), np.arange(0)], pairs=PAIRS)
