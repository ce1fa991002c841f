r"""Client of a retrieval service that speaks Search-R1's protocol.

`search_r1/search/retrieval_server.py` of github.com/PeterGriffinJin/Search-R1 takes `POST /retrieve` with
`{"queries": [...], "topk": k, "return_scores": true}` and answers `{"result": [[{"document": {"contents":
"title\ntext"}, "score": s}, ...], ...]}`; without scores the documents stand alone.
"""

from __future__ import annotations

import json
import time
from typing import Any

from step_gym.envs.core import EnvironmentFault

_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.1
_MAX_QUERY_CHARS = 2_000
_MAX_ANSWER_BYTES = 4_000_000


class SearchService:
    """Asks a service, with a time-out for each of at most three attempts.

    Args:
        url: Address, with the path.
        timeout: Seconds that one attempt may take from the first byte sent to the last byte received.
    """

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"search_url={url!r}: must be an address such as http://127.0.0.1:8000/retrieve")
        if timeout <= 0:
            raise ValueError(f"search_timeout={timeout}: must be more than 0 seconds")
        self.url, self.timeout = url, timeout
        self._client: Any = None

    def search(self, query: str, k: int) -> list[tuple[str, str]]:
        """Title and text of the at most `k` documents for a query; none, without asking, for an empty one.

        A query is cut after 2,000 characters: a service may refuse longer ones, which is no fault of its own.

        Raises:
            EnvironmentFault: If no attempt brought an answer, or the answer has another form.
        """
        query = query[:_MAX_QUERY_CHARS]
        if not query.strip():
            return []
        payload = {"queries": [query], "topk": k, "return_scores": True}
        return _documents(self._post(payload), self.url)[:k]

    def close(self) -> None:
        """Close the connection; the next search opens another."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _post(self, payload: dict[str, Any]) -> bytes:
        import httpx

        reason = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_FIRST_PAUSE_S * 2 ** (attempt - 1))
            try:
                status, body = self._attempt(payload)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = f"{type(error).__name__}: {error}".strip(": ")
                continue
            if status == 200:
                return body
            reason = f"status {status}"
            if status < 500 and status != 429:
                break
        raise EnvironmentFault(f"search service {self.url} did not answer ({reason}): is it running there?")

    def _attempt(self, payload: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body of one request; httpx's own time-out would start anew with every byte."""
        import httpx

        if self._client is None:
            self._client = httpx.Client()
        deadline = time.monotonic() + self.timeout
        body = bytearray()
        with self._client.stream("POST", self.url, json=payload, timeout=self.timeout) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout(f"no whole answer within {self.timeout} s")
                if len(body) > _MAX_ANSWER_BYTES:
                    raise httpx.DecodingError(f"an answer of more than {_MAX_ANSWER_BYTES} bytes")
        return response.status_code, bytes(body)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_client": None}


def _documents(body: bytes, url: str) -> list[tuple[str, str]]:
    """Title and text of each document in an answer to one query."""
    try:
        (found,) = json.loads(body)["result"]
        contents = [item.get("document", item)["contents"] for item in found]
        pairs = [text.partition("\n") for text in contents]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise EnvironmentFault(
            f"search service {url} answered {body[:80]!r} ({type(error).__name__}), not "
            '{"result": [[{"document": {"contents": "title\\ntext"}}, ...]]}'
        ) from error
    return [(_storable(title), _storable(text)) for title, _, text in pairs]


def _storable(text: str) -> str:
    """Text that can be written as UTF-8; JSON can carry half of a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode()
