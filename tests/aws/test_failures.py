"""The tables from what boto3 raises to what the gateway says."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import exceptions as boto
from botocore.credentials import DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.retries import standard
from botocore.utils import FileWebIdentityTokenLoader

from gateway.aws.call_log import AwsCall
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
    UpstreamError,
)
from gateway.aws.failures import classify, translate
from gateway.aws.resources import SEARCH
from gateway.errors import Code
from gateway.schema.registry import OPERATIONS, REGION_LISTS
from tests.graphql_responses import assert_canonical_error

MODEL: Any = botocore.session.Session().get_service_model("sagemaker")

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html and
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, with the spellings that
# services of the JSON protocol use.
COMMON = {
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "ExpiredToken": InvalidCredentials,
    "ExpiredTokenException": InvalidCredentials,
    "IncompleteSignature": InvalidCredentials,
    "InvalidClientTokenId": InvalidCredentials,
    "InvalidSignatureException": InvalidCredentials,
    "MissingAuthenticationToken": InvalidCredentials,
    "MissingAuthenticationTokenException": InvalidCredentials,
    "NotAuthorized": AccessDenied,
    "OptInRequired": AccessDenied,
    "RequestExpired": InvalidCredentials,
    "SignatureDoesNotMatch": InvalidCredentials,
    "SubscriptionRequiredException": AccessDenied,
    "UnrecognizedClientException": InvalidCredentials,
    "ThrottlingException": Throttled,
    "UnknownOperationException": Unsupported,
    "ValidationError": Refused,
    "ValidationException": Refused,
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
    "": "no code at all",
}
"""Codes that are known and mean no more than that AWS failed, each with its reason."""

# Retryable in botocore's eyes, with the class that tells the client to wait or that time ran out.
CHECKERS: Any = standard
THROTTLED = CHECKERS.ThrottledRetryableChecker._THROTTLED_ERROR_CODES
TRANSIENT = CHECKERS.TransientRetryableChecker._TRANSIENT_ERROR_CODES
RETRIES = {**dict.fromkeys(TRANSIENT, TimedOut), **dict.fromkeys(THROTTLED, Throttled)}


DESCRIBE = "DescribeProcessingJob"


def client_error(
    code: str,
    message: str | None = "no",
    status: int = 400,
    headers: dict[str, str] | None = None,
    operation: str = DESCRIBE,
) -> ClientError:
    """Return the exception that boto3 raises for an error answer."""
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}, "RequestId": "c0ffee"}
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": metadata,
    }
    return ClientError(response, operation)


def classified(code: str, called: str = DESCRIBE, **more: Any) -> Exception:
    """Return our error for an error answer of AWS's to a call of `called`."""
    is_of_one = called not in {*REGION_LISTS, SEARCH}
    return classify(
        called, client_error(code, **{"operation": called, **more}), is_of_one=is_of_one
    )


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
        "Amazon SageMaker can't find a processing job called x.",
        "The processing job x doesn't exist.",
        "The job x doesn\u2019t exist",
        "Job x could not be found",
        "Job x cannot be found",
        "The job x no longer exists",
        "No processing job was found with the name x",
        "Unable to find job x",
        "Couldn't find job x",
        "Job x could not be located",
        "There exists no job called x: no such job exists",
        "Nonexistent job x",
    ],
)
def test_missing_job_is_recognised_by_its_message(message: str) -> None:
    """SageMaker says "not found" as a validation error: aws/sagemaker-python-sdk#326."""
    assert type(classified("ValidationException", message=message)) is NotFound


@pytest.mark.parametrize(
    "message",
    [
        "1 validation error detected: Value 'x' at 'processingJobName' failed to satisfy",
        "1 validation error detected: Value 'not found' at 'name' failed to satisfy constraint",
        "2 validation errors detected: Value 'x does not exist' at 'name'",
        "Job x exists in another region.",
        "The name x may not contain found.",
        "",
        None,
    ],
)
def test_other_validation_errors_are_refusals(message: str | None) -> None:
    """A validation error about something else is not taken for a missing job."""
    assert type(classified("ValidationException", message=message)) is Refused


@pytest.mark.parametrize("operation", [*REGION_LISTS, SEARCH])
@pytest.mark.parametrize("code", ["ResourceNotFound", "ValidationException"])
def test_nothing_can_be_missing_for_a_list_of_a_region(operation: str, code: str) -> None:
    """A list of a whole region is about no resource: "not found" is an error there."""
    error = classified(code, called=operation, message="Could not find the endpoint x")

    assert type(error) is Refused


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (401, AccessDenied),
        (403, AccessDenied),
        (404, Unavailable),
        (407, AccessDenied),
        (408, TimedOut),
        (429, Throttled),
        (500, Unavailable),
        (501, Unsupported),
        (502, Unavailable),
        (503, Unavailable),
        (504, Unavailable),
    ],
)
@pytest.mark.parametrize("code", ["{}", "", "SomethingNewException"])
def test_unknown_code_is_judged_by_its_status(
    status: int, wanted: type[Exception], code: str
) -> None:
    """A page of a proxy's has no code, in whose place botocore puts the status."""
    page = "<html><body>The page does not exist</body></html>"

    assert type(classified(code.format(status), status=status, message=page)) is wanted


@pytest.mark.parametrize("status", [400, 503])
@pytest.mark.parametrize(
    "message",
    [
        "Rate exceeded",
        "Request limit exceeded.",
        "Request throttled",
        "Too Many Requests",
        "Please reduce your request rate.",
        "Slow down!",
    ],
)
def test_throttling_is_recognised_by_its_message(status: int, message: str) -> None:
    """A 503 that says that the rate is exceeded is throttling, whatever the code."""
    error = classified("ServiceUnavailableException", status=status, message=message)

    assert type(error) is Throttled


STS = "AssumeRoleWithWebIdentity"


@pytest.mark.parametrize(
    ("code", "status", "wanted"),
    [
        ("AccessDenied", 403, InvalidCredentials),
        ("ExpiredTokenException", 400, InvalidCredentials),
        ("IDPCommunicationError", 400, Unavailable),
        ("IDPRejectedClaim", 403, InvalidCredentials),
        ("InternalFailure", 500, Unavailable),
        ("InvalidIdentityToken", 400, InvalidCredentials),
        ("MalformedPolicyDocument", 400, InvalidCredentials),
        ("NoSuchEntity", 404, InvalidCredentials),
        ("PackedPolicyTooLarge", 400, InvalidCredentials),
        ("RegionDisabledException", 403, InvalidCredentials),
        ("ResourceNotFoundException", 404, InvalidCredentials),
        ("ServiceUnavailable", 503, Unavailable),
        ("Throttling", 400, Throttled),
        ("TooManyRequestsException", 429, Throttled),
        ("ValidationError", 400, InvalidCredentials),
        ("403", 403, InvalidCredentials),
        ("503", 503, Unavailable),
    ],
)
@pytest.mark.parametrize("called", [DESCRIBE, "ListTrainingJobs", "ListTags"])
def test_what_sts_says_is_of_credentials(
    code: str, status: int, wanted: type[Exception], called: str
) -> None:
    """A role that does not exist is no missing job, and its name nothing that a caller wrote."""
    message = "The role does not exist or could not be found"

    error = classified(code, called=called, operation=STS, status=status, message=message)

    assert type(error) is wanted


@pytest.mark.parametrize("operation", ["GetRoleCredentials", "CreateToken", "AssumeRole"])
def test_services_of_credentials_are_all_judged_alike(operation: str) -> None:
    """IAM Identity Center's "not found" is about a role, and STS's about an account."""
    error = classified("ResourceNotFoundException", operation=operation, status=404)

    assert type(error) is InvalidCredentials
    assert str(error) == f"The gateway has no valid AWS credentials for {DESCRIBE}."


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
        assert isinstance(error, UpstreamError)
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
        InvalidCredentials,
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

    with pytest.raises(UpstreamError) as caught, translate(AwsCall(DESCRIBE)):
        raise cause

    assert type(caught.value) is CALLS[name]
    assert caught.value.__cause__ is cause
    error = caught.value
    assert_canonical_error({"message": str(error), "extensions": dict(error.extensions)})


@pytest.mark.parametrize("name", NOT_OF_CALLS)
def test_exception_that_no_call_raises_is_translated_all_the_same(name: str) -> None:
    """What should not happen is UPSTREAM_UNAVAILABLE and never a naked exception."""
    with pytest.raises(UpstreamError), translate(AwsCall(DESCRIBE)):
        raise raised(dict(exported())[name])


@pytest.mark.parametrize("error", [ValueError, AttributeError, RuntimeError, RecursionError])
def test_unreadable_answer_is_unavailable(error: type[Exception]) -> None:
    """The parser of botocore stumbles with plain exceptions over nonsense."""
    with pytest.raises(Unavailable), translate(AwsCall(DESCRIBE)):
        raise error("'list' object has no attribute 'get'")


def test_credentials_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    """A token file that is missing, or a command's nonsense, is not a bad answer of SageMaker's."""

    def read() -> None:
        FileWebIdentityTokenLoader(str(tmp_path / "token"))()

    fetcher = DeferredRefreshableCredentials(refresh_using=read, method="test")

    with pytest.raises(InvalidCredentials), translate(AwsCall(DESCRIBE)):
        fetcher.get_frozen_credentials()


def test_client_error_is_classified_on_its_way() -> None:
    """`translate` asks the table of codes."""
    with pytest.raises(Throttled) as caught, translate(AwsCall(DESCRIBE)):
        raise client_error("ThrottlingException")

    assert isinstance(caught.value.__cause__, ClientError)


def test_refusal_quotes_aws_to_who_wrote_the_value() -> None:
    """The caller reads AWS's sentence, which is what tells him what to change."""
    message = "Value 'my endpoint' at 'endpointName' failed to satisfy constraint"

    error = classified("ValidationException", called="ListMonitoringSchedules", message=message)

    assert isinstance(error, Refused)
    assert str(error.to_bad_user_input()) == f"AWS refused ListMonitoringSchedules: {message}"
    assert error.code == "UPSTREAM_UNAVAILABLE"
    assert "endpointName" not in str(error)


def test_quoted_refusal_names_no_account_but_the_asked_for() -> None:
    """ARNs and accounts are masked in what callers read, but for those in the call itself."""
    own = "arn:aws:sagemaker:eu-west-1:111122223333:processing-job/x"
    message = f"{own}: 111122223333 may not read arn:aws:iam::444455556666:role/r of 444455556666"

    error = classify(
        "ListTags",
        client_error("ValidationException", message, operation="ListTags"),
        {"ResourceArn": own},
    )

    assert isinstance(error, Refused)
    assert error.reason == f"{own}: 111122223333 may not read ... of ..."


def test_refused_token_says_how_to_begin_again() -> None:
    """An expired or foreign cursor is recognised by the page that was asked for."""
    error = client_error("ValidationException", "Invalid pagination token.", operation="ListTags")

    refused = classify("ListTags", error, {"NextToken": "t"})

    assert type(refused) is RefusedToken
    said = str(refused.to_bad_user_input())
    assert "cursor" in said
    assert "without `after`" in said
    assert "Invalid pagination token." in said


def leaves(kind: type[UpstreamError]) -> Iterator[type[UpstreamError]]:
    """Yield the class and all below it."""
    yield kind
    for each in kind.__subclasses__():
        yield from leaves(each)


def test_every_class_has_a_code_of_aws_s_failures() -> None:
    """The classes below `UpstreamError` and the codes of AWS's failures are the same list."""
    direct = UpstreamError.__subclasses__()

    assert sorted(kind.code for kind in direct) == sorted(
        code for code in Code if code.startswith("UPSTREAM_")
    )
    for kind in direct:
        assert {each.code for each in leaves(kind)} == {kind.code}
