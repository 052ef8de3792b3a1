"""Say in a response what of it is older than it should be, and why."""

from collections.abc import Iterable
from typing import Any

from gateway.aws.entry import Entry


def label(response: dict[str, Any], entries: Iterable[Entry], now: float) -> None:
    """Add to the response's `extensions` which of `entries` AWS failed to renew, if any.

    A resource whose tags are stale too has one label, that of the older answer.
    """
    failed = [entry for entry in entries if entry.failure]
    # The oldest last, so that it is the one that stays.
    failed.sort(key=lambda entry: (entry.fetched_at, str(entry.failure)), reverse=True)
    stale = {entry.arn: entry for entry in failed}
    if not stale:
        return
    told = [
        {"id": arn, "ageSeconds": int(now - entry.fetched_at), "reason": entry.failure}
        for arn, entry in stale.items()
    ]
    response.setdefault("extensions", {})["freshness"] = {"stale": told}
