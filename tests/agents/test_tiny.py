from __future__ import annotations

import copy
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from step_gym.agents.policy import Request, TrainRow
from step_gym.agents.tiny import TinyConfig, TinyPolicy
from step_gym.wrappers.completion import Completion
from tests.agents.tiny_policies import make_policy, make_requests, make_rows


def row_of(request: Request, completion: Completion) -> TrainRow:
    return TrainRow(completion.prompt_ids, completion.action_ids, request.candidates, completion.logprobs)


def row_for(policy: TinyPolicy, prompt_ids: np.ndarray, action: str, candidates: list[str]) -> TrainRow:
    ids = np.array(policy.encode_action(action), np.int32)
    return TrainRow(prompt_ids, ids, candidates, np.zeros(len(ids), np.float32))


# -- acting ----------------------------------------------------------------------------------------------


def test_an_action_is_a_candidate_with_its_exact_tokens() -> None:
    policy = make_policy()
    policy.version = 3
    requests = make_requests(policy, 30)
    for request, completion in zip(requests, policy.act(requests), strict=True):
        assert request.candidates is not None
        assert completion in request.candidates
        assert tuple(completion.action_ids) == policy.encode_action(completion)
        assert np.array_equal(completion.prompt_ids, request.prompt_ids)
        assert completion.text == completion
        assert completion.policy_version == 3


def test_a_single_candidate_is_certain() -> None:
    policy = make_policy()
    (request, *_) = make_requests(policy, 1)
    (completion,) = policy.act([Request(request.prompt_ids, ["look"])])
    assert completion == "look"
    assert completion.logprobs.tolist() == [0.0] * len(completion.action_ids)


def test_frequencies_match_exact_probabilities() -> None:
    policy = make_policy(seed=5)
    candidates = ["go", "go to cabinet 1", "go to cabinet 12", "look", "take mug 1", "take apple 1"]
    prompt = np.array([*policy.prompt_format.task("put a mug in cabinet."), policy.tokenizer.act_id])
    rows = [row_for(policy, prompt, action, candidates) for action in candidates]
    exact = np.exp([float(p.detach().sum()) for p in policy.logprobs(rows).per_row()])
    assert exact.sum() == pytest.approx(1, abs=1e-5)
    draws = 6000
    actions = policy.act([Request(prompt, candidates)] * draws)
    expected = draws * exact
    counts = np.array([sum(action == candidate for action in actions) for candidate in candidates])
    assert counts.sum() == draws
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 20.5, "the 0.1 % point of 5 degrees of freedom"


def test_greedy_takes_the_most_probable_token_and_draws_nothing() -> None:
    policy = make_policy()
    requests = make_requests(policy, 6)
    before = policy.state_dict()["generator"]
    completions = policy.act(requests, greedy=True)
    assert completions == policy.act(requests, greedy=True)
    assert torch.equal(policy.state_dict()["generator"], before)
    for request, completion in zip(requests, completions, strict=True):
        rows = [
            row_for(policy, request.prompt_ids, a, list(request.candidates or ()))
            for a in request.candidates or ()
        ]
        chosen = completion.action_ids.tolist()
        for row, logprobs in zip(rows, policy.logprobs(rows).per_row(), strict=True):
            ids = row.action_ids.tolist()
            place = next((i for i, token in enumerate(ids) if token != chosen[i]), None)
            if place is not None:
                assert float(logprobs[place].detach()) <= completion.logprobs[place] + 1e-5


@pytest.mark.parametrize("free", [False, True])
def test_results_do_not_depend_on_the_batch(free: bool) -> None:
    together, alone = make_policy(), make_policy(batch_tokens=1)
    requests = make_requests(together, 9, free=free)
    batched, bucketed = together.act(requests), alone.act(requests)
    single = make_policy()
    one_by_one = [single.act([request])[0] for request in requests]
    for a, b, c in zip(batched, bucketed, one_by_one, strict=True):
        assert a == b == c
        assert a.action_ids.tolist() == b.action_ids.tolist() == c.action_ids.tolist()
        np.testing.assert_allclose(a.logprobs, b.logprobs, atol=1e-5)
        np.testing.assert_allclose(a.logprobs, c.logprobs, atol=1e-5)


def test_free_replies_end_or_reach_their_length() -> None:
    policy = make_policy(seed=2)
    requests = make_requests(policy, 60, free=True)
    completions = policy.act(requests)
    withheld = {policy.tokenizer.pad_id, policy.tokenizer.act_id}
    for completion in completions:
        ids = completion.action_ids.tolist()
        assert not withheld & set(ids)
        assert policy.tokenizer.end_id not in ids[:-1]
        assert ids[-1] == policy.tokenizer.end_id or len(ids) == policy.config.max_new_tokens
        ended = ids[-1] == policy.tokenizer.end_id
        assert completion == policy.tokenizer.decode(ids[:-1] if ended else ids)
    mixed = make_requests(policy, 6) + requests[:6]
    assert [c in r.candidates for r, c in zip(mixed, policy.act(mixed), strict=True) if r.candidates] == [
        True
    ] * 8


def test_what_cannot_be_asked_is_refused() -> None:
    policy = make_policy()
    with pytest.raises(ValueError, match="the action set is empty"):
        policy.act([Request(np.array([5], np.int32), [])])
    with pytest.raises(ValueError, match="an empty prompt"):
        policy.act([Request(np.zeros(0, np.int32), ["a", "b"])])
    assert policy.act([]) == []
    with pytest.raises(ValueError, match="multiple of twice heads=3"):
        TinyPolicy.create(policy.tokenizer, TinyConfig(heads=3))


# -- log-probabilities -----------------------------------------------------------------------------------


@pytest.mark.parametrize("free", [False, True])
def test_acting_and_training_agree_on_every_token(free: bool) -> None:
    policy = make_policy()
    rows = make_rows(policy, 40, free=free)
    found = policy.logprobs(rows)
    assert found.lengths.tolist() == [len(row.action_ids) for row in rows]
    for row, logprobs in zip(rows, found.per_row(), strict=True):
        np.testing.assert_allclose(logprobs.detach().numpy(), row.logprobs, atol=1e-4)
    for row in rows[::7]:
        alone = policy.logprobs([row]).logprobs.detach().numpy()
        np.testing.assert_allclose(alone, row.logprobs, atol=1e-4)


def test_log_probabilities_equal_transformers_own_under_the_mask() -> None:
    policy = make_policy()
    candidates = ["go to cabinet 1", "go to cabinet 2", "go to countertop 1", "look"]
    prompt = np.array([*policy.prompt_format.task("look"), policy.tokenizer.act_id])
    ids = policy.encode_action("go to cabinet 2")
    logits = policy.model(torch.tensor([[*prompt, *ids]])).logits.detach()[0, len(prompt) - 1 : -1]
    others = [policy.encode_action(candidate) for candidate in candidates]
    expected = []
    for place, token in enumerate(ids):
        allowed = sorted({other[place] for other in others if other[:place] == ids[:place]})
        expected.append(float(logits[place, allowed].log_softmax(0)[allowed.index(token)]))
    found = policy.logprobs([row_for(policy, prompt, "go to cabinet 2", candidates)])
    np.testing.assert_allclose(found.logprobs.detach().numpy(), expected, atol=1e-5)
    assert found.is_choice.tolist() == [value != 0 for value in expected]


def test_candidate_probabilities_sum_to_one() -> None:
    policy = make_policy(seed=1)
    for request in make_requests(policy, 8):
        candidates = list(dict.fromkeys(request.candidates or []))
        rows = [row_for(policy, request.prompt_ids, action, candidates) for action in candidates]
        total = sum(math.exp(float(p.detach().sum())) for p in policy.logprobs(rows).per_row())
        assert total == pytest.approx(1, abs=1e-5)


def test_entropy_is_that_of_the_masked_distribution() -> None:
    policy = make_policy()
    prompt = np.array([policy.tokenizer.act_id], np.int32)
    candidates = ["look", "inventory", "examine"]
    rows = [row_for(policy, prompt, action, candidates) for action in candidates]
    found = policy.logprobs(rows)
    first = [float(p[0].detach()) for p in found.per_row()]
    assert len({row.action_ids[0] for row in rows}) == 3
    assert float(found.entropy[0].detach()) == pytest.approx(-sum(math.exp(p) * p for p in first), abs=1e-5)
    assert found.entropy[~found.is_choice].tolist() == [0.0] * int((~found.is_choice).sum())


def test_gradient_matches_finite_differences() -> None:
    policy = make_policy()
    rows = make_rows(policy, 12)
    weight = policy.model.get_parameter("model.layers.0.mlp.up_proj.weight")
    policy.model.zero_grad()
    policy.logprobs(rows).logprobs.sum().backward()
    assert weight.grad is not None
    direction = weight.grad / weight.grad.norm()
    slope = float((weight.grad * direction).sum())
    step, values = 3e-2, []
    for sign in (1, -1):
        with torch.no_grad():
            weight += sign * step * direction
            values.append(float(policy.logprobs(rows).logprobs.double().sum()))
            weight -= sign * step * direction
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(slope, rel=2e-2)


def test_rows_without_a_choice_have_no_gradient() -> None:
    policy = make_policy()
    found = policy.logprobs([row_for(policy, np.array([5], np.int32), "look", ["look"])])
    assert not found.logprobs.requires_grad
    assert not found.is_choice.any()


def test_an_action_outside_its_set_is_refused() -> None:
    policy = make_policy()
    with pytest.raises(ValueError, match="leads to no action of the set"):
        policy.logprobs([row_for(policy, np.array([5], np.int32), "look", ["go", "inventory"])])
    pad = np.array([policy.tokenizer.pad_id], np.int32)
    with pytest.raises(ValueError, match="cannot stand in a free reply"):
        policy.logprobs([TrainRow(np.array([5], np.int32), pad, None, np.zeros(1, np.float32))])


# -- state -----------------------------------------------------------------------------------------------


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(11)
    state = torch.random.get_rng_state()
    first, again, other = make_policy(1), make_policy(1), make_policy(2)
    assert torch.equal(torch.random.get_rng_state(), state)
    weights = [torch.cat([w.flatten() for w in policy.parameters()]) for policy in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_saved_and_loaded_it_acts_the_same(tmp_path: Path) -> None:
    policy = make_policy(seed=4)
    policy.version = 7
    requests = make_requests(policy, 12)
    policy.save(tmp_path)
    loaded = TinyPolicy.load(tmp_path)
    assert loaded.version == 7
    assert loaded.config == policy.config
    for name, weight in policy.model.state_dict().items():
        assert torch.equal(weight, loaded.model.state_dict()[name])
    policy.reseed([1, 2])
    loaded.reseed([1, 2])
    expected, found = policy.act(requests), loaded.act(requests)
    assert expected == found
    for a, b in zip(expected, found, strict=True):
        assert np.array_equal(a.logprobs, b.logprobs)


def test_transformers_loads_the_folder(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    policy = make_policy()
    policy.save(tmp_path)
    theirs = AutoModelForCausalLM.from_pretrained(tmp_path, local_files_only=True)
    ids = torch.tensor([policy.tokenizer.encode("take mug 1 from cabinet 2")])
    torch.testing.assert_close(theirs(ids).logits, policy.model(ids).logits)


@pytest.mark.parametrize("name", ["tokenizer.json", "config.json", "model.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"\x10\0\0", b"{}", b"[]", b'{"model_type": "llama"}'])
def test_a_damaged_folder_is_named_in_one_line(tmp_path: Path, name: str, content: bytes | None) -> None:
    make_policy().save(tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=r"test_\S+ is damaged \(.+\): take another checkpoint") as caught:
        TinyPolicy.load(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attention_bias": True}, "attention_bias=True, a tiny policy is computed with False"),
        ({"hidden_act": "gelu"}, "hidden_act='gelu'"),
        ({"num_key_value_heads": 1}, "num_key_value_heads=1, a tiny policy is computed with 2"),
        ({"vocab_size": 300}, "300 embeddings, its tokenizer 318 tokens"),
    ],
)
def test_networks_that_would_be_computed_wrongly_are_refused(change: dict, message: str) -> None:
    policy = make_policy()
    config = LlamaConfig.from_dict(policy.model.config.to_dict() | change)
    with pytest.raises(ValueError, match=message):
        TinyPolicy(policy.tokenizer, LlamaForCausalLM(config))


def test_auto_is_float32_on_a_cpu() -> None:
    assert make_policy(precision="auto").precision == "float32"


def test_a_resumed_policy_samples_on_exactly() -> None:
    policy, other = make_policy(seed=1), make_policy(seed=2)
    requests = make_requests(policy, 20)
    policy.act(requests)
    policy.version = 5
    state = copy.deepcopy(policy.state_dict())
    expected = policy.act(requests)
    other.load_state_dict(state)
    assert other.version == 5
    found = other.act(requests)
    assert found == expected
    assert policy.act(requests) == other.act(requests)


def test_bfloat16_stays_close_to_float32() -> None:
    policy = make_policy()
    rows = make_rows(policy, 10)
    exact = policy.logprobs(rows).logprobs.detach()
    policy.precision = "bfloat16"
    rounded = policy.logprobs(rows).logprobs
    assert rounded.dtype == torch.float32
    np.testing.assert_allclose(rounded.detach().numpy(), exact.numpy(), atol=0.1)
    assert all(
        c in (r.candidates or ())
        for r, c in zip(rows, policy.act([Request(r.prompt_ids, r.candidates) for r in rows]), strict=True)
    )
