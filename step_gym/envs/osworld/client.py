"""A computer behind OSWorld's server protocol: any machine, container or simulator that speaks it.

OSWorld's own controller sends everything three times, clicks too, and waits five seconds between; some of its
calls wait for ever. Here every call has an end, and only what changes nothing is asked again.
"""

from __future__ import annotations

import io
import json
import logging
import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from step_gym.envs.core import EnvironmentFault
from step_gym.envs.osworld.computer import Call, CommandResult, Refused, run_actions
from step_gym.envs.osworld.elements import Runs, split_tree
from step_gym.envs.osworld.http_exchange import Address, Answer, ExchangeFailure, exchange, multipart

_LOG = logging.getLogger(__name__)
_READ_TRIES = 3
_FIRST_PAUSE_S = 0.1
_MAX_MESSAGE_CHARS = 300
_JSON_TYPE = "application/json"
_FORM_TYPE = "application/x-www-form-urlencoded"
_OTHER_FORM = (ValueError, KeyError, TypeError, RecursionError)  # what reading an unexpected answer raises


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Longest times, in seconds, from the first byte sent to the last byte received, tries included.

    Attributes:
        read_s: Of what only looks: pictures, trees, sizes.
        command_s: Of commands, which OSWorld's server itself ends after 120 s, and of what starts programs.
        transfer_s: Of files, either way.
        open_s: Of opening a file, for which the server waits until there is a window.
    """

    read_s: float = 60.0
    command_s: float = 130.0
    transfer_s: float = 600.0
    open_s: float = 130.0


class OsworldClient:
    """One computer at an address; see `Computer` for its operations.

    A connection lasts for one request: a kept one may be closed by the server just when a click is sent, and
    nobody could tell whether it was seen.

    Args:
        base_url: Such as "http://127.0.0.1:5000".
        token: Sent as a bearer token, for servers that ask for one; None for none.
        timeouts: Bounds on time.

    Raises:
        ValueError: For an address of another form.
    """

    def __init__(self, base_url: str, token: str | None = None, timeouts: Timeouts | None = None) -> None:
        self.address = Address.parse(base_url)
        self.timeouts = timeouts or Timeouts()
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    # Looking

    def screenshot(self) -> np.ndarray:
        """The screen with the pointer painted in, `uint8[height, width, 3]`."""
        return self._read("GET", "/screenshot", _pixels)

    def accessibility(self) -> str:
        """The tree of all applications, as XML."""
        return self._read("GET", "/accessibility", lambda answer: _text_of(_object(answer)["AT"]))

    def accessibility_runs(self) -> Runs:
        """The same in runs of parts."""
        return split_tree(self.accessibility())

    def terminal(self) -> str | None:
        """Text of the terminal that has the focus; None where none has it."""

        def output(answer: Answer) -> str | None:
            found = _object(answer)["output"]
            return None if found is None else _text_of(found)

        return self._read("GET", "/terminal", output)

    def screen_size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._read("POST", "/screen_size", _size)

    def window_size(self, window_class: str) -> tuple[int, int] | None:
        """Width and height of the first window of a class, None without such a window.

        Servers differ where there is none: some say 404, some fail with 500, which is taken for it.
        """
        form = {"app_class_name": window_class}
        return self._read("POST", "/window_size", _size, form=form, is_missing=_is_404_or_500)

    def cursor_position(self) -> tuple[int, int]:
        """Where the pointer is: x, y in pixels."""

        def position(answer: Answer) -> tuple[int, int]:
            x, y = json.loads(answer.body)
            return int(x), int(y)

        return self._read("GET", "/cursor_position", position)

    def platform(self) -> str:
        """The operating system: "Linux", "Windows" or "Darwin"."""
        return self._read("GET", "/platform", lambda answer: answer.text.strip())

    def desktop_path(self) -> str:
        """The directory whose files lie on the desktop."""
        return self._read("POST", "/desktop_path", lambda answer: _text_of(_object(answer)["desktop_path"]))

    def wallpaper(self) -> bytes | None:
        """The image file of the wallpaper, None where there is none."""
        return self._read("POST", "/wallpaper", lambda answer: answer.body, is_missing=_is_404_or_500)

    def directory_tree(self, path: str) -> Mapping[str, Any] | None:
        """Files below a directory, None where no directory is."""
        return self._read(
            "POST",
            "/list_directory",
            lambda answer: _object(_object(answer), "directory_tree"),
            json_body={"path": path},
            is_missing=lambda answer: answer.status in (400, 404),
        )

    def file(self, path: str) -> bytes | None:
        """A file's content; None where there is no file, or one that cannot be read, as a directory."""
        return self._read(
            "POST",
            "/file",
            lambda answer: answer.body,
            form={"file_path": path},
            is_missing=lambda answer: answer.status == 404 or (answer.status == 500 and not answer.is_html),
            timeout_s=self.timeouts.transfer_s,
        )

    # Changing

    def execute(self, command: str | Sequence[str], shell: bool = False) -> CommandResult:
        """Run a command to its end. Raises `Refused` where the server could not run it, or ended it."""
        body = {"command": _command(command, shell), "shell": shell}
        return self._result(self._send("/execute", self.timeouts.command_s, json_body=body))

    def perform(self, calls: Sequence[Call]) -> CommandResult:
        """Call functions of pyautogui; see `Computer.perform`."""
        return run_actions(self, "\n".join(map(str, calls)))

    def run_python(self, code: str) -> CommandResult:
        """Run a Python script. Raises `Refused` where the server could not run it, or ended it."""
        return self._result(self._send("/run_python", self.timeouts.command_s, json_body={"code": code}))

    def run_bash_script(
        self, script: str, timeout: float = 100, working_dir: str | None = None
    ) -> CommandResult:
        """Run a Bash script. Raises `Refused` where the server could not run it, or ended it."""
        body: dict[str, Any] = {"script": script, "timeout": timeout}
        if working_dir is not None:
            body["working_dir"] = working_dir
        try:
            return self._result(
                self._send("/run_bash_script", timeout + self.timeouts.read_s, json_body=body)
            )
        except Refused as refusal:
            if "_append_event" not in str(refusal):
                raise
            # A name that is missing in some versions of the server, after the script has run.
            raise Refused(
                "the server ran the script but failed to say what it wrote, as some versions of it do; "
                "use execute(['bash', '-c', script])"
            ) from None

    def launch(self, command: str | Sequence[str], shell: bool = False) -> None:
        """Start a program and leave it running."""
        body = {"command": _command(command, shell), "shell": shell}
        self._send("/setup/launch", self.timeouts.command_s, json_body=body)

    def upload(self, path: str, data: bytes) -> None:
        """Write a file, with the directories above it."""
        content_type, body = multipart({"file_path": path}, "file_data", path.rpartition("/")[2], data)
        self._send("/setup/upload", self.timeouts.transfer_s, body=body, content_type=content_type)

    def open_file(self, path: str) -> None:
        """Open a file with the program for its kind, or a program by its name, and wait for its window."""
        self._send("/setup/open_file", self.timeouts.open_s, json_body={"path": path})

    def activate_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Bring a window to the front."""
        body = {"window_name": name, "strict": strict, "by_class": by_class}
        self._send("/setup/activate_window", self.timeouts.command_s, json_body=body)

    def close_window(self, name: str, strict: bool = False, by_class: bool = False) -> None:
        """Close a window."""
        body = {"window_name": name, "strict": strict, "by_class": by_class}
        self._send("/setup/close_window", self.timeouts.command_s, json_body=body)

    def change_wallpaper(self, path: str) -> None:
        """Make an image file the wallpaper."""
        self._send("/setup/change_wallpaper", self.timeouts.command_s, json_body={"path": path})

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def close(self) -> None:
        """Nothing is held between requests."""

    # Inside

    def _result(self, answer: Answer) -> CommandResult:
        try:
            found = _object(answer)
            code = found["return_code"] if "return_code" in found else found["returncode"]
            return CommandResult(_text_of(found["output"]), _text_of(found["error"]), int(code))
        except _OTHER_FORM as error:
            raise EnvironmentFault(f"{self.address}: {_no_answer(error)}: {answer.body[:80]!r}") from error

    def _read(
        self,
        method: str,
        path: str,
        parse: Any,
        *,
        form: Mapping[str, str] | None = None,
        json_body: Mapping[str, Any] | None = None,
        is_missing: Callable[[Answer], bool] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Ask for something, up to three times within the time-out; None for an answer that means "none"."""
        body, content_type = _encoded(form, json_body)
        deadline = time.monotonic() + (timeout_s or self.timeouts.read_s)
        reason = ""
        for attempt in range(_READ_TRIES):
            if attempt:
                pause = _FIRST_PAUSE_S * 2 ** (attempt - 1)
                if time.monotonic() + pause >= deadline:
                    break
                time.sleep(pause)
            try:
                answer = self._exchange(method, path, body, content_type, deadline)
                if is_missing is not None and is_missing(answer):
                    return None
                if answer.status == 200:
                    return parse(answer)
                reason = f"status {answer.status}: {_said(answer)}"
                if answer.status < 500:
                    break
            except ExchangeFailure as failure:
                reason = str(failure)
            except _OTHER_FORM as error:
                reason = _no_answer(error)
        raise EnvironmentFault(f"{self.address}{path}: {reason}")

    def _send(
        self,
        path: str,
        timeout_s: float,
        *,
        json_body: Mapping[str, Any] | None = None,
        body: bytes = b"",
        content_type: str = _JSON_TYPE,
    ) -> Answer:
        """Ask once for something to be done."""
        if json_body is not None:
            body, content_type = _encoded(None, json_body)
        try:
            answer = self._exchange("POST", path, body, content_type, time.monotonic() + timeout_s)
        except ExchangeFailure as failure:
            raise EnvironmentFault(f"{self.address}{path}: {failure}") from failure
        if answer.status == 200:
            return answer
        if answer.status in (400, 404, 500) and not answer.is_html:
            raise Refused(_said(answer))
        raise EnvironmentFault(f"{self.address}{path}: status {answer.status}: {_said(answer)}")

    def _exchange(self, method: str, path: str, body: bytes, content_type: str, deadline: float) -> Answer:
        headers = {**self._headers, "Content-Type": content_type} if body else self._headers
        start = time.monotonic()
        answer = exchange(self.address, method, path, headers, body, deadline)
        _LOG.debug(
            "%s %s%s: status %d, %d bytes, %.1f ms",
            *(method, self.address, path, answer.status, len(answer.body)),
            1_000 * (time.monotonic() - start),
        )
        return answer


def _encoded(form: Mapping[str, str] | None, json_body: Mapping[str, Any] | None) -> tuple[bytes, str]:
    if json_body is not None:
        return json.dumps(json_body).encode(), _JSON_TYPE
    return urlencode(form or {}, errors="surrogatepass").encode(), _FORM_TYPE


def _command(command: str | Sequence[str], shell: bool) -> str | list[str]:
    """A command as it is sent: split into words here, because the server fails at a quote without its end."""
    if not isinstance(command, str):
        return list(command)
    try:
        return command if shell else shlex.split(command)
    except ValueError as error:
        raise Refused(f"{command[:80]!r}: {error}") from None


def _no_answer(error: Exception) -> str:
    cause = " ".join(f"{type(error).__name__}: {error}"[:_MAX_MESSAGE_CHARS].split())
    return f"an answer of another form ({cause})"


def _said(answer: Answer) -> str:
    """What an answer says went wrong, in one line."""
    text = answer.text
    if not answer.is_html:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict):
            said = [str(found[key]) for key in ("message", "error", "output") if found.get(key)]
            text = said[0] if said else text
    line = " ".join(text.split())
    return line if len(line) <= _MAX_MESSAGE_CHARS else line[:_MAX_MESSAGE_CHARS] + "..."


def _is_404_or_500(answer: Answer) -> bool:
    return answer.status in (404, 500)


def _object(answer: Any, key: str = "") -> dict[str, Any]:
    """The JSON object in an answer, or below a key of one."""
    found = json.loads(answer.body) if isinstance(answer, Answer) else answer[key]
    if not isinstance(found, dict):
        raise ValueError(f"{str(found)[:80]!r} is no object")
    return found


def _text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:80]!r} is no text")
    # JSON can carry half of a surrogate pair, which nothing here could store.
    return value.encode("utf-8", "backslashreplace").decode()


def _size(answer: Answer) -> tuple[int, int]:
    found = _object(answer)
    return int(found["width"]), int(found["height"])


def _pixels(answer: Answer) -> np.ndarray:
    try:
        image = Image.open(io.BytesIO(answer.body))
        return np.array(image.convert("RGB"), np.uint8)
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"no picture but {answer.body[:40]!r}: {error}") from error
