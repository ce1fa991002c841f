"""HotpotQA: speed, and whether questions take their hops: an expert, an agent of one hop, and guesses.

`python -m benchmarks.hotpotqa [--quick]`. The agent of one hop makes one search (in ReAct's interface it
opens a page that the question names, in the other it asks the whole question), knows every wording, and
answers from what it then sees. The guesser sees the question alone and the answers of all training questions.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

import gymnasium

from benchmarks.common import finish, print_table
from step_gym.envs.hotpotqa.expert import HotpotqaExpert, Plan, parse, read_fact
from step_gym.envs.hotpotqa.questions import questions

INTERFACES = ("react", "search")
COUNTS = {"train": 2000, "validation": 500, "test": 500}
QUICK_COUNTS = {"train": 200, "validation": 100, "test": 100}
"""Questions of each split that expert and one-hop agent play."""

CONSTRUCT = """
import resource, sys, time
began = time.perf_counter()
import gymnasium, step_gym
env = gymnasium.make("STEP-HotpotQA-v0", interface=sys.argv[1])
env.unwrapped._corpus.index()
env.reset(options={"task_id": "train-0"})
seconds = time.perf_counter() - began
resident = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
print(seconds, time.process_time(), resident / 2**20)
"""


def make(interface: str) -> gymnasium.Env[Any, Any]:
    """The environment without Gymnasium's checkers."""
    return gymnasium.make("STEP-HotpotQA-v0", interface=interface, disable_env_checker=True).unwrapped


def construct(interface: str) -> tuple[float, ...]:
    """Seconds to a new process's first reset, index included: wall, CPU; its memory in MB."""
    command = [sys.executable, "-c", CONSTRUCT, interface]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(map(float, printed.split()))


def play(interface: str, ids: list[str], solver: Callable[[Any, dict[str, Any], list[str]], str]) -> Counter:
    """How many of the tasks a solver wins, by type; it gets what an expert gets and the texts so far."""
    env, won = make(interface), Counter()
    for task_id in ids:
        observation, info = env.reset(options={"task_id": task_id})
        texts, over = [observation["text"]], False
        while not over:
            action = solver(observation, info, texts)
            observation, _, terminated, truncated, info = env.step(action)
            texts.append(observation["text"])
            over = terminated or truncated
        kind = env.tasks.by_id(task_id).params["type"]  # type: ignore[attr-defined]
        won[kind, "won"] += info["is_success"]
        won[kind, "played"] += 1
    return won


def expert_solver() -> Callable[[Any, dict[str, Any], list[str]], str]:
    """The world's expert."""
    expert = HotpotqaExpert()

    def act(observation: Any, info: dict[str, Any], texts: list[str]) -> str:
        if len(texts) == 1:
            expert.reset(observation, info)
        return expert.act(observation, info)

    return act


def one_hop_solver(interface: str, rng: random.Random) -> Callable[[Any, dict[str, Any], list[str]], str]:
    """One search, then the best answer that it allows."""

    def act(observation: Any, info: dict[str, Any], texts: list[str]) -> str:
        question = observation["instruction"]
        plan = parse(question)
        if len(texts) == 1:
            name = (plan.named or plan.start).name
            return f"search[{name}]" if interface == "react" else f"<search>{question}</search>"
        answer = guess_from(plan, texts[-1], rng)
        return f"finish[{answer}]" if interface == "react" else f"<answer>{answer}</answer>"

    return act


def guess_from(plan: Plan, text: str, rng: random.Random) -> str:
    """What one page or one list of passages suggests: the asked fact, of whomever it is told."""
    value = read_fact(plan.fact, text.removesuffix("</information>"))
    if plan.comparison is None or plan.named is None:
        return value or "unknown"
    if plan.comparison.choice == "same":
        return rng.choice(("yes", "no"))
    # The described subject's name, if a passage gives it; then one of the two.
    other = read_fact(plan.way.name, text.removesuffix("</information>"))
    return rng.choice((plan.named.name, other or plan.named.name))


def closed_book(ids: list[str]) -> float:
    """Share answered by the commonest training answer to questions of the same wording."""
    answers: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for question in questions()["train"]:
        answers[wording(question.text)][question.answer] += 1
    won = 0
    for task_id in ids:
        split, _, number = task_id.rpartition("-")
        question = questions()[split][int(number)]
        seen = answers[wording(question.text)]
        named = parse(question.text).named
        guess = named.name if named and question.answer not in ("yes", "no") else None
        won += question.answer == (guess or (seen.most_common(1)[0][0] if seen else ""))
    return won / len(ids)


def wording(question: str) -> tuple[str, str]:
    """What is asked, without of whom."""
    plan = parse(question)
    return plan.fact, plan.comparison.choice if plan.comparison else ""


def speed(interface: str, episodes: int, rng: random.Random) -> tuple[int, float, float, float]:
    """Random candidates: steps, steps a second in `env.step` by wall and by CPU, median reset in ms."""
    env = make(interface)
    env._corpus.index()  # type: ignore[attr-defined]
    steps, seconds, cpu, resets = 0, 0.0, 0.0, []
    for number in range(episodes):
        began = time.perf_counter()
        observation, info = env.reset(options={"task_id": f"train-{number % 8000}"})
        resets.append(time.perf_counter() - began)
        over = False
        while not over:
            action = rng.choice(list(env.candidate_actions(observation, info)))  # type: ignore[attr-defined]
            began, cpu_began = time.perf_counter(), time.process_time()
            observation, _, terminated, truncated, info = env.step(action)
            seconds += time.perf_counter() - began
            cpu += time.process_time() - cpu_began
            steps += 1
            over = terminated or truncated
    return steps, steps / seconds, steps / cpu, median(resets) * 1000


def rate(won: Counter, kind: str = "") -> float:
    """Share won, of one type or of all."""
    kinds = [kind] if kind else ["bridge", "comparison"]
    return sum(won[k, "won"] for k in kinds) / max(1, sum(won[k, "played"] for k in kinds))


def main() -> None:
    """Measure, print, report."""
    parser = argparse.ArgumentParser(description="HotpotQA: speed, and whether questions take their hops")
    parser.add_argument("--quick", action="store_true", help="fewer episodes, within 45 s")
    quick = parser.parse_args().quick
    rng = random.Random(0)
    splits = QUICK_COUNTS if quick else COUNTS
    ids = [f"{split}-{number}" for split, count in splits.items() for number in range(count)]
    keys: dict[str, Any] = {"tasks": len(ids), "closed_book_success": round(closed_book(ids), 4)}
    for interface in INTERFACES:
        seconds, cpu, megabytes = construct(interface)
        steps, per_second, per_cpu_second, reset_ms = speed(interface, 300 if quick else 5000, rng)
        expert = play(interface, ids, expert_solver())
        one_hop = play(interface, ids, one_hop_solver(interface, rng))
        keys[interface] = {
            "steps": steps,
            "ours_steps_per_s": round(per_second),
            "ours_steps_per_cpu_s": round(per_cpu_second),
            "reset_ms": round(reset_ms, 3),
            "construct_s": round(seconds, 2),
            "construct_cpu_s": round(cpu, 2),
            "process_mb": round(megabytes),
            "expert_success": round(rate(expert), 4),
            "one_hop_success": round(rate(one_hop), 4),
            "one_hop_bridge": round(rate(one_hop, "bridge"), 4),
            "one_hop_comparison": round(rate(one_hop, "comparison"), 4),
        }
    names = list(keys["react"])
    print_table(("figure", *INTERFACES), [(name, *(keys[i][name] for i in INTERFACES)) for name in names])
    print(f"closed-book guesses: {keys['closed_book_success']:.2%} of {len(ids)} questions")
    react = keys["react"]
    finish(
        "hotpotqa", {**{name: react[name] for name in names}, **keys, **({"quick": True} if quick else {})}
    )


if __name__ == "__main__":
    main()
