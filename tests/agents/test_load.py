"""Policies by path, and the reference of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from step_gym.agents.config import PolicyConfig, TrainConfig, from_json, to_json
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.load import load_policy, reference_policy
from step_gym.agents.models import model_folder
from step_gym.agents.tiny import TinyPolicy
from tests.agents.language_models import make_llm
from tests.agents.tiny_policies import make_policy


def test_what_the_folder_holds_decides(tmp_path: Path) -> None:
    make_policy().save(tmp_path / "tiny")
    make_llm(LLMConfig(reply="json")).save(tmp_path / "llm")
    make_llm().model.save_pretrained(tmp_path / "model")
    make_llm().tokenizer.save_pretrained(tmp_path / "model")
    asked = PolicyConfig(reply="action", system="Act.", max_new_tokens=5)
    assert isinstance(load_policy(tmp_path / "tiny"), TinyPolicy)
    saved, fresh = load_policy(tmp_path / "llm", asked), load_policy(tmp_path / "model", asked)
    assert isinstance(saved, LLMPolicy) and saved.config == LLMConfig(reply="json")
    assert isinstance(fresh, LLMPolicy) and fresh.config == LLMConfig("action", False, "Act.", 5)
    adapted = load_policy(tmp_path / "llm", PolicyConfig(lora_rank=2))
    assert isinstance(adapted, LLMPolicy) and adapted.has_adapters


def test_what_is_missing_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert model_folder("smollm2").is_relative_to(tmp_path)
    with pytest.raises(ValueError, match="smollm2 is not here yet: step-gym model fetch smollm2"):
        load_policy("smollm2")
    with pytest.raises(ValueError, match="unknown model 'smollm3'"):
        model_folder("smollm3")


def test_the_configuration_survives_its_file() -> None:
    config = TrainConfig(policy=PolicyConfig(path="smollm2", reply="json", lora_rank=8, precision="bfloat16"))
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize("lora_rank", [0, 4])
def test_the_reference_is_the_policy_before_its_first_update(tmp_path: Path, lora_rank: int) -> None:
    policy = make_llm(lora_rank=lora_rank)
    config = PolicyConfig(path=str(tmp_path / "base"))
    reference = reference_policy(policy, tmp_path / "reference", config, is_start=True, device="cpu")
    assert isinstance(reference, LLMPolicy)
    assert (reference.model is policy.model) == bool(lora_rank)
    assert (tmp_path / "reference").exists() != bool(lora_rank)
    ids = torch.arange(9)[None]
    with torch.no_grad():
        start = policy.model(ids).logits
        for weight in policy.parameters():
            weight += 0.1
        assert not torch.allclose(policy.model(ids).logits, start)
    again = reference_policy(policy, tmp_path / "reference", config, is_start=False, device="cpu")
    assert isinstance(again, LLMPolicy)
    for found in (reference, again):
        with torch.no_grad(), found._computing():
            torch.testing.assert_close(found.model(ids).logits, start)
