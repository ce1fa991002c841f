"""Keys and values by row and position, in storage that stays where it is while it is large enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Cache


class RowCache(Cache):
    """Keys and values of rows that each have a length of their own.

    transformers' own caches append the same number of positions to every row. Here a forward pass writes some
    positions of some rows, so prompts of different lengths leave no holes, and what is not visible is merely
    overwritten. The last position of each row is for padding: no token sees it.

    Args:
        dtype: What keys and values are kept in; None for what comes.
        positions: Rows times positions that are kept from call to call, if a call does not need more.

    Attributes:
        size: Rows, and positions in each, of the storage.
        stored: Per layer keys and values, [rows, heads, positions, head_dim]; none before the first pass.
        rows: The rows of the pass: the first so many, or those of an index, int64[n].
        columns: int64[n, q], the position each token of the pass is written to.
        visible: Positions that the pass can see; beyond, nothing is read.
    """

    def __init__(self, dtype: torch.dtype | None, positions: int) -> None:
        super().__init__(layers=[])
        self._dtype, self._positions = dtype, positions
        self.size = (0, 0)
        self.stored: list[tuple[Tensor, Tensor]] = []
        self.rows: int | Tensor = 0
        self.columns = torch.zeros(0, 0, dtype=torch.int64)
        self.visible = 0

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor]:
        """Store new keys and values, [n, heads, q, head_dim]; returns all that the pass can see."""
        if layer_idx == len(self.stored):
            keys, values = (
                # Zeros, because a product with what is not visible must be a number.
                new.new_zeros((self.size[0], new.shape[1], self.size[1], new.shape[3]), dtype=self._dtype)
                for new in (key_states, value_states)
            )
            self.stored.append((keys, values))
        rows = self.rows
        index = torch.arange(rows, device=key_states.device) if isinstance(rows, int) else rows
        found = []
        for stored, new in zip(self.stored[layer_idx], (key_states, value_states), strict=True):
            stored[index[:, None], :, self.columns] = new.transpose(1, 2).to(stored.dtype)
            if isinstance(rows, int):
                found.append(stored[:rows, :, : self.visible])
            else:
                found.append(stored[:, :, : self.visible].index_select(0, rows))
        return found[0], found[1]

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Not asked for: positions are given."""
        return self.visible

    def arrange(self, sources: Sequence[int], lengths: Sequence[int], width: int) -> bool:
        """Make row i begin as the present row `sources[i]` does, for `lengths[i]` positions.

        Args:
            sources: Rows of the storage; any where the length is 0.
            lengths: Positions to keep.
            width: Positions that each row needs.

        Returns:
            Whether the storage moved, because it was too small, or far too large.
        """
        size = self._size(len(sources), width + 1)
        is_moved = size != self.size
        to = [
            i
            for i, (source, n) in enumerate(zip(sources, lengths, strict=True))
            if n and (is_moved or source != i)
        ]
        kept = max((lengths[row] for row in to), default=0)
        for layer, pair in enumerate(self.stored):
            keys, values = (
                old.new_zeros(size[0], old.shape[1], size[1], old.shape[3]) if is_moved else old
                for old in pair
            )
            self.stored[layer] = keys, values
            device = keys.device
            index, of = torch.tensor(to, device=device), torch.tensor([sources[i] for i in to], device=device)
            for new, old in zip((keys, values), pair, strict=True):
                if to:
                    new[index, :, :kept] = old[:, :, :kept].index_select(0, of)
        self.size = size
        return is_moved

    def clear(self) -> None:
        """Forget what is stored: a number that is not finite must not outlive the weights that made it."""
        for pair in self.stored:
            for tensor in pair:
                tensor.zero_()

    def drop(self) -> None:
        """Give the storage back."""
        self.stored, self.size = [], (0, 0)

    def _size(self, rows: int, width: int) -> tuple[int, int]:
        """Storage for so many rows and positions: the present one, if it serves."""
        now_rows, now_width = self.size
        needed = bucket(rows), max(64, bucket(width))
        most = max(now_rows, needed[0]), max(now_width, needed[1])
        return most if most[0] * most[1] <= max(self._positions, 1) else needed


def bucket(number: int) -> int:
    """The number, at least 1, rounded up to four sizes an octave: a quarter more at most."""
    step = 1 << max(0, (number - 1).bit_length() - 3)
    return -(-number // step) * step
