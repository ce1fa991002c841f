"""Batched decoding that keeps keys and values from call to call, so that no prefix is computed twice.

A row holds the tokens of one prompt and its reply. When a new prompt arrives, the row that shares the longest
prefix with it gives its keys and values, whether that is the same episode one step earlier or another episode
with the same beginning; only what follows is computed. Keys and values depend on the tokens before them
alone, so this changes no result beyond rounding.
"""

from __future__ import annotations

import warnings
import weakref
from bisect import bisect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from step_gym.agents.packing import attention_mask
from step_gym.agents.pretrained import ActingCopy
from step_gym.agents.row_cache import RowCache, bucket
from step_gym.agents.sampling import Distinct, chunks
from step_gym.wrappers.storage import shared_prefix

_MOST_TOKENS = 16
"""Tokens a row that a step of fixed shapes reads at most; what is longer is read like a prompt."""

Capture = Callable[[Callable[[], Tensor]], Callable[[], Tensor]]
"""Turns work on fixed tensors into something that does it again and returns what it returned."""


class Decoder:
    """Reads prompts and further tokens of many rows and gives the logits after each.

    Prompts are read in the shapes that they have. The few tokens that follow are read that way too, or, with
    `fixed`, in few shapes: rows, tokens and visible positions are rounded up and each shape has inputs and an
    output of its own that stay where they are. Such a step can be captured once and replayed.

    Args:
        network: A causal language model of transformers whose layers all attend to everything before them.
        acting: Its layers as they act.
        device: Where they are.
        dtype: What keys and values are kept in; None for what the network computes.
        batch_tokens: Prompt tokens read at once, padding included; bounds memory.
        cache_tokens: Positions of keys and values kept from call to call, if a call does not need more.
        inputs: What the network is given for the tokens of prompts.
        fixed: Whether tokens after prompts are read in few fixed shapes.
        capture: How a step of fixed shapes is captured; None runs it operation by operation.

    Attributes:
        capture: See above; None from when it failed.
        computed_tokens: Tokens that were read, without padding.
        reused_tokens: Prompt tokens that did not have to be.
    """

    def __init__(
        self,
        network: Any,
        acting: ActingCopy,
        device: torch.device,
        dtype: torch.dtype | None,
        *,
        batch_tokens: int,
        cache_tokens: int,
        inputs: Callable[[Tensor], dict[str, Tensor]],
        fixed: bool = False,
        capture: Capture | None = None,
    ) -> None:
        self._network, self._acting, self._device, self._inputs = network, acting, device, inputs
        self._batch_tokens, self._fixed, self.capture = batch_tokens, fixed, capture
        self._cache = RowCache(dtype, cache_tokens)
        self._steps: dict[tuple[int, int, int], tuple[Tensor, Callable[[], Tensor]]] = {}
        self._held: list[np.ndarray] = []
        self._weights: list[int] = []
        self.computed_tokens = self.reused_tokens = 0

    def forget(self) -> None:
        """Drop everything that is kept."""
        self._held = []
        self._cache.drop()
        self._steps.clear()

    def renew(self) -> None:
        """Take over changed weights. Storage and captured steps stay, unless weights have moved."""
        self._held = []
        self._cache.clear()
        self._acting.refresh()
        places = [parameter.data_ptr() for parameter in self._acting.module.parameters()]
        if places != self._weights:
            self._steps.clear()
            self._weights = places

    def begin(self, prompts: Sequence[np.ndarray], room: int) -> Tensor:
        """Make row i hold prompt i (int32[P >= 1]); prompts may repeat.

        Rows of the call before that no prompt continues are dropped.

        Args:
            prompts: One a row.
            room: Tokens that each row will be extended by, at most.

        Returns:
            Logits after each prompt, [rows, vocabulary].
        """
        sources, shared = self._sources(prompts)
        if self._cache.arrange(sources, shared, max(map(len, prompts)) + room):
            self._steps.clear()
        distinct = Distinct()
        leader: dict[int, int] = {}
        leaders = [leader.setdefault(distinct.add(prompt), row) for row, prompt in enumerate(prompts)]
        owner = list(leader.values())
        self._held = [prompt[:length] for prompt, length in zip(prompts, shared, strict=True)]
        owner.sort(key=lambda row: len(prompts[row]) - shared[row])
        logits: list[Tensor] = [torch.empty(0)] * len(prompts)
        for rows in chunks(owner, lambda row: len(prompts[row]) - shared[row], self._batch_tokens):
            found = self._read(rows, [prompts[row][shared[row] :] for row in rows], self._inputs)
            for row, after in zip(rows, found, strict=True):
                logits[row] = after
        self.reused_tokens += sum(map(len, prompts)) - sum(len(prompts[r]) - shared[r] for r in owner)
        if len(owner) < len(prompts):
            self._cache.arrange(leaders, list(map(len, prompts)), max(map(len, prompts)) + room)
            logits = [logits[row] for row in leaders]
            self._held = list(prompts)
        return torch.stack(logits)

    def extend(self, rows: Sequence[int], tokens: Sequence[Sequence[int] | np.ndarray]) -> Tensor:
        """Append tokens (at least one each) to some rows; returns logits after each, [len(rows), vocabulary].

        Tokens are those of replies, which show no picture.
        """
        if self._fixed and max(map(len, tokens)) <= _MOST_TOKENS:
            return self._step(rows, tokens)
        return self._read(rows, tokens, lambda ids: {"input_ids": ids})

    def _read(
        self,
        rows: Sequence[int],
        tokens: Sequence[Sequence[int] | np.ndarray],
        inputs: Callable[[Tensor], dict[str, Tensor]],
    ) -> Tensor:
        """Read tokens in the shape that they have.

        Few tokens are read for all rows together: the others repeat what they hold, which costs less than
        moving the keys and values of some aside.
        """
        count, longest = len(self._held), max(map(len, tokens))
        is_all = 2 * len(rows) > count and longest * count <= 2 * sum(map(len, tokens))
        places = rows if is_all else range(len(rows))
        given = self._place(rows, tokens, places, count if is_all else len(rows), longest)
        visible = max(len(self._held[row]) for row in rows)
        selected = count if is_all else torch.tensor(rows, device=self._device)
        hidden = self._states(torch.from_numpy(given).to(self._device), selected, visible, inputs)
        if is_all:
            hidden = hidden[torch.tensor(rows, device=self._device)]
        return output_logits(self._network, hidden)

    def _step(self, rows: Sequence[int], tokens: Sequence[Sequence[int] | np.ndarray]) -> Tensor:
        """Read tokens in one of the fixed shapes."""
        most_rows, width = self._cache.size
        count = most_rows
        while count > 1 and -(-count // 2) >= len(self._held):
            count = -(-count // 2)
        longest = 1 << (max(map(len, tokens)) - 1).bit_length()
        given = self._place(rows, tokens, rows, count, longest)
        shape = (count, longest, min(bucket(max(len(self._held[row]) for row in rows)), width))
        if shape not in self._steps:
            self._steps[shape] = self._prepared(given, *shape)
        kept, run = self._steps[shape]
        kept.copy_(torch.from_numpy(given))
        return output_logits(self._network, run()[torch.tensor(rows, device=self._device)])

    def _prepared(
        self, given: np.ndarray, count: int, longest: int, visible: int
    ) -> tuple[Tensor, Callable[[], Tensor]]:
        """Inputs of a fixed shape, and what computes hidden states from them, [count, hidden]."""
        kept = torch.from_numpy(given).to(self._device)

        def work() -> Tensor:
            return self._states(kept, count, visible, lambda ids: {"input_ids": ids})

        if self.capture is None:
            return kept, work
        kind = self._device.type
        dtype, is_rounded = torch.get_autocast_dtype(kind), torch.is_autocast_enabled(kind)
        try:
            # What autocast had cached would be read from where it no longer is.
            with torch.autocast(kind, dtype, is_rounded, cache_enabled=False):
                return kept, self.capture(work)
        except RuntimeError as error:
            warnings.warn(
                f"a decoding step of this model cannot be captured as a CUDA graph "
                f"({' '.join(str(error).split())[:200]}): it runs operation by operation",
                stacklevel=2,
            )
            self.capture = None
            return kept, work

    def _place(
        self,
        rows: Sequence[int],
        tokens: Sequence[Sequence[int] | np.ndarray],
        places: Sequence[int],
        count: int,
        longest: int,
    ) -> np.ndarray:
        """Hold the tokens; returns int64[count, 3 * longest + 1]: ids, positions, columns, index of the last.

        Those of `rows[i]` stand at `places[i]`. All else is token 0 at position 0, written to the last
        column, which no token sees.
        """
        given = np.zeros((count, 3 * longest + 1), np.int64)
        ids, positions, columns = (given[:, i * longest : (i + 1) * longest] for i in range(3))
        columns[:] = self._cache.size[1] - 1
        for row, place, new in zip(rows, places, tokens, strict=True):
            start, added = len(self._held[row]), len(new)
            self._held[row] = np.concatenate((self._held[row], np.asarray(new, np.int32)))
            ids[place, :added] = new
            positions[place, :added] = columns[place, :added] = np.arange(start, start + added)
            given[place, -1] = added - 1
            self.computed_tokens += added
        return given

    def _states(
        self,
        given: Tensor,
        rows: int | Tensor,
        visible: int,
        inputs: Callable[[Tensor], dict[str, Tensor]],
    ) -> Tensor:
        """Hidden states after the last token of each row that `_place` gave, [rows, hidden]."""
        ids, positions, columns = given[:, :-1].unflatten(1, (3, -1)).unbind(1)
        self._cache.rows, self._cache.columns, self._cache.visible = rows, columns, visible
        seen = torch.arange(visible, device=self._device) <= positions[:, :, None]
        hidden = self._acting.module(
            **inputs(ids),
            attention_mask=attention_mask(self._acting.module, seen[:, None]),
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
        ).last_hidden_state
        return hidden[torch.arange(len(given), device=self._device), given[:, -1]]

    def _sources(self, prompts: Sequence[np.ndarray]) -> tuple[list[int], list[int]]:
        """For each prompt the held row that shares most with it, and how many tokens to take from there.

        In the order of their bytes, what shares most with a prompt stands next to it. Its last token is
        always read, because the logits after it are wanted.
        """
        held = sorted((np.ascontiguousarray(ids).tobytes(), row) for row, ids in enumerate(self._held))
        keys = [key for key, _ in held]
        sources, shared = [], []
        for number, prompt in enumerate(prompts):
            key = np.ascontiguousarray(prompt).tobytes()
            place = bisect(keys, key)
            found = [
                (shared_prefix(held[i][0], key), held[i][1]) for i in (place - 1, place) if 0 <= i < len(held)
            ]
            if number < len(self._held):
                # A prompt of the same length of overlap stays where it is, and nothing has to move.
                found.append((shared_prefix(self._held[number].tobytes(), key), number))
            length, source = max(found, key=lambda pair: pair[0], default=(0, 0))
            if found and found[-1][0] == length:
                source = found[-1][1]
            sources.append(source)
            shared.append(min(length, len(prompt) - 1))
        return sources, shared


def output_logits(network: Any, hidden: Tensor) -> Tensor:
    """Logits, [..., vocabulary], of a network's last hidden states; in float32, whatever it computes in.

    Around 16, neighbouring bfloat16 numbers are 0.125 apart: rounded there, sampled and trained logits would
    differ by more than what the layers before add (MiniMax-M1, arXiv 2506.13585).
    """
    with torch.autocast(hidden.device.type, enabled=False):
        return network.get_output_embeddings()(hidden.float())


class CudaGraphs:
    """Captures work on fixed tensors as CUDA graphs, in the steps of torch's notes on them.

    Replayed, a graph costs the processor one launch, and not one for each operation. All share one pool of
    memory, because none begins before another has ended.
    """

    def __init__(self) -> None:
        self._last: Callable[[], torch.cuda.CUDAGraph | None] = lambda: None

    def __call__(self, work: Callable[[], Tensor]) -> Callable[[], Tensor]:
        """Do the work a few times, and capture it.

        Args:
            work: Reads and writes tensors that stay where they are, the same ones at every call, and asks for
                no value of any.

        Returns:
            Does the work again on what the tensors then hold. Its result is overwritten by the next call.
        """
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        last, graph = self._last(), torch.cuda.CUDAGraph()
        pool = None if last is None else last.pool()
        # Environments may run in threads of their own; what they do has no part in the capture.
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            output = work()
        self._last = weakref.ref(graph)

        def replay() -> Tensor:
            graph.replay()
            return output

        return replay
