"""Bound what a server may send for an answer: its bytes, and the time until the last of them.

botocore reads a body to its end, however long that takes: its timeout is for each piece.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from urllib3.exceptions import ProtocolError
from urllib3.exceptions import ReadTimeoutError as PieceTimeoutError

from gateway.aws.errors import TimedOut

MOST_BYTES: Final = 32 * 2**20
"""Several times what a page of a hundred jobs takes, at the limits that AWS sets for each."""
_PIECE: Final = 2**16


class BoundedSession:
    """Sends requests as `session`, botocore's own, does; `until` returns the end on `monotonic`."""

    def __init__(self, session: Any, until: Callable[[], float]) -> None:
        self._session = session
        self._until = until

    def send(self, request: Any) -> Any:
        """Return the response, its body read.

        Raises what botocore's session raises, `TimedOut` for a body that does not end in time, and
        `ValueError` for one that is too long.
        """
        # botocore reads the body later then, through `raw`.
        request.stream_output = True
        response = self._session.send(request)
        response.raw = _Body(response.raw, self._until())
        try:
            _ = response.content
        except PieceTimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except ProtocolError as error:
            raise ConnectionClosedError(
                error=error, request=request, endpoint_url=request.url
            ) from error
        return response

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


class _Body:
    """What botocore reads of a response."""

    def __init__(self, raw: Any, until: float) -> None:
        self._raw = raw
        self._until = until

    def stream(self) -> Iterator[bytes]:
        """Yield the body in the pieces in which it comes."""
        left = MOST_BYTES
        while piece := self._raw.read1(_PIECE):
            left -= len(piece)
            if left < 0:
                self._raw.close()
                raise ValueError(f"The answer is longer than {MOST_BYTES} bytes.")
            if time.monotonic() > self._until:
                self._raw.close()
                raise TimedOut("AWS did not end its answer in time.")
            yield piece
        self._raw.release_conn()
