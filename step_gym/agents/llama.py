"""A lean forward pass over a transformers `LlamaForCausalLM`: read prompts, extend them by action tokens.

Acting and training run the same two functions, so their log-probabilities agree. Beside transformers' own
forward, the last layer's queries and MLP of a prompt are computed at its last token only (nothing else reads
them), prompts need no padding mask (they are padded on the right, where causal attention never looks), many
actions share one prompt, and less is written to memory. Same weights, same results: a test compares both.
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

    @staticmethod
    def stack(contexts: Sequence[Context]) -> Context:
        """The rows of several contexts as one, the shorter ones padded."""
        if len(contexts) == 1:
            return contexts[0]
        width = max(context.valid.shape[1] for context in contexts)

        def stacked(parts: Sequence[Tensor]) -> Tensor:
            first = parts[0]
            rows = first.new_zeros(sum(map(len, parts)), first.shape[1], width, first.shape[3])
            start = 0
            for part in parts:
                rows[start : start + len(part), :, : part.shape[2]] = part
                start += len(part)
            return rows

        layers = tuple(
            (stacked([key for key, _ in parts]), stacked([value for _, value in parts]))
            for parts in zip(*(context.layers for context in contexts), strict=True)
        )
        valid = torch.cat([F.pad(c.valid, (0, width - c.valid.shape[1])) for c in contexts])
        return Context(layers, valid, torch.cat([context.positions for context in contexts]))

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
    turn = _rotation(model, hidden, torch.arange(width, device=ids.device)[None])
    last = lengths - 1
    rows = torch.arange(n, device=ids.device)
    kept: list[KeyValues] = []
    final = len(model.model.layers) - 1
    for depth, layer in enumerate(model.model.layers):
        normed = _norm(layer.input_layernorm, hidden)
        if depth < final:
            query, key, value = _project(layer, normed, turn)
            mixed = _causal_attention(query, key, value)
        else:
            key, value = _keys_values(layer, normed, turn)
            query = _queries(layer, normed[rows, last][:, None], turn[0, last][:, None])
            mixed = _attention(query, [(key, value)], valid[:, None, None, :])
            hidden = hidden[rows, last][:, None]
        kept.append((key, value))
        hidden = _finish(layer, hidden, mixed)
    return _norm(model.model.norm, hidden)[:, 0] * model.model.norm.weight, Context(
        tuple(kept), valid, lengths
    )


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
    turn = _rotation(model, hidden, contexts[-1].positions[:, None] + columns)
    before = torch.cat([context.valid for context in contexts], 1)[:, None, None, :].expand(-1, -1, width, -1)
    causal = (columns[:, None] >= columns).expand(len(ids), 1, -1, -1)
    mask = torch.cat((before, causal), -1)
    kept: list[KeyValues] = []
    for depth, layer in enumerate(model.model.layers):
        query, key, value = _project(layer, _norm(layer.input_layernorm, hidden), turn)
        mixed = _attention(query, [*(context.layers[depth] for context in contexts), (key, value)], mask)
        kept.append((key, value))
        hidden = _finish(layer, hidden, mixed)
    positions = contexts[-1].positions + lengths
    return _norm(model.model.norm, hidden) * model.model.norm.weight, Context(
        tuple(kept), columns < lengths[:, None], positions
    )


class _UnitRms(torch.autograd.Function):
    """x / sqrt(mean(x^2) + eps) over the last axis, with fewer passes over memory than autograd's own."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, eps: float) -> Tensor:
        square = torch.linalg.vector_norm(hidden, dim=-1, keepdim=True).square_()
        scale = square.div_(hidden.shape[-1]).add_(eps).rsqrt_()
        unit = hidden * scale
        ctx.save_for_backward(unit, scale)
        return unit

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        (grad,) = grads
        unit, scale = ctx.saved_tensors
        mean = (grad * unit).mean(-1, keepdim=True)
        return torch.addcmul(grad, unit, mean, value=-1).mul_(scale), None


def _norm(module: Any, hidden: Tensor) -> Tensor:
    """The normalised states without the norm's gain; the weights that read them are multiplied by it."""
    unit = _UnitRms.apply(hidden, module.variance_epsilon)
    assert isinstance(unit, Tensor)
    return unit


def _rotation(model: LlamaForCausalLM, hidden: Tensor, positions: Tensor) -> Tensor:
    """Rotary position embedding as complex numbers, [rows or 1, tokens, 1, head_dim / 2]."""
    cos, sin = model.model.rotary_emb(hidden, positions)
    half = cos.shape[-1] // 2
    return torch.complex(cos[..., None, :half].float(), sin[..., None, :half].float())


def _rotate(states: Tensor, turn: Tensor) -> Tensor:
    """Turn pairs of neighbours in [n, tokens, heads, size] as complex numbers; [n, heads, tokens, size]."""
    pairs = torch.view_as_complex(states.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * turn).flatten(-2).transpose(1, 2)


def _paired(weight: Tensor, head_dim: int) -> Tensor:
    """A head's rows as neighbours, not in the two halves transformers keeps; products of q and k stay."""
    return weight.unflatten(0, (-1, 2, head_dim // 2)).transpose(1, 2).flatten(0, 2)


def _project(layer: Any, normed: Tensor, turn: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Rotated and scaled queries, rotated keys, and values, each [n, heads, tokens, head_dim]."""
    return _queries(layer, normed, turn), *_keys_values(layer, normed, turn)


def _queries(layer: Any, normed: Tensor, turn: Tensor) -> Tensor:
    size = layer.self_attn.head_dim
    weight = _paired(layer.self_attn.q_proj.weight, size) * (layer.input_layernorm.weight * size**-0.5)
    return _rotate(F.linear(normed, weight).unflatten(-1, (-1, size)), turn)


def _keys_values(layer: Any, normed: Tensor, turn: Tensor) -> KeyValues:
    size, gain = layer.self_attn.head_dim, layer.input_layernorm.weight
    key = F.linear(normed, _paired(layer.self_attn.k_proj.weight, size) * gain).unflatten(-1, (-1, size))
    value = F.linear(normed, layer.self_attn.v_proj.weight * gain).unflatten(-1, (-1, size))
    return _rotate(key, turn), value.transpose(1, 2)


def _causal_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal self-attention of [n, heads, tokens, head_dim]; returns [n, tokens, heads * head_dim]."""
    if query.is_cuda or not torch.is_grad_enabled():
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True, scale=1.0)
    else:
        width = query.shape[2]
        later = torch.full((width, width), float("-inf"), dtype=query.dtype, device=query.device).triu(1)
        mixed = torch.matmul((torch.matmul(query, key.transpose(2, 3)) + later).softmax(-1), value)
    return mixed.transpose(1, 2).flatten(2)


def _attention(query: Tensor, parts: Sequence[KeyValues], mask: Tensor) -> Tensor:
    """Attention over the keys of all parts in a row, not copied together; mask is bool, True where seen."""
    scores = torch.cat([torch.matmul(query, key.transpose(2, 3)) for key, _ in parts], -1)
    weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
    spans = weights.split([key.shape[2] for key, _ in parts], -1)
    mixed = sum(torch.matmul(span, value) for span, (_, value) in zip(spans, parts, strict=True))
    assert isinstance(mixed, Tensor)
    return mixed.transpose(1, 2).flatten(2)


def _finish(layer: Any, hidden: Tensor, mixed: Tensor) -> Tensor:
    """The rest of a layer after attention: output projection, residuals, SwiGLU."""
    hidden = hidden + F.linear(mixed, layer.self_attn.o_proj.weight)
    gain, mlp = layer.post_attention_layernorm.weight, layer.mlp
    normed = _norm(layer.post_attention_layernorm, hidden)
    inner = F.silu(F.linear(normed, mlp.gate_proj.weight * gain)) * F.linear(
        normed, mlp.up_proj.weight * gain
    )
    return hidden + F.linear(inner, mlp.down_proj.weight)
