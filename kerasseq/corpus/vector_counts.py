"""What encoding did to rows of vectors."""

from __future__ import annotations

from dataclasses import dataclass

from kerasseq.console import count

__all__ = ["VectorCounts"]


@dataclass(frozen=True)
class VectorCounts:
    """What there was; nothing is ever cut.

    Attributes:
        rows: Sequences.
        vectors: Their steps.
        empty: Sequences without any.
        row: What a sequence is called.
    """

    rows: int
    vectors: int
    empty: int = 0
    row: str = "sequence"

    def __str__(self) -> str:
        return f"{count(self.rows, self.row)}, {count(self.vectors, 'vector')}; {self.empty} empty"

    def __add__(self, other: VectorCounts) -> VectorCounts:
        return VectorCounts(self.rows + other.rows, self.vectors + other.vectors, self.empty + other.empty, self.row)
