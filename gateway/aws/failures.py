"""The tables that say which of the gateway's errors a failed AWS call is."""

import re
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, Final, NamedTuple

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from gateway.aws.call_log import AwsCall, describe_exception, log_failure, quote_reason
from gateway.aws.errors import (
    AccessDenied,
    InvalidCredentials,
    NotFound,
    Refused,
    RefusedToken,
    Throttled,
    TimedOut,
    Unavailable,
    Unsupported,
)

_INVALID_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_ACCESS_DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "NotAuthorized",
        "NotAuthorizedException",
        "OptInRequired",
        "SubscriptionRequiredException",
        "UnauthorizedException",
        "UnauthorizedOperation",
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
        "SlowDownException",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_TIMED_OUT: Final = frozenset({"RequestTimeout", "RequestTimeoutException"})
_NOT_FOUND: Final = frozenset(
    {"NotFoundException", "ResourceNotFound", "ResourceNotFoundException"}
)
_REFUSED: Final = frozenset(
    {
        "InvalidNextToken",
        "InvalidNextTokenException",
        "InvalidPaginationTokenException",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "MissingParameter",
        "ValidationError",
        "ValidationException",
    }
)
_UNSUPPORTED: Final = frozenset(
    {
        "InvalidAction",
        "NotImplemented",
        "NotImplementedException",
        "UnknownOperation",
        "UnknownOperationException",
        "UnsupportedOperation",
        "UnsupportedOperationException",
    }
)
_STS_UNAVAILABLE: Final = frozenset({"IDPCommunicationError"})
"""The identity provider behind STS does not answer; STS says so with status 400."""

# SageMaker says "not found" as a validation error: aws/sagemaker-python-sdk#326. A sentence on a
# value of the wrong form may quote the value, so its own opening rules it out.
_NOT_FOUND_WORDS: Final = re.compile(
    r"^(?!.*(?:validation errors? detected|failed to satisfy))"
    r".*(?:\bno such\b|\bno\b[^.]*\b(?:found|exists?)\b|\bunable to (?:find|locate)\b"
    r"|\bnon-?existent\b"
    r"|(?:\bnot|\bcannot|n['\u2019]t)(?: be| been)? (?:found|find|located?|exists?)\b)",
    re.IGNORECASE | re.DOTALL,
)
_THROTTLED_WORDS: Final = re.compile(
    r"\b(?:rate|request)(?: limit)? exceeded|too many requests|\bthrottl|\bslow down\b"
    r"|\brequest rate\b",
    re.IGNORECASE,
)

_ANY_STATUS: Final = range(1_000)
_SERVER_ERRORS: Final = range(500, 600)


class Rule(NamedTuple):
    """A failure with one of the codes or statuses, and with the words, is a `result`."""

    result: type[Exception]
    codes: Container[str] = frozenset()
    statuses: Container[int] = frozenset()
    words: re.Pattern[str] = re.compile("")
    is_of_one: bool = False
    """Whether it is a rule for calls about one resource only, which could be missing."""

    def matches(self, failure: "Failure", *, is_of_one: bool) -> bool:
        """Tell whether the failure is what this rule is about."""
        return (
            (failure.code in self.codes or failure.status in self.statuses)
            and self.words.search(failure.message) is not None
            and (is_of_one or not self.is_of_one)
        )


_SAGEMAKER: Final = (
    # A proxy's 429 has no code of AWS's in its body.
    Rule(Throttled, _THROTTLED, {429}),
    Rule(NotFound, _NOT_FOUND, is_of_one=True),
    Rule(NotFound, _REFUSED, words=_NOT_FOUND_WORDS, is_of_one=True),
    Rule(Refused, {*_REFUSED, *_NOT_FOUND}),
    Rule(InvalidCredentials, _INVALID_CREDENTIALS),
    Rule(TimedOut, _TIMED_OUT, {408}),
    Rule(Unsupported, _UNSUPPORTED, {501}),
    # 407 is a proxy that wants credentials of its own.
    Rule(AccessDenied, _ACCESS_DENIED, {401, 403, 407}),
    Rule(Throttled, statuses=_ANY_STATUS, words=_THROTTLED_WORDS),
    Rule(Unavailable, statuses=_ANY_STATUS),
)
"""What an answer of SageMaker's means. The first rule that matches decides."""

_CREDENTIALS: Final = (
    Rule(Throttled, _THROTTLED, {429}),
    Rule(Throttled, statuses=_ANY_STATUS, words=_THROTTLED_WORDS),
    Rule(TimedOut, _TIMED_OUT, {408}),
    Rule(Unavailable, _STS_UNAVAILABLE, _SERVER_ERRORS),
    # "Not found" and "invalid" are here about a role, a token or a profile, and never a job.
    Rule(InvalidCredentials, statuses=_ANY_STATUS),
)
"""What an answer of a service means that gives credentials: STS, IAM Identity Center, sign-in."""

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
_TIMEOUTS: Final = (boto.ConnectTimeoutError, boto.ReadTimeoutError)
_CREDENTIAL_MODULES: Final = frozenset({"botocore.credentials", "botocore.tokens"})
_LONGEST_PAUSE: Final = 60
"""Seconds; a longer `Retry-After` is taken for this."""
_CODE: Final = re.compile(r"[A-Za-z][\w.:-]{0,99}")


class Failure(NamedTuple):
    """An error answer, in AWS's own words."""

    operation: str
    """The one that failed, which may be another than was called."""
    code: str
    """Empty where AWS gave none."""
    message: str
    status: int
    """The HTTP status; 0 where there is none."""
    request_id: str
    attempts: int
    retry_after_ms: int

    @classmethod
    def of(cls, error: ClientError) -> "Failure":
        """Return what boto3 found in the answer."""
        response: Mapping[str, Any] = error.response
        named = response.get("Error") or {}
        metadata = response.get("ResponseMetadata") or {}
        code = str(named.get("Code") or "")
        return cls(
            operation=error.operation_name,
            # botocore puts the status in the place of a code that is not there.
            code=code if _CODE.fullmatch(code) else "",
            message=str(named.get("Message") or ""),
            status=int(metadata.get("HTTPStatusCode") or 0),
            request_id=str(metadata.get("RequestId") or ""),
            attempts=int(metadata.get("RetryAttempts") or 0) + 1,
            retry_after_ms=_retry_after_ms(metadata.get("HTTPHeaders") or {}),
        )

    @property
    def label(self) -> str:
        """The code for a message, or the status where there is none."""
        return self.code or f"HTTP {self.status}"


@contextmanager
def translate(call: AwsCall) -> Iterator[None]:
    """Raise boto3's exceptions inside the block as ours, and log each once but `NotFound`."""
    try:
        yield
    except TimedOut:
        # The gateway gave the call up: that is logged already.
        raise
    except ClientError as error:
        failure = Failure.of(error)
        ours = classify(call.operation, error, call.parameters, is_of_one=call.is_of_one)
        if not isinstance(ours, NotFound):
            log_failure(
                call,
                ours,
                code=failure.code,
                message=failure.message,
                operation=failure.operation,
                status=failure.status,
                request_id=failure.request_id,
                attempts=failure.attempts,
            )
        raise ours from error
    except Exception as error:
        ours = classify_exception(call.operation, error)
        log_failure(call, ours, code=type(error).__name__, message=describe_exception(error))
        raise ours from error


def classify(
    operation: str,
    error: ClientError,
    parameters: Mapping[str, Any] | None = None,
    *,
    is_of_one: bool = True,
) -> Exception:
    """Return our error for the answer that AWS gave to the call of `operation`.

    `parameters` are those of the call: of what AWS says of them nothing is masked. `is_of_one` says
    whether the call is about one resource, which could be missing.
    """
    failure = Failure.of(error)
    rules = _SAGEMAKER if failure.operation == operation else _CREDENTIALS
    result = next(rule.result for rule in rules if rule.matches(failure, is_of_one=is_of_one))
    if issubclass(result, Refused):
        kind = RefusedToken if parameters and "NextToken" in parameters else Refused
        return kind(operation, quote_reason(failure.message, parameters or {}))
    if issubclass(result, Throttled):
        return Throttled(f"AWS throttled {failure.operation}.", failure.retry_after_ms)
    return result(_MESSAGES[result].format(operation=operation, label=failure.label))


def classify_exception(operation: str, error: Exception) -> Exception:
    """Return our error for an exception without an answer, raised by the call of `operation`."""
    if isinstance(error, _TIMEOUTS):
        result: type[Exception] = TimedOut
    elif isinstance(error, _NO_CREDENTIALS):
        result = InvalidCredentials
    elif isinstance(error, BotoCoreError):
        return Unavailable(f"AWS could not be reached for {operation}.")
    elif _is_raised_by_credentials(error):
        # A token file that cannot be read, the output of a command that is no JSON.
        result = InvalidCredentials
    else:
        # botocore reads answers without checking them: a list where an object should be is an
        # AttributeError, a time that is none a ValueError.
        return Unavailable(f"AWS answered {operation} with something that makes no sense.")
    return result(_MESSAGES[result].format(operation=operation, label=""))


_MESSAGES: Final[Mapping[type[Exception], str]] = {
    NotFound: "{operation}",
    InvalidCredentials: "The gateway has no valid AWS credentials for {operation}.",
    AccessDenied: "AWS denied the gateway {operation} ({label}).",
    TimedOut: "AWS did not answer {operation} in time.",
    Unsupported: "AWS does not have {operation} in this region ({label}).",
    Unavailable: "AWS failed on {operation} ({label}).",
}


def _is_raised_by_credentials(error: Exception) -> bool:
    frames = (frame for frame, _ in walk_tb(error.__traceback__))
    return any(frame.f_globals.get("__name__") in _CREDENTIAL_MODULES for frame in frames)


def _retry_after_ms(headers: Mapping[str, str]) -> int:
    seconds = headers.get("retry-after", "")
    return min(int(seconds), _LONGEST_PAUSE) * 1_000 if seconds.isdecimal() else 1_000
