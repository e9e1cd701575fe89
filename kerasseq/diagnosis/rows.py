"""Checks that hold for rows of any kind: how many there are on each side, and which were left out."""

# N rows

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kerasseq.diagnosis.findings import Finding, Number

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split

__all__ = ["check_counts", "place", "places"]

FEW = 30
"""Fewer rows than these make an interval too wide to say much."""

SHOWN = 5
"""Rows that a finding names."""


def check_counts(table: pa.Table, sides: Split) -> Iterator[Finding]:
    """Rows per side; rows that were skipped."""
    counts: dict[str, Number] = {side: len(rows) for side, rows in sides.sides.items()}
    few = [f"{side} has {n}" for side, n in counts.items() if n < FEW]
    hint = f"; {', '.join(few)}: fewer than {FEW} rows say little" if few else ""
    yield Finding("warn" if few else "pass", "rows", sides.describe() + hint, counts)
    skipped = int((table.schema.metadata or {}).get(b"skipped", b"0"))
    if skipped:
        yield Finding("warn", "skipped", f"left out as bad, by on_bad_row: {skipped:,}", {"skipped": skipped})


def place(table: pa.Table, row: int) -> str:
    """`data.conll:7` of a row."""
    return f"{table['source'][row].as_py()}:{table['line'][row].as_py()}"


def places(table: pa.Table, rows: Iterable[int]) -> list[str]:
    """The first few rows, and how many more there are."""
    listed = [int(row) for row in rows]
    shown = [place(table, row) for row in listed[:SHOWN]]
    return shown + ([f"and {len(listed) - SHOWN:,} more"] if len(listed) > SHOWN else [])
