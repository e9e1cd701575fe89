"""The workers beside the leader of a training: begun on machines of the cluster, and what became of them."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from kerasseq.plugin import RunError
from kerasseq_ray.cluster import cpus
from kerasseq_ray.follower import LOST, Follower

if TYPE_CHECKING:
    from kerasseq_ray.gloo import Gloo

__all__ = ["Crew", "Job", "places"]

ALONE = 120.0
"""Seconds in which every worker must have a CPU."""

GRACE = 30.0
"""Seconds in which a worker that has lost another says so."""


@dataclass(frozen=True)
class Job:
    """What every worker reads and builds.

    Attributes:
        text: An experiment, TOML.
        backend: Of it.
        run: The run that goes on; empty for a new one.
        told: What the leader's numbers depend on.
    """

    text: str
    backend: str
    run: str
    told: Mapping[str, Any]


class Seat:
    """Holds the CPU on which the leader trains, for Ray knows nothing of its process."""


def _own() -> tuple[str, bool]:
    """This machine, and whether Ray has a CPU on it."""
    node = ray.get_runtime_context().get_node_id()
    own = [each["Resources"].get("CPU", 0) for each in ray.nodes() if each["NodeID"] == node]
    return node, bool(own) and own[0] >= 1


def places() -> int:
    """How many workers there is room for, the leader on this machine among them."""
    return cpus() + (not _own()[1])


class Crew:
    """All workers but the leader.

    Args:
        job: What they do.
        count: How many, at least 1.
    """

    def __init__(self, job: Job, count: int) -> None:
        self.job = job
        self.count = count
        self.workers: list[Any] = []
        self.seat: Any = None
        self.running: list[Any] = []

    def __enter__(self) -> Crew:
        """Begin them, and have them read and build.

        Raises:
            RunError: There is no room for them, or one cannot do what the leader can.
        """
        try:
            self._begin()
            self._build()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End them."""
        self._end()

    def _begin(self) -> None:
        node, has_cpu = _own()
        if has_cpu:
            here = NodeAffinitySchedulingStrategy(node, soft=True)
            self.seat = ray.remote(Seat).options(num_cpus=1, scheduling_strategy=here).remote()
        kind = ray.remote(Follower).options(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD")
        threads = os.environ.get("OMP_NUM_THREADS", "1")
        self.workers = [kind.remote(os.getcwd(), threads) for _ in range(self.count)]
        ready = [each.__ray_ready__.remote() for each in (*self.workers, *([self.seat] if has_cpu else []))]
        begun, waiting = time.monotonic(), ready
        while waiting and time.monotonic() - begun < ALONE:
            _, waiting = ray.wait(ready, num_returns=len(ready), timeout=1.0)
        if not waiting:
            return
        rule = f"must have a CPU for each of {self.count + 1} workers, got {len(ready) - len(waiting)} in {ALONE:.0f} s"
        raise RunError(f"the cluster: {rule}; name fewer with --workers, or add a machine with: ray start --address")

    def _build(self) -> None:
        job = self.job
        asked = [worker.build.remote(job.text, job.backend, job.run, job.told) for worker in self.workers]
        said = [(rank, _told(reference, rank)) for rank, reference in enumerate(asked, 1)]
        faults = [f"worker {rank}: {fault}" for rank, fault in said if fault]
        if faults:
            raise RunError("\n".join(faults))

    @contextlib.contextmanager
    def team(self) -> Iterator[Gloo]:
        """Within, they follow this process."""
        from kerasseq_ray.gloo import leading

        size = self.count + 1

        def begin(address: str, port: int) -> None:
            leader = (address, port)
            self.running = [worker.follow.remote(leader, rank, size) for rank, worker in enumerate(self.workers, 1)]

        with leading(ray.util.get_node_ip_address(), size, begin) as team:
            yield team

    def fate(self) -> str:
        """How those died that did.

        Raises:
            RunError: One did not die, but cannot go on.
        """
        ended, _ = ray.wait(self.running, num_returns=len(self.running), timeout=GRACE)
        dead = []
        for rank, reference in enumerate(self.running, 1):
            if reference not in ended:
                continue
            try:
                said = _told(reference, rank)
            except RunError as cause:
                dead.append(str(cause))
                continue
            if said and said != LOST:
                raise RunError(f"worker {rank}: {said}")
        return "; ".join(dead) or "a worker cannot be reached"

    def _end(self) -> None:
        for worker in (*self.workers, self.seat):
            if worker is not None:
                with contextlib.suppress(Exception):  # it is dead, or Ray is
                    ray.kill(worker)
        self.workers, self.seat = [], None


def _told(reference: Any, rank: int) -> str:
    """What a worker answers.

    Raises:
        RunError: It is dead.
    """
    try:
        said = ray.get(reference)
    except RayActorError as cause:
        raise RunError(f"worker {rank}: must live as long as its leader, but its process or machine died") from cause
    except RayError as cause:
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        raise RunError(f"worker {rank}: must train as its leader does, got {lines[-1].strip()[:300]}") from cause
    return said if isinstance(said, str) else ""
