"""The state machine of graphql-transport-ws: which actions follow from which inputs."""

from typing import Any

import orjson
import pytest

from gateway.http.graphql_transport_ws import (
    Action,
    Authenticate,
    CloseSocket,
    SendText,
    ServerProtocol,
    StartOperation,
    StopOperation,
)

ACK = {"type": "connection_ack"}
PAYLOAD = {"query": "{ __typename }"}


def new_protocol(*, max_operations: int = 2, max_message_bytes: int = 1_000) -> ServerProtocol:
    """Return the protocol of a connection that has just been accepted."""
    return ServerProtocol(max_operations, max_message_bytes)


def initialised(**limits: int) -> ServerProtocol:
    """Return the protocol of an initialised connection."""
    protocol = new_protocol(**limits)
    assert receive(protocol, type="connection_init") == [Authenticate(None)]
    assert sent(protocol.acknowledge()) == [ACK]
    return protocol


def receive(protocol: ServerProtocol, **message: Any) -> list[Action]:
    """Give the protocol a message of the client."""
    return protocol.receive(orjson.dumps(message).decode())


def subscribe(protocol: ServerProtocol, id_: str = "1") -> list[Action]:
    """Give the protocol the client's `subscribe`."""
    return receive(protocol, id=id_, type="subscribe", payload=PAYLOAD)


def sent(actions: list[Action]) -> list[Any]:
    """Return the messages to the client. Fails when there are other actions."""
    texts = [action.text for action in actions if isinstance(action, SendText)]
    assert len(texts) == len(actions), actions
    return [orjson.loads(text) for text in texts]


def close_code(actions: list[Action]) -> int:
    """Return the code of the only action, a close."""
    (close,) = actions
    assert isinstance(close, CloseSocket)
    assert close.reason
    return close.code


def test_operation_from_start_to_end() -> None:
    """An operation starts, has responses, and completes; then its id is free."""
    protocol = initialised()
    for _ in range(2):
        assert subscribe(protocol) == [StartOperation("1", PAYLOAD)]
        (response,) = sent(protocol.send_response("1", b'{"data":{"a":1}}'))
        assert response == {"id": "1", "type": "next", "payload": {"data": {"a": 1}}}
        assert sent(protocol.complete("1")) == [{"id": "1", "type": "complete"}]


def test_failed_operation_ends_with_its_errors() -> None:
    """An operation that cannot be executed ends with `error`; then its id is free."""
    protocol = initialised()
    subscribe(protocol)
    errors = [{"message": "No."}]

    assert sent(protocol.fail("1", errors)) == [{"id": "1", "type": "error", "payload": errors}]
    assert subscribe(protocol) == [StartOperation("1", PAYLOAD)]


def test_client_completes_an_operation() -> None:
    """`complete` stops an operation once, and frees its id."""
    protocol = initialised()
    subscribe(protocol)

    assert receive(protocol, id="1", type="complete") == [StopOperation("1")]
    assert receive(protocol, id="1", type="complete") == []
    assert subscribe(protocol) == [StartOperation("1", PAYLOAD)]


def test_nothing_follows_the_end_of_an_operation() -> None:
    """Responses that come after the client's `complete` are dropped."""
    protocol = initialised()
    subscribe(protocol)
    receive(protocol, id="1", type="complete")

    assert protocol.send_response("1", b"{}") == []
    assert protocol.complete("1") == []
    assert protocol.fail("1", [{"message": "No."}]) == []


def test_byte_order_mark_is_ignored() -> None:
    """A message may begin with a byte order mark."""
    assert sent(new_protocol().receive('\ufeff{"type":"ping"}')) == [{"type": "pong"}]


def test_ping_is_answered_before_initialisation() -> None:
    """A ping is answered at any time, a pong never."""
    protocol = new_protocol()

    assert sent(receive(protocol, type="ping", payload={"a": 1})) == [{"type": "pong"}]
    assert receive(protocol, type="pong") == []


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, 4400),
        ("no JSON", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"type":"next"}', 4400),
        ('{"type":["ping"]}', 4400),
        ('{"type":"subscribe","payload":{}}', 4400),
        ('{"type":"subscribe","id":"","payload":{}}', 4400),
        ('{"type":"subscribe","id":1,"payload":{}}', 4400),
        ('{"type":"subscribe","id":"1"}', 4400),
        ('{"type":"complete"}', 4400),
        ('{"type":"connection_init"}', 4429),
        (" " * 1_001, 1009),
        ("\u20ac" * 334, 1009),
    ],
)
def test_invalid_message_closes_the_connection(message: str | None, code: int) -> None:
    """A message that the protocol does not allow closes the connection, which then is silent."""
    protocol = initialised()
    subscribe(protocol, "running")

    assert close_code(protocol.receive(message)) == code
    assert subscribe(protocol) == []
    assert receive(protocol, type="ping") == []
    assert protocol.send_response("running", b"{}") == []
    assert protocol.complete("running") == []
    assert protocol.check_idle() == []
    assert protocol.check_initialised() == []
    assert protocol.close(1001, "Shutting down") == []


def test_subscribe_before_initialisation_closes() -> None:
    """An operation before `connection_init` closes the connection."""
    assert close_code(subscribe(new_protocol())) == 4401


def test_nothing_is_executed_before_the_client_is_known() -> None:
    """An operation between `connection_init` and its answer closes the connection."""
    protocol = new_protocol()
    payload = {"Authorization": "Bearer token"}

    assert receive(protocol, type="connection_init", payload=payload) == [Authenticate(payload)]
    assert close_code(subscribe(protocol)) == 4401
    assert protocol.acknowledge() == []


def test_second_initialisation_closes_before_the_first_is_answered() -> None:
    """A client cannot have a second token checked while the first one is."""
    protocol = new_protocol()
    receive(protocol, type="connection_init")

    assert close_code(receive(protocol, type="connection_init")) == 4429


def test_refused_client_is_closed_for_another_try() -> None:
    """A client that may not use the connection is closed with a code after which it may retry."""
    protocol = new_protocol()
    receive(protocol, type="connection_init")

    assert close_code(protocol.refuse("Not valid")) == 4403
    assert protocol.acknowledge() == []


def test_id_in_use_closes() -> None:
    """A second operation under the id of a running one closes, with a reason that fits a frame."""
    protocol = initialised(max_message_bytes=10_000)
    subscribe(protocol, "\u20ac" * 1_000)
    (close,) = subscribe(protocol, "\u20ac" * 1_000)

    assert isinstance(close, CloseSocket)
    assert close.code == 4409
    assert len(close.reason.encode()) <= 123


def test_limit_of_operations() -> None:
    """An operation over the limit gets an error; after another's end it may start."""
    protocol = initialised(max_operations=1)
    subscribe(protocol, "1")
    (refusal,) = sent(subscribe(protocol, "2"))
    protocol.complete("1")

    assert (refusal["id"], refusal["type"]) == ("2", "error")
    assert refusal["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
    assert subscribe(protocol, "2") == [StartOperation("2", PAYLOAD)]


def test_initialisation_in_time() -> None:
    """The connection closes unless it is initialised when time is up."""
    assert initialised().check_initialised() == []
    assert close_code(new_protocol().check_initialised()) == 4408


def test_idle_client_is_pinged_then_closed() -> None:
    """A client that sends nothing gets a ping; any message keeps it, silence closes it."""
    protocol = initialised()

    assert protocol.check_idle() == []
    assert sent(protocol.check_idle()) == [{"type": "ping"}]
    receive(protocol, type="pong")
    assert protocol.check_idle() == []
    assert sent(protocol.check_idle()) == [{"type": "ping"}]
    assert close_code(protocol.check_idle()) == 1001
