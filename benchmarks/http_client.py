"""A small HTTP client for requests that are not measured."""

import http.client
import json
from typing import Any, Self


class ResponseError(Exception):
    """A server's answer is wrong; the message says what is wrong with it."""


class HttpClient:
    """A kept-alive connection to a server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def post(self, path: str, body: str, token: str | None = None) -> bytes:
        """Return the bytes of an answer. Raises `ResponseError` unless it is status 200."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        try:
            self._connection.request("POST", path, body, headers)
            response = self._connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ResponseError(f"no answer: {error!r}") from error
        if response.status != http.client.OK:
            raise ResponseError(f"status {response.status}: {answer[:200]!r}")
        return answer

    def data(self, path: str, body: str, token: str | None = None) -> Any:
        """Return the data of a GraphQL answer. Raises `ResponseError` when it has errors."""
        answer = json.loads(self.post(path, body, token))
        if "errors" in answer:
            raise ResponseError(f"errors: {answer['errors']}"[:500])
        return answer["data"]

    def get(self, path: str) -> str:
        """Return the text of a page."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()
