"""The frames of one stream."""

from gateway.http.framing import APOLLO_SUBSCRIPTION, MULTIPART_BY_ID, SERVER_SENT_EVENTS, Frames

HEAD = b"\r\ncontent-type: application/json; charset=utf-8\r\n\r\n"


def test_part_that_has_begun_is_ended() -> None:
    """A multipart stream that ends after a sign of life has no part without JSON."""
    frames = Frames(MULTIPART_BY_ID)

    assert frames.keep_alive() + frames.close() == HEAD + b' {"hasNext":false}\r\n-----\r\n'


def test_part_begins_once() -> None:
    """The response after signs of life goes into the part that has begun, the next does not."""
    frames = Frames(MULTIPART_BY_ID)
    begun = frames.keep_alive() + frames.keep_alive()

    assert begun + frames.frame(b"1") == HEAD + b"  1\r\n---"
    assert frames.frame(b"2") == HEAD + b"2\r\n---"
    assert frames.close() == b"--\r\n"


def test_framing_with_signs_of_life() -> None:
    """Server-sent events have comments, Apollo's subscriptions empty objects; no part begins."""
    assert Frames(SERVER_SENT_EVENTS).keep_alive() == b":\n\n"
    frames = Frames(APOLLO_SUBSCRIPTION)
    assert frames.keep_alive() == HEAD + b"{}\r\n---"
    assert frames.frame(b"1") == HEAD + b'{"payload":1}\r\n---'
