"""The client of a retrieval service, against a local server that works, fails, hangs and talks nonsense."""

from __future__ import annotations

import json
import pickle
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.hotpotqa import service
from step_gym.envs.hotpotqa.env import HotpotqaEnv
from step_gym.envs.hotpotqa.service import SearchService

DRIPPING = (200, b"a byte now and then")


class Server(ThreadingHTTPServer):
    """Answers with what `answers` holds, the last again and again: a status and a body, or None to hang."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[tuple[int, bytes] | None] = []
        self.requests: list[dict[str, Any]] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/retrieve"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append({"path": self.path, **json.loads(body)})
        answers = self.server.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            self.server.released.wait(10)
            self.close_connection = True
            return
        if answer == DRIPPING:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.close_connection = True
            while not self.server.released.wait(0.03):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
            return
        status, content = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: pytest's output stays clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(service, "_FIRST_PAUSE_S", 0.01)
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.released.set()
    running.shutdown()
    thread.join()
    running.server_close()


def found(*contents: str, scores: bool = True) -> tuple[int, bytes]:
    documents = [{"contents": text, "id": "1"} for text in contents]
    listed = [{"document": document, "score": 1.5} for document in documents] if scores else documents
    return 200, json.dumps({"result": [listed]}).encode()


def test_the_request_and_the_answer(server: Server) -> None:
    server.answers = [found('"Orlau"\nA town.\nOld.', "Vess\nA river.", "No title")]
    client = SearchService(server.url, 5)
    assert client.search("old towns", 2) == [('"Orlau"', "A town.\nOld."), ("Vess", "A river.")]
    assert server.requests == [
        {"path": "/retrieve", "queries": ["old towns"], "topk": 2, "return_scores": True}
    ]
    assert client.search("x", 3)[2] == ("No title", "")
    server.answers = [found("Vess\nA river.", scores=False)]
    assert client.search("rivers", 3) == [("Vess", "A river.")]
    client.close()
    assert client.search("rivers", 3) == [("Vess", "A river.")], "a closed client opens again"
    client.close()


def test_an_empty_query_is_not_sent_and_a_long_one_is_cut(server: Server) -> None:
    server.answers = [found()]
    client = SearchService(server.url, 5)
    assert client.search("  ", 3) == [] and server.requests == []
    assert client.search("x" * 10_000, 3) == []
    assert len(server.requests[0]["queries"][0]) == 2_000
    client.close()


def test_a_passing_failure_is_tried_again(server: Server) -> None:
    server.answers = [(500, b"oops"), (503, b""), found("Vess\nA river.")]
    client = SearchService(server.url, 5)
    assert client.search("x", 3) == [("Vess", "A river.")] and len(server.requests) == 3
    client.close()


@pytest.mark.parametrize(
    ("answer", "reason", "requests"),
    [
        ((500, b"oops"), "status 500", 3),
        ((429, b"slow down"), "status 429", 3),
        ((404, b"no such page"), "status 404", 1),
        ((422, b"{}"), "status 422", 1),
        ((200, b"<html>"), "JSONDecodeError", 1),
        ((200, b"{}"), "KeyError", 1),
        ((200, b"[]"), "TypeError", 1),
        ((200, b'{"result": []}'), "ValueError", 1),
        ((200, b'{"result": [[{"document": {}}]]}'), "KeyError", 1),
        ((200, b'{"result": [[{"document": {"contents": 5}}]]}'), "AttributeError", 1),
        ((200, b"\xff\xfe\x00"), "Error", 1),
        ((200, b"[" * 100_000), "RecursionError", 1),
        (None, "ReadTimeout", 3),
        (DRIPPING, "no whole answer within 0.1 s", 3),
    ],
)
def test_a_lasting_failure_is_a_fault_in_one_line(
    server: Server, answer: tuple[int, bytes] | None, reason: str, requests: int
) -> None:
    server.answers = [answer]
    client = SearchService(server.url, 0.1 if answer in (None, DRIPPING) else 10)
    began = time.monotonic()
    with pytest.raises(EnvironmentFault) as error:
        client.search("x", 3)
    assert reason in str(error.value) and server.url in str(error.value) and "\n" not in str(error.value)
    assert len(str(error.value)) < 500 and len(server.requests) == requests
    assert time.monotonic() - began < 9
    client.close()


def test_nobody_there() -> None:
    with pytest.raises(EnvironmentFault, match="ConnectError"):
        SearchService("http://127.0.0.1:1/retrieve", 1).search("x", 3)


def test_half_a_surrogate_pair_is_escaped(server: Server) -> None:
    server.answers = [found("Vess \ud800\nA \udfff river.")]
    client = SearchService(server.url, 5)
    ((title, text),) = client.search("x", 3)
    assert (title, text) == ("Vess \\ud800", "A \\udfff river.")
    client.close()


def test_the_environment_searches_there_and_survives_pickling(server: Server) -> None:
    server.answers = [found("Orlau\nA town.")]
    env = HotpotqaEnv(interface="search", search_url=server.url)
    env.reset(seed=0)
    observation, *_, info = env.step("<search>towns</search>")
    assert observation["text"] == "<information>Doc 1(Title: Orlau) A town.</information>"
    assert info["pages"] == ["Orlau"] and info["status"] == "ok"
    copied = pickle.loads(pickle.dumps(env))
    assert copied.step("<search>towns</search>")[0] == observation
    for made in (env, copied):
        made.close()
        made.close()


def test_a_dead_service_ends_the_episode_as_an_environment_error(server: Server) -> None:
    server.answers = [None]
    env = HotpotqaEnv(interface="search", search_url=server.url, search_timeout=0.1)
    env.reset(seed=0)
    _, reward, terminated, truncated, info = env.step("<search>towns</search>")
    assert (reward, terminated, truncated, info["status"]) == (0.0, False, True, "env_error")
    assert "ReadTimeout" in info["error"] and "is_success" not in info
    server.answers = [found("Orlau\nA town.")]
    env.reset(seed=0)
    assert env.step("<search>towns</search>")[4]["status"] == "ok"
    env.close()
