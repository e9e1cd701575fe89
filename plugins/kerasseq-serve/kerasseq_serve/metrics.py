"""What the service counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from kerasseq_serve.model import Facts

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = CONTENT_TYPE_LATEST

PREFIX = "kerasseq_serve"
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Several = Literal["livesum", "livemin", "livemax"]

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, of when it was made


class Metrics:
    """What one service counts, in a registry of its own: a process may hold several.

    Several processes of one service count in files of a folder, and the page of each is the sum of all.

    Args:
        facts: Of its model.
        limits: What a request must keep, by name.
        folder: Of the files, PROMETHEUS_MULTIPROC_DIR too; empty where one process counts alone.
    """

    def __init__(self, facts: Facts, limits: Mapping[str, float] | None = None, folder: str = "") -> None:
        self.registry = registry = CollectorRegistry()
        self._page = CollectorRegistry() if folder else registry
        if folder:
            MultiProcessCollector(self._page, folder)  # type: ignore[no-untyped-call]
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
        self.queue = _gauge(registry, "queue_texts", "Texts that wait.", "livesum")
        self.in_flight = _gauge(registry, "in_flight_requests", "Open requests.", "livesum")
        self.ready = _gauge(registry, "ready", "1 when requests are accepted, by every worker.", "livemin")
        _gauge(registry, "workers", "Processes that serve.", "livesum").set(1)
        bounds = _gauge(registry, "limit", "The bounds that a request must keep.", "livemax", "name")
        for name, value in (limits or {}).items():
            bounds.labels(name).set(value)
        about = _gauge(registry, "model_info", "The model.", "livemax", "name", "task", "version")
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

    def now(self, waiting: int, ready: bool) -> None:
        """Note how many texts wait, and whether requests are accepted."""
        self.queue.set(waiting)
        self.ready.set(ready)

    def render(self) -> bytes:
        """The page of /metrics."""
        return generate_latest(self._page)


def _gauge(registry: CollectorRegistry, name: str, text: str, several: Several, *labels: str) -> Gauge:
    """A gauge; `several` says what stands for the workers that live."""
    return Gauge(f"{PREFIX}_{name}", text, labels, registry=registry, multiprocess_mode=several)
