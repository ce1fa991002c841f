"""Portable tasks on a real desktop: left alone they score 0, with the files of a solution 1.

`python -m benchmarks.osworld_portable URL --restore COMMAND`, where OSWorld's own server (or another one with
its protocol) listens at URL, on a machine with the programs that the tasks start. Tasks write into
/home/user there. COMMAND is run by bash on that machine before each episode: it has to close all windows and
to empty the home directory but for its usual folders. Solutions are the files that the expert leaves on the
simulated desktop; they are put on the real one through the server.
"""

from __future__ import annotations

import argparse
from typing import Any, NamedTuple

from benchmarks.common import finish, print_table
from benchmarks.playing import expert_agent
from step_gym.envs.machine.files import Directory, File, FileSystem, join
from step_gym.envs.osworld.backends import Simulated
from step_gym.envs.osworld.client import OsworldClient
from step_gym.envs.osworld.env import OSWorldEnv
from step_gym.envs.osworld.expert import OSWorldExpert
from step_gym.envs.osworld.template import HOME
from step_gym.envs.osworld.templates import TEMPLATES

_OF_PROGRAMS = (f"{HOME}/.config", f"{HOME}/.cache")


class Entry(NamedTuple):
    """A file, or a folder, whose `data` is None."""

    mode: int
    data: bytes | None


def entries(files: FileSystem, path: str = HOME) -> dict[str, Entry]:
    """All files and folders below a path, but for programs' own, parents first."""
    found: dict[str, Entry] = {}
    for name in sorted(files.list(path)):
        below = join(path, name)
        node = files.node(below, follow=False)
        if isinstance(node, File):
            found[below] = Entry(node.mode & 0o777, node.data)
        elif isinstance(node, Directory) and below not in _OF_PROGRAMS:
            found |= {below: Entry(node.mode & 0o777, None), **entries(files, below)}
    return found


def solution(env: OSWorldEnv, task_id: str) -> tuple[dict[str, Entry], dict[str, Entry], str]:
    """What lies in the simulated home directory before and after, and the action that ends the episode."""
    act = expert_agent(OSWorldExpert())
    observation, info = env.reset(options={"task_id": task_id})
    assert isinstance(env._backend, Simulated)
    files = env._backend.desktop.files
    before = after = entries(files)
    steps, over, action = 0, False, ""
    while not over:
        action, after = act(observation, info, steps), entries(files)
        observation, _, terminated, truncated, info = env.step(action)
        steps, over = steps + 1, terminated or truncated
    assert info.get("is_success"), f"the expert does not solve {task_id}"
    return before, after, action


def put(machine: OsworldClient, before: dict[str, Entry], after: dict[str, Entry]) -> None:
    """Make of a machine's home directory what has become of the simulated one."""
    for path in sorted(before.keys() - after.keys(), reverse=True):
        machine.execute(["rm", "-rf", path])
    for path, entry in after.items():
        old = before.get(path)
        if entry.data is None and old is None:
            machine.execute(["mkdir", "-p", path])
        elif entry.data is not None and (old is None or old.data != entry.data):
            machine.upload(path, entry.data)
        if old is not None and old.mode != entry.mode:
            machine.execute(["chmod", f"{entry.mode:o}", path])


def main() -> None:
    """Play, print, report."""
    parser = argparse.ArgumentParser(description="portable tasks on a real desktop, left alone and solved")
    parser.add_argument("url", help="of OSWorld's server on a machine whose /home/user may be written to")
    parser.add_argument("--token", help="for a server that asks for one")
    parser.add_argument("--restore", required=True, metavar="COMMAND", help="what bash is to run in between")
    parser.add_argument("--instances", type=int, default=1, help="tasks of each template")
    parser.add_argument("--only", nargs="*", help="these templates alone")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds before a screen is read")
    arguments = parser.parse_args()
    machine = OsworldClient(arguments.url, arguments.token)
    env = OSWorldEnv(
        backend="remote",
        address=arguments.url,
        token=arguments.token,
        screenshots=False,
        pause_s=arguments.pause,
    )
    names = [t.name for t in TEMPLATES if t.portable and t.name in (arguments.only or [t.name])]
    ids = [f"{name}-{number}" for name in names for number in range(arguments.instances)]
    rows: list[tuple[Any, ...]] = []
    simulated = OSWorldEnv(screenshots=False)
    for task_id in ids:
        before, after, last = solution(simulated, task_id)
        scores, reasons = [], []
        for action, solved in (("DONE", False), (last, True)):
            machine.execute(["bash", "-c", arguments.restore])
            _, info = env.reset(options={"task_id": task_id})
            if solved:
                put(machine, before, after)
            if info["status"] == "ok":
                _, _, _, _, info = env.step(action)
            scores.append(info.get("score"))
            reasons.append(info.get("error") or "; ".join(info.get("evaluation", ())))
        rows.append((task_id, *scores, "" if scores == [0.0, 1.0] else " | ".join(reasons)))
        print(*rows[-1], flush=True)
    print()
    print_table(("task", "left alone", "solved", ""), [row for row in rows if row[3]])
    alone, done = (sum(row[column] == score for row in rows) for column, score in ((1, 0.0), (2, 1.0)))
    finish("osworld_portable", {"tasks": len(rows), "left_alone_0": alone, "solved_1": done})


if __name__ == "__main__":
    main()
