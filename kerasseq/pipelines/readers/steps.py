"""What encoding did to rows of steps: tokens given apart, or vectors."""

# N rows

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kerasseq.console import count

__all__ = ["StepCounts"]


@dataclass(frozen=True)
class StepCounts:
    """Counts that add up.

    Attributes:
        nouns: What a row and a step are called.
        rows: Rows.
        steps: Those that the model reads.
        truncated: Rows that lost steps to its greatest length.
        empty: Rows without any.
        unknown: Steps outside a vocabulary; -1 where there is none.
    """

    nouns: tuple[str, str]
    rows: int
    steps: int
    truncated: int
    empty: int
    unknown: int = -1

    @classmethod
    def of(cls, nouns: tuple[str, str], lengths: Sequence[int], seen: Mapping[str, Any]) -> StepCounts:
        """Of rows of some lengths, and what an exported file says of each; see `kerasseq_runtime.Model.answer`."""
        read = [int(number) for number in seen.get("tokens", lengths)]
        cut = sum(1 for number in seen.get("truncated", ()) if number)
        unknown = int(sum(seen["unknown"])) if "unknown" in seen else -1
        return cls(nouns, len(lengths), sum(read), cut, sum(1 for number in read if not number), unknown)

    def __add__(self, other: StepCounts) -> StepCounts:
        return StepCounts(
            self.nouns,
            self.rows + other.rows,
            self.steps + other.steps,
            self.truncated + other.truncated,
            self.empty + other.empty,
            self.unknown + other.unknown if self.unknown >= 0 else -1,
        )

    def __str__(self) -> str:
        row, step = self.nouns
        said = [f"{self.truncated} truncated ({self.truncated / max(self.rows, 1):.1%})"]
        if self.unknown >= 0:
            said.append(f"{count(self.unknown, f'unknown {step}')} ({self.unknown / max(self.steps, 1):.1%})")
        return f"{count(self.rows, row)}, {count(self.steps, step)}; {', '.join([*said, f'{self.empty} empty'])}"
