"""The protocol `graphql-transport-ws` as a state machine: messages in, messages out, no socket.

Each input (a message of the client, a response, a timeout) returns a list of actions, which the
caller carries out in their order. The rules:

1. A client may open the connection once, by `connection_init`, and has to before it subscribes. It
   is open once it is known who the client is.
2. `subscribe` starts an operation under an id that no running operation has.
3. An operation ends by a message `complete` of either side, or by an `error` of ours.
4. Responses of an operation that has ended are dropped.
5. Whatever breaks the protocol closes the connection with the code for it. After that nothing
   returns an action.

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.errors import BadUserInput
from gateway.execution.errors import request_error
from gateway.http.lifecycle import TooManyStreams
from gateway.http.requests import decode_json

PROTOCOL: Final = "graphql-transport-ws"

_MAX_ID_IN_REASON: Final = 20
"""Characters. The reason of a close holds 123 bytes, the id of an operation any number."""


@dataclass(frozen=True, slots=True)
class SendText:
    """Send this text to the client."""

    text: str


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out who has opened the connection, then call `acknowledge` or `refuse`."""

    payload: object


@dataclass(frozen=True, slots=True)
class StartOperation:
    """Execute an operation, send its responses, and end it by `complete` or `fail`."""

    id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StopOperation:
    """Stop an operation, which the client has completed."""

    id: str


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """Close the WebSocket with this code. No action follows it."""

    code: int
    reason: str


Action = SendText | Authenticate | StartOperation | StopOperation | CloseSocket


class _ProtocolError(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ServerProtocol:
    """The server's side of one connection."""

    def __init__(self, max_operations: int, max_message_bytes: int) -> None:
        self._max_operations = max_operations
        self._max_message_bytes = max_message_bytes
        self._operations: set[str] = set()
        self._has_asked = False
        self._is_initialised = False
        self._is_closed = False
        self._has_received = False
        self._has_pinged = False

    def receive(self, text: str | None) -> list[Action]:
        """Process a message of the client; `None` stands for a binary one."""
        if self._is_closed:
            return []
        self._has_received = True
        try:
            return self._handle(self._decode(text))
        except _ProtocolError as error:
            return self.close(error.code, error.reason)

    def acknowledge(self) -> list[Action]:
        """Open the connection for operations: it is known who sends them."""
        if self._is_closed:
            return []
        self._is_initialised = True
        return [_send({"type": "connection_ack"})]

    def refuse(self, reason: str) -> list[Action]:
        """Close the connection of a client that may not use it, or no longer.

        Clients connect again after this code, so that they can send another token.
        """
        return self.close(4403, reason)

    def send_response(self, id_: str, response: bytes) -> list[Action]:
        """Send a GraphQL response of an operation; `response` is JSON."""
        if id_ not in self._operations:
            return []
        return [_send({"id": id_, "type": "next", "payload": orjson.Fragment(response)})]

    def complete(self, id_: str) -> list[Action]:
        """End an operation after its last response."""
        return self._end(id_, {"id": id_, "type": "complete"})

    def fail(self, id_: str, errors: list[dict[str, Any]]) -> list[Action]:
        """End an operation that cannot be executed, by GraphQL errors."""
        return self._end(id_, {"id": id_, "type": "error", "payload": errors})

    def check_initialised(self) -> list[Action]:
        """Close the connection unless it is initialised; call this when time is up for that."""
        if self._is_closed or self._is_initialised:
            return []
        return self.close(4408, "Connection initialisation timeout")

    def check_idle(self) -> list[Action]:
        """Ping a client that sent nothing since the last check, close one that ignored a ping.

        Call this at regular intervals.
        """
        if self._is_closed:
            return []
        if self._has_received:
            self._has_received = self._has_pinged = False
            return []
        if self._has_pinged:
            # Not one of the protocol's own codes: those tell clients not to connect again.
            return self.close(1001, "Idle for too long")
        self._has_pinged = True
        return [_send({"type": "ping"})]

    def close(self, code: int, reason: str) -> list[Action]:
        """Close the connection."""
        if self._is_closed:
            return []
        self._is_closed = True
        self._operations.clear()
        return [CloseSocket(code, reason)]

    def _decode(self, text: str | None) -> dict[str, Any]:
        if text is None:
            raise _ProtocolError(4400, "Messages must be text")
        if len(text.encode()) > self._max_message_bytes:
            raise _ProtocolError(1009, "Message too big")
        try:
            message = decode_json(text, "The message")
        except BadUserInput as error:
            raise _ProtocolError(4400, "Messages must be JSON") from error
        if not isinstance(message, dict):
            raise _ProtocolError(4400, "Messages must be JSON objects")
        return message

    def _handle(self, message: dict[str, Any]) -> list[Action]:
        match message.get("type"):
            case "connection_init":
                return self._initialise(message.get("payload"))
            case "ping":
                return [_send({"type": "pong"})]
            case "pong":
                return []
            case "subscribe":
                return self._subscribe(_read_id(message), message.get("payload"))
            case "complete":
                return self._stop(_read_id(message))
            case _:
                raise _ProtocolError(4400, "Invalid message type")

    def _initialise(self, payload: object) -> list[Action]:
        if self._has_asked:
            raise _ProtocolError(4429, "Too many initialisation requests")
        self._has_asked = True
        return [Authenticate(payload)]

    def _subscribe(self, id_: str, payload: object) -> list[Action]:
        if not self._is_initialised:
            raise _ProtocolError(4401, "Unauthorized")
        if id_ in self._operations:
            raise _ProtocolError(4409, f"Subscriber for {id_[:_MAX_ID_IN_REASON]} already exists")
        if not isinstance(payload, dict):
            raise _ProtocolError(4400, "Invalid payload")
        if len(self._operations) >= self._max_operations:
            error = TooManyStreams(
                f"{self._max_operations} operations run on this connection, the most allowed."
            )
            errors = request_error(error)["errors"]
            return [_send({"id": id_, "type": "error", "payload": errors})]
        self._operations.add(id_)
        return [StartOperation(id_, payload)]

    def _stop(self, id_: str) -> list[Action]:
        if id_ not in self._operations:
            return []
        self._operations.discard(id_)
        return [StopOperation(id_)]

    def _end(self, id_: str, message: dict[str, Any]) -> list[Action]:
        if id_ not in self._operations:
            return []
        self._operations.discard(id_)
        return [_send(message)]


def _send(message: dict[str, Any]) -> SendText:
    return SendText(orjson.dumps(message).decode())


def _read_id(message: dict[str, Any]) -> str:
    id_ = message.get("id")
    if not isinstance(id_, str) or not id_:
        raise _ProtocolError(4400, "Invalid message id")
    return id_
