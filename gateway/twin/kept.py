"""Values kept for as long as they hold."""

import threading
from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")


class Span(NamedTuple, Generic[V]):
    """A value, true from one moment until before another."""

    since: int
    until: int
    value: V


class Kept(Generic[V]):
    """A bounded store; when it is full, what came first goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._spans: OrderedDict[object, Span[V]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: object, now: int) -> Span[V] | None:
        """Return what was kept under a key, if it holds now."""
        span = self._spans.get(key)
        return span if span is not None and span.since <= now < span.until else None

    def put(self, key: object, span: Span[V]) -> Span[V]:
        """Keep a value; return it."""
        with self._lock:
            self._spans[key] = span
            if len(self._spans) > self._most:
                self._spans.popitem(last=False)
        return span
