"""Whether servers answer what they must: a fast wrong answer is no result."""

import json
from pathlib import Path
from typing import Any, Final

import boto3

from benchmarks.asking import AnswerError, Asker
from benchmarks.expected import Expectation, differences
from benchmarks.load.flood import NUMBER, first_number
from benchmarks.targets import GRAPHQL, Target
from benchmarks.workloads import Workload

_SAMPLES: Final = 20


def expectation(upstream_url: str) -> Expectation:
    """Return what boto3 knows about the upstream."""
    client = boto3.client(
        "sagemaker",
        region_name="eu-west-1",
        endpoint_url=upstream_url,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",  # the upstream asks nobody who they are
    )
    return Expectation(client)


def check_body(asker: Asker, body: str, expected: Expectation) -> None:
    """Raise `AnswerError` unless a GraphQL server's answer is what boto3 says."""
    body = body.replace(NUMBER, str(first_number()))
    request = json.loads(body)
    wanted = expected.of(request["query"], request["variables"])
    wrong = differences(asker.data(GRAPHQL, body), wanted)
    if wrong:
        raise AnswerError("; ".join(wrong[:5]))


def check(target: Target, workload: Workload, expected: Expectation, answers: Path) -> None:
    """Raise `AnswerError` unless a target answers a workload as it must; some of many bodies."""
    try:
        with Asker(target.port) as asker:
            if target.name == "limit":
                _check_limit(asker, workload, answers)
                return
            step = max(1, len(workload.bodies) // _SAMPLES)
            for body in workload.bodies[::step]:
                check_body(asker, body, expected)
    except AnswerError as error:
        raise AnswerError(f"{target.name}, {workload.key}: {error}") from error


def _check_limit(asker: Asker, workload: Workload, answers: Path) -> None:
    known = (answers / workload.key).read_bytes().splitlines()
    for body in workload.bodies:
        if asker.post(f"/{workload.key}", body) not in known:
            raise AnswerError("not the gateway's bytes")


def record(target: Target, workload: Workload, answers: Path) -> None:
    """Keep the gateway's answers as the limit's."""
    with Asker(target.port) as asker:
        lines = [asker.post(GRAPHQL, body) for body in workload.bodies]
    (answers / workload.key).write_bytes(b"".join(line + b"\n" for line in lines))


def ask_all(target: Target, bodies: list[str]) -> list[Any]:
    """Ask for all bodies in turn and return their data."""
    with Asker(target.port) as asker:
        return [asker.data(GRAPHQL, body) for body in bodies]
