"""What Prometheus reads, and the log line of each request: its route and time, and nothing of a person."""

import logging
import secrets
import time
from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics import MetricWrapperBase

log = logging.getLogger("alliance.requests")

# The framework adds the charset itself.
MEDIA_TYPE = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")
# Asked every few seconds by machines; their lines would drown the others.
UNLOGGED = ("/health/live", "/health/ready", "/metrics")
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)


class Metrics:
    """One registry per service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._requests = Counter(
            "alliance_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "alliance_http_seconds",
            "Time until the answer began",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A figure that is read at each scrape; the name gets the prefix `alliance_`."""
        Gauge(f"alliance_{name}", meaning, registry=self.registry).set_function(read)

    def add(self, counted: MetricWrapperBase) -> None:
        """What another part counts itself."""
        self.registry.register(counted)

    def answered(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "unmatched"
        method = str(scope.get("method", ""))
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class Measure:
    """Times and logs every HTTP request, under a number that its answer carries too."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        number = secrets.token_hex(8)
        scope.setdefault("state", {})["request"] = number

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                seconds = time.perf_counter() - began
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
                self._metrics.answered(scope, message["status"], seconds)
                _log(scope, message["status"], seconds, number)
            await send(message)

        await self._app(scope, receive, watched)


def _log(scope: Scope, status: int, seconds: float, number: str) -> None:
    route = scope.get("path_template") or "unmatched"
    if route not in UNLOGGED:
        extra = {"request": number, "method": scope.get("method"), "route": route, "status": status}
        log.info("answered", extra={**extra, "ms": round(seconds * 1000, 1)})
