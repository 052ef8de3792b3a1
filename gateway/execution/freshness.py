"""Say in a response what of it is older than it should be, and why."""

from collections.abc import Iterable
from typing import Any

from gateway.aws.entry import Entry


def label(response: dict[str, Any], entries: Iterable[Entry], now: float) -> None:
    """Add to the response's `extensions` which of `entries` AWS failed to renew, if any."""
    stale = {entry.arn: entry for entry in entries if entry.failure}
    if not stale:
        return
    told = [
        {"id": arn, "ageSeconds": int(now - entry.fetched_at), "reason": entry.failure}
        for arn, entry in stale.items()
    ]
    response["extensions"] = {"freshness": {"stale": told}}
