"""Policies by path: a saved policy, a language model's folder, a name on the hub, or one of `models`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from step_gym.agents.config import HistoryConfig, PolicyConfig
from step_gym.agents.models import MODELS, model_folder
from step_gym.agents.policy import TrainablePolicy
from step_gym.agents.policy_folder import read_policy
from step_gym.agents.runtime import resolve_device


def load_policy(
    path: str | Path, config: PolicyConfig | None = None, *, device: str = "auto", seed: int = 0
) -> TrainablePolicy:
    """Load a policy.

    Args:
        path: Folder of a saved policy or of a language model, a name on the hub, or a name in `MODELS`.
        config: How a language model is asked and computed. A saved policy keeps how it is asked, and its
            adapters.
        device: "cpu", "cuda", or "auto" for CUDA where there is one.
        seed: Seed of new adapters and of sampling.

    Raises:
        ValueError: One line that says what is missing.
    """
    config, device = config or PolicyConfig(), resolve_device(device)
    if str(path) in MODELS and not Path(path).is_dir():
        path, name = model_folder(str(path)), path
        if not path.is_dir():
            raise ValueError(f"{name} is not here yet: step-gym model fetch {name}")
    kind = _saved_kind(path)
    if kind == "tiny":
        from step_gym.agents.tiny import TinyPolicy

        return TinyPolicy.load(path, device=device, seed=seed)

    from step_gym.agents.llm import LLMConfig, LLMPolicy

    options: dict[str, Any] = {
        "device": device,
        "precision": config.precision,
        "lora_rank": config.lora_rank,
        "gradient_checkpointing": config.gradient_checkpointing,
        "compiled": config.compiled,
        "decoding": config.decoding,
        "seed": seed,
    }
    if kind == "llm":
        return LLMPolicy.load(path, **options)
    asked = LLMConfig(config.reply, config.list_actions, config.system, config.max_new_tokens)
    return LLMPolicy.from_pretrained(path, asked, **options)


def is_language_model(path: str) -> bool:
    """Whether `load_policy` would give a language model for this path, "tiny" aside."""
    return path != "tiny" and _saved_kind(path) != "tiny"


def reads_pictures(policy: TrainablePolicy) -> bool:
    """Whether screenshots are part of the policy's prompts."""
    from step_gym.agents.llm import LLMPolicy

    return isinstance(policy, LLMPolicy) and policy.pictures is not None


def saved_history(path: str) -> HistoryConfig | None:
    """What the prompts of the saved policy in a folder held in training; None where nothing says so."""
    return read_policy(path).history if (Path(path) / "policy.json").is_file() else None


def reference_policy(
    policy: TrainablePolicy, folder: Path, config: PolicyConfig, *, is_start: bool, device: str
) -> TrainablePolicy:
    """A run's policy before its first update, which a KL penalty is taken to.

    Where the run began with new adapters that is the model without them, in the same memory; else a frozen
    copy, which `folder` keeps.

    Args:
        policy: The policy.
        folder: Where the copy is written at the start, and read from later.
        config: The run's own.
        is_start: Whether `policy` has not been updated yet.
        device: Where the copy goes.
    """
    from step_gym.agents.llm import LLMPolicy

    began_with_adapters = (Path(config.path) / "adapter_config.json").is_file()
    if isinstance(policy, LLMPolicy) and policy.has_adapters and not began_with_adapters:
        return policy.without_adapters()
    if is_start:
        policy.save(folder)
    reference = load_policy(folder, config, device=device)
    if isinstance(policy, LLMPolicy) and isinstance(reference, LLMPolicy) and policy.pictures is not None:
        assert reference.pictures is not None
        reference.pictures.follow(policy.pictures)
    return reference


def _saved_kind(folder: str | Path) -> str | None:
    """Kind of the saved policy in a folder; None where there is none, as in a language model's."""
    return read_policy(folder).policy if (Path(folder) / "policy.json").is_file() else None
