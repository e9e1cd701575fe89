"""A Ray cluster: joined, or started here, and looked at before anything is asked of it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from kerasseq.plugin import RunError, UsageError

__all__ = ["Seen", "check_nodes", "cpus", "existing", "joined"]

REACHED = 5.0
"""Seconds in which an address must answer."""

LOOKED = 180.0
"""Seconds in which a node must have started a worker and looked."""

STORE = 100 * 2**20
"""Bytes of shared memory of a cluster that is started here: what goes through it is one model file."""


class Seen(NamedTuple):
    """What every node must see under the same names.

    Attributes:
        file: One of the files that are read; empty where none is.
        size: Its bytes.
        folder: One that is written to; it, or what is above it, is there. Empty where none is.
    """

    file: str
    size: int
    folder: str


@contextlib.contextmanager
def joined(address: str, workers: int) -> Iterator[None]:
    """Within, Ray is there.

    Args:
        address: `host:port`; empty for RAY_ADDRESS, or where that is not set for a cluster on this machine, which ends
            with the block.
        workers: CPUs of one that is started here; 0 for all that there are.

    Raises:
        UsageError: It is no address.
        RunError: No cluster answers there.
    """
    address = address or os.environ.get("RAY_ADDRESS", "")
    if address:
        _check(address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing of a run is told to others
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR", "configure_logging": False}
    own = {"include_dashboard": False, "object_store_memory": STORE, "num_cpus": workers or None}
    before = signal.getsignal(signal.SIGTERM)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)  # of jax; what Ray begins is another program
            ray.init(**({"address": address} if address else {"address": "local", **own}), **quiet)
    except Exception as cause:
        said = " ".join(str(cause).split())[:300]
        hint = "this command runs on a machine of the cluster, which ray start --address joins"
        where = address or "this machine"
        raise RunError(f"{where}: must be a Ray cluster, got {type(cause).__name__}: {said}; {hint}") from cause
    try:
        with contextlib.suppress(ValueError):  # not in the main thread; Ray's handler would end the process as it is
            signal.signal(signal.SIGTERM, before)
        yield
    finally:
        ray.shutdown()


def _check(address: str) -> None:
    if address == "auto":
        return
    found = re.fullmatch(r"(\[[^]]+\]|[^:/\s]+):(\d+)", address)
    if found is None:
        raise UsageError(f'--address: must be host:port as ray start --head says it, got "{address}"')
    try:
        socket.create_connection((found[1].strip("[]"), int(found[2])), REACHED).close()
    except (OSError, OverflowError) as cause:
        said = (getattr(cause, "strerror", "") or str(cause)).lower()
        hint = "start one with: ray start --head, or leave --address away for this machine"
        raise RunError(f"{address}: must be the address of a Ray cluster, got {said}; {hint}") from cause


def cpus() -> int:
    """CPUs of all nodes that live."""
    return int(ray.cluster_resources().get("CPU", 0))


def check_nodes(seen: Seen, *also: str) -> int:
    """Ask every node with a CPU whether it can work, before anything is written.

    Args:
        seen: What it must see.
        *also: Distributions that it must have beside kerasseq-ray.

    Returns:
        How many there are.

    Raises:
        RunError: One cannot; all are named.
    """
    nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) >= 1]
    if not nodes:
        raise RunError("the cluster: must have a CPU for a worker, got none; add a machine with: ray start --address")
    look = ray.remote(_looking({name: metadata.version(name) for name in ("kerasseq-ray", *also)}, seen))
    asked = []
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        asked.append(look.options(num_cpus=0, max_retries=1, scheduling_strategy=there).remote())
    faults = []
    for node, answer in zip(nodes, asked, strict=True):
        try:
            fault = ray.get(answer, timeout=LOOKED)
        except Exception as cause:
            lines = str(cause).strip().splitlines() or [type(cause).__name__]
            fault = f"must run a worker, got {lines[-1].strip()}"
        if fault:
            faults.append(f"node {node['NodeManagerAddress']} ({node['NodeID'][:8]}): {fault}")
    if faults:
        raise RunError("\n".join(faults))
    return len(nodes)


def _looking(needed: Mapping[str, str], seen: Seen) -> Callable[[], str]:
    """What a node is asked; a function that travels whole, for the plugin may be missing where it arrives."""
    file, size, folder = seen

    def look() -> str:
        import os
        from importlib import import_module, metadata

        for name, version in needed.items():
            hint = f"pip install {name}=={version} there"
            try:
                import_module({"kerasseq-ray": "kerasseq_ray.answering"}.get(name, name.replace("-", "_")))
                found = metadata.version(name)
            except Exception as cause:
                return f"must have {name} {version}, got {type(cause).__name__}: {cause}; {hint}"
            if found != version:
                return f"must have {name} {version}, got {found}; {hint}"
        if file and not (os.path.isfile(file) and os.path.getsize(file) == size):
            return f"must see {file} as this machine does; name a folder that all machines share"
        if folder and not os.access(folder, os.W_OK):
            return f"must write to {folder}; name a folder that all machines share"
        return ""

    return look


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())
