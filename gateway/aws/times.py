"""Read the times in AWS's answers as boto3 does, without losing an answer to a single one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.utils import parse_timestamp

from gateway.aws.call_log import AwsCall, log_unreadable


@dataclass(frozen=True, slots=True)
class UnreadableTime:
    """What stands in an answer where a time should be."""

    text: str


def read_time(value: Any, call: AwsCall) -> datetime | UnreadableTime:
    """Return the instant that AWS means, in the answer to `call`.

    Milliseconds in the place of seconds, as AWS has sent (aws/aws-cli issue 10222), are no time
    that Python can hold. That is an `UnreadableTime`, which is logged.
    """
    try:
        time: datetime = parse_timestamp(value)
    except (ValueError, RuntimeError, OverflowError) as error:
        log_unreadable(call.operation, call.region, f"A time that cannot be: {error}")
        return UnreadableTime(str(value))
    return time
