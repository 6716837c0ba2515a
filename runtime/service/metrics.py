"""What Prometheus is told. Labels have few values, and none comes from a request."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

_SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts of one process, or of all workers where they share a folder for them."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "plainsight_requests",
            "Requests that were answered.",
            ["route", "status", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "plainsight_request_seconds",
            "Time from the head of a request to the end of its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._waited = Histogram(
            "plainsight_wait_seconds",
            "Time that requests waited for their turn.",
            ["queue"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._bytes = Counter(
            "plainsight_bytes",
            "Bytes of bodies that were received and sent.",
            ["route", "direction"],
            registry=registry,
        )
        self._at_work = self._gauge("plainsight_at_work", "Requests that are being worked on.")
        self._waiting = self._gauge("plainsight_waiting", "Requests that wait for their turn.")
        self._stopping = Gauge(
            "plainsight_stopping",
            "Workers that finish their requests and take no new ones.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._info = Gauge(
            "plainsight_info",
            "Always 1; its labels say what runs.",
            ["version", "model", "device"],
            multiprocess_mode="livemax",
            registry=registry,
        )
        if _SHARED not in os.environ:
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, ["queue"], multiprocess_mode="livesum", registry=self._registry)

    def runs(self, version: str, model: str, device: str) -> None:
        """Says what runs."""
        self._info.labels(version, model, device).set(1)

    def stops(self) -> None:
        """Says that this process takes no new requests."""
        self._stopping.set(1)

    def answered(
        self, route: str, status: int, code: str, seconds: float, received: int, sent: int
    ) -> None:
        """Counts a request."""
        self._requests.labels(route, str(status), code).inc()
        self._seconds.labels(route).observe(seconds)
        self._bytes.labels(route, "received").inc(received)
        self._bytes.labels(route, "sent").inc(sent)

    @contextlib.contextmanager
    def waits(self, queue: str) -> Iterator[None]:
        """Counts a request as waiting."""
        start = time.perf_counter()
        with self._waiting.labels(queue).track_inprogress():
            yield
        self._waited.labels(queue).observe(time.perf_counter() - start)

    @contextlib.contextmanager
    def works(self, queue: str) -> Iterator[None]:
        """Counts a request as at work."""
        with self._at_work.labels(queue).track_inprogress():
            yield

    def text(self) -> bytes:
        """All counts, in Prometheus's text format."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]
        return generate_latest(every)
