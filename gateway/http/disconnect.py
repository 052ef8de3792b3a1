"""Work for a client, stopped when the client goes away."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.types import Receive

from gateway.errors import Code, CodedError
from gateway.http.body import ClientGone

T = TypeVar("T")

_WORK: Final = "gateway.work-for-client"


class CutOff(CodedError):
    """The process ends before the work for a client is done."""

    code = Code.UPSTREAM_TIMEOUT

    def __init__(self) -> None:
        super().__init__("AWS did not answer before the gateway had to end; try again.")


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; `receive` is of the request, whose body has been read.

    Raises `ClientGone` when the client disconnects first and `CutOff` after `cut_off`; the work is
    cancelled then.
    """
    answer = asyncio.create_task(work, name=_WORK)
    gone = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            if answer.cancelled():
                raise CutOff
            return answer.result()
        gone.result()
        raise ClientGone
    finally:
        gone.cancel()
        if not answer.done():
            answer.cancel()
            # Seen, or asyncio would report work that answers its cancellation with an exception.
            answer.add_done_callback(lambda task: task.cancelled() or task.exception())


def cut_off() -> None:
    """Cancel all work for clients in this event loop."""
    for task in asyncio.all_tasks():
        if task.get_name() == _WORK:
            task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
