"""What trains a trial of `kerasseq tune` on another machine, and on one more where that dies."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import ray
from kerasseq_tune.hand import WORKER, Hand
from kerasseq_tune.plan import Plan
from ray.exceptions import GetTimeoutError, RayError

from kerasseq.plugin import RunError
from kerasseq_ray.bench import Bench
from kerasseq_ray.cluster import cpus

__all__ = ["Benches", "RayHand"]

TIMES = 3
"""Times that a trial is begun whose machine dies; one whose own process dies is a failed trial, as on one machine."""

ALONE = 120.0
"""Seconds without any CPU after which the cluster is given up."""

LOOKS = 1.0
"""Seconds between two looks at whether there is a CPU at all."""


class Benches:
    """The workers of a study. Each has a CPU of the cluster, and one that has nothing to do is another's to use.

    Args:
        plan: Of the study.
        folder: Where the command was given.
    """

    def __init__(self, plan: Plan, folder: str) -> None:
        self.plan, self.folder = plan, folder
        self.idle: list[Any] = []
        self.lock = threading.Lock()

    def take(self, stack: contextlib.ExitStack) -> Any:
        """One that is idle, or a new one, which ends with the stack; waits for whichever is there first.

        Raises:
            RunError: The cluster has had no CPU for a while.
            RayError: It cannot begin.
        """
        new = ray.remote(Bench).options(num_cpus=1, max_restarts=0)
        made: Any = None
        alone = time.monotonic()
        while True:
            with self.lock:
                found = self.idle.pop() if self.idle else None
            if found is not None:
                if _lives(found):
                    _let_go(made)
                    return found
                _let_go(found)  # it may only be slow, and would keep its CPU
                continue
            if made is None:
                made = new.remote(WORKER, self.plan.backend, self.folder)
                stack.callback(_let_go, made)
                begun = made.__ray_ready__.remote()
            with contextlib.suppress(GetTimeoutError):
                ray.get(begun, timeout=LOOKS)
                return made
            alone = _checked(alone)

    def give_back(self, bench: Any) -> None:
        """It has nothing to do."""
        with self.lock:
            self.idle.append(bench)


def _lives(bench: Any) -> bool:
    """Whether a worker that has nothing to do still answers; its machine may be gone."""
    try:
        ray.get(bench.__ray_ready__.remote(), timeout=LOOKS)
    except RayError:
        return False
    return True


class RayHand(Hand):
    """A worker on some machine of the cluster.

    Args:
        stack: Ends it.
        plan: Of the study.
        benches: Of the study.
    """

    def __init__(self, stack: contextlib.ExitStack, plan: Plan, benches: Benches) -> None:
        super().__init__(stack, plan)
        self.benches = benches
        self.bench: Any = None
        self.why = ""
        self.lost = False

    def train(self, job: Mapping[str, Any], goes_on: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        """Train a trial; one whose machine died is trained on another, and what it had said is not said again."""
        heard = 0

        def once(epoch: Mapping[str, Any]) -> bool:
            nonlocal heard
            if epoch["epoch"] <= heard:
                return True
            heard = epoch["epoch"]
            return goes_on(epoch)

        for _ in range(TIMES):
            self.lost = False
            answer = super().train(job, once)
            if not self.lost:
                break
            shutil.rmtree(job["directory"], ignore_errors=True)
        return answer

    def ask(self, job: Mapping[str, Any]) -> Any:
        """Give it a line and wait for one; None where it, or its machine, died."""
        self.why = ""
        try:
            self.bench = self.bench or self.benches.take(self.stack)
            answer = _waited(self.bench.ask.remote(job))
            if answer is None:
                self.why = _waited(self.bench.ended.remote())
        except RayError as cause:
            answer, self.lost = None, True
            self.why = f"its machine is gone: {' '.join(str(cause).split())[:300]}"
        return answer

    def rest(self) -> None:
        """Others may use its worker."""
        bench, self.bench = self.bench, None
        if bench is not None:
            self.benches.give_back(bench)

    def ended(self) -> str:
        """How it died."""
        _let_go(self.bench)
        self.bench = None
        return self.why or "it never began"


def _waited(asked: Any) -> Any:
    """The answer, however long it takes while the cluster has a CPU.

    Raises:
        RunError: It has had none for a while.
    """
    alone = time.monotonic()
    while True:
        with contextlib.suppress(GetTimeoutError):
            return ray.get(asked, timeout=LOOKS)
        alone = _checked(alone)


def _checked(alone: float) -> float:
    """Since when there is no CPU: now, where there is one."""
    now = time.monotonic()
    if cpus():
        return now
    if now - alone > ALONE:
        raise RunError(f"the cluster: must have a CPU for a trial, got none for {ALONE:.0f} s")
    return alone


def _let_go(bench: Any) -> None:
    with contextlib.suppress(Exception):  # it is dead, or Ray is, or it never began
        ray.kill(bench)
