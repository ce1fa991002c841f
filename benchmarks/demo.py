"""Does the main job learn? The run of `make demo` over several seeds: held-out success before and after STEP.

`python -m benchmarks.demo [--seeds N] [--rounds N] [--quick]`. The last line is one JSON object. The interval
of the pooled gain is a two-level bootstrap over seeds and, paired, over held-out tasks (10,000 draws).
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import finish, print_table
from step_gym.agents.runtime import configure_threads, quiet_transformers


def pooled_interval(
    differences: list[np.ndarray], draws: int = 10_000, seed: int = 0
) -> tuple[float, float, float]:
    """Mean and 95 % bootstrap interval of paired differences, resampling seeds and then tasks within each."""
    rng = np.random.default_rng(seed)
    means = np.empty(draws)
    for draw in range(draws):
        chosen = rng.integers(len(differences), size=len(differences))
        means[draw] = np.mean([rng.choice(differences[s], size=len(differences[s])).mean() for s in chosen])
    low, high = np.quantile(means, [0.025, 0.975])
    return float(np.mean([d.mean() for d in differences])), float(low), float(high)


def main() -> None:
    """Train once per seed and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int)
    parser.add_argument(
        "--quick", action="store_true", help="one seed, two rounds, few tasks: proves the plumbing only"
    )
    options = parser.parse_args()
    configure_threads(2)
    quiet_transformers()

    from step_gym.agents.config import preset
    from step_gym.agents.trainer import train

    config = preset("demo")
    if options.rounds is not None:
        config = dataclasses.replace(config, rounds=options.rounds)
    if options.quick:
        warm = dataclasses.replace(config.warm_start, demonstrations=50, epochs=2, target_success=1.0)
        config = dataclasses.replace(config, rounds=2, tasks_per_round=4, eval_tasks=20, warm_start=warm)
    before, after, differences, seconds, rows = [], [], [], [], []
    for seed in range(1 if options.quick else options.seeds):
        with tempfile.TemporaryDirectory() as folder:
            result = train(dataclasses.replace(config, seed=seed), Path(folder) / f"demo-{seed}")
        first, last = result["held-out"]["before"], result["held-out"]["after"]
        pairs = [
            (int(a), int(b))
            for a, b in zip(first["outcomes"], last["outcomes"], strict=True)
            if "-" not in (a, b)
        ]
        before.append(first["rate"])
        after.append(last["rate"])
        differences.append(np.array([b - a for a, b in pairs], dtype=float))
        seconds.append(result["train_seconds"])
        rows.append(
            [
                seed,
                len(pairs),
                *(f"{100 * rate:.1f}" for rate in (before[-1], after[-1], after[-1] - before[-1])),
            ]
            + [
                f"{result['train']['before']['rate'] * 100:.1f}",
                f"{result['train']['after']['rate'] * 100:.1f}",
                f"{seconds[-1]:.0f}",
            ]
        )
        print(
            f"seed {seed}: held-out {100 * before[-1]:.1f} % -> {100 * after[-1]:.1f} %, {seconds[-1]:.0f} s",
            flush=True,
        )
    gain, low, high = pooled_interval(differences)
    print_table(
        [
            "seed",
            "held-out tasks",
            "before %",
            "after %",
            "gain",
            "train before %",
            "train after %",
            "seconds",
        ],
        rows,
    )
    print(f"pooled gain {100 * gain:.1f} points, 95 % interval [{100 * low:.1f}, {100 * high:.1f}]")
    finish(
        "demo",
        {
            "seeds": len(rows),
            "held_out_tasks": len(differences[0]),
            "held_out_before": before,
            "held_out_after": after,
            "gain_points": [100 * (b - a) for a, b in zip(before, after, strict=True)],
            "pooled_gain": 100 * gain,
            "pooled_gain_low": 100 * low,
            "train_seconds": seconds,
            **({"quick": True} if options.quick else {}),
        },
    )


if __name__ == "__main__":
    main()
