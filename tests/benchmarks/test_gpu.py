"""The arithmetic of the GPU benchmark; its figures need a GPU."""

from __future__ import annotations

import numpy as np

from benchmarks.gpu import useful_flops
from benchmarks.gpu_models import qwen_shaped, tiny_random
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.policy import TrainRow


def row(prompt: int, action: int) -> TrainRow:
    ids = np.arange(1, prompt + action + 1, dtype=np.int32)
    return TrainRow(ids[:prompt], ids[prompt:], None, np.zeros(action, np.float32))


def test_useful_operations_by_hand() -> None:
    """A shared prefix counts once, the output layer at every scored token, a backward pass twice."""
    model, tokenizer = tiny_random()
    policy = LLMPolicy(model, tokenizer, LLMConfig(reply="action"))
    layer = 64 * 64 * 2 + 64 * 32 * 2 + 3 * 64 * 128
    output = 64 * len(tokenizer)

    def expected(tokens: int, scored: int) -> int:
        seen = tokens * (tokens + 1) // 2
        return 3 * (2 * 2 * layer * tokens + 4 * 2 * 64 * seen + 2 * output * scored)

    assert useful_flops(policy, [row(7, 3)]) == expected(9, 3)
    assert useful_flops(policy, [row(7, 3), row(12, 2)]) == expected(13, 5)


def test_models_act_together() -> None:
    """The large model of the benchmark reads the tokens of the small one."""
    _, tokenizer = tiny_random()
    policy = LLMPolicy(qwen_shaped(tokenizer, tiny=True), tokenizer, LLMConfig(reply="action"))
    found = policy.logprobs([row(5, 2)])
    assert found.logprobs.shape == (2,)
    assert bool((found.logprobs < 0).all())
