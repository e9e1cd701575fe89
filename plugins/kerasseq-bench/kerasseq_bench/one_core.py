"""One core for every contender."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["one_core"]

SINGLE = {
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""What keeps every contender to one thread; each library reads its own when it starts."""


@contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and the libraries that start inside, to one core."""
    before = {name: os.environ.get(name) for name in SINGLE}
    os.environ.update(SINGLE)
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set()
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        if sys.platform == "linux":
            os.sched_setaffinity(0, cores)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
