"""Errors of AWS's JSON protocol: a code, a message and an HTTP status."""

INTERNAL_FAILURE = "InternalFailure"
THROTTLING = "ThrottlingException"

# What AWS answers for errors that belong to no operation: code -> (HTTP status, typical message).
COMMON_ERRORS: dict[str, tuple[int, str]] = {
    INTERNAL_FAILURE: (
        500,
        "The request processing has failed because of an unknown error, exception or failure.",
    ),
    "InternalServerError": (500, "We encountered an internal error. Please try again."),
    "ServiceUnavailable": (
        503,
        "The request has failed due to a temporary failure of the server.",
    ),
    "ServiceUnavailableException": (503, "Service is temporarily unavailable."),
    "AccessDeniedException": (
        400,
        (
            "User: arn:aws:sts::{account}:assumed-role/gateway/session is not authorized to "
            "perform: sagemaker:{operation} because no identity-based policy allows the "
            "sagemaker:{operation} action"
        ),
    ),
    "ExpiredTokenException": (400, "The security token included in the request is expired"),
    "ExpiredToken": (403, "The security token included in the request is expired"),
    "UnrecognizedClientException": (
        400,
        "The security token included in the request is invalid.",
    ),
    "InvalidClientTokenId": (403, "The security token included in the request is invalid."),
    "InvalidSignatureException": (
        403,
        (
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method."
        ),
    ),
    "IncompleteSignature": (400, "The request signature does not conform to AWS standards."),
    "MissingAuthenticationTokenException": (403, "Missing Authentication Token"),
    "OptInRequired": (403, "The AWS Access Key Id needs a subscription for the service"),
    "NotAuthorized": (400, "You do not have permission to perform this action."),
    "RequestExpired": (400, "Request has expired."),
    THROTTLING: (400, "Rate exceeded"),
    "TooManyRequestsException": (429, "Too Many Requests"),
    "RequestLimitExceeded": (503, "Request limit exceeded."),
    "ResourceLimitExceeded": (400, "The account-level service limit was exceeded."),
    "ResourceNotFound": (400, "Requested resource not found."),
    "ValidationException": (400, "1 validation error detected."),
}


class AwsError(Exception):
    """One error answer: `code` goes to `__type`, `message` to `message`, `status` to HTTP."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def common_error(code: str, operation: str, account: str) -> AwsError:
    """Return the error that AWS gives with this code; codes it does not know are HTTP 400."""
    status, message = COMMON_ERRORS.get(code, (400, f"{code} while calling {operation}."))
    return AwsError(code, message.format(operation=operation, account=account), status)


def invalid(message: str) -> AwsError:
    """Return the ValidationException for bad input."""
    return AwsError("ValidationException", message)
