"""Are these texts fit to train a language model on?"""

# N documents or passages

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column
from kerasseq.console import count
from kerasseq.corpus.passages import BEGINS
from kerasseq.diagnosis.findings import Diagnosis, Finding, percent
from kerasseq.diagnosis.rows import check_counts, places

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.split import Split

__all__ = ["diagnose_texts"]

LONG = 40
"""Characters of a text that two documents hold by no chance."""


def diagnose_texts(table: pa.Table, sides: Split, joined: bool) -> Diagnosis:
    """Look at how much there is on each side, at what is empty, and at what stands twice.

    Args:
        table: With `text`.
        sides: Its sides.
        joined: Whether its rows are passages of documents that run on.
    """
    return Diagnosis((*check_counts(table, sides), *_sizes(table, sides, joined), *_twice(table, sides)))


def _sizes(table: pa.Table, sides: Split, joined: bool) -> Iterator[Finding]:
    texts = Column(table["text"])
    letters = {side: sum(len(texts[int(row)]) for row in rows) for side, rows in sides.sides.items()}
    documents = sum(table[BEGINS].to_pylist()) if joined and BEGINS in table.column_names else table.num_rows
    sizes = ", ".join(f"{side} {size:,}" for side, size in letters.items())
    message = f"{count(documents, 'document')}, {sum(letters.values()):,} characters: {sizes}"
    yield Finding("pass", "characters", message, {**letters, "documents": documents})
    empty = [row for row in range(table.num_rows) if not texts[row].strip()]
    if empty:
        yield Finding("warn", "empty", f"{count(len(empty), 'text')} without a character", {}, places(table, empty))


def _twice(table: pa.Table, sides: Split) -> Iterator[Finding]:
    """Long texts that training and test both have: what is measured was read before."""
    texts = Column(table["text"])
    known = Counter(texts[int(row)] for row in sides.train)
    for side in ("validation", "test"):
        rows = [int(row) for row in sides.sides.get(side, ()) if len(texts[int(row)]) > LONG and known[texts[int(row)]]]
        if rows:
            share = len(rows) / len(sides.sides[side])
            message = f"{count(len(rows), 'text')} of {side} ({percent(share)}) stand in training, too"
            yield Finding("warn", "twice", message, {"rows": len(rows)}, places(table, rows))
