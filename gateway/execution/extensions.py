"""The `extensions` of responses: stale entries, notices, unknown values and AWS calls."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from gateway.auth.caller import Caller
from gateway.aws.cache import Entry
from gateway.aws.call_budget import Cost
from gateway.aws.loader import Notice
from gateway.budgets.accounts import Account
from gateway.execution.errors import QueryTooComplex
from gateway.schema.references import Path


def add_freshness(response: dict[str, Any], entries: Iterable[Entry], now: float) -> None:
    """Add those of `entries` that AWS failed to renew: id, age in seconds and error code of each.

    A resource with several such entries (its describe and its tags) is added once, with the oldest.
    """
    failed = [entry for entry in entries if entry.failure]
    # The oldest last, since the last one of an ARN stays in the dictionary.
    failed.sort(key=lambda entry: (entry.fetched_at, str(entry.failure)), reverse=True)
    stale = {entry.arn: entry for entry in failed}
    if not stale:
        return
    labels = [
        {"id": arn, "ageSeconds": int(now - entry.fetched_at), "reason": entry.failure}
        for arn, entry in stale.items()
    ]
    _extensions(response)["freshness"] = {"stale": labels}


def add_notices(response: dict[str, Any], notices: list[Notice]) -> None:
    """Add `notices`, if any, and empty the list, so that only one of several parts has each."""
    if notices:
        _extensions(response)["notices"] = [*notices]
        notices.clear()


def add_unknown_values(response: dict[str, Any], values: list[tuple[Path, str]]) -> None:
    """Add AWS's words that are shown as `UNKNOWN`, if any, with their paths; empty the list."""
    if values:
        _extensions(response)["unknownValues"] = [
            {"path": list(path), "value": value} for path, value in values
        ]
        values.clear()


class TooManyCalls(QueryTooComplex):
    """The cost of the operation is over the limit."""

    def __init__(self, planned: int, budget: int) -> None:
        super().__init__(
            f"The operation could cause {planned} AWS calls, more than the {budget} allowed. Ask "
            "for fewer rows, or follow fewer links."
        )
        self._figures = {"planned": planned, "budget": budget}

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code, and both figures."""
        return {**super().extensions, **self._figures}


def add_upstream(
    response: dict[str, Any], cost: Cost, spent: Mapping[str, int], from_cache: int
) -> None:
    """Add the cost of the operation and the calls that it made, by AWS's operation.

    `from_cache` is the number of entries that were in the cache.
    """
    planned = cost.by_operation()
    _extensions(response)["upstream"] = {
        "planned": cost.total,
        "spent": sum(spent.values()),
        "fromCache": from_cache,
        "operations": {
            name: {"planned": planned.get(name, 0), "spent": spent.get(name, 0)}
            for name in sorted({*planned, *spent})
        },
    }


def add_budget(
    response: dict[str, Any],
    account: Account,
    caller: Caller,
    planned: int,
    spent: int | None,
    now: float,
) -> None:
    """Add what the operation cost its caller in AWS calls, and what the caller may still take.

    `spent` is left out where it is `None`.
    """
    cost = {"planned": planned} | ({} if spent is None else {"spent": spent})
    buckets = {
        name: {
            "limit": bucket.rate.burst,
            "remaining": bucket.find_remaining(now),
            "restoredPerMinute": bucket.rate.per_minute,
            "resetAfterMs": ceil(bucket.seconds_until_full(now) * 1_000),
        }
        for name, bucket in account.buckets()
        if bucket is not account.calls or caller.may_count_calls
    }
    _extensions(response)["budget"] = cost | buckets


def explanation(cost: Cost, budget: int) -> dict[str, Any]:
    """Return a response with the cost of an operation, by AWS's operation and by path."""
    response: dict[str, Any] = {"data": None}
    _extensions(response)["upstream"] = {
        "planned": cost.total,
        "budget": budget,
        "operations": {
            name: {"planned": calls} for name, calls in sorted(cost.by_operation().items())
        },
        "plan": [
            {"path": list(keys), "operation": operation, "planned": calls}
            for (keys, operation), calls in cost.calls.items()
            if calls
        ],
    }
    return response


def _extensions(response: dict[str, Any]) -> dict[str, Any]:
    extensions: dict[str, Any] = response.setdefault("extensions", {})
    return extensions
