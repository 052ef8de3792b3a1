"""The keys of one issuer: read in the background, kept while the issuer is down."""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable
from typing import Final

import orjson

from gateway.auth.access_file import Issuer
from gateway.auth.errors import KeysUnavailable
from gateway.auth.fetch import Fetcher, FetchFailed
from gateway.auth.jwk import InvalidKeys, KeySet, SigningKey, parse_jwks, parse_pem
from gateway.settings.values import is_safe_url

logger = logging.getLogger(__name__)

_DISCOVERY: Final = "/.well-known/openid-configuration"
_MIN_INTERVAL: Final = 5.0
"""Seconds from one reading to the next that tokens with unknown keys can cause."""
_FIRST_RETRY: Final = 1.0
"""Seconds after which a reading that failed is repeated; each failure doubles them."""
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""The ids of keys that may stand in a URL."""
_MAX_SINGLE_KEYS: Final = 20


class IssuerKeys:
    """Finds the key for a token. All who need a key that is not known wait for one reading."""

    def __init__(
        self,
        issuer: Issuer,
        fetcher: Fetcher,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        """Find keys of `issuer`; `clock` returns seconds, `sleep` waits for as many."""
        self._issuer = issuer
        self.source: Final = issuer.key_source
        self._fetcher = fetcher
        self._clock = clock
        self._sleep = sleep
        self._keys: KeySet | None = None
        self._text = b""
        """What the keys were read from."""
        self._single: dict[str, SigningKey] = {}
        """The keys of a `key_url`, by id, the latest last."""
        self._reading: asyncio.Task[bool] | None = None
        self._next_read = 0.0
        """When tokens may cause a reading again, on the clock."""
        self.generation = 0
        """Another number after each change of the keys: one may have been withdrawn."""

    def find(self, id_: str | None, algorithm: str) -> SigningKey | None:
        """Return the key for a token, `None` when none is known."""
        keys = KeySet(self._single.values()) if self._issuer.key_url else self._keys
        return keys.find(id_, algorithm) if keys is not None else None

    async def read_for(self, id_: str | None) -> None:
        """Ask the issuer for the key with this id, unless it was asked just now.

        Raises `KeysUnavailable` when no key of the issuer has ever been read.
        """
        if self._issuer.key_url and (id_ is None or not _KEY_ID.fullmatch(id_)):
            return
        if self._reading is None and self._may_read(id_):
            self._next_read = self._clock() + _MIN_INTERVAL
            self._reading = asyncio.create_task(self._read(id_))
        if self._reading is not None:
            # A caller who disconnects must not end what others wait for.
            await asyncio.shield(self._reading)
        if self._keys is None and not self._single:
            raise KeysUnavailable

    async def poll(self) -> None:
        """Read the keys now and at intervals, sooner after a failure. Never returns."""
        failures = 0
        while not self._issuer.key_url:
            if self._reading is None:
                self._reading = asyncio.create_task(self._read(None))
            succeeded = await asyncio.shield(self._reading)
            failures = 0 if succeeded else failures + 1
            seconds = self._issuer.keys_refresh_seconds
            if failures:
                seconds = min(seconds, _FIRST_RETRY * 2 ** min(failures - 1, 20))
            # Not all replicas at once.
            await self._sleep(seconds * random.uniform(0.9, 1.0))  # noqa: S311

    def _may_read(self, id_: str | None) -> bool:
        has_key = self._keys is not None and id_ is not None and self._keys.has(id_)
        return self._clock() >= self._next_read and not has_key

    async def _read(self, id_: str | None) -> bool:
        """Read the keys; tell whether that succeeded. The old ones stay if it fails."""
        try:
            if self._issuer.key_url and id_ is not None:
                await self._read_single(self._issuer.key_url, id_)
            else:
                self._set_keys(await self._fetcher.fetch(await self._find_url()))
        except (FetchFailed, InvalidKeys) as error:
            facts = {"issuer": self._issuer.issuer, "reason": str(error)}
            logger.warning("gateway.issuer_keys_failed", extra=facts)
            return False
        except Exception:
            logger.exception("gateway.unexpected_error")
            return False
        finally:
            self._reading = None
        return True

    def _set_keys(self, text: bytes) -> None:
        if text != self._text:
            self._keys, self._text = parse_jwks(text), text
            self.generation += 1

    async def _read_single(self, url: str, id_: str) -> None:
        key = parse_pem(id_, await self._fetcher.fetch(url.replace("{kid}", id_)))
        self._single[id_] = key
        while len(self._single) > _MAX_SINGLE_KEYS:
            del self._single[next(iter(self._single))]

    async def _find_url(self) -> str:
        """Return where the keys are, by OpenID Connect discovery where the file does not say."""
        if self._issuer.jwks_url is not None:
            return self._issuer.jwks_url
        text = await self._fetcher.fetch(self._issuer.issuer.rstrip("/") + _DISCOVERY)
        try:
            document = orjson.loads(text)
            issuer, url = document["issuer"], document["jwks_uri"]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise InvalidKeys("the answer is not a discovery document") from error
        # OpenID Connect Discovery 1.0, 4.3: otherwise another issuer could take the place.
        if issuer != self._issuer.issuer:
            raise InvalidKeys("the discovery document is of another issuer")
        if not isinstance(url, str) or not is_safe_url(url):
            raise InvalidKeys("the discovery document names no https URL of keys")
        return url
