"""The sockets that the gateway listens on."""

import socket
import sys
from typing import Final

BACKLOG: Final = 2_048
"""Connections that may wait to be accepted."""


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets bound to one address. Raises `OSError`.

    On Linux each has a queue of its own, over which the kernel spreads connections evenly. From
    one shared queue, the process that wakes up first takes all that it finds.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family, backlog=BACKLOG)
    if count == 1:
        return [first]
    if sys.platform != "linux":
        return [first, *(first.dup() for _ in range(count - 1))]
    # The first one only found out whether the port is free: with SO_REUSEPORT, a second gateway
    # would not notice that it is not.
    address = first.getsockname()[:2]
    first.close()
    return [
        socket.create_server(address, family=family, backlog=BACKLOG, reuse_port=True)
        for _ in range(count)
    ]
