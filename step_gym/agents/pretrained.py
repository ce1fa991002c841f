"""Pretrained models from a folder or the hub, and what they must be like to act and learn here."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from torch import nn

from step_gym.agents import packing
from step_gym.agents.policy_folder import check_model_config


def load_pretrained(path: str | Path, tokenizer: str | Path | None = None) -> tuple[Any, Any]:
    """Model, with float32 weights, and tokenizer of a folder or a name on the hub.

    Args:
        path: Where the model is.
        tokenizer: Where its tokenizer is; by default with the model.

    Returns:
        A causal language model and its tokenizer, or a model that reads pictures too and its processor.

    Raises:
        ValueError: One line that says what is missing there, or why it cannot be had.
    """
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForImageTextToText,
        AutoProcessor,
        AutoTokenizer,
    )
    from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING

    places = {"config.json": Path(path), "tokenizer_config.json": Path(tokenizer or path)}
    for name, folder in places.items():
        if folder.is_dir() and not (folder / name).is_file():
            what = "model" if name == "config.json" else "tokenizer"
            raise ValueError(f"{folder} holds no {what} (there is no {name}): save the {what} there as well")
    try:
        if Path(path).is_dir():
            check_model_config(path)
        config = AutoConfig.from_pretrained(path)
        sees = type(config) in MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING
        kind, reader = (
            (AutoModelForImageTextToText, AutoProcessor) if sees else (AutoModelForCausalLM, AutoTokenizer)
        )
        return kind.from_pretrained(path, dtype=torch.float32), reader.from_pretrained(tokenizer or path)
    except (OSError, ValueError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        if Path(path).is_dir():
            raise ValueError(
                f"{path} cannot be loaded as a causal language model ({reason}): "
                "save the model there again, or take another folder"
            ) from error
        raise ValueError(
            f"there is no folder {path}, and the model hub does not give it ({reason}): give a folder; "
            "step-gym model fetch smollm2 makes one without the hub"
        ) from error


def with_adapters(model: Any, rank: int, seed: int) -> Any:
    """The model with new LoRA adapters on its language layers, the only weights that then train."""
    from peft import LoraConfig, get_peft_model

    names = {module: name for name, module in model.named_modules()}
    targets = [names[part] for part in model.get_decoder().modules() if isinstance(part, nn.Linear)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        config = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets, task_type="CAUSAL_LM")
        return get_peft_model(model, config)


def without_dropout(network: nn.Module) -> None:
    """Switch dropout off, as sampling does not have it and the update compares to what was sampled."""
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        elif hasattr(module, "attention_dropout"):
            module.attention_dropout = 0.0  # pyright: ignore[reportArgumentType]


def compile_layers(network: Any) -> None:
    """Compile each layer by itself: all are alike, so that what is compiled for the first serves them all."""
    layers = getattr(network.get_decoder(), "layers", None)
    if layers is None:
        name = network.config.name_or_path or type(network).__name__
        raise ValueError(f"compiled=True: {name} has no list of layers that could be compiled one by one")
    for layer in layers:
        layer.compile(dynamic=True)


class ActingCopy:
    """A network's layers as they act: the same weights, those of linear layers rounded once and kept.

    Autocast rounds them anew at every call, and a frozen model under adapters at every token. All else
    computes as under autocast, so that results equal those of the network itself.

    Args:
        decoder: The layers.
        dtype: What linear layers compute in under autocast; None keeps their weights shared too.

    Attributes:
        module: The copy, from the first `refresh`. It has buffers and an attention implementation of its own,
            because acting needs masks that not every one of those for training takes.
    """

    def __init__(self, decoder: nn.Module, dtype: torch.dtype | None) -> None:
        self._decoder, self._dtype = decoder, dtype
        self._given: list[nn.Parameter] = []
        self._rounded: list[tuple[nn.Parameter, nn.Parameter]] = []
        self.module: Any = None

    def refresh(self) -> None:
        """Take over the present weights, in place where they are the same parameters as before."""
        given = list(self._decoder.parameters())
        if self.module is not None and list(map(id, given)) == list(map(id, self._given)):
            for kept, weight in self._rounded:
                kept.copy_(weight)
            return
        self._given, self._rounded = given, []
        memo: dict[int, Any] = {id(weight): weight for weight in given}
        for module in self._decoder.modules():
            for weight in module.parameters(recurse=False) if isinstance(module, nn.Linear) else ():
                if self._dtype is not None and weight.dtype == torch.float32:
                    kept = nn.Parameter(weight.detach().to(self._dtype), requires_grad=False)
                    self._rounded.append((kept, weight))
                    memo[id(weight)] = kept
        self.module = copy.deepcopy(self._decoder, memo).eval()
        if self.module.config._attn_implementation not in ("sdpa", "eager"):
            self.module.set_attn_implementation("sdpa")


def check(network: Any, tokenizer: Any) -> None:
    """Raise `ValueError` for models that would be computed wrongly here."""
    name = network.config.name_or_path or type(network).__name__
    if not packing.can_branch(network):
        raise ValueError(
            f"{name} has layers that do not attend to everything before them (sliding windows, recurrence): "
            "take a model with full attention"
        )
    kind = network.config._attn_implementation
    if kind not in ("sdpa", "eager", "flex_attention"):
        raise ValueError(
            f"{name} is loaded with attn_implementation={kind!r}, which takes no mask of four dimensions: "
            "load it with 'sdpa', 'eager' or 'flex_attention'"
        )
    rows = network.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise ValueError(
            f"{name} has {rows} embeddings, its tokenizer {len(tokenizer)} tokens: they do not match"
        )
    device = network.get_input_embeddings().weight.device
    with torch.no_grad():
        ids = torch.arange(2, device=device)[None]
        hidden = network.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state
        own = network(input_ids=ids, use_cache=False).logits
        if not torch.allclose(network.get_output_embeddings()(hidden), own, rtol=1e-3, atol=1e-3):
            raise ValueError(f"{name} changes the logits after its output layer: take a model that does not")
