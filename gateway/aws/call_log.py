"""The one log line of a failed AWS call, and AWS's words without secrets and account ids."""

import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import CredentialRetrievalError

from gateway.aws.errors import Unavailable
from gateway.errors import CodedError
from gateway.logs.redaction import hide_secrets

logger = logging.getLogger(__name__)

_LONGEST_REASON: Final = 500
"""Characters of what AWS or a proxy wrote."""

_ARN: Final = re.compile(r"arn:[\w-]+:[^\s'\"<>]*[\w*]")
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


@dataclass(slots=True)
class AwsCall:
    """One call of an operation, with what becomes known of it while it is made."""

    operation: str
    region: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    is_of_one: bool = True
    """Whether it is about one resource, which could be missing, and not about a whole region."""
    until: float = math.inf
    """On `time.monotonic`: after that no further attempt is begun."""
    attempts: int = 0
    """Requests sent so far."""
    endpoint: str = ""
    """The host that they went to, with its port where that is not the usual one."""


def log_failure(
    call: AwsCall,
    error: Exception,
    *,
    code: str,
    message: str,
    operation: str = "",
    status: int = 0,
    request_id: str = "",
    attempts: int = 0,
) -> None:
    """Log that a call failed as `error`: once, without a traceback, secrets left out.

    `code`, `message`, `status` and `request_id` are AWS's; `operation` is the one that failed,
    where credentials for the call were asked for and not given.
    """
    facts = {
        "result": error.code.value if isinstance(error, CodedError) else type(error).__name__,
        "operation": operation or call.operation,
        "called": call.operation,
        "region": call.region,
        "endpoint": call.endpoint,
        "aws_code": code,
        "reason": clean_reason(message),
        "status": status,
        "request_id": request_id,
        "attempts": call.attempts or attempts,
    }
    logger.warning("gateway.aws_call_failed", extra=facts)


def log_unreadable(operation: str, region: str, reason: str) -> None:
    """Log that something in AWS's answer to `operation` is not what AWS says that it is."""
    facts = {"operation": operation, "region": region, "reason": clean_reason(reason)}
    logger.warning("gateway.aws_answer_unreadable", extra=facts)


def unreadable(operation: str, region: str, message: str) -> Unavailable:
    """Return the error for an answer that lacks what it must have, and log it."""
    log_unreadable(operation, region, message)
    return Unavailable(message)


def describe_exception(error: Exception) -> str:
    """Return what an exception says, but for what a command printed that gives credentials."""
    provider = getattr(error, "kwargs", {}).get("provider")
    if isinstance(error, CredentialRetrievalError) and provider == "custom-process":
        return "The command of `credential_process` failed."
    return str(error)


def clean_reason(text: str) -> str:
    """Return a text of AWS's or of a proxy's in one line, without credentials and signatures."""
    line = " ".join(hide_secrets(text).split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}..."


def quote_reason(text: str, parameters: Mapping[str, Any]) -> str:
    """Return AWS's sentence for the caller: no ARN or account but those in the parameters."""
    asked = " ".join(str(value) for value in parameters.values())

    def mask(match: re.Match[str]) -> str:
        return match[0] if match[0] in asked else "..."

    return _ACCOUNT.sub(mask, _ARN.sub(mask, clean_reason(text))) or "no reason given."
