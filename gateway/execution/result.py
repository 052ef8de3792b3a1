"""What an operation came to."""

import math
from dataclasses import dataclass
from typing import Final

ALWAYS: Final = math.inf
"""The freshness of what no AWS answer went into."""


@dataclass(frozen=True, slots=True)
class Result:
    """The JSON of a GraphQL response, and what HTTP has to know of it."""

    body: bytes
    executed: bool
    """`False` for a request that was refused before anything of it was executed."""
    fresh_until: float | None
    """Until when, on the cache's clock, a new response would be the same; `None`: not at all."""
