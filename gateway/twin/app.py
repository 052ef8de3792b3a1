"""What happens to a request: counted, failed by a fault, answered by the twin or moto."""

import time
from collections.abc import Callable, Mapping

from gateway.twin.call import Call, CallCounter, NotSeededError, Operation
from gateway.twin.control import Control, is_control
from gateway.twin.errors import INTERNAL_FAILURE, THROTTLING, AwsError, common_error
from gateway.twin.faults import FaultInjector, Outcome
from gateway.twin.http_server import NoResponse, Request, Response
from gateway.twin.model import operation_names, to_json
from gateway.twin.moto_bridge import MotoBridge
from gateway.twin.protocol import Target, identify, read_params, render, render_error
from gateway.twin.store import Store
from gateway.twin.validation import check_input


class TwinApp:
    """Answers every request to the twin's port."""

    def __init__(
        self,
        store: Store,
        operations: Mapping[str, Operation],
        faults: FaultInjector,
        calls: CallCounter,
        reset: Callable[[], None],
    ) -> None:
        self.moto = MotoBridge(store.account_id)
        self._store = store
        self._operations = operations
        self._faults = faults
        self._calls = calls
        self._control = Control(calls, faults, reset)

    def answer(self, request: Request) -> Response | NoResponse:
        """Answer a request, or fail as the faults say."""
        if is_control(request):
            return self._control.answer(request)
        target = identify(request, self._store.region)
        self._calls.add(target.operation)
        outcome, delay = self._faults.decide(target.operation)
        if delay:
            time.sleep(delay)
        if outcome is Outcome.HANG:
            return NoResponse.HANG
        if outcome is Outcome.RESET:
            return NoResponse.RESET
        if outcome in (Outcome.THROTTLE, Outcome.ERROR):
            return render_error(self._error(outcome, target))
        response = self._respond(target, request)
        if outcome is Outcome.MALFORM:
            # Half of the body under a true Content-Length: the HTTP is fine, the JSON is not.
            return response._replace(body=response.body[: len(response.body) // 2] or b"{")
        return response

    def respond(self, request: Request) -> Response:
        """Answer a request in the calling thread, without faults or counting."""
        return self._respond(identify(request, self._store.region), request)

    def _respond(self, target: Target, request: Request) -> Response:
        try:
            return self._serve(target, request)
        except NotSeededError:
            return self._ask_moto(request)
        except AwsError as error:
            return render_error(error)

    def _serve(self, target: Target, request: Request) -> Response:
        """Return the twin's own response; NotSeededError where moto has to give it."""
        if not target.is_sagemaker:
            raise NotSeededError
        if target.operation not in operation_names():
            raise AwsError("UnknownOperationException", f"Unknown operation {target.operation}")
        params = read_params(request)
        check_input(target.operation, params)
        operation = self._operations.get(target.operation)
        if operation is None:
            raise NotSeededError
        call = Call(target.operation, target.region, params, self._store.now(), self._faults.faults)
        answer = operation(self._store, call)
        return render(answer if isinstance(answer, bytes) else to_json(answer))

    def _ask_moto(self, request: Request) -> Response:
        try:
            return self.moto.answer(request)
        except AwsError as error:
            return render_error(error)

    def _error(self, outcome: Outcome, target: Target) -> AwsError:
        code = THROTTLING if outcome is Outcome.THROTTLE else self._faults.faults.error_code
        return common_error(code or INTERNAL_FAILURE, target.operation, self._store.account_id)
