"""Sequences of vectors, in JSON or in a file."""

# N rows

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.errors import DataError
from kerasseq.pipelines.readers.reader import RowReader, Rows, chunks
from kerasseq.pipelines.readers.steps import StepCounts

if TYPE_CHECKING:
    from kerasseq.datasets.reading import Reading
    from kerasseq.spec import Sections

__all__ = ["VectorReader"]


class VectorReader(RowReader):
    """A sequence a row; in a line `[[0.1, 0.2], [0.3, 0.4]]`, a list of numbers for each step."""

    takes = "vectors"
    column = "vectors"

    def row(self, text: str, where: str) -> list[list[float]]:
        """What the JSON says; how many numbers a step has is for the model to check."""
        rule = f"{where}: vectors: must be JSON, a list with a list of numbers for each step"
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as cause:
            raise DataError(f"{rule}, got something else") from cause
        steps: list[Any] = found if isinstance(found, list) else [None]
        for step in steps:
            if not isinstance(step, list) or any(type(number) not in (int, float) for number in step):
                raise DataError(f"{rule}, got something else")
        return steps

    def rows(self, found: Sequence[Any], start: int) -> Rows:
        """`row`, counted from 1, and its `length` in steps: the numbers themselves are many."""
        numbers = list(range(start + 1, start + 1 + len(found)))
        return Rows((list(found),), {"row": numbers, "length": list(map(len, found))})

    def table(self, path: Path, sections: Sections | None, reading: Reading | None = None) -> Iterator[Rows]:
        """As the dataset reads its own files; a series is one row. Else as `dataset.name = "vectors"` does."""
        from kerasseq.datasets.unlabelled import read_column

        for start, found in chunks(read_column("vectors", path, sections, reading)):
            yield self.rows(found, start)

    def counts(self, rows: Rows, seen: Mapping[str, Any]) -> StepCounts:
        """Sequences and their steps."""
        return StepCounts.of(("sequence", "step"), rows.shown["length"], seen)
