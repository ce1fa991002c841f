"""The training loop: sample tasks, roll out, estimate, update, in a folder that `resume` continues exactly.

One round is: fresh tasks -> the algorithm's multiset of rollouts -> episodes, recorded -> success rates
closed for the round -> extra actions where the algorithm asks -> advantages and weights -> update. Everything
random is drawn from generators seeded by (seed, round), so a resumed run repeats the rounds after its
checkpoint as an unbroken run would play them.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from step_gym.agents.batch import step_batch
from step_gym.agents.cloning import Probe, warm_start
from step_gym.agents.config import TrainConfig
from step_gym.agents.estimators import Estimator, EstimatorContext, get_algorithm
from step_gym.agents.evaluate import evaluate, held_out_ids, task_set
from step_gym.agents.load import load_policy, reference_policy
from step_gym.agents.policy import Request, TrainablePolicy, TrainRow
from step_gym.agents.policy_folder import keep_history
from step_gym.agents.rollout import Job, Rollout
from step_gym.agents.run_folder import (
    RunFolder,
    complete_lines,
    open_folder,
    summary,
    sync,
    write_atomically,
)
from step_gym.agents.runtime import resolve_device
from step_gym.agents.samplers import FreshTasks
from step_gym.agents.tiny import TinyPolicy
from step_gym.agents.update import (
    NonFiniteLoss,
    OutOfMemory,
    UpdateState,
    make_optimizer,
    policy_update,
    training_rows,
)
from step_gym.wrappers.success import MASTERED, SuccessRecord
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeTag, StepRecord
from step_gym.wrappers.writer import TrajectoryWriter

Listener = Callable[[dict[str, Any]], None]


class TrainingStopped(RuntimeError):
    """Training cannot go on; the message says why and what is left."""


def train(
    config: TrainConfig, folder: Path, *, resume: bool = False, listener: Listener | None = None
) -> dict[str, Any]:
    """Train, and leave a run folder behind.

    Args:
        config: What to train; with `resume` it must equal the folder's own, except that `rounds` may be
            larger.
        folder: The run folder; new or empty unless `resume`.
        resume: Continue from the folder's last checkpoint. Episodes finished after it stay recorded, marked
            superseded.
        listener: Called with every line of metrics as it is written, and with {"kind": "progress", "phase",
            "done", "of"} in between.

    Returns:
        Summary: run, rounds, rollouts, env_steps, train_seconds, evaluation_seconds, and per split the
            evaluations before and after.

    Raises:
        ValueError: The folder is taken, is no run, or the configuration names something unknown.
        TrainingStopped: Every episode of several rounds failed in the environment, the loss stayed
            non-finite, or memory ran out; the last checkpoint is whole.
    """
    with _Run(config, RunFolder(Path(folder)), resume, listener or (lambda _: None)) as run:
        return run.train()


class _Run:
    """A run in progress: what must be opened once and closed whatever happens."""

    def __init__(self, config: TrainConfig, folder: RunFolder, resume: bool, listener: Listener) -> None:
        self.config, self.folder, self.listener = config, folder, listener
        self.algorithm: Estimator = get_algorithm(config.algorithm, config.settings)
        self.tasks = task_set(config.env)
        self.train_ids = list(self.tasks.split(config.env.train_split).ids())
        self.eval_ids = held_out_ids(self.tasks, config.env.eval_splits, config.eval_tasks)
        self.pool_ids = self.train_ids
        if config.train_tasks:
            pool = FreshTasks(self.train_ids, np.random.default_rng([config.seed, 4]))
            self.pool_ids = pool.draw(min(config.train_tasks, len(self.train_ids)))
        self.fresh = FreshTasks(self.pool_ids, np.random.default_rng(config.seed))
        self.attempt = open_folder(folder, config, resume)
        self.run_id = folder.path.resolve().name
        self.round = 0
        self.failed_rounds = 0
        self.update_state = UpdateState(config.optimizer.microbatch_tokens)
        checkpoint = folder.latest_checkpoint()
        self.policy, self.optimizer_state = self._load(checkpoint)
        with ExitStack() as opened:
            rule = self.algorithm.rate_rule(config.copies)
            self.success = opened.enter_context(SuccessRecord(folder.success, rule))
            writer = TrajectoryWriter(folder.trajectories, run_id=self.run_id, attempt=self.attempt)
            self.writer = opened.enter_context(writer)
            if self.attempt:
                self._rewind(None if checkpoint is None else self.round)
            self._opened = opened.pop_all()

    def _load(self, checkpoint: Path | None) -> tuple[TrainablePolicy | None, dict[str, Any] | None]:
        """Policy and optimizer state of a checkpoint, or of the configured start."""
        import torch

        self.device = device = resolve_device(self.config.device)
        if checkpoint is not None:
            state = json.loads((checkpoint / "state.json").read_text())
            self.round = int(state["round"])
            self.update_state.non_finite = int(state.get("non_finite", 0))
            self.fresh.load_state_dict(state["fresh"])
            optimizer_state = torch.load(checkpoint / "optimizer.pt", map_location=device, weights_only=True)
            return load_policy(checkpoint / "policy", self.config.policy, device=device), optimizer_state
        if self.config.policy.path != "tiny":
            start, seed = self.config.policy, self.config.seed
            return load_policy(start.path, start, device=device, seed=seed), None
        return None, None

    def _rewind(self, checkpoint_round: int | None) -> None:
        """Mark what was played after the checkpoint as superseded and cut the metrics back to it."""
        first = 0 if checkpoint_round is None else checkpoint_round + 1
        self.success.supersede(first, self.attempt)
        self.writer.mark_superseded(first, self.attempt)
        kept = (
            []
            if checkpoint_round is None
            else [line for line in complete_lines(self.folder.metrics) if json.loads(line)["round"] < first]
        )
        write_atomically(self.folder.metrics, "".join(line + "\n" for line in kept))

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    # -- the loop --------------------------------------------------------------------------------------

    def train(self) -> dict[str, Any]:
        config = self.config
        if self.policy is None:
            self.policy = self._warm_started()
        policy = self.policy
        self.reference = self._reference(policy)
        self.optimizer = make_optimizer(policy, config.optimizer)
        if self.optimizer_state is not None:
            self.optimizer.load_state_dict(self.optimizer_state)
        with (
            Rollout(
                config.env, policy, config.history, config.parallel, self.run_id, self.writer
            ) as self.rollout,
            Rollout(config.env, policy, config.history, config.parallel, self.run_id) as self.judge,
        ):
            self._play_rounds()
        return summary(self.folder)

    def _play_rounds(self) -> None:
        """Rounds up to the last, with evaluations and checkpoints between."""
        config = self.config
        if self.folder.latest_checkpoint() is None:
            self._evaluate()
            self._checkpoint()
        while self.round < config.rounds:
            self.round += 1
            self._play_round()
            is_last = self.round == config.rounds
            if is_last or (config.eval_every and self.round % config.eval_every == 0):
                self._evaluate()
            if is_last or self.round % config.checkpoint_every == 0:
                self._checkpoint()

    def _reference(self, policy: TrainablePolicy) -> TrainablePolicy | None:
        """The policy before the first update, which the KL penalty is taken to; None without a penalty."""
        if not self.config.loss.kl_penalty:
            return None
        folder = self.folder.path / "reference"
        is_start = self.round == 0
        return reference_policy(policy, folder, self.config.policy, is_start=is_start, device=self.device)

    def _warm_started(self) -> TinyPolicy:
        """A new tiny policy after behaviour cloning from the world's expert."""
        started = time.perf_counter()
        config = self.config
        probe_ids = FreshTasks(self.train_ids, np.random.default_rng([config.seed, 1]))

        def probe(policy: TinyPolicy, step: int) -> float:
            policy.reseed([config.seed, 1_000_000 + step])
            task_ids = probe_ids.draw(config.warm_start.probe_tasks)
            with Rollout(config.env, policy, config.history, config.parallel, self.run_id) as rollout:
                result = evaluate(rollout, self.tasks, task_ids, seed=config.seed, run_id="probe")
            target = round(100 * config.warm_start.target_success)
            phase = f"warm start to {target} % success"
            done = round(100 * result.rate)
            self.listener({"kind": "progress", "phase": phase, "done": done, "of": target})
            return result.rate

        policy, metrics = warm_start(
            config,
            FreshTasks(self.train_ids, np.random.default_rng([config.seed, 2])).draw(
                config.warm_start.demonstrations
            ),
            device=self.device,
            probe=Probe(probe, config.warm_start.target_success)
            if config.warm_start.target_success < 1
            else None,
        )
        self._log({"kind": "warmstart", "round": 0, **metrics, "seconds": time.perf_counter() - started})
        return policy

    def _play_round(self) -> None:
        config, policy = self.config, self.policy
        assert policy is not None
        rng = np.random.default_rng([config.seed, self.round])
        before = self.success.rates()
        batch_ids = self.fresh.draw(config.tasks_per_round)
        task_ids = self.algorithm.sample_tasks(batch_ids, before, config.copies, rng)
        started = time.perf_counter()
        policy.reseed([config.seed, self.round])
        dropped_before, cut_before = self.rollout.dropped_turns, self.rollout.cut_tokens
        episodes = self._episodes(task_ids, before, rng)
        rates = self.success.close_round(self.round)
        valid = [episode for episode in episodes if episode.status == "ok"]
        self.failed_rounds = 0 if valid else self.failed_rounds + 1
        if self.failed_rounds >= 3:
            raise TrainingStopped(
                f"all {len(episodes)} episodes of rounds {self.round - 2} to {self.round} failed in the "
                f"environment ({episodes[-1].error}): mend it, then --resume {self.folder.path}"
            )
        self._sample_extra(valid, rates, rng)
        rollout_s = time.perf_counter() - started
        started = time.perf_counter()
        batch, records = step_batch(valid)
        result = self.algorithm.estimate(batch, EstimatorContext(rates, before, rng))
        keep_zeros = config.loss.acts_without_advantage
        rows = training_rows(records, batch, result, config.invalid_penalty, keep_zeros)
        update = self._update(policy, rows, rng)
        played = [rates[task] for task in set(task_ids) if task in rates]
        fresh_ids = set(batch_ids)
        self._log(
            {
                "kind": "round",
                "round": self.round,
                "episodes": len(episodes),
                "failed": len(episodes) - len(valid),
                "env_steps": sum(map(len, episodes)),
                "success": float(np.mean([bool(e.is_success) for e in valid])) if valid else None,
                "mean_steps": float(np.mean([len(e) for e in valid])) if valid else None,
                "resampled": len(task_ids) - sum(task in fresh_ids for task in task_ids),
                "tasks": len(rates),
                "mastered": sum(rate > MASTERED for rate in rates.values()),
                "mean_rate": float(np.mean(played)) if played else None,
                "extra_actions": int((~batch.is_executed).sum()),
                "invalid_actions": int((~batch.action_valid).sum()),
                "dropped_turns": self.rollout.dropped_turns - dropped_before,
                "cut_tokens": self.rollout.cut_tokens - cut_before,
                **{f"estimate/{name}": value for name, value in result.stats.items()},
                **update,
                "rollout_s": rollout_s,
                "update_s": time.perf_counter() - started,
            }
        )

    def _update(
        self, policy: TrainablePolicy, rows: Sequence[TrainRow], rng: np.random.Generator
    ) -> dict[str, float]:
        config = self.config
        try:
            return policy_update(
                policy,
                self.optimizer,
                rows,
                config.loss,
                config.optimizer,
                rng,
                self.reference,
                self.update_state,
            )
        except (NonFiniteLoss, OutOfMemory) as error:
            raise TrainingStopped(
                f"round {self.round}: {error}; the last good checkpoint is {self.folder.latest_checkpoint()}"
            ) from error

    def _episodes(
        self, task_ids: Sequence[str], rates: Mapping[str, float], rng: np.random.Generator
    ) -> list[EpisodeRecord]:
        """Play the round's multiset of tasks; every outcome is stored as its episode ends."""
        seeds = rng.integers(2**31, size=len(task_ids))
        jobs = [
            Job(
                task_id,
                EpisodeTag(
                    episode_id=f"{self.run_id}/{self.round:05d}/{slot:04d}",
                    attempt=self.attempt,
                    round=self.round,
                    slot=slot,
                    group_id=f"{self.round:05d}/{task_id}",
                    success_rate_before=rates.get(task_id),
                ),
                int(seeds[slot]),
            )
            for slot, task_id in enumerate(task_ids)
        ]
        done = 0

        def store(episode: EpisodeRecord) -> None:
            nonlocal done
            done += 1
            self.success.add(
                episode.episode_id,
                episode.task_id,
                episode.is_success,
                self.round,
                self.attempt,
                episode.status,
            )
            self.listener({"kind": "progress", "phase": f"round {self.round}", "done": done, "of": len(jobs)})

        return self.rollout.play(jobs, on_episode=store)

    def _sample_extra(
        self, episodes: Sequence[EpisodeRecord], rates: Mapping[str, float], rng: np.random.Generator
    ) -> None:
        """Sample, score and record the further actions that the algorithm asks for."""
        assert self.policy is not None
        wanted = self.algorithm.extra_actions(episodes, rates, rng)
        references = [episodes[w.episode_index].steps[w.step_index] for w in wanted for _ in range(w.count)]
        requests = [
            Request(step.prompt_ids, step.admissible_actions)
            for step in references
            if step.prompt_ids is not None
        ]
        if len(requests) != len(references):
            raise ValueError("extra actions need recorded prompts: every step must carry its tokens")
        completions = iter(self.policy.act(requests) if requests else [])
        for want in wanted:
            episode = episodes[want.episode_index]
            reference = episode.steps[want.step_index]
            group = f"{episode.episode_id}/{reference.step:03d}"
            candidates = []
            for _ in range(want.count):
                completion = next(completions)
                candidates.append(
                    StepRecord(
                        step=reference.step,
                        observation=reference.observation,
                        state_key=reference.state_key,
                        admissible_actions=reference.admissible_actions,
                        action=str(completion),
                        response=completion.text,
                        prompt_ids=completion.prompt_ids,
                        action_ids=completion.action_ids,
                        logprobs=completion.logprobs,
                        policy_version=completion.policy_version,
                        reward=self.algorithm.score_extra(reference, completion),
                        is_executed=False,
                        candidate_group=group,
                        source="augment",
                    )
                )
            episode.candidates.extend(candidates)
            self.writer.add_candidates(episode.episode_id, candidates)

    def _evaluate(self) -> None:
        """Sampled success on the held-out tasks, and on as many training tasks."""
        config, policy = self.config, self.policy
        assert policy is not None
        train_ids = FreshTasks(self.pool_ids, np.random.default_rng([config.seed, 3])).draw(
            min(len(self.pool_ids), len(self.eval_ids))
        )
        for split, task_ids in ((config.env.train_split, train_ids), ("held-out", self.eval_ids)):
            started = time.perf_counter()
            policy.reseed([config.seed, 2_000_000])
            done = 0

            def progress(_: EpisodeRecord, split: str = split, of: int = len(task_ids)) -> None:
                nonlocal done
                done += 1
                self.listener(
                    {"kind": "progress", "phase": f"evaluation on {split} tasks", "done": done, "of": of}
                )

            found = evaluate(self.judge, self.tasks, task_ids, seed=config.seed, on_episode=progress)
            self._log(
                {
                    "kind": "evaluation",
                    "round": self.round,
                    "split": split,
                    **asdict(found),
                    "seconds": time.perf_counter() - started,
                }
            )

    def _log(self, record: dict[str, Any]) -> None:
        with self.folder.metrics.open("a") as file:
            file.write(json.dumps(record) + "\n")
        self.listener(record)

    def _checkpoint(self) -> None:
        """Write a whole checkpoint or none; the two newest are kept."""
        import torch

        assert self.policy is not None
        self.folder.checkpoints.mkdir(exist_ok=True)
        target = self.folder.checkpoints / f"round-{self.round:05d}"
        partial = target.with_name(f".{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        self.policy.save(partial / "policy")
        keep_history(partial / "policy", self.config.history)
        torch.save(self.optimizer.state_dict(), partial / "optimizer.pt")
        state = {
            "round": self.round,
            "fresh": self.fresh.state_dict(),
            "non_finite": self.update_state.non_finite,
        }
        (partial / "state.json").write_text(json.dumps(state))
        for file in partial.rglob("*"):
            if file.is_file():
                sync(file)
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        for old in sorted(self.folder.checkpoints.glob("round-*"))[:-2]:
            shutil.rmtree(old)
