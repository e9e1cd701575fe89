"""From files to one standard table: every bad row of every file is named or counted, none is dropped silently."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.arrays.column import Column
from kerasseq.datasets.content import head, read_bytes, to_utf8
from kerasseq.datasets.delimited import column_at, header_of, scan_delimited, without_sep
from kerasseq.datasets.jsonarray import as_lines, first_lines
from kerasseq.datasets.jsonlines import ROWS, keys_of, nested_keys, scan_jsonl
from kerasseq.datasets.large import blocks, read_content
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.parquet import names_of, scan_parquet
from kerasseq.datasets.problems import RowProblem, judge, place, shown
from kerasseq.datasets.roles import Roles
from kerasseq.datasets.scan import Scan
from kerasseq.datasets.spool import Spool
from kerasseq.errors import DataError
from kerasseq.registry.components import nearest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FileTable",
    "column_names",
    "column_problems",
    "read_columns",
    "read_file",
    "read_files",
    "scan_file",
    "scans",
]

COLUMNS = 20_000
"""Of a file, at most; each is looked at by itself, and named in messages."""


@dataclass(frozen=True)
class FileTable:
    """One file, read.

    Attributes:
        table: The sound rows, in standard columns.
        problems: What is wrong with the others.
        rows: How many rows the file has, bad ones included.
    """

    table: pa.Table
    problems: tuple[RowProblem, ...]
    rows: int


def column_names(path: Path | str, layout: Layout, whole: bool = False) -> list[str]:
    """The columns of a file, from its first bytes.

    Args:
        path: csv, tsv, jsonl or parquet.
        layout: How it is written.
        whole: Look at every object of jsonl; else at the first `ROWS`, of which the others may have more keys.

    Raises:
        DataError: The file cannot be read, is of no known format, or has more than `COLUMNS`.
    """
    form = layout.format_for(path)
    if form == "parquet":
        names = names_of(path)
    elif form == "jsonl":
        names = _every_key(path, layout) if whole else keys_of(first_lines(head(path, layout.encoding), ROWS))
    else:
        text = head(path, layout.encoding)
        names = header_of(without_sep(text.encode("utf-8", "replace"))[:].decode(), layout, form)
    if len(names) > COLUMNS:
        raise DataError(f"{place(shown(path), 1)}: must have at most {COLUMNS:,} columns, got {len(names):,}")
    return names


def _every_key(path: Path | str, layout: Layout) -> list[str]:
    """The keys of all objects, in the order in which they first stand."""
    data = as_lines(read_content(path, layout.encoding, shown(path), lambda before: "row"), shown(path))
    keys: dict[str, None] = {}
    for _, block in blocks(data):
        keys |= dict.fromkeys(keys_of(block.decode(), block.count(b"\n") + 1))
    return list(keys)


def column_problems(path: Path | str, layout: Layout, roles: Roles) -> Iterator[tuple[str, str, str]]:
    """Yield `(setting, column, message)` for each wanted column that a file lacks or has twice."""
    names = column_names(path, layout)
    if layout.format_for(path) != "parquet" and not set(roles.columns) <= set(names):
        _check_encoding(path, layout)
        names = column_names(path, layout, whole=True)
    for column, setting in roles.columns.items():
        if column not in names:
            hint = _hint(column, names) if names else _nothing(path, layout)
            yield setting, column, f'must be a column of {shown(path)}, got "{column}"{hint}'
        elif names.count(column) > 1:
            yield (
                setting,
                column,
                f'must be one column of {shown(path)}, "{column}" stands there {names.count(column)} times',
            )


def _check_encoding(path: Path | str, layout: Layout) -> None:
    """A header in another encoding looks like missing columns: say what it is instead."""
    form = layout.format_for(path)
    to_utf8(read_bytes(path), layout.encoding, shown(path), lambda before: _place(before, layout, form))


def _place(before: str, layout: Layout, form: str) -> str:
    if form == "jsonl":
        return f"character {len(before.rpartition(chr(10))[2]) + 1}"
    return column_at(before, layout, form)


def _hint(column: str, names: list[str]) -> str:
    if len(names) == 1 and ";" in names[0]:
        return '; the header is cut at ";": set delimiter = ";"'
    return nearest(column, names)


def _nothing(path: Path | str, layout: Layout) -> str:
    """Why a file has no columns."""
    text = head(path, layout.encoding).lstrip()
    if layout.format_for(path) == "jsonl" and text:
        what = "values of the list" if text.startswith("[") else "lines"
        return f"; none of its first {what} is a JSON object"
    return "; the file has no header" if text else "; the file is empty"


def read_file(path: Path | str, layout: Layout, roles: Roles) -> FileTable:
    """Read one file.

    Raises:
        DataError: The file as a whole cannot be read: missing, damaged, in another encoding, without a wanted column.
    """
    source = shown(path)
    missing = [f"{place(source, 1)}: {c}: {message}" for _, c, message in column_problems(path, layout, roles)]
    if missing:
        raise DataError("\n".join(missing))
    unread: list[RowProblem] = []
    wrong: list[RowProblem] = []
    spool, rows = None, 0
    for scan in scans(path, layout, tuple(roles.columns), source):
        table, problems = roles.standardise(scan, source)
        rows += len(scan.lines) + len({p.line for p in scan.problems})
        unread += scan.problems
        wrong += problems
        spool = spool or Spool(table.schema)
        spool.add(table)
    if spool is None or not rows:
        raise DataError(f"{place(source, 1)}: row: must be at least one below the header, got none")
    return FileTable(spool.table(), (*unread, *wrong), rows)


def read_columns(path: Path | str, layout: Layout) -> tuple[dict[str, Sequence[str | None]], int]:
    """Every column of a file as texts that nobody has judged, few of them objects at a time, and how many rows could
    not be read.

    A column that occurs twice, or holds neither texts nor numbers, is left out.

    Raises:
        DataError: The file as a whole cannot be read.
    """
    names = column_names(path, layout, whole=True)
    if not names:
        raise DataError(f"{shown(path)}: must have columns, got none{_nothing(path, layout)}")
    wanted = tuple(name for name, times in Counter(names).items() if times == 1)
    try:
        scans = [scan_file(path, layout, wanted, shown(path))]
        if layout.format_for(path) == "jsonl" and scans[0].problems:
            data = to_utf8(read_bytes(path), layout.encoding, shown(path), lambda before: "row")
            nested = nested_keys(as_lines(data, shown(path))[:])
            plain = tuple(name for name in wanted if name not in nested)
            scans = scans if plain == wanted else [scan_file(path, layout, plain, shown(path))]
    except DataError:
        if layout.format_for(path) != "parquet":
            raise
        scans = []
        for name in wanted:
            with contextlib.suppress(DataError):
                scans.append(scan_file(path, layout, (name,), shown(path)))
    columns: dict[str, Sequence[str | None]] = {
        name: Column(scan.table.column(name)) for scan in scans for name in scan.table.column_names
    }
    return columns, len({problem.line for scan in scans for problem in scan.problems})


def scan_file(path: Path | str, layout: Layout, wanted: tuple[str, ...], source: str) -> Scan:
    """The wanted columns of a file, and the rows that could not be read; nobody has judged the values.

    Raises:
        DataError: The file as a whole cannot be read.
    """
    return Scan.joined(scans(path, layout, wanted, source))


def scans(path: Path | str, layout: Layout, wanted: tuple[str, ...], source: str) -> Iterator[Scan]:
    """As `scan_file`, some rows at a time."""
    form = layout.format_for(path)
    if form == "parquet":
        return scan_parquet(path, wanted)
    data = read_content(path, layout.encoding, source, lambda before: _place(before, layout, form))
    if form == "jsonl":
        return scan_jsonl(as_lines(data, source), wanted)
    return scan_delimited(without_sep(data), layout, form, wanted)


def read_files(
    files: Mapping[str, Path | str],
    layout: Layout,
    roles: Roles,
    on_bad_row: str = "error",
    metadata: Mapping[str, str] | None = None,
) -> pa.Table:
    """Read files into one table.

    Args:
        files: Side -> path; with more than one file, or a side other than `train`, the table has a split column.
        layout: How the files are written.
        roles: Which column is what.
        on_bad_row: `error`: raise with every bad row of every file. `skip`: leave them out, log them and count
            them in the schema's metadata `skipped`.
        metadata: More for the schema.

    Raises:
        DataError: `file:line: column: message`, a line for each problem.
    """
    import pyarrow as pa

    tables, faults, skipped = [], [], 0
    for side, path in files.items():
        try:
            read = read_file(path, layout, roles)
        except DataError as error:
            faults.append(str(error))
            continue
        table = read.table
        fault = judge(read.problems, shown(path), table.num_rows, read.rows, on_bad_row)
        if fault:
            faults.append(fault)
        skipped += read.rows - table.num_rows
        if set(files) != {"train"}:
            table = table.append_column("split", pa.repeat(pa.scalar(side, pa.string()), table.num_rows))
        tables.append(table)
    if faults:
        raise DataError("\n".join(faults))
    extra = {
        "target": ", ".join((*roles.targets, *filter(None, [roles.label]))),
        "skipped": str(skipped),
        **(metadata or {}),
    }
    return pa.concat_tables(tables).replace_schema_metadata(extra)
