"""Playing one episode by hand or from a list of commands: what `step-gym play` does.

`play_commands` with `as_json` is a stable interface for scripts and conformance checks: one JSON object
a line,
described at `step_object`.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import gymnasium
import numpy as np
from rich.columns import Columns
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

QUIT_WORDS = ("quit", "exit", "q")
"""What ends the interactive game, unless the world itself offers it as an action."""


def plain(value: Any) -> Any:
    """NumPy scalars and arrays as plain Python values, for `json.dumps(default=plain)`.

    Raises:
        TypeError: For anything else that JSON cannot hold.
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def printable(text: str) -> str:
    """Text that cannot steer a terminal: control characters and the like become their escapes."""
    return "".join(c if c in "\n\t" or c.isprintable() or c == "\xa0" else repr(c)[1:-1] for c in text)


class Screens:
    """Saves the screenshots of an episode as `step-0000.png` and so on.

    Args:
        folder: Where they go; made if missing.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def save(self, step: int, screenshot: np.ndarray) -> str:
        """Write uint8[H, W, 3] losslessly; returns the file's name."""
        from PIL import Image

        name = f"step-{step:04d}.png"
        Image.fromarray(screenshot).save(self._folder / name)
        return name


def step_object(
    step: int,
    observation: Mapping[str, Any],
    info: Mapping[str, Any],
    outcome: tuple[str, float, bool, bool] | None = None,
    screens: Screens | None = None,
) -> dict[str, Any]:
    """One line of the JSON interface, keys in their fixed order.

    At reset `{"step": 0, "observation", "info"}`; after an action `{"step", "action", "observation",
    "reward",
    "terminated", "truncated", "info"}`. The observation holds `instruction` and `text`, and with
    `screens` the file
    name of the `screenshot`.

    Args:
        step: 0 at reset, then the number of actions taken.
        observation: As the environment gave it.
        info: As the environment gave it.
        outcome: (action, reward, terminated, truncated), or None at reset.
        screens: Where screenshots are saved; None leaves them out.
    """
    shown: dict[str, Any] = {"instruction": observation["instruction"], "text": observation["text"]}
    if screens is not None and "screenshot" in observation:
        shown["screenshot"] = screens.save(step, observation["screenshot"])
    if outcome is None:
        return {"step": step, "observation": shown, "info": dict(info)}
    action, reward, terminated, truncated = outcome
    return {
        "step": step,
        "action": str(action),
        "observation": shown,
        "reward": float(reward),
        "terminated": bool(terminated),
        "truncated": bool(truncated),
        "info": dict(info),
    }


def play_commands(
    env: gymnasium.Env[Any, str],
    commands: Iterable[str],
    out: TextIO,
    *,
    as_json: bool,
    seed: int | None = None,
    task_id: str | None = None,
    screens: Screens | None = None,
) -> dict[str, Any]:
    """Play `commands` until they or the episode end, writing what happens to `out`; returns the last info.

    Commands after the end are not drawn from the iterable. Each line is flushed, so that a script can
    answer what
    it reads.
    """

    def show(line: dict[str, Any]) -> None:
        text = json.dumps(line, default=plain, separators=(",", ":")) if as_json else _transcript(line)
        out.write(text + "\n")
        out.flush()

    observation, info = env.reset(seed=seed, options=None if task_id is None else {"task_id": task_id})
    show(step_object(0, observation, info, screens=screens))
    for step, command in enumerate(commands, start=1):
        observation, reward, terminated, truncated, info = env.step(command)
        show(step_object(step, observation, info, (command, float(reward), terminated, truncated), screens))
        if terminated or truncated:
            break
    return info


def _transcript(line: Mapping[str, Any]) -> str:
    """One step as lines for people."""
    observation, info = line["observation"], line["info"]
    if "action" not in line:
        return printable(f"{observation['instruction']}\n\n{observation['text']}")
    parts = [f"\n> {line['action']}", observation["text"]]
    if info.get("action_error"):
        parts.append(f"[{info['action_error']}]")
    if line["terminated"] or line["truncated"]:
        parts.append(f"\n[{verdict(line['step'], line['truncated'], info)}]")
    return printable("\n".join(parts))


def verdict(steps: int, truncated: bool, info: Mapping[str, Any]) -> str:
    """How an episode ended, in one line."""
    taken = f"{steps} step" + ("" if steps == 1 else "s")
    if info.get("status") == "env_error":
        return f"the environment failed after {taken}: {info.get('error', 'no reason given')}"
    if info.get("is_success"):
        return f"solved in {taken}"
    why = "the step budget ran out" if truncated else "the episode is over"
    return f"not solved: {why} after {taken}, score {info.get('score', 0.0):g}"


def play_terminal(
    env: gymnasium.Env[Any, str],
    console: Console,
    *,
    seed: int | None = None,
    task_id: str | None = None,
    screens: Screens | None = None,
) -> dict[str, Any]:
    """Play one episode at a terminal: type an action or its number, `quit` to stop; returns the last info."""
    observation, info = env.reset(seed=seed, options=None if task_id is None else {"task_id": task_id})
    title = Text(info["task_id"], "bold")
    console.print(Panel(Text(printable(observation["instruction"])), title=title, title_align="left"))
    step = 0
    while True:
        if screens is not None and "screenshot" in observation:
            screens.save(step, observation["screenshot"])
        console.print(Padding(Text(printable(observation["text"])), (1, 1)))
        actions = info.get("admissible_actions")
        if actions:
            console.print(_menu(actions))
        command = _ask(console, step, actions)
        if command is None:
            console.print("Left the game.", style="dim")
            return info
        step += 1
        observation, reward, terminated, truncated, info = env.step(command)
        console.rule(Text.assemble((f"{step}  ", "dim"), (printable(command), "bold cyan")), align="left")
        if info.get("action_error"):
            console.print(Text(printable(info["action_error"]), "yellow"))
        if terminated or truncated:
            console.print(Padding(Text(printable(observation["text"])), (1, 1)))
            message = verdict(step, truncated, info)
            style = "bold green" if info.get("is_success") else "bold red"
            console.print(Text(printable(f"{message[0].upper()}{message[1:]}."), style))
            return info


def _menu(actions: Sequence[str]) -> Columns:
    """The admissible actions, numbered from 1."""
    width = len(str(len(actions)))
    entries = [
        Text.assemble((f"{number:>{width}} ", "dim cyan"), textwrap.shorten(printable(action), 60))
        for number, action in enumerate(actions, start=1)
    ]
    return Columns(entries, padding=(0, 3), column_first=True)


def _ask(console: Console, step: int, actions: Sequence[str] | None) -> str | None:
    """Ask until there is an action; None to leave."""
    hint = f"1-{len(actions)}, text or quit" if actions else "text or quit"
    while True:
        try:
            typed = console.input(Text.assemble((f"\n[{step}] ", "dim"), (hint, "dim"), " > ")).strip()
        except EOFError:
            return None
        if typed.lower() in QUIT_WORDS and typed not in (actions or ()):
            return None
        if actions and typed.isascii() and typed.isdecimal() and typed not in actions:
            if 1 <= int(typed) <= len(actions):
                return actions[int(typed) - 1]
            console.print(Text(f"There is no action {typed}: choose 1 to {len(actions)}.", "yellow"))
        elif typed:
            return typed
