"""Shared-prefix packing: token sequences that begin alike are read once, as a tree laid out in one sequence.

In an `append` history each step's prompt begins with the whole of the step before, so an episode of many rows
is one sequence. A tree is laid out depth first, so that token k is an ancestor of token q exactly if
`k <= q < exit[k]`, where `exit[k]` is the end of k's subtree; a token's position is its depth (Tree Training,
arXiv 2511.00413; PrefixGrouper, arXiv 2506.05433). Without branches that is plain causal attention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Packed:
    """Sequences packed into lanes, each a prefix tree, padded on the right.

    Attributes:
        ids: int64[lanes, width], tokens; 0 at padding.
        positions: int64[lanes, width], depth in the tree; 0 at padding.
        exits: int64[lanes, width], the column at which a token's subtree ends; padding sees itself alone.
        places: Per sequence int64[len], where its tokens lie in the flattened lanes.
        is_chain: Whether no lane branches, so that causal attention without a mask is exact.
        tokens: Tokens to compute, without padding.
        given: Tokens of all sequences, which unpacked rows would compute.
    """

    ids: np.ndarray
    positions: np.ndarray
    exits: np.ndarray
    places: list[np.ndarray]
    is_chain: bool
    tokens: int
    given: int

    def mask(self, device: torch.device) -> Tensor:
        """bool[lanes, 1, width, width]: True where the query (third axis) sees the key (fourth)."""
        column = torch.arange(self.ids.shape[1], device=device)
        exits = torch.from_numpy(self.exits).to(device)[:, None, :]
        return ((column[None, :] <= column[:, None]) & (column[:, None] < exits))[:, None]


def pairs_per_token(hidden_size: int) -> int:
    """Pairs of a query and a key that cost about what one token costs in the matrices of a layer.

    A pair costs two products of the hidden width h; a token passes some 12 h^2 weights.
    """
    return 6 * hidden_size


def pack(sequences: Sequence[np.ndarray], *, pairs: int) -> Packed:
    """Pack token sequences, int[L >= 1] each, so that shared prefixes are computed once.

    A branch gets a lane of its own if it adds more tokens than it shares, or if attention between it and its
    siblings, computed only to be masked, would cost more than reading the shared prefix again.

    Args:
        sequences: At least one.
        pairs: Pairs of a query and a key that may be masked to save one token, from `pairs_per_token`; 0
            gives every branch a lane of its own.
    """
    lanes = _lanes(sequences, pairs)
    width = max(lane.tokens for lane in lanes)
    ids = np.zeros((len(lanes), width), np.int64)
    positions = np.zeros_like(ids)
    exits = np.tile(np.arange(1, width + 1), (len(lanes), 1))
    places: list[np.ndarray] = [np.empty(0, np.int64)] * len(sequences)
    is_chain = True
    for number, lane in enumerate(lanes):
        path, end = np.empty(0, np.int64), 0
        for index, shared in zip(lane.rows, lane.shared, strict=True):
            sequence = sequences[index]
            exits[number, path[shared:]] = end
            is_chain = is_chain and shared == len(path)
            new = np.arange(end, end + len(sequence) - shared)
            ids[number, new] = sequence[shared:]
            positions[number, new] = np.arange(shared, len(sequence))
            path, end = np.concatenate((path[:shared], new)), end + len(new)
            places[index] = path + number * width
        exits[number, path] = end
    return Packed(
        ids, positions, exits, places, is_chain, sum(lane.tokens for lane in lanes), sum(map(len, sequences))
    )


def micro_batches(sequences: Sequence[np.ndarray], max_tokens: int, *, pairs: int) -> Iterator[list[int]]:
    """Indices of sequences in groups that, packed and padded, take at most `max_tokens`.

    Groups are of whole lanes of similar length. A lane that alone is too long is halved until it fits or has
    one sequence. `pairs` as in `pack`.
    """
    waiting, fitting = _lanes(sequences, pairs) if sequences else [], []
    while waiting:
        lane = waiting.pop()
        if lane.tokens <= max_tokens or len(lane.rows) == 1:
            fitting.append(lane)
            continue
        half = len(lane.rows) // 2
        for part in (lane.rows[:half], lane.rows[half:]):
            waiting += [lane.renumbered(part) for lane in _lanes([sequences[i] for i in part], pairs)]
    group: list[int] = []
    lanes = 0
    for lane in sorted(fitting, key=lambda lane: (lane.tokens, lane.rows)):
        if group and (lanes + 1) * lane.tokens > max_tokens:
            yield group
            group, lanes = [], 0
        group += lane.rows
        lanes += 1
    if group:
        yield group


def hidden_states(
    model: Any,
    packed: Packed,
    device: torch.device,
    inputs_of: Callable[[Tensor], dict[str, Tensor]] = lambda ids: {"input_ids": ids},
) -> Tensor:
    """Last hidden states of every packed token, [lanes * width, hidden], indexed by `Packed.places`.

    Args:
        model: A causal language model of transformers, or one wrapped by peft.
        packed: What to read; branches need a model for which `can_branch` holds.
        device: Where the model is.
        inputs_of: What the model is given for tokens.
    """
    inputs: dict[str, Any] = {**inputs_of(torch.from_numpy(packed.ids).to(device)), "use_cache": False}
    if not packed.is_chain:
        # transformers takes a four-dimensional mask as it is. Chains go without one, and without positions,
        # from which it would guess independent sequences.
        inputs["position_ids"] = torch.from_numpy(packed.positions).to(device)
        inputs["attention_mask"] = _packed_mask(model, packed, device)
    return model.get_decoder()(**inputs).last_hidden_state.flatten(0, 1)


def can_branch(model: Any) -> bool:
    """Whether every layer attends to all earlier tokens, so that one mask serves them all."""
    config = model.config.get_text_config()
    kinds = getattr(config, "layer_types", None)
    if kinds is not None:
        return set(kinds) == {"full_attention"}
    return getattr(config, "sliding_window", None) is None and config.model_type not in ("mamba", "mamba2")


def attention_mask(model: Any, seen: Tensor) -> Tensor:
    """What "sdpa" or "eager" attention reads for bool[n, 1, q, k], True where the query sees the key."""
    if model.config._attn_implementation != "eager":
        return seen
    kind = seen.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else model.dtype
    return torch.zeros(seen.shape, dtype=dtype, device=seen.device).masked_fill(~seen, torch.finfo(dtype).min)


def _packed_mask(model: Any, packed: Packed, device: torch.device) -> Any:
    """The mask in the form that the model's attention reads."""
    if model.config._attn_implementation != "flex_attention":
        return attention_mask(model, packed.mask(device))
    from torch.nn.attention.flex_attention import create_block_mask

    exits = torch.from_numpy(packed.exits).to(device)
    lanes, width = packed.ids.shape

    def sees(lane: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
        return (key <= query) & (query < exits[lane, key])

    return create_block_mask(sees, lanes, None, width, width, device=device.type)


@dataclass(frozen=True, slots=True)
class _Lane:
    """Sequences of one tree in depth-first order, and how many tokens each shares with the one before."""

    rows: list[int]
    shared: list[int]
    tokens: int

    def renumbered(self, rows: Sequence[int]) -> _Lane:
        """The same lane over a selection of sequences, by their numbers in the whole."""
        return _Lane([rows[i] for i in self.rows], self.shared, self.tokens)


def _lanes(sequences: Sequence[np.ndarray], pairs: int) -> list[_Lane]:
    """Split sequences into trees worth sharing.

    Sorted, sequences with a common prefix stand side by side, and what each adds to the one before it is the
    tree in depth-first order.
    """
    if not sequences or not all(map(len, sequences)):
        raise ValueError("nothing to pack: sequences of at least one token are needed")
    # Big-endian bytes of non-negative numbers sort as the numbers do, a prefix before what extends it.
    keys = [np.asarray(sequence).astype(">u4").tobytes() for sequence in sequences]
    order = sorted(range(len(sequences)), key=keys.__getitem__)
    ordered = [np.asarray(sequences[i]) for i in order]
    shared = np.array([0, *(_common(a, b) for a, b in zip(ordered, ordered[1:], strict=False))])
    added = np.array([len(sequence) for sequence in ordered]) - shared
    ends = np.concatenate(([0], added.cumsum()))
    lane_of = np.zeros(len(ordered), np.int64)
    count = 1
    blocks = [(0, len(ordered))]
    while blocks:
        start, stop = blocks.pop()
        if stop - start < 2:
            continue
        inner = shared[start + 1 : stop]
        depth = int(inner.min())
        bounds = [start, *(start + 1 + np.flatnonzero(inner == depth)), stop]
        children = list(zip(bounds, bounds[1:], strict=False))
        # What each child adds below the branching point; its first sequence may share more with a cousin.
        sizes = [int(ends[b] - ends[a] + shared[a] - depth) for a, b in children]
        heaviest = int(np.argmax(sizes))
        lane, kept = lane_of[start], sizes[heaviest]
        for place, ((a, b), size) in enumerate(zip(children, sizes, strict=True)):
            blocks.append((int(a), int(b)))
            if place == heaviest or size == 0:
                continue
            may_share = size <= depth
            if may_share and 2 * size * kept <= depth * pairs:
                lane_of[a:b], kept = lane, kept + size
                continue
            lane_of[a:b], count = count, count + 1
            if may_share:
                lane, kept = count - 1, size
    return [_lane(ordered, order, np.flatnonzero(lane_of == number)) for number in range(count)]


def _lane(ordered: Sequence[np.ndarray], order: Sequence[int], members: np.ndarray) -> _Lane:
    parts = [ordered[m] for m in members]
    shared = [0, *(_common(a, b) for a, b in zip(parts, parts[1:], strict=False))]
    return _Lane([order[m] for m in members], shared, sum(map(len, parts)) - sum(shared))


def _common(a: np.ndarray, b: np.ndarray) -> int:
    """Length of the common prefix."""
    size = min(len(a), len(b))
    different = a[:size] != b[:size]
    return int(different.argmax()) if different.any() else size
