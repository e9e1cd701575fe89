"""csv and tsv: pyarrow where the file is without a fault, else a stdlib pass that knows every line.

The fast path is taken block by block, as long as it can be wrong about nothing: every quoted field is closed, and the
block has as many lines as rows. From the first block with quoted line breaks, blank lines or faults on the other one
reads, which gives each row its line.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Literal

from kerasseq.arrays.scratch import CHUNK
from kerasseq.datasets.large import Content, blocks
from kerasseq.datasets.layout import Dialect, Layout
from kerasseq.datasets.lines import Lines
from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.scan import Scan
from kerasseq.files import long_fields

__all__ = ["column_at", "header_of", "scan_delimited", "without_sep"]

_QUOTING: dict[bool, Literal[0, 3]] = {True: csv.QUOTE_MINIMAL, False: csv.QUOTE_NONE}


def scan_delimited(data: Content, layout: Layout, form: str, wanted: Sequence[str]) -> Iterator[Scan]:
    """Read the columns `wanted`, which the file must have, from UTF-8 text, some rows at a time."""
    dialect = layout.dialect(form, data)
    names, line = list(layout.columns), 1
    for start, block in blocks(data):
        scan = _fast(block, names, dialect, wanted, line)
        if scan is None:
            yield from _exact(Lines(_rest(data, start), line), names, dialect, wanted)
            return
        yield scan
        names = names or header_of(block[: block.find(b"\n") + 1].decode(), layout, form)
        line += block.count(b"\n")


_SEP = re.compile(rb"(?:\xef\xbb\xbf)?sep=[^\r\n](?=\r?\n)", re.IGNORECASE)


def without_sep(data: Content) -> Content:
    r"""The same without the words of a first line `sep=;`, by which Excel is told the delimiter; the line stays.

    >>> without_sep(b"sep=;\ntext;label\n")
    b'\ntext;label\n'
    """
    found = _SEP.match(data)
    return data if found is None else data[found.end() :]


def _rest(data: Content, start: int) -> Iterator[str]:
    """The lines from a place on, with their ends; a bare carriage return ends a line, too."""
    return itertools.chain.from_iterable(_lines(block.decode()) for _, block in blocks(data, start))


def header_of(text: str, layout: Layout, form: str) -> list[str]:
    """The column names: the first row of `text` that is not blank, or what the layout says; empty without rows."""
    if layout.columns:
        return list(layout.columns)
    first = next((line for line in _lines(text) if line.strip()), "")
    dialect = layout.dialect(form, first.encode("utf-8", "replace"))
    with long_fields(), contextlib.suppress(csv.Error):
        return _bare(next((row for row in dialect.rows(_lines(text)) if not _blank(row)), []))
    return []


def _blank(row: list[str]) -> bool:
    """Whether a row is no header: an empty line, or one of white space."""
    return not "".join(row).strip()


def _bare(names: list[str]) -> list[str]:
    """Header fields without quotes, where the rows below are not quoted and the header is."""
    return [name[1:-1] if len(name) > 1 and name[0] == name[-1] == '"' else name for name in names]


def column_at(before: str, layout: Layout, form: str) -> str:
    """The column that the place after the text `before` lies in."""
    delimiter = layout.delimiter or ("\t" if form == "tsv" else ",")
    quoted = layout.quotes == "double" or (form == "csv" and layout.quotes == "auto")
    escape = layout.escape or None
    with long_fields():
        # A mark stands for the place itself; not strict, because a quoted field may be open there
        reader = csv.reader(_lines(before + "."), delimiter=delimiter, quoting=_QUOTING[quoted], escapechar=escape)
        rows = [row for row in reader if row]
    names = layout.columns or rows[0]
    if not layout.columns and len(rows) == 1:
        return f"header field {len(rows[0])}"
    place = len(rows[-1])
    return names[place - 1] if place <= len(names) else f"field {place}"


def _fast(block: bytes, names: Sequence[str], dialect: Dialect, wanted: Sequence[str], line: int) -> Scan | None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv as pacsv

    if dialect.escape or (dialect.quoted and not dialect.holds(block)):
        return None
    if not dialect.delimiter.isascii() or block.count(b"\r") != block.count(b"\r\n"):
        return None
    parse = pacsv.ParseOptions(
        delimiter=dialect.delimiter, quote_char='"' if dialect.quoted else False, newlines_in_values=dialect.quoted
    )
    convert = pacsv.ConvertOptions(
        column_types={name: pa.string() for name in wanted},
        include_columns=list(wanted),
        strings_can_be_null=False,
        check_utf8=False,
    )
    size = min(max(len(block), 1 << 20), 1 << 26)
    try:
        read = pacsv.ReadOptions(column_names=list(names) or None, block_size=size)
        table = pacsv.read_csv(pa.BufferReader(block), read_options=read, parse_options=parse, convert_options=convert)
    except (pa.ArrowException, KeyError):
        return None
    header = not names
    physical = block.count(b"\n") + (not block.endswith(b"\n"))
    if table.num_rows == 0 or physical != table.num_rows + header:
        return None
    first = line + header
    return Scan(table, pa.array(np.arange(first, first + table.num_rows)))


def _exact(lines: Lines, names: list[str], dialect: Dialect, wanted: Sequence[str]) -> Iterator[Scan]:
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    problems: list[RowProblem] = []
    places = [names.index(name) for name in wanted] if names else []
    with long_fields():
        for line, row, fault in _records(lines, dialect, len(names)):
            if fault:
                problems.append(RowProblem(line, _name(names, len(row)), fault))
            elif not names:
                names = _bare(row)
            else:
                places = places or [names.index(name) for name in wanted]
                rows.append([row[i] for i in places])
                numbers.append(line)
            if len(rows) == CHUNK:
                yield Scan.from_rows(wanted, rows, numbers, problems)
                rows, numbers, problems = [], [], []
    yield Scan.from_rows(wanted, rows, numbers, problems)


def _name(names: Sequence[str], place: int) -> str:
    return names[place] if place < len(names) else f"field {place + 1}"


def _records(lines: Lines, dialect: Dialect, width: int) -> Iterator[tuple[int, list[str], str]]:
    """Yield `(line, fields, fault)`; `width` 0 means that the first record says how many fields there are.

    After a fault that spans several lines the next record starts at the second of them: an unclosed quote must not
    take the rest of the file with it.
    """
    while lines.more():
        reader = dialect.rows(iter(lines))
        begin = start = lines.first
        try:
            for row in reader:
                end = start + reader.line_num  # type: ignore[attr-defined]
                again = bool(row and width and len(row) != width and end - begin > 1)
                lines.drop(begin + 1 if again else end)
                if row and width and len(row) != width:
                    yield begin, row[:width], _count(len(row), width, end - begin, dialect)
                    if again:
                        break
                elif row and (width or not _blank(row)):
                    width = width or len(row)
                    yield begin, row, ""
                begin = end
            else:
                return
        except csv.Error as cause:
            yield begin, _before_fault(lines.line, dialect), _quote_fault(str(cause))
            lines.drop(begin + 1)


def _count(got: int, width: int, spans: int, dialect: Dialect) -> str:
    hint = "a quote opens here and takes in the lines below" if spans > 1 else _hint(dialect)
    return f"must be a row of {width} fields, got {got}; {hint}"


def _hint(dialect: Dialect) -> str:
    if dialect.quoted:
        return 'a field that holds the delimiter stands in "quotes"'
    return 'set quotes = "double" where fields are quoted'


def _quote_fault(cause: str) -> str:
    if "unexpected end" in cause:
        return 'must close the quote that it opens; write a quote inside a quoted field as ""'
    doubled = 'write a quote inside a quoted field as ""'
    return f"must end at its closing quote; {doubled}, or set escape = '\\\\' where it is \\\""


def _before_fault(line: str, dialect: Dialect) -> list[str]:
    """The fields of `line` before the one whose quote is wrong: as many as let the line be read strictly."""
    place = 0
    for i, character in enumerate(line):
        if character == dialect.delimiter and dialect.holds(line[:i].encode()):
            place += 1
    return [""] * place


def _lines(text: str) -> list[str]:
    # newline="" cuts at \n, \r\n and \r, as csv does, and not at U+2028 or U+0085, as str.splitlines would
    return io.StringIO(text, newline="").readlines()
