"""Nothing that a caller sends picks where calls go: only the settings and AWS's regions do."""

from typing import Any, Final

import orjson
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.httpsession import URLLib3Session

from gateway.aws.pagination import cursor
from tests.conftest import StartGateway
from tests.http.asgi_client import open_initialised_websocket

pytestmark = pytest.mark.anyio

ACCOUNT: Final = "111122223333"
HOSTILE: Final = (
    *("evil.example", "eu-west-1.evil.example", "eu-west-1@evil.example", "evil.example/#"),
    *("eu-west-1/../..", "eu-west-1?x=", "eu-west-1#", "eu-west-1:9", "127.0.0.1:9/", "[::1]"),
    *("eu-west-1\r\nHost: evil.example", "eu-west-1\0", " eu-west-1", "eu_west_1", "*"),
    *("eu-west-99", "cn-north-1", "us-gov-west-1", "fips-us-east-1", "169.254.169.254"),
)
"""Regions that are none of this gateway's."""
HEADERS: Final = {
    "Host": "evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Amz-Region": "us-west-2",
    "X-Endpoint-Url": "http://evil.example",
    "Forwarded": "host=evil.example",
}
QUERY: Final = """
query ($name: String!, $region: String, $id: ID!, $after: String) {
  processingJob(name: $name, region: $region) { roleArn }
  processingJobs(region: $region, after: $after) { nodes { roleArn } }
  node(id: $id) { ... on ProcessingJob { roleArn } }
}
"""
WATCH: Final = (
    "subscription ($region: String) { processingJob(name: "
    '"job", region: $region) { processingJobStatus } }'
)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the set of the addresses that are called; none of them answers."""
    addresses: set[str] = set()

    def send(self: URLLib3Session, request: Any) -> Any:
        addresses.add(request.url)
        raise EndpointConnectionError(endpoint_url=request.url)

    monkeypatch.setattr(URLLib3Session, "send", send)
    return addresses


def arn(region: str, partition: str = "aws") -> str:
    """Return the ARN of a job in a region."""
    return f"arn:{partition}:sagemaker:{region}:{ACCOUNT}:processing-job/job"


async def test_only_known_regions_are_called(start_gateway: StartGateway, called: set[str]) -> None:
    """By argument, name, id, list and subscription, a region is called by AWS's own address."""
    gateway = await start_gateway(endpoint_url=None, aws_attempts=1)
    for region in HOSTILE:
        for id_ in (arn(region), arn("eu-west-1", region), region):
            variables = {"name": arn(region), "region": region, "id": id_}
            answer = await gateway.query(QUERY, **variables)
            assert answer.codes
    async with open_initialised_websocket(gateway.app) as socket:
        for number, region in enumerate(HOSTILE):
            socket.subscribe(str(number), WATCH, variables={"region": region})
            assert (await socket.receive_message())["type"] in {"next", "error"}
            assert (await socket.receive_message())["type"] == "complete"
    assert called == set()

    variables = {"name": "job", "region": "us-east-1", "id": arn("us-west-2")}
    await gateway.http.post("/graphql", json={"query": QUERY, "variables": variables})
    regions = ("us-east-1", "us-west-2")
    assert called == {f"https://api.sagemaker.{region}.amazonaws.com/" for region in regions}


async def test_headers_pick_no_endpoint(start_gateway: StartGateway, called: set[str]) -> None:
    """Neither do headers, whatever they are called."""
    gateway = await start_gateway(endpoint_url=None, aws_attempts=1)

    body = {"query": '{ processingJob(name: "job") { roleArn } }'}
    await gateway.http.post("/graphql", json=body, headers=HEADERS)

    assert called == {"https://api.sagemaker.eu-west-1.amazonaws.com/"}


async def test_cursors_pick_no_endpoint(start_gateway: StartGateway, called: set[str]) -> None:
    """A cursor is of one region's list, and of no other however it was come by."""
    gateway = await start_gateway(endpoint_url=None, aws_attempts=1, regions="us-east-1")
    query = "query ($after: String) { processingJobs(after: $after) { nodes { roleArn } } }"
    for region in ("evil.example", "us-east-1"):
        body = orjson.dumps([1, region, [[region, 0]], None])
        forged = cursor._encode(cursor._checksum(body) + body)
        answer = await gateway.query(query, after=forged)
        assert answer.codes == ["BAD_USER_INPUT"]

    assert called == set()


async def test_setting_is_the_only_endpoint(start_gateway: StartGateway, called: set[str]) -> None:
    """With an endpoint in the settings, every region is called there."""
    gateway = await start_gateway(endpoint_url="http://127.0.0.1:9", aws_attempts=1)

    variables = {"name": "job", "region": "us-east-1", "id": arn("us-west-2")}
    await gateway.http.post("/graphql", json={"query": QUERY, "variables": variables})

    assert called == {"http://127.0.0.1:9/"}
