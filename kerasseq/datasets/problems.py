"""What is wrong with a data file, and how it is said."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from kerasseq.given import is_said, said

__all__ = ["SHOWN", "RowProblem", "judge", "place", "render", "shown"]

log = logging.getLogger("kerasseq.datasets")

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
        return f"{place(source, self.line)}: {self.column}: {self.message}"


def place(source: str, line: int) -> str:
    """Where a row is: `data.csv:7`, or `the table given as train: row 7`."""
    return f"{source}: row {line}" if is_said(source) else f"{source}:{line}"


def shown(path: Path | str) -> str:
    """The path as a person reads it: relative where it lies below the working directory; of a table in memory its
    role."""
    if name := said(path):
        return name
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


def judge(
    problems: Collection[RowProblem], source: str, kept: int, rows: int, on_bad_row: str, noun: str = "rows"
) -> str:
    """What is wrong with a file as a whole because of its bad rows; empty where it can be used without them.

    Args:
        problems: Of its bad rows.
        source: The file, for messages.
        kept: How many of its rows are sound.
        rows: How many it has.
        on_bad_row: `error`: a bad row makes the file bad. `skip`: only where no row is sound; what is left out is
            logged.
        noun: What its rows are.
    """
    bad = rows - kept
    if not bad:
        return ""
    if on_bad_row == "skip":
        first = min(problems).render(source)
        log.warning("%s: skipped %s of %s %s; first: %s", source, f"{bad:,}", f"{rows:,}", noun, first)
        if kept:
            return ""
    count = f'{source}: {bad:,} of {rows:,} {noun} cannot be used; on_bad_row = "skip" leaves them out'
    return f"{render(problems, source)}\n{count}"
