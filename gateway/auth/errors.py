"""Why a request is refused before anything of it is read."""

from gateway.errors import Code, CodedError


class Unauthenticated(CodedError):
    """The request has no valid token or API key.

    The client learns nothing of `reason`, which is for the log: it would help whoever guesses.
    """

    code = Code.UNAUTHENTICATED

    def __init__(self, reason: str) -> None:
        super().__init__("The token or the API key is not valid.")
        self.reason = reason

    @property
    def challenge(self) -> bytes:
        """The value of `WWW-Authenticate` (RFC 6750, 3)."""
        return b'Bearer realm="sagemaker-gateway", error="invalid_token"'


class MissingCredentials(Unauthenticated):
    """The request has no token and no API key at all."""

    def __init__(self) -> None:
        super().__init__("missing")
        self.args = ("Send a token or an API key: `Authorization: Bearer ...`.",)

    @property
    def challenge(self) -> bytes:
        """The value of `WWW-Authenticate`, which names no error where nothing was sent."""
        return b'Bearer realm="sagemaker-gateway"'


class NoLongerValid(Unauthenticated):
    """The token or the key has expired, or was withdrawn, while a stream was open."""

    def __init__(self) -> None:
        super().__init__("no_longer_valid")
        self.args = ("The token or the API key is no longer valid: connect again with another.",)


class KeysUnavailable(CodedError):
    """The keys of an issuer have never been read, so that its tokens cannot be checked."""

    code = Code.UPSTREAM_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("The token cannot be checked at the moment; try again.")
