"""What policies share: drafts of actions, choices under a mask, and how tokens are drawn.

Each request draws one seed; each token a number from that seed and its position. So what is sampled depends
neither on how requests are grouped nor on the order in which they finish.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from step_gym.agents.policy import RowLogprobs, TrainRow
from step_gym.agents.trie import walk_forced

_T = TypeVar("_T")

AllowedTokens = Sequence[int] | None
"""Tokens that may come next; None for the whole vocabulary."""


class SamplingState:
    """Weights, their version and the sampling generator: what a policy must keep for a run to be resumed."""

    model: Any
    version: int
    _generator: torch.Generator

    def reseed(self, seed: Sequence[int]) -> None:
        """Restart the sampling generator from some integers, for instance (run seed, round)."""
        state = int(np.random.SeedSequence(list(seed)).generate_state(1, np.uint64)[0])
        self._generator.manual_seed(state % 2**63)

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs: weights, version, and the state of the sampling generator."""
        return {
            "model": self.model.state_dict(),
            "version": self.version,
            "generator": self._generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` gave, from a policy of the same model and sizes."""
        self.model.load_state_dict(state["model"])
        self.version = int(state["version"])
        self._generator.set_state(state["generator"].cpu())


@dataclass(slots=True)
class Draft:
    """An action being written: its request, the trie node it has reached, and what was written so far.

    Attributes:
        index: Number of the request.
        prompt: Number of its prompt among the distinct ones.
        node: Node of the candidates' trie; None in a free reply.
        tokens: What was written.
        logprobs: Log-probability of each token; 0 where the trie left no choice.
        unread: The tokens that the network has not read yet.
    """

    index: int
    prompt: int
    node: dict[int, Any] | None
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.node is not None:
            self._write_forced(self.node)

    def write(self, token: int, logprob: float) -> None:
        """Append a chosen token and whatever the trie then forces."""
        self.tokens.append(token)
        self.unread.append(token)
        self.logprobs.append(logprob)
        if self.node is not None:
            self._write_forced(self.node[token])

    def _write_forced(self, node: dict[int, Any]) -> None:
        forced, self.node = walk_forced(node)
        self.tokens += forced
        self.unread += forced
        self.logprobs += [0.0] * len(forced)

    def is_finished(self, end_ids: Collection[int], max_new_tokens: int) -> bool:
        """Whether it is a whole action of the trie, or a free reply that ended or is as long as allowed."""
        if self.node is not None:
            return not self.node
        return bool(self.tokens) and (self.tokens[-1] in end_ids or len(self.tokens) >= max_new_tokens)


class Distinct:
    """Token sequences without repeats, numbered in the order of their first appearance."""

    def __init__(self) -> None:
        self.items: list[np.ndarray] = []
        self._numbers: dict[bytes, int] = {}

    def add(self, ids: Sequence[int] | np.ndarray) -> int:
        """The number of a sequence. Raises `ValueError` for an empty one."""
        array = np.ascontiguousarray(ids, dtype=np.int32)
        if not len(array):
            raise ValueError("an empty prompt: at least one token is needed")
        number = self._numbers.setdefault(array.tobytes(), len(self.items))
        if number == len(self.items):
            self.items.append(array)
        return number


def chunks(items: Sequence[_T], length: Callable[[_T], int], budget: int) -> Iterator[list[_T]]:
    """Split items, sorted by length, into chunks whose padded size is at most `budget`, or of one item."""
    chunk: list[_T] = []
    for item in items:
        if chunk and (len(chunk) + 1) * length(item) > budget:
            yield chunk
            chunk = []
        chunk.append(item)
    if chunk:
        yield chunk


def padded(
    sequences: Sequence[Sequence[int] | np.ndarray], pad_id: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Token sequences as int64[n, longest], padded on the right, and their lengths, int64[n]."""
    lengths = [len(sequence) for sequence in sequences]
    ids = np.full((len(sequences), max(lengths)), pad_id, dtype=np.int64)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = sequence
    return torch.from_numpy(ids).to(device), torch.tensor(lengths, device=device)


# -- choosing --------------------------------------------------------------------------------------------


def request_seeds(generator: torch.Generator, count: int) -> np.ndarray:
    """One seed a request, uint64[count]."""
    return torch.randint(2**63 - 1, (count,), generator=generator).numpy().astype(np.uint64)


def allowed_logprobs(logits: Tensor, allowed: Sequence[Sequence[int]]) -> tuple[Tensor, np.ndarray]:
    """Log-softmax over the allowed tokens, float32[r, K] (-inf beyond a row's own), and the tokens."""
    width = max(map(len, allowed))
    ids = np.zeros((len(allowed), width), dtype=np.int64)
    for row, tokens in zip(ids, allowed, strict=True):
        row[: len(tokens)] = tokens
    counts = torch.tensor([len(tokens) for tokens in allowed], device=logits.device)
    kept = logits.float().gather(1, torch.from_numpy(ids).to(logits.device))
    outside = torch.arange(width, device=logits.device) >= counts[:, None]
    return kept.masked_fill(outside, float("-inf")).log_softmax(1), ids


def draw_tokens(logits: Tensor, drafts: Sequence[Draft], seeds: np.ndarray | None) -> None:
    """Write the next token of each draft, drawn at temperature 1 from what it may write.

    Args:
        logits: float[n, vocabulary], one row a draft.
        drafts: The drafts.
        seeds: uint64[requests], one a request; None takes the most probable token.
    """
    for is_free in (False, True):
        places = [place for place, draft in enumerate(drafts) if (draft.node is None) == is_free]
        if places:
            part = logits if len(places) == len(drafts) else logits[places]
            _draw([drafts[place] for place in places], part, seeds)


def _draw(drafts: Sequence[Draft], logits: Tensor, seeds: np.ndarray | None) -> None:
    """Write the next token of drafts that are all free replies, or all bound to a trie."""
    if drafts[0].node is None:
        logprobs, ids = logits.float().log_softmax(1), None
    else:
        logprobs, ids = allowed_logprobs(logits, [list(draft.node or ()) for draft in drafts])
    if seeds is None:
        places = logprobs.argmax(1)
    else:
        positions = np.array([len(draft.tokens) for draft in drafts], dtype=np.uint64)
        numbers = torch.from_numpy(_uniform(seeds[[draft.index for draft in drafts]], positions))
        reached = logprobs.double().exp().cumsum(1)
        goals = numbers.to(reached.device)[:, None] * reached[:, -1:]
        places = torch.searchsorted(reached, goals, right=True)[:, 0]
        # Of numbers that are not finite none is reached. On a GPU an index beyond the end ends the process.
        places = places.clamp(max=reached.shape[1] - 1)
    chosen = logprobs.gather(1, places[:, None])[:, 0].tolist()
    tokens = places.tolist() if ids is None else ids[np.arange(len(ids)), places.cpu().numpy()].tolist()
    for draft, token, logprob in zip(drafts, tokens, chosen, strict=True):
        draft.write(token, logprob)


def _uniform(seeds: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Numbers in [0, 1) for seeds and positions, uint64[n]: SplitMix64 (Steele, Lea and Flood, 2014)."""
    mixed = seeds + (positions + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53


# -- training --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choices:
    """Where the actions of some rows had a choice.

    Attributes:
        rows: int64[c], the row of each choice.
        places: int64[c], its place in the row's action.
        chosen: int64[c], the token that was taken.
        allowed: What could have been taken, one entry a choice.
        lengths: int64[n], number of tokens of each row's action.
    """

    rows: np.ndarray
    places: np.ndarray
    chosen: np.ndarray
    allowed: list[AllowedTokens]
    lengths: np.ndarray

    @classmethod
    def of(
        cls, rows: Sequence[TrainRow], allowed_at: Callable[[TrainRow], Sequence[AllowedTokens]]
    ) -> Choices:
        """The choices of some rows; `allowed_at` gives what was allowed at each token of a row's action."""
        places: list[tuple[int, int]] = []
        allowed: list[AllowedTokens] = []
        for number, row in enumerate(rows):
            for place, tokens in enumerate(allowed_at(row)):
                if tokens is None or len(tokens) > 1:
                    places.append((number, place))
                    allowed.append(tokens)
        index = np.array(places, dtype=np.int64).reshape(-1, 2)
        chosen = np.array([rows[number].action_ids[place] for number, place in places], dtype=np.int64)
        lengths = np.array([len(row.action_ids) for row in rows], dtype=np.int64)
        return cls(index[:, 0], index[:, 1], chosen, allowed, lengths)

    def __len__(self) -> int:
        return len(self.rows)

    def read_lengths(self) -> np.ndarray:
        """int64[n], how many tokens of each action are read: those before its last choice; -1 without one."""
        read = np.full(len(self.lengths), -1, dtype=np.int64)
        np.maximum.at(read, self.rows, self.places)
        return read

    def row_logprobs(self, logits: Tensor) -> RowLogprobs:
        """Log-probabilities of all tokens, from the logits at the choices, float[c, vocabulary]."""
        total, device = int(self.lengths.sum()), logits.device
        flat = np.concatenate(([0], np.cumsum(self.lengths)))[self.rows] + self.places
        logprobs = entropy = torch.zeros(total, device=device)
        is_choice = torch.zeros(total, dtype=torch.bool, device=device)
        is_free = np.array([tokens is None for tokens in self.allowed], dtype=bool)
        for kind in (False, True):
            of_kind = np.flatnonzero(is_free == kind)
            if not len(of_kind):
                continue
            index = torch.from_numpy(flat[of_kind]).to(device)
            part = logits if len(of_kind) == len(self) else logits[torch.from_numpy(of_kind).to(device)]
            taken = self.chosen[of_kind]
            if kind:
                masked = part.float().log_softmax(1)
            else:
                masked, ids = allowed_logprobs(part, [self.allowed[i] or () for i in of_kind])
                taken = (ids == taken[:, None]).argmax(1)
            taken = torch.from_numpy(taken).to(device)
            is_choice[index] = True
            logprobs = logprobs.index_put((index,), masked.gather(1, taken[:, None])[:, 0])
            entropy = entropy.index_put((index,), -(masked.exp() * masked.clamp_min(-1e4)).sum(1))
        return RowLogprobs(logprobs, entropy, is_choice, torch.from_numpy(self.lengths))
