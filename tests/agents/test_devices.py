"""The language model on a device other than the CPU: torch's "meta" has shapes and devices, but no numbers.

What is made on the CPU by mistake meets tensors of the device and raises, as it would on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import masking_utils

from step_gym.agents import llm
from step_gym.agents.config import OptimizerConfig
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.losses import LossConfig, TokenBatch, token_losses
from step_gym.agents.policy import Request, TrainRow
from step_gym.agents.sampling import Draft
from step_gym.agents.update import make_optimizer
from tests.agents.language_models import Talk, make_llm, make_model, make_tokenizer

FREE = LLMConfig(reply="action", max_new_tokens=4)


def write_any(logits: Tensor, drafts: Sequence[Draft], seeds: Any) -> None:
    """Stands for sampling, which needs numbers: writes the first token that is allowed."""
    assert logits.device.type == "meta" and logits.shape[0] == len(drafts)
    for draft in drafts:
        draft.write(7 if draft.node is None else next(iter(draft.node)), -1.0)


@pytest.fixture
def on_meta(monkeypatch: pytest.MonkeyPatch) -> None:
    # These look at numbers; autocast knows no "meta".
    monkeypatch.setattr(masking_utils, "find_packed_sequence_indices", lambda *_: None)
    monkeypatch.setattr(llm, "check", lambda *_: None)
    monkeypatch.setattr(llm, "draw_tokens", write_any)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    monkeypatch.setattr(torch, "is_autocast_enabled", lambda *_: False)


@pytest.mark.usefixtures("on_meta")
@pytest.mark.parametrize("config", [None, FREE], ids=["choose", "action"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"decoding": "static"},
        {"packed": False},
        {"lora_rank": 2},
        {"gradient_checkpointing": True},
        {"attention": "eager"},
    ],
    ids=str,
)
def test_all_tensors_are_made_on_the_device(config: LLMConfig | None, options: dict[str, Any]) -> None:
    tokenizer = make_tokenizer()
    model = make_model(tokenizer)
    model.set_attn_implementation(options.pop("attention", "sdpa"))
    policy = LLMPolicy(model, tokenizer, config, device="meta", **options)
    talks = [Talk(make_llm(config), seed) for seed in (0, 0, 1, 2)]
    rows = []
    for turn in range(3):
        requests: list[Request] = [talk.request for talk in talks[turn:]]
        for talk, request, completion in zip(talks[turn:], requests, policy.act(requests), strict=True):
            ids = completion.action_ids
            rows.append(TrainRow(completion.prompt_ids, ids, request.candidates, completion.logprobs, 1.0))
            talk.advance(ids)
    # Further actions at one state, so that the packed form has a mask.
    first = np.array([9, 8, *rows[0].action_ids[-1:]], np.int32)
    if config is not None:
        rows += [TrainRow(rows[0].prompt_ids, first + i, None, np.zeros(3, np.float32)) for i in range(2)]
    optimizer = make_optimizer(policy, OptimizerConfig())
    for group in policy.micro_batches(rows, 2_000):
        found = policy.logprobs([rows[i] for i in group])
        assert found.logprobs.device == found.entropy.device == found.is_choice.device == policy.device
        numbers = torch.ones_like(found.logprobs).detach()
        tokens = TokenBatch(found.logprobs, found.entropy, numbers, numbers, numbers, numbers)
        token_losses(tokens, found.lengths.to(policy.device), LossConfig()).loss.sum().backward()
    assert all(weight.grad is not None and weight.grad.is_meta for weight in policy.parameters())
    assert optimizer.param_groups
    if "lora_rank" in options:
        assert policy.without_adapters().act(requests)


@pytest.mark.usefixtures("on_meta")
def test_what_is_made_elsewhere_is_found() -> None:
    policy = LLMPolicy(make_model(tokenizer := make_tokenizer()), tokenizer, FREE, device="meta")
    policy.device = policy.decoder._device = torch.device("cpu")
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        policy.act([Talk(make_llm(FREE), 0).request])
