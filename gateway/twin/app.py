"""What happens to a request: counted, judged, answered by the scenario or by moto."""

import select
import threading
import time
from collections.abc import Mapping

from gateway.twin.call import Call, NotOursError, Operation
from gateway.twin.calls import Calls
from gateway.twin.control import PREFIX, Control
from gateway.twin.errors import INTERNAL_FAILURE, THROTTLING, AwsError, common_error
from gateway.twin.faults import Breaker, Fate
from gateway.twin.http_server import Request, Response
from gateway.twin.model import operation_names, to_json
from gateway.twin.moto_bridge import MotoBridge
from gateway.twin.operations.create import KIND_CREATED, create
from gateway.twin.protocol import Target, identify, read_params, render, render_error
from gateway.twin.store import World
from gateway.twin.validation import check_input

HANG_POLL_SECONDS = 0.1


class Door:
    """Answers every request of the twin's port."""

    def __init__(
        self, world: World, operations: Mapping[str, Operation], breaker: Breaker, calls: Calls
    ) -> None:
        self.moto = MotoBridge(world.account)
        self._world = world
        self._operations = operations
        self._breaker = breaker
        self._calls = calls
        self._control = Control(calls, breaker)
        self._closing = threading.Event()

    def open(self) -> None:
        """Let calls hang again, after a `close`."""
        self._closing.clear()

    def close(self) -> None:
        """Let hanging calls go."""
        self._closing.set()

    def answer(self, request: Request) -> Response | None:
        """Return the answer to a request; None ends the connection without one."""
        if request.target.startswith(PREFIX):
            return self._control.answer(request)
        target = identify(request, self._world.region)
        self._calls.add(target.operation)
        verdict = self._breaker.judge(target.operation)
        if verdict.delay:
            time.sleep(verdict.delay)
        try:
            if verdict.fate is Fate.HANG:
                self._hang(request)
                return None
            if verdict.fate is not Fate.ANSWER and verdict.fate is not Fate.MALFORM:
                raise self._fault(verdict.fate, target)
            response = self._serve(target, request)
        except AwsError as error:
            return render_error(error)
        if verdict.fate is Fate.MALFORM:
            # Half of the body under a true Content-Length: the HTTP is fine, the JSON is not.
            return response._replace(body=response.body[: len(response.body) // 2] or b"{")
        return response

    def _serve(self, target: Target, request: Request) -> Response:
        if not target.is_sagemaker:
            return self.moto.answer(request)
        if target.operation not in operation_names():
            raise AwsError("UnknownOperationException", f"Unknown operation {target.operation}")
        params = read_params(request)
        check_input(target.operation, params)
        operation = self._operations.get(target.operation)
        if target.operation in KIND_CREATED:
            return create(self._world, self.moto, target.operation, target.region, params, request)
        if operation is None:
            return self.moto.answer(request)
        call = Call(
            target.operation, target.region, params, self._world.now(), self._breaker.faults
        )
        try:
            answer = operation(self._world, call)
        except NotOursError:
            return self.moto.answer(request)
        return render(answer if isinstance(answer, bytes) else to_json(answer))

    def _fault(self, fate: Fate, target: Target) -> AwsError:
        code = THROTTLING if fate is Fate.THROTTLE else self._breaker.faults.error_code
        return common_error(code or INTERNAL_FAILURE, target.operation, self._world.account)

    def _hang(self, request: Request) -> None:
        """Never answers: waits until the client has gone away or the server closes."""
        while not self._closing.is_set() and request.sock is not None:
            readable, _, _ = select.select([request.sock], [], [], HANG_POLL_SECONDS)
            if readable:
                return
