"""The desktop's server: what it answers beside OSWorld's own server, its token, its bounds, its end."""

import base64
import http.client
import json
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from step_gym.envs.osworld.http_exchange import multipart
from step_gym.envs.osworld.simulator.desktop import Desktop
from step_gym.envs.osworld.simulator.http_messages import Request
from step_gym.envs.osworld.simulator.server import MAX_BODY_BYTES, DesktopServer

# Method, path, body, content type; status, content type, Allow, and the keys of the JSON or the text: answers
# of `desktop_env/server/main.py` under Flask 3 on an X display, error pages by their status alone.
REAL = json.loads((Path(__file__).parent / "server_answers.json").read_text(encoding="utf-8"))

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server():
    with DesktopServer(Desktop(1280, 720, programs=())) as server:
        yield server


def ask(port, method, path, body=b"", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status", "answered", "allow", "said"), REAL, ids=range(len(REAL))
)
def test_answers_are_those_of_osworlds_server(
    server, method, path, body, kind, status, answered, allow, said
):
    headers = {"Content-Type": kind} if kind else {}
    found, given_, data = ask(server.port, method, path, body.encode("latin-1"), headers)
    assert (found, given_["Content-Type"].partition(";")[0]) == (status, answered)
    if allow is not None:
        assert sorted(given_["Allow"].split(", ")) == allow
    if answered == "application/json" and method != "HEAD":
        value = json.loads(data)
        assert (sorted(value) if isinstance(value, dict) else type(value).__name__) == said
    elif answered == "text/html" and said:
        assert data.decode() == said


def test_only_the_token_opens_the_server():
    with DesktopServer(Desktop(640, 480, programs=()), token="sesame") as server:
        for authorization, status in (
            ("", 401),
            ("Bearer open", 401),
            ("Basic !!!", 401),
            ("Bearer ", 401),
            ("Bearer sesame", 200),
            (f"Basic {base64.b64encode(b'anyone:sesame').decode()}", 200),
        ):
            headers = {"Authorization": authorization} if authorization else {}
            found, _, body = ask(server.port, "GET", "/platform", headers=headers)
            assert (found, body == b"Linux") == (status, status == 200), authorization
        assert ask(server.port, "POST", "/execute", b'{"command": ["true"]}', JSON)[0] == 401


def test_it_listens_on_this_machine_alone(server):
    assert server._server.server_address[0] == "127.0.0.1"


def test_bodies_are_bounded_and_framed(server):
    def raw(request):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(request)
            return connection.recv(65536).partition(b"\r\n")[0]

    post = b"POST /execute HTTP/1.1\r\nHost: x\r\n"
    assert b" 413 " in raw(post + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1))
    assert b" 413 " in raw(post + b"Content-Length: 9999999999999999999999\r\n\r\n")
    assert b" 400 " in raw(post + b"Content-Length: -1\r\n\r\n")
    assert b" 411 " in raw(post + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert b" 400 " in raw(b"\x00\x01\x02\r\n\r\n")
    assert b" 501 " in raw(b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_connection_serves_several_requests_and_many_are_served_at_once(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    for _ in range(3):
        connection.request("POST", "/execute", json.dumps({"command": ["echo", "hi"]}), JSON)
        assert json.loads(connection.getresponse().read())["output"] == "hi\n"
    connection.close()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(ask(server.port, "GET", "/screenshot")[0]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 20


def test_closing_ends_open_connections_and_frees_the_port():
    server = DesktopServer(Desktop(640, 480, programs=()))
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    connection.sendall(b"GET /platform HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    server.close()
    assert connection.recv(65536) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)
    with DesktopServer(Desktop(640, 480, programs=()), server.port) as again:
        assert ask(again.port, "GET", "/platform")[0] == 200


def test_a_fault_of_a_route_is_a_500_and_no_end(server, monkeypatch, caplog):
    monkeypatch.setattr(server._desktop, "draw", lambda: 1 / 0)
    assert ask(server.port, "GET", "/screenshot")[0] == 500
    assert "ZeroDivisionError" in caplog.text
    monkeypatch.undo()
    assert ask(server.port, "GET", "/screenshot")[0] == 200


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(['a"b', "ü.txt", "x\r\ny", "", "a/b\\c"]))
def test_any_file_comes_through_a_form_unchanged(data, name):
    kind, body = multipart({"file_path": f"/tmp/{name}"}, "file_data", name, data)
    request = Request(kind, body)
    assert request.file("file_data") == data
    assert request.form("file_path") == f"/tmp/{name}"


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["multipart/form-data; boundary=a", "multipart/form-data", "", "x/y;;"]),
)
def test_any_bytes_are_a_form_without_the_field(body, kind):
    assert Request(kind, body).file("file_data") is None
