"""Hypothesis strategies for requests: bodies, URLs, headers and WebSocket messages."""

import hashlib
import json
from typing import Any, Final
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

GOOD: Final[dict[str, Any]] = {
    "query": "query Q($name: String!, $ids: [ID!]!) {"
    " processingJob(name: $name) { id processingJobName trainingJob { trainingJobName } }"
    " nodes(ids: $ids) { id } }",
    "operationName": "Q",
    "variables": {"name": "churn-model-quality-check", "ids": ["arn:aws:sagemaker"]},
    "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}},
}
"""A valid request but for its hash."""

Headers = list[tuple[bytes, bytes]]

text = st.text(max_size=40)
numbers = st.one_of(
    st.integers(),
    st.integers(min_value=2**53, max_value=2**70),
    st.floats(),
    st.sampled_from([0, -0.0, 2**31, -(2**31) - 1, 2**63, 2**64, -(2**63) - 1, 1e308, 10**400]),
)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=10,
)
# One of every type first: drawn values are short more often than they are of one kind.
any_type = st.sampled_from([0, 1.5, True, "", "x", [], ["x"], [["x"]], {}, {"x": 1}]) | json_values


def _dumped(value: Any) -> bytes:
    # Lone surrogates as escapes, NaN and Infinity as Python writes them: none of it is JSON.
    return json.dumps(value).encode()


def _nested(pair: tuple[str, str], depth: int, inside: str, *, closed: bool) -> bytes:
    opening, closing = pair
    return (opening * depth + inside + (closing * depth if closed else "")).encode()


nested_json = st.builds(
    _nested,
    st.sampled_from([("[", "]"), ('{"query":', "}"), ('{"variables":', "}"), ('[{"a":', "}]")]),
    st.sampled_from([1, 5, 30, 100, 500, 1_000, 1_024, 1_025, 2_000, 9_000]),
    st.sampled_from(["", "1", "null", '"{__typename}"']),
    closed=st.booleans(),
)

# Text that is JSON to some, or almost.
odd_texts = st.sampled_from(
    [
        b"",
        b" ",
        b"\x00",
        b"1",
        b"null",
        b'"x"',
        b"[]",
        b"{}",
        b"[[]]",
        b"[{}]",
        b"[null]",
        b"NaN",
        b"-",
        b"1e999",
        b"-1E-999",
        b"1" * 5_000,
        b"-" + b"9" * 400,
        b'{"query":1' + b"0" * 5_000 + b"}",
        b'{"query":"{__typename}","variables":{"a":' + b"1" * 5_000 + b"}}",
        b'{"query":"{__typename}"}x',
        b'\xef\xbb\xbf{"query":"{__typename}"}',
        b'{"query":"{__typename}"}'.decode().encode("utf-16"),
        b'{"query":"{__typename}"}'.decode().encode("utf-32"),
        b'{"query":"\\ud800"}',
        b'{"query":"\\udc00\\ud800 {__typename}"}',
        b'{"query":"\xed\xa0\x80"}',
        b'{"query":"\xff{__typename}"}',
        b'{"query":"\xc0\xaf"}',
        b'{"query":"{__typename\\u0000}"}',
        b'{"query":"{__typename\x00}"}',
        b'{"\\ud800":1,"query":"{__typename}"}',
        b'{"query":"{__typename}","query":"{x}"}',
        b'{"query":1,"query":"{__typename}"}',
        b'{"query":"{__typename}","variables":{},"variables":[]}',
        b"{'query':'{__typename}'}",
        b'{"query":"{__typename}",}',
        b'{"query":"{__typename}"',
        b'{"query":"{ processingJob(name: \\"\\ud83d\\ude00\\") { id } }"}',
        b'{"query":"{ processingJob(name: \\"\\\\uD800\\") { id } }"}',
        b'{"query":"{ processingJob(name: \\"\\\\u{110000}\\") { id } }"}',
        b'{"query":"query($name:String!){processingJob(name:$name){id}}","variables":{"name":"\\u0000"}}',
        b"query={__typename}",
        b"<xml/>",
    ]
)

# Documents: a soup of tokens, often a valid one.
_TOKENS: Final = (
    *"{}()[]:=!|&@$ \n,#",
    *("query", "mutation", "subscription", "fragment", "on", "...", "extend", "schema", "type"),
    *("Q", "F", "id", "__typename", "__schema", "__type", "processingJob", "trainingJob", "node"),
    *("nodes", "processingJobName", "ProcessingJob", "Query", "$name", "String", "name", "ids"),
    *('"x"', '"""block"""', '"', '"\\u00', "\\", "1", "-0", "1e400", "9" * 40, "null", "true"),
    *("@skip(if: true)", "@include(if: $name)", "@defer", "@stream", '@defer(label: "a")'),
    *('(name: "x")', '(name: "x", region: "\u0000")', '(id: "arn:aws:sagemaker:::x/y")'),
    *('(ids: ["x", ""])', "{ id }", "...F", "fragment F on Query {", "\ufeff", "\u2028", "\x00"),
)
_WHOLE: Final = (
    "{ __typename }",
    "{ __schema { types { name fields { name } } } }",
    '{ __type(name: "ProcessingJob") { fields { name type { name } } } }',
    '{ processingJob(name: "x") { ...F } } fragment F on ProcessingJob { id ...F }',
    "query A { __typename } query B { __typename }",
    "query A { __typename } query A { __typename }",
    "fragment F on Query { __typename }",
    "query ($name: String! = null) { processingJob(name: $name) { id } }",
    "query ($name: ProcessingJob) { processingJob(name: $name) { id } }",
    "query ($name: [[String]]) { __typename @skip(if: $name) }",
    "query ($if: Boolean!) { __typename @skip(if: $if) }",
    'mutation { delete(name: "x") }',
    'subscription { processingJob(name: "nothing-of-that-name") { id } }',
    'subscription { a: processingJob(name: "x") { id } b: processingJob(name: "y") { id } }',
    'subscription { processingJob(name: "-", region: "x") { id } }',
    '{ processingJob(name: "churn-model-quality-check") { id ... @defer { processingJobName } } }',
    '{ ... @defer { processingJob(name: "x") { id } } nodes(ids: ["x"]) @stream { id } }',
    '{ node(id: "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/x") { id __typename } }',
    "type Query { a: Int } { a }",
)
_deep = st.builds(
    lambda pair, depth, closed: pair[0] * depth + "id" + (pair[1] * depth if closed else ""),
    st.sampled_from([("{a", "}"), ("{...on Query", "}"), ("query($a:[", "]"), ("{a(b:[", "])}")]),
    st.sampled_from([2, 20, 21, 200, 900, 3_000]),
    st.booleans(),
)
soups = st.lists(st.sampled_from(_TOKENS), max_size=25).map(" ".join)
documents = st.one_of(st.sampled_from([GOOD["query"], *_WHOLE]), soups, _deep, text)

_hashes = st.sampled_from(["", "x", "0" * 64, "sha256:" + "0" * 64]) | text
persisted = st.fixed_dictionaries(
    {}, optional={"version": st.sampled_from([1, 1.0, True, "1", 2]), "sha256Hash": _hashes}
)
variables = st.dictionaries(
    st.sampled_from(["name", "ids", "if", ""]) | text,
    json_values | st.sampled_from(["x", "a" * 64, ["x"] * 101, "\ud800", "../x", "ARN:aws"]),
    max_size=3,
)


def _with_hash(document: str) -> dict[str, Any]:
    hash_ = hashlib.sha256(document.encode("utf-8", "replace")).hexdigest()
    return {
        "query": document,
        "extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_}},
    }


# Valid requests, whose documents or variables may be invalid.
operations = st.one_of(
    documents.map(_with_hash),
    st.fixed_dictionaries({"query": documents}, optional={"variables": variables}),
)
wrong_requests = st.fixed_dictionaries(
    {},
    optional={
        "query": documents | json_values,
        "variables": variables | json_values,
        "operationName": st.sampled_from(["Q", "A", "", "\x00"]) | json_values,
        "extensions": st.fixed_dictionaries({"persistedQuery": persisted | json_values})
        | json_values,
        "documentId": _hashes | json_values,
    },
)
# Valid but for one member.
_valid = {name: GOOD[name] for name in ("query", "operationName", "variables")}
_one_wrong = st.builds(
    lambda member, value: {**_valid, member: value},
    st.sampled_from(["query", "operationName", "variables", "extensions", "documentId"]),
    any_type,
)
requests = st.one_of(operations, _one_wrong, wrong_requests)


def _with_duplicates(first: dict[str, Any], second: dict[str, Any]) -> bytes:
    members = (f"{json.dumps(k)}:{json.dumps(v)}" for k, v in [*first.items(), *second.items()])
    return ("{" + ",".join(members) + "}").encode()


def _damaged(whole: bytes, start: int, end: int, put: bytes) -> bytes:
    start, end = sorted((start % (len(whole) + 1), end % (len(whole) + 1)))
    return whole[:start] + put + whole[end:]


places = st.integers(min_value=0, max_value=10_000)
damaged = st.builds(
    _damaged,
    st.sampled_from([_dumped(GOOD), _dumped({"query": GOOD["query"]}), _dumped([GOOD, GOOD])]),
    places,
    places,
    st.binary(max_size=6),
)
shapes = st.one_of(json_values.map(_dumped), st.lists(requests, max_size=4).map(_dumped))
bodies = st.one_of(
    st.binary(max_size=200),
    shapes,
    operations.map(_dumped),
    _one_wrong.map(_dumped),
    wrong_requests.map(_dumped),
    st.builds(_with_duplicates, requests, requests),
    damaged,
    nested_json,
    odd_texts,
)


def _encoded(parameters: dict[str, Any]) -> bytes:
    as_text = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }
    return urlencode(as_text, errors="surrogatepass").encode()


query_strings = st.one_of(
    requests.map(_encoded),
    st.builds(lambda *parts: b"&".join(parts), requests.map(_encoded), requests.map(_encoded)),
    st.builds(_damaged, st.just(_encoded(GOOD)), places, places, st.binary(max_size=6)),
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"",
            b"query",
            b"query=",
            b"query=%",
            b"query=%ff",
            b"query=%00",
            b"query=%ED%A0%80",
            b"query={__typename}&variables=",
            b"query={__typename}&variables=%ff",
            b"query={__typename}&variables=[]&extensions=1",
            b"query={__typename}&operationName=&extensions=null",
            b"query={__typename};variables={}",
            b"query[]={__typename}",
            b"&".join([b"a=b"] * 2_000),
            b"query=" + quote("{" * 3_000).encode(),
        ]
    ),
)

_TYPES: Final = (
    *("connection_init", "connection_ack", "ping", "pong", "subscribe", "subscribe", "subscribe"),
    *("next", "error", "complete", "start", "stop", "", "\x00"),
)
_protocol_messages = st.fixed_dictionaries(
    {"type": st.sampled_from(_TYPES) | json_values},
    optional={
        "id": st.sampled_from(["1", "2", "", "\u20ac" * 100]) | any_type,
        "payload": requests | json_values,
    },
)
_good_messages = st.builds(
    lambda type_, id_, payload: {"type": type_, "id": id_, "payload": payload},
    st.sampled_from(["subscribe", "subscribe", "complete", "ping", "pong"]),
    st.sampled_from(["1", "2", "3", "\u20ac" * 100]),
    operations,
)
_wrong_messages = st.builds(
    lambda message, member, value: {**message, member: value},
    _good_messages,
    st.sampled_from(["type", "id", "payload"]),
    any_type,
)
_odd_messages = st.one_of(
    _wrong_messages.map(_dumped), _protocol_messages.map(_dumped), damaged, odd_texts, nested_json
)
# Invalid messages come last, since most of them close the connection. Lone surrogates stay escaped:
# no server passes on text that is not UTF-8.
messages = st.builds(
    lambda good, odd: [message.decode(errors="replace") for message in (*good, *odd)],
    st.lists(_good_messages.map(_dumped), max_size=3),
    st.lists(_odd_messages, min_size=1, max_size=3),
)

_MEDIA_TYPES: Final = (
    *("application/json", "application/graphql-response+json", "*/*", "application/*", "text/html"),
    *("text/event-stream", "multipart/mixed", "multipart/form-data", "text/plain", "image/png"),
    *("application/graphql", "application/x-www-form-urlencoded", "APPLICATION/JSON", "/", "a", ""),
)
_PARAMETERS: Final = (
    *("q=0", "q=1", "q=0.5", "q=nan", "q=inf", "q=-1", "q=1e999", "q=", "q", "q=1;q=0", "="),
    *("charset=utf-8", 'charset="UTF-8"', "charset=utf-16", "charset=\x00", "charset", ";;"),
    *("deferSpec=20220824", "incrementalSpec=v0.2", "subscriptionSpec=1.0", 'boundary="-"'),
)
_media_ranges = st.builds(
    lambda media_type, parameters: ";".join((media_type, *parameters)),
    st.sampled_from(_MEDIA_TYPES),
    st.lists(st.sampled_from(_PARAMETERS), max_size=3),
)
# Servers refuse control characters in headers and allow every other byte.
_junk = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=30)
media = st.lists(_media_ranges, max_size=4).map(",".join) | _junk
_OTHERS: Final = (
    *(
        "*",
        "W/",
        '"',
        'W/"x"',
        "gzip",
        "zstd",
        "gzip;q=0",
        "br;q=0.5, *;q=0",
        "identity",
        "no-cache",
    ),
    *("max-age=0", "no-store", "null", "http://a.example", "same-origin", "cross-site", "1", "-1"),
    *("9" * 5_000, "0x10", "chunked", "\xb2", "abc"),
)
headers = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["accept", "content-type"]), media),
        st.tuples(
            st.sampled_from(
                [
                    *("accept-encoding", "if-none-match", "cache-control", "origin", "referer"),
                    *("cookie", "sec-fetch-site", "x-server-timing", "apollo-require-preflight"),
                    *("content-length", "content-encoding", "transfer-encoding", "authorization"),
                    *("traceparent", "host", "x-forwarded-for", "connection", "upgrade"),
                ]
            ),
            st.sampled_from(_OTHERS) | _junk,
        ),
    ),
    max_size=5,
).map(lambda pairs: [(name.encode(), value.encode("latin-1")) for name, value in pairs])
