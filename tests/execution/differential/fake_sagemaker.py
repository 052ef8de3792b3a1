"""A fake of `gateway.aws.client.SageMaker`: answers of the seeded twin without HTTP, and faults.

The answers are parsed by botocore's own parser, as in the real client.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError
from botocore.parsers import create_parser

from gateway.aws.failures import classify
from gateway.aws.resources import SEARCH, TAGS, Resource
from gateway.errors import BadUserInput
from gateway.schema.registry import RESOURCES
from gateway.schema.types.training_job import TRAINING_JOB
from gateway.twin import Twin
from gateway.twin.http_server import Request
from gateway.twin.model import output_shape

REGION: Final = "eu-west-1"
SERVED_REGIONS: Final = (REGION, "us-east-1", "ap-south-1")
_NOW: Final = datetime(2026, 3, 4, 12, tzinfo=UTC)
PARENTS: Final = {child: resource for resource in RESOURCES for child in resource.children}
"""The parent of each resource that only exists in lists."""
_BY_DESCRIBE: Final = {resource.describe: resource for resource in RESOURCES}


class Call(NamedTuple):
    """What AWS is asked for: an operation and, where it is about one resource, which."""

    operation: str
    region: str
    name: str
    """For ListTags the ARN; for lists the parameters, or nothing where any list is meant."""


@cache
def twin() -> Twin:
    """Return the offline SageMaker, which is never started: it is asked directly."""
    found = Twin(jobs=20, seed=7, region=REGION, clock=lambda: _NOW, started=_NOW)
    found.set_faults(emptyPages=True)
    return found


@cache
def existing_names(resource: Resource, region: str) -> tuple[str, ...]:
    """Return names of some resources that exist, those with many links first."""
    found = tuple(twin().answers(resource.describe, region))
    return found[:5] + found[6:16:2] if region == REGION else found[:2]


def healthy_answer(call: Call) -> Mapping[str, Any]:
    """Return the healthy answer to a call about one resource, or to one for any list."""
    member = _name_member(call.operation)
    about = {member: call.name} if member else {}
    for child, parent in PARENTS.items():
        if call.operation == child.listing.operation:
            about = {child.listing.parent or "": existing_names(parent, call.region)[0]}
    return _ask(call.operation, call.region, json.dumps(about))


@cache
def all_calls() -> tuple[Call, ...]:
    """Return the calls that describe these resources, list their tags, and list the resources."""
    places = [
        (resource, region, name)
        for region in SERVED_REGIONS[:2]
        for resource in RESOURCES
        for name in existing_names(resource, region)
    ]
    describes = [Call(resource.describe, region, name) for resource, region, name in places]
    arns = [
        healthy_answer(call)[resource.arn]
        for call, (resource, *_) in zip(describes, places, strict=True)
    ]
    tags = [Call(TAGS.operation, arn.split(":")[3], arn) for arn in arns]
    lists = [
        Call(resource.listing.operation, region, "")
        for resource in RESOURCES
        for region in SERVED_REGIONS[:2]
    ]
    lists += [
        Call(child.listing.operation, region, "")
        for child in PARENTS
        for region in SERVED_REGIONS[:2]
    ]
    searches = [Call(SEARCH, region, "") for region in SERVED_REGIONS[:2]]
    return (*describes, *tags, *lists, *searches)


@cache
def _ask(operation: str, region: str, parameters: str) -> Mapping[str, Any]:
    scope = f"Credential=nobody/20260304/{region}/sagemaker/aws4_request"
    headers = {
        "x-amz-target": f"SageMaker.{operation}",
        "authorization": f"AWS4-HMAC-SHA256 {scope}",
    }
    response = twin().respond(Request("POST", "/", headers, parameters.encode()))
    answer: dict[str, Any] = create_parser("json").parse(
        {
            "status_code": response.status,
            "headers": {"content-length": str(len(response.body))},
            "body": response.body,
        },
        output_shape(operation),
    )
    if response.status != 200:
        raise classify(operation, ClientError(answer, operation), json.loads(parameters))
    return answer


def _name_member(operation: str) -> str:
    """Return the parameter that says which resource a call is about, nothing for other calls."""
    if operation == TAGS.operation:
        return "ResourceArn"
    resource = _BY_DESCRIBE.get(operation)
    return resource.name if resource else ""


class FakeSageMaker:
    """The part of `SageMaker` that the gateway reads through. `faults` may be changed at any time.

    A fault is a function from the healthy answer, `None` where there is no such resource, to what
    AWS answers instead; `delays` says how many turns of the event loop an answer takes. Pages of
    lists hold at most `page_size` rows before they are filtered. Each call takes `seconds`.
    """

    region = REGION
    partition = "aws"

    def __init__(
        self, delays: Mapping[Call, int], page_size: int | None = None, seconds: float = 0
    ) -> None:
        self.calls: Counter[str] = Counter()
        self.asked: Counter[Call] = Counter()
        self.faults: Mapping[Call, Any] = {}
        self._delays = delays
        self._page_size = page_size
        self._seconds = seconds

    def check_region(self, region: str) -> None:
        """Raise `BadUserInput` for a region that is not served."""
        if region not in SERVED_REGIONS:
            raise BadUserInput(f"Region {region!r} is not one that this gateway serves.")

    async def call(self, region: str, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Answer as the twin does, unless the call has a fault."""
        text = json.dumps(parameters, sort_keys=True, default=datetime.timestamp)
        call = Call(operation, region, parameters.get(_name_member(operation), text))
        self.calls[operation] += 1
        self.asked[call] += 1
        any_list = Call(operation, region, "")
        for _ in range(1 + self._delays.get(call, self._delays.get(any_list, 0))):
            await asyncio.sleep(0)
        if self._seconds:
            await asyncio.sleep(self._seconds)
        if self._page_size and "MaxResults" in parameters:
            text = json.dumps(json.loads(text) | {"MaxResults": self._page_size})
        fault = self.faults.get(call, self.faults.get(any_list))
        if operation == SEARCH and fault is None:
            return self._without_faulty_jobs(region, _ask(operation, region, text))
        if fault is None:
            return _ask(operation, region, text)
        answer: Mapping[str, Any] = fault.answer(lambda: _ask(operation, region, text))
        return answer

    def _without_faulty_jobs(self, region: str, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leave out, as Search may, whose description differs from what it says."""
        results = [
            result
            for result in answer["Results"]
            if Call(TRAINING_JOB.describe, region, result["TrainingJob"][TRAINING_JOB.name])
            not in self.faults
        ]
        return {**answer, "Results": results}
