"""The process of one backend: builds systems and times them, as it is told over a pipe, a line of JSON each way.

Started as `python -m kerasseq_bench.layers.worker BACKEND THREADS`. Requests: `build` (make the systems of a cell and
compile), `size` (choose the batches of a sample, warm up), `time` (one sample), `floor`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.sample import size
from kerasseq_bench.layers.streams import Plan, Stream, make_stream, representative

__all__ = ["System", "prepare", "said", "serve"]

PROBE = 0.5
"""Seconds that finding out how fast a system is may take, where it need not be more."""


class System(Protocol):
    """One way to do the work of a cell."""

    plan: Plan
    """The batches that it makes of an epoch."""
    shapes: int
    """How many batches to try when it is built, so that it compiles what it must: each new shape, or itself once."""
    note: str
    """How it runs, where there is a choice; empty where there is none."""

    def run(self, batches: Sequence[int]) -> float:
        """Seconds that the batches with these numbers take."""


class Bench:
    """The systems of one backend, of one cell at a time."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.candidates: dict[str, list[System]] = {}
        self.chosen: dict[str, list[int]] = {}
        self.decided: dict[tuple[Any, ...], bool] = {}
        self.streams: dict[tuple[str, int], Stream] = {}
        self.cell = Cell("", "", 0, "", "")

    def build(self, cell: dict[str, Any], systems: Sequence[str]) -> dict[str, Any]:
        """Make the systems and compile their shapes; what fails is said by system."""
        self._forget()
        self.cell = Cell(**cell)
        texts = (self.cell.lengths, self.cell.vocabulary)
        if texts not in self.streams:
            self.streams[texts] = make_stream(self.cell.lengths, vocabulary=self.cell.vocabulary)
        failed = {}
        for name in systems:
            try:
                self.candidates[name] = self._make(name, self.streams[texts])
                for system in self.candidates[name]:
                    _compile(system)
            except Exception as error:
                self.candidates.pop(name, None)
                failed[name] = said(error)
        return {"failed": failed}

    def size(self, system: str, seconds: float) -> dict[str, Any]:
        """Decide between candidates, choose the batches of a sample, run it once."""
        found = self.candidates[system]
        taken = [_settled(candidate) for candidate in found]
        if len(found) > 1:
            fastest = taken.index(min(taken))
            found[:] = [found[fastest]]
            self.decided[self._key()] = bool(fastest)
        best = found[0]
        self.chosen[system] = chosen = size(best.plan, min(taken), seconds, self.cell.lengths == "equal")
        if len(chosen) > 1:
            best.run(chosen)
        plan = best.plan
        return {
            "batches": len(chosen),
            "texts": sum(len(plan.batches[i]) for i in chosen),
            "useful": float(plan.valid.sum() / plan.padded.sum()),
            "steps": float(plan.valid[chosen].sum()) / sum(len(plan.batches[i]) for i in chosen),
            "note": best.note,
        }

    def time(self, system: str) -> dict[str, Any]:
        """One sample."""
        gc.collect()
        return {"seconds": self.candidates[system][0].run(self.chosen[system])}

    def floor(self, steps: float) -> dict[str, Any]:
        """The floor of a batch of texts of so many tokens."""
        from kerasseq_bench.layers.floor import floor

        return {"seconds": floor(self.cell, steps)}

    def _forget(self) -> None:
        """Forget the cell, and give its memory back."""
        self.candidates.clear()
        self.chosen.clear()
        if self.backend != "torch" and "keras" in sys.modules:
            import keras

            keras.utils.clear_session(free_memory=False)
        if "jax" in sys.modules and self.backend == "jax":
            import jax

            jax.clear_caches()
        gc.collect()

    def _key(self) -> tuple[Any, ...]:
        """Cells that differ in the units alone decide alike."""
        return (self.cell.layer, self.cell.directions, self.cell.lengths, self.cell.mode)

    def _make(self, name: str, stream: Stream) -> list[System]:
        if name == "kerasseq":
            from kerasseq_bench.layers.ours import Ours

            return [Ours(self.cell, stream)]
        if name.startswith("torch-"):
            from kerasseq_bench.layers.handwritten import HandWritten

            return [HandWritten(self.cell, stream, packed=name == "torch-packed")]
        from kerasseq_bench.layers.keras_fit import KerasFit

        if name != "keras-tensorflow":
            return [KerasFit(self.cell, stream)]
        either = [self.decided[self._key()]] if self._key() in self.decided else [False, True]
        return [KerasFit(self.cell, stream, jit) for jit in either]


def _compile(system: System) -> None:
    """Run one batch of each shape that a sample may hold."""
    if system.shapes:
        shapes = {float(system.plan.padded[i]): i for i in representative(system.plan, system.shapes)}
        for number in shapes.values():
            system.run([number])


def _settled(system: System) -> float:
    """Seconds of the batch that is most like the mean; its first run also warms up."""
    middle = representative(system.plan, 1)
    taken = [system.run(middle)]
    while len(taken) < 4 and sum(taken) < (PROBE if taken[1:] else 4 * PROBE):
        taken.append(system.run(middle))
    return min(taken)


def said(error: Exception) -> str:
    """What went wrong, in one line."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:300]}"


def prepare(backend: str, threads: int) -> None:
    """Fix backend and threads, before anything imports a framework."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    if backend == "torch":
        from kerasseq.backend.select import select

        select(backend)
        import torch

        torch.set_num_threads(threads)
    if backend == "tensorflow":
        import tensorflow as tf

        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
    import keras

    if keras.backend.backend() != backend:
        raise RuntimeError(f"Keras runs on {keras.backend.backend()}, not on {backend}")
    keras.utils.set_random_seed(0)


def serve(backend: str, threads: int) -> None:
    """Answer requests until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints shall not look like an answer

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")

    prepare(backend, threads)
    bench = Bench(backend)
    answer({"ready": True})
    actions: dict[str, Callable[..., dict[str, Any]]] = {
        "build": bench.build,
        "size": bench.size,
        "time": bench.time,
        "floor": bench.floor,
    }
    for line in sys.stdin:
        request = json.loads(line)
        action = actions[request.pop("do")]
        try:
            answer(action(**request))
        except Exception as error:
            import traceback

            traceback.print_exc()
            answer({"error": said(error)})


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
