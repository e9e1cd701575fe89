"""What is wrong with a data file, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["SHOWN", "RowProblem", "render", "shown"]

SHOWN = 20
"""Problems of one file that a message lists before it only counts."""


@dataclass(frozen=True, order=True)
class RowProblem:
    """One thing that is wrong with one row.

    Attributes:
        line: 1-based line of the file where the row starts, or the row's number in a file without lines.
        column: The column's name in the file, or `field 3` where it has none.
        message: Rule and value: `must have a value`.
    """

    line: int
    column: str
    message: str

    def render(self, source: str) -> str:
        """`data.csv:7: target: must have a value`."""
        return f"{source}:{self.line}: {self.column}: {self.message}"


def shown(path: Path | str) -> str:
    """The path as a person reads it: relative where it lies below the working directory."""
    absolute = Path(path).absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def render(problems: Iterable[RowProblem], source: str) -> str:
    """The first problems of a file, a line each, and a count of the others."""
    ordered = sorted(problems)
    lines = [problem.render(source) for problem in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        lines.append(f"{source}: and {len(ordered) - SHOWN:,} more problems")
    return "\n".join(lines)
