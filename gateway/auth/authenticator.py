"""Finds who sends a request, by the access file."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from gateway.auth.access_file import AccessFile, Anonymous, ApiKey, Issuer, read_access_file
from gateway.auth.api_keys import find_key
from gateway.auth.caller import Caller, CallerKind
from gateway.auth.credentials import Credentials, Headers, Places
from gateway.auth.errors import MissingCredentials, Unauthenticated
from gateway.auth.fetch import Fetcher
from gateway.auth.issuer_keys import IssuerKeys
from gateway.auth.token import (
    Token,
    check_form,
    check_signature,
    expiry_of,
    is_for,
    parse_token,
    scopes_of,
    subject_of,
)
from gateway.budgets.limits import Limits
from gateway.errors import ConfigurationError
from gateway.file_watch import CHECK_SECONDS, FileWatch, Sleep
from gateway.grants import GATEWAY_SCOPES, Grants, grants_of

logger = logging.getLogger(__name__)

_VERDICT_BYTES: Final = 1_000
"""The memory of a verdict without its texts."""

_NOTHING: Final = grants_of(frozenset(), is_authenticated=False)

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who has sent certain credentials, and what that was decided by."""

    caller: Caller
    state: "_State"
    keys: IssuerKeys | None
    generation: int
    """That of the keys when the signature was checked."""


class Verdicts(Protocol):
    """Remembers verdicts by a hash of the credentials, within a bound in bytes."""

    def get(self, key: bytes) -> Verdict | None:
        """Return the verdict with a key."""

    def put(self, key: bytes, value: Verdict, size: int) -> None:
        """Remember a verdict that takes `size` bytes."""

    def drop(self, key: bytes) -> object:
        """Forget the verdict with a key."""


class _State:
    """One version of the access file, and the keys of its issuers."""

    def __init__(self, access: AccessFile, keys: tuple[IssuerKeys, ...]) -> None:
        self.access = access
        self.keys = keys
        self.places = Places(access)
        self.anonymous: Caller | None = None
        self.stranger = Caller(CallerKind.ANONYMOUS, _NOTHING)


class Authenticator:
    """Finds who sends a request. The signature of a token is checked once, not in each request."""

    def __init__(
        self,
        path: Path,
        verdicts: Verdicts,
        *,
        clock: Clock = time.monotonic,
        now: Clock = time.time,
        sleep: Sleep = asyncio.sleep,
        allows_anonymous: bool = False,
        allows_cookies: bool = True,
        scopes: frozenset[str] = GATEWAY_SCOPES,
        kinds: frozenset[str] = frozenset(),
        limits: Limits | None = None,
    ) -> None:
        """Read the access file at `path`.

        `clock` returns seconds, `now` the seconds since 1970, and `sleep` waits. With
        `allows_anonymous`, requests without credentials are of the file's `[anonymous]` caller;
        without `allows_cookies` the file must name no cookie. `scopes` and `kinds` are those that
        there are: scopes of tokens that mean nothing here are ignored. `limits` are those of
        callers for whom the file has no others.
        Raises `ConfigurationError`.
        """
        self._path = path
        self._verdicts = verdicts
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._allows_anonymous = allows_anonymous
        self._allows_cookies = allows_cookies
        self._scopes = scopes
        self._kinds = kinds
        self._limits = limits
        self._fetcher = Fetcher()
        self._polls: dict[IssuerKeys, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._file = FileWatch(path, self._reload, sleep)
        self._state = self._create_state(read_access_file(path), ())

    def start(self) -> None:
        """Begin to read the keys of the issuers and to watch the access file."""
        self._watch = asyncio.create_task(self._file.run())
        self._poll_keys()

    async def close(self) -> None:
        """Stop what runs in the background."""
        tasks = [*self._polls.values(), *([self._watch] if self._watch is not None else ())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._fetcher.close()

    def request_reload(self) -> None:
        """Have the access file read again soon. Signal handlers may call this."""
        self._file.request_reading()

    def known_grants(self) -> Iterator[Grants]:
        """Yield the grants of callers that need no token: of API keys, and without credentials."""
        state = self._state
        if state.anonymous is not None:
            yield state.anonymous.grants
        for entry in state.access.api_keys:
            yield self._grants(state, entry, entry.scopes, {})

    @property
    def headers(self) -> frozenset[bytes]:
        """The headers that can hold credentials, in lower case."""
        return self._state.places.headers

    @property
    def vary(self) -> bytes:
        """What `Vary` has to name besides other headers: `, Authorization` and so on."""
        return self._state.places.vary

    @property
    def stranger(self) -> Caller:
        """Who is charged for requests without valid credentials; it may see nothing."""
        return self._state.stranger

    def identify_now(self, headers: Headers) -> Caller | None:
        """Return who sends a request, `None` when `identify` has to find out.

        Raises `Unauthenticated` for a request without credentials.
        """
        state = self._state
        credentials = self._find(state, headers)
        return self._recall(state, credentials) if credentials else self._anonymous(state)

    async def identify(self, headers: Headers) -> Caller:
        """Return who sends a request. Raises `Unauthenticated` or `KeysUnavailable`."""
        state = self._state
        credentials = self._find(state, headers)
        if credentials is None:
            return self._anonymous(state)
        return await self._identify(state, credentials)

    async def identify_socket(self, headers: Headers, payload: object) -> Caller:
        """Return who opens a WebSocket, by its `connection_init` or else by its handshake.

        Raises `Unauthenticated` or `KeysUnavailable`.
        """
        state = self._state
        try:
            credentials = state.places.find_in_payload(payload)
        except Unauthenticated as error:
            _log(error)
            raise
        if credentials is None:
            return await self.identify(headers)
        return await self._identify(state, credentials)

    def has_credentials(self, headers: Headers) -> bool:
        """Tell whether a request says who sends it. Raises `Unauthenticated`."""
        return self._find(self._state, headers) is not None

    async def wait_until_invalid(self, caller: Caller) -> None:
        """Return when a caller's token or key expires, or the access file no longer has it."""
        while not self._is_over(caller):
            left = caller.expires_at - self._now()
            await self._sleep(min(left, CHECK_SECONDS))

    def _is_over(self, caller: Caller) -> bool:
        return self._now() >= caller.expires_at or not self._state.access.has(caller.source)

    def _find(self, state: _State, headers: Headers) -> Credentials | None:
        try:
            return state.places.find(headers)
        except Unauthenticated as error:
            _log(error)
            raise

    def _anonymous(self, state: _State) -> Caller:
        if state.anonymous is None:
            error = MissingCredentials()
            _log(error)
            raise error
        return state.anonymous

    def _recall(self, state: _State, credentials: Credentials) -> Caller | None:
        key = _digest(credentials)
        verdict = self._verdicts.get(key)
        if verdict is None:
            return None
        keys = verdict.keys
        if (
            verdict.state is state
            and self._now() < verdict.caller.expires_at
            and (keys is None or keys.generation == verdict.generation)
        ):
            return verdict.caller
        self._verdicts.drop(key)
        return None

    async def _identify(self, state: _State, credentials: Credentials) -> Caller:
        known = self._recall(state, credentials)
        if known is not None:
            return known
        try:
            # A token has two dots, a key has none.
            if b"." not in credentials.value:
                verdict = self._check_key(state, credentials)
            else:
                verdict = await self._check_token(state, credentials)
        except Unauthenticated as error:
            _log(error, credentials.place)
            raise
        caller = verdict.caller
        if self._now() < caller.expires_at:
            size = _VERDICT_BYTES + len(caller.name) + len(caller.issuer or "")
            self._verdicts.put(_digest(credentials), verdict, size)
        return caller

    def _check_key(self, state: _State, credentials: Credentials) -> Verdict:
        entry = find_key(state.access.api_keys, credentials.value)
        if entry is None or credentials.place.startswith("cookie:"):
            raise Unauthenticated("unknown_key")
        expires_at = entry.expires_at
        if self._now() >= expires_at:
            raise Unauthenticated("expired_key")
        caller = Caller(
            CallerKind.API_KEY,
            self._grants(state, entry, entry.scopes, {}),
            name=entry.name,
            expires_at=expires_at,
            source=state.access.source_of(entry),
            limits=entry.limits(self._limits),
        )
        return Verdict(caller, state, None, 0)

    async def _check_token(self, state: _State, credentials: Credentials) -> Verdict:
        token = parse_token(credentials.value)
        issuer, keys = _find_issuer(state, token, credentials.place)
        check_form(token, issuer, self._now())
        subject = subject_of(token, issuer)
        key = keys.find(token.key_id, token.algorithm)
        if key is None:
            await keys.read_for(token.key_id)
            key = keys.find(token.key_id, token.algorithm)
        if key is None:
            raise Unauthenticated("unknown_signing_key")
        check_signature(token, key)
        caller = Caller(
            CallerKind.JWT,
            self._grants(state, issuer, scopes_of(token, issuer), token.claims),
            name=subject,
            issuer=issuer.issuer,
            expires_at=expiry_of(token),
            source=state.access.source_of(issuer),
            limits=issuer.limits(self._limits),
        )
        return Verdict(caller, state, keys, keys.generation)

    def _grants(
        self,
        state: _State,
        entry: Issuer | ApiKey,
        scopes: frozenset[str],
        claims: Mapping[str, Any],
    ) -> Grants:
        return grants_of(scopes & self._scopes, state.access.view_of(entry, claims))

    def _create_state(self, access: AccessFile, old: tuple[IssuerKeys, ...]) -> _State:
        if access.anonymous is not None and not self._allows_anonymous:
            raise ConfigurationError(
                f"{self._path}: anonymous: The section has no effect without "
                "--allow-unauthenticated (GATEWAY_ALLOW_UNAUTHENTICATED=true)."
            )
        if access.cookies and not self._allows_cookies:
            raise ConfigurationError(
                f"{self._path}: issuers: With `cookies`, any site could send requests in the name "
                "of its visitors while GATEWAY_CSRF_PREVENTION is false."
            )
        try:
            access.check_words(self._scopes, self._kinds)
        except ConfigurationError as error:
            raise ConfigurationError(f"{self._path}: {error}") from error
        known = {keys.source: keys for keys in old}
        for issuer in access.issuers:
            if issuer.key_source not in known:
                keys = IssuerKeys(issuer, self._fetcher, self._clock, self._sleep)
                known[issuer.key_source] = keys
        state = _State(access, tuple(known[issuer.key_source] for issuer in access.issuers))
        entry = access.anonymous or Anonymous()
        limits = entry.limits(self._limits)
        state.stranger = replace(state.stranger, limits=limits)
        if self._allows_anonymous:
            grants = grants_of(
                entry.scopes & self._scopes, access.view_of(entry, {}), is_authenticated=False
            )
            state.anonymous = Caller(
                CallerKind.ANONYMOUS, grants, source=access.source_of(entry), limits=limits
            )
        return state

    async def _reload(self) -> None:
        """Read the access file again; the old one stays in force while the new one is wrong."""
        try:
            access = await asyncio.to_thread(read_access_file, self._path)
            self._state = self._create_state(access, self._state.keys)
        except ConfigurationError as error:
            logger.error("gateway.access_file_refused", extra={"reason": str(error)})  # noqa: TRY400
            return
        facts = {"issuers": len(access.issuers), "api_keys": len(access.api_keys)}
        logger.info("gateway.access_file_read", extra=facts)
        self._poll_keys()

    def _poll_keys(self) -> None:
        """Read the keys of the present issuers in the background, and of no others."""
        for keys in [keys for keys in self._polls if keys not in self._state.keys]:
            self._polls.pop(keys).cancel()
        for keys in self._state.keys:
            if keys not in self._polls:
                self._polls[keys] = asyncio.create_task(keys.poll())


def _find_issuer(state: _State, token: Token, place: str) -> tuple[Issuer, IssuerKeys]:
    """Return the issuer that a token names, where its tokens may come from that place."""
    name = token.claims.get("iss")
    wrong = "issuer"
    for issuer, keys in zip(state.access.issuers, state.keys, strict=True):
        if issuer.issuer != name:
            continue
        if place not in issuer.places:
            wrong = "place"
        elif not is_for(token, issuer):
            wrong = "audience"
        else:
            return issuer, keys
    raise Unauthenticated(wrong)


def _digest(credentials: Credentials) -> bytes:
    """Return a key for the memory, from which nobody can work out the credentials."""
    return hashlib.sha256(credentials.place.encode() + b"\0" + credentials.value).digest()


def _log(error: Unauthenticated, place: str | None = None) -> None:
    facts = {"reason": error.reason, "place": place}
    logger.warning("gateway.unauthenticated", extra=facts)
