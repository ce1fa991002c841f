from __future__ import annotations

import copy
import dataclasses
import math

import numpy as np
import pytest
import torch

from step_gym.agents.batch import AdvantageResult, StepBatch
from step_gym.agents.config import OptimizerConfig
from step_gym.agents.losses import LossConfig, token_coefficients
from step_gym.agents.policy import RowLogprobs, TrainRow
from step_gym.agents.tiny import TinyPolicy
from step_gym.agents.update import (
    MAX_NON_FINITE,
    NonFiniteLoss,
    OutOfMemory,
    UpdateState,
    make_optimizer,
    minibatches,
    policy_update,
    score_rows,
    training_rows,
)
from step_gym.wrappers.trajectory import StepRecord
from tests.agents.tiny_policies import make_policy, make_rows

CONFIG = OptimizerConfig(learning_rate=1e-3, minibatch_steps=16, microbatch_tokens=256)


def update(
    policy: TinyPolicy, rows: list[TrainRow], loss: LossConfig | None = None, config: OptimizerConfig = CONFIG
) -> dict[str, float]:
    optimizer = make_optimizer(policy, config)
    return policy_update(policy, optimizer, rows, loss or LossConfig(), config, np.random.default_rng(0))


def weights(policy: TinyPolicy) -> torch.Tensor:
    return torch.cat([weight.detach().flatten() for weight in policy.parameters()])


def log_probability(policy: TinyPolicy, rows: list[TrainRow]) -> float:
    return float(sum(values.sum() for values in score_rows(policy, rows, 4096)))


def with_advantage(rows: list[TrainRow], advantage: float) -> list[TrainRow]:
    return [dataclasses.replace(row, advantage=advantage, weight=1.0) for row in rows]


@pytest.mark.parametrize("sign", [1, -1])
def test_an_update_moves_towards_what_was_good(sign: int) -> None:
    policy = make_policy()
    rows = with_advantage(make_rows(policy, 12), float(sign))
    before = log_probability(policy, rows)
    found = update(policy, rows)
    assert sign * (log_probability(policy, rows) - before) > 0
    assert policy.version == 1
    assert found["rows"] == len(rows)
    assert found["tokens"] == sum(len(row.action_ids) for row in rows)
    assert found["skipped"] == 0
    assert found["grad_norm"] > 0


def test_the_first_minibatch_sees_a_ratio_of_one() -> None:
    policy = make_policy()
    rows = make_rows(policy, 12)
    found = update(policy, rows, config=dataclasses.replace(CONFIG, minibatch_steps=1000))
    assert found["ratio_mean"] == pytest.approx(1, abs=1e-4)
    assert found["ratio_max"] == pytest.approx(1, abs=1e-4)
    assert found["kl"] == pytest.approx(0, abs=1e-6)
    assert found["clip_fraction"] == 0
    choices = policy.logprobs(rows).is_choice
    assert 0 < found["entropy"] < math.log(60)
    assert 0 < int(choices.sum()) < len(choices)
    coefficients = token_coefficients(
        np.array([len(row.action_ids) for row in rows]),
        np.array([row.weight for row in rows]),
        np.array([row.episode for row in rows]),
        LossConfig(),
    )
    advantages = np.concatenate([np.full(len(row.action_ids), row.advantage) for row in rows])
    assert found["loss"] == pytest.approx(-(coefficients * advantages).sum(), abs=1e-4)


@pytest.mark.parametrize("aggregation", ["token-mean", "traj-mean-step-mean"])
def test_micro_batches_change_nothing(aggregation: str) -> None:
    results = []
    for budget in (1, 300, 100_000):
        policy = make_policy()
        rows = make_rows(policy, 12)
        loss = LossConfig(aggregation=aggregation, entropy_bonus=0.01)  # pyright: ignore[reportArgumentType]
        # Plain gradient descent, since AdamW turns rounding errors of tiny gradients into full steps.
        optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
        config = dataclasses.replace(CONFIG, microbatch_tokens=budget)
        metrics = policy_update(policy, optimizer, rows, loss, config, np.random.default_rng(0))
        results.append((weights(policy), metrics))
    for other, metrics in results[1:]:
        torch.testing.assert_close(other, results[0][0], atol=1e-6, rtol=1e-5)
        assert metrics == pytest.approx(results[0][1], rel=1e-3, abs=1e-5)


def test_rows_of_weight_zero_are_not_computed() -> None:
    policy, other = make_policy(), make_policy()
    rows = make_rows(policy, 12)
    unused = dataclasses.replace(rows[0], weight=0.0, advantage=float("nan"))
    first = update(policy, [*rows, unused])
    second = update(other, rows)
    assert first == second
    assert torch.equal(weights(policy), weights(other))


def test_no_rows_no_change() -> None:
    policy = make_policy()
    before = weights(policy)
    found = update(policy, [])
    assert found["rows"] == found["tokens"] == 0
    assert all(math.isfinite(value) for value in found.values())
    assert torch.equal(weights(policy), before)
    assert policy.version == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_non_finite_minibatch_is_skipped_and_counted(bad: float) -> None:
    policy = make_policy()
    rows = with_advantage(make_rows(policy, 12), 1.0)
    rows[3] = dataclasses.replace(rows[3], advantage=bad)
    before = weights(policy)
    found = update(policy, rows, config=dataclasses.replace(CONFIG, minibatch_steps=1000))
    assert found["skipped"] == 1
    assert found["tokens"] == 0
    assert torch.equal(weights(policy), before)
    assert policy.version == 0
    assert all(weight.grad is None for weight in policy.parameters())
    found = update(policy, rows, config=dataclasses.replace(CONFIG, minibatch_steps=4))
    assert found["skipped"] == 1
    assert math.isfinite(found["loss"])
    assert policy.version == 1
    assert bool(torch.isfinite(weights(policy)).all())


def test_a_loss_that_stays_non_finite_stops_the_update() -> None:
    policy = make_policy()
    rows = with_advantage(make_rows(policy, 12), float("nan"))
    before = weights(policy)
    with pytest.raises(NonFiniteLoss, match=f"{MAX_NON_FINITE} minibatches in a row.*learning_rate"):
        update(policy, rows, config=dataclasses.replace(CONFIG, minibatch_steps=2))
    assert torch.equal(weights(policy), before)


def test_bad_minibatches_are_counted_over_rounds() -> None:
    policy, state = make_policy(), UpdateState(256)
    rows = with_advantage(make_rows(policy, 6), float("nan"))
    optimizer = make_optimizer(policy, CONFIG)
    config = dataclasses.replace(CONFIG, minibatch_steps=1000)

    def round_of(rows: list[TrainRow]) -> None:
        policy_update(policy, optimizer, rows, LossConfig(), config, np.random.default_rng(0), state=state)

    round_of(rows)
    round_of(rows)
    assert state.non_finite == 2
    round_of(with_advantage(rows, 1.0))
    assert state.non_finite == 0
    round_of(rows)
    round_of(rows)
    with pytest.raises(NonFiniteLoss):
        round_of(rows)


class Memory:
    """Makes a policy's training forward fail like a full card for more than `limit` padded tokens."""

    def __init__(
        self, policy: TinyPolicy, limit: int, error: type[Exception] = torch.OutOfMemoryError
    ) -> None:
        self.limit, self.error, self.calls = limit, error, 0
        self.plain = policy.logprobs
        policy.logprobs = self.logprobs  # pyright: ignore[reportAttributeAccessIssue]

    def logprobs(self, rows: list[TrainRow]) -> RowLogprobs:
        self.calls += 1
        # The second micro-batch fails, so that there are gradients to take back.
        if self.calls > 1 and len(rows) * max(len(row.prompt_ids) for row in rows) > self.limit:
            raise self.error("CUDA out of memory")
        return self.plain(rows)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, MemoryError])
def test_out_of_memory_halves_the_micro_batches_once(error: type[Exception]) -> None:
    policy, other = make_policy(), make_policy()
    rows = make_rows(policy, 16)
    config = dataclasses.replace(CONFIG, minibatch_steps=1000, microbatch_tokens=600)
    # Plain gradient descent, since AdamW turns rounding errors of tiny gradients into full steps.
    descents = [torch.optim.SGD(p.parameters(), lr=0.1) for p in (policy, other)]
    state = UpdateState(config.microbatch_tokens)
    Memory(policy, 400, error)
    with pytest.warns(UserWarning, match=r"halved to 300 tokens; set optimizer\.microbatch_tokens"):
        found = policy_update(
            policy, descents[0], rows, LossConfig(), config, np.random.default_rng(0), state=state
        )
    assert (state.microbatch_tokens, state.halved) == (300, True)
    expected = policy_update(other, descents[1], rows, LossConfig(), config, np.random.default_rng(0))
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)
    torch.testing.assert_close(weights(policy), weights(other), atol=1e-6, rtol=1e-5)


def test_out_of_memory_again_names_the_setting() -> None:
    policy = make_policy()
    rows = make_rows(policy, 16)
    Memory(policy, 0)
    before = weights(policy)
    with (
        pytest.warns(UserWarning, match="halved"),
        pytest.raises(OutOfMemory, match=r"128 tokens: lower optimizer\.microbatch_tokens"),
    ):
        update(policy, rows)
    assert torch.equal(weights(policy), before)


def test_other_errors_are_not_taken_for_memory() -> None:
    state = UpdateState(8)

    def work(tokens: int) -> None:
        raise RuntimeError("shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="multiplied"):
        state.within_memory(work)
    assert state.microbatch_tokens == 8


def test_the_mismatch_is_that_of_the_sampler_before_the_first_step() -> None:
    sampler, policy = make_policy(seed=1), make_policy(seed=2)
    rows = with_advantage(make_rows(sampler, 10), 1.0)
    config = dataclasses.replace(CONFIG, minibatch_steps=1000, learning_rate=0.1, epochs=2)
    new = policy.logprobs(rows)
    difference = (new.logprobs - torch.cat([torch.from_numpy(row.logprobs) for row in rows]))[new.is_choice]
    difference = difference.detach().double()
    loss = LossConfig(importance_cap=0.5)
    found = update(policy, rows, loss, config)
    assert found["mismatch/abs"] == pytest.approx(float(difference.abs().mean()), rel=1e-4)
    assert found["mismatch/kl"] == pytest.approx(float((difference.exp() - difference - 1).mean()), rel=1e-3)
    assert found["mismatch/ratio_max"] == pytest.approx(float(difference.exp().max()), rel=1e-4)
    assert found["mismatch/capped"] == pytest.approx(float((difference.exp() > 0.5).double().mean()))
    assert found["mismatch/abs"] > 0.01
    own = make_policy()
    assert update(own, make_rows(own, 12), config=config)["mismatch/abs"] < 1e-5


def test_only_an_inexact_sampler_is_corrected_unless_told() -> None:
    sampler = make_policy(seed=1)
    rows = with_advantage(make_rows(sampler, 10), 1.0)
    config = dataclasses.replace(CONFIG, minibatch_steps=1000)
    exact, inexact, told = make_policy(seed=2), make_policy(seed=2), make_policy(seed=2)
    inexact.samples_exactly = False
    plain = update(exact, rows, LossConfig(clip_high=1e9), config)
    corrected = update(inexact, rows, LossConfig(clip_high=1e9), config)
    assert abs(plain["ratio_mean"] - 1) > 1e-3
    assert corrected["ratio_mean"] == pytest.approx(1, abs=1e-4)
    assert corrected == update(told, rows, LossConfig(clip_high=1e9, importance_cap=2.0), config)


def test_whole_episodes_stay_in_one_minibatch() -> None:
    rng = np.random.default_rng(0)
    episodes = rng.permutation(np.repeat(np.arange(40), rng.integers(1, 9, size=40)))
    for size in (1, 16, 1000):
        batches = minibatches(episodes, size, np.random.default_rng(1), whole_episodes=True)
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(episodes)))
        of_episode = [set(episodes[batch].tolist()) for batch in batches]
        assert sum(map(len, of_episode)) == 40
    sixteen = minibatches(episodes, 16, np.random.default_rng(1), whole_episodes=True)
    assert all(8 <= len(batch) <= 24 for batch in sixteen)
    other = minibatches(episodes, 16, np.random.default_rng(2), whole_episodes=True)
    assert not np.array_equal(sixteen[0], other[0])


def test_masked_tokens_and_token_advantages() -> None:
    policy = make_policy()
    rows = with_advantage(make_rows(policy, 8), 1.0)
    masked = [dataclasses.replace(r, token_mask=np.zeros(len(r.action_ids), bool)) for r in rows]
    before = weights(policy)
    config = dataclasses.replace(CONFIG, learning_rate=1e-2)
    assert update(policy, masked, config=config)["loss"] == 0
    assert torch.equal(weights(policy), before)
    same, other = make_policy(), make_policy()
    per_token = [dataclasses.replace(r, advantage=np.ones(len(r.action_ids))) for r in rows]
    assert update(same, per_token) == update(other, rows)


def test_a_stale_sampler_is_corrected_by_capped_weights() -> None:
    sampler, policy = make_policy(seed=1), make_policy(seed=2)
    rows = with_advantage(make_rows(sampler, 10), 1.0)
    config = dataclasses.replace(CONFIG, minibatch_steps=1000)
    plain = update(copy.deepcopy(policy), rows, LossConfig(clip_high=1e9), config)
    corrected = update(policy, rows, LossConfig(clip_high=1e9, importance_cap=0.5), config)
    assert abs(plain["ratio_mean"] - 1) > 1e-3
    assert corrected["ratio_mean"] == pytest.approx(1, abs=1e-4)
    assert corrected["loss"] == pytest.approx(-0.5, abs=0.2)


def test_the_penalty_holds_the_policy_at_its_reference() -> None:
    reference = make_policy()
    rows = with_advantage(make_rows(reference, 12), 1.0)
    divergences = []
    for penalty in (0.0, 10.0):
        policy = make_policy()
        loss = LossConfig(kl="k2", kl_penalty=penalty, clip_high=1e9)
        config = dataclasses.replace(CONFIG, epochs=6, minibatch_steps=1000)
        optimizer = make_optimizer(policy, config)
        policy_update(policy, optimizer, rows, loss, config, np.random.default_rng(0), reference)
        divergences.append(log_probability(policy, rows) - log_probability(reference, rows))
    assert 0 < divergences[1] < divergences[0] / 2
    with pytest.raises(ValueError, match="needs a reference policy"):
        update(reference, rows, LossConfig(kl_penalty=1.0))


def test_an_update_is_reproducible() -> None:
    results = []
    for _ in range(2):
        policy = make_policy()
        results.append((update(policy, make_rows(policy, 12)), weights(policy)))
    assert results[0][0] == results[1][0]
    assert torch.equal(results[0][1], results[1][1])


def test_micro_batches_hold_every_row_once_and_keep_equal_prompts_together() -> None:
    policy = make_policy()
    rows = make_rows(policy, 21)
    for budget in (1, 200, 1_000, 10**6):
        groups = list(policy.micro_batches(rows, budget))
        assert sorted(index for group in groups for index in group) == list(range(len(rows)))
        for group in groups:
            prompts = {rows[i].prompt_ids.tobytes() for i in group}
            width = max(len(rows[i].prompt_ids) for i in group)
            tokens = len(prompts) * width + len(group) * max(len(rows[i].action_ids) for i in group)
            assert len(group) == 1 or tokens <= budget
    assert len(list(policy.micro_batches(rows, 10**6))) == 1


# -- training rows ---------------------------------------------------------------------------------------


def step_record(**fields: object) -> StepRecord:
    tokens = {
        "prompt_ids": np.array([1, 2], np.int32),
        "action_ids": np.array([3], np.int32),
        "logprobs": np.array([-0.5], np.float32),
    }
    return StepRecord(step=0, observation="o", state_key="k", action="a", **(tokens | fields))  # pyright: ignore


def step_batch_of(count: int) -> StepBatch:
    zeros, text = np.zeros(count), np.array(["x"] * count, dtype=object)
    whole = zeros.astype(np.int64)
    return StepBatch(
        episode=np.arange(count),
        step=whole,
        reward=zeros,
        state_key=text,
        action=text,
        action_tokens=whole + 1,
        action_valid=whole == 0,
        is_executed=whole == 0,
        candidate_group=whole - 1,
        task=text,
        score=zeros,
        is_success=whole == 1,
        terminated=whole == 0,
    )


def test_training_rows_leave_out_what_teaches_nothing() -> None:
    records = [
        step_record(admissible_actions=["a", "b"]),
        step_record(),
        step_record(),
        step_record(prompt_ids=None, action_ids=None, logprobs=None),
    ]
    result = AdvantageResult(
        weight=np.array([0.5, 0.0, 1.0, 1.0]), step_advantage=np.array([2.0, 1.0, 0.0, 1.0])
    )
    (row,) = training_rows(records, step_batch_of(4), result)
    assert row.candidates == ["a", "b"]
    assert (row.advantage, row.weight, row.episode, row.token_mask) == (2.0, 0.5, 0, None)
    kept = training_rows(records, step_batch_of(4), result, keep_zeros=True)
    assert [(row.advantage, row.weight) for row in kept] == [(2.0, 0.5), (0.0, 1.0)]


def test_training_rows_take_token_advantages_and_masks() -> None:
    result = AdvantageResult(
        weight=np.ones(1), token_advantage=[np.array([0.25])], token_mask=[np.array([True])]
    )
    (row,) = training_rows([step_record()], step_batch_of(1), result)
    assert isinstance(row.advantage, np.ndarray)
    assert row.advantage.tolist() == [0.25]
    assert row.token_mask is not None
    assert row.token_mask.tolist() == [True]


def test_an_invalid_action_costs_the_penalty() -> None:
    records = [step_record() for _ in range(3)]
    batch = dataclasses.replace(step_batch_of(3), action_valid=np.array([True, False, False]))
    result = AdvantageResult(weight=np.array([1.0, 1.0, 0.0]), step_advantage=np.array([0.0, 0.0, 1.0]))
    assert training_rows(records, batch, result) == []
    (row,) = training_rows(records, batch, result, invalid_penalty=0.25)
    assert (row.advantage, row.episode) == (-0.25, 1)
    tokens = AdvantageResult(weight=np.ones(3), token_advantage=[np.array([0.5])] * 3)
    found = [row.advantage for row in training_rows(records, batch, tokens, invalid_penalty=0.25)]
    assert np.concatenate([np.atleast_1d(a) for a in found]).tolist() == [0.5, 0.25, 0.25]
