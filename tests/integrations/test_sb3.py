"""Stable-Baselines3 on the worlds: its own checker, its logger, and a short run that must learn something."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
import torch
from sb3_contrib import MaskablePPO
from stable_baselines3 import A2C, DQN, PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import SubprocVecEnv

import step_gym
from benchmarks import sb3 as benchmark
from step_gym.integrations.sb3 import CandidatePolicy
from step_gym.wrappers.numeric import NumericView

ROOT = Path(step_gym.__file__).parents[1]
WORLDS = sorted(name for name in gymnasium.registry if name.startswith("STEP-"))


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def toy(**kwargs: Any) -> NumericView:
    return NumericView(gymnasium.make("STEP-Toy-v0", **kwargs), limit=12)


def easy(**kwargs: Any) -> NumericView:
    return toy(max_difficulty=3, **kwargs)


def torch_distribution(model: Any, observation: dict[str, np.ndarray]) -> Any:
    """The distribution over indices that a model sees in an observation."""
    batch, _ = model.policy.obs_to_tensor(observation)
    return model.policy.get_distribution(batch).distribution


@pytest.mark.parametrize("world", WORLDS)
def test_its_own_checker_passes(world: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # It advises flat arrays, or a policy made for these: that is `CandidatePolicy`.
        warnings.filterwarnings("ignore", message="Your observation .* has an unconventional shape")
        check_env(NumericView(gymnasium.make(world)))


@pytest.mark.parametrize("world", WORLDS)
def test_every_world_is_played(world: str) -> None:
    env = NumericView(gymnasium.make(world), limit=16, features=32)
    model = PPO(CandidatePolicy, env, n_steps=16, batch_size=16, n_epochs=1, seed=0, device="cpu")
    model.learn(16)
    assert (model.num_timesteps, model._n_updates) == (16, 1)


def test_success_reaches_the_logger_and_monitor(tmp_path: Path) -> None:
    env = Monitor(easy(), str(tmp_path / "log"), info_keywords=("is_success", "task_id"))
    model = PPO(CandidatePolicy, env, n_steps=128, batch_size=64, n_epochs=1, seed=0, device="cpu")
    model.learn(256)
    assert len(model.ep_success_buffer or ()) > 5
    # SB3 empties its record when it has printed; it names the figure rollout/success_rate.
    names = []
    model.logger.record = lambda key, value, *args, **kwargs: names.append((key, value))  # type: ignore[method-assign]
    model.dump_logs(1)
    rate = dict(names)["rollout/success_rate"]
    assert rate == pytest.approx(statistics.mean(map(float, model.ep_success_buffer or ())))
    header, *rows = (tmp_path / "log.monitor.csv").read_text().splitlines()[1:]
    assert header == "r,l,t,is_success,task_id"
    assert {row.split(",")[3] for row in rows} == {"True", "False"}
    assert all((float(row.split(",")[0]) == 1.0) == (row.split(",")[3] == "True") for row in rows)


def test_an_index_without_a_candidate_is_never_chosen() -> None:
    model = A2C(CandidatePolicy, toy(), seed=0, device="cpu")
    env = toy()
    rng = np.random.default_rng(0)
    observation, _ = env.reset(seed=0)
    for _ in range(100):
        distribution = torch_distribution(model, observation)
        shares = distribution.probs[0].detach().numpy()
        assert np.allclose(shares, observation["mask"] / observation["mask"].sum()), "uniform before training"
        assert np.isfinite(distribution.entropy().item())
        observation, _, terminated, truncated, _ = env.step(int(rng.integers(observation["mask"].sum())))
        if terminated or truncated:
            observation, _ = env.reset()


def test_the_order_of_candidates_does_not_matter() -> None:
    model = PPO(CandidatePolicy, easy(), n_steps=256, batch_size=64, seed=0, device="cpu").learn(1024)
    observation, _ = easy().reset(seed=1)
    order = np.random.default_rng(0).permutation(12)
    of_candidates = ("candidates", "outcomes", "taken", "mask")
    other = {key: value[order] if key in of_candidates else value for key, value in observation.items()}
    shares, other_shares = (
        torch_distribution(model, shown).probs[0].detach().numpy() for shown in (observation, other)
    )
    assert np.ptp(shares[observation["mask"] == 1]) > 1e-3
    assert np.allclose(other_shares, shares[order], atol=1e-6)


def test_saved_and_loaded(tmp_path: Path) -> None:
    model = PPO(CandidatePolicy, easy(), n_steps=64, batch_size=64, seed=0, device="cpu",
                policy_kwargs={"features_extractor_kwargs": {"hidden": 16}}).learn(64)  # fmt: skip
    model.save(tmp_path / "model.zip")
    again = PPO.load(tmp_path / "model.zip", env=easy(), device="cpu")
    for seed in range(5):
        observation, _ = easy().reset(seed=seed)
        assert (
            again.predict(observation, deterministic=True)[0]
            == model.predict(observation, deterministic=True)[0]
        )
    again.learn(64)


def test_in_processes() -> None:
    envs = make_vec_env(easy, 2, seed=0, vec_env_cls=SubprocVecEnv, vec_env_kwargs={"start_method": "spawn"})
    model = PPO(CandidatePolicy, envs, n_steps=32, batch_size=64, seed=0, device="cpu").learn(64)
    assert model.num_timesteps == 64
    envs.close()


def test_its_other_algorithms_take_the_view_too() -> None:
    env = NumericView(gymnasium.make("STEP-Toy-v0"), limit=12, features=16)
    model = DQN("MultiInputPolicy", env, learning_starts=32, buffer_size=200, seed=0, device="cpu").learn(100)
    assert model.num_timesteps == 100


def test_maskable_ppo() -> None:
    env = NumericView(gymnasium.make("STEP-Toy-v0"), limit=12, features=16)
    model = MaskablePPO("MultiInputPolicy", env, n_steps=64, batch_size=64, seed=0, device="cpu")
    model.learn(128)
    observation, info = env.reset(seed=0)
    for _ in range(60):
        action, _ = model.predict(observation, action_masks=env.action_masks())
        assert action < len(info["candidate_actions"])
        observation, _, terminated, truncated, info = env.step(action)
        assert info["action_valid"]
        if terminated or truncated:
            observation, info = env.reset()


def test_a_short_run_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unseen tasks of two to four steps, of which one in six is solved by chance."""
    kwargs: dict[str, Any] = {"max_difficulty": 4}
    tasks = benchmark.held_out_tasks(min_steps=2, **kwargs)[:120]
    by_chance = statistics.mean(benchmark.success(tasks, benchmark.at_random(0), **kwargs))
    # Short rollouts: more updates for so few steps.
    monkeypatch.setattr(benchmark, "ROLLOUT", 32)
    model = benchmark.train(0, 8_192, **kwargs)
    learnt = statistics.mean(benchmark.success(tasks, benchmark.chosen_by(model), **kwargs))
    assert learnt > by_chance + 0.2


def test_a_missing_package_is_named() -> None:
    script = (
        "import sys; sys.modules['stable_baselines3'] = None\n"
        "from gymnasium.error import DependencyNotInstalled\n"
        "try:\n    import step_gym.integrations.sb3\n"
        "except DependencyNotInstalled as error:\n    print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "pip install step-gym[sb3]" in result.stdout


def test_a_world_without_the_view_is_refused() -> None:
    env = gymnasium.make("CartPole-v1")
    with pytest.raises(ValueError, match="NumericView"):
        PPO(CandidatePolicy, env, device="cpu")


def test_the_readme_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
    (block,) = [block for block in blocks if "stable_baselines3" in block]
    shorter = re.sub(r"learn\([\d_]+\)", "learn(2_048)", block)
    assert shorter != block
    names: dict[str, Any] = {}
    exec(shorter, names)
    assert names["model"].num_timesteps >= 2_048
    assert len([line for line in block.splitlines() if line.strip()]) <= 10
