"""Where answers go: printed as they come, or written to a file that is whole or absent."""

# N rows of a chunk

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasseq.arrays.numbers import as_number
from kerasseq.commands.explained import lines
from kerasseq.console import for_stdout
from kerasseq.errors import UsageError
from kerasseq.explanation import Explanation
from kerasseq.files import atomic, cell, csv_text, sound

__all__ = ["FORMS", "Put", "form_of", "gathered", "inert", "printed", "saved"]

FORMS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}
"""Suffix of a file -> how it is written."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet takes for a formula, in full width, too (OWASP, CSV injection)."""

Put = Callable[[Mapping[str, Sequence[Any]]], None]
"""Takes the named columns of the next N rows, the same names each time."""


def form_of(output: Path) -> str:
    """How a file is written.

    Raises:
        UsageError: Its suffix says nothing.
    """
    form = FORMS.get(output.suffix.lower())
    if not form:
        raise UsageError(f"--output: must end in .csv, .tsv, .jsonl or .parquet, got {output}")
    return form


def printed(form: str) -> Put:
    """Prints rows as csv, jsonl or lines, a chunk at a time."""

    def write(text: str) -> None:
        if sys.stdout is None:  # closed by whoever started this, `>&-`
            return
        sys.stdout.buffer.write(for_stdout(text).encode("utf-8"))
        sys.stdout.buffer.flush()

    return _text(form, write)


def gathered(answers: list[dict[str, Any]]) -> Put:
    """Adds an object for each row to `answers`, of values that JSON has."""

    def put(columns: Mapping[str, Sequence[Any]]) -> None:
        rows = zip(*map(_listed, columns.values()), strict=True)
        objects = [sound(dict(zip(columns, row, strict=True))) for row in rows]
        answers.extend(json.loads(json.dumps(objects, ensure_ascii=False, default=_said)))

    return put


@contextlib.contextmanager
def saved(output: Path) -> Iterator[Put]:
    """Writes rows to a file, which appears when the block ends well."""
    form = form_of(output)
    with atomic(output) as temporary:
        if form == "parquet":
            columns: dict[str, list[Any]] = {}
            yield functools.partial(_add, columns)
            _write_parquet(temporary, columns)
        else:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                yield _text(form, lambda text: file.write(text))


def inert(put: Put) -> Put:
    """For a spreadsheet, which runs a cell that begins as a formula: such a text gets an apostrophe before it."""

    def through(columns: Mapping[str, Sequence[Any]]) -> None:
        put({_inert(name): [_inert(cell(value)) for value in _listed(column)] for name, column in columns.items()})

    return through


def _inert(value: Any) -> Any:
    """A value that no spreadsheet computes; one that is a number may begin with its sign.

    >>> _inert("=1+1"), _inert("+49 30 1234"), _inert("-5.2"), _inert("so = so"), _inert(-5.2)
    ("'=1+1", "'+49 30 1234", '-5.2', 'so = so', -5.2)
    """
    runs = isinstance(value, str) and value.startswith(FORMULA) and not math.isfinite(as_number(value))
    return f"'{value}" if runs else value


def _text(form: str, write: Callable[[str], object]) -> Put:
    headed = False

    def put(columns: Mapping[str, Sequence[Any]]) -> None:
        nonlocal headed
        values = [_listed(column) for column in columns.values()]
        rows = list(zip(*values, strict=True))
        if form == "jsonl":
            objects = (dict(zip(columns, row, strict=True)) for row in rows)
            write("".join(json.dumps(sound(row), ensure_ascii=False, default=_said) + "\n" for row in objects))
        elif form == "lines":
            objects = (dict(zip(columns, row, strict=True)) for row in rows)
            write("".join("\n".join([*lines(row), "\n"]) for row in objects))
        else:
            table = [*([] if headed else [list(columns)]), *([_cell(value) for value in row] for row in rows)]
            write(csv_text(table) if form == "csv" else _tabbed(table))
        headed = True

    return put


def _listed(column: Sequence[Any]) -> list[Any]:
    """The values of a list, or of an array of Arrow."""
    if isinstance(column, list):
        return column
    values: list[Any] = column.to_pylist()  # type: ignore[attr-defined]
    return values


def _cell(value: Any) -> Any:
    """As `cell`; an explanation is JSON there, too."""
    return _plain(value) if isinstance(value, Explanation) else cell(value)


def _tabbed(rows: Sequence[Sequence[Any]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter="\t", lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _said(value: Any) -> Any:
    """What JSON lacks: an explanation, a date, an exact number."""
    return value.as_json() if isinstance(value, Explanation) else str(value)


def _add(columns: dict[str, list[Any]], chunk: Mapping[str, Sequence[Any]]) -> None:
    """Values of each column behind those that are there: in Arrow, where they have one type."""
    import pyarrow as pa

    for name, values in chunk.items():
        part: Any = values
        if isinstance(values, list):
            with contextlib.suppress(pa.ArrowException, OverflowError):
                part = pa.array(values)
        columns.setdefault(name, []).append(part)


def _write_parquet(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({name: _joined(parts) for name, parts in columns.items()}), path)


def _joined(parts: Sequence[Any]) -> Any:
    """A column of Arrow; types stay, and where values have several they are texts."""
    import pyarrow as pa

    if not any(isinstance(part, list) for part in parts):
        with contextlib.suppress(pa.ArrowException):
            tables = [pa.table({"": part}) for part in parts]
            return pa.concat_tables(tables, promote_options="permissive").column(0)
    values = (value for part in parts for value in _listed(part))
    return pa.array([None if value is None else _plain(value) for value in values], pa.string())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(sound(value), ensure_ascii=False, default=_said)
