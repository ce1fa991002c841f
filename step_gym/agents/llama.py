"""A lean forward pass over a transformers `LlamaForCausalLM`: read prompts, extend them by action tokens.

Acting and training run the same two functions, so their log-probabilities agree. Beside transformers' own
forward this pass computes the last layer's queries and MLP of a prompt at its last token only (nothing else reads
them), needs no padding mask (prompts are padded on the right, and causal attention never looks there), and lets
many actions share one prompt. Same weights, same results: a test compares both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import LlamaForCausalLM

KeyValues = tuple[Tensor, Tensor]


@dataclass(frozen=True, slots=True)
class Context:
    """What later tokens attend to: keys and values of every layer.

    Attributes:
        layers: Per layer keys and values, each [n, heads, P, head_dim].
        valid: bool[n, P], False at padding.
        positions: int64[n], number of valid tokens, which is the position of the next one.
    """

    layers: tuple[KeyValues, ...]
    valid: Tensor
    positions: Tensor

    def select(self, index: Tensor) -> Context:
        """The context of rows `index` (int64[m]); rows may repeat."""
        layers = tuple((k.index_select(0, index), v.index_select(0, index)) for k, v in self.layers)
        return Context(layers, self.valid.index_select(0, index), self.positions.index_select(0, index))

    def joined(self, other: Context) -> Context:
        """This context followed by what `extend` returned for the same rows."""
        layers = tuple(
            (torch.cat((k, k2), 2), torch.cat((v, v2), 2))
            for (k, v), (k2, v2) in zip(self.layers, other.layers, strict=True)
        )
        return Context(layers, torch.cat((self.valid, other.valid), 1), other.positions)


def read_prompts(model: LlamaForCausalLM, ids: Tensor, lengths: Tensor) -> tuple[Tensor, Context]:
    """Read whole prompts.

    Args:
        model: The model.
        ids: int64[n, P], padded on the right with any token.
        lengths: int64[n], 1 to P.

    Returns:
        Normalised hidden states after each prompt's last token, [n, hidden], and the prompts as context.
    """
    n, width = ids.shape
    valid = torch.arange(width, device=ids.device) < lengths[:, None]
    hidden = model.model.embed_tokens(ids)
    cos, sin = _rotation(model, hidden, torch.arange(width, device=ids.device)[None])
    last = lengths - 1
    rows = torch.arange(n, device=ids.device)
    kept: list[KeyValues] = []
    final = len(model.model.layers) - 1
    for depth, layer in enumerate(model.model.layers):
        normed = _norm(layer.input_layernorm, hidden)
        if depth < final:
            query, key, value = _project(layer, normed, cos, sin)
            mixed = _causal_attention(query, key, value)
        else:
            key, value = _keys_values(layer, normed, cos, sin)
            query = _queries(layer, normed[rows, last][:, None], cos[0, last][:, None], sin[0, last][:, None])
            mixed = _attention(query, [(key, value)], valid[:, None, None, :])
            hidden = hidden[rows, last][:, None]
        kept.append((key, value))
        hidden = _finish(layer, hidden, mixed)
    return _norm(model.model.norm, hidden)[:, 0], Context(tuple(kept), valid, lengths)


def extend(
    model: LlamaForCausalLM, contexts: Sequence[Context], ids: Tensor, lengths: Tensor
) -> tuple[Tensor, Context]:
    """Read tokens after one or more contexts of the same rows, which follow each other.

    Args:
        model: The model.
        contexts: What came before, n rows each; given apart so that a long prompt need not be copied to grow.
        ids: int64[n, A], padded on the right with any token.
        lengths: int64[n], 0 to A.

    Returns:
        Normalised hidden states after each of the tokens, [n, A, hidden] (meaningless at padding), and the
        new tokens alone as context.
    """
    width = ids.shape[1]
    columns = torch.arange(width, device=ids.device)
    hidden = model.model.embed_tokens(ids)
    cos, sin = _rotation(model, hidden, contexts[-1].positions[:, None] + columns)
    before = torch.cat([context.valid for context in contexts], 1)[:, None, None, :].expand(-1, -1, width, -1)
    causal = (columns[:, None] >= columns).expand(len(ids), 1, -1, -1)
    mask = torch.cat((before, causal), -1)
    kept: list[KeyValues] = []
    for depth, layer in enumerate(model.model.layers):
        query, key, value = _project(layer, _norm(layer.input_layernorm, hidden), cos, sin)
        mixed = _attention(query, [*(context.layers[depth] for context in contexts), (key, value)], mask)
        kept.append((key, value))
        hidden = _finish(layer, hidden, mixed)
    positions = contexts[-1].positions + lengths
    return _norm(model.model.norm, hidden), Context(tuple(kept), columns < lengths[:, None], positions)


def _norm(module: Any, hidden: Tensor) -> Tensor:
    return F.rms_norm(hidden, hidden.shape[-1:], module.weight, module.variance_epsilon)


def _rotation(model: LlamaForCausalLM, hidden: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
    """Cosines and sines, [rows or 1, tokens, 1, head_dim / 2]: the two halves of a head turn alike."""
    cos, sin = model.model.rotary_emb(hidden, positions)
    half = cos.shape[-1] // 2
    return cos[..., None, :half], sin[..., None, :half]


def _rotate(states: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary position embedding of [n, tokens, heads, head_dim]."""
    first, second = states.chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


def _project(layer: Any, normed: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Rotated queries and keys, and values, each [n, heads, tokens, head_dim], by one matrix product."""
    attention = layer.self_attn
    weight = torch.cat((attention.q_proj.weight, attention.k_proj.weight, attention.v_proj.weight))
    states = F.linear(normed, weight).unflatten(-1, (-1, attention.head_dim))
    heads = states.shape[2] // 3
    turned = _rotate(states[:, :, : 2 * heads], cos, sin).transpose(1, 2)
    return turned[:, :heads], turned[:, heads:], states[:, :, 2 * heads :].transpose(1, 2)


def _keys_values(layer: Any, normed: Tensor, cos: Tensor, sin: Tensor) -> KeyValues:
    attention = layer.self_attn
    weight = torch.cat((attention.k_proj.weight, attention.v_proj.weight))
    key, value = F.linear(normed, weight).unflatten(-1, (-1, attention.head_dim)).chunk(2, 2)
    return _rotate(key, cos, sin).transpose(1, 2), value.transpose(1, 2)


def _queries(layer: Any, normed: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    attention = layer.self_attn
    states = F.linear(normed, attention.q_proj.weight).unflatten(-1, (-1, attention.head_dim))
    return _rotate(states, cos, sin).transpose(1, 2)


def _causal_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal self-attention of [n, heads, tokens, head_dim]; returns [n, tokens, heads * head_dim]."""
    if query.is_cuda:
        return F.scaled_dot_product_attention(query, key, value, is_causal=True).transpose(1, 2).flatten(2)
    width = query.shape[2]
    later = torch.full((width, width), float("-inf"), dtype=query.dtype, device=query.device).triu(1)
    scores = torch.matmul(query * query.shape[-1] ** -0.5, key.transpose(2, 3)) + later
    return torch.matmul(scores.softmax(-1), value).transpose(1, 2).flatten(2)


def _attention(query: Tensor, parts: Sequence[KeyValues], mask: Tensor) -> Tensor:
    """Attention over the keys of all parts in a row, not copied together; mask is bool, True where seen."""
    query = query * query.shape[-1] ** -0.5
    scores = torch.cat([torch.matmul(query, key.transpose(2, 3)) for key, _ in parts], -1)
    weights = (
        scores.masked_fill(~mask, float("-inf")).softmax(-1).split([key.shape[2] for key, _ in parts], -1)
    )
    mixed = sum(torch.matmul(weight, value) for weight, (_, value) in zip(weights, parts, strict=True))
    assert isinstance(mixed, Tensor)
    return mixed.transpose(1, 2).flatten(2)


def _finish(layer: Any, hidden: Tensor, mixed: Tensor) -> Tensor:
    """The rest of a layer after attention: output projection, residuals, SwiGLU."""
    hidden = hidden + F.linear(mixed, layer.self_attn.o_proj.weight)
    normed = _norm(layer.post_attention_layernorm, hidden)
    weight = torch.cat((layer.mlp.gate_proj.weight, layer.mlp.up_proj.weight))
    gate, up = F.linear(normed, weight).chunk(2, -1)
    return hidden + F.linear(F.silu(gate) * up, layer.mlp.down_proj.weight)
