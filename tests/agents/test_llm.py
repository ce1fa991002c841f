"""The language-model policy against transformers' own forward pass, and its kept keys against fresh ones."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaMLP

from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.policy import Request, TrainRow
from step_gym.wrappers.completion import Completion
from tests.agents.language_models import Talk, make_llm, make_model, make_tokenizer

FREE = LLMConfig(reply="action", max_new_tokens=9, list_actions=True)


def row_of(request: Request, completion: Completion) -> TrainRow:
    return TrainRow(completion.prompt_ids, completion.action_ids, request.candidates, completion.logprobs)


def played(policy: LLMPolicy, talks: list[Talk], turns: int) -> list[TrainRow]:
    """The rows of some episodes played side by side."""
    rows = []
    for _ in range(turns):
        requests = [talk.request for talk in talks]
        for talk, request, completion in zip(talks, requests, policy.act(requests), strict=True):
            rows.append(row_of(request, completion))
            talk.advance(completion.action_ids)
    return rows


def plain_logprobs(policy: LLMPolicy, row: TrainRow) -> list[float]:
    """Log-probabilities of a row's tokens by transformers' own forward pass, masked by hand."""
    ids = torch.tensor([[*row.prompt_ids.tolist(), *row.action_ids.tolist()]])
    with torch.no_grad():
        logits = policy.model(ids).logits[0, len(row.prompt_ids) - 1 : -1].float()
    found = []
    others = (
        None if policy.config.reply != "choose" else [policy.encode_action(c) for c in row.candidates or ()]
    )
    chosen = tuple(row.action_ids.tolist())
    for place, token in enumerate(chosen):
        allowed = list(range(logits.shape[1]))
        if others is not None:
            allowed = sorted({o[place] for o in others if o[:place] == chosen[:place] and len(o) > place})
        found.append(float(logits[place, allowed].log_softmax(0)[allowed.index(token)]))
    return found


# -- acting ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["append", "window"])
@pytest.mark.parametrize("config", [None, FREE], ids=["choose", "action"])
def test_logprobs_of_replies_equal_a_plain_forward_at_every_step(config: LLMConfig | None, mode: str) -> None:
    policy = make_llm(config, batch_tokens=400)
    rows = played(policy, [Talk(policy, seed, mode, 300) for seed in (0, 0, 1, 2, 3)], 9)
    for row in rows:
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)
    assert len({len(row.prompt_ids) for row in rows}) > 20


def test_append_histories_compute_no_prefix_twice() -> None:
    policy = make_llm(FREE)
    talks = [Talk(policy, seed, max_tokens=2000) for seed in range(4)]
    last = played(policy, talks, 8)[-4:]
    # The last prompts hold all that came before; nothing follows a reply's last token that would need it.
    assert policy.decoder.computed_tokens == sum(len(r.prompt_ids) + len(r.action_ids) - 1 for r in last)
    assert policy.decoder.reused_tokens > 2 * policy.decoder.computed_tokens


def test_equal_prompts_are_read_once() -> None:
    policy = make_llm()
    request = Talk(policy, 0).request
    policy.act([Request(request.prompt_ids, ["look", "inventory"])] * 7)
    assert policy.decoder.computed_tokens <= len(request.prompt_ids) + 7 * 4


@pytest.mark.parametrize("config", [None, FREE], ids=["choose", "action"])
def test_results_do_not_depend_on_the_batch(config: LLMConfig | None) -> None:
    together, blocks, single = make_llm(config), make_llm(config, cache_tokens=700), make_llm(config)
    requests = [Talk(together, seed).request for seed in (0, 1, 1, 2, 3, 4)]
    one_by_one = [single.act([request])[0] for request in requests]
    for a, b, c in zip(together.act(requests), blocks.act(requests), one_by_one, strict=True):
        assert a.action_ids.tolist() == b.action_ids.tolist() == c.action_ids.tolist()
        np.testing.assert_allclose(a.logprobs, b.logprobs, atol=1e-5)
        np.testing.assert_allclose(a.logprobs, c.logprobs, atol=1e-5)


def test_rows_may_come_go_and_change_places() -> None:
    policy = make_llm(FREE)
    talks = [Talk(policy, seed) for seed in range(5)]
    rows = played(policy, talks, 2)
    rows += played(policy, talks[::-1], 2)
    rows += played(policy, [talks[3], Talk(policy, 9), talks[1], talks[3]], 1)
    rows += played(policy, [Talk(policy, 9), *talks, Talk(policy, 10)], 3)
    for row in rows:
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)


def test_choices_are_candidates_with_their_exact_tokens() -> None:
    policy = make_llm()
    policy.version = 3
    requests = [Talk(policy, seed).request for seed in range(12)]
    for request, completion in zip(requests, policy.act(requests), strict=True):
        assert completion in (request.candidates or ())
        assert tuple(completion.action_ids) == policy.encode_action(completion)
        assert completion.text == completion and completion.policy_version == 3


def test_frequencies_match_exact_probabilities() -> None:
    policy = make_llm(seed=5)
    candidates = ["go", "go to cabinet 1", "go to cabinet 12", "look", "take mug 1", "take apple 1"]
    prompt = Talk(policy, 0).request.prompt_ids
    rows = [
        TrainRow(prompt, np.array(ids, np.int32), candidates, np.zeros(len(ids), np.float32))
        for ids in map(policy.encode_action, candidates)
    ]
    exact = np.exp([float(p.detach().sum()) for p in policy.logprobs(rows).per_row()])
    assert exact.sum() == pytest.approx(1, abs=1e-5)
    draws = 3000
    actions = policy.act([Request(prompt, candidates)] * draws)
    counts = np.array([sum(action == candidate for action in actions) for candidate in candidates])
    chi_square = ((counts - draws * exact) ** 2 / (draws * exact)).sum()
    assert chi_square < 20.5, "the 0.1 % point of 5 degrees of freedom"


def test_free_replies_end_or_reach_their_length_and_greedy_ones_repeat() -> None:
    policy = make_llm(FREE)
    requests = [Talk(policy, seed).request for seed in range(40)]
    ends = {policy.tokenizer.eos_token_id}
    for completion in policy.act(requests):
        ids = completion.action_ids.tolist()
        assert not ends & set(ids[:-1])
        assert ids[-1] in ends or len(ids) == 9
        assert completion.text == policy.tokenizer.decode(ids[:-1] if ids[-1] in ends else ids)
    state = policy.state_dict()["generator"]
    assert policy.act(requests, greedy=True) == policy.act(requests, greedy=True)
    assert torch.equal(policy.state_dict()["generator"], state)


def test_what_cannot_be_asked_is_refused() -> None:
    policy = make_llm()
    with pytest.raises(ValueError, match="the action set is empty"):
        policy.act([Request(np.array([5], np.int32), [])])
    with pytest.raises(ValueError, match="an empty prompt"):
        policy.act([Request(np.zeros(0, np.int32), ["a", "b"])])
    assert policy.act([]) == []


# -- agreement of acting and training --------------------------------------------------------------------


@pytest.mark.parametrize("how", ["optimizer", "load_state_dict", "version"])
def test_nothing_old_is_used_after_the_weights_have_changed(how: str) -> None:
    policy = make_llm(FREE)
    talks = [Talk(policy, seed) for seed in range(3)]
    before = played(policy, talks, 3)[-3:]
    if how == "optimizer":
        optimizer = torch.optim.AdamW(policy.parameters(), lr=0.05, fused=True)
        (-policy.logprobs(before).logprobs.sum()).backward()
        optimizer.step()
    elif how == "load_state_dict":
        policy.load_state_dict(make_llm(FREE, seed=1).state_dict())
    else:
        for weight in policy.model.parameters():
            weight.data = weight.data * 1.1
        policy.version += 1
    after = played(policy, talks, 3)
    for row in after:
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)
    stale = [plain_logprobs(policy, row) for row in before]
    assert max(np.abs(row.logprobs - now).max() for row, now in zip(before, stale, strict=True)) > 0.05


def test_nothing_half_read_is_used_after_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = make_llm(FREE)
    talks = [Talk(policy, seed) for seed in range(3)]
    played(policy, talks, 2)
    with monkeypatch.context() as broken:
        broken.setattr(LlamaMLP, "forward", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            played(policy, talks, 1)
    for row in played(policy, talks, 2):
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("config", [None, FREE], ids=["choose", "action"])
def test_acting_and_training_agree_on_every_token(config: LLMConfig | None, packed: bool) -> None:
    policy = make_llm(config, packed=packed)
    rows = played(policy, [Talk(policy, seed) for seed in (0, 0, 1)], 5)
    found = policy.logprobs(rows)
    assert found.lengths.tolist() == [len(row.action_ids) for row in rows]
    for row, logprobs in zip(rows, found.per_row(), strict=True):
        np.testing.assert_allclose(logprobs.detach().numpy(), row.logprobs, atol=1e-5)
    groups = list(policy.micro_batches(rows, 500))
    assert sorted(i for group in groups for i in group) == list(range(len(rows))) and len(groups) > 1
    for group in groups:
        for i, logprobs in zip(group, policy.logprobs([rows[i] for i in group]).per_row(), strict=True):
            np.testing.assert_allclose(logprobs.detach().numpy(), rows[i].logprobs, atol=1e-5)


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("mode", ["append", "window"])
def test_packed_gradients_equal_padded_ones(mode: str, checkpointing: bool) -> None:
    padded = make_llm(FREE, packed=False)
    packed = make_llm(FREE, gradient_checkpointing=checkpointing)
    rows = played(packed, [Talk(packed, seed, mode, 250) for seed in (0, 0, 1)], 6)
    scale = torch.linspace(-1, 1, sum(len(row.action_ids) for row in rows))
    for policy in (padded, packed):
        found = policy.logprobs(rows)
        ((found.logprobs + 0.1 * found.entropy) * scale).mean().backward()
    for a, b in zip(padded.parameters(), packed.parameters(), strict=True):
        assert a.grad is not None and b.grad is not None
        torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("checkpointing", [False, True])
def test_compiled_layers_have_the_gradients_of_eager_ones(checkpointing: bool) -> None:
    eager = make_llm(FREE)
    compiled = make_llm(FREE, compiled=True, gradient_checkpointing=checkpointing)
    rows = played(compiled, [Talk(compiled, seed) for seed in (0, 0, 1, 2)], 4)
    for row in rows:
        np.testing.assert_allclose(row.logprobs, plain_logprobs(eager, row), atol=1e-5)
    # Chains and branches, one lane and several.
    for part in (rows, rows[:6], rows[2:3]):
        for policy in (eager, compiled):
            policy.model.zero_grad()
            found = policy.logprobs(part)
            (found.logprobs + 0.1 * found.entropy).mean().backward()
        for a, b in zip(eager.parameters(), compiled.parameters(), strict=True):
            assert a.grad is not None and b.grad is not None
            torch.testing.assert_close(a.grad, b.grad, atol=1e-5, rtol=1e-4)


def test_entropy_is_that_of_the_distribution() -> None:
    policy = make_llm(FREE)
    prompt = Talk(policy, 0).request.prompt_ids
    row = TrainRow(prompt, np.array([7], np.int32), None, np.zeros(1, np.float32))
    p = policy.model(torch.tensor(prompt[None].astype(np.int64))).logits[0, -1].detach().double().softmax(0)
    assert float(policy.logprobs([row]).entropy.detach()) == pytest.approx(
        float(-(p * p.log()).sum()), abs=1e-4
    )


def test_bfloat16_stays_close_to_a_plain_forward_in_bfloat16() -> None:
    policy = make_llm(FREE, precision="bfloat16")
    rows = played(policy, [Talk(policy, seed) for seed in range(4)], 4)
    assert all(weight.dtype == torch.float32 for weight in policy.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        plain = np.concatenate([plain_logprobs(policy, row) for row in rows])
    sampled = np.concatenate([row.logprobs for row in rows])
    assert np.abs(sampled - plain).mean() < 0.02
    exact = make_llm(FREE)
    assert np.abs(sampled - np.concatenate([plain_logprobs(exact, row) for row in rows])).max() > 1e-4


# -- adapters --------------------------------------------------------------------------------------------


def test_adapters_alone_train_and_the_model_is_its_own_reference(tmp_path: Path) -> None:
    policy, whole = make_llm(FREE, lora_rank=4), make_llm(FREE)
    rows = played(policy, [Talk(policy, seed) for seed in range(3)], 3)
    start = torch.cat(whole.logprobs(rows).per_row()).detach()
    torch.testing.assert_close(policy.logprobs(rows).logprobs.detach(), start, atol=1e-5, rtol=0)
    count = sum(weight.numel() for weight in policy.parameters())
    assert 0 < count < 0.25 * sum(weight.numel() for weight in whole.parameters())
    optimizer = torch.optim.AdamW(policy.parameters(), lr=0.05)
    for _ in range(2):
        optimizer.zero_grad()
        policy.logprobs(rows).logprobs.sum().backward()
        optimizer.step()
    now = policy.logprobs(rows).logprobs.detach()
    assert float((now - start).abs().max()) > 0.05
    reference = policy.without_adapters()
    torch.testing.assert_close(reference.logprobs(rows).logprobs.detach(), start, atol=1e-5, rtol=0)
    torch.testing.assert_close(policy.logprobs(rows).logprobs.detach(), now, atol=1e-6, rtol=0)
    for row in played(policy, [Talk(policy, seed) for seed in range(3)], 3):
        np.testing.assert_allclose(row.logprobs, plain_logprobs(policy, row), atol=1e-5)
    with pytest.raises(ValueError, match="lora_rank=0: without adapters"):
        whole.without_adapters()

    whole.save(tmp_path / "base")
    based = LLMPolicy.from_pretrained(tmp_path / "base", FREE, lora_rank=4)
    based.model.load_state_dict(policy.model.state_dict())
    based.save(tmp_path / "adapters")
    size = sum(f.stat().st_size for f in (tmp_path / "adapters").glob("*.safetensors"))
    assert size < 0.3 * (tmp_path / "base" / "model.safetensors").stat().st_size
    loaded = LLMPolicy.load(tmp_path / "adapters")
    assert loaded.has_adapters and sum(weight.numel() for weight in loaded.parameters()) == count
    torch.testing.assert_close(loaded.logprobs(rows).logprobs.detach(), now, atol=1e-5, rtol=0)


# -- state -----------------------------------------------------------------------------------------------


def test_saved_and_loaded_it_acts_the_same(tmp_path: Path) -> None:
    policy = make_llm(FREE, seed=4)
    policy.version = 7
    policy.save(tmp_path)
    loaded = LLMPolicy.load(tmp_path)
    assert loaded.version == 7 and loaded.config == FREE
    requests = [Talk(policy, seed).request for seed in range(6)]
    policy.reseed([1, 2])
    loaded.reseed([1, 2])
    assert policy.act(requests) == loaded.act(requests)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True)
    ids = torch.arange(9)[None]
    torch.testing.assert_close(theirs(ids).logits, policy.model(ids).logits)


def test_a_resumed_policy_samples_on_exactly() -> None:
    policy, other = make_llm(FREE, seed=1), make_llm(FREE, seed=2)
    requests = [Talk(policy, seed).request for seed in range(6)]
    policy.act(requests)
    policy.version = 5
    state = copy.deepcopy(policy.state_dict())
    expected = policy.act(requests)
    other.load_state_dict(state)
    assert other.version == 5 and other.act(requests) == expected


def test_wrong_models_are_named_in_one_line(tmp_path: Path) -> None:
    policy = make_llm()
    policy.save(tmp_path / "whole")
    for name, removed, message in (
        (
            "no_tokenizer",
            "tokenizer_config.json",
            r"no_tokenizer holds no tokenizer \(there is no tokenizer_con",
        ),
        ("no_model", "config.json", r"no_model holds no model \(there is no config\.json\)"),
        ("no_policy", "policy.json", r"no_policy holds no saved policy: there is no policy\.json"),
    ):
        folder = tmp_path / name
        policy.save(folder)
        (folder / removed).unlink()
        with pytest.raises(ValueError, match=message) as caught:
            LLMPolicy.load(folder)
        assert "\n" not in str(caught.value)
    saved = json.loads((tmp_path / "whole" / "policy.json").read_text())
    (tmp_path / "whole" / "policy.json").write_text(json.dumps(saved | {"config": {"width": 3}}))
    with pytest.raises(ValueError, match=r"policy\.json cannot be read \(unknown setting 'width'"):
        LLMPolicy.load(tmp_path / "whole")
    (tmp_path / "whole" / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="whole cannot be loaded as a causal language model"):
        LLMPolicy.from_pretrained(tmp_path / "whole")


@pytest.mark.parametrize("content", ["{}", "[]", '{"hidden_size": 64}'])
def test_no_model_is_guessed_from_the_name_of_its_folder(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "llama"
    make_llm().save(folder)
    (folder / "config.json").write_text(content)
    with pytest.raises(ValueError, match=r"llama cannot be loaded .* does not say model_type\): save"):
        LLMPolicy.from_pretrained(folder)


def test_a_hub_name_without_network_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        ValueError, match="there is no folder some/model, and the model hub does not give it"
    ) as c:
        LLMPolicy.from_pretrained("some/model")
    assert "\n" not in str(c.value) and "step-gym model fetch smollm2" in str(c.value)


def test_models_that_would_be_computed_wrongly_are_refused() -> None:
    tokenizer = make_tokenizer()
    with pytest.raises(ValueError, match="do not match"):
        LLMPolicy(make_model(tokenizer, vocab_size=300), tokenizer)
    from transformers import (
        GPT2Config,
        GPT2LMHeadModel,
        GraniteConfig,
        GraniteForCausalLM,
        MistralConfig,
        MistralForCausalLM,
    )

    sizes: dict[str, Any] = {
        "vocab_size": 600,
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
    }
    with pytest.raises(ValueError, match="layers that do not attend to everything before them"):
        LLMPolicy(MistralForCausalLM(MistralConfig(**sizes, sliding_window=8)), tokenizer)
    bare = GPT2LMHeadModel(GPT2Config(vocab_size=600, n_embd=32, n_layer=1, n_head=2))
    with pytest.raises(ValueError, match="compiled=True: GPT2LMHeadModel has no list of layers"):
        LLMPolicy(bare, tokenizer, compiled=True)
    with pytest.raises(ValueError, match="changes the logits after its output layer"):
        LLMPolicy(GraniteForCausalLM(GraniteConfig(**sizes, logits_scaling=3.0)), tokenizer)


def test_candidate_probabilities_sum_to_one() -> None:
    policy = make_llm(seed=1)
    for seed in range(4):
        request = Talk(policy, seed).request
        candidates = list(request.candidates or ())
        rows = [
            TrainRow(request.prompt_ids, np.array(ids, np.int32), candidates, np.zeros(len(ids), np.float32))
            for ids in map(policy.encode_action, candidates)
        ]
        total = sum(math.exp(float(p.detach().sum())) for p in policy.logprobs(rows).per_row())
        assert total == pytest.approx(1, abs=1e-5)
