"""Columns of a table that no setting names, for rows that were read from it: ids, dates, who wrote them.

The files are read a second time, for these rows and columns alone, so that training holds none of them.
"""

# N rows

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq.datasets.jsonarray import as_lines
from kerasseq.datasets.large import blocks, read_content
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.problems import place, shown
from kerasseq.datasets.reader import column_names, scans
from kerasseq.datasets.spool import Spool
from kerasseq.datasets.vector_arrow import opened
from kerasseq.errors import DataError
from kerasseq.files import damage

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["in_arrow", "in_table", "other_columns"]

log = logging.getLogger("kerasseq.datasets")

Piece = tuple["NDArray[np.int64]", "pa.Table"]
"""The lines of some rows, ascending, and their columns of strings."""

Reader = Callable[[str, "NDArray[np.int64]"], Iterator[Piece]]
"""From a file and the lines that are wanted to pieces which hold at least these."""


def other_columns(rows: pa.Table, files: Iterable[str], read: Reader) -> pa.Table:
    """The other columns of rows.

    Args:
        rows: `(N,)` with `source` and `line`: in the order of the files, and in each ascending.
        files: Their paths.
        read: Reads one.

    Returns:
        `(N,)` rows of strings, null where a file lacks a column of another; no columns where there are none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    none = rows.select([])
    parts = []
    for path in dict.fromkeys(files):
        lines = rows["line"].filter(pc.equal(rows["source"], shown(path))).to_numpy()
        part = _chosen(read(path, lines), lines) if len(lines) else None
        if part is not None and part.num_rows != len(lines):
            log.warning("%s: has changed since it was read, its other columns are left out", shown(path))
            return none
        parts += [part] if part is not None else []
    found = pa.concat_tables(parts, promote_options="default") if parts else none
    return found if found.num_columns and found.num_rows == rows.num_rows else none


def _chosen(pieces: Iterator[Piece], lines: NDArray[np.int64]) -> pa.Table | None:
    """The rows of `lines`; None where there is no piece."""
    import numpy as np
    import pyarrow as pa

    spool = None
    for found, table in pieces:
        spool = spool or Spool(table.schema)
        spool.add(table.filter(pa.array(np.isin(found, lines))))
    return spool.table() if spool is not None else None


def in_table(layout: Layout, used: Collection[str]) -> Reader:
    """Of csv, tsv, jsonl or parquet, written as `layout` says; nothing of the columns `used`."""

    def read(path: str, lines: NDArray[np.int64]) -> Iterator[Piece]:
        form = layout.format_for(path)
        if form == "parquet":
            yield from in_arrow(used)(path, lines)
            return
        names = _others(column_names(path, layout, whole=True), used)
        if names and form == "jsonl":
            yield from _objects(path, layout, names, lines)
        elif names:
            for scan in scans(path, layout, names, shown(path)):
                yield scan.lines.to_numpy(), scan.table

    return read


def in_arrow(used: Collection[str]) -> Reader:
    """Of parquet and Arrow files; lists and structs as JSON."""

    def read(path: str, lines: NDArray[np.int64]) -> Iterator[Piece]:
        import numpy as np
        import pyarrow as pa

        with opened(path) as (schema, batches):
            names, line = _others(schema.names, used), 1
            for batch in batches(names) if names else ():
                columns = [_strings(batch.column(name)) for name in names]
                found = np.arange(line, line + batch.num_rows)
                yield found, pa.Table.from_arrays(columns, names=names)
                line += batch.num_rows

    return read


def _others(names: Sequence[str], used: Collection[str]) -> tuple[str, ...]:
    """Those that have a name of their own and no use."""
    return tuple(name for name in names if name and name not in used and names.count(name) == 1)


def _objects(path: str, layout: Layout, names: Sequence[str], lines: NDArray[np.int64]) -> Iterator[Piece]:
    """Of the objects at `lines` alone; lists and objects as JSON."""
    import numpy as np
    import pyarrow as pa

    data = as_lines(read_content(path, layout.encoding, shown(path), lambda _: ""), shown(path))
    wanted, schema, number = set(lines.tolist()), pa.schema([(name, pa.string()) for name in names]), 1
    for _, block in blocks(data):
        texts = {n: text for n, text in enumerate(block.decode().split("\n"), number) if n in wanted and text.strip()}
        rows = [_object(text, place(shown(path), n)) for n, text in texts.items()]
        columns = [pa.array([_said(row.get(name)) for row in rows], pa.string()) for name in names]
        yield np.array(list(texts), np.int64), pa.Table.from_arrays(columns, schema=schema)
        number += block.count(b"\n")


def _object(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as cause:
        raise DataError(f"{where}: must be JSON that can be read, got {damage(cause)}") from cause


def _strings(column: pa.Array[Any]) -> pa.Array[Any]:
    import pyarrow as pa

    with contextlib.suppress(pa.ArrowException):
        return column.cast(pa.string())
    return pa.array([_said(value) for value in column.to_pylist()], pa.string())


def _said(value: Any) -> str | None:
    if value is None:
        return None
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return said.encode("utf-8", "replace").decode()  # half of a surrogate pair fits no column
