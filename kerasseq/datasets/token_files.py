"""From files of tagged sentences to one table: every bad sentence is named or counted, none is dropped silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kerasseq.arrays.scratch import CHUNK
from kerasseq.datasets.content import head
from kerasseq.datasets.jsonlines import keys_of
from kerasseq.datasets.large import Content, blocks, read_content
from kerasseq.datasets.problems import RowProblem, judge, place, shown
from kerasseq.datasets.spool import Spool
from kerasseq.datasets.token_columns import Columns, columns_of, conll_sentences, conllu_sentences
from kerasseq.datasets.token_layout import Lines, Sentence, TokenLayout, bare
from kerasseq.datasets.token_lists import list_sentences
from kerasseq.errors import DataError
from kerasseq.registry.components import nearest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["layout_problems", "read_token_files", "sentences"]

_READERS = {"conll": conll_sentences, "conllu": conllu_sentences, "jsonl": list_sentences}


def layout_problems(path: Path | str, layout: TokenLayout) -> Iterator[tuple[str, str]]:
    """Yield `(setting, message)` for each column or key that a file lacks, from its first bytes.

    Raises:
        DataError: The file cannot be read.
    """
    text = head(path, layout.encoding)
    form = layout.format_for(path)
    if form == "jsonl":
        keys = keys_of(text)
        for setting in ("token_key", "tag_key") if layout.tagged else ("token_key",):
            key = getattr(layout, setting)
            if keys and key not in keys:
                yield setting, f'must be a key of {shown(path)}, got "{key}"{nearest(key, keys)}'
    elif form == "conll":
        columns = _columns(text, layout)
        settings = ("token_column", "tag_column") if layout.tagged else ("token_column",)
        places = [columns.place(getattr(layout, setting)) for setting in settings]
        told = f"{columns.count} columns between {columns.separator}s"
        for setting, found in zip(settings, places, strict=True):
            if columns.count and not 0 <= found < columns.count:
                yield setting, f"must be a column of {shown(path)}, which has {told}, got {getattr(layout, setting)}"
        if columns.count and len(set(places)) < len(places):
            yield "tag_column", f"must be another column than the tokens; {shown(path)} has {told}"


def _columns(text: str, layout: TokenLayout) -> Columns:
    lines = text.split("\n")[:-1] or [text]
    rows = [line for line in lines if bare(line) and not (layout.comment and line.startswith(layout.comment))]
    return columns_of(rows[:1000], layout.separator)


def sentences(path: Path | str, layout: TokenLayout) -> Iterator[Sentence]:
    """The sentences of one file in their order, with what is wrong with each.

    Raises:
        DataError: The file as a whole cannot be read, or lacks a column.
    """
    source = shown(path)
    missing = [f"{place(source, 1)}: {setting}: {message}" for setting, message in layout_problems(path, layout)]
    if missing:
        raise DataError("\n".join(missing))
    data = read_content(path, layout.encoding, source, lambda before: _place(before, layout))
    return _READERS[layout.format_for(path)](_lines(data), layout)


def _place(before: str, layout: TokenLayout) -> str:
    """The column that the place after the text `before` lies in."""
    line = before.rpartition("\n")[2]
    return f"column {line.count(chr(9)) + 1}" if "\t" in line else f"character {len(line) + 1}"


def _lines(data: Content) -> Lines:
    number = 1
    for _, block in blocks(data):
        lines = block.decode().split("\n")
        for line in lines[:-1]:
            yield number, line.removesuffix("\r")
            number += 1
        if lines[-1]:  # the last line of the file, without an end
            yield number, lines[-1]


def read_token_files(
    files: Mapping[str, Path | str],
    layout: TokenLayout,
    on_bad_row: str = "error",
    metadata: Mapping[str, str] | None = None,
) -> pa.Table:
    """Read files into one table.

    Args:
        files: Side -> path; with more than one file, or a side other than `train`, the table has a split column.
        layout: How the files are written.
        on_bad_row: `error`: raise with every bad sentence of every file. `skip`: leave them out, log them and count
            them in the schema's metadata `skipped`.
        metadata: More for the schema.

    Returns:
        Columns `tokens` and `target` (lists of strings of one length; null where tags are not read), `source`, `line`
        (of the first token) and, with sides, `split`.

    Raises:
        DataError: `file:line: column: message`, a line for each problem.
    """
    import pyarrow as pa

    sided = set(files) != {"train"}
    tables, faults, skipped = [], [], 0
    for side, path in files.items():
        try:
            table, problems, bad = _read(path, layout, side if sided else "")
        except DataError as error:
            faults.append(str(error))
            continue
        rows = table.num_rows + bad
        fault = judge(problems, shown(path), table.num_rows, rows, on_bad_row, "sentences")
        if fault:
            faults.append(fault)
        elif not rows:
            faults.append(f"{place(shown(path), 1)}: sentence: must be at least one, got none")
        skipped += bad
        tables.append(table)
    if faults:
        raise DataError("\n".join(faults))
    extra = {"target": "tag", "skipped": str(skipped), **(metadata or {})}
    return pa.concat_tables(tables).replace_schema_metadata(extra)


def _read(path: Path | str, layout: TokenLayout, side: str) -> tuple[pa.Table, list[RowProblem], int]:
    """The sound sentences of a file, what is wrong with the others, and how many those are."""
    found = sentences(path, layout)
    spool: Spool | None = None
    problems: list[RowProblem] = []
    bad = 0
    while True:
        piece = list(islice(found, CHUNK))
        if spool is not None and not piece:
            return spool.table(), problems, bad
        wrong = [sentence for sentence in piece if sentence.problems]
        problems += [problem for sentence in wrong for problem in sentence.problems]
        bad += len(wrong)
        table = _table([s for s in piece if not s.problems], shown(path), side, layout.tagged)
        spool = spool or Spool(table.schema)
        spool.add(table)


def _table(rows: list[Sentence], source: str, side: str, tagged: bool) -> pa.Table:
    import pyarrow as pa

    def repeated(value: str) -> pa.Array:
        return pa.repeat(pa.scalar(value, pa.string()), len(rows))

    columns = {
        "tokens": pa.array([row.tokens for row in rows], pa.list_(pa.string())),
        "target": pa.array([row.tags if tagged else None for row in rows], pa.list_(pa.string())),
        "source": repeated(source),
        "line": pa.array([row.line for row in rows], pa.int64()),
    }
    return pa.table(columns | ({"split": repeated(side)} if side else {}))
