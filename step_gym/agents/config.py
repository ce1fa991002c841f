"""Configuration of a training run: nested frozen dataclasses, and presets as plain functions.

Every field has the unit and range in its docstring; a run folder keeps the whole configuration as
`config.json`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from step_gym.agents.losses import LossConfig
from step_gym.agents.policy import Decoding, Precision
from step_gym.agents.prompt_formats import SYSTEM, Reply
from step_gym.envs.core import unknown_name_error
from step_gym.wrappers.prompt import HistoryMode


def _check(config: Any, group: str = "", **least: float) -> None:
    """Raise `ValueError` naming the first of some fields that lies below its least value, or is no number."""
    for name, bound in least.items():
        value = getattr(config, name)
        if not value >= bound:
            raise ValueError(f"{group}{name}={value}: must be {bound} or more")


@dataclass(frozen=True)
class EnvConfig:
    """Which world, and which of its tasks.

    Attributes:
        id: Gymnasium id.
        kwargs: Keyword arguments of the environment.
        train_split: Split that training tasks are drawn from.
        eval_splits: Held-out splits for evaluation; tasks are taken from all of them together.
    """

    id: str = "STEP-ALFWorld-v0"
    kwargs: dict[str, Any] = field(default_factory=dict)
    train_split: str = "train"
    eval_splits: tuple[str, ...] = ("valid_seen", "valid_unseen")


@dataclass(frozen=True)
class PolicyConfig:
    """The model.

    Attributes:
        path: "tiny" for a small model trained from scratch, the folder of a saved policy or of a language
            model, a name on the model hub, or "smollm2".
        hidden: Width of the tiny model.
        layers: Number of its layers.
        heads: Number of its attention heads.
        vocabulary: Size of the tokenizer that is trained on the demonstrations.
        reply: What a language model writes: one of the candidate actions ("choose"), free text with the
            action inside `<action>...</action>` ("action"), or a JSON object ("json").
        list_actions: Whether its prompt lists the admissible actions, where there are any.
        system: What its prompt begins with: a role, and how the world's actions are written.
        max_new_tokens: Its longest free reply.
        lora_rank: Rank of LoRA adapters that train in place of its weights; 0 trains all weights.
        gradient_checkpointing: Compute its activations again in the backward pass, which saves memory.
        precision: "bfloat16" computes a language model in bfloat16 over float32 weights, "auto" does on CUDA.
        compiled: Compile its layers for training, which takes a minute or some at the start.
        decoding: How it computes the tokens of replies: in the shapes that come ("dynamic"), in few fixed
            shapes ("static"), or in those as captured CUDA graphs ("graph"); "auto" is "graph" on CUDA, else
            "dynamic".
    """

    path: str = "tiny"
    hidden: int = 128
    layers: int = 3
    heads: int = 4
    vocabulary: int = 1024
    reply: Reply = "choose"
    list_actions: bool = False
    system: str = SYSTEM
    max_new_tokens: int = 64
    lora_rank: int = 0
    gradient_checkpointing: bool = False
    precision: Precision = "auto"
    compiled: bool = False
    decoding: Decoding = "auto"

    def __post_init__(self) -> None:
        _check(self, "policy.", hidden=1, layers=1, heads=1, vocabulary=1, max_new_tokens=1, lora_rank=0)


@dataclass(frozen=True)
class HistoryConfig:
    """What of the past the prompt holds (see `wrappers.prompt`).

    Attributes:
        mode: "window" (the last `window` pairs, STEP's own) or "append" (the whole conversation).
        window: Past (observation, action) pairs in "window" mode.
        max_tokens: Longest prompt in tokens.
        repeat_instruction: False leaves out of observations what repeats the instruction word for word.
    """

    mode: HistoryMode = "window"
    window: int = 3
    max_tokens: int = 512
    repeat_instruction: bool = True

    def __post_init__(self) -> None:
        if self.mode not in get_args(HistoryMode):
            raise unknown_name_error("history.mode", self.mode, get_args(HistoryMode))
        _check(self, "history.", window=0, max_tokens=2)


@dataclass(frozen=True)
class WarmStartConfig:
    """Behaviour cloning from the world's expert before reinforcement learning.

    Attributes:
        demonstrations: Expert episodes on training tasks, the tokenizer's training text included; at least 1
            for a new tiny model.
        noise: Share of demonstrated actions that are random admissible ones, 0 to 1: an imperfect
            demonstrator, whose habits reinforcement learning can unlearn.
        epochs: Passes over them at most.
        learning_rate: Peak learning rate.
        target_success: Stop when sampled success on `probe_tasks` training tasks reaches this; 1 to use all
            epochs.
        patience: Stop after this many epochs in which the held-out loss did not fall, and keep the weights of
            the best; 0 for all epochs.
        probe_every: Minibatches between probes.
        probe_tasks: Tasks in each probe.
    """

    demonstrations: int = 1200
    noise: float = 0.0
    epochs: int = 4
    learning_rate: float = 1e-3
    target_success: float = 0.4
    patience: int = 0
    probe_every: int = 40
    probe_tasks: int = 100

    def __post_init__(self) -> None:
        group = "warm_start."
        _check(self, group, demonstrations=0, noise=0, epochs=0, learning_rate=0, target_success=0)
        _check(self, group, patience=0, probe_every=1, probe_tasks=1)
        for name in ("noise", "target_success"):
            if getattr(self, name) > 1:
                raise ValueError(f"{group}{name}={getattr(self, name)}: must be 0 to 1")


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW and the shape of an update.

    Attributes:
        learning_rate: Learning rate after the warm-up.
        warmup_steps: Optimizer steps over which it rises from 0; AdamW's first steps have no scale to go by.
        betas: AdamW's moment decays.
        weight_decay: AdamW's decoupled weight decay.
        grad_clip: Largest global gradient norm, above 0; inf clips nothing.
        epochs: Passes over a round's steps.
        minibatch_steps: Steps (rows) an optimizer step averages over.
        microbatch_tokens: Padded tokens computed at once; bounds memory, changes no result.
    """

    learning_rate: float = 3e-4
    warmup_steps: int = 10
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.0
    grad_clip: float = 1.0
    epochs: int = 1
    minibatch_steps: int = 256
    microbatch_tokens: int = 16_384

    def __post_init__(self) -> None:
        group = "optimizer."
        _check(self, group, learning_rate=0, warmup_steps=0, weight_decay=0)
        _check(self, group, epochs=1, minibatch_steps=1, microbatch_tokens=1)
        if not self.grad_clip > 0:  # 0 would scale every gradient to nothing
            raise ValueError(f"{group}grad_clip={self.grad_clip}: must be above 0; inf clips nothing")


@dataclass(frozen=True)
class TrainConfig:
    """A whole run.

    Attributes:
        algorithm: Name in the registry of estimators.
        settings: Settings of the algorithm that differ from its defaults.
        seed: Seed of everything: tasks, environments, weights, sampling.
        rounds: Rounds of rollout and update.
        train_tasks: Training tasks that the rounds play, drawn once with the seed; 0 for all of the split.
            Sampling by success rate acts on tasks that come back, so choose a number that is passed several
            times within the run. Demonstrations come from the whole split.
        tasks_per_round: Training tasks a round (B), without repetition until all were played.
        copies: Rollouts a task (N); a round plays B x N episodes.
        parallel: Environments kept going at once.
        eval_every: Rounds between evaluations; 0 for only before and after.
        eval_tasks: Held-out tasks in each evaluation; 0 for all.
        checkpoint_every: Rounds between checkpoints.
        invalid_penalty: Taken off the advantage of an action that the world refused, as a reply without an
            action is; 0 or more. 0.1 is verl-agent's coefficient.
        threads: CPU threads of torch.
        device: "cpu", "cuda", or "auto".
        env: Which world.
        policy: Which model.
        history: What the prompt holds.
        warm_start: Behaviour cloning first.
        optimizer: Optimizer.
        loss: Loss.
    """

    algorithm: str = "step"
    settings: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    rounds: int = 30
    train_tasks: int = 0
    tasks_per_round: int = 16
    copies: int = 8
    parallel: int = 128
    eval_every: int = 0
    eval_tasks: int = 0
    checkpoint_every: int = 5
    invalid_penalty: float = 0.1
    threads: int = 2
    device: str = "auto"
    env: EnvConfig = field(default_factory=EnvConfig)
    policy: PolicyConfig = field(default_factory=PolicyConfig)
    history: HistoryConfig = field(default_factory=HistoryConfig)
    warm_start: WarmStartConfig = field(default_factory=WarmStartConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    loss: LossConfig = field(default_factory=LossConfig)

    def __post_init__(self) -> None:
        _check(self, seed=0, rounds=0, train_tasks=0, eval_every=0, eval_tasks=0, invalid_penalty=0)
        _check(self, tasks_per_round=1, copies=1, parallel=1, checkpoint_every=1, threads=1)
        if self.device not in ("cpu", "cuda", "auto"):
            raise unknown_name_error("device", self.device, ("cpu", "cuda", "auto"))


def to_json(config: TrainConfig) -> str:
    """The configuration as indented JSON."""
    return json.dumps(dataclasses.asdict(config), indent=2, sort_keys=True) + "\n"


def from_json(text: str | bytes, source: str | Path = "config.json") -> TrainConfig:
    """Read what `to_json` wrote. Raises `ValueError` naming `source` and what is wrong in it."""
    try:
        return _build(TrainConfig, json.loads(text))
    except (ValueError, TypeError) as error:
        raise ValueError(f"{source} is no training configuration: {error}") from error


def _build(cls: type, values: Any) -> Any:
    """A dataclass from nested plain values, tuples restored."""
    if not isinstance(values, dict):
        raise ValueError(f"{cls.__name__} is {values!r:.80}, where an object is needed")
    hints = get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    arguments: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise unknown_name_error(f"field of {cls.__name__}", name, known)
        if dataclasses.is_dataclass(hints[name]):
            value = _build(hints[name], value)  # type: ignore[arg-type]
        arguments[name] = tuple(value) if isinstance(value, list) else value
    return cls(**arguments)


def toy() -> TrainConfig:
    """The toy text game: a run of a minute for tests and tutorials."""
    return TrainConfig(
        rounds=20,
        env=EnvConfig(id="STEP-Toy-v0", eval_splits=("valid",)),
        eval_tasks=200,
        warm_start=WarmStartConfig(demonstrations=200),
    )


def alfworld() -> TrainConfig:
    """ALFWorld in full rooms."""
    return TrainConfig(rounds=100)


# Many different tasks a round and large batches keep the small network from learning tasks by heart.
_LARGE_BATCHES = TrainConfig(
    tasks_per_round=64,
    copies=4,
    parallel=256,
    eval_tasks=200,
    optimizer=OptimizerConfig(learning_rate=4e-4, epochs=3, minibatch_steps=512),
)
# The demonstrators of GUI worlds follow a plan and do not find back to it, so they make no errors.
_ONE_SCREEN = replace(
    _LARGE_BATCHES,
    policy=PolicyConfig(layers=2, vocabulary=4096),
    history=HistoryConfig(window=0),
    optimizer=replace(_LARGE_BATCHES.optimizer, epochs=2),
)


def demo() -> TrainConfig:
    """ALFWorld in small rooms: what `make demo` trains in a few minutes on two cores.

    The demonstrator errs in one action of five, so the warm start knows what to do and does much else.
    The tight step budget makes successes short, so that what is reinforced is mostly what solved the task.
    """
    return replace(
        _LARGE_BATCHES,
        rounds=20,
        eval_tasks=0,
        env=EnvConfig(kwargs={"size": "small", "max_steps": 16}),
        policy=PolicyConfig(layers=2),
        warm_start=WarmStartConfig(demonstrations=1500, noise=0.2, epochs=3, target_success=1.0),
    )


def webshop() -> TrainConfig:
    """WebShop's generated catalogue, prompts of about 200 tokens, a page of results up to 450 of them."""
    return replace(
        _LARGE_BATCHES,
        rounds=25,
        tasks_per_round=48,
        parallel=192,
        env=EnvConfig(id="STEP-WebShop-v0", eval_splits=("validation",)),
        policy=PolicyConfig(layers=2, vocabulary=4096),
        history=HistoryConfig(window=1, repeat_instruction=False),
        warm_start=WarmStartConfig(
            demonstrations=1500, noise=0.1, epochs=2, learning_rate=2e-3, target_success=1.0
        ),
    )


def hotpotqa() -> TrainConfig:
    """HotpotQA's generated questions in ReAct's interface, prompts of about 95 tokens.

    Nearly all of the warm start goes into learning to copy names, which takes thousands of demonstrations.
    """
    return replace(
        _LARGE_BATCHES,
        rounds=40,
        env=EnvConfig(id="STEP-HotpotQA-v0", eval_splits=("validation",)),
        policy=PolicyConfig(layers=2, vocabulary=2048),
        history=HistoryConfig(window=2),
        warm_start=WarmStartConfig(demonstrations=5000, noise=0.1, epochs=2, target_success=1.0),
    )


def androidworld() -> TrainConfig:
    """The simulated phone without pictures, prompts of one screen, 300 tokens on average."""
    return replace(
        _ONE_SCREEN,
        rounds=8,
        env=EnvConfig(
            id="STEP-AndroidWorld-v0",
            kwargs={"screenshots": False, "profile": "360x800"},
            eval_splits=("valid_seen",),
        ),
        warm_start=WarmStartConfig(demonstrations=800, epochs=2, learning_rate=2e-3, target_success=1.0),
    )


def osworld() -> TrainConfig:
    """The simulated desktop without pictures, prompts of one screen."""
    return replace(
        _ONE_SCREEN,
        rounds=10,
        env=EnvConfig(id="STEP-OSWorld-v0", kwargs={"screenshots": False}, eval_splits=("valid_seen",)),
        warm_start=WarmStartConfig(demonstrations=400, epochs=2, learning_rate=2e-3, target_success=1.0),
    )


def language_model(config: TrainConfig) -> TrainConfig:
    """A preset changed to suit a pretrained language model: whole conversations, gentler steps.

    Learning rates are for training all weights; LoRA takes about ten times as much.
    """
    return replace(
        config,
        history=replace(config.history, mode="append", max_tokens=4_096),
        warm_start=replace(
            config.warm_start, demonstrations=300, learning_rate=5e-5, target_success=1.0, patience=1
        ),
        optimizer=replace(config.optimizer, learning_rate=1e-5, microbatch_tokens=32_768),
    )


PRESETS: dict[str, Callable[[], TrainConfig]] = {
    "toy": toy,
    "alfworld": alfworld,
    "demo": demo,
    "webshop": webshop,
    "hotpotqa": hotpotqa,
    "androidworld": androidworld,
    "osworld": osworld,
}
"""Preset functions by name."""


def preset(name: str) -> TrainConfig:
    """A preset by name. Raises `ValueError` naming the choices."""
    if name not in PRESETS:
        raise unknown_name_error("preset", name, PRESETS)
    return PRESETS[name]()
