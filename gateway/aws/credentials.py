"""Credentials that are read anew, from files or commands, when AWS refuses those at hand.

botocore keeps what it reads from `~/.aws/credentials` for the life of a session, so that keys that
a login tool writes there are never seen. The clients of this session ask an object of ours, which
asks the chain of providers again: no client is created anew and no service model is read again.
"""

import threading
from collections.abc import Callable
from typing import Any, Final

import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials

Load = Callable[[], Credentials | None]
"""Reads the credentials from where they are configured; `None` where there are none."""

PAUSE: Final = 1.0
"""Seconds between two readings."""
LONGEST_WAIT: Final = 2.0
"""Seconds that a thread waits for another that reads: a command may never end."""
LONG_PAUSE: Final = 15.0
"""Seconds after credentials were replaced that botocore renews itself, at the cost of a call."""


def loader(profile: str | None, region: str | None, config: Config) -> Load:
    """Return a function that asks botocore's chain of providers, as a new process would.

    `config` has the timeouts of the calls to STS and IAM Identity Center, which botocore would give
    five minutes.
    """

    def load() -> Credentials | None:
        session = botocore.session.Session()
        session.set_default_client_config(config)
        for name, value in (("profile", profile), ("region", region)):
            if value is not None:
                session.set_config_variable(name, value)
        return session.get_credentials()

    return load


class RenewableCredentials(Credentials):  # type: ignore[misc]  # botocore has no types
    """What `load` found last. `clock` returns seconds. Safe to use from several threads."""

    def __init__(self, load: Load, clock: Callable[[], float]) -> None:
        self._load = load
        self._clock = clock
        self._lock = threading.Lock()
        self._current = load()
        self._next_at = clock() + PAUSE
        self.generation = 0
        """How often other credentials were found."""

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return self._current is None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return what signs a request; botocore refreshes it where it expires."""
        return self._current.get_frozen_credentials() if self._current is not None else None

    @property
    def access_key(self) -> Any:
        """The access key's id."""
        return getattr(self._current, "access_key", None)

    @property
    def secret_key(self) -> Any:
        """The secret access key."""
        return getattr(self._current, "secret_key", None)

    @property
    def token(self) -> Any:
        """The session token, `None` for keys that do not expire."""
        return getattr(self._current, "token", None)

    @property
    def method(self) -> Any:
        """How botocore found the credentials."""
        return getattr(self._current, "method", None)

    @property
    def account_id(self) -> Any:
        """The account, where the provider names it."""
        return getattr(self._current, "account_id", None)

    def renew(self, generation: int) -> bool:
        """Read the credentials again, once those of `generation` have been refused.

        Returns whether there are others now, found by this thread or by another. Raises what
        reading them raises.
        """
        if not self._lock.acquire(timeout=LONGEST_WAIT):
            return False
        try:
            return generation != self.generation or self._read_again()
        finally:
            self._lock.release()

    def _read_again(self) -> bool:
        now = self._clock()
        if now < self._next_at:
            return False
        self._next_at = now + PAUSE
        found = self._load()
        if found is None or _are_same_keys(found, self._current):
            return False
        if not _are_keys(found):
            self._next_at = now + LONG_PAUSE
        self._current = found
        self.generation += 1
        return True


def _are_keys(credentials: Credentials | None) -> bool:
    """Tell whether botocore holds them as they were read, and would never read them again."""
    return type(credentials) is Credentials


def _are_same_keys(found: Credentials, current: Credentials | None) -> bool:
    if current is None or not (_are_keys(found) and _are_keys(current)):
        return False
    same: bool = found.get_frozen_credentials() == current.get_frozen_credentials()
    return same
