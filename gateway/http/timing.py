"""`Server-Timing`, for clients that ask for it: https://www.w3.org/TR/server-timing/."""

import time


def server_timing(started: float) -> tuple[bytes, bytes]:
    """Return the header that tells the milliseconds since `started`, by `time.perf_counter`."""
    milliseconds = (time.perf_counter() - started) * 1_000
    return b"server-timing", b"total;dur=%.3f" % milliseconds
