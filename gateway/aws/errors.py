"""What can go wrong between the gateway and AWS, and the one table that tells which it was.

    UpstreamError
    ├── AccessDenied      UPSTREAM_ACCESS_DENIED   credentials or permissions
    ├── Throttled         UPSTREAM_THROTTLED       the account's request rate
    ├── TimedOut          UPSTREAM_TIMEOUT         no answer in time
    └── Unavailable       UPSTREAM_UNAVAILABLE     5xx, no connection, an answer that makes no sense
    NotFound              not an error to clients: the field is null

boto3's exceptions are translated here and nowhere else.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from gateway.errors import BadUserInput, Code, CodedError

logger = logging.getLogger(__name__)


class UpstreamError(CodedError):
    """AWS did not give the answer that was asked for."""


class AccessDenied(UpstreamError):
    """AWS refused the gateway's credentials, or they lack the permission."""

    code = Code.UPSTREAM_ACCESS_DENIED


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


class NotFound(Exception):
    """AWS has no resource of that name."""


_ACCESS_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_TIMED_OUT: Final = frozenset({"RequestTimeout", "RequestTimeoutException"})
_NOT_FOUND: Final = frozenset({"ResourceNotFound", "ResourceNotFoundException"})
# SageMaker says "not found" as a validation error: aws/sagemaker-python-sdk#326.
_REFUSED: Final = frozenset({"ValidationException", "ValidationError", "InvalidParameterValue"})
_NOT_FOUND_MESSAGE: Final = re.compile(
    r"not found|could not find|does not exist|cannot find|no such", re.IGNORECASE
)

_NO_CREDENTIALS: Final = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.MetadataRetrievalError,
    boto.SSOError,
    boto.TokenRetrievalError,
    boto.NoAuthTokenError,
    boto.LoginError,
    boto.RefreshWithMFAUnsupportedError,
    boto.UnknownCredentialError,
)
_TOO_MANY_REQUESTS: Final = 429
_LONGEST_PAUSE: Final = 60
"""Seconds; a longer `Retry-After` is taken for this."""
_TIMEOUTS: Final = (boto.ConnectTimeoutError, boto.ReadTimeoutError)


@contextmanager
def translate(operation: str) -> Iterator[None]:
    """Raise boto3's exceptions inside the block as ours; `operation` is AWS's name of the call."""
    try:
        yield
    except ClientError as error:
        raise classify(operation, error) from error
    except _NO_CREDENTIALS as error:
        message = f"The gateway has no valid AWS credentials for {operation}."
        raise AccessDenied(message) from error
    except _TIMEOUTS as error:
        raise TimedOut(f"AWS did not answer {operation} in time.") from error
    except BotoCoreError as error:
        raise Unavailable(f"AWS could not be reached for {operation}.") from error
    except Exception as error:
        # botocore reads answers without checking them: a list where an object should be is an
        # AttributeError, a time that is none a ValueError.
        logger.exception("gateway.unreadable_answer", extra={"operation": operation})
        raise Unavailable(
            f"AWS answered {operation} with something that makes no sense."
        ) from error


def classify(operation: str, error: ClientError) -> Exception:
    """Return our error for the code, message and HTTP status that AWS answered with."""
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    if code in _NOT_FOUND or (code in _REFUSED and _NOT_FOUND_MESSAGE.search(message)):
        return NotFound(operation)
    if code in _ACCESS_DENIED:
        return AccessDenied(f"AWS denied the gateway {operation} ({code}).")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    # A proxy's 429 has no code of AWS's in its body.
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        return Throttled(f"AWS throttled {operation}.", _retry_after_ms(error))
    if code in _TIMED_OUT:
        return TimedOut(f"AWS did not answer {operation} in time.")
    if code in _REFUSED:
        return BadUserInput(f"AWS refused {operation} as invalid.")
    return Unavailable(f"AWS failed on {operation}.")


def _retry_after_ms(error: ClientError) -> int:
    headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    seconds = headers.get("retry-after", "")
    return min(int(seconds), _LONGEST_PAUSE) * 1_000 if seconds.isdecimal() else 1_000
