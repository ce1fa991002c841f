from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from step_gym.agents.config import (
    PRESETS,
    HistoryConfig,
    OptimizerConfig,
    PolicyConfig,
    TrainConfig,
    WarmStartConfig,
    from_json,
    language_model,
    preset,
    to_json,
)


@pytest.mark.parametrize("name", PRESETS)
def test_round_trip(name: str) -> None:
    config = dataclasses.replace(preset(name), settings={"use_failures": True}, seed=3)
    assert from_json(to_json(config)) == config


def test_errors_name_the_field() -> None:
    with pytest.raises(ValueError, match="run/config.json is no training configuration: unknown field of"):
        from_json('{"sede": 1}', "run/config.json")
    with pytest.raises(ValueError, match="did you mean 'learning_rate'"):
        from_json('{"optimizer": {"learning_rat": 1}}')
    with pytest.raises(ValueError, match="config.json is no training configuration"):
        from_json('{"seed": ')
    with pytest.raises(ValueError, match=r"no training configuration: TrainConfig is \[\]"):
        from_json("[]")
    with pytest.raises(ValueError, match="unknown preset 'deemo': did you mean 'demo'"):
        preset("deemo")


@pytest.mark.parametrize(
    ("group", "field", "value", "message"),
    [
        (TrainConfig, "copies", 0, "copies=0: must be 1 or more"),
        (TrainConfig, "seed", -1, "seed=-1: must be 0 or more"),
        (TrainConfig, "eval_tasks", -3, "eval_tasks=-3: must be 0 or more"),
        (TrainConfig, "invalid_penalty", float("nan"), "invalid_penalty=nan: must be 0 or more"),
        (PolicyConfig, "layers", 0, r"policy\.layers=0: must be 1 or more"),
        (HistoryConfig, "window", -1, r"history\.window=-1: must be 0 or more"),
        (WarmStartConfig, "noise", 2, r"warm_start\.noise=2: must be 0 to 1"),
        (WarmStartConfig, "probe_every", 0, r"warm_start\.probe_every=0: must be 1 or more"),
        (OptimizerConfig, "grad_clip", 0.0, r"optimizer\.grad_clip=0\.0: must be above 0"),
        (OptimizerConfig, "epochs", -1, r"optimizer\.epochs=-1: must be 1 or more"),
        (OptimizerConfig, "minibatch_steps", 0, r"optimizer\.minibatch_steps=0: must be 1 or more"),
    ],
)
def test_values_out_of_range_are_named(group: type, field: str, value: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        group(**{field: value})


def test_a_configuration_is_read_without_torch() -> None:
    script = "import sys, step_gym.agents.config; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_a_preset_for_a_language_model_keeps_the_rest() -> None:
    for name in PRESETS:
        config = preset(name)
        changed = language_model(config)
        assert changed.history.mode == "append"
        assert changed.optimizer.learning_rate < config.optimizer.learning_rate
        assert (changed.env, changed.policy, changed.rounds) == (config.env, config.policy, config.rounds)
        assert from_json(to_json(changed)) == changed
