"""The one table from what boto3 raises to what the gateway says."""

import inspect
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries import standard

from gateway.aws.errors import (
    AccessDenied,
    NotFound,
    Throttled,
    TimedOut,
    Unavailable,
    UpstreamError,
    classify,
    translate,
)
from gateway.aws.resources import OPERATIONS
from gateway.errors import BadUserInput, Code
from tests.graphql_responses import assert_canonical_error

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, with the spellings that
# services of the JSON protocol use.
COMMON = {
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "ExpiredToken": AccessDenied,
    "ExpiredTokenException": AccessDenied,
    "IncompleteSignature": AccessDenied,
    "InvalidClientTokenId": AccessDenied,
    "InvalidSignatureException": AccessDenied,
    "MissingAuthenticationToken": AccessDenied,
    "MissingAuthenticationTokenException": AccessDenied,
    "NotAuthorized": AccessDenied,
    "OptInRequired": AccessDenied,
    "RequestExpired": AccessDenied,
    "SignatureDoesNotMatch": AccessDenied,
    "UnrecognizedClientException": AccessDenied,
    "ThrottlingException": Throttled,
    "ValidationError": BadUserInput,
    "ValidationException": BadUserInput,
    "ResourceNotFound": NotFound,
    "ResourceNotFoundException": NotFound,
}

UNAVAILABLE = {
    "InternalFailure": "AWS broke",
    "InternalServerError": "AWS broke",
    "InternalServerException": "AWS broke",
    "ServiceUnavailable": "AWS is down",
    "ServiceUnavailableException": "AWS is down",
    "MalformedHttpRequestException": "what boto3 sends does not reach AWS as it was sent",
    "RequestAbortedException": "the connection broke",
    "RequestEntityTooLargeException": "no name is that long",
    "SerializationException": "boto3 and AWS do not understand each other",
    "UnknownOperationException": "the endpoint is not SageMaker's",
    "": "no code at all",
}
"""Codes that are known and mean no more than that AWS failed, each with its reason."""

# Retryable in botocore's eyes, with the class that tells the client to wait or that time ran out.
CHECKERS: Any = standard
THROTTLED = CHECKERS.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
TRANSIENT = CHECKERS.TransientRetryableChecker._TRANSIENT_ERROR_CODES
RETRIES = {**dict.fromkeys(TRANSIENT, TimedOut), **dict.fromkeys(THROTTLED, Throttled)}


def client_error(
    code: str, message: str = "no", status: int = 400, headers: dict[str, str] | None = None
) -> ClientError:
    """Return the exception that boto3 raises for an error answer."""
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}}
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": metadata,
    }
    return ClientError(response, "DescribeProcessingJob")


def classified(code: str, **more: Any) -> Exception:
    """Return our error for an error answer of AWS's."""
    return classify("DescribeProcessingJob", client_error(code, **more))


@pytest.mark.parametrize(("code", "wanted"), [*COMMON.items(), *RETRIES.items()])
def test_code_has_a_class(code: str, wanted: type[Exception]) -> None:
    """Each code that AWS's common errors and botocore's retries know has its own answer."""
    assert type(classified(code)) is wanted


@pytest.mark.parametrize("code", UNAVAILABLE)
def test_other_codes_mean_unavailable(code: str) -> None:
    """Codes with nothing to tell the client are UPSTREAM_UNAVAILABLE."""
    assert type(classified(code)) is Unavailable


def codes_of_the_model() -> set[str]:
    """Return the error codes that the model lists for the operations that the gateway calls."""
    operations = [MODEL.operation_model(operation) for operation in OPERATIONS]
    shapes = [shape for operation in operations for shape in operation.error_shapes]
    return {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}


def test_every_code_that_botocore_knows_is_mapped() -> None:
    """No code of the operations, of the retries or of AWS's common errors is left to chance."""
    known = codes_of_the_model() | set(RETRIES) | set(COMMON) | set(UNAVAILABLE)

    unmapped = {code for code in known if type(classified(code)) is Unavailable}
    assert codes_of_the_model()
    assert len(RETRIES) >= 16
    assert unmapped == set(UNAVAILABLE)


@pytest.mark.parametrize(
    "message",
    [
        "Could not find requested job with name: x",
        "Requested resource not found.",
        "Could not find monitoring schedule with name: x",
        "Job x does not exist.",
        "Cannot find job x.",
        "No such job.",
    ],
)
def test_missing_job_is_recognised_by_its_message(message: str) -> None:
    """SageMaker says "not found" as a validation error: aws/sagemaker-python-sdk#326."""
    assert type(classified("ValidationException", message=message)) is NotFound


def test_other_validation_errors_are_bad_input() -> None:
    """A validation error about something else is not taken for a missing job."""
    message = "1 validation error detected: Value 'x' at 'processingJobName' failed to satisfy"

    error = classified("ValidationException", message=message)

    assert type(error) is BadUserInput


def test_too_many_requests_is_throttling_whatever_the_code() -> None:
    """HTTP 429 without a code of AWS's, as a proxy sends it, is UPSTREAM_THROTTLED."""
    assert type(classified("429", status=429)) is Throttled


@pytest.mark.parametrize(
    ("header", "milliseconds"),
    [("7", 7_000), ("86400", 60_000), ("soon", 1_000), ("", 1_000), ("²", 1_000), ("-1", 1_000)],
)
def test_throttling_says_when_to_ask_again(header: str, milliseconds: int) -> None:
    """`retryAfterMs` is AWS's `Retry-After`, a minute at the most, or a second without one."""
    error = classified("ThrottlingException", headers={"retry-after": header})

    assert isinstance(error, Throttled)
    assert error.extensions == {"code": "UPSTREAM_THROTTLED", "retryAfterMs": milliseconds}


@pytest.mark.parametrize("code", [*COMMON, *RETRIES, *UNAVAILABLE])
def test_messages_hold_nothing_of_aws_s(code: str) -> None:
    """What AWS writes in an error, account numbers and all, stays inside."""
    error = classified(code, message="User: arn:aws:sts::123456789012:assumed-role/a is not")

    if not isinstance(error, NotFound):
        assert isinstance(error, UpstreamError | BadUserInput)
        assert_canonical_error({"message": str(error), "extensions": dict(error.extensions)})
        assert "assumed-role" not in str(error)


CALLS = {
    **dict.fromkeys(
        [
            "CredentialRetrievalError",
            "LoginAuthorizationCodeError",
            "LoginError",
            "LoginInsufficientPermissions",
            "LoginRefreshRequired",
            "LoginTokenLoadError",
            "MetadataRetrievalError",
            "NoAuthTokenError",
            "NoCredentialsError",
            "PartialCredentialsError",
            "RefreshWithMFAUnsupportedError",
            "SSOError",
            "SSOTokenLoadError",
            "TokenRetrievalError",
            "UnauthorizedSSOTokenError",
            "UnknownCredentialError",
        ],
        AccessDenied,
    ),
    **dict.fromkeys(["ConnectTimeoutError", "ReadTimeoutError"], TimedOut),
    **dict.fromkeys(
        [
            "AwsChunkedWrapperError",
            "BotoCoreError",
            "CapacityNotAvailableError",
            "ChecksumError",
            "ConnectionClosedError",
            "ConnectionError",
            "EndpointConnectionError",
            "EndpointProviderError",
            "EndpointResolutionError",
            "FlexibleChecksumError",
            "HTTPClientError",
            "IncompleteReadError",
            "InvalidIMDSEndpointError",
            "InvalidIMDSEndpointModeError",
            "InvalidHostLabelError",
            "MD5UnavailableError",
            "MissingDependencyException",
            "ProxyConnectionError",
            "ResponseStreamingError",
            "SSLError",
            "UnknownEndpointResolutionBuiltInName",
            "UnknownTokenProviderError",
            "UnseekableStreamError",
        ],
        Unavailable,
    ),
}
"""What a call can raise beside `ClientError`, and what the gateway makes of it."""

NOT_OF_CALLS = {
    "ApiVersionNotFoundError": "of creating a client",
    "BaseEndpointResolverError": "of creating a client",
    "ConfigNotFound": "of the configuration, which is read at start-up",
    "ConfigParseError": "of the configuration, which is read at start-up",
    "DataNotFoundError": "of creating a client",
    "EndpointVariantError": "of creating a client",
    "InfiniteLoopConfigError": "of the configuration, which is read at start-up",
    "InvalidChecksumConfigError": "of creating a client",
    "InvalidConfigError": "of the configuration, which is read at start-up",
    "InvalidDNSNameError": "of S3",
    "InvalidDefaultsMode": "of creating a client",
    "InvalidEndpointConfigurationError": "of creating a client",
    "InvalidEndpointDiscoveryConfigurationError": "of creating a client",
    "InvalidExpressionError": "of JMESPath, which the gateway does not use",
    "InvalidMaxRetryAttemptsError": "of creating a client",
    "InvalidProxiesConfigError": "of creating a client",
    "InvalidRegionError": "of creating a client, and regions are checked before",
    "InvalidRetryConfigurationError": "of creating a client",
    "InvalidRetryModeError": "of creating a client",
    "InvalidS3AddressingStyleError": "of S3",
    "InvalidS3UsEast1RegionalEndpointConfigError": "of S3",
    "InvalidSTSRegionalEndpointsConfigError": "of creating a client",
    "MissingParametersError": "of parameters, which are names that were checked before",
    "NoRegionError": "of creating a client, and the gateway has a region",
    "OperationNotPageableError": "of paginators, which the gateway does not use",
    "PaginationError": "of paginators, which the gateway does not use",
    "ParamValidationError": "of parameters, which are names that were checked before",
    "AliasConflictParameterError": "of parameters, which are names that were checked before",
    "ProfileNotFound": "of the configuration, which is read at start-up",
    "RangeError": "of parameters, which are names that were checked before",
    "ServiceNotInRegionError": "of creating a client, and regions are checked before",
    "StubAssertionError": "of botocore's stubber",
    "StubResponseError": "of botocore's stubber",
    "UnStubbedResponseError": "of botocore's stubber",
    "UnknownClientMethodError": "of waiters and presigned requests",
    "UnknownEndpointError": "of creating a client",
    "UnknownFIPSEndpointError": "of creating a client",
    "UnknownKeyError": "of parameters, which are names that were checked before",
    "UnknownParameterError": "of parameters, which are names that were checked before",
    "UnknownRegionError": "of the configuration, which is read at start-up",
    "UnknownServiceError": "of creating a client",
    "UnknownServiceStyle": "of creating a client",
    "UnknownSignatureVersionError": "of creating a client",
    "UnsupportedOutpostResourceError": "of S3",
    "UnsupportedS3AccesspointConfigurationError": "of S3",
    "UnsupportedS3ArnError": "of S3",
    "UnsupportedS3ConfigurationError": "of S3",
    "UnsupportedS3ControlArnError": "of S3",
    "UnsupportedS3ControlConfigurationError": "of S3",
    "UnsupportedServiceProtocolsError": "of creating a client",
    "UnsupportedSignatureVersionError": "of creating a client",
    "ValidationError": "of parameters, which are names that were checked before",
    "WaiterConfigError": "of waiters, which the gateway does not use",
    "WaiterError": "of waiters, which the gateway does not use",
}
"""What botocore exports beside that, and why no call of ours raises it."""


def exported() -> Iterator[tuple[str, type[BotoCoreError]]]:
    """Yield every exception of botocore's own family that it exports."""
    for name, value in vars(boto).items():
        if inspect.isclass(value) and issubclass(value, BotoCoreError):
            yield name, value


class Anything(dict[str, str]):
    """Whatever an exception's format asks for."""

    def __missing__(self, key: str) -> str:
        return f"123456789012 {key}"


def raised(kind: type[BotoCoreError]) -> BotoCoreError:
    """Return an exception of this kind, without knowing what its constructor wants."""
    make: Any = kind.__new__
    error: BotoCoreError = make(kind)
    Exception.__init__(error, kind.fmt.format_map(Anything()))
    return error


def test_every_exception_of_botocore_is_known() -> None:
    """An exception that a newer botocore exports must be put into one of the two tables."""
    names = {name for name, _ in exported()}

    assert names - CALLS.keys() - NOT_OF_CALLS.keys() == set()
    assert CALLS.keys() & NOT_OF_CALLS.keys() == set()
    assert (CALLS.keys() | NOT_OF_CALLS.keys()) - names == set()


@pytest.mark.parametrize("name", CALLS)
def test_exception_is_translated(name: str) -> None:
    """Whatever a call raises leaves as an error of ours that tells nothing of its cause."""
    cause = raised(dict(exported())[name])

    with pytest.raises(UpstreamError) as caught, translate("DescribeProcessingJob"):
        raise cause

    assert type(caught.value) is CALLS[name]
    assert caught.value.__cause__ is cause
    error = caught.value
    assert_canonical_error({"message": str(error), "extensions": dict(error.extensions)})


@pytest.mark.parametrize("name", NOT_OF_CALLS)
def test_exception_that_no_call_raises_is_translated_all_the_same(name: str) -> None:
    """What should not happen is UPSTREAM_UNAVAILABLE and never a naked exception."""
    with pytest.raises(UpstreamError), translate("DescribeProcessingJob"):
        raise raised(dict(exported())[name])


@pytest.mark.parametrize("error", [ValueError, AttributeError, RuntimeError, RecursionError])
def test_unreadable_answer_is_unavailable(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    """The parser of botocore stumbles with plain exceptions over nonsense, which is logged."""
    with pytest.raises(Unavailable), translate("DescribeProcessingJob"):
        raise error("'list' object has no attribute 'get'")

    assert [record.message for record in caplog.records] == ["gateway.unreadable_answer"]


def test_client_error_is_classified_on_its_way() -> None:
    """`translate` asks the table of codes."""
    with pytest.raises(Throttled) as caught, translate("DescribeProcessingJob"):
        raise client_error("ThrottlingException")

    assert isinstance(caught.value.__cause__, ClientError)


def test_every_class_has_a_code_of_its_own() -> None:
    """The classes of errors and the codes of AWS's failures are the same list."""
    classes: list[type[UpstreamError]] = [AccessDenied, Throttled, TimedOut, Unavailable]

    codes = {kind.code for kind in classes}
    assert codes == {code for code in Code if code.startswith("UPSTREAM_")}
    assert set(UpstreamError.__subclasses__()) == set(classes)
