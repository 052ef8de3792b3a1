"""AWS's JSON 1.1 protocol: which operation a request calls, and how answers look on the wire."""

import json
import re
import uuid
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from gateway.twin.errors import AwsError
from gateway.twin.http_server import Request, Response

JSON_TYPE = "application/x-amz-json-1.1"
TARGET_PREFIX = "SageMaker."
# Authorization: AWS4-HMAC-SHA256 Credential=AKIA.../20260101/eu-west-1/sagemaker/aws4_request, ...
CREDENTIAL = re.compile(r"Credential=[^,\s]*?/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")


class Target(NamedTuple):
    """What a request calls: the operation, in which region, of SageMaker or of another service."""

    operation: str
    region: str
    is_sagemaker: bool


def identify(request: Request, home_region: str) -> Target:
    """Read operation and region; a request that is not signed goes to the home region."""
    scope = CREDENTIAL.search(request.headers.get("authorization", ""))
    region = scope.group(1) if scope else home_region
    target = request.headers.get("x-amz-target", "")
    if target.startswith(TARGET_PREFIX):
        return Target(target[len(TARGET_PREFIX) :], region, is_sagemaker=True)
    operation = target.rpartition(".")[2] or _query_action(request)
    return Target(operation, region, is_sagemaker=False)


def read_params(request: Request) -> Any:
    """Return the input of a JSON 1.1 call."""
    try:
        return json.loads(request.body or b"{}")
    except ValueError:
        raise AwsError("SerializationException", "Could not parse the request body") from None


def render(body: bytes) -> Response:
    """Return a good answer."""
    return Response(200, body, JSON_TYPE, (("x-amzn-RequestId", str(uuid.uuid4())),))


def render_error(error: AwsError) -> Response:
    """Return an error answer, as botocore reads code and message from it."""
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return Response(error.status, body, JSON_TYPE, (("x-amzn-RequestId", str(uuid.uuid4())),))


def _query_action(request: Request) -> str:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(request.body.decode("latin-1")).get("Action")
        if action:
            return action[0]
    return f"{request.method} {request.target.partition('?')[0]}"
