"""The driver: every part is asked once, again where its worker died, and is done when its file is there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import ray
from ray.exceptions import GetTimeoutError, NodeDiedError, RayError, WorkerCrashedError

from kerasseq.plugin import DataError, RunError
from kerasseq_ray.answering import Answered, Asked, Part, answer_part
from kerasseq_ray.cluster import cpus

__all__ = ["answer_folder"]

RETRIES = 5
"""Times that a part is begun anew after its worker, or the machine of it, died."""

WAITS = 2
"""Parts for each CPU that are handed out, so that none waits for the driver."""

ALONE = 120.0
"""Seconds without any CPU after which the cluster is given up."""

SPOKEN = 30.0
"""Seconds between two lines that say how far it is."""

LOST = (WorkerCrashedError, NodeDiedError)


def answer_folder(
    asked: Asked, model: bytes, parts: Sequence[Part], workers: int, say: Callable[[str], None]
) -> Answered:
    """Have every part answered.

    Args:
        asked: What of them.
        model: A model.onnx.
        parts: Those without a file.
        workers: At a time; 0 for a worker a CPU of the cluster, those that join it too.
        say: Told how far it is.

    Raises:
        DataError: The rows of a part are wrong; the parts that are done stay.
        RunError: A part killed its workers again and again, or the cluster is gone.
    """
    task = ray.remote(answer_part).options(num_cpus=1, max_retries=RETRIES)
    held, left = ray.put(model), deque(parts)
    running: dict[Any, Part] = {}
    done, begun, spoken, alone = Answered(), time.monotonic(), time.monotonic(), time.monotonic()
    try:
        while left or running:
            there = cpus()
            room = workers or WAITS * max(there, 1)
            while left and len(running) < room:
                part = left.popleft()
                running[task.remote(asked, held, part)] = part
            ready, _ = ray.wait(list(running), timeout=1.0)
            for reference in ready:
                _add(done, _result(reference, running.pop(reference)))
            now = time.monotonic()
            alone = now if ready or there else alone
            if now - alone > ALONE:
                raise RunError(f"the cluster: must have a machine left, got none for {ALONE:.0f} s; {_go_on(done)}")
            if now - spoken > SPOKEN:
                spoken = now
                rate = done.rows / (now - begun)
                say(f"{done.parts} of {len(parts)} parts, {done.rows:,} rows, {rate:,.0f} rows/s")
    finally:
        for reference in running:
            ray.cancel(reference, force=True)
    return done


def _result(reference: Any, part: Part) -> dict[str, Any]:
    try:
        told: dict[str, Any] = ray.get(reference, timeout=60)
    except LOST as cause:
        rule = f"{part.output}: must be answered by a worker, {RETRIES + 1} of them died over it"
        raise RunError(f"{rule}, as from a lack of memory; the same again goes on") from cause
    except (RayError, GetTimeoutError) as cause:
        last = (str(cause).strip().splitlines() or [type(cause).__name__])[-1].strip()
        raise RunError(f"{part.output}: must be answered by a worker, got {last}; the same again goes on") from cause
    if "fault" in told:
        raise DataError(f"{told['fault']}")
    return told


def _add(done: Answered, told: dict[str, Any]) -> None:
    done.parts += 1
    done.rows += told["rows"]
    done.seconds += told["seconds"]
    done.memory = max(done.memory, told["memory"])


def _go_on(done: Answered) -> str:
    return f"{done.parts} parts are done, and the same again goes on"
