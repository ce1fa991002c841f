"""`RecordTrajectory`: every episode of an environment as a step-native record, in memory and on disk.

A step only notes its row of the journal, of values that do not change; the rows become records (`StepRecord`)
when somebody asks for the episode.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from time import perf_counter
from typing import Any, SupportsFloat

import gymnasium
from gymnasium.utils import RecordConstructorArgs

from step_gym.envs.core import Snapshot, TaskSet
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.journal import AtHand, Cells, joined, records_of
from step_gym.wrappers.screens import Screen
from step_gym.wrappers.storage import shared_prefix, storable, to_json
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeStatus, EpisodeTag
from step_gym.wrappers.writer import TrajectoryWriter

_IN_COLUMNS = {
    *("task_id", "state_key", "action_valid", "action_error", "status", "is_success", "score", "error"),
    *("admissible_actions", "candidate_actions", "candidate_actions_cut"),
}
"""Info entries that have a column or follow from others; the rest is the step's `info`, and a cut above 0."""


@dataclass(frozen=True, slots=True)
class RecordedSnapshot(Snapshot):
    """A snapshot that knows which recorded episode it was taken in, and after how many of its steps."""

    episode_id: str
    branch_step: int


class RecordTrajectory(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Records episodes with the exact tokens of every action that is a `Completion`.

    It belongs outside every wrapper that rewrites actions, because string methods lose the tokens;
    `steps_without_tokens` counts the actions that came as plain strings. An episode is finished at
    `terminated` or `truncated`; one that `reset`, `restore` or `close` cuts off is recorded as "cancelled" if
    it has a step. `snapshot` and `restore` are those of the environment; `restore` opens a branch episode,
    whose steps are numbered from 0 again.

    Attributes:
        writer: Where episodes are written to, or None.
        next_tag: What the next episode is to be called; consumed by the next `reset` or `restore`. Without
            one an id is made up.
        next_model_ms: Wall time in milliseconds of the policy call behind the next step; consumed by it.
        steps_without_tokens: Number of steps whose action was no `Completion`.

    Args:
        env: An environment with texts under "instruction" and "text" in its observation, and the info of
            `TaskEnv`.
        path: Trajectory folder to write to, or None to keep the last episode in memory only, without screens.
        run_id: Name of the run; by default the writer's, else the folder's name, else "run".
        attempt: How often the run has been resumed; goes to the writer of `path`.
        writer: A writer to share with other recorders of this process, instead of `path`. It is not part of
            the wrapper's spec, as an open file cannot be: an environment remade from the spec records in
            memory only. Whoever made the writer closes it.
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
            raise ValueError(
                f"observation space {env.observation_space} has no 'instruction' and 'text' to record"
            )
        self._owns_writer = path is not None
        if path is not None:
            name = run_id or os.path.basename(os.path.abspath(path)) or "run"
            writer = TrajectoryWriter(path, name, attempt)
        self.writer = writer
        self.next_tag: EpisodeTag | None = None
        self.next_model_ms: float | None = None
        self.steps_without_tokens = 0
        self._run_id = run_id or (writer.run_id if writer is not None else "run")
        self._attempt = writer.attempt if writer is not None else attempt
        spec = env.spec
        self._env_id = spec.id if spec is not None else type(env.unwrapped).__name__
        self._env_kwargs: dict[str, Any] = dict(spec.kwargs) if spec is not None else {}
        self._env_kwargs_json = to_json(self._env_kwargs)
        tasks = getattr(env.unwrapped, "tasks", None)
        self._tasks = tasks if isinstance(tasks, TaskSet) else None
        self._made_up = 0
        self._episode: EpisodeRecord | None = None
        self._cells: Cells = []
        self._steps = 0
        self._screens: list[Screen] = []
        self._before, self._segment = b"", 0
        self._seen: tuple[str, str, str | list[str] | None] = ("", "", None)
        self._screen: Screen | None = None
        self._last: EpisodeRecord | None = None
        self._last_at_hand: AtHand | None = None

    @property
    def episode_id(self) -> str | None:
        """Id of the running episode, or None between episodes."""
        return None if self._episode is None else self._episode.episode_id

    @property
    def last_episode(self) -> EpisodeRecord | None:
        """The episode that was recorded last, or None; the same object until the next one ends."""
        if self._last is not None and self._last_at_hand is not None:
            at_hand, self._last_at_hand = self._last_at_hand, None
            self._last.steps = records_of(at_hand.cells, at_hand.images)
        return self._last

    # -- Gymnasium ------------------------------------------------------------------------------------------

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode; a running one is recorded as "cancelled"."""
        self.abandon()
        observation, info = self.env.reset(seed=seed, options=options)
        self._open(observation, info, seed=seed)
        return observation, info

    def step(self, action: Any) -> tuple[Any, SupportsFloat, bool, bool, dict[str, Any]]:
        """Take one action and record it."""
        start = perf_counter()
        result = self.env.step(action)
        env_s = perf_counter() - start
        if self._episode is None:
            return result
        observation, reward, terminated, truncated, info = result
        if isinstance(action, Completion):
            # As bytes, prompts are compared and cut in a fraction of the time that their arrays would take.
            before = self._before
            prompt, ids = action.prompt_ids.tobytes(), action.action_ids.tobytes()
            self._before = prompt + ids
            delta = prompt.removeprefix(before)
            shared = len(prompt) - len(delta)
            if shared < len(before):
                shared = 4 * shared_prefix(before, prompt)
                delta = prompt[shared:]
                self._segment += 1
            logprobs, response, version = action.logprobs.tobytes(), action.text, action.policy_version
        else:
            self.steps_without_tokens += 1
            shared, delta, ids, logprobs, response, version = 0, None, None, None, None, None
            action = action if isinstance(action, str) else repr(action)
        error = info.get("action_error")
        has_columns = tuple(info) in _PLAIN_INFOS and not info.get("candidate_actions_cut")
        text, key, choices = self._seen
        cells = self._cells
        cells += (
            text,
            key,
            choices,
            str(action),
            info.get("action_valid", True),
            None if error is None else str(error),
            float(reward),
            terminated,
            truncated,
            env_s,
            self.next_model_ms,
            None if has_columns else _further(info),
            response,
            self._segment,
            shared,
            delta,
            ids,
            logprobs,
            version,
        )
        self._steps += 1
        self.next_model_ms = None
        if self._screen is not None:
            self._screens.append(self._screen)
        self._see(observation, info)
        if terminated or truncated:
            self._finish(info)
        return result

    def abandon(self, status: EpisodeStatus = "cancelled", error: str | None = None) -> None:
        """End the running episode here, if there is one, and record why; without a step it leaves no record.

        A rollout whose policy failed calls it with "policy_error" before it resets the environment. An
        episode whose reset failed is recorded as "env_error" whatever `status` says.
        """
        episode = self._episode
        if episode is None:
            return
        if episode.status == "env_error":
            self._store(episode)
        elif self._steps:
            episode.status, episode.error = status, None if error is None else storable(error)
            self._store(episode)
        self._episode = None

    def close(self) -> None:
        """Record a running episode as "cancelled"; close the environment, and a writer that was made here."""
        self.abandon()
        super().close()
        if self._owns_writer and self.writer is not None:
            self.writer.close()

    # -- snapshots ------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """The environment's snapshot, with the place in the record at which it was taken."""
        snapshot: Snapshot = self.env.get_wrapper_attr("snapshot")()
        if self._episode is not None:
            episode_id, length = self._episode.episode_id, self._steps
        elif (episode := self.last_episode) is not None:
            episode_id, length = episode.episode_id, len(episode)
        else:
            return snapshot
        values = {field.name: getattr(snapshot, field.name) for field in fields(Snapshot)}
        return RecordedSnapshot(**values, episode_id=episode_id, branch_step=length)

    def restore(self, snapshot: Snapshot) -> tuple[Any, dict[str, Any]]:
        """Go back to a snapshot and open a branch episode; a running episode is recorded as "cancelled".

        A snapshot taken without a recorder gives a branch without a parent, at the environment's own step
        count.
        """
        self.abandon()
        observation, info = self.env.get_wrapper_attr("restore")(snapshot)
        if isinstance(snapshot, RecordedSnapshot):
            parent, branch_step = snapshot.episode_id, snapshot.branch_step
        else:
            parent, branch_step = None, snapshot.steps
        self._open(observation, info, parent_episode_id=parent, branch_step=branch_step)
        return observation, info

    # -- the record -----------------------------------------------------------------------------------------

    def _open(self, observation: Any, info: dict[str, Any], **where: Any) -> None:
        tag, self.next_tag = self.next_tag, None
        failed = info.get("status") == "env_error"
        self._episode = episode = EpisodeRecord(
            episode_id=self._next_id() if tag is None else tag.episode_id,
            run_id=self._run_id,
            env_id=self._env_id,
            task_id=str(info.get("task_id", "")),
            instruction=storable(observation["instruction"]),
            attempt=self._attempt,
            env_kwargs=self._env_kwargs,
            status="env_error" if failed else "ok",
            error=storable(str(info.get("error"))) if failed else None,
            **where,
        )
        if tag is not None:
            episode.attempt, episode.round, episode.slot = tag.attempt, tag.round, tag.slot
            episode.group_id, episode.success_rate_before = tag.group_id, tag.success_rate_before
        self._cells, self._screens, self._steps = [], [], 0
        self._before, self._segment = b"", 0
        self._see(observation, info)

    def _next_id(self) -> str:
        if self.writer is not None:
            return self.writer.next_episode_id()
        self._made_up += 1
        return f"{self._run_id}-{self._made_up}"

    def _see(self, observation: Any, info: dict[str, Any]) -> None:
        """Keep what the next action will be chosen from."""
        choices = info.get("candidate_actions")
        if choices is None:
            choices = info.get("admissible_actions")
        # At once, because the policy may sort or shuffle the list that it was given.
        choices = None if choices is None else joined(choices)
        self._seen = (observation["text"], info.get("state_key", ""), choices)
        if self.writer is not None and "screenshot" in observation:
            self._screen = self.writer.add_screen(observation["screenshot"], self._screen)

    def _finish(self, info: dict[str, Any]) -> None:
        episode = self._episode
        assert episode is not None
        if info.get("status", "ok") == "ok":
            episode.is_success = bool(info.get("is_success", False))
            episode.score = float(info.get("score", 0.0))
        else:
            episode.status = info["status"]
            episode.error = storable(str(info.get("error")))
        self._store(episode)

    def _store(self, episode: EpisodeRecord) -> None:
        self._episode = None
        episode.final_observation = storable(self._seen[0])
        images = None
        if self._screen is not None:
            images = [screen.sha256() for screen in self._screens]
            episode.final_image = self._screen.sha256()
        at_hand = AtHand(self._cells, images, self._env_kwargs_json)
        self._last, self._last_at_hand = episode, at_hand
        if self.writer is not None:
            if self._tasks is not None and not self.writer.has_task(episode.env_id, episode.task_id):
                self.writer.add_task(episode.env_id, self._tasks.by_id(episode.task_id))
            self.writer.add(episode, at_hand)


_PLAIN_INFOS: set[tuple[str, ...]] = set()
"""Names, in order, of the infos seen so far whose entries all have columns."""


def _further(info: dict[str, Any]) -> str | None:
    """The entries of an info that no column holds, as JSON."""
    further = {name: value for name, value in info.items() if name not in _IN_COLUMNS}
    if not further:
        _PLAIN_INFOS.add(tuple(info))
    if info.get("candidate_actions_cut"):
        further["candidate_actions_cut"] = info["candidate_actions_cut"]
    return to_json(further) if further else None
