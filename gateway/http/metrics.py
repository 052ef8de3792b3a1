"""Metrics for Prometheus: plain numbers that are read when `/metrics` is requested."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.http.hosts import LOOPBACK_HOSTS, add_allowed_hosts
from gateway.http.secure_headers import add_secure_headers
from gateway.settings.values import is_loopback

_BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Counts = Callable[[], Iterable[tuple[tuple[str, ...], float]]]
"""Returns the values of the labels, each with the present number."""


class Durations:
    """The durations of requests, in seconds, by HTTP status."""

    def __init__(self) -> None:
        self._buckets: dict[int, list[int]] = {}
        self._sums: dict[int, float] = {}

    def observe(self, status: int, seconds: float) -> None:
        """Count one request."""
        buckets = self._buckets.get(status)
        if buckets is None:
            buckets = self._buckets[status] = [0] * (len(_BUCKETS) + 1)
            self._sums[status] = 0.0
        buckets[bisect_left(_BUCKETS, seconds)] += 1
        self._sums[status] += seconds

    def family(self) -> HistogramMetricFamily:
        """Return the histogram in Prometheus's form."""
        family = HistogramMetricFamily(
            "gateway_http_request_duration_seconds",
            "Time from a GraphQL request's arrival to its response, by HTTP status.",
            labels=["status"],
        )
        bounds = [*map(str, _BUCKETS), "+Inf"]
        for status, buckets in self._buckets.items():
            total = 0
            cumulative = [
                (bound, total := total + count)
                for bound, count in zip(bounds, buckets, strict=True)
            ]
            family.add_metric([str(status)], cumulative, self._sums[status])
        return family


class Metrics(Collector):
    """The metrics of one process. The application registers what they are read from."""

    def __init__(self) -> None:
        self.durations = Durations()
        self._counters: list[tuple[str, str, tuple[str, ...], Counts]] = []
        self._gauges: list[tuple[str, str, Callable[[], float]]] = []
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def add_counter(self, name: str, help_: str, labels: tuple[str, ...], counts: Counts) -> None:
        """Show `counts` as the counter `name`."""
        self._counters.append((name, help_, labels, counts))

    def add_gauge(self, name: str, help_: str, value: Callable[[], float]) -> None:
        """Show `value` as the gauge `name`."""
        self._gauges.append((name, help_, value))

    def collect(self) -> Iterable[Metric]:
        """Return the present numbers."""
        yield self.durations.family()
        for name, help_, labels, counts in self._counters:
            counter = CounterMetricFamily(name, help_, labels=labels)
            for values, number in counts():
                counter.add_metric(values, number)
            yield counter
        for name, help_, value in self._gauges:
            yield GaugeMetricFamily(name, help_, value=value())

    def route(self) -> Route:
        """Return `/metrics`."""

        def metrics(request: Request) -> Response:
            encode, media_type = choose_encoder(request.headers.get("accept", ""))
            return Response(encode(self._registry), media_type=media_type)

        return Route("/metrics", metrics)

    def app(self, host: str) -> ASGIApp:
        """Return an application with nothing but `/metrics`, for a port of its own at `host`."""
        # A page of another site must not reach loopback by a name that it lets point there.
        hosts = LOOPBACK_HOSTS | {host.lower()} if is_loopback(host) else None
        app = add_allowed_hosts(Starlette(routes=[self.route()]), hosts)
        return add_secure_headers(app, hsts_seconds=0)
