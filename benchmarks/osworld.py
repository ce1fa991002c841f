"""The simulated desktop: whether its tasks can be solved and not be guessed, and what a step costs.

`python -m benchmarks.osworld [--quick] [--upstream URL]`. Steps are those of the expert, played again, so
that no time of the expert's is in them. OSWorld's own server took 287 ms for a click and 75 ms for a
screenshot of 1920 x 1080 with four programs open, on a virtual X display of a machine with two CPU cores;
where it runs at URL both are measured anew. A step here is both, and the accessibility tree, and the pause
that costs nothing; its tasks have been played before, as most are in training, but where the first time is
said.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from typing import Any

from benchmarks.common import finish, print_table
from benchmarks.playing import Played, always, expert_agent, play, speed, task_ids
from step_gym.envs.osworld.actions import parse_action
from step_gym.envs.osworld.client import OsworldClient
from step_gym.envs.osworld.computer import run_actions
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.tasks import task_file

UPSTREAM_STEP_MS = 287.0 + 75.0
"""Of a click and a screenshot through OSWorld's server, in milliseconds; medians of 20."""

UPSTREAM_STEPS = 20

SCREENS = ("1920x1080", "1280x720")
INSTANCES, QUICK_INSTANCES = 9, 1
"""Tasks of each template and split that the agents play."""

CLICK = '{"action_type": "CLICK", "parameters": {"x": 960, "y": 540}}'
AGENTS = {name: json.dumps({"action_type": name}) for name in ("WAIT", "DONE", "FAIL")}


def is_infeasible(env: OSWorldEnv, task_id: str) -> bool:
    """Whether a task cannot be done."""
    return task_file(env.tasks.by_id(task_id))["evaluator"]["func"] == "infeasible"


def upstream_step_ms(url: str) -> list[float]:
    """Milliseconds of a click and a screenshot through a server: the quartiles."""
    client = OsworldClient(url)
    code = parse_action(CLICK, "computer_13", *client.screen_size()).code
    taken = []
    for _ in range(UPSTREAM_STEPS):
        began = time.perf_counter()
        run_actions(client, code)
        client.screenshot()
        taken.append(time.perf_counter() - began)
    return [round(quartile * 1e3, 1) for quartile in statistics.quantiles(taken, n=4, method="inclusive")]


def main() -> None:
    """Measure, print, report."""
    parser = argparse.ArgumentParser(description="the simulated desktop: solvable, and how fast")
    parser.add_argument("--quick", action="store_true", help="fewer tasks, within 45 s")
    parser.add_argument("--upstream", metavar="URL", help="of OSWorld's own server, to measure it too")
    arguments = parser.parse_args()
    quick = arguments.quick
    env = OSWorldEnv(screenshots=False)
    ids = task_ids(env, QUICK_INSTANCES if quick else INSTANCES)
    groups = {
        "feasible": [task_id for task_id in ids if not is_infeasible(env, task_id)],
        "infeasible": [task_id for task_id in ids if is_infeasible(env, task_id)],
    }
    played: dict[str, Played] = {}
    success: dict[str, dict[str, float]] = {}
    for name, own in groups.items():
        played[name] = play(env, own, expert_agent(OSWorldExpert()))
        success[name] = {"expert": played[name].solved / max(len(own), 1)}
        for action_type, action in AGENTS.items():
            success[name][action_type] = play(env, own, always(action)).solved / max(len(own), 1)
    failed = [task_id for each in played.values() for task_id in each.failed]
    some = played["feasible"].walks[: 30 if quick else 300]
    rates = {"1920x1080, text": speed(env, some)}
    env.close()
    for screen in SCREENS:
        pictures = OSWorldEnv(screen=screen)
        own = some[: 15 if quick else 100] if screen == SCREENS[0] else []
        if not own:  # coordinates are those of the screen
            own = play(pictures, [task_id for task_id, _ in some[:15]], expert_agent(OSWorldExpert())).walks
        rates[f"{screen}, screenshot"] = speed(pictures, own)
        pictures.close()
    print_table(
        ("agent", *(f"{name} ({len(own)})" for name, own in groups.items())),
        [(agent, *(f"{success[name][agent]:.2%}" for name in groups)) for agent in ("expert", *AGENTS)],
    )
    print(f"not solved by the expert: {failed or 'none'}\n")
    print_table(
        ("screen", *rates["1920x1080, text"]), [(name, *figures.values()) for name, figures in rates.items()]
    )
    first_time = played["feasible"].steps_per_s
    print(f"\ntext, tasks that were not played before: {first_time} steps/s")
    per_s = rates["1920x1080, screenshot"]["steps_per_s"]
    quartiles = upstream_step_ms(arguments.upstream) if arguments.upstream else None
    upstream_ms = quartiles[1] if quartiles else UPSTREAM_STEP_MS
    keys: dict[str, Any] = {
        "tasks": len(ids),
        "expert_success": round(1 - len(failed) / len(ids), 4),
        "idle_success": round(success["feasible"]["WAIT"], 4),
        "steps_per_s_screenshot": per_s,
        "steps_per_s_text": rates["1920x1080, text"]["steps_per_s"],
        "steps_per_s_first_time": first_time,
        "reset_ms": rates["1920x1080, text"]["reset_ms"],
        "upstream_step_ms": upstream_ms,
        "upstream_quartiles_ms": quartiles,
        "speed_ratio": round(upstream_ms * per_s / 1e3, 1),
        "failed": failed[:20],
        "success": success,
        "rates": rates,
    }
    finish("osworld", {**keys, **({"quick": True} if quick else {})})


if __name__ == "__main__":
    main()
