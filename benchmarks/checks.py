"""Checks that servers answer correctly before they are measured."""

import json
from pathlib import Path
from typing import Any, Final

import boto3

from benchmarks.expected import Expectation, differences
from benchmarks.http_client import HttpClient, ResponseError
from benchmarks.load.closed_loop import NUMBER, unused_number
from benchmarks.targets import GRAPHQL, Target
from benchmarks.workloads import Workload

_SAMPLES: Final = 20


def expectation(upstream_url: str) -> Expectation:
    """Return the answers that boto3 gets from the upstream."""
    client = boto3.client(
        "sagemaker",
        region_name="eu-west-1",
        endpoint_url=upstream_url,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",  # the upstream asks nobody who they are
    )
    return Expectation(client)


def check_body(client: HttpClient, body: str, expected: Expectation) -> None:
    """Raise `ResponseError` unless a GraphQL server's answer is what boto3 says."""
    body = body.replace(NUMBER, str(unused_number()))
    request = json.loads(body)
    wanted = expected.of(request["query"], request["variables"])
    wrong = differences(client.data(GRAPHQL, body), wanted)
    if wrong:
        raise ResponseError("; ".join(wrong[:5]))


def check(target: Target, workload: Workload, expected: Expectation, answers: Path) -> None:
    """Raise `ResponseError` unless a target answers a workload as it must; some of many bodies."""
    try:
        with HttpClient(target.port) as client:
            if target.name == "limit":
                _check_limit(client, workload, answers)
                return
            step = max(1, len(workload.bodies) // _SAMPLES)
            for body in workload.bodies[::step]:
                check_body(client, body, expected)
    except ResponseError as error:
        raise ResponseError(f"{target.name}, {workload.key}: {error}") from error


def _check_limit(client: HttpClient, workload: Workload, answers: Path) -> None:
    known = (answers / workload.key).read_bytes().splitlines()
    for body in workload.bodies:
        if client.post(f"/{workload.key}", body) not in known:
            raise ResponseError("not the gateway's bytes")


def record_answers(target: Target, workload: Workload, answers: Path) -> None:
    """Record the gateway's answers for `limit` to return."""
    with HttpClient(target.port) as client:
        lines = [client.post(GRAPHQL, body) for body in workload.bodies]
    (answers / workload.key).write_bytes(b"".join(line + b"\n" for line in lines))


def ask_all(target: Target, bodies: list[str]) -> list[Any]:
    """Ask for all bodies in turn and return their data."""
    with HttpClient(target.port) as client:
        return [client.data(GRAPHQL, body) for body in bodies]
