"""Responses as the parts of one body.

Sources: https://github.com/graphql/graphql-over-http/blob/main/rfcs/IncrementalDelivery.md and
https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/multipart-protocol
"""

from typing import Final

from gateway.http.stream import Framing

_CONTENT_TYPE: Final = b'multipart/mixed; boundary="-"'
_PART: Final = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"
# A client knows that a part is whole when it sees the next boundary, so that goes out at once.
_BOUNDARY: Final = b"\r\n---"


def _part(response: bytes) -> bytes:
    return _PART + response + _BOUNDARY


def _payload(response: bytes) -> bytes:
    return _part(b'{"payload":' + response + b"}")


def _multipart(parameter: bytes = b"") -> Framing:
    return Framing(
        content_type=_CONTENT_TYPE + parameter,
        opening=_BOUNDARY,
        frame=_part,
        keep_alive=b"",
        closing=b"--\r\n",
    )


BY_ID: Final = _multipart()
BY_PATH: Final = _multipart(b"; deferSpec=20220824")
APOLLO_SUBSCRIPTION: Final = Framing(
    content_type=_CONTENT_TYPE + b'; subscriptionSpec="1.0"',
    opening=_BOUNDARY,
    frame=_payload,
    keep_alive=_part(b"{}"),
    closing=b"--\r\n",
)
"""Apollo's own: the response lies inside of an object, which empty is a sign of life."""
