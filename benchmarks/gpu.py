"""What a language model costs on a GPU, and whether STEP teaches it.

`python -m benchmarks.gpu --part speed` measures rollout against a plain per-step `generate` loop on the same
requests, with each way of decoding, and updates packed and padded, for the model and for a random one of
Qwen2-1.5B's shape.
`--part train` clones the expert shortly, trains with STEP on ALFWorld until `--minutes` are over, and judges
before and after on unseen tasks; called again with the same `--output` it goes on. `--part logprobs` compares
log-probabilities in bfloat16, on a CPU too, in some minutes. `--model` is a folder, or smollm2 from
`step-gym model fetch smollm2`. `--quick` proves the plumbing on a CPU with a tiny random model. The last line
is one JSON object.

Model FLOP utilisation counts useful work alone: tokens once however many rows share them, no padding, no
recomputation; matrix products of the layers, attention over what a token sees, and the output layer where
actions are scored; a backward pass is twice a forward pass. It is relative to the rate of a large bfloat16
matrix product measured in the same run.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import finish, print_table
from step_gym.agents.runtime import configure_threads, quiet_transformers, resolve_device

if TYPE_CHECKING:
    from step_gym.agents.config import TrainConfig
    from step_gym.agents.llm import LLMConfig, LLMPolicy
    from step_gym.agents.policy import Request, TrainRow
    from step_gym.wrappers.completion import Completion

ENV = {"size": "small", "max_steps": 30}
"""Episodes of up to 30 steps."""


# -- measuring -------------------------------------------------------------------------------------------


def seconds(device: str, work: Callable[[], Any]) -> float:
    """Wall time of some work, its kernels included."""
    import torch

    if device == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def bf16_rate(device: str) -> float:
    """Floating-point operations a second of a large bfloat16 matrix product, best of ten."""
    import torch

    size = 8192 if device == "cuda" else 512
    a, b = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in "ab")
    torch.matmul(a, b)
    return 2 * size**3 / min(seconds(device, lambda: torch.matmul(a, b)) for _ in range(10))


def useful_flops(policy: LLMPolicy, rows: Sequence[TrainRow]) -> float:
    """Operations of one forward and backward pass over the rows, as the module's docstring counts them."""
    from step_gym.agents.packing import pack, pairs_per_token

    config = policy.model.config
    embeddings = policy.model.get_input_embeddings().weight
    output = policy.model.get_output_embeddings().weight
    matrices = sum(p.numel() for p in policy.model.parameters() if p.ndim == 2)
    matrices -= embeddings.numel() + (0 if output is embeddings else output.numel())
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    width = head_dim * config.num_attention_heads
    sequences = [np.concatenate((row.prompt_ids, row.action_ids[:-1])) for row in rows]
    packed = pack(sequences, pairs=pairs_per_token(config.hidden_size))
    used = np.unique(np.concatenate(packed.places))
    seen = float((packed.positions.flat[used] + 1).sum())
    # Replies are free, so that every action token is scored.
    scored = sum(len(row.action_ids) for row in rows)
    forward = 2 * matrices * packed.tokens + 4 * config.num_hidden_layers * width * seen
    return 3 * (forward + 2 * output.numel() * scored)


def free_policy(model: str | None, asked: LLMConfig, **options: Any) -> LLMPolicy:
    """The model, or a tiny random one, as a policy that writes free replies."""
    from benchmarks.gpu_models import tiny_random
    from step_gym.agents.llm import LLMPolicy
    from step_gym.agents.load import load_policy

    if model is None:
        network, tokenizer = tiny_random()
    else:
        loaded = load_policy(model, device="cpu")
        assert isinstance(loaded, LLMPolicy)
        network, tokenizer = loaded.model, loaded.tokenizer
    return LLMPolicy(network, tokenizer, asked, device=resolve_device("auto"), **options)


def logprobs(model: str | None) -> dict[str, Any]:
    """The log-probabilities part; see the module's docstring."""
    from step_gym.agents.llm import LLMConfig

    policy = free_policy(model, LLMConfig(reply="action", max_new_tokens=24), precision="bfloat16")
    _, rows = play(policy, "append", 3)
    rows = [row for row in rows if len(row.prompt_ids) < 1_000][:16]
    found = logprob_differences(policy, rows)
    print_table(["which", "mean difference, nats"], [[k, f"{v:.4f}"] for k, v in found.items()])
    return {"tokens": sum(len(row.action_ids) for row in rows), "logprob_difference": found}


# -- speed -----------------------------------------------------------------------------------------------


class Recorded:
    """A policy that keeps what it was asked and answered, and how long that took."""

    def __init__(self, policy: LLMPolicy) -> None:
        self.policy, self.prompt_format = policy, policy.prompt_format
        self.calls: list[tuple[list[Request], list[Completion]]] = []
        self.seconds = 0.0

    def act(self, requests: Sequence[Request], *, greedy: bool = False) -> list[Completion]:
        """Act as the policy does."""
        found: list[Completion] = []
        self.seconds += seconds(
            self.policy.device.type, lambda: found.extend(self.policy.act(requests, greedy=greedy))
        )
        self.calls.append((list(requests), found))
        return found


def play(policy: LLMPolicy, mode: str, episodes: int) -> tuple[Recorded, list[TrainRow]]:
    """Play episodes all at once; returns the calls, and the rows of their steps with made-up advantages."""
    from step_gym.agents.config import EnvConfig, HistoryConfig
    from step_gym.agents.evaluate import task_set
    from step_gym.agents.policy import TrainRow
    from step_gym.agents.rollout import Rollout, evaluation_jobs

    env = EnvConfig(kwargs=ENV)
    history = HistoryConfig(mode=mode, max_tokens=8_000 if mode == "append" else 2_000)  # pyright: ignore
    tasks = list(task_set(env).split("train").ids())[:episodes]
    recorded = Recorded(policy)
    rollout = Rollout(env, recorded, history, parallel=episodes)
    played = rollout.play(evaluation_jobs(tasks, "speed", 0))
    rollout.close()
    rows = []
    for number, episode in enumerate(played):
        for step in episode.steps:
            assert step.prompt_ids is not None and step.action_ids is not None and step.logprobs is not None
            advantage = 1.0 if (number + step.step) % 2 else -1.0
            actions = step.admissible_actions
            rows.append(
                TrainRow(step.prompt_ids, step.action_ids, actions, step.logprobs, advantage, episode=number)
            )
    return recorded, rows


def generate_seconds(policy: LLMPolicy, recorded: Recorded) -> float:
    """Time that transformers' `generate` takes for the recorded calls, replies of the lengths they had."""
    import torch

    def answer(requests: Sequence[Request], completions: Sequence[Completion]) -> None:
        width = max(len(request.prompt_ids) for request in requests)
        ids = torch.zeros(len(requests), width, dtype=torch.int64)
        mask = torch.zeros_like(ids)
        for row, request in enumerate(requests):
            ids[row, width - len(request.prompt_ids) :] = torch.from_numpy(request.prompt_ids)
            mask[row, width - len(request.prompt_ids) :] = 1
        longest = max(len(completion.action_ids) for completion in completions)
        with (
            torch.inference_mode(),
            torch.autocast(policy.device.type, torch.bfloat16, enabled=policy.precision == "bfloat16"),
        ):
            policy.model.generate(
                input_ids=ids.to(policy.device),
                attention_mask=mask.to(policy.device),
                do_sample=True,
                top_k=0,
                min_new_tokens=longest,
                max_new_tokens=longest,
                pad_token_id=policy.tokenizer.pad_token_id,
            )

    answer(*recorded.calls[0])
    return sum(seconds(policy.device.type, lambda call=call: answer(*call)) for call in recorded.calls)


def decoding_seconds(policy: LLMPolicy, recorded: Recorded) -> dict[str, dict[str, float]]:
    """Time that each way of decoding takes for the recorded calls: the first time, and once it is warm."""
    from step_gym.agents.llm import LLMPolicy
    from step_gym.agents.policy import Decoding

    def answer(other: LLMPolicy) -> None:
        # As after an update: nothing is kept of what was read, but storage and captured steps.
        other.version += 1
        other.reseed([0])
        for requests, _ in recorded.calls:
            other.act(requests)

    found = {}
    ways: tuple[Decoding, ...] = ("dynamic", "static", "graph")
    for way in ways if policy.device.type == "cuda" else ways[:2]:
        other = LLMPolicy(policy.model, policy.tokenizer, policy.config, device=policy.device, decoding=way)
        times = [seconds(policy.device.type, lambda other=other: answer(other)) for _ in range(2)]
        is_captured = other.decoder.capture is not None
        found[way] = {"first_s": times[0], "s": times[1], "captured": float(is_captured)}
        other.decoder.forget()
    return found


def logprob_differences(policy: LLMPolicy, rows: Sequence[TrainRow]) -> dict[str, float]:
    """Mean differences in nats from rows computed alone by a plain forward pass of the same precision.

    "sampled" is what was kept at sampling, "packed" the form of training, "batched" the same plain forward
    pass over several rows at once, "float32" over a row alone in float32: how far the precision itself is
    off. "sampled_float32" is how far what was sampled is from that.
    """
    from step_gym.agents.llm import LLMPolicy
    from step_gym.agents.update import score_rows

    some = rows[:: max(1, len(rows) // 64)]
    longest = max(len(row.prompt_ids) + len(row.action_ids) for row in some)
    options: dict[str, Any] = {"device": policy.device, "packed": False}
    plain = LLMPolicy(policy.model, policy.tokenizer, policy.config, precision=policy.precision, **options)
    exact = LLMPolicy(policy.model, policy.tokenizer, policy.config, precision="float32", **options)
    alone = np.concatenate(score_rows(plain, some, 1))
    others = {
        "sampled": [row.logprobs for row in some],
        "packed": score_rows(policy, some, 8 * longest),
        "batched": score_rows(plain, some, 8 * longest),
        "float32": score_rows(exact, some, 1),
    }
    joined = {name: np.concatenate(other) for name, other in others.items()}
    found = {name: float(np.abs(other - alone).mean()) for name, other in joined.items()}
    return {**found, "sampled_float32": float(np.abs(joined["sampled"] - joined["float32"]).mean())}


def update_seconds(policy: LLMPolicy, rows: Sequence[TrainRow], max_tokens: int) -> float:
    """Time of one optimizer step over the rows: every micro-batch forward and backward, then AdamW."""
    from step_gym.agents.config import OptimizerConfig
    from step_gym.agents.losses import LossConfig
    from step_gym.agents.update import make_optimizer, policy_update

    # The sampler's log-probabilities as the old ones, so that one forward and one backward pass are timed.
    loss = LossConfig(importance_cap=None)
    config = OptimizerConfig(1e-6, minibatch_steps=len(rows), microbatch_tokens=max_tokens)
    optimizer = make_optimizer(policy, config)

    def update() -> None:
        policy_update(policy, optimizer, rows, loss, config, np.random.default_rng(0))

    update()
    return min(seconds(policy.device.type, update) for _ in range(2))


def measure_updates(
    name: str, policy: LLMPolicy, rows: Sequence[TrainRow], rate: float, budgets: Sequence[int]
) -> dict[str, Any]:
    """Packed updates at several token budgets, and the padded form at the best of them."""
    import torch

    from step_gym.agents.packing import pack, pairs_per_token

    device = policy.device.type
    flops = useful_flops(policy, rows)
    sequences = [np.concatenate((row.prompt_ids, row.action_ids[:-1])) for row in rows]
    packed = pack(sequences, pairs=pairs_per_token(policy.model.config.hidden_size))
    times: dict[int, float] = {}
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    for budget in budgets:
        try:
            times[budget] = update_seconds(policy, rows, budget)
        except RuntimeError as error:
            print(f"{name}, {budget} tokens: {error}", flush=True)
            torch.cuda.empty_cache()
    if not times:
        return {"model": name, "why": "no token budget fits the memory"}
    best = min(times, key=times.__getitem__)
    peak = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else None
    policy.shares_prefixes = False
    # Padded rows take many times as long: a sample of episodes gives the time a row.
    some = [row for row in rows if row.episode < max(1, (1 + max(r.episode for r in rows)) // 8)]
    padded = update_seconds(policy, some, best) / len(some) * len(rows)
    policy.shares_prefixes = True
    return {
        "model": name,
        "parameters": sum(p.numel() for p in policy.model.parameters()),
        "rows": len(rows),
        "tokens_packed": packed.tokens,
        "tokens_padded": packed.given,
        "tokens_ratio": packed.given / packed.tokens,
        "microbatch_tokens": best,
        "update_s": times[best],
        "padded_update_s": padded,
        "wall_ratio": padded / times[best],
        "update_tflops": flops / times[best] / 1e12,
        "mfu": flops / times[best] / rate,
        "peak_gib": peak,
    }


def speed(model: str | None, quick: bool, compiled: bool) -> dict[str, Any]:
    """The speed part; see the module's docstring."""
    from benchmarks.gpu_models import qwen_shaped
    from step_gym.agents.llm import LLMConfig, LLMPolicy

    device = resolve_device("auto")
    rate = bf16_rate(device)
    print(f"bfloat16 matrix product: {rate / 1e12:.1f} TFLOP/s", flush=True)
    asked = LLMConfig(reply="action", max_new_tokens=8 if quick else 24)
    first = free_policy(model, asked, compiled=compiled)
    episodes, budgets = (2, (4_096,)) if quick else (64, (16_384, 65_536, 131_072))
    rollouts, updates, table = {}, [], []
    for mode in ("append", "window"):
        play(first, mode, 2)
        first.decoder.forget()
        recorded, rows = play(first, mode, episodes)
        plain, decoding = generate_seconds(first, recorded), decoding_seconds(first, recorded)
        own = decoding[first.decoding]["s"]
        served = sum(len(c.prompt_ids) + len(c.action_ids) for _, found in recorded.calls for c in found)
        rollouts[mode] = {
            "tokens": served,
            "tokens_per_s": served / own,
            "generate_tokens_per_s": served / plain,
            "ratio": plain / own,
            "decoding": decoding,
            "default": first.decoding,
            "logprob_difference": logprob_differences(first, rows),
        }
        line = [f"{rollouts[mode][key]:.4g}" for key in ("tokens_per_s", "generate_tokens_per_s", "ratio")]
        table.append([mode, served, *line, ", ".join(f"{k} {v['s']:.3g}" for k, v in decoding.items())])
        updates.append({"history": mode, **measure_updates("model", first, rows, rate, budgets)})
        if mode == "append":
            append_rows = rows
    print_table(
        ["history", "tokens", "tokens/s", "generate tokens/s", "ratio", f"seconds (now {first.decoding})"],
        table,
    )
    second = qwen_shaped(first.tokenizer, tiny=quick)
    settings: dict[str, Any] = {"gradient_checkpointing": not quick, "compiled": compiled}
    large = LLMPolicy(second, first.tokenizer, asked, device=device, **settings)
    # A quarter of the episodes: the model is ten times as large.
    part = [row for row in append_rows if row.episode < max(1, episodes // 4)]
    updates.append({"history": "append", **measure_updates("random 1.5B", large, part, rate, budgets[:2])})
    columns = ("history", "model", "tokens_ratio", "wall_ratio", "update_tflops", "mfu", "peak_gib")
    print_table(columns, [[_short(line.get(column)) for column in columns] for line in updates])
    return {
        "bf16_tflops": rate / 1e12,
        "rollout_tokens_per_s": rollouts["append"]["tokens_per_s"],
        "generate_tokens_per_s": rollouts["append"]["generate_tokens_per_s"],
        "update_mfu": updates[0].get("mfu"),
        "peak_gib": updates[0].get("peak_gib"),
        "compiled": compiled,
        "rollout": rollouts,
        "update": updates,
    }


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


# -- training --------------------------------------------------------------------------------------------


class TimeUp(Exception):
    """The part's minutes are over; the last round is checkpointed."""


def train_config(start: Path, quick: bool) -> TrainConfig:
    """What is trained: ALFWorld in small rooms from a short warm start, judged on unseen tasks."""
    from step_gym.agents.config import EnvConfig, HistoryConfig, TrainConfig, language_model

    config = language_model(
        TrainConfig(
            rounds=2 if quick else 200,
            tasks_per_round=2 if quick else 32,
            copies=2 if quick else 4,
            parallel=8 if quick else 128,
            eval_tasks=2 if quick else 128,
            checkpoint_every=1,
            env=EnvConfig(kwargs=ENV, eval_splits=("valid_unseen",)),
        )
    )
    warm = dataclasses.replace(
        config.warm_start, demonstrations=4 if quick else 200, noise=0.2, epochs=1, patience=0
    )
    history = HistoryConfig(mode="append", max_tokens=1_000 if quick else 4_096)
    policy = dataclasses.replace(config.policy, path=str(start))
    return dataclasses.replace(config, warm_start=warm, history=history, policy=policy)


def train_part(model: str | None, folder: Path, minutes: float, quick: bool) -> dict[str, Any]:
    """The training part; see the module's docstring."""
    from benchmarks.gpu_models import tiny_random
    from step_gym.agents.cloning import clone, demonstrate
    from step_gym.agents.evaluate import evaluate, held_out_ids, task_set
    from step_gym.agents.llm import LLMPolicy
    from step_gym.agents.load import load_policy
    from step_gym.agents.report import write_report
    from step_gym.agents.rollout import Rollout
    from step_gym.agents.run_folder import RunFolder
    from step_gym.agents.trainer import train
    from step_gym.progress import describe

    began, device = time.perf_counter(), resolve_device("auto")
    start, run = folder / "start", RunFolder(folder / "run")
    config = train_config(start, quick)
    tasks = task_set(config.env)
    if not (start / "warmstart.json").is_file():
        loaded = (
            LLMPolicy(*tiny_random(), device=device) if model is None else load_policy(model, device=device)
        )
        ids = held_out_ids(tasks, (config.env.train_split,), config.warm_start.demonstrations)
        metrics = clone(loaded, demonstrate(config, ids), config)
        loaded.save(start)
        (start / "warmstart.json").write_text(json.dumps(metrics))
        print(f"warm start: held-out loss {metrics['held_out_loss']:.3f}", flush=True)

    def listener(record: dict[str, Any]) -> None:
        if record["kind"] != "progress":
            print(describe(record), flush=True)
        elif record["phase"].startswith("round") and time.perf_counter() - began > 60 * minutes:
            # The round before is checkpointed by now.
            raise TimeUp

    finished = True
    try:
        train(config, run.path, resume=run.config.is_file(), listener=listener)
    except TimeUp:
        finished = False
    lines = [json.loads(line) for line in run.metrics.read_text().splitlines()]
    found = [line for line in lines if line["kind"] == "evaluation" and line["split"] == "held-out"]
    after = found[-1]["rate"]
    if not finished:
        checkpoint = run.latest_checkpoint()
        assert checkpoint is not None
        policy = load_policy(checkpoint / "policy", config.policy, device=device)
        policy.reseed([config.seed, 2_000_000])
        rollout = Rollout(config.env, policy, config.history, config.parallel)
        ids = held_out_ids(tasks, config.env.eval_splits, config.eval_tasks)
        after = evaluate(rollout, tasks, ids, seed=config.seed).rate
        rollout.close()
    print(f"report: {write_report(run.path)}")
    return {
        "rounds": sum(line["kind"] == "round" for line in lines),
        "success_before": found[0]["rate"],
        "success_after": after,
        "held_out_tasks": found[0]["episodes"],
        "seconds": time.perf_counter() - began,
    }


def main() -> None:
    """Run one part and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", choices=("speed", "train", "logprobs"), default="speed")
    parser.add_argument(
        "--model", default="smollm2", help="folder of a causal language model (default smollm2)"
    )
    parser.add_argument("--output", type=Path, default=Path("runs/gpu"), help="folder of the train part")
    parser.add_argument("--minutes", type=float, default=8.0, help="when the train part stops and judges")
    parser.add_argument("--compiled", action="store_true", help="part speed: train with compiled layers")
    parser.add_argument("--quick", action="store_true", help="a tiny random model: proves the plumbing only")
    options = parser.parse_args()
    configure_threads(2)
    quiet_transformers()
    warnings.filterwarnings("ignore", module="transformers")

    import torch

    is_gpu = torch.cuda.is_available()
    if not is_gpu and not options.quick and options.part != "logprobs":
        parser.error("there is no CUDA device: --quick proves the plumbing on a CPU")
    model = None if options.quick else options.model
    keys: dict[str, Any] = {
        "part": options.part,
        "card": torch.cuda.get_device_name() if is_gpu else None,
        **dict.fromkeys(("bf16_tflops", "update_mfu", "rollout_tokens_per_s", "generate_tokens_per_s")),
        **dict.fromkeys(("success_before", "success_after", "peak_gib")),
        "why": f"null: not of the part {options.part}, or not measurable without a GPU",
    }
    if options.part == "speed":
        keys |= speed(model, options.quick, options.compiled)
    elif options.part == "logprobs":
        keys |= logprobs(model)
    elif options.quick:
        with tempfile.TemporaryDirectory() as folder:
            keys |= train_part(None, Path(folder), 60.0, True)
    else:
        keys |= train_part(model, options.output, options.minutes, False)
    finish("gpu", {**keys, **({"quick": True} if options.quick else {})})


if __name__ == "__main__":
    main()
