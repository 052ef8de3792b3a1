"""A8: client input that libraries below the gateway stumble over."""

import json
from collections.abc import Iterator
from typing import Final

from benchmarks.siege.attack import Attack
from benchmarks.siege.client import graphql, head, post, sending
from benchmarks.siege.documents import ROOT

_AUTOML: Final = 'autoMLJob(name: "churn-autopilot")'
_STEPS: Final = "candidateSteps { candidateStepJob { __typename @stream } }"
_STREAMED: Final = (
    f"{{ {_AUTOML} {{ bestCandidate {{ {_STEPS} }} }} }}",
    f"{{ {ROOT} {{ id @stream }} }}",
    f"{{ {ROOT} {{ ... @stream {{ id }} }} }}",
    f"{{ {ROOT} @stream(initialCount: -1) {{ id }} }}",
    f"{{ {ROOT} {{ environment @stream(initialCount: -1) {{ key }} }} }}",
    f"{{ {ROOT} {{ environment @stream(initialCount: null) {{ key }} }} }}",
    f"{{ {ROOT} {{ ... @defer(label: 1) {{ id }} }} }}",
    f"{{ {ROOT} {{ a: environment @stream {{ key }} a: environment {{ key }} }} }}",
    'subscription { processingJob(name: "x") { ... @defer { id } } }',
)
_HEADERS: Final = ("application/json", "multipart/mixed; deferSpec=20220824", "text/event-stream")


def _streamed() -> Iterator[bytes]:
    for query in _STREAMED:
        for accept in _HEADERS:
            yield graphql(query, headers={"Accept": accept})


def _nested_variables() -> Iterator[bytes]:
    queries = (
        "query($v: Boolean) { __schema { types { fields(includeDeprecated: $v) { name } } } }",
        "query($v: String!) { processingJob(name: $v) { id } }",
        "query($v: [ID!]!) { nodes(ids: $v) { id } }",
        "query($v: ProcessingJobFilter) { processingJobs(filter: $v) { nodes { id } } }",
    )
    for query in queries:
        for depth in (200, 254, 255, 256, 1_000, 1_024, 20_000):
            for opening, closing in (("[", "]"), ('{"a":', "}")):
                value = f"{opening * depth}1{closing * depth}"
                query_text = query.replace('"', '\\"')
                yield post(f'{{"query":"{query_text}","variables":{{"v":{value}}}}}')


def _literals() -> Iterator[bytes]:
    for value in (
        "[" * 900 + "]" * 900,
        "{a: " * 900 + "1" + "}" * 900,
        "9" * 5_000,
        "1e9999",
        "-0",
        '"\\ud800"',
        '"\\u{110000}"',
        '"\\u0000"',
        '"""' + "x" * 50_000 + '"""',
        "$v",
        "null",
    ):
        yield graphql(f"{{ processingJob(name: {value}) {{ id }} }}")
        yield graphql(f"{{ processingJobs(first: {value}) {{ nodes {{ id }} }} }}")
        yield graphql(
            f"{{ processingJobs(filter: {{nameContains: {value}}}) {{ nodes {{ id }} }} }}"
        )


def _deep_documents() -> Iterator[bytes]:
    for depth in (100, 900, 2_400):
        yield graphql("{ a " * depth + "}" * depth)
        yield graphql("{ ... { " * depth + "__typename" + "} }" * depth)
        yield graphql(f"query($v: {'[' * depth}ID{']' * depth}) {{ __typename }}")


def _bodies() -> Iterator[bytes]:
    yield from map(
        post,
        (
            b"",
            b"null",
            b"[]",
            b"[" * 50_000,
            b"{" * 50_000,
            b'{"query":' * 5_000,
            b'"\\ud800"',
            b"\xff\xfe{",
            b'{"query":"{ __typename }","variables":[]}',
            b'{"query":"{ __typename }","variables":"x"}',
            b'{"query":1}',
            b'{"query":null}',
            b'{"query":"{ __typename }","extensions":1}',
            b'{"query":"{ __typename }","operationName":{}}',
            b'{"query":"\\ud800"}',
            b'{"query":"\\u0000"}',
            b'{"query":"{ __typename }","variables":{"\\ud800":1}}',
            b'{"query":"{ __typename }","extensions":{"persistedQuery":{"sha256Hash":1}}}',
            b'{"query":"{ __typename }","extensions":{"persistedQuery":[]}}',
        ),
    )


def _values() -> Iterator[bytes]:
    name = '{"query":"query($v: String!) { processingJob(name: $v) { id } }"'
    first = '{"query":"query($v: Int) { processingJobs(first: $v) { nodes { id } } }"'
    for query in (name, first):
        for value in ('"\\ud800"', "1e400", "9" * 5_000, "-1", "0", "NaN", "1.0", "true", '"1"'):
            yield post(f'{query},"variables":{{"v":{value}}}}}')


def _urls() -> Iterator[bytes]:
    for query in (
        "%",
        "%ff",
        "%00",
        "query=%7B__typename%7D&query=a",
        "query=%ED%A0%80",
        "query=%7B__typename%7D&variables=%5B%5D",
        "variables=" + "%5B" * 2_000,
        "query=%7B__typename%7D&extensions=%7B%22persistedQuery%22%3A1%7D",
        "documentId=%ff",
    ):
        yield head(f"/graphql?{query}", "GET", Accept="application/json") + b"\r\n"


_CURSORS: Final = ("", "x", "AAAA", "\ud800", "\0", "a" * 40_000, "[" * 2_000, "eyJhIjoxfQ==")
_ARNS: Final = (
    *("", ":", "arn:", "\ud800", "\0", "arn:aws:sagemaker:::", "arn:" + ":" * 50_000),
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/" + "x" * 60_000,
    "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/\u0130",
)


def _cursors() -> Iterator[bytes]:
    query = "query($v: String) { processingJobs(after: $v) { nodes { id } } }"
    for value in _CURSORS:
        yield post(_json(query, value))


def _arns() -> Iterator[bytes]:
    for value in _ARNS:
        yield post(_json("query($v: ID!) { node(id: $v) { id } }", value))


def _json(query: str, value: str) -> str:
    return json.dumps({"query": query, "variables": {"v": value}})


ATTACKS: Final = (
    Attack("a8-stream", "@stream and @defer where they cannot be", sending(_streamed)),
    Attack("a8-variables", "deeply nested variables", sending(_nested_variables)),
    Attack("a8-literals", "literals that cannot be", sending(_literals)),
    Attack("a8-documents", "deeply nested documents", sending(_deep_documents)),
    Attack("a8-bodies", "bodies that are no request", sending(_bodies)),
    Attack("a8-values", "values of variables", sending(_values)),
    Attack("a8-urls", "URLs that are no request", sending(_urls)),
    Attack("a8-cursors", "cursors", sending(_cursors)),
    Attack("a8-arns", "ARNs", sending(_arns)),
)
