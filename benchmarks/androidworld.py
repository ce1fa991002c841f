"""The simulated phone: whether its tasks can be solved and not be guessed, what a step costs, and where.

`python -m benchmarks.androidworld [--quick]`. The floor of a step is what adbutils needs for the same
requests against a server that replies at once with as many bytes: what no phone could be faster than. Steps
are those of the expert, played again, so that no time of the expert's is in them.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from adbutils import AdbClient, AdbDevice

from benchmarks.common import finish, print_table
from benchmarks.playing import ROUNDS, Walk, always, expert_agent, play, speed, task_ids
from step_gym.envs.androidworld import backends
from step_gym.envs.androidworld.env import AndroidWorldEnv
from step_gym.envs.androidworld.expert import AndroidWorldExpert
from step_gym.envs.androidworld.transport import BoundedClient

PROFILES = ("360x800", "1080x2400")
INSTANCES, QUICK_INSTANCES = 9, 1
"""Tasks of each family and split that the agents play."""

WAIT = '{"action_type": "wait"}'
COMPLETE = '{"action_type": "status", "goal_status": "complete"}'


# -- the floor -----------------------------------------------------------------------------------------------


class CannedServer:
    """An ADB server that answers the n-th shell with as many bytes as the n-th of a list of answers had.

    Args:
        sizes: Bytes of output of each answer.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = iter(sizes)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(ConnectionError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = _request(connection)
        if "features" in request:
            connection.sendall(b"OKAY0008shell_v2")
            return
        connection.sendall(b"OKAY")
        assert _request(connection).startswith("shell,v2:")
        size = next(self._sizes)
        output = struct.pack("<BI", 1, size) + b"x" * size if size else b""
        connection.sendall(b"OKAY" + output + struct.pack("<BIB", 3, 1, 0))
        connection.recv(1)  # until the client closes, as a daemon does


def _request(connection: socket.socket) -> str:
    length = int(connection.recv(4, socket.MSG_WAITALL), 16)
    return connection.recv(length, socket.MSG_WAITALL).decode()


def floor_ms(client: Callable[[int], AdbClient], requests: Sequence[tuple[str, int]], steps: int) -> float:
    """Milliseconds a step that adbutils needs for the requests of some steps, answered at once."""
    server = CannedServer([size for _, size in requests])
    device = AdbDevice(client(server.port), "canned", 1)
    began = time.perf_counter()
    for command, _ in requests:
        device.shell2(command, timeout=30, encoding=None, v2=True)
    seconds = time.perf_counter() - began
    server.close()
    return seconds / steps * 1e3


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[str, int]]]:
    """Every shell request that is made meanwhile, with the bytes of its answer."""
    requests: list[tuple[str, int]] = []
    shell2 = AdbDevice.shell2

    def record(device: AdbDevice, command: str, *arguments: Any, **options: Any) -> Any:
        result = shell2(device, command, *arguments, **options)
        requests.append((command, len(result.output)))
        return result

    AdbDevice.shell2 = record  # type: ignore[method-assign]
    try:
        yield requests
    finally:
        AdbDevice.shell2 = shell2  # type: ignore[method-assign]


def over_sockets(walks: Sequence[Walk], client: Callable[[int], AdbClient]) -> dict[str, float]:
    """Steps of a phone behind the socket server, beside their floor with the same client."""
    bounded = backends.BoundedClient
    backends.BoundedClient = lambda host, port, deadline_s: client(port)  # type: ignore[assignment]
    try:
        env = AndroidWorldEnv(profile=PROFILES[0], screenshots=False, transport="socket")
    finally:
        backends.BoundedClient = bounded
    result = speed(env, walks)
    requests: list[tuple[str, int]] = []
    for task_id, actions in walks:
        env.reset(options={"task_id": task_id})
        with recorded() as of_walk:
            for action in actions:
                env.step(action)
        requests += of_walk
    env.close()
    floor = min(floor_ms(client, requests, int(result["steps"])) for _ in range(ROUNDS))
    return {
        "steps_per_s": result["steps_per_s"],
        "step_ms": result["step_ms"],
        "floor_ms": round(floor, 3),
        "ratio_to_floor": round(result["step_ms"] / floor, 3),
        "requests_per_step": round(len(requests) / result["steps"], 2),
    }


def main() -> None:
    """Measure, print, report."""
    parser = argparse.ArgumentParser(description="the simulated phone: solvable, and how fast")
    parser.add_argument("--quick", action="store_true", help="fewer tasks, within 45 s")
    quick = parser.parse_args().quick
    success: dict[str, Any] = {}
    rates: dict[str, dict[str, float]] = {}
    all_walks: dict[str, list[Walk]] = {}
    tasks = 0
    for profile in PROFILES:
        env = AndroidWorldEnv(profile=profile, screenshots=False)
        ids = task_ids(env, QUICK_INSTANCES if quick else INSTANCES)
        tasks = len(ids)
        played = play(env, ids, expert_agent(AndroidWorldExpert()))
        all_walks[profile] = played.walks
        success[profile] = {"expert": round(played.solved / tasks, 4), "failed": played.failed[:20]}
        for name, agent in (("idle", always(WAIT)), ("declaring", always(COMPLETE))):
            success[profile][name] = round(play(env, ids, agent).solved / tasks, 4)
        some = all_walks[profile][: 40 if quick else 150]
        rates[profile] = speed(env, some)
        env.close()
        pictures = AndroidWorldEnv(profile=profile, screenshots=True)
        rates[f"{profile}, pictures"] = speed(pictures, some[: 10 if quick else 40])
        pictures.close()
    walks = all_walks[PROFILES[0]][: 10 if quick else 60]
    sockets = {
        "adbutils as it is": over_sockets(walks, lambda port: AdbClient("127.0.0.1", port)),
        "without its pause": over_sockets(walks, lambda port: BoundedClient("127.0.0.1", port, 30.0)),
    }
    print_table(
        ("agent", *PROFILES),
        [(name, *(f"{success[p][name]:.2%}" for p in PROFILES)) for name in ("expert", "idle", "declaring")],
    )
    print(f"of {tasks} tasks; not solved by the expert: {[success[p]['failed'] for p in PROFILES]}\n")
    print_table(
        ("in process", *rates[PROFILES[0]]),
        [(name, *figures.values()) for name, figures in rates.items()],
    )
    print()
    print_table(
        ("over sockets", *sockets["adbutils as it is"]),
        [(name, *figures.values()) for name, figures in sockets.items()],
    )
    stock = sockets["adbutils as it is"]
    keys: dict[str, Any] = {
        "tasks": tasks,
        "expert_success": min(success[p]["expert"] for p in PROFILES),
        "idle_success": max(success[p]["idle"] for p in PROFILES),
        "declaring_success": max(success[p]["declaring"] for p in PROFILES),
        "step_ms": stock["step_ms"],
        "floor_ms": stock["floor_ms"],
        "ratio_to_floor": stock["ratio_to_floor"],
        "in_process_steps_per_s": rates[PROFILES[0]]["steps_per_s"],
        "in_process": rates,
        "over_sockets": sockets,
    }
    finish("androidworld", {**keys, **({"quick": True} if quick else {})})


if __name__ == "__main__":
    main()
