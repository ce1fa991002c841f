"""The client at servers that hang, break off, or say what the protocol does not allow."""

import contextlib
import json
import logging
import socket
import struct
import threading
import time

import numpy as np
import pytest

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.osworld.client import OsworldClient, Timeouts
from step_gym.envs.osworld.computer import Call, CommandResult, Refused, run_actions
from step_gym.envs.osworld.http_exchange import Address
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.local import LocalComputer
from step_gym.envs.osworld.simulator.server import DesktopServer

LIMIT_S = 0.6
SHORT = Timeouts(read_s=LIMIT_S, command_s=LIMIT_S, transfer_s=LIMIT_S, open_s=LIMIT_S)
HTML = "<!doctype html><title>500</title><p>oh"


class Scripted:
    """A server that does with each connection what it is told, and keeps the requests."""

    def __init__(self, behave):
        self.requests = []
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.client = OsworldClient(f"http://127.0.0.1:{self._socket.getsockname()[1]}", "sesame", SHORT)
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            head, _, body = request.partition(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:")), 0
            )
            while len(body) < length:
                body += connection.recv(65536)
            self.requests.append((head, body))
            with contextlib.suppress(OSError):
                self._behave(connection, len(self.requests))


def answer(body, status=200, kind="application/json"):
    data = body if isinstance(body, bytes) else body.encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
    return lambda connection, number: connection.sendall(head.encode() + data)


def hang(connection, number):
    time.sleep(5)


def reset(connection, number):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(head):
    def behave(connection, number):
        connection.sendall(head)
        for _ in range(100):
            connection.sendall(b"x")
            time.sleep(0.05)

    return behave


FAULTY = {
    "hangs": hang,
    "resets": reset,
    "closes": lambda connection, number: None,
    "drips its head": drip(b"HTTP/1.1 200 OK\r\nX-"),
    "drips its body": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
    "breaks off": lambda connection, number: connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"
    ),
    "speaks no HTTP": lambda connection, number: connection.sendall(b"SSH-2.0-x\r\n\r\n"),
    "answers 500 in HTML": answer(HTML, 500, "text/html"),
    "answers 502": answer(HTML, 502, "text/html"),
    "answers 401": answer(HTML, 401, "text/html"),
    "answers 200 in HTML": answer(HTML, 200, "text/html"),
    "answers no object": answer("[]"),
    "answers an empty object": answer("{}"),
    "answers deep JSON": answer("[" * 100_000),
    "answers nothing": answer(""),
    "answers bytes": answer(b"\xff\x00\xfe"),
}
READS = ["screenshot", "accessibility", "terminal", "screen_size", "cursor_position", "desktop_path"]


@pytest.mark.parametrize("kind", FAULTY)
def test_a_faulty_server_is_a_fault_in_time(kind):
    with Scripted(FAULTY[kind]) as server:
        for call in (server.client.screenshot, lambda: server.client.execute(["true"])):
            begin = time.monotonic()
            with pytest.raises(EnvironmentFault) as fault:
                call()
            assert time.monotonic() - begin < LIMIT_S + 2  # far from the 5 s of the one that hangs
            assert "\n" not in str(fault.value) and str(server.client.address) in str(fault.value)


@pytest.mark.parametrize("kind", FAULTY)
def test_what_changes_something_is_sent_exactly_once(kind):
    with Scripted(FAULTY[kind]) as server:
        client = server.client
        calls = [
            lambda: run_actions(client, "pyautogui.click(1, 2)"),
            lambda: client.launch(["gedit"]),
            lambda: client.upload("/tmp/a", b"x"),
            lambda: client.close_window("a"),
            lambda: client.run_bash_script("rm a", timeout=0.1 - LIMIT_S),
        ]
        for call in calls:
            with contextlib.suppress(EnvironmentFault, Refused):
                call()
        assert len(server.requests) == len(calls)
        assert all(b"Authorization: Bearer sesame" in head for head, _ in server.requests)


def test_only_what_looks_is_asked_again():
    size = answer('{"width": 8, "height": 6}')

    def third_time(connection, number):
        (size if number == 3 else reset)(connection, number)

    with Scripted(third_time) as server:
        assert server.client.screen_size() == (8, 6)
        assert len(server.requests) == 3
    with Scripted(answer('{"error": "no"}', 503)) as server:
        with pytest.raises(EnvironmentFault, match="status 503: no"):
            server.client.screen_size()
        assert len(server.requests) == 3


def test_a_missing_file_is_none_at_the_first_answer():
    with Scripted(answer('{"error": "File not found"}', 404)) as server:
        assert server.client.file("/none") is None
        assert server.client.wallpaper() is None
        assert server.client.directory_tree("/none") is None
        assert server.client.window_size("none") is None
        assert len(server.requests) == 4


def test_a_refusal_is_the_servers_own_words():
    for status, body, said in (
        (500, '{"status": "error", "message": "[Errno 2] no\\nsuch"}', "[Errno 2] no such"),
        (400, "window_name required", "window_name required"),
        (404, '{"error": "gone"}', "gone"),
    ):
        with Scripted(answer(body, status)) as server, pytest.raises(Refused) as refusal:
            server.client.activate_window("x")
        assert str(refusal.value) == said
    with Scripted(answer("x")) as server:
        with pytest.raises(Refused, match="No closing quotation"):
            server.client.execute("echo 'a")
        assert server.requests == []


def test_a_picture_is_checked():
    for body in (b"\x89PNG\r\n\x1a\nrubbish", b"", b"GIF89a", HTML.encode()):
        with (
            Scripted(answer(body, 200, "image/png")) as server,
            pytest.raises(EnvironmentFault, match="no picture"),
        ):
            server.client.screenshot()


def test_nobody_listening_is_named_at_once():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EnvironmentFault, match=f"127.0.0.1:{port}.*is the server running there"):
        OsworldClient(f"http://127.0.0.1:{port}", timeouts=SHORT).platform()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:5000", "https://a", "http://", "http://a:x", "http://a/b", "http://u@a"]
)
def test_an_address_of_another_form_is_refused(url):
    with pytest.raises(ValueError, match="must be an address such as"):
        OsworldClient(url)


def test_addresses_are_read_and_shown():
    assert str(Address.parse("http://[::1]:5000/")) == "http://[::1]:5000"
    assert Address.parse("http://host") == Address("host", 80)


def test_every_request_is_timed_in_the_log(caplog):
    with Scripted(answer("Linux")) as server, caplog.at_level(logging.DEBUG, "step_gym"):
        assert server.client.platform() == "Linux"
    assert "/platform: status 200, 5 bytes" in caplog.text and " ms" in caplog.text


def test_client_and_computer_in_process_are_alike():
    """Each call on two desktops that are the same, one of them over HTTP."""
    calls = [
        lambda computer: computer.screen_size(),
        lambda computer: computer.execute(["echo", "é", "~/a"]),
        lambda computer: computer.execute("ls -la; nope; exit 3", shell=True),
        lambda computer: computer.execute(["nope"]),
        lambda computer: computer.execute([]),
        lambda computer: computer.execute("echo '"),
        lambda computer: computer.run_python("print(1)\n1 / 0"),
        lambda computer: computer.run_python(""),
        lambda computer: computer.run_bash_script("cd Desktop; pwd; nope"),
        lambda computer: computer.run_bash_script("pwd", working_dir="/nope"),
        lambda computer: computer.upload('~/a b/ü".txt', b"\x00\r\n--x"),
        lambda computer: computer.file('$HOME/a b/ü".txt'),
        lambda computer: computer.file("/tmp"),
        lambda computer: computer.file("/none"),
        lambda computer: computer.directory_tree("/home/user"),
        lambda computer: computer.directory_tree("/none"),
        lambda computer: computer.launch(["nope"]),
        lambda computer: computer.open_file("/none"),
        lambda computer: computer.change_wallpaper("/none"),
        lambda computer: computer.activate_window("none"),
        lambda computer: computer.close_window("none"),
        lambda computer: run_actions(computer, "pyautogui.moveTo(30, 40)"),
        lambda computer: run_actions(computer, "\nwhile True: pass"),
        lambda computer: computer.perform([Call("moveTo", named={"x": 50, "y": 60}), Call("click")]),
        lambda computer: computer.perform([Call("press", ("<" * 2_000,))]),
        lambda computer: computer.perform([Call("typewrite", ("a" * 60_000,))]),
        lambda computer: computer.cursor_position(),
        lambda computer: computer.window_size("none"),
        lambda computer: computer.wallpaper(),
        lambda computer: computer.terminal(),
        lambda computer: computer.platform(),
        lambda computer: computer.desktop_path(),
        lambda computer: computer.accessibility(),
    ]

    def outcome(call, computer):
        try:
            return call(computer)
        except Refused as refusal:
            return f"refused: {refusal}"

    local = LocalComputer(Desktop(1280, 720, programs=()))
    with DesktopServer(Desktop(1280, 720, programs=())) as server:
        client = OsworldClient(server.url)
        for number, call in enumerate(calls):
            assert outcome(call, client) == outcome(call, local), number
        assert np.array_equal(client.screenshot(), local.screenshot())
        assert isinstance(client.execute(["true"]), CommandResult)


def test_json_from_the_server_that_cannot_be_stored_is_escaped():
    with Scripted(answer(json.dumps({"AT": "a\ud800"}))) as server:
        assert server.client.accessibility() == "a\\ud800"
