"""A random Llama with a tokenizer and a ChatML template trained on the spot, for tests of the LLM policy."""

from __future__ import annotations

from typing import Any

import numpy as np
import tokenizers
import torch
from tokenizers import decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.policy import Request
from step_gym.wrappers.prompt import PromptHistory
from tests.agents.tiny_policies import PLACES, TYPES, texts

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tokenizer(template: str | None = CHATML) -> PreTrainedTokenizerFast:
    """A byte-level BPE of 500 tokens whose padding is its end mark, as in many models."""
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)  # pyright: ignore
    backend.decoder = decoders.ByteLevel()  # pyright: ignore
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(texts(), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend,
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        additional_special_tokens=["<|endoftext|>", "<|im_start|>"],
    )
    tokenizer.chat_template = template
    return tokenizer


def make_model(tokenizer: Any, seed: int = 0, **changes: Any) -> LlamaForCausalLM:
    """Two layers of width 64 with grouped keys; weights large enough that outputs differ."""
    config = LlamaConfig(
        **{
            "vocab_size": len(tokenizer),
            "hidden_size": 64,
            "intermediate_size": 96,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 2048,
            "initializer_range": 0.15,
            "tie_word_embeddings": True,
            **changes,
        }
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config)


def make_llm(
    config: LLMConfig | None = None, *, seed: int = 0, template: str | None = CHATML, **options: Any
) -> LLMPolicy:
    """A policy of some 100,000 parameters."""
    tokenizer = make_tokenizer(template)
    config = config or LLMConfig(max_new_tokens=9)
    return LLMPolicy(make_model(tokenizer, seed), tokenizer, config, seed=seed, **options)


class Talk:
    """An endless episode: observations and candidates drawn at random, prompts by a `PromptHistory`."""

    def __init__(self, policy: LLMPolicy, seed: int, mode: str = "append", max_tokens: int = 600) -> None:
        self._rng = np.random.default_rng(seed)
        self._history = PromptHistory(policy.prompt_format, mode, 2, max_tokens)  # type: ignore[arg-type]
        self.request = self._asked(self._history.begin(str(self._rng.choice(texts())), self._text()))

    def _text(self) -> str:
        return " ".join(self._rng.choice(texts(), size=self._rng.integers(1, 4)))

    def _asked(self, prompt: np.ndarray) -> Request:
        candidates = [f"go to {p} {n}" for p in PLACES for n in range(1, int(self._rng.integers(2, 14)))]
        candidates += [f"take {t} 1 from cabinet 2" for t in TYPES] + ["look", "inventory"]
        chosen = self._rng.permutation(candidates)[: int(self._rng.integers(1, len(candidates)))]
        return Request(prompt, [str(c) for c in chosen])

    def advance(self, action_ids: np.ndarray) -> None:
        """Go on after an action."""
        self.request = self._asked(self._history.advance(action_ids, self._text()))
