"""What can go wrong between the gateway and AWS: the exceptions that reading code sees.

    UpstreamError
    ├── AccessDenied             UPSTREAM_ACCESS_DENIED   credentials or permissions
    │   └── InvalidCredentials                            none, expired, or not AWS's
    ├── Throttled                UPSTREAM_THROTTLED       the account's request rate
    ├── TimedOut                 UPSTREAM_TIMEOUT         no answer in time
    └── Unavailable              UPSTREAM_UNAVAILABLE     5xx, no connection, an unreadable answer
        ├── Unsupported                                   the region lacks the operation
        └── Refused                                       invalid, as AWS says; see below
            └── RefusedToken                              invalid is the token of a list's page
    NotFound                     not an error to clients: the field is null

AWS refuses values as invalid. Where AWS itself named them (an ARN behind a link, a row's name) the
caller cannot change them: so `Refused` has the code of `Unavailable`. A field whose arguments the
caller wrote shows the `BadUserInput` that `Refused.to_bad_user_input` makes, which quotes AWS.

`gateway.aws.failures` translates boto3's exceptions into these.
"""

from collections.abc import Mapping

from gateway.errors import BadUserInput, Code, CodedError


class UpstreamError(CodedError):
    """AWS did not give the answer that was asked for."""


class AccessDenied(UpstreamError):
    """AWS refused the gateway's credentials, or they lack the permission."""

    code = Code.UPSTREAM_ACCESS_DENIED


class InvalidCredentials(AccessDenied):
    """The gateway has no credentials, or AWS takes them for none of its own or for expired."""


class Throttled(UpstreamError):
    """AWS turned the call away because of the account's request rate."""

    code = Code.UPSTREAM_THROTTLED

    def __init__(self, message: str, retry_after_ms: int = 1_000) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code, and after how many milliseconds it is worth asking again."""
        return {**super().extensions, "retryAfterMs": self.retry_after_ms}


class TimedOut(UpstreamError):
    """AWS did not answer in time."""

    code = Code.UPSTREAM_TIMEOUT


class Unavailable(UpstreamError):
    """AWS could not be reached, failed, or answered with something that makes no sense."""

    code = Code.UPSTREAM_UNAVAILABLE


class Unsupported(Unavailable):
    """AWS does not have the operation in the region that was asked."""


class Refused(Unavailable):
    """AWS refused as invalid what it was asked for; `reason` is its own sentence on that."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(operation, reason)
        self.operation = operation
        self.reason = reason

    def __str__(self) -> str:
        """Return the message for callers who did not write what AWS refuses."""
        return f"AWS refused {self.operation} for a value that the caller did not write."

    def to_bad_user_input(self) -> BadUserInput:
        """Return the error for the caller who wrote the value that AWS refuses."""
        return BadUserInput(f"AWS refused {self.operation}: {self.reason}")


class RefusedToken(Refused):
    """AWS refused the token of a list's page: it has expired, or is of another list."""

    def to_bad_user_input(self) -> BadUserInput:
        """Return the error for the caller whose cursor leads to that page."""
        return BadUserInput(
            f"The cursor has expired or is not of this list: begin again without `after`. AWS "
            f"refused {self.operation}: {self.reason}"
        )


class NotFound(Exception):
    """AWS has no resource of that name."""
