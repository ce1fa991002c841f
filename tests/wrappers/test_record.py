from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Dict
from gymnasium.vector import AutoresetMode

import step_gym  # noqa: F401  (registers the worlds)
from step_gym.envs.core import Snapshot
from step_gym.envs.spaces import FreeText
from step_gym.wrappers.candidates import CandidateActions
from step_gym.wrappers.completion import Completion
from step_gym.wrappers.reader import read_run
from step_gym.wrappers.record import RecordTrajectory
from step_gym.wrappers.trajectory import EpisodeRecord, EpisodeTag
from step_gym.wrappers.writer import TrajectoryWriter
from tests.wrappers.record_samples import comparable


class ScriptedEnv(gymnasium.Env[dict[str, Any], str]):
    """Plays back what it is given: each step shows the next text and info, the last one ends the episode."""

    def __init__(
        self, texts: list[str], infos: list[dict[str, Any]], screens: list[np.ndarray] | None = None
    ) -> None:
        self.texts, self.infos, self.screens = texts, infos, screens
        self.observation_space = Dict({"instruction": FreeText(), "text": FreeText()})
        self.action_space = FreeText()

    def _shown(self) -> dict[str, Any]:
        shown: dict[str, Any] = {"instruction": "do it", "text": self.texts[self.at]}
        if self.screens is not None:
            shown["screenshot"] = self.screens[self.at].copy()
        return shown

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self.at = 0
        return self._shown(), {"task_id": "t", "state_key": "k0", "status": "ok", **self.infos[0]}

    def step(self, action: str) -> Any:
        self.at += 1
        last = self.at == len(self.texts) - 1
        info = {"task_id": "t", "state_key": f"k{self.at}", "status": "ok", **self.infos[self.at]}
        return self._shown(), np.float64(last), np.bool_(last), False, info


def toy(**kwargs: Any) -> gymnasium.Env[Any, Any]:
    return gymnasium.make("STEP-Toy-v0", **kwargs)


def completion(action: str, prompt: list[int]) -> Completion:
    return Completion(
        action,
        prompt_ids=prompt,
        action_ids=[7, 8],
        logprobs=[-0.5, -1.5],
        policy_version=4,
        text=f"<{action}>",
    )


def play(
    env: gymnasium.Env[Any, Any], tokens: bool = True, steps: int = 10**6, **reset: Any
) -> list[tuple[Any, ...]]:
    """One episode that always takes the first action; returns what was seen and done at each step."""
    observation, info = env.reset(**reset)
    prompt, told = [1, 2, 3], []
    for _ in range(steps):
        action = info["admissible_actions"][0]
        acted = completion(action, prompt) if tokens else action
        seen = (observation["text"], info["state_key"], info["admissible_actions"], action, list(prompt))
        observation, reward, terminated, truncated, info = env.step(acted)
        told.append((*seen, reward, terminated, truncated, info["action_valid"]))
        prompt += [7, 8, len(prompt)]
        if terminated or truncated:
            break
    return told


def test_a_step_holds_what_was_acted_on_and_what_came_of_it() -> None:
    env = RecordTrajectory(toy())
    told = play(env, seed=3)
    episode = env.last_episode
    assert episode is not None and len(episode) == len(told) and env.steps_without_tokens == 0
    for index, (step, (text, key, choices, action, prompt, reward, *flags)) in enumerate(
        zip(episode.steps, told, strict=True)
    ):
        assert (step.step, step.observation, step.state_key, step.action) == (index, text, key, action)
        assert (step.admissible_actions, step.response, step.policy_version) == (choices, f"<{action}>", 4)
        assert (step.reward, [step.terminated, step.truncated, step.action_valid]) == (reward, flags)
        assert step.prompt_ids is not None and step.prompt_ids.tolist() == prompt
        assert step.action_ids is not None and step.action_ids.tolist() == [7, 8]
        assert step.logprobs is not None and step.logprobs.tolist() == [-0.5, -1.5]
        assert step.env_ms >= 0 and step.model_ms is None and step.info == {}
    assert episode.env_id == "STEP-Toy-v0" and episode.seed == 3 and episode.status == "ok"
    assert episode.is_success is False and episode.score == 0.0 and episode.instruction.startswith("Put the ")
    assert env.last_episode is episode


def test_actions_without_tokens_are_counted() -> None:
    env = RecordTrajectory(toy())
    told = play(env, tokens=False, seed=0)
    assert env.steps_without_tokens == len(told)
    assert env.last_episode is not None
    step = env.last_episode.steps[0]
    assert (step.response, step.prompt_ids, step.action_ids, step.logprobs, step.policy_version) == (
        None,
    ) * 5


def test_candidates_go_before_admissible_actions() -> None:
    infos = [
        {"admissible_actions": ["a"], "candidate_actions": ["b", "c"]},
        {"admissible_actions": ["d"]},
        {},
    ]
    env = RecordTrajectory(ScriptedEnv(["0", "1", "2"], infos))
    _, info = env.reset()
    info["candidate_actions"].clear()
    env.step("x")
    env.step("y")
    assert env.last_episode is not None
    assert [step.admissible_actions for step in env.last_episode.steps] == [["b", "c"], ["d"]]


def test_a_cut_of_the_candidates_is_kept_and_no_cut_is_not() -> None:
    env = RecordTrajectory(CandidateActions(toy(), limit=1))
    play(env, seed=1)
    assert env.last_episode is not None
    cuts = [step.info.get("candidate_actions_cut") for step in env.last_episode.steps]
    assert any(cuts) and all(cut is None or cut > 0 for cut in cuts)
    assert all(len(step.admissible_actions or ()) == 1 for step in env.last_episode.steps)


def test_further_info_entries_and_odd_values_are_recorded(tmp_path: Path) -> None:
    odd = {
        "page": 3,
        "array": np.arange(3),
        "object": Path("x"),
        "state_key": np.str_("key"),
        "action_error": "\ud800",
    }
    texts = ["plain", np.str_("derived"), "lone \udc80 surrogate"]
    infos = [{"admissible_actions": [np.str_("a"), "b\ud800"]}, {**odd, "action_valid": np.bool_(False)}, {}]
    with TrajectoryWriter(tmp_path, "run") as writer:
        env = RecordTrajectory(ScriptedEnv(texts, infos), writer=writer)
        env.reset()
        env.step("bad \ud812 action")
        env.next_model_ms = np.float64(2.5)
        env.step(12)
    (episode,) = read_run(tmp_path).episodes()
    first, second = episode.steps
    assert first.info == {"page": 3, "array": [0, 1, 2], "object": repr(Path("x"))} and second.info == {}
    assert (first.action, first.action_error, first.action_valid) == ("bad \\ud812 action", "\\ud800", False)
    assert (
        first.admissible_actions == ["a", "b\\ud800"] and second.state_key == "key" and second.action == "12"
    )
    assert (first.model_ms, second.model_ms, second.terminated) == (None, 2.5, True)
    assert episode.final_observation == "lone \\udc80 surrogate"
    assert comparable(env.last_episode) == comparable(episode)


def test_a_tag_names_the_next_episode_alone() -> None:
    env = RecordTrajectory(toy(), run_id="r")
    env.next_tag = EpisodeTag(
        episode_id="r/4/2", attempt=1, round=4, slot=2, group_id="g", success_rate_before=0.25
    )
    env.reset(seed=0)
    assert env.episode_id == "r/4/2" and env.next_tag is None
    play(env, seed=0)
    play(env, seed=0)
    first, names = env.last_episode, []
    play(env, seed=0)
    names = [episode.episode_id for episode in (first, env.last_episode) if episode is not None]
    assert names == ["r-2", "r-3"]
    env.next_tag = EpisodeTag(
        episode_id="r/5/0", attempt=1, round=5, slot=0, group_id="h", success_rate_before=0.5
    )
    play(env, seed=0)
    episode = env.last_episode
    assert episode is not None and (episode.attempt, episode.round, episode.slot) == (1, 5, 0)
    assert (episode.group_id, episode.success_rate_before, episode.run_id) == ("h", 0.5, "r")


@pytest.mark.parametrize("end", ["reset", "close", "restore"])
def test_an_abandoned_episode_is_recorded_as_cancelled(tmp_path: Path, end: str) -> None:
    with TrajectoryWriter(tmp_path, "run") as writer:
        env = RecordTrajectory(toy(), writer=writer)
        env.reset(seed=0)
        snapshot = env.snapshot()
        play(env, steps=2, seed=0)
        if end == "restore":
            env.restore(snapshot)
        else:
            getattr(env, end)()
        env.close()
        env.close()
    (episode,) = read_run(tmp_path).episodes()
    assert (episode.status, len(episode), episode.is_success, episode.score) == ("cancelled", 2, None, None)


def test_a_rollout_can_say_that_the_policy_failed() -> None:
    env = RecordTrajectory(toy())
    play(env, steps=1, seed=0)
    env.abandon("policy_error", "no reply from the model \ud800")
    assert env.last_episode is not None and env.episode_id is None
    assert (env.last_episode.status, env.last_episode.error) == (
        "policy_error",
        "no reply from the model \\ud800",
    )
    env.reset(seed=1)
    env.abandon()
    assert len(env.last_episode) == 1, "an episode without a step leaves no record"


def test_a_fault_of_the_environment_is_recorded_as_one() -> None:
    broken = {"status": "env_error", "error": "the machine died"}
    env = RecordTrajectory(ScriptedEnv(["a", "b", "c"], [{}, {}, broken]))
    env.reset()
    env.step("x")
    env.step("x")
    episode = env.last_episode
    assert episode is not None and (episode.status, episode.error) == ("env_error", "the machine died")
    assert episode.is_success is None and episode.score is None and len(episode) == 2
    env = RecordTrajectory(ScriptedEnv(["a", "b"], [broken, {}]))
    env.reset()
    env.reset()
    assert (
        env.last_episode is not None and env.last_episode.status == "env_error" and len(env.last_episode) == 0
    )


def test_a_restore_opens_a_branch_of_the_recorded_episode(tmp_path: Path) -> None:
    env = RecordTrajectory(toy(), tmp_path, run_id="run")
    env.reset(seed=5)
    told, snapshots = [], []
    observation, info = env.reset(seed=5)
    while True:
        snapshots.append(env.snapshot())
        told.append(observation["text"])
        observation, _, terminated, truncated, info = env.step(info["admissible_actions"][-1])
        if terminated or truncated:
            break
    parent = env.last_episode
    assert parent is not None and isinstance(snapshots[2], Snapshot)
    again = pickle.loads(pickle.dumps(snapshots[2]))
    env.next_tag = EpisodeTag(episode_id="branch", round=1, slot=7)
    observation, info = env.restore(again)
    assert observation["text"] == told[2]
    env.step(info["admissible_actions"][0])
    inner = env.snapshot()
    env.step(info["admissible_actions"][0])
    env.restore(inner)
    env.step(info["admissible_actions"][0])
    env.close()
    episodes = {episode.episode_id: episode for episode in read_run(tmp_path).episodes()}
    branch = episodes.pop("branch")
    assert (branch.parent_episode_id, branch.branch_step, branch.slot) == (parent.episode_id, 2, 7)
    assert [step.step for step in branch.steps] == [0, 1] and branch.steps[0].observation == told[2]
    (nested,) = [episode for episode in episodes.values() if episode.parent_episode_id == "branch"]
    assert nested.branch_step == 1 and nested.task_id == parent.task_id


def test_a_snapshot_from_elsewhere_gives_a_branch_without_a_parent() -> None:
    other = toy()
    _, info = other.reset(seed=5)
    other.step(info["admissible_actions"][0])
    snapshot = other.get_wrapper_attr("snapshot")()
    env = RecordTrajectory(toy())
    env.reset(seed=0)
    assert env.snapshot().steps == 0
    _, info = env.restore(snapshot)
    env.step(info["admissible_actions"][0])
    env.close()
    assert env.last_episode is not None
    assert (env.last_episode.parent_episode_id, env.last_episode.branch_step) == (None, 1)


def test_the_spec_makes_the_same_recorder_again(tmp_path: Path) -> None:
    env = RecordTrajectory(toy(max_difficulty=3), str(tmp_path / "run"), run_id="r", attempt=2)
    assert env.spec is not None
    spec = EnvSpec.from_json(env.spec.to_json())
    env.close()
    again = gymnasium.make(spec)
    assert isinstance(again, RecordTrajectory)
    play(again, seed=0)
    again.close()
    (episode,) = read_run(tmp_path / "run").episodes()
    assert (episode.run_id, episode.attempt, episode.env_kwargs) == ("r", 2, {"max_difficulty": 3})


def test_a_shared_writer_is_not_part_of_the_spec_and_stays_open(tmp_path: Path) -> None:
    with TrajectoryWriter(tmp_path, "run") as writer:
        envs = [RecordTrajectory(toy(), writer=writer) for _ in range(3)]
        for env in envs:
            play(env, seed=0)
            env.close()
        again = gymnasium.make(EnvSpec.from_json(envs[0].spec.to_json()))  # type: ignore[union-attr]
        assert isinstance(again, RecordTrajectory) and again.writer is None
        play(RecordTrajectory(toy(), writer=writer), seed=1)
        with pytest.raises(ValueError, match="give one of them"):
            RecordTrajectory(toy(), tmp_path, writer=writer)
    run = read_run(tmp_path)
    episodes = list(run.episodes())
    assert len(episodes) == 4 and len({episode.episode_id for episode in episodes}) == 4
    task = run.tasks["STEP-Toy-v0", episodes[0].task_id]
    assert task == envs[0].get_wrapper_attr("tasks").by_id(task.id)


def test_an_observation_without_texts_is_refused() -> None:
    with pytest.raises(ValueError, match="no 'instruction' and 'text'"):
        RecordTrajectory(gymnasium.make("CartPole-v1"))


def test_screens_are_stored_losslessly_and_once(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    first, second = (random.integers(0, 256, (5, 7, 3), dtype=np.uint8) for _ in range(2))
    with TrajectoryWriter(tmp_path, "run") as writer:
        env = RecordTrajectory(
            ScriptedEnv(list("abcd"), [{}] * 4, [first, first, second, first]), writer=writer
        )
        env.reset()
        for _ in range(3):
            env.step("click")
    run = read_run(tmp_path)
    (episode,) = run.episodes()
    images = [step.image for step in episode.steps]
    assert images[0] == images[1] == episode.final_image and images[2] not in (None, images[0])
    assert images[0] is not None and images[2] is not None
    np.testing.assert_array_equal(run.screen(images[0]), first)
    np.testing.assert_array_equal(run.screen(images[2]), second)
    assert len(list((tmp_path / "media").rglob("*.png"))) == 2
    assert comparable(env.last_episode) == comparable(episode)


def make_recorded(path: str) -> gymnasium.Env[Any, Any]:
    return RecordTrajectory(gymnasium.make("step_gym:STEP-Toy-v0", max_difficulty=3), path, run_id="run")


class Recorded:
    """A function of no arguments for a vector environment, picklable."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self) -> gymnasium.Env[Any, Any]:
        return make_recorded(self.path)


def test_the_recorders_of_an_async_vector_environment_share_a_folder(tmp_path: Path) -> None:
    envs = gymnasium.vector.AsyncVectorEnv(
        [Recorded(str(tmp_path))] * 2,
        shared_memory=False,
        context="spawn",
        autoreset_mode=AutoresetMode.SAME_STEP,
    )
    try:
        tags = [EpisodeTag(episode_id=f"run/0/{slot}", round=0, slot=slot) for slot in range(2)]
        envs.set_attr("next_tag", tags)
        _, infos = envs.reset(seed=[1, 2])
        finished = [0, 0]
        while min(finished) < 2:
            actions = [completion(str(choices[0]), [1, 2]) for choices in infos["admissible_actions"]]
            _, _, terminated, truncated, infos = envs.step(tuple(actions))
            finished = [
                count + bool(over) for count, over in zip(finished, terminated | truncated, strict=True)
            ]
        episodes: tuple[EpisodeRecord, ...] = envs.get_attr("last_episode")
        assert all(step.prompt_ids is not None for episode in episodes for step in episode.steps)
    finally:
        envs.close()
    run = read_run(tmp_path)
    recorded = [episode for episode in run.episodes() if episode.status == "ok"]
    assert len(recorded) == sum(finished) and not run.damaged
    assert {"run/0/0", "run/0/1"} < {episode.episode_id for episode in recorded}
    assert len({episode.episode_id for episode in recorded}) == len(recorded)
    assert not list((tmp_path / "journal").iterdir())


def test_the_example_of_the_page_on_trajectories_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).parents[2] / "docs" / "trajectories.md"
    example = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    shown: list[tuple[Any, ...]] = []
    exec(example, {"print": lambda *values: shown.append(values)})
    (episode,) = read_run("runs/toy/trajectories").episodes()
    assert shown == [(episode.task_id, episode.score, [step.action for step in episode.steps])]
