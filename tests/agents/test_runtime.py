from __future__ import annotations

import os
import subprocess
import sys

import pytest

from step_gym.agents.runtime import configure_threads

CODE = """
import os
from step_gym.agents.runtime import configure_threads
configure_threads(1)
names = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "TOKENIZERS_PARALLELISM")
print(*(os.environ[name] for name in names))
import torch
print(torch.get_num_threads())
configure_threads(2)
print(torch.get_num_threads())
"""


def test_threads_wait_asleep_and_torch_takes_their_number() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMP", "GOMP"))}
    environment |= {"GOMP_SPINCOUNT": "7", "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["PASSIVE 7 false", "1", "2"]


def test_no_thread_is_refused() -> None:
    with pytest.raises(ValueError, match="threads=0"):
        configure_threads(0)
