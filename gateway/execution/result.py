"""What an operation came to."""

import math
from typing import Final, NamedTuple

ALWAYS: Final = math.inf
"""The freshness of what no AWS answer went into."""


class Result(NamedTuple):
    """The JSON of a GraphQL response, and what HTTP has to know of it."""

    body: bytes
    executed: bool
    """`False` for a request that was refused before anything of it was executed."""
    fresh_until: float | None
    """Until when, on the cache's clock, a new response would be the same; `None`: not at all."""
