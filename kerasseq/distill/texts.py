"""The texts that are labelled by models, and the labels that they have already."""

# N texts

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasseq.arrays.numbers import as_number, number_fault
from kerasseq.datasets.guess import guess_layout
from kerasseq.datasets.problems import RowProblem, render, shown
from kerasseq.datasets.reader import column_problems, scan_file
from kerasseq.datasets.roles import Roles
from kerasseq.errors import DataError, UsageError

__all__ = ["Given", "read_given"]


@dataclass(frozen=True)
class Given:
    """N texts, each once.

    Attributes:
        texts: The texts.
        labels: Of each what is true, "" where that is not known; None where no column says it.
        empty: Rows that were left out because they have no text.
        repeated: Rows that were left out because an earlier one has their text.
    """

    texts: list[str]
    labels: list[str] | None
    empty: int
    repeated: int


def read_given(data: Path, text: str, label: str, classes: Sequence[str]) -> Given:
    """Read a table of texts; encoding and delimiter are guessed.

    Args:
        data: csv, tsv, jsonl or parquet.
        text: The column of the texts.
        label: The column of what is true, which may be empty in any row; "" for none.
        classes: What a label may be; empty for numbers.

    Raises:
        UsageError: There is no such file, or a column is missing.
        DataError: A row cannot be read, a label is none, or there are no texts.
    """
    layout = guess_layout(data)
    if text == label:
        raise UsageError(f'--text and --label must be different columns, got "{text}" twice')
    options = {"text": "--text", "target": "--label"}
    lacking = column_problems(data, layout, Roles((text,), label))
    missing = [f"{options[setting]} {message}" for setting, _, message in lacking]
    if missing:
        raise UsageError("\n".join(missing))
    scan = scan_file(data, layout, (text, label) if label else (text,), shown(data))
    lines = scan.lines.to_pylist()
    own = [(value or "").strip() for value in scan.table.column(label).to_pylist()] if label else [""] * len(lines)
    problems = [*scan.problems, *_wrong(lines, own, label, classes)]
    if problems:
        raise DataError(render(problems, shown(data)))
    found: dict[str, str] = {}
    empty = 0
    for value, said in zip(scan.table.column(text).to_pylist(), own, strict=True):
        if not value or not value.strip():
            empty += 1
        else:
            found[value] = found.get(value, "") or said
    if not found:
        raise DataError(f"{shown(data)}: {text}: must have texts, got {len(lines):,} rows without")
    return Given(list(found), list(found.values()) if label else None, empty, len(lines) - empty - len(found))


def _wrong(lines: Sequence[int], labels: Sequence[str], column: str, classes: Sequence[str]) -> Iterator[RowProblem]:
    known = set(classes)
    listed = f"{', '.join(classes[:10])}{' ...' if len(classes) > 10 else ''}"
    for line, said in zip(lines, labels, strict=True):
        if said and classes and said not in known:
            yield RowProblem(line, column, f'must be a class of the teachers, {listed}, got "{said[:60]}"')
        elif said and not classes and math.isnan(as_number(said)):
            yield RowProblem(line, column, number_fault(said))
