"""Where a request holds its token or API key: headers, cookies, the payload of a WebSocket."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from gateway.auth.access_file import AUTHORIZATION, AccessFile
from gateway.auth.errors import Unauthenticated

API_KEY_HEADER: Final = "x-api-key"
COOKIE: Final = b"cookie"
_BEARER: Final = b"bearer "

Headers = Iterable[tuple[bytes, bytes]]
"""Names in lower case, with values."""


class Credentials(NamedTuple):
    """A token or an API key, and the header or cookie that held it."""

    place: str
    """The name of the header, or `cookie:` and the name of the cookie."""
    value: bytes


class Places:
    """Finds the credentials of a request in the places that the access file names."""

    def __init__(self, access: AccessFile) -> None:
        names = {AUTHORIZATION, API_KEY_HEADER, *access.headers}
        self._cookies = access.cookies
        self.headers: Final = frozenset(name.encode() for name in names)
        """The headers that hold tokens or API keys, without `cookie`."""
        self._watched = self.headers | ({COOKIE} if access.cookies else frozenset())
        self.vary: Final = b"".join(b", " + name.title() for name in sorted(self._watched))
        """The names of all headers that are read, each after a comma."""

    def find(self, headers: Headers) -> Credentials | None:
        """Return the credentials in the headers of a request, `None` where there are none.

        Of several places, `authorization` counts first, then `x-api-key`, then other headers, then
        cookies. Raises `Unauthenticated` for two in one place: their order must not matter.
        """
        found = [header for header in headers if header[0] in self._watched]
        if not found:
            return None
        candidates = [each for name, value in found for each in self._read(name, value)]
        if len(candidates) > 1:
            candidates.sort(key=_rank)
            if candidates[0].place == candidates[1].place:
                raise Unauthenticated("several")
        return candidates[0] if candidates else None

    def find_in_payload(self, payload: object) -> Credentials | None:
        """Return the credentials in the payload of a WebSocket's `connection_init`.

        Clients put the names of headers there, in any case, or an object `headers` of them. Raises
        `Unauthenticated` as `find` does.
        """
        if not isinstance(payload, dict):
            return None
        inner = payload.get("headers")
        members = [*payload.items(), *(inner.items() if isinstance(inner, dict) else ())]
        return self.find(
            [
                (name.lower().encode(), value.encode())
                for name, value in members
                if isinstance(value, str) and name.lower().encode() in self.headers
            ]
        )

    def _read(self, name: bytes, value: bytes) -> list[Credentials]:
        if name == COOKIE:
            return [
                Credentials(f"cookie:{each}", text)
                for each, text in _parse_cookies(value)
                if each in self._cookies and text
            ]
        value = value.strip()
        place = name.decode("latin-1")
        if value[: len(_BEARER)].lower() == _BEARER:
            return [Credentials(place, value[len(_BEARER) :].strip())]
        # Another scheme, such as Basic, is for somebody else.
        return [Credentials(place, value)] if value and place != AUTHORIZATION else []


def _rank(credentials: Credentials) -> tuple[int, str]:
    place = credentials.place
    ranks = {AUTHORIZATION: 0, API_KEY_HEADER: 1}
    return ranks.get(place, 3 if place.startswith("cookie:") else 2), place


def _parse_cookies(value: bytes) -> Iterable[tuple[str, bytes]]:
    """Yield names and values of a `cookie` header (RFC 6265, 4.2.1)."""
    for pair in value.split(b";"):
        name, _, text = pair.partition(b"=")
        yield name.strip().decode("latin-1"), text.strip().strip(b'"')
