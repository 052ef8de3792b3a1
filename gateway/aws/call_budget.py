"""The AWS calls of one operation: the most that it can cause, and those that it made."""

from collections import Counter
from collections.abc import Mapping
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Final

from gateway.aws.resources import SEARCH
from gateway.errors import Code, CodedError

Keys = tuple[str, ...]
"""Response keys on the way to a field."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The most AWS calls that a part of an operation can cause."""

    singly: int = 0
    """All calls but searches."""
    searchable: int = 0
    """Resources that may be searched for: one search is made for two of them or more."""
    calls: Mapping[tuple[Keys, str], int] = field(default_factory=dict)
    """Calls by place in the response and AWS's operation, all but searches."""

    @classmethod
    def of(cls, operation: str, calls: int, *, searchable: int = 0) -> "Cost":
        """Return the cost of so many calls of one operation."""
        return cls(calls, searchable, {((), operation): calls})

    @property
    def searches(self) -> int:
        """How many of the calls may be searches."""
        return self.searchable // 2

    @property
    def total(self) -> int:
        """How many calls there are at most in all."""
        return self.singly + self.searches

    def by_operation(self) -> dict[str, int]:
        """Return the calls of each of AWS's operations.

        Their sum may be more than `total`: a link that can lead to several types leads to one.
        """
        found: dict[str, int] = {}
        for (_, operation), calls in self.calls.items():
            found[operation] = found.get(operation, 0) + calls
        return found | ({SEARCH: self.searches} if self.searches else {})

    def __add__(self, other: "Cost") -> "Cost":
        """Return the calls of both."""
        if not other.calls:
            return self
        if not self.calls:
            return other
        singly, searchable = self.singly + other.singly, self.searchable + other.searchable
        return Cost(singly, searchable, _merge(self, other))

    def __or__(self, other: "Cost") -> "Cost":
        """Return the calls of either, whichever it will be."""
        singly = max(self.singly, other.singly)
        return Cost(singly, max(self.searchable, other.searchable), _merge(self, other))

    def __mul__(self, times: int) -> "Cost":
        """Return the calls of as many objects."""
        calls = {place: times * calls for place, calls in self.calls.items()}
        return Cost(times * self.singly, times * self.searchable, calls)

    def at(self, *keys: str) -> "Cost":
        """Return the same calls, made below these response keys."""
        if not self.calls:
            return self
        calls = {((*keys, *path), name): calls for (path, name), calls in self.calls.items()}
        return Cost(self.singly, self.searchable, calls)


def _merge(one: Cost, other: Cost) -> Mapping[tuple[Keys, str], int]:
    calls = dict(one.calls)
    for place, more in other.calls.items():
        calls[place] = calls.get(place, 0) + more
    return calls


FREE: Final = Cost()


class CallBudgetSpent(CodedError):
    """The operation has made all the calls that its cost allows."""

    code = Code.QUERY_TOO_COMPLEX


class CallBudget:
    """Counts the calls made for one operation, `limit` at most: those begun inside its context.

    A call that several operations wait for belongs to the one that began it; a retry inside boto3
    is not counted.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tokens: list[Token[CallBudget | None]] = []
        self.calls: Counter[str] = Counter()
        """The calls made, by AWS's operation."""

    def __enter__(self) -> None:
        """Count the calls that this task, and the tasks it creates, begin from now on."""
        self._tokens.append(_CURRENT.set(self))

    def __exit__(self, *_: object) -> None:
        """Count no more."""
        _CURRENT.reset(self._tokens.pop())

    def spend(self, operation: str) -> None:
        """Count one call. Raises `CallBudgetSpent`."""
        if self.calls.total() >= self._limit:
            raise CallBudgetSpent(
                f"The {self._limit} AWS calls that were planned for this operation are spent: AWS "
                "answered with more than it was known to. Ask again to get further."
            )
        self.calls[operation] += 1


_CURRENT: Final[ContextVar[CallBudget | None]] = ContextVar("call_budget", default=None)


def spend_call(operation: str) -> None:
    """Count one call against the operation that causes it, if any. Raises `CallBudgetSpent`."""
    current = _CURRENT.get()
    if current is not None:
        current.spend(operation)
