"""Are these vectors fit to train on? And is this series?"""

# N rows, S vectors, D numbers

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from kerasseq.arrays.column import Column
from kerasseq.console import count
from kerasseq.corpus.vector_rows import ragged_vectors
from kerasseq.diagnosis.findings import Diagnosis, Finding, bars
from kerasseq.diagnosis.rows import check_counts, places

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split

__all__ = ["diagnose_series", "diagnose_vectors"]


def diagnose_vectors(table: pa.Table, sides: Split, target: str) -> Diagnosis:
    """Look at rows, lengths, numbers and targets.

    Args:
        table: With `vectors` and `target`.
        sides: Its sides.
        target: What a target is: `class` or `number`.
    """
    findings = [*check_counts(table, sides)]
    vectors = ragged_vectors(table["vectors"])
    lengths = vectors.lengths
    empty = np.flatnonzero(lengths == 0)
    if len(empty):
        message = f"{count(len(empty), 'row')} without a vector"
        findings.append(Finding("warn", "empty", message, {}, places(table, empty)))
    width = vectors.shape[0] if vectors.shape else 0
    message = (
        f"{count(int(lengths.sum()), 'vector')} of {count(width, 'number')}, {lengths.min()} to {lengths.max()} a row"
    )
    findings.append(Finding("pass", "lengths", message, {"vectors": int(lengths.sum()), "width": width}))
    flat = vectors.flat.reshape(-1, max(width, 1))
    constant = np.flatnonzero(np.ptp(flat, axis=0) == 0) if len(flat) else np.zeros(0)
    if len(constant):
        said = ", ".join(str(int(n) + 1) for n in constant[:10])
        findings.append(Finding("warn", "numbers", f"the same in every vector, and of no use: number {said}"))
    missing = [row for row, value in enumerate(Column(table["target"])) if value is None]
    if missing:
        findings.append(
            Finding("fail", "target", f"{count(len(missing), 'row')} without a target", {}, places(table, missing))
        )
    if target == "class":
        column = Column(table["target"])
        counts = Counter(str(column[int(row)]) for row in sides.train)
        findings.append(
            Finding("pass", "classes", f"{len(counts)} classes in training:", {}, bars(dict(counts.most_common(20))))
        )
    return Diagnosis(tuple(findings))


def diagnose_series(table: pa.Table, sides: Split, window: int, horizon: int) -> Diagnosis:
    """Look at the windows of each part, and whether the parts are alike.

    Args:
        table: Windows; see `window_table`.
        sides: Their sides.
        window: Steps that the model sees.
        horizon: Steps ahead.
    """
    findings = [*check_counts(table, sides)]
    filled = int((table.schema.metadata or {}).get(b"filled", b"0"))
    if filled:
        findings.append(Finding("warn", "gaps", f"{count(filled, 'step')} filled in, by on_gap", {"filled": filled}))
    targets = np.array(table["target"].to_pylist(), dtype=np.float64)  # (N, H, D)
    message = f"windows of {count(window, 'step')}, {horizon} ahead, {count(targets.shape[2], 'number')} a step"
    findings.append(Finding("pass", "windows", message, {"windows": table.num_rows}))
    train = targets[sides.train]
    mean, deviation = train.mean(axis=(0, 1)), train.std(axis=(0, 1))
    for side in ("validation", "test"):
        rows = sides.sides.get(side, ())
        if len(rows):
            apart = float((np.abs(targets[rows].mean(axis=(0, 1)) - mean) / np.maximum(deviation, 1e-12)).max())
            moved = apart > 1
            hint = "; relative = true, and logarithm = true where it grows by shares" if moved else ""
            message = f"the level of {side} is {apart:.1f} deviations from that of training{hint}"
            findings.append(Finding("warn" if moved else "pass", "level", message, {"deviations": apart}))
    return Diagnosis(tuple(findings))
