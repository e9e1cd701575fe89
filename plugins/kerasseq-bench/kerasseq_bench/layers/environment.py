"""What the numbers depend on: the processor, the threads, the versions."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import sys
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from kerasseq_bench.layers.cells import SYSTEMS
from kerasseq_bench.tables import machine

__all__ = ["available", "cores", "describe"]

PACKAGES = ("kerasseq", "keras", "torch", "numba", "jax", "tensorflow", "numpy")


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available() -> list[str]:
    """The systems whose backend is installed."""
    return [name for name, backend in SYSTEMS.items() if importlib.util.find_spec(backend)]


def describe(threads: int) -> dict[str, Any]:
    """The processor, its cores, the threads of every system, and the versions of what is installed."""
    owners = metadata.packages_distributions()
    return {
        "processor": machine(),
        "cores": cores(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := _version(name, owners))},
    }


def _version(package: str, owners: Mapping[str, list[str]]) -> str:
    """The version of a package, whichever distribution it came in (TensorFlow has several); empty if there is none."""
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(owners.get(package, [package])[0])
    return ""
