"""Which operations are answered by a stream, and how its results are framed."""

import orjson

from gateway.execution.engine import Engine
from gateway.execution.errors import request_error
from gateway.execution.interpreted.incremental import Delivery
from gateway.execution.prepared import NEEDS_STREAM, Answered, Prepared, Subscribed
from gateway.execution.response_stream import Streams, has_parts
from gateway.http import framing as multipart
from gateway.http.headers import Head
from gateway.http.long_lived import TooManyStreams
from gateway.http.negotiation import MediaType
from gateway.http.responses import CONTENT_TYPES, NO_STORE, VARY, BytesResponse
from gateway.http.sse import SERVER_SENT_EVENTS
from gateway.http.stream import Framing, Life, StreamedResponse


class Streaming:
    """Answers operations that have, or may have, more than one result."""

    def __init__(self, engine: Engine, streams: Streams, life: Life) -> None:
        self._engine = engine
        self._streams = streams
        self._life = life

    def response(self, prepared: Prepared, head: Head) -> StreamedResponse | BytesResponse | None:
        """Return what answers the request, `None` where that is a single result.

        Must be called in the event loop, and the response sent at once.
        """
        accepted = head.accepted
        if accepted.stream is None:
            return _refusal(406, NEEDS_STREAM.body) if isinstance(prepared, Subscribed) else None
        delivery = _delivery(head.accept, accepted.stream)
        if accepted.single is not None and not self._is_long(
            prepared, delivery, fresh=head.no_cache
        ):
            return None
        try:
            self._life.long_lived.check()
        except TooManyStreams as error:
            return _refusal(503, orjson.dumps(request_error(error)))
        framing = _framing(head.accept, accepted.stream, prepared)
        results = self._streams.respond(prepared, delivery, fresh=head.no_cache)
        return StreamedResponse(results, framing, self._life)

    def _is_long(self, prepared: Prepared, delivery: Delivery, *, fresh: bool) -> bool:
        """Tell whether a stream serves a client better that would take a single result too."""
        if isinstance(prepared, Subscribed):
            return True
        if isinstance(prepared, Answered) or not has_parts(prepared, delivery):
            return False
        # What is at hand comes in one piece, whose bytes caches may keep.
        return fresh or self._engine.answer_now(prepared) is None


def _delivery(accept: bytes, media_type: MediaType) -> Delivery:
    by_path = media_type is MediaType.MULTIPART and b"deferspec=20220824" in accept
    return Delivery.BY_PATH if by_path else Delivery.BY_ID


def _framing(accept: bytes, media_type: MediaType, prepared: Prepared) -> Framing:
    if media_type is MediaType.EVENT_STREAM:
        return SERVER_SENT_EVENTS
    if isinstance(prepared, Subscribed) and b"subscriptionspec=" in accept:
        return multipart.APOLLO_SUBSCRIPTION
    by_path = _delivery(accept, media_type) is Delivery.BY_PATH
    return multipart.BY_PATH if by_path else multipart.BY_ID


def _refusal(status: int, body: bytes) -> BytesResponse:
    return BytesResponse(body, status, CONTENT_TYPES[MediaType.JSON], VARY, NO_STORE)
