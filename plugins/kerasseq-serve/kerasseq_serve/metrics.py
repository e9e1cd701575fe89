"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from kerasseq_serve.model import Facts

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

PREFIX = "kerasseq_serve"
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of when it was made


class Metrics:
    """What one service counts, in a registry of its own: a process may hold several.

    Args:
        facts: Of its model.
        limits: What a request must keep, by name.
    """

    def __init__(self, facts: Facts, limits: Mapping[str, float] | None = None) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            f"{PREFIX}_requests",
            "Requests by path and status; 499: the client went away.",
            ("path", "status"),
            registry=registry,
        )
        self.texts = Counter(f"{PREFIX}_texts", "Texts that the model answered.", registry=registry)
        self.batches = Histogram(f"{PREFIX}_batch_size", "Texts of one run.", registry=registry, buckets=BATCHES)
        self.model_seconds = Histogram(
            f"{PREFIX}_model_seconds", "Seconds of one run.", registry=registry, buckets=SECONDS
        )
        self.request_seconds = Histogram(
            f"{PREFIX}_request_seconds",
            "Seconds from the request to its answer, of /predict, /explain and /generate.",
            registry=registry,
            buckets=SECONDS,
        )
        self.queue = Gauge(f"{PREFIX}_queue_texts", "Texts that wait.", registry=registry)
        self.in_flight = Gauge(f"{PREFIX}_in_flight_requests", "Open requests.", registry=registry)
        self.ready = Gauge(f"{PREFIX}_ready", "1 when requests are accepted.", registry=registry)
        bounds = Gauge(f"{PREFIX}_limit", "The bounds that a request must keep.", ("name",), registry=registry)
        for name, value in (limits or {}).items():
            bounds.labels(name).set(value)
        about = Gauge(f"{PREFIX}_model_info", "The model.", ("name", "task", "version"), registry=registry)
        about.labels(facts.name, facts.task, facts.version).set(1)

    def batch(self, texts: int, seconds: float) -> None:
        """Count one run of the model."""
        self.texts.inc(texts)
        self.batches.observe(texts)
        self.model_seconds.observe(seconds)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count one request; its seconds where it asked the model."""
        self.requests.labels(path, str(status)).inc()
        if path in ("/predict", "/explain", "/generate"):
            self.request_seconds.observe(seconds)

    def render(self, waiting: int, ready: bool) -> bytes:
        """The page of /metrics."""
        self.queue.set(waiting)
        self.ready.set(ready)
        return generate_latest(self.registry)
