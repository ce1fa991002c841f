from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from step_gym.agents.losses import (
    LossConfig,
    TokenBatch,
    clipped_loss,
    importance_weights,
    kl_estimate,
    log_ratios,
    token_coefficients,
    token_losses,
)


def tensor(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


# -- aggregation -----------------------------------------------------------------------------------------

# Two steps of episode 0 (two tokens, one token) and one of episode 5 (four tokens, the last masked out).
LENGTHS = np.array([2, 1, 4])
WEIGHTS = np.array([1.0, 0.5, 2.0])
EPISODES = np.array([0, 0, 5])
MASK = np.array([1, 1, 1, 1, 1, 1, 0], dtype=bool)


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("token-mean", [1 / 6, 1 / 6, 0.5 / 6, 2 / 6, 2 / 6, 2 / 6, 0]),
        ("seq-mean-token-mean", [1 / 6, 1 / 6, 0.5 / 3, 2 / 9, 2 / 9, 2 / 9, 0]),
        ("seq-mean-token-sum", [1 / 3, 1 / 3, 0.5 / 3, 2 / 3, 2 / 3, 2 / 3, 0]),
        ("seq-mean-token-sum-norm", [1 / 12, 1 / 12, 0.5 / 12, 2 / 12, 2 / 12, 2 / 12, 0]),
        ("traj-mean-step-mean", [1 / 8, 1 / 8, 0.5 / 4, 2 / 6, 2 / 6, 2 / 6, 0]),
    ],
)
def test_worked_coefficients(aggregation: str, expected: list[float]) -> None:
    config = LossConfig(aggregation=aggregation, norm_length=4.0)  # pyright: ignore[reportArgumentType]
    found = token_coefficients(LENGTHS, WEIGHTS, EPISODES, config, MASK)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 3)), min_size=1, max_size=8),
    st.sampled_from(["token-mean", "seq-mean-token-mean", "traj-mean-step-mean"]),
)
def test_means_of_a_constant_are_the_constant(rows: list[tuple[int, int]], aggregation: str) -> None:
    config = LossConfig(aggregation=aggregation)  # pyright: ignore[reportArgumentType]
    lengths, episodes = (np.array(column) for column in zip(*rows, strict=True))
    assert token_coefficients(lengths, np.ones(len(rows)), episodes, config).sum() == pytest.approx(1)


def test_an_episode_counts_once_whatever_its_length() -> None:
    config = LossConfig(aggregation="traj-mean-step-mean")
    found = token_coefficients(np.array([1, 3, 2, 2]), np.ones(4), np.array([7, 3, 3, 3]), config)
    assert found[:1].sum() == pytest.approx(0.5)
    assert found[1:].sum() == pytest.approx(0.5)


def test_rows_that_are_all_masked_are_no_division_by_zero() -> None:
    for aggregation in ("token-mean", "seq-mean-token-mean", "traj-mean-step-mean"):
        config = LossConfig(aggregation=aggregation)  # pyright: ignore[reportArgumentType]
        found = token_coefficients(np.array([2, 0]), np.ones(2), np.zeros(2), config, np.zeros(2, bool))
        assert found.tolist() == [0, 0]


# -- ratio and clip --------------------------------------------------------------------------------------


def test_token_ratio_and_clip_worked() -> None:
    # Ratios 1.5, 1.5, 0.5, 0.5 with A = 1, -1, 1, -1: only where the ratio already went far the right way
    # (1.5 with A > 0, 0.5 with A < 0) does the clip hold.
    config = LossConfig(clip_low=0.2, clip_high=0.3)
    advantage = tensor(1, -1, 1, -1)
    loss, clipped = clipped_loss(tensor(1.5, 1.5, 0.5, 0.5).log(), advantage, config)
    np.testing.assert_allclose(loss, [-1.3, 1.5, -0.5, 0.8])
    assert clipped.tolist() == [True, False, False, True]


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-3, 3)), min_size=1))
def test_clip_agrees_with_numpy(pairs: list[tuple[float, float]]) -> None:
    logs, advantages = (np.array(column) for column in zip(*pairs, strict=True))
    loss, _ = clipped_loss(torch.from_numpy(logs), torch.from_numpy(advantages), LossConfig())
    ratio = np.exp(logs)
    expected = -np.minimum(ratio * advantages, np.clip(ratio, 0.8, 1.3) * advantages)
    np.testing.assert_allclose(loss.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_a_clipped_token_has_no_gradient() -> None:
    new = tensor(0.5, 0.5).requires_grad_()
    loss, _ = clipped_loss(new, tensor(1, -1), LossConfig())
    loss.sum().backward()
    assert new.grad is not None
    np.testing.assert_allclose(new.grad, [0, math.exp(0.5)])


def test_sequence_ratio_is_the_geometric_mean_of_its_row() -> None:
    new, old = tensor(-1, -2, -3, -1).requires_grad_(), tensor(-1.5, -1.9, -3, -1.7)
    found = log_ratios(new, old, torch.tensor([3, 1]), "sequence")
    np.testing.assert_allclose(found.detach(), [0.4 / 3, 0.4 / 3, 0.4 / 3, 0.7])
    found.exp().sum().backward()
    ratio = math.exp(0.4 / 3)
    assert new.grad is not None
    np.testing.assert_allclose(new.grad, [ratio, ratio, ratio, math.exp(0.7)])


def test_token_and_sequence_ratio_agree_for_single_tokens() -> None:
    new, old = tensor(-1, -2, -0.5), tensor(-1.2, -1, -0.5)
    lengths = torch.tensor([1, 1, 1])
    np.testing.assert_allclose(
        log_ratios(new, old, lengths, "sequence"), log_ratios(new, old, lengths, "token")
    )


# -- KL, importance, the whole ---------------------------------------------------------------------------


def test_kl_estimators_worked() -> None:
    new, reference = tensor(-1.0, -1.0), tensor(-1.5, -0.5)
    np.testing.assert_allclose(kl_estimate(new, reference, "k1"), [0.5, -0.5])
    np.testing.assert_allclose(kl_estimate(new, reference, "k2"), [0.125, 0.125])
    np.testing.assert_allclose(kl_estimate(new, reference, "k3"), [math.exp(-0.5) - 0.5, math.exp(0.5) - 1.5])
    assert kl_estimate(tensor(-300.0), tensor(0.0), "k3").tolist() == [10]


def test_k1_and_k3_are_unbiased() -> None:
    generator = np.random.default_rng(0)
    p, q = (generator.dirichlet(np.full(5, 20.0)) for _ in range(2))
    exact = (p * np.log(p / q)).sum()
    new, reference = torch.from_numpy(np.log(p)), torch.from_numpy(np.log(q))
    for estimator in ("k1", "k3"):
        assert (p * kl_estimate(new, reference, estimator).numpy()).sum() == pytest.approx(exact)


def test_importance_weights_are_capped_and_carry_no_gradient() -> None:
    old = tensor(-1.0, -1.0, -1.0).requires_grad_()
    found = importance_weights(old, tensor(-1.0, -3.0, -0.5), cap=2.0)
    assert not found.requires_grad
    np.testing.assert_allclose(found, [1, 2, math.exp(-0.5)])


def test_the_whole_loss_against_numpy() -> None:
    generator = np.random.default_rng(1)
    new, old, sampler, reference = (-generator.uniform(0.1, 2, 6) for _ in range(4))
    advantage, entropy = generator.normal(size=6), generator.uniform(0, 1, 6)
    config = LossConfig(
        clip_low=0.1, clip_high=0.15, entropy_bonus=0.01, kl="k2", kl_penalty=0.05, importance_cap=1.2
    )
    batch = TokenBatch(*(torch.from_numpy(x) for x in (new, entropy, old, sampler, advantage, reference)))
    found = token_losses(batch, torch.tensor([4, 2]), config)
    ratio = np.exp(new - old)
    loss = -np.minimum(ratio * advantage, np.clip(ratio, 0.9, 1.15) * advantage)
    loss = loss * np.minimum(np.exp(old - sampler), 1.2)
    loss = loss + 0.05 * (reference - new) ** 2 / 2 - 0.01 * entropy
    np.testing.assert_allclose(found.loss.numpy(), loss, rtol=1e-12)
    np.testing.assert_allclose(found.ratio.numpy(), ratio, rtol=1e-12)


def test_a_penalty_needs_a_reference() -> None:
    x = tensor(-1.0)
    with pytest.raises(ValueError, match=r"kl_penalty=0\.1 needs a reference policy"):
        token_losses(TokenBatch(x, x, x, x, x), torch.tensor([1]), LossConfig(kl_penalty=0.1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ratio": "tokens"}, "did you mean 'token'"),
        ({"aggregation": "mean"}, "choices: .*token-mean"),
        ({"kl": "k4"}, "unknown kl 'k4'"),
        ({"clip_low": 1.5}, r"clip_low=1\.5"),
        ({"clip_high": float("nan")}, "clip_high=nan"),
        ({"norm_length": 0}, "norm_length=0"),
        ({"norm_length": None}, "norm_length=None"),
        ({"norm_length": "auto"}, "norm_length=auto"),
        ({"importance_cap": -1.0}, r"importance_cap=-1\.0"),
    ],
)
def test_settings_out_of_range_are_named(settings: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LossConfig(**settings)


def test_a_penalty_or_a_bonus_acts_without_an_advantage() -> None:
    assert not LossConfig().acts_without_advantage
    assert LossConfig(kl_penalty=0.1).acts_without_advantage
    assert LossConfig(entropy_bonus=0.1).acts_without_advantage
    x = torch.zeros(1, requires_grad=True)
    zero = torch.zeros(1)
    batch = TokenBatch(x, x, zero, zero, zero, zero - 1)
    for config in (LossConfig(), LossConfig(kl_penalty=0.1), LossConfig(entropy_bonus=0.1)):
        (gradient,) = torch.autograd.grad(token_losses(batch, torch.tensor([1]), config).loss.sum(), x)
        assert (gradient.item() != 0) == config.acts_without_advantage


def test_a_configuration_needs_no_torch() -> None:
    code = "import sys, step_gym.agents.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
