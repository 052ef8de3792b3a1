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
    gone.add_done_callback(lambda _: answer.cancel())
    # `asyncio.wait` for both costs half as much again, which two hundred waiting clients feel.
    try:
        return await answer
    except (asyncio.CancelledError, Exception):
        if _is_cancelled():
            raise
        if gone.done():
            gone.result()
            raise ClientGone from None
        if answer.cancelled():
            raise CutOff from None
        raise
    finally:
        gone.cancel()


def _is_cancelled() -> bool:
    """Tell whether it is the current task that somebody cancelled, not what it waits for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def cut_off() -> None:
    """Cancel all work for clients in this event loop."""
    for task in asyncio.all_tasks():
        if task.get_name() == _WORK:
            task.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
