"""Responses to requests of which nothing is executed."""

from typing import Final

import orjson

from gateway.errors import Code, CodedError
from gateway.execution.errors import request_error, unexpected_error
from gateway.http.headers import Head
from gateway.http.negotiation import MediaType
from gateway.http.persisted_documents import PersistedQueryNotFound
from gateway.http.responses import CONTENT_TYPES, NO_STORE, VARY, BytesResponse, Header


class CrossSite(CodedError):
    """A page of another site may have caused the request without its user's knowledge."""

    code = Code.FORBIDDEN


def refuse(
    status: int,
    error: CodedError | str,
    *headers: Header,
    media_type: MediaType = MediaType.JSON,
) -> BytesResponse:
    """Return a response with that one error."""
    body = orjson.dumps(request_error(error))
    return BytesResponse(body, status, CONTENT_TYPES[media_type], VARY, NO_STORE, *headers)


def wrong_request(error: CodedError, head: Head) -> BytesResponse:
    """Return the response to parameters that make no GraphQL request."""
    # Clients of Apollo's protocol look for this error in a response that succeeded.
    status = 200 if isinstance(error, PersistedQueryNotFound) else 400
    return refuse(status, error, media_type=head.accepted.single or MediaType.JSON)


METHOD: Final = refuse(405, "Use GET or POST.", (b"allow", b"GET, HEAD, POST"))
ACCEPT: Final = refuse(
    406, f"The response is one of {', '.join(media_type.value for media_type in CONTENT_TYPES)}."
)
CROSS_SITE: Final = refuse(
    403,
    CrossSite(
        "Blocked as a possible cross-site request forgery: send `content-type: application/json` "
        "or a non-empty `apollo-require-preflight` header."
    ),
)
CONTENT_TYPE: Final = refuse(415, "Send the request as application/json in UTF-8.")
UNEXPECTED: Final = BytesResponse(
    orjson.dumps(unexpected_error()), 500, CONTENT_TYPES[MediaType.JSON], NO_STORE
)
