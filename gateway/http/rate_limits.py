"""Shows callers their budgets: headers of responses, and the response to what is over a budget.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from collections.abc import Sequence
from math import ceil, inf

from gateway.auth.caller import Caller
from gateway.budgets.accounts import Account
from gateway.budgets.bucket import Bucket
from gateway.budgets.errors import RateLimited
from gateway.http.headers import ParsedHeaders
from gateway.http.negotiation import MediaType
from gateway.http.responses import BytesResponse, Header, refuse


def rate_limit_headers(account: Account, caller: Caller, now: float) -> Sequence[Header]:
    """Return `RateLimit-Policy` and `RateLimit`, as they are now or were a second ago at most.

    `q` is what a bucket holds, `w` in how many seconds as much comes back, `r` what is left, and
    `t` after how many seconds the bucket is full.
    """
    if not caller.may_count_calls:
        return _headers_without_calls(account, now)
    calls, requests = account.calls, account.requests
    if (
        now < account.shown_until
        and not (calls is not None and calls.has_changed)
        and not (requests is not None and requests.has_changed)
    ):
        return account.shown
    parts, is_full = [], True
    for name, bucket in account.buckets():
        bucket.has_changed = False
        is_full = is_full and not bucket.seconds_until_full(now)
        parts.append(_describe(name, bucket, now))
    account.shown = (
        (b"ratelimit-policy", account.limits.policy),
        (b"ratelimit", ", ".join(parts).encode()),
    )
    account.shown_until = inf if is_full else now + 1
    return account.shown


def _headers_without_calls(account: Account, now: float) -> Sequence[Header]:
    policy = (b"ratelimit-policy", account.limits.policy)
    if account.requests is None:
        return (policy,)
    return policy, _limit_header("requests", account.requests, now)


def _limit_header(name: str, bucket: Bucket, now: float) -> Header:
    return b"ratelimit", _describe(name, bucket, now).encode()


def _describe(name: str, bucket: Bucket, now: float) -> str:
    seconds = ceil(bucket.seconds_until_full(now))
    return f'"{name}";r={bucket.find_remaining(now)};t={seconds}'


def refuse_limited(error: RateLimited, headers: ParsedHeaders, now: float) -> BytesResponse:
    """Return the response to a request of which nothing is executed as its budget is spent.

    Of the budgets it shows the one that is spent.
    """
    return refuse(
        429,
        error,
        retry_after(error),
        (b"ratelimit-policy", error.policy),
        _limit_header(error.budget, error.bucket, now),
        media_type=headers.accepted.single or MediaType.JSON,
    )


def retry_after(error: RateLimited) -> Header:
    """Return `Retry-After`, which is in whole seconds."""
    return b"retry-after", b"%d" % max(1, ceil(error.seconds))
