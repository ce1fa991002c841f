"""Rollout: a policy plays many episodes at once, every step recorded with the exact tokens it was sampled as.

Environments advance in lockstep, so that every waiting request joins one batch of the policy; one that fails
never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from step_gym.agents.config import EnvConfig, HistoryConfig
from step_gym.agents.policy import Policy, Request
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.prompt import PromptHistory
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeTag
from step_gym.wrappers.writer import TrajectoryWriter


@dataclass(frozen=True, slots=True)
class Job:
    """One episode to play.

    Attributes:
        task_id: The task.
        tag: What the record says of it.
        seed: Seed of the environment's reset.
    """

    task_id: str
    tag: EpisodeTag
    seed: int


class _Seat:
    """One environment and the episode it is playing."""

    def __init__(self, env: RecordTrajectory, history: PromptHistory) -> None:
        self.env = env
        self.history = history
        self.request: Request | None = None
        """What to ask the policy; None where the reset failed, and any action ends the episode."""

    def begin(self, job: Job) -> None:
        self.env.next_tag = job.tag
        observation, info = self.env.reset(seed=job.seed, options={"task_id": job.task_id})
        if info["status"] != "ok":
            self.request = None
            return
        prompt = self.history.begin(
            observation["instruction"],
            observation["text"],
            info.get("admissible_actions"),
            observation.get("screenshot"),
        )
        self.request = Request(prompt, info.get("candidate_actions"))

    def advance(self, completion: Any) -> bool:
        """Take the action; True when the episode is over."""
        observation, _, terminated, truncated, info = self.env.step(completion)
        if terminated or truncated:
            self.request = None
            return True
        prompt = self.history.advance(
            completion.action_ids,
            observation["text"],
            info.get("admissible_actions"),
            observation.get("screenshot"),
        )
        self.request = Request(prompt, info.get("candidate_actions"))
        return False


class Rollout:
    """Plays episodes of one environment with one policy; used in a `with`, it closes its environments.

    Args:
        env: Which environment.
        policy: Who acts.
        history: What its prompt holds.
        parallel: Environments kept going at once; they are made when first needed.
        run_id: Names the run in the records.
        writer: Where finished episodes are written, or None to keep them in memory alone.
    """

    def __init__(
        self,
        env: EnvConfig,
        policy: Policy,
        history: HistoryConfig,
        parallel: int = 64,
        run_id: str = "rollout",
        writer: TrajectoryWriter | None = None,
    ) -> None:
        self._env, self._history, self._parallel = env, history, parallel
        self._run_id, self._writer = run_id, writer
        self.policy = policy
        self._seats: list[_Seat] = []
        self._idle: list[_Seat] = []

    @property
    def dropped_turns(self) -> int:
        """Past turns that prompts left out so far, for want of room or beyond the window."""
        return sum(seat.history.dropped_turns for seat in self._seats)

    @property
    def cut_tokens(self) -> int:
        """Tokens cut so far off observations that alone were too long."""
        return sum(seat.history.cut_tokens for seat in self._seats)

    def play(
        self,
        jobs: Iterable[Job],
        *,
        greedy: bool = False,
        on_episode: Callable[[EpisodeRecord], None] | None = None,
    ) -> list[EpisodeRecord]:
        """Play every job to its end; the episodes come back in the order of the jobs.

        `on_episode` is called as each one finishes. Jobs start in order; which environment plays one has no
        influence on it. Where the policy raises, the running episodes are recorded as "policy_error".
        """
        waiting = list(enumerate(jobs))[::-1]
        finished: dict[int, EpisodeRecord] = {}
        playing: list[tuple[int, _Seat]] = []
        while waiting or playing:
            while waiting and len(playing) < self._parallel:
                number, job = waiting.pop()
                seat = self._idle.pop() if self._idle else self._seat()
                seat.begin(job)
                playing.append((number, seat))
            requests = [seat.request for _, seat in playing if seat.request is not None]
            try:
                completions = iter(self.policy.act(requests, greedy=greedy) if requests else ())
            except Exception as error:
                for _, seat in playing:
                    seat.env.abandon("policy_error", f"{type(error).__name__}: {error}")
                raise
            still: list[tuple[int, _Seat]] = []
            for number, seat in playing:
                if not seat.advance("" if seat.request is None else next(completions)):
                    still.append((number, seat))
                    continue
                episode = seat.env.last_episode
                assert episode is not None
                finished[number] = episode
                self._idle.append(seat)
                if on_episode is not None:
                    on_episode(episode)
            playing = still
        return [finished[number] for number in sorted(finished)]

    def _seat(self) -> _Seat:
        env = RecordTrajectory(
            CandidateActions(gym.make(self._env.id, **self._env.kwargs)),
            run_id=self._run_id,
            writer=self._writer,
        )
        self._seats.append(_Seat(env, prompt_history(self.policy, self._history)))
        return self._seats[-1]

    def close(self) -> None:
        """Close every environment; episodes that were cut off are recorded as "cancelled"."""
        for seat in self._seats:
            seat.env.close()
        self._seats.clear()
        self._idle.clear()

    def __enter__(self) -> Rollout:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def prompt_history(policy: Policy, config: HistoryConfig) -> PromptHistory:
    """The running prompt of an episode, in the policy's wording."""
    return PromptHistory(
        policy.prompt_format, config.mode, config.window, config.max_tokens, config.repeat_instruction
    )


def evaluation_jobs(task_ids: Sequence[str], run_id: str, seed: int) -> list[Job]:
    """One job a task, outside the training rounds."""
    seeds = np.random.SeedSequence(seed).generate_state(max(1, len(task_ids)))
    return [
        Job(task_id, EpisodeTag(episode_id=f"{run_id}/{task_id}", slot=slot), int(seeds[slot]))
        for slot, task_id in enumerate(task_ids)
    ]
