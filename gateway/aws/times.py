"""Read the times in AWS's answers as boto3 does; one that Python cannot hold fails no answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp

from gateway.aws.call_log import AwsCall, log_unreadable


@dataclass(frozen=True, slots=True)
class UnreadableTime:
    """A value of an answer that should be a time and cannot be read as one."""

    text: str


def read_time(value: Any, call: AwsCall) -> datetime | UnreadableTime:
    """Return a time in the answer to `call`.

    Python cannot hold the time that milliseconds in the place of seconds make, which AWS has sent
    (aws/aws-cli issue 10222). For it the function logs and returns an `UnreadableTime`.
    """
    try:
        time: datetime = parse_timestamp(value)
    except (ValueError, RuntimeError, OverflowError) as error:
        log_unreadable(call.operation, call.region, f"A time that cannot be: {error}")
        return UnreadableTime(str(value))
    return time
