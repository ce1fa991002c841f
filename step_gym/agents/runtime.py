"""Process-wide settings for torch on a CPU; they must be made before torch is first imported."""

from __future__ import annotations

import os
import sys


def configure_threads(threads: int) -> None:
    """Let torch use `threads` CPU threads that sleep while they wait for each other.

    OpenMP threads spin at barriers by default; when anything else runs on the same cores, that slows small
    models tenfold and more. `OMP_WAIT_POLICY` and `GOMP_SPINCOUNT` are read when the OpenMP library loads, so
    a command calls this before it imports torch. Values that the user has set stay. After torch has been
    imported only the number of threads can still be changed, and is.

    Args:
        threads: Number of threads, at least 1; one per worker where several processes share the machine.
    """
    if threads < 1:
        raise ValueError(f"threads={threads}: at least 1 is needed")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
    else:
        os.environ["OMP_NUM_THREADS"] = str(threads)


def resolve_device(name: str) -> str:
    """The device that "auto" stands for: "cuda" where there is one, else "cpu"; other names stay."""
    if name != "auto":
        return name
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def quiet_transformers() -> None:
    """Switch off transformers' progress bars: for small files they only come between our lines."""
    from transformers.utils import logging

    logging.disable_progress_bar()
