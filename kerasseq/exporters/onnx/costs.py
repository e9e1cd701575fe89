"""What smaller numbers in an ONNX file save, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.exporters.exporter import Subject
from kerasseq.exporters.proof import Answers, joined, proof_samples
from kerasseq.tasks.predictions import is_choice, largest_apart

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples

__all__ = ["costs", "rates", "sizes"]

ROUNDS = 3


def costs(subject: Subject, before: Answers, after: Answers) -> dict[str, str]:
    """Speed and scores of a file before and after, on the test rows."""
    if not len(subject.samples):
        return {}
    some = _parts(proof_samples(subject.samples))
    rows = sum(map(len, some))
    speeds = rates(rows, *(_asking(answer, some) for answer in (before, after)))
    facts = {"speed": f"{speeds[1]:,.0f} rows/s, float32 {speeds[0]:,.0f}, batches of 64"}
    told = [joined([answer(part) for part in _parts(subject.samples)]) for answer in (before, after)]
    facts["largest change of an answer"] = f"{_largest(*told):.2g}"
    if subject.truth is not None:
        task = subject.trained.task
        scores = [task.quick_scores(subject.truth, task.read(answers)) for answers in told]
        facts |= {name: f"{scores[1][name]:.4f}, float32 {scores[0][name]:.4f}" for name in scores[0]}
    return facts


def sizes(before: Path, after: Path) -> dict[str, str]:
    """Bytes of a file before and after."""
    whole, small = (path.stat().st_size / 1e6 for path in (before, after))
    return {"size": f"{small:.2f} MB, float32 {whole:.2f} MB"}


def rates(amount: int, *contenders: Callable[[], Any]) -> list[float]:
    """How much of `amount` each does in a second, the median of some rounds in turn."""
    seconds: list[list[float]] = [[] for _ in contenders]
    for round_ in range(ROUNDS + 1):
        for number, do in enumerate(contenders):
            begun = time.perf_counter()
            do()
            if round_:
                seconds[number].append(time.perf_counter() - begun)
    return [amount / float(np.median(row)) for row in seconds]


def _asking(answer: Answers, parts: list[Samples]) -> Callable[[], Any]:
    return lambda: [answer(part) for part in parts]


def _largest(before: dict[str, Any], after: dict[str, Any]) -> float:
    numbers = [name for name, values in before.items() if not is_choice(values)]
    return max((float(largest_apart(before[n], after[n], 1.0).max(initial=0.0)) for n in numbers), default=0.0)


def _parts(samples: Samples) -> list[Samples]:
    return [samples.take(range(start, min(start + 64, len(samples)))) for start in range(0, len(samples), 64)]
