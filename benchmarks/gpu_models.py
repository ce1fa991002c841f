"""Models that need no download: a tiny random one with its own tokenizer, and one of Qwen2-1.5B's shape."""

from __future__ import annotations

from typing import Any

import tokenizers
import torch
from tokenizers import decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM


def tiny_random() -> tuple[LlamaForCausalLM, PreTrainedTokenizerFast]:
    """A Llama of 0.3 million random parameters that reads single bytes."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # pyright: ignore
    backend.decoder = decoders.ByteLevel()  # pyright: ignore
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words = [f"{thing} {number} " for thing in ("cabinet", "drawer", "countertop") for number in range(9)]
    backend.train_from_iterator(
        words,
        trainers.BpeTrainer(
            vocab_size=320, special_tokens=["<|end|>"], initial_alphabet=alphabet, show_progress=False
        ),
    )
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<|end|>", pad_token="<|end|>")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=16_384,
        initializer_range=0.1,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|end|>"),
        bos_token_id=None,
    )
    return LlamaForCausalLM(config), tokenizer


def qwen_shaped(tokenizer: Any, *, tiny: bool) -> Qwen2ForCausalLM:
    """Random weights in the shape of Qwen2-1.5B (arXiv 2407.10671), or, `tiny`, of two layers of width 64."""
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
        "vocab_size": 151_936,
    }
    if tiny:
        sizes = {name: 64 for name in ("hidden_size", "intermediate_size")} | {
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "vocab_size": len(tokenizer),
        }
    config = Qwen2Config(**sizes, max_position_embeddings=32_768, tie_word_embeddings=True)
    return Qwen2ForCausalLM(config)
