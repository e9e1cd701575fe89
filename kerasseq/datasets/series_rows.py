"""From a file to one series: a row a step, in the order of time; gaps are named, or filled in and counted."""

# T steps, D dimensions

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.numbers import as_number, number_fault
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.problems import RowProblem, place, render, shown
from kerasseq.datasets.reader import column_problems, scan_file
from kerasseq.datasets.roles import Roles
from kerasseq.datasets.times import Gaps, Times, read_times
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["MISSING", "read_series", "series_problems"]

log = logging.getLogger("kerasseq.datasets")

MISSING = frozenset({"", "?", "-", "na", "n/a", "nan", "null", "none"})
"""What stands where a number is missing, in any case."""
_SETTINGS = {"text": "columns", "group": "time"}
_HINT = 'on_gap = "interpolate" fills it in'


def series_problems(path: Path | str, layout: Layout, columns: tuple[str, ...], time: str) -> list[tuple[str, str]]:
    """`(setting, message)` for each column that the file lacks or has twice.

    Raises:
        DataError: The file cannot be read.
    """
    found = column_problems(path, layout, Roles(columns, group=time))
    return [(_SETTINGS[setting], message) for setting, _, message in found]


def read_series(path: Path | str, layout: Layout, columns: tuple[str, ...], time: str, on_gap: str) -> pa.Table:
    """Read a file; see `Series.build`.

    Args:
        path: csv, tsv, jsonl or parquet.
        layout: How it is written.
        columns: The columns of numbers, D.
        time: The column of the times, or empty.
        on_gap: `error`, `interpolate`, or `keep` (missing steps are left as they are, missing numbers are errors).

    Raises:
        DataError: `file:line: column: message`, a line for each problem.
    """
    import numpy as np

    source = shown(path)
    missing = [f"{place(source, 1)}: {message}" for _, message in series_problems(path, layout, columns, time)]
    if missing:
        raise DataError("\n".join(missing))
    scan = scan_file(path, layout, tuple(dict.fromkeys((*columns, *filter(None, (time,))))), source)
    lines = scan.lines.to_numpy()
    texts = [scan.table.column(name).to_pylist() for name in columns]
    if not len(lines):
        raise DataError(f"{place(source, 1)}: row: must be at least one below the header, got none")
    values = np.array([[as_number(text) for text in column] for column in texts]).T  # (T, D)
    problems = [*scan.problems, *_wrong_numbers(values, texts, columns, lines, on_gap == "interpolate")]
    times = read_times(scan.table.column(time).to_pylist()) if time else None
    gaps = [0] * len(lines)
    if times is not None:
        found = times.gaps()
        gaps = found.steps
        problems += (RowProblem(int(lines[row]), time, message) for row, message in _wrong_times(found, on_gap))
    if problems:
        raise DataError(render(problems, source))
    filled = int(np.isnan(values).any(axis=1).sum())
    if on_gap == "interpolate":
        filled += sum(gaps)
        values, lines, stamps = _filled(values, lines, times, gaps)
    else:
        stamps = list(times.texts) if times is not None else []
    if filled:
        log.warning("%s: filled in %s of %s steps by straight lines", source, f"{filled:,}", f"{len(values):,}")
    facts = {"target": ", ".join(columns), "columns": json.dumps(columns, ensure_ascii=False), "filled": str(filled)}
    return _table(values, lines, stamps, source, facts | ({"step": times.length()} if times is not None else {}))


def _wrong_times(found: Gaps, on_gap: str) -> Iterator[tuple[int, str]]:
    """What is wrong with which row, by what shall become of gaps."""
    yield from found.wrong
    if on_gap == "keep":
        return
    yield from ((row, f'{message}; on_gap = "keep" takes the rows as they follow') for row, message in found.between)
    if on_gap == "error":
        yield from ((row, f'{message}; {_HINT}, "keep" leaves it') for row, message in found.missing)
    elif sum(found.steps) > len(found.steps):
        row, message = max(found.missing, key=lambda gap: found.steps[gap[0]])
        got = f"{sum(found.steps):,} steps to fill in between {len(found.steps):,} rows"
        yield row, f'{message}; {got} are too many: correct the time, or on_gap = "keep"'


def _wrong_numbers(
    values: NDArray[np.float64],
    texts: Sequence[Sequence[str | None]],
    columns: tuple[str, ...],
    lines: NDArray[np.int64],
    fill: bool,
) -> list[RowProblem]:
    """What is no number; where `fill` is set, an empty cell between two numbers is none of these."""
    import numpy as np

    problems = []
    for number, name in enumerate(columns):
        bad = np.isnan(values[:, number])
        known = np.flatnonzero(~bad)
        for row in np.flatnonzero(bad).tolist():
            text = texts[number][row]
            empty = (text or "").strip().lower() in MISSING
            inside = len(known) and known[0] < row < known[-1]
            if not (fill and empty and inside):
                message = number_fault(text or None)
                if empty:
                    end = "; nothing can be filled in at an end of the series: remove the row"
                    message += end if fill else f"; {_HINT}"
                problems.append(RowProblem(int(lines[row]), name, message))
    return problems


def _filled(
    values: NDArray[np.float64], lines: NDArray[np.int64], times: Times | None, gaps: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.int64], list[str]]:
    """Every step, missing ones on the straight line between their neighbours; they have the line of the row below."""
    import numpy as np

    before = np.asarray(gaps, dtype=np.int64)
    places = np.arange(len(values)) + np.cumsum(before)  # of each row among all steps
    every = np.arange(places[-1] + 1)
    columns = []
    for column in values.T:
        known = ~np.isnan(column)
        columns.append(np.interp(every, places[known], column[known]))
    owner = np.searchsorted(places, every)
    stamps = []
    if times is not None:
        for step, row in zip(every, owner, strict=True):
            stamps.append(
                times.texts[row] if places[row] == step else times.after(row - 1, int(step - places[row - 1]))
            )
    return np.stack(columns, axis=1), lines[owner], stamps


def _table(
    values: NDArray[np.float64], lines: NDArray[np.int64], stamps: list[str], source: str, facts: dict[str, str]
) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    steps, width = values.shape
    offsets = pa.array(np.arange(0, steps * width + 1, width), pa.int32())
    columns: dict[str, Any] = {
        "values": pa.ListArray.from_arrays(offsets, pa.array(values.reshape(-1))),
        "source": pa.repeat(pa.scalar(source, pa.string()), steps),
        "line": pa.array(lines),
    }
    if stamps:
        columns["time"] = pa.array(stamps, pa.string())
    return pa.table(columns).replace_schema_metadata(facts)
