"""A WebSocket by the frame, for clients that break the rules."""

import os
import socket
from typing import Final

from benchmarks.siege.client import head

TEXT: Final = 0x1
CONTINUATION: Final = 0x0
PING: Final = 0x9
PONG: Final = 0xA
_FINAL: Final = 0x80
_COMPRESSED: Final = 0x40
_MASKED: Final = 0x80


def send_handshake(connection: socket.socket, *, deflate: bool = False) -> None:
    """Ask for a WebSocket."""
    more = {"Sec_WebSocket_Extensions": "permessage-deflate"} if deflate else {}
    request = head(
        method="GET",
        Upgrade="websocket",
        Connection="Upgrade",
        Sec_WebSocket_Version="13",
        Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==",
        Sec_WebSocket_Protocol="graphql-transport-ws",
        **more,
    )
    connection.sendall(request + b"\r\n")


def open_websocket(connection: socket.socket, *, deflate: bool = False) -> bytes:
    """Send the handshake and `connection_init`. Return the head of the gateway's answer."""
    send_handshake(connection, deflate=deflate)
    buffer = b""
    while b"\r\n\r\n" not in buffer:
        data = connection.recv(4_096)
        if not data:
            break
        buffer += data
    if buffer.startswith(b"HTTP/1.1 101"):
        connection.sendall(frame(TEXT, b'{"type":"connection_init"}'))
    return buffer


def frame(
    opcode: int, payload: bytes = b"", *, final: bool = True, compressed: bool = False
) -> bytes:
    """Return a frame of a client. Its mask is zero, so that the payload stays as it is."""
    first = opcode | (_FINAL if final else 0) | (_COMPRESSED if compressed else 0)
    length = len(payload)
    if length < 126:
        size = bytes([_MASKED | length])
    elif length < 1 << 16:
        size = bytes([_MASKED | 126]) + length.to_bytes(2, "big")
    else:
        size = bytes([_MASKED | 127]) + length.to_bytes(8, "big")
    return bytes([first]) + size + bytes(4) + payload


def unique() -> str:
    """Return a text that was not used before."""
    return os.urandom(6).hex()
