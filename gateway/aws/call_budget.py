"""The AWS calls of one operation: its cost, and the budget that holds it to that cost."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing
from contextvars import ContextVar, Token, copy_context
from dataclasses import dataclass, field
from typing import Final, TypeVar

from gateway.aws.resources import SEARCH
from gateway.errors import Code, CodedError

T = TypeVar("T")
Keys = tuple[str, ...]
"""Response keys on the way to a field."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The most AWS calls that a part of an operation can cause."""

    others: int = 0
    """Calls of all operations but Search."""
    searchable: int = 0
    """How many resources Search may answer; it is called for two or more at a time."""
    calls: Mapping[tuple[Keys, str], int] = field(default_factory=dict)
    """Calls by place in the response and AWS's operation, all but searches."""

    @classmethod
    def of(cls, operation: str, calls: int, *, searchable: int = 0) -> "Cost":
        """Return the cost of `calls` calls of one operation."""
        return cls(calls, searchable, {((), operation): calls})

    @property
    def searches(self) -> int:
        """How many calls of Search there are at most."""
        return self.searchable // 2

    @property
    def total(self) -> int:
        """How many calls there are at most, of all operations together."""
        return self.others + self.searches

    def by_operation(self) -> dict[str, int]:
        """Return the calls of each of AWS's operations.

        Their sum may be more than `total`: a link that can lead to several types leads to one.
        """
        found: dict[str, int] = {}
        for (_, operation), calls in self.calls.items():
            found[operation] = found.get(operation, 0) + calls
        return found | ({SEARCH: self.searches} if self.searches else {})

    def __add__(self, other: "Cost") -> "Cost":
        """Return the cost of both parts."""
        if not other.calls:
            return self
        if not self.calls:
            return other
        others, searchable = self.others + other.others, self.searchable + other.searchable
        return Cost(others, searchable, _merge(self, other))

    def __or__(self, other: "Cost") -> "Cost":
        """Return the cost of one of two parts, when it is not known which."""
        others = max(self.others, other.others)
        return Cost(others, max(self.searchable, other.searchable), _merge(self, other))

    def __mul__(self, times: int) -> "Cost":
        """Return the cost of `times` objects."""
        calls = {place: times * calls for place, calls in self.calls.items()}
        return Cost(times * self.others, times * self.searchable, calls)

    def at(self, *keys: str) -> "Cost":
        """Return the same cost, with its places below these response keys."""
        if not self.calls:
            return self
        calls = {((*keys, *path), name): calls for (path, name), calls in self.calls.items()}
        return Cost(self.others, self.searchable, calls)


def _merge(one: Cost, other: Cost) -> Mapping[tuple[Keys, str], int]:
    calls = dict(one.calls)
    for place, more in other.calls.items():
        calls[place] = calls.get(place, 0) + more
    return calls


FREE: Final = Cost()


class CallBudgetSpent(CodedError):
    """The operation has made as many calls as its cost says, and needs another."""

    code = Code.QUERY_TOO_COMPLEX


class CallBudget:
    """Counts the AWS calls that one operation begins, `limit` at most. A context manager.

    A call that several operations wait for is counted for the one that began it. Retries inside
    boto3 are not counted.
    """

    def __init__(self, limit: int, caller: Hashable = None) -> None:
        self._limit = limit
        self.caller = caller
        """Who the calls are made for: callers take turns where calls have to wait."""
        self._tokens: list[Token[CallBudget | None]] = []
        self.calls: Counter[str] = Counter()
        """The calls made, by AWS's operation."""

    @property
    def spent(self) -> int:
        """How many calls were made."""
        return self.calls.total()

    def __enter__(self) -> None:
        """Count the calls that this task begins from now on, and those of tasks it creates."""
        self._tokens.append(_CURRENT.set(self))

    def __exit__(self, *_: object) -> None:
        """Stop counting."""
        _CURRENT.reset(self._tokens.pop())

    async def watch(self, responses: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """Yield the responses, and count the calls that producing them begins.

        The caller's own context stays as it is between two responses.
        """
        context = copy_context()
        context.run(_CURRENT.set, self)

        async def next_response() -> T | None:
            return await anext(responses, None)

        async with aclosing(responses):
            while True:
                response = await asyncio.create_task(next_response(), context=context)
                if response is None:
                    return
                yield response

    def spend(self, operation: str) -> None:
        """Count one call. Raises `CallBudgetSpent`."""
        if self.spent >= self._limit:
            raise CallBudgetSpent(
                f"The operation has made the {self._limit} AWS calls that were planned for it: AWS "
                "answered with more than was planned. Ask again: what was read is cached."
            )
        self.calls[operation] += 1


_CURRENT: Final[ContextVar[CallBudget | None]] = ContextVar("call_budget", default=None)


def current_caller() -> Hashable:
    """Return who the current operation is executed for; `None` outside of operations."""
    current = _CURRENT.get()
    return None if current is None else current.caller


def has_call_budget() -> bool:
    """Tell whether the calls that begin now are counted for an operation."""
    return _CURRENT.get() is not None


def spend_call(operation: str) -> None:
    """Count one call in the budget of the current operation. Raises `CallBudgetSpent`."""
    current = _CURRENT.get()
    if current is not None:
        current.spend(operation)
