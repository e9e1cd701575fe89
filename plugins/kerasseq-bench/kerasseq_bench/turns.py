"""Contenders in turns: a process for each, so that none has another's memory, backend or threads.

A process is started as `python -m kerasseq_bench.turns BACKEND THREADS MODULE:FUNCTION JOB.json`. The function makes of
the job what can be measured, by name: it is told the number of the turn and says how much it did.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from kerasseq_bench.layers.worker import prepare, said
from kerasseq_bench.layers.workers import Worker

__all__ = ["Contender", "Work", "in_turns", "report", "serve"]

Work = dict[str, Callable[[int], int]]


class Contender(NamedTuple):
    """One way to do the work.

    Attributes:
        name: For people.
        backend: Of its process.
        function: `module:function`, from a job to `Work`.
        more: What it is told beside the others' job.
    """

    name: str
    backend: str
    function: str
    more: dict[str, Any]


def in_turns(
    contenders: Sequence[Contender], job: dict[str, Any], folder: Path, rounds: int, threads: int
) -> list[dict[str, Any]]:
    """A row of each contender and measure: `seconds`, `cpu` seconds and `count` of each round, or `failed`.

    The first contender is ready before the others start, which may read what it wrote into `folder`. In each round
    every contender is measured once, in an order that turns.
    """
    workers: dict[str, Worker] = {}
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        for number, one in enumerate(contenders):
            file = folder / f"{number}.json"
            file.write_text(json.dumps({**job, **one.more, "folder": str(folder)}), encoding="utf-8")
            command = ("kerasseq_bench.turns", one.function, str(file))
            worker = workers[one.name] = Worker(one.backend, threads, folder / f"{number}.log", command)
            ready = worker.hear()
            for measure in ready.get("measures", [""]):
                failed = ready.get("error", "")
                rows[one.name, measure] = {"name": one.name, "measure": measure, "failed": failed, "rounds": []}
        for turn in range(rounds + 1):
            first = turn % len(contenders)
            for one in (*contenders[first:], *contenders[:first]):
                for (name, measure), row in rows.items():
                    if name == one.name and not row["failed"]:
                        answer = workers[name].ask(measure, turn=turn)
                        row["failed"] = answer.pop("error", "")
                        row["rounds"] += [answer] if turn and answer else []  # the first one warms up
    finally:
        for worker in workers.values():
            worker.stop()
    return list(rows.values())


def report(rows: Sequence[dict[str, Any]], measures: dict[str, str]) -> str:
    """A table of each measure, in Markdown.

    Args:
        rows: See `in_turns`; the first of a measure is ours.
        measures: Name of a measure -> the unit of what it does in a second.
    """
    from kerasseq_bench.tables import markdown

    tables, notes = [], []
    for measure, unit in measures.items():
        lines, ours = [], (0.0, 0.0)
        for row in rows:
            if row["failed"]:
                notes.append(f"{row['name']} failed: {row['failed']}.")
            elif row["measure"] == measure:
                done = [[each["count"] / each[clock] for each in row["rounds"]] for clock in ("seconds", "cpu")]
                speed, busy = (median(each) for each in done)
                ratios = (f"{ours[0] / speed:.2f}", f"{ours[1] / busy:.2f}") if ours[0] else ("", "")
                ours = ours if ours[0] else (speed, busy)
                lines.append((row["name"], f"{speed:,.0f}", f"{busy:,.0f}", *ratios))
        head = ("", f"{unit}/s", f"{unit}/s of CPU time", "kerasseq is faster by", "by CPU time")
        tables.append(markdown(head, lines))
    return "\n\n".join([*tables, *dict.fromkeys(notes)])


def serve(backend: str, threads: int, function: str, job: Path) -> None:
    """Answer requests until the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints shall not look like an answer
    try:
        prepare(backend, threads)
        module, _, name = function.partition(":")
        work: Work = getattr(importlib.import_module(module), name)(json.loads(job.read_text(encoding="utf-8")))
        answers.write(json.dumps({"measures": list(work)}) + "\n")
    except Exception as error:
        answers.write(json.dumps({"error": said(error)}) + "\n")
        raise
    for line in sys.stdin:
        request = json.loads(line)
        gc.collect()
        started, worked = time.perf_counter(), time.process_time()
        try:
            count = work[request["do"]](request["turn"])
            taken = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - worked, "count": count}
            answers.write(json.dumps(taken) + "\n")
        except Exception as error:
            answers.write(json.dumps({"error": said(error)}) + "\n")
            raise


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
