"""What trains the trials of a study: a worker process, and another where that died."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from kerasseq.processes import Worker, on_backend
from kerasseq_tune.plan import Plan

__all__ = ["WORKER", "Hand"]

WORKER = "kerasseq_tune.worker"


class Hand:
    """A worker, and a new one where it died.

    Args:
        stack: Ends it.
        plan: Of the study.
    """

    def __init__(self, stack: contextlib.ExitStack, plan: Plan) -> None:
        self.stack = stack
        self.plan = plan
        self.worker: Worker | None = None

    def ask(self, job: Mapping[str, Any]) -> Any:
        """Give it a line and wait for one; None where it died."""
        if self.worker is None:
            threads = {} if self.plan.workers == 1 else {"OMP_NUM_THREADS": str(max(1, _cores() // self.plan.workers))}
            worker = Worker(WORKER, on_backend(self.plan.backend, threads))
            self.worker = self.stack.enter_context(worker)
        return self.worker.ask(job)

    def train(self, job: Mapping[str, Any], goes_on: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
        """Train a trial; what it said at its end."""
        if "refused" in job:
            return {"kind": "pruned", "reason": job["refused"], "seconds": 0.0}
        answer = self.ask(job)
        while answer is not None and answer["kind"] == "epoch":
            answer = self.ask({"go": goes_on(answer)})
        if answer is None:
            return {"kind": "failed", "reason": f"its process ended: {self.ended()}"}
        found: dict[str, Any] = answer
        return found

    def rest(self) -> None:
        """Nothing is left for it to do in this part of the study; others may go on."""

    def ended(self) -> str:
        """How it died."""
        worker, self.worker = self.worker, None
        return worker.ended() if worker is not None else "it never began"


def _cores() -> int:
    from kerasseq_runtime.cores import cores

    return cores()
