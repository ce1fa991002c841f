from __future__ import annotations

import dataclasses
import subprocess
import sys

import pytest

from step_gym.agents.config import PRESETS, TrainConfig, from_json, language_model, preset, to_json


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
    with pytest.raises(ValueError, match="copies=0: must be a positive number"):
        TrainConfig(copies=0)


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
