"""Pairs of lines of two files; where files of unequal length part."""

# N lines of the shorter file, K more of the longer one

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.arrays.scratch import CHUNK
from kerasseq.datasets.large import blocks, read_content
from kerasseq.datasets.problems import RowProblem, judge, shown
from kerasseq.datasets.spool import Spool
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["lines_of", "parting", "read_parallel", "read_sources"]


def lines_of(path: Path | str, encoding: str) -> Iterator[str]:
    """The lines of a file, without their ends; only a line feed, with or without a carriage return, ends one.

    Raises:
        DataError: The file cannot be read.
    """
    data = read_content(
        path, encoding, shown(path), lambda before: f"character {len(before.rpartition(chr(10))[2]) + 1}"
    )
    for _, block in blocks(data):
        lines = block.decode().split("\n")
        for line in lines[:-1]:
            yield line.removesuffix("\r")
        if lines[-1]:  # the last line of the file, without an end
            yield lines[-1]


def read_sources(path: Path | str, encoding: str) -> pa.Table:
    """Every line as a text, empty ones too.

    Raises:
        DataError: The file cannot be read, or has no line.
    """

    lines = list(lines_of(path, encoding))
    if not lines:
        raise DataError(f"{shown(path)}: must have a line, got none")
    return _table(lines, [None] * len(lines), range(1, len(lines) + 1), shown(path), "")


def read_parallel(files: Mapping[str, Sequence[str]], encoding: str, on_bad_row: str = "error") -> pa.Table:
    """All pairs of the given sides, in the columns of `DatasetSpec.build`.

    Args:
        files: Side -> the sources and their translations; with more than one side the table has a split column.
        encoding: Of the files.
        on_bad_row: Of pairs with an empty line. `error`: raise with every one. `skip`: leave them out, log them and
            count them in the schema's metadata `skipped`.

    Raises:
        DataError: With everything that is wrong with every file.
    """
    import pyarrow as pa

    tables, faults, skipped = [], [], 0
    for side, (first, second) in files.items():
        try:
            table, problems, rows = _read(first, second, encoding, side if set(files) != {"train"} else "")
        except DataError as error:
            faults.append(str(error))
            continue
        fault = judge(problems, shown(first), table.num_rows, rows, on_bad_row, "pairs")
        if fault:
            faults.append(fault)
        elif not rows:
            faults.append(f"{shown(first)}: must have a line, got none")
        skipped += rows - table.num_rows
        tables.append(table)
    if faults:
        raise DataError("\n".join(faults))
    return pa.concat_tables(tables).replace_schema_metadata({"target": "translation", "skipped": str(skipped)})


def _read(first: str, second: str, encoding: str, side: str) -> tuple[pa.Table, list[RowProblem], int]:
    """The sound pairs of two files, what is wrong with the others, and how many pairs there are.

    Raises:
        DataError: A file cannot be read, or one has more lines.
    """
    pairs = zip_longest(lines_of(first, encoding), lines_of(second, encoding))
    spool: Spool | None = None
    problems: list[RowProblem] = []
    rows = 0
    while True:
        piece = list(islice(pairs, CHUNK))
        if piece and None in piece[-1]:
            raise DataError(_unequal(first, second, encoding))
        if spool is not None and not piece:
            return spool.table(), problems, rows
        numbered = list(enumerate(piece, start=rows + 1))
        good = [(line, *pair) for line, pair in numbered if pair[0].strip() and pair[1].strip()]
        for line, pair in numbered:
            problems += _empty(line, pair, (first, second))
        places, sources, targets = zip(*good, strict=True) if good else ((), (), ())
        table = _table(sources, targets, places, shown(first), side)
        spool = spool or Spool(table.schema)
        spool.add(table)
        rows += len(piece)


def _empty(line: int, pair: Sequence[str], files: Sequence[str]) -> Iterator[RowProblem]:
    """Which of two lines is empty."""
    empty = [shown(file) for file, text in zip(files, pair, strict=True) if not text.strip()]
    if empty:
        yield RowProblem(
            line, "line", f"must hold a text and its translation, got an empty one in {' and '.join(empty)}"
        )


def _unequal(first: str, second: str, encoding: str) -> str:
    """What is said of two files of unequal length."""
    lengths = [[len(line) for line in lines_of(path, encoding)] for path in (first, second)]
    counts = f"{len(lengths[0]):,} and {len(lengths[1]):,}"
    place = parting(*lengths)
    short, long = sorted((first, second), key=lambda path: len(lengths[path == second]))
    if place > min(map(len, lengths)):
        hint = f"by their lengths they go together up to the end of {shown(short)}"
    else:
        hint = f"by their lengths they part at line {place:,}: look there for a line that {shown(long)} has too many"
    return f"{shown(first)}: must have as many lines as {shown(second)}, got {counts}; {hint}"


def parting(one: Sequence[int], two: Sequence[int]) -> int:
    """The line, from 1, from which on two files do not go together, by the lengths of their lines.

    The K lines that the longer file has too many are taken to stand in one place: before it line n belongs to line n,
    behind it to line n + K. It is where the lengths of all pairs agree best, as Gale and Church (1993) compare them:
    the square of their difference over their sum.

    Args:
        one: Characters of each line of a file.
        two: Of another file, of another number of lines.

    Returns:
        1 to N + 1; N + 1 where all lines of the shorter file go with the first ones of the longer.

    >>> parting([10, 50, 20, 90, 30], [11, 49, 20, 7, 88, 31])
    4
    """
    import numpy as np

    short, long = (np.array(side, dtype=np.float64) for side in sorted((one, two), key=len))
    lines, more = len(short), len(long) - len(short)
    long = long * (short.sum() / max(long.sum(), 1))
    before = np.append(0.0, np.cumsum(_apart(short, long[:lines])))  # what the first n pairs cost
    behind = np.append(np.cumsum(_apart(short, long[more:])[::-1])[::-1], 0.0)  # what those from n on cost
    costs = before + behind
    return int(lines - np.argmin(costs[::-1])) + 1  # of equally good places the last: what goes together goes on


def _apart(one: NDArray[np.float64], two: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return (one - two) ** 2 / np.maximum(one + two, 1)


def _table(
    sources: Sequence[str], targets: Sequence[str | None], lines: Sequence[int], source: str, side: str
) -> pa.Table:
    import pyarrow as pa

    def repeated(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.string()), len(sources))

    columns = {
        "text": pa.array(sources, pa.string()),
        "target": pa.array(targets, pa.string()),
        "source": repeated(source),
        "line": pa.array(lines, pa.int64()),
    }
    return pa.table(columns | ({"split": repeated(side)} if side else {}))
