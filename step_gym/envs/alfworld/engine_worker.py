"""ALFWorld's own text engine, and the process that plays it for `engine`.

Run as a script it answers requests on the connection whose file descriptor is its only argument. It stands
alone (no import of step_gym), so that it runs wherever the engine's packages are installed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

CHANGING = frozenset(
    ("atlocation", "holds", "opened", "inreceptacle", "objectatlocation")
    + ("ishot", "iscool", "isclean", "istoggled", "issliced")
)
"""Predicates of ALFWorld's PDDL domain that commands change, as Fast Downward spells them."""


class RealGame:
    """One game in the engine, built as ALFWorld's `AlfredTWEnv` builds it, without shuffling and expert.

    Args:
        source: A `game.tw-pddl` file, or what one contains.
    """

    def __init__(self, source: str | Mapping[str, Any]) -> None:
        import textworld
        from alfworld.agents.environment.alfred_tw_env import AlfredDemangler, AlfredInfos
        from textworld.envs import PddlEnv

        infos = textworld.EnvInfos(won=True, admissible_commands=True, extras=["gamefile"])
        self.env = AlfredInfos(AlfredDemangler(PddlEnv(infos), shuffle=False))
        self.load(source)

    def load(self, source: str | Mapping[str, Any]) -> None:
        """Take another game; a new engine for each would keep a copy of the planner's library in memory."""
        self.source = source
        self.env.load(source)

    def start(self) -> None:
        """Go to the beginning."""
        self.state, self.reward, self.done = self.env.reset(), 0.0, False

    def act(self, command: str) -> None:
        """Execute a command."""
        self.state, self.reward, self.done = self.env.step(command)

    def shown(self) -> dict[str, Any]:
        """What the engine shows now: text, admissible commands, reward, done, won."""
        return {
            "text": self.state.feedback,
            "admissible": list(self.state.admissible_commands),
            "reward": float(self.reward),
            "done": bool(self.done),
            "won": bool(self.state.won),
        }

    def facts(self) -> list[list[str]]:
        """Predicate and arguments of every fact that commands can change."""
        return [
            [fact.name, *(argument.name for argument in fact.arguments)]
            for fact in self.state["_facts"]
            if fact.name in CHANGING
        ]


def serve(connection: Connection) -> None:
    """Answer `{"game": path or contents}` and `{"command": text}` until the other end closes."""
    game = None
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        try:
            if "game" in request:
                if game is None:
                    game = RealGame(request["game"])
                elif game.source != request["game"]:
                    game.load(request["game"])
                game.start()
            else:
                assert game is not None, "a command before a game"
                game.act(request["command"])
            answer = {**game.shown(), "facts": game.facts()}
        except Exception as error:  # whatever it is, the other end decides what it means
            answer = {"error": f"{type(error).__name__}: {error}"}
        connection.send_bytes(json.dumps(answer).encode())


if __name__ == "__main__":
    # The planner prints on standard output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    serve(Connection(int(sys.argv[1])))
