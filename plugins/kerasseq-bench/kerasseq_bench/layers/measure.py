"""One cell: build every system, warm up, then rounds in which each is measured once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from kerasseq.plugin import RunError
from kerasseq_bench.layers.cells import SYSTEMS, Cell
from kerasseq_bench.layers.workers import Worker

__all__ = ["measure"]


def measure(
    cell: Cell,
    systems: Sequence[str],
    workers: Mapping[str, Worker],
    rounds: int,
    seconds: float,
    step: Callable[[str], None],
) -> dict[str, Any]:
    """Measure `systems` on the work of `cell`.

    Args:
        cell: What to do.
        systems: Ours and its rivals.
        workers: A process per backend.
        rounds: Samples of each system. Round by round the first to be measured is another one, so that what changes in
            the machine in the meantime meets all alike.
        seconds: What a sample should take at least.
        step: Told what comes next: once while everything is built, then once a round.

    Returns:
        The cell, and by system: `texts` per sample, the `seconds` of each, the share `useful` of its padded tokens, and
        a `note`; what `failed`; `floor`, the seconds of a batch in each round; `spent`, seconds by what went on.
    """
    clock = [time.perf_counter()]
    step("build")
    built, failed = _build(cell, systems, workers)
    clock.append(time.perf_counter())
    found: dict[str, Any] = {}
    for name in built:
        answer = workers[SYSTEMS[name]].ask("size", system=name, seconds=seconds)
        if "error" in answer:
            failed[name] = answer["error"]
        else:
            found[name] = answer | {"seconds": []}
    steps = found["kerasseq"]["steps"] if "kerasseq" in found else 0.0
    clock.append(time.perf_counter())
    floors: list[float] = []
    for number in range(rounds):
        step(f"round {number + 1}")
        order = list(found)
        turn = number % max(len(order), 1)
        for name in order[turn:] + order[:turn]:
            answer = workers[SYSTEMS[name]].ask("time", system=name)
            if "error" in answer:
                failed[name] = answer["error"]
                del found[name]
            else:
                found[name]["seconds"].append(answer["seconds"])
        if steps:
            floors.append(workers["torch"].ask("floor", steps=steps)["seconds"])
    clock.append(time.perf_counter())
    spent = {what: round(b - a, 1) for what, a, b in zip(("build", "warm", "rounds"), clock, clock[1:], strict=False)}
    return {
        "cell": asdict(cell),
        "rounds": rounds,
        "systems": found,
        "failed": failed,
        "floor": floors,
        "spent": spent,
    }


def _build(cell: Cell, systems: Sequence[str], workers: Mapping[str, Worker]) -> tuple[list[str], dict[str, str]]:
    """Build in all processes at once, for compiling takes long; the systems that stand, and why others do not."""
    failed: dict[str, str] = {}
    for backend, worker in workers.items():
        worker.tell("build", cell=asdict(cell), systems=[s for s in systems if SYSTEMS[s] == backend])
    for worker in workers.values():
        answer = worker.hear()
        if "error" in answer:
            raise RunError(f"bench: {worker.backend} must build {cell.name()}, got {answer['error']}")
        failed |= answer["failed"]
    return [name for name in systems if name not in failed], failed
