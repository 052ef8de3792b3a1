"""Read a small document of an issuer over HTTPS, within bounds of time, size and place."""

import asyncio
from typing import Final
from urllib.parse import urljoin, urlsplit

import httpx

from gateway.settings.values import is_loopback, is_safe_url

_SECONDS: Final = 5.0
"""The time for a document, redirects included."""
_MAX_BYTES: Final = 512 * 1024
_MAX_REDIRECTS: Final = 3


class FetchFailed(Exception):
    """The document could not be read; the message says why, for the log."""


class Fetcher:
    """Reads documents. It keeps connections open for the next time."""

    def __init__(self) -> None:
        self._clients: dict[bool, httpx.AsyncClient] = {}

    async def fetch(self, url: str) -> bytes:
        """Return the body of the answer to a GET. Raises `FetchFailed`."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await self._fetch(url)
        except TimeoutError as error:
            raise FetchFailed(f"no answer within {_SECONDS:g} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchFailed(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    async def _fetch(self, url: str) -> bytes:
        for _ in range(_MAX_REDIRECTS + 1):
            # A compressed body could become any length.
            headers = {"accept": "application/json, */*;q=0.5", "accept-encoding": "identity"}
            async with self._client(url).stream("GET", url, headers=headers) as response:
                if not response.has_redirect_location:
                    return await _read(response)
                url = _follow(url, response.headers["location"])
        raise FetchFailed(f"more than {_MAX_REDIRECTS} redirects")

    def _client(self, url: str) -> httpx.AsyncClient:
        # A proxy of the environment cannot reach this machine's own addresses.
        is_local = is_loopback(urlsplit(url).hostname or "")
        if is_local not in self._clients:
            self._clients[is_local] = httpx.AsyncClient(
                trust_env=not is_local, timeout=_SECONDS, follow_redirects=False
            )
        return self._clients[is_local]


async def _read(response: httpx.Response) -> bytes:
    if response.status_code != httpx.codes.OK:
        raise FetchFailed(f"HTTP status {response.status_code}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise FetchFailed("the body is compressed")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MAX_BYTES:
            raise FetchFailed(f"more than {_MAX_BYTES} bytes")
    return bytes(body)


def _follow(url: str, location: str) -> str:
    """Return the URL of a redirect, which must stay on the same host."""
    target = urljoin(url, location)
    old, new = urlsplit(url), urlsplit(target)
    if not is_safe_url(target) or (old.scheme, old.netloc) != (new.scheme, new.netloc):
        raise FetchFailed("a redirect to another host")
    return target
