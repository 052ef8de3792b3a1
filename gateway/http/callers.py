"""Finds who sends a request or opens a WebSocket, and slows down whoever guesses at tokens."""

from typing import TYPE_CHECKING, Any

from starlette.types import Scope

from gateway.auth.caller import Caller, CallerKind, Strangers
from gateway.auth.errors import Unauthenticated
from gateway.budgets.budgets import Budgets

if TYPE_CHECKING:
    from gateway.auth.authenticator import Authenticator


class Callers:
    """The callers of one process. Without `authenticator` each of them is `anybody`.

    A request without valid credentials costs its address an operation. While the address has none
    left, credentials that are not known yet are not looked at.
    """

    def __init__(
        self, authenticator: "Authenticator | None", anybody: Caller, budgets: Budgets
    ) -> None:
        self.authenticator = authenticator
        self._anybody = anybody
        self._budgets = budgets
        self._strangers = Strangers()

    async def identify(self, scope: Scope) -> Caller:
        """Return who sends a request.

        Raises `Unauthenticated`, `KeysUnavailable` or `RateLimited`.
        """
        authenticator = self.authenticator
        if authenticator is None:
            caller = self._anybody
        else:
            caller = await self._authenticate(authenticator, scope)
        if caller.kind is not CallerKind.ANONYMOUS:
            return caller
        return self._strangers.caller_at(caller, scope.get("client"))

    async def identify_socket(self, scope: Scope, payload: object) -> Caller:
        """Return who opens a WebSocket, by its `connection_init` or else by its handshake.

        Raises `Unauthenticated`, `KeysUnavailable` or `RateLimited`.
        """
        authenticator = self.authenticator
        if authenticator is None:
            return await self.identify(scope)
        stranger = self._stranger(authenticator, scope.get("client"))
        self._budgets.check_request(stranger)
        try:
            caller = await authenticator.identify_socket(scope["headers"], payload)
        except Unauthenticated:
            self._budgets.take_request(stranger)
            raise
        return self._strangers.caller_at(caller, scope.get("client"))

    def has_credentials(self, scope: Scope) -> bool:
        """Tell whether a request says who sends it, in a right or a wrong form."""
        try:
            authenticator = self.authenticator
            return authenticator is not None and authenticator.has_credentials(scope["headers"])
        except Unauthenticated:
            return True

    async def _authenticate(self, authenticator: "Authenticator", scope: Scope) -> Caller:
        try:
            caller = authenticator.identify_now(scope["headers"])
            if caller is not None:
                return caller
            self._budgets.check_request(self._stranger(authenticator, scope.get("client")))
            return await authenticator.identify(scope["headers"])
        except Unauthenticated:
            self._budgets.take_request(self._stranger(authenticator, scope.get("client")))
            raise

    def _stranger(self, authenticator: "Authenticator", client: Any) -> Caller:
        """Return who is charged for a request of an address without valid credentials."""
        return self._strangers.caller_at(authenticator.stranger, client)
