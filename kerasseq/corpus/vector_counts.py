"""What encoding did to rows of vectors."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["VectorCounts"]


@dataclass(frozen=True)
class VectorCounts:
    """What there was; nothing is ever cut.

    Attributes:
        rows: Sequences.
        vectors: Their steps.
        empty: Sequences without any.
    """

    rows: int
    vectors: int
    empty: int = 0

    def __str__(self) -> str:
        return f"{self.rows} rows, {self.vectors} vectors; {self.empty} empty"

    def __add__(self, other: VectorCounts) -> VectorCounts:
        return VectorCounts(self.rows + other.rows, self.vectors + other.vectors, self.empty + other.empty)
