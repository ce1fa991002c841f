"""`RecordTrajectory`: every episode of an environment as a step-native record, kept in memory and, with a path, on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from time import perf_counter
from typing import Any, SupportsFloat

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from step_gym.envs.core import Snapshot
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.screens import Screen
from step_gym.wrappers.storage import storable
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeStatus, EpisodeTag, StepRecord
from step_gym.wrappers.writer import TrajectoryWriter

_IN_COLUMNS = frozenset(
    ("task_id", "state_key", "action_valid", "action_error", "status", "admissible_actions", "candidate_actions")
    + ("is_success", "score", "error")
)
"""Info entries that have a column of their own, or are known from the steps before; all others go to `StepRecord.info`."""


@dataclass(frozen=True, slots=True)
class RecordedSnapshot(Snapshot):
    """A snapshot that knows which recorded episode it was taken in, and after how many of its steps."""

    episode_id: str
    branch_step: int


class RecordTrajectory(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Records episodes with the exact tokens of every action that is a `Completion`.

    It belongs outside every wrapper that rewrites actions, because string methods lose the tokens; `steps_without_tokens` counts the
    actions that came as plain strings. An episode is finished at `terminated` or `truncated`; one that `reset`, `restore` or `close` cuts
    off is recorded as "cancelled" if it has a step. `snapshot` and `restore` are those of the environment; `restore` opens a branch episode,
    whose steps are numbered from 0 again.

    Attributes:
        last_episode: The episode that was finished last, or None.
        next_tag: What the next episode is to be called; consumed by the next `reset` or `restore`. Without one an id is made up.
        next_model_ms: Wall time of the policy call behind the next step, in milliseconds; consumed by it.
        steps_without_tokens: Number of steps whose action was no `Completion`.

    Args:
        env: An environment with texts under "instruction" and "text" in its observation, and the info of `TaskEnv`.
        path: Trajectory folder to write to, or None to keep episodes in memory only (without screens).
        run_id: Name of the run; by default the writer's, else the folder's name, else "run".
        attempt: How often the run has been resumed; goes to the writer of `path`.
        writer: A writer to share with other recorders of this process, instead of `path`. It is not part of the wrapper's spec (an open
            file cannot be): an environment remade from the spec keeps its episodes in memory. Whoever made the writer closes it.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        path: str | os.PathLike[str] | None = None,
        run_id: str | None = None,
        attempt: int = 0,
        *,
        writer: TrajectoryWriter | None = None,
    ) -> None:
        path = None if path is None else os.fspath(path)
        RecordConstructorArgs.__init__(self, path=path, run_id=run_id, attempt=attempt)
        gymnasium.Wrapper.__init__(self, env)
        if path is not None and writer is not None:
            raise ValueError(f"path={path!r} and a writer: give one of them")
        names = getattr(env.observation_space, "spaces", {})
        if "text" not in names or "instruction" not in names:
            raise ValueError(f"observation space {env.observation_space} has no 'instruction' and 'text' to record")
        self._owns_writer = path is not None
        if path is not None:
            name = run_id or os.path.basename(os.path.abspath(path)) or "run"
            writer = TrajectoryWriter(path, name, attempt)
        self.writer = writer
        self._run_id = run_id or (writer.run_id if writer is not None else "run")
        self._attempt = writer.attempt if writer is not None else attempt
        self.last_episode: EpisodeRecord | None = None
        self.next_tag: EpisodeTag | None = None
        self.next_model_ms: float | None = None
        self.steps_without_tokens = 0
        spec = env.spec
        self._env_id = spec.id if spec is not None else type(env.unwrapped).__name__
        self._env_kwargs: dict[str, Any] = dict(spec.kwargs) if spec is not None else {}
        self._episode: EpisodeRecord | None = None
        self._count = 0
        self._text = self._state_key = ""
        self._candidates: list[str] | None = None
        self._screen: Screen | None = None
        self._screens: list[Screen | None] = []

    @property
    def episode_id(self) -> str | None:
        """Id of the running episode, or None between episodes."""
        return None if self._episode is None else self._episode.episode_id

    # -- Gymnasium --------------------------------------------------------------------------------------------------------

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; a running one is recorded as "cancelled"."""
        self.abandon()
        observation, info = self.env.reset(seed=seed, options=options)
        self._open(observation, info, seed=seed)
        return observation, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Take one action and record it."""
        start = perf_counter()
        observation, reward, terminated, truncated, info = self.env.step(action)
        env_ms = (perf_counter() - start) * 1e3
        episode = self._episode
        if episode is None:
            return observation, reward, terminated, truncated, info
        record = StepRecord(
            step=len(episode.steps),
            observation=self._text,
            state_key=self._state_key,
            action=storable(action) if isinstance(action, str) else storable(repr(action)),
            admissible_actions=self._candidates,
            action_valid=bool(info.get("action_valid", True)),
            action_error=_text_or_none(info.get("action_error")),
            reward=float(reward),
            terminated=bool(terminated),
            truncated=bool(truncated),
            env_ms=env_ms,
            model_ms=self.next_model_ms,
            info={name: value for name, value in info.items() if name not in _IN_COLUMNS},
        )
        if isinstance(action, Completion):
            record.response = storable(action.text)
            record.prompt_ids, record.action_ids = action.prompt_ids, action.action_ids
            record.logprobs, record.policy_version = action.logprobs, action.policy_version
        else:
            self.steps_without_tokens += 1
        self.next_model_ms = None
        episode.steps.append(record)
        self._screens.append(self._screen)
        self._see(observation, info)
        if terminated or truncated:
            self._finish(info)
        return observation, reward, terminated, truncated, info

    def abandon(self, status: EpisodeStatus = "cancelled", error: str | None = None) -> None:
        """End the running episode here, if there is one, and record why; without a step it leaves no record.

        An episode whose reset failed is recorded as "env_error" whatever `status` says.
        """
        episode = self._episode
        if episode is None:
            return
        if episode.status == "env_error":
            self._store()
        elif episode.steps:
            episode.status, episode.error = status, _text_or_none(error)
            self._store()
        self._episode = None

    def close(self) -> None:
        """Record a running episode as "cancelled", close the environment, and the writer if it was made here."""
        self.abandon()
        super().close()
        if self._owns_writer and self.writer is not None:
            self.writer.close()

    # -- snapshots --------------------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The environment's snapshot, with the place in the record at which it was taken."""
        snapshot: Snapshot = self.env.get_wrapper_attr("snapshot")()
        episode = self._episode if self._episode is not None else self.last_episode
        if episode is None:
            return snapshot
        values = {field.name: getattr(snapshot, field.name) for field in fields(Snapshot)}
        return RecordedSnapshot(**values, episode_id=episode.episode_id, branch_step=len(episode.steps))

    def restore(self, snapshot: Snapshot) -> tuple[Any, dict[str, Any]]:
        """Go back to a snapshot and open a branch episode there; a running episode is recorded as "cancelled".

        A snapshot taken without a recorder gives a branch without a parent, at the environment's own step count.
        """
        self.abandon()
        observation, info = self.env.get_wrapper_attr("restore")(snapshot)
        is_recorded = isinstance(snapshot, RecordedSnapshot)
        self._open(
            observation,
            info,
            parent_episode_id=snapshot.episode_id if is_recorded else None,
            branch_step=snapshot.branch_step if is_recorded else snapshot.steps,
        )
        return observation, info

    # -- the record -------------------------------------------------------------------------------------------------------

    def _open(self, observation: Any, info: dict[str, Any], **where: Any) -> None:
        tag, self.next_tag = self.next_tag, None
        if tag is None:
            self._count += 1
            made_up = f"{self._run_id}-{self._count}" if self.writer is None else self.writer.next_episode_id()
            tag = EpisodeTag(episode_id=made_up, attempt=self._attempt)
        self._episode = EpisodeRecord(
            episode_id=tag.episode_id,
            run_id=self._run_id,
            env_id=self._env_id,
            task_id=str(info.get("task_id", "")),
            instruction=storable(observation["instruction"]),
            attempt=tag.attempt,
            round=tag.round,
            slot=tag.slot,
            group_id=tag.group_id,
            env_kwargs=self._env_kwargs,
            success_rate_before=tag.success_rate_before,
            **where,
        )
        if info.get("status") == "env_error":
            self._episode.status, self._episode.error = "env_error", _text_or_none(info.get("error"))
        self._screens = []
        self._see(observation, info)

    def _see(self, observation: Any, info: dict[str, Any]) -> None:
        """Keep what the next action will be chosen from."""
        self._text = storable(observation["text"])
        self._state_key = info.get("state_key", "")
        candidates = info.get("candidate_actions")
        if candidates is None:
            candidates = info.get("admissible_actions")
        self._candidates = None if candidates is None else list(candidates)
        if self.writer is not None and "screenshot" in observation:
            self._screen = self.writer.add_screen(observation["screenshot"], self._screen)

    def _finish(self, info: dict[str, Any]) -> None:
        episode = self._episode
        assert episode is not None
        if info.get("status", "ok") == "ok":
            episode.is_success = bool(info.get("is_success", False))
            episode.score = float(info.get("score", 0.0))
        else:
            episode.status, episode.error = info["status"], _text_or_none(info.get("error"))
        self._store()

    def _store(self) -> None:
        episode, self._episode = self._episode, None
        assert episode is not None
        episode.final_observation = self._text
        for record, screen in zip(episode.steps, self._screens, strict=True):
            if screen is not None:
                record.image = screen.sha256()
        self.last_episode = episode
        if self.writer is not None:
            if not self.writer.has_task(episode.env_id, episode.task_id) and self.env.has_wrapper_attr("tasks"):
                self.writer.add_task(episode.env_id, self.env.get_wrapper_attr("tasks").by_id(episode.task_id))
            self.writer.add(episode)


def _text_or_none(value: object) -> str | None:
    return None if value is None else storable(str(value))
