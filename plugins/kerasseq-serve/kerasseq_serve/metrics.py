"""Counters in the text format of Prometheus, version 0.0.4."""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator

from kerasseq_serve.model import Facts

__all__ = ["CONTENT_TYPE", "Histogram", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

PREFIX = "kerasseq_serve"
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Histogram:
    """Counts of values up to each bound.

    Args:
        bounds: Upper bounds, increasing; one without a bound is added.
    """

    def __init__(self, bounds: Iterable[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.sum += value

    def lines(self, name: str) -> Iterator[str]:
        """The samples, cumulative as Prometheus wants them."""
        total = 0
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            total += count
            yield f'{name}_bucket{{le="{bound}"}} {total}'
        yield f"{name}_sum {self.sum}"
        yield f"{name}_count {total}"


class Metrics:
    """What the service counts. Used on the event loop alone."""

    def __init__(self) -> None:
        self.requests: Counter[tuple[str, int]] = Counter()
        self.texts = 0
        self.in_flight = 0
        self.batches = Histogram(BATCHES)
        self.model_seconds = Histogram(SECONDS)
        self.request_seconds = Histogram(SECONDS)

    def batch(self, texts: int, seconds: float) -> None:
        """Count one run of the model."""
        self.texts += texts
        self.batches.observe(texts)
        self.model_seconds.observe(seconds)

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count one request; its seconds where it asked the model."""
        self.requests[path, status] += 1
        if path in ("/predict", "/explain"):
            self.request_seconds.observe(seconds)

    def render(self, waiting: int, ready: bool, facts: Facts) -> str:
        """The page of /metrics."""
        names = (("name", facts.name), ("task", facts.task), ("version", facts.version))
        about = ",".join(f'{key}="{_escape(value)}"' for key, value in names)
        answered = [
            f'{PREFIX}_requests_total{{path="{path}",status="{status}"}} {count}'
            for (path, status), count in sorted(self.requests.items())
        ]
        families = [
            ("requests_total", "counter", "Requests by path and status; 499: the client went away.", answered),
            ("texts_total", "counter", "Texts that the model answered.", [f"{PREFIX}_texts_total {self.texts}"]),
            ("batch_size", "histogram", "Texts of one run.", self.batches.lines(f"{PREFIX}_batch_size")),
            ("model_seconds", "histogram", "Seconds of one run.", self.model_seconds.lines(f"{PREFIX}_model_seconds")),
            (
                "request_seconds",
                "histogram",
                "Seconds from the request to its answer, of /predict and /explain.",
                self.request_seconds.lines(f"{PREFIX}_request_seconds"),
            ),
            ("queue_texts", "gauge", "Texts that wait.", [f"{PREFIX}_queue_texts {waiting}"]),
            ("in_flight_requests", "gauge", "Open requests.", [f"{PREFIX}_in_flight_requests {self.in_flight}"]),
            ("ready", "gauge", "1 when requests are accepted.", [f"{PREFIX}_ready {int(ready)}"]),
            ("model_info", "gauge", "The model.", [f"{PREFIX}_model_info{{{about}}} 1"]),
        ]
        lines: list[str] = []
        for name, kind, text, samples in families:
            lines += [f"# HELP {PREFIX}_{name} {text}", f"# TYPE {PREFIX}_{name} {kind}", *samples]
        return "\n".join([*lines, ""])


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
