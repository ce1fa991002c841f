"""Does the ALFWorld simulator answer exactly as the real engine does, and how much faster is it?

`python -m benchmarks.alfworld [--quick] [--games N] [--floorplan FOLDER]`. With the extra `alfworld`
installed both engines play the same games with the same commands in one run; without it only our own speed is
measured. That is the speed of `env.step` of a made environment; the bare simulator's is reported beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gymnasium

import step_gym  # noqa: F401  (registers the ids)
from benchmarks.alfworld_cases import odd_game, probe
from benchmarks.common import finish, print_table
from step_gym.envs.alfworld.engine_worker import RealGame
from step_gym.envs.alfworld.expert import AlfworldExpert
from step_gym.envs.alfworld.files import GAME_FILE, PROBLEM_FILE, read_game, write_game
from step_gym.envs.alfworld.game import TASK_TYPES, Game
from step_gym.envs.alfworld.generate import SIZES, generate_game
from step_gym.envs.alfworld.simulator import Simulator
from step_gym.envs.alfworld.tasks import game_of

PROBE_SHARE = 0.08
SHOWN_DIFFERENCES = 10


@dataclass
class Tally:
    """What a run has counted; seconds are spent inside the engines' step calls alone."""

    games: int = 0
    odd_games: int = 0
    episodes: int = 0
    steps: int = 0
    fields: int = 0
    differing: int = 0
    won: int = 0
    real_seconds: float = 0.0
    env_seconds: float = 0.0
    env_steps: int = 0
    simulator_seconds: float = 0.0
    ratios: list[float] = field(default_factory=list)
    verbs: Counter[str] = field(default_factory=Counter)
    floorplan: dict[str, int] | None = None

    def compare(self, where: str, ours: dict[str, Any], real: dict[str, Any]) -> None:
        """Count the fields of one step and print the first that differ."""
        for name, value in real.items():
            self.fields += 1
            if ours[name] != value:
                self.differing += 1
                if self.differing <= SHOWN_DIFFERENCES:
                    print(f"DIFFERENT {where}: {name}\n  ours {ours[name]!r}\n  real {value!r}", flush=True)


class TimedGame(RealGame):
    """ALFWorld's own engine against the clock, in this process."""

    seconds = 0.0

    def act(self, command: str) -> None:
        """Execute a command."""
        began = time.perf_counter()
        super().act(command)
        self.seconds += time.perf_counter() - began


def of_simulator(simulator: Simulator, text: str) -> dict[str, Any]:
    """What the bare simulator gives, in the real engine's terms."""
    won = simulator.won
    admissible = list(simulator.admissible)
    return {"text": text, "admissible": admissible, "reward": float(won), "done": won, "won": won}


def of_env(step: tuple) -> dict[str, Any]:
    """What `env.step` gives, in the real engine's terms."""
    observation, reward, terminated, _, info = step
    success = bool(info.get("is_success"))
    admissible = info["admissible_actions"]
    return {
        "text": observation["text"],
        "admissible": admissible,
        "reward": reward,
        "done": terminated,
        "won": success,
    }


def choose(mode: str, admissible: list[str], seen: list[str], rng: random.Random) -> str:
    """A command: any ("random"), or of a verb drawn first ("curious"), now and then one that may fail."""
    if rng.random() < PROBE_SHARE:
        return probe(admissible, seen, rng)
    if mode == "random":
        return rng.choice(admissible)
    verbs = sorted({command.split(" ", 1)[0] for command in admissible})
    verb = rng.choice(verbs)
    return rng.choice([command for command in admissible if command.split(" ", 1)[0] == verb])


@dataclass
class Episode:
    """The commands of an episode and what the real engine answered."""

    commands: list[str] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)


def play_both(
    simulator: Simulator, real: TimedGame, mode: str, rng: random.Random, tally: Tally, where: str, steps: int
) -> Episode:
    """One episode in the real engine and the simulator, compared at every step; goes on after the goal."""
    episode = Episode()
    text = simulator.start()
    real.start()
    tally.compare(f"{where} reset", of_simulator(simulator, text), real.shown())
    expert = AlfworldExpert()
    instruction = simulator.game.goal.sentence
    if mode == "expert":
        expert.reset({"instruction": instruction, "text": text}, {"admissible_actions": simulator.admissible})
    seen = dict.fromkeys(simulator.admissible)
    after_goal = 0
    while len(episode.commands) < steps and after_goal < 5:
        admissible = list(simulator.admissible)
        if mode == "expert" and not simulator.won:
            info = {"admissible_actions": admissible}
            command = expert.act({"instruction": instruction, "text": text}, info)
        else:
            command = choose(mode, admissible, list(seen), rng)
        text = simulator.act(command)
        real.act(command)
        answer = real.shown()
        episode.commands.append(command)
        episode.answers.append(answer)
        step = f"{where} step {len(episode.commands)} {command!r}"
        tally.compare(step, of_simulator(simulator, text), answer)
        tally.verbs[command.split()[0] if command in admissible else "(not admissible)"] += 1
        seen.update(dict.fromkeys(simulator.admissible))
        after_goal += simulator.won
    tally.episodes += 1
    tally.won += after_goal > 0
    tally.steps += len(episode.commands)
    return episode


def play_env(env: gymnasium.Env, task_id: str, episode: Episode, tally: Tally) -> None:
    """The same commands through `env.step` against the clock, then compared with the real answers."""
    env.reset(options={"task_id": task_id})
    steps = []
    began = time.perf_counter()
    for command in episode.commands:
        step = env.step(command)
        steps.append(step)
        if step[2] or step[3]:
            break
    tally.env_seconds += time.perf_counter() - began
    tally.env_steps += len(steps)
    for number, (step, answer) in enumerate(zip(steps, episode.answers, strict=False), start=1):
        command = episode.commands[number - 1]
        tally.compare(f"{task_id} env step {number} {command!r}", of_env(step), answer)


def time_simulator(simulator: Simulator, episode: Episode, tally: Tally) -> None:
    """The same commands through the bare simulator, against the clock."""
    simulator.start()
    began = time.perf_counter()
    for command in episode.commands:
        simulator.act(command)
        _ = simulator.admissible
    tally.simulator_seconds += time.perf_counter() - began


def play_game(folder: Path, modes: Sequence[str], rng: random.Random, tally: Tally, args: Options) -> None:
    """All episodes of one written game in both engines."""
    real = TimedGame(str(folder / GAME_FILE))
    simulator = Simulator(read_game(folder), args.grammar)
    task_id = f"{folder.parent.name}/{folder.name}"
    env = gymnasium.make(
        "STEP-ALFWorld-v0", games=str(folder), grammar=args.grammar, disable_env_checker=True
    )
    steps, seconds = tally.env_steps, tally.env_seconds
    taken = tally.steps
    for mode in modes:
        episode = play_both(simulator, real, mode, rng, tally, f"{task_id} {mode}", args.steps)
        play_env(env, task_id, episode, tally)
        time_simulator(simulator, episode, tally)
    env.close()
    tally.games += 1
    tally.real_seconds += real.seconds
    ours = (tally.env_seconds - seconds) / (tally.env_steps - steps)
    tally.ratios.append(real.seconds / (tally.steps - taken) / ours)


def write(game: Game, folder: Path, args: Options) -> None:
    """Write a game, with another package version's domain and grammar where asked."""
    write_game(game, folder, folder.name)
    if args.logic:
        data = json.loads((folder / GAME_FILE).read_text())
        data["pddl_domain"] = (args.logic / "alfred.pddl").read_text()
        grammar = (args.logic / "alfred.twl2").read_text()
        data["grammar"] = grammar.replace("UNKNOWN GOAL.", game.goal.sentence)
        (folder / GAME_FILE).write_text(json.dumps(data))


def play_generated(args: Options, tally: Tally, root: Path) -> None:
    """Games over the six task types, full and small rooms, all splits; every fifth one is made odd."""
    deadline = time.monotonic() + args.seconds if args.seconds else None
    began = time.monotonic()
    for number in range(args.games):
        if deadline and time.monotonic() > deadline:
            break
        rng = random.Random(f"{args.seed}-{number}")
        task_type = TASK_TYPES[number % len(TASK_TYPES)]
        size = SIZES[(number // len(TASK_TYPES) + 1) % len(SIZES)]
        split = rng.choice(("train", "train", "valid_unseen"))
        game = generate_game(f"benchmark-{args.seed}-{number}", split, size, task_type)
        odd = number % 5 == 4
        modes: tuple[str, ...] = ("random", "expert", "curious")
        if odd:
            game, modes = odd_game(game, rng), ("random", "curious", "curious")
            tally.odd_games += 1
        folder = root / split / f"{task_type}-{size}" / f"trial_{number}"
        write(game, folder, args)
        play_game(folder, modes, rng, tally, args)
        if (number + 1) % 10 == 0:
            passed = time.monotonic() - began
            print(
                f"{number + 1} games, {tally.steps} steps, {tally.differing} differing, {passed:.0f} s",
                flush=True,
            )


def one_agent(problem: str) -> str:
    """A problem of ALFWorld's multi-agent branch as the released domain knows it: the first agent alone."""
    agents = re.findall(r"^\s*(\w+) - agent\s*$", problem, flags=re.MULTILINE)
    for other in agents[1:]:
        problem = re.sub(rf"^.*\b{other}\b.*\n", "", problem, flags=re.MULTILINE)
    return re.sub(rf"\b{agents[0]}\b", "agent1", problem)


def play_floorplan(args: Options, tally: Tally, root: Path) -> None:
    """A published trial folder, which ours reads as it is; the real engine gets the installed domain."""
    assert args.floorplan is not None
    game = read_game(args.floorplan)
    folder = root / args.floorplan.resolve().parent.name / args.floorplan.name
    write(game, folder, args)
    data = json.loads((folder / GAME_FILE).read_text())
    data["pddl_problem"] = one_agent((args.floorplan / PROBLEM_FILE).read_text())
    (folder / GAME_FILE).write_text(json.dumps(data))
    real = TimedGame(str(folder / GAME_FILE))
    simulator = Simulator(game, args.grammar)
    env = gymnasium.make(
        "STEP-ALFWorld-v0", games=str(args.floorplan), grammar=args.grammar, disable_env_checker=True
    )
    task_id = next(env.unwrapped.tasks.ids())  # type: ignore[attr-defined]
    rng = random.Random(args.seed)
    steps, differing = tally.steps, tally.differing
    for mode in ("expert", *("random", "curious") * args.floorplan_episodes):
        episode = play_both(simulator, real, mode, rng, tally, f"{folder.name} {mode}", args.steps)
        play_env(env, task_id, episode, tally)
        time_simulator(simulator, episode, tally)
    tally.games += 1
    tally.real_seconds += real.seconds
    tally.floorplan = {"steps": tally.steps - steps, "differing_fields": tally.differing - differing}


def play_alone(args: Options, tally: Tally) -> None:
    """Our own speed where the real engine is not installed: random commands in generated games."""
    env = gymnasium.make("STEP-ALFWorld-v0", disable_env_checker=True)
    rng = random.Random(args.seed)
    for number in range(args.games):
        _, info = env.reset(options={"task_id": f"train-{number}"})
        episode = Episode()
        over = False
        while not over:
            command = rng.choice(info["admissible_actions"])
            episode.commands.append(command)
            began = time.perf_counter()
            _, _, terminated, truncated, info = env.step(command)
            tally.env_seconds += time.perf_counter() - began
            over = terminated or truncated
        tally.env_steps += len(episode.commands)
        tally.steps += len(episode.commands)
        time_simulator(Simulator(game_of(f"train-{number}"), "0.4"), episode, tally)
        tally.games += 1


@dataclass
class Options:
    """The command line."""

    games: int
    seed: int
    steps: int
    seconds: float
    floorplan: Path | None
    floorplan_episodes: int
    grammar: str
    logic: Path | None


def report(tally: Tally, has_real: bool) -> dict[str, Any]:
    """The figures of the last line."""
    ours = tally.env_steps / tally.env_seconds
    keys: dict[str, Any] = {
        "games": tally.games,
        "steps": tally.steps,
        "differing_fields": tally.differing if has_real else None,
        "ours_steps_per_s": round(ours),
        "real_steps_per_s": None,
        "speed_ratio": None,
        "simulator_steps_per_s": round(tally.steps / tally.simulator_seconds),
    }
    if not has_real:
        return {**keys, "why": "the real engine is not installed: pip install step-gym[alfworld]"}
    real = tally.steps / tally.real_seconds
    quantiles = statistics.quantiles(tally.ratios, n=10) if len(tally.ratios) > 1 else tally.ratios * 9
    keys |= {
        "real_steps_per_s": round(real, 2),
        "speed_ratio": round(ours / real),
        "speed_ratio_by_game_p10_p50_p90": [round(quantiles[i]) for i in (0, 4, 8)] if quantiles else None,
        "odd_games": tally.odd_games,
        "floorplan": tally.floorplan,
        "episodes": tally.episodes,
        "episodes_won": tally.won,
        "compared_fields": tally.fields,
        "commands": dict(tally.verbs.most_common()),
    }
    return keys


def main() -> None:
    """Parse the command line, play, report."""
    parser = argparse.ArgumentParser(description="ALFWorld: our simulator against the real engine")
    parser.add_argument("--quick", action="store_true", help="a few games, within 45 s")
    parser.add_argument("--games", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--floorplan", type=Path, help="also play this published trial folder")
    parser.add_argument("--floorplan-episodes", type=int, default=6, help="random and curious episodes each")
    parser.add_argument("--grammar", default="0.4", choices=("0.4", "0.3"))
    parser.add_argument(
        "--logic", type=Path, help="folder with another package version's alfred.pddl and .twl2"
    )
    given = parser.parse_args()
    quick = given.quick
    args = Options(
        games=min(given.games, 6) if quick else given.games,
        seed=given.seed,
        steps=20 if quick else 50,
        seconds=10.0 if quick else 0.0,
        floorplan=given.floorplan,
        floorplan_episodes=1 if quick else given.floorplan_episodes,
        grammar=given.grammar,
        logic=given.logic,
    )
    tally = Tally()
    has_real = find_spec("alfworld") is not None and find_spec("textworld") is not None
    if has_real:
        with tempfile.TemporaryDirectory() as root:
            play_generated(args, tally, Path(root))
            if args.floorplan:
                play_floorplan(args, tally, Path(root))
    else:
        play_alone(args, tally)
    keys = report(tally, has_real)
    print_table(("figure", "value"), [(name, value) for name, value in keys.items() if name != "commands"])
    finish("alfworld", keys)


if __name__ == "__main__":
    main()
