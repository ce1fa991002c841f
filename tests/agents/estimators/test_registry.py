"""Algorithms by name, and settings as a configuration holds them."""

from __future__ import annotations

import pickle

import pytest

from step_gym.agents.estimators import ALGORITHMS, GRPO, STEP, get_algorithm


def test_the_ablation_is_four_settings_of_one_class():
    switches = {
        name: (estimator.sampling.enabled, estimator.augmentation.enabled)
        for name, estimator in ALGORITHMS.items()
        if isinstance(estimator, STEP)
    }
    assert switches == {
        "step": (True, True),
        "step-no-sampling": (False, True),
        "step-no-augmentation": (True, False),
        "step-neither": (False, False),
    }
    assert get_algorithm("step") == STEP() and get_algorithm("grpo") == GRPO()


def test_whole_numbers_are_numbers():
    estimator = get_algorithm("step", {"weight_cap": 2, "alpha": 1})
    assert isinstance(estimator, STEP) and (estimator.weight_cap, estimator.alpha) == (2, 1)


def test_settings_replace_defaults_and_keep_the_rest():
    estimator = get_algorithm("step-no-sampling", {"weighting": "constant", "augmentation": {"group": 4}})
    assert isinstance(estimator, STEP)
    assert estimator.weighting == "constant" and estimator.augmentation.group == 4
    assert estimator.augmentation.max_steps == 4 and not estimator.sampling.enabled
    assert pickle.loads(pickle.dumps(estimator)) == estimator


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("stp", {}, "unknown algorithm 'stp': did you mean 'step'"),
        ("step", {"samplin": {}}, "algorithm 'step': unknown setting 'samplin': did you mean 'sampling'"),
        ("step", {"sampling": {"s": 1}}, "unknown setting 's'"),
        ("step", {"sampling": 3}, "setting sampling=3: a group of settings is needed"),
        ("step", {"sampling": {"s0": "half"}}, "setting s0='half': a number is needed"),
        ("step", {"sampling": {"s0": None}}, "setting s0=None: a number is needed"),
        ("step", {"alpha": "high"}, "setting alpha='high': a number or null is needed"),
        ("step", {"alpha": -1}, "alpha=-1"),
        ("step", {"use_failures": 1}, "setting use_failures=1: true or false is needed"),
        ("step", {"weighting": "square"}, "unknown setting weighting 'square'"),
        ("grpo", {"ddof": 3}, "ddof=3"),
        ("grpo", {"eps": float("nan")}, "eps=nan"),
        ("step", {"augmentation": {"group": 7.5}}, "setting group=7.5: a whole number is needed"),
        ("step", {"augmentation": {"weight": float("nan")}}, "weight=nan"),
        ("step", {"sampling": {"kappa": float("nan")}}, "kappa=nan"),
        ("step", {"weight_cap": float("nan")}, "weight_cap=nan"),
    ],
)
def test_bad_settings_are_one_line(name, settings, message):
    with pytest.raises(ValueError) as caught:
        get_algorithm(name, settings)
    assert message in str(caught.value) and "\n" not in str(caught.value)
