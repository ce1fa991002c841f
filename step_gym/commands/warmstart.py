"""`step-gym warmstart`: behaviour cloning from a world's expert, for any policy; training can start there."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from step_gym.arguments import short_name
from step_gym.commands.common import usage_errors
from step_gym.commands.configuration import configuration_parser, parse_configuration, read_configuration
from step_gym.progress import Progress

if TYPE_CHECKING:
    from step_gym.agents.config import TrainConfig
    from step_gym.agents.policy import TrainablePolicy


def warmstart(arguments: Sequence[str]) -> int:
    """Fit a policy to the world's expert and save it as a folder for `step-gym train --policy`."""
    parser = configuration_parser(
        warmstart, "[--env ENV] [--policy tiny | PATH] [--output FOLDER] [--warm-start.epochs N]"
    )
    heading = "Every setting of a run, of which env, policy, history, warm-start and optimizer matter:"
    options, flags = parse_configuration(parser, arguments, heading)

    from step_gym.agents.policy_folder import keep_history
    from step_gym.agents.run_folder import check_empty, next_free
    from step_gym.agents.runtime import configure_threads
    from step_gym.agents.update import NonFiniteLoss, OutOfMemory

    with usage_errors():
        config = read_configuration(options, flags, parser.prog)
        folder = options.output or next_free(Path("runs"), f"{short_name(config.env.id)}-warmstart")
        check_empty(folder)
    configure_threads(config.threads)
    started = time.perf_counter()
    try:
        with Progress(Console(highlight=False)) as progress:
            policy, metrics = _cloned(config, progress)
    except (NonFiniteLoss, OutOfMemory) as error:
        print(f"step-gym: {error}", file=sys.stderr)
        return 1
    policy.save(folder)
    keep_history(folder, config.history)
    metrics["seconds"] = time.perf_counter() - started
    (folder / "warmstart.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(
        f"{folder}: {metrics['demonstrations']} demonstrations, {metrics['epochs']:.1f} epochs, "
        f"held-out loss {metrics['held_out_loss']:.3f} nats an action"
    )
    return 0


def _cloned(config: TrainConfig, progress: Progress) -> tuple[TrainablePolicy, dict[str, Any]]:
    """The policy after cloning, and its metrics."""
    import numpy as np

    from step_gym.agents.cloning import clone, demonstrate, new_tiny_policy
    from step_gym.agents.evaluate import task_set
    from step_gym.agents.load import load_policy, reads_pictures
    from step_gym.agents.runtime import resolve_device
    from step_gym.agents.samplers import FreshTasks

    def count(done: int, of: int, loss: float) -> None:
        progress({"kind": "progress", "phase": f"warm start, loss {loss:.3f}", "done": done, "of": of})

    with usage_errors():
        device = resolve_device(config.device)
        policy: TrainablePolicy | None = None
        if config.policy.path != "tiny":
            policy = load_policy(config.policy.path, config.policy, device=device, seed=config.seed)
        train_ids = list(task_set(config.env).split(config.env.train_split).ids())
        # The same draw as that of a run's own warm start.
        fresh = FreshTasks(train_ids, np.random.default_rng([config.seed, 2]))
        shown = fresh.draw(min(config.warm_start.demonstrations, len(train_ids)))
        demos = demonstrate(config, shown, pictures=policy is not None and reads_pictures(policy))
    policy = policy or new_tiny_policy(config, demos, device=device)
    return policy, {"demonstrations": len(demos), **clone(policy, demos, config, progress=count)}
