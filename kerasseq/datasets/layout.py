"""How a table lies in a file: format, delimiter, quotes, encoding, header."""

from __future__ import annotations

import csv
import json
import mmap
import re
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerasseq.given import given_as

__all__ = ["DELIMITERS", "FORMATS", "Dialect", "Layout", "escape_of", "format_of", "save_as"]

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
"""Suffix -> format; `.gz` may follow the text ones."""


SHEETS = {".xlsx": "openpyxl", ".xlsm": "openpyxl", ".xls": "xlrd", ".ods": "odfpy"}
"""Suffix of a workbook -> what pandas reads it with."""

DELIMITERS = ("", ";", "\t", "|")
"""What is tried where nobody says what stands between fields; the format's own first."""


def escape_of(pieces: Iterable[bytes]) -> str:
    r"""What stands before a quote inside a field: a backslash, where doubled quotes do not explain one before a quote.

    Doubled quotes explain `\"` at the end of a field, and `\""` inside of one: a backslash, then a quote.

    Args:
        pieces: Whole lines of a file.

    >>> escape_of([b'"he said \\"so\\" twice","x"']), escape_of([b'"a folder\\","x"'])
    ('\\', '')
    """
    runs = re.compile(rb'\\"+')
    doubled = re.compile(rb'\\(?:"(?:"")*[ \t]*(?![^,;|\t\r\n])|(?:"")+(?=[^",;|\t\r\n]))')
    return "\\" if any(len(runs.findall(piece)) > len(doubled.findall(piece)) for piece in pieces) else ""


def format_of(path: Path | str) -> str:
    """The format that the name of a file says, or an empty string.

    >>> format_of("rows.tsv.gz"), format_of("rows.txt")
    ('tsv', '')
    """
    suffixes = [s.lower() for s in Path(path).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return FORMATS.get(suffixes[-1], "") if suffixes else ""


def save_as(path: Path | str) -> str:
    """What to do with a file whose name says no format.

    >>> save_as("rows.txt")
    'set format to csv, tsv, jsonl or parquet'
    >>> print(save_as("scores.xlsx").partition(" -c ")[2])
    'import pandas; pandas.read_excel("scores.xlsx").to_csv("scores.csv", index=False)'
    """
    file = Path(path)
    if file.suffix.lower() in SHEETS:
        read, write = (json.dumps(str(name), ensure_ascii=False) for name in (file, file.with_suffix(".csv")))
        command = shlex.quote(f"import pandas; pandas.read_excel({read}).to_csv({write}, index=False)")
        needs = SHEETS[file.suffix.lower()]
        return f"save the sheet as CSV in UTF-8, or after pip install pandas {needs}: {_python()} -c {command}"
    return "set format to csv, tsv, jsonl or parquet"


def _python() -> str:
    """The Python that runs, as a shell finds it."""
    short = "python"
    return short if shutil.which(short) == sys.executable else shlex.quote(sys.executable)


@dataclass(frozen=True)
class Layout:
    """What the settings say about the files.

    Attributes:
        format: `auto` (by suffix), `csv`, `tsv`, `jsonl` or `parquet`.
        encoding: A codec of Python; a byte-order mark is read away.
        delimiter: One character, or empty for the format's own.
        quotes: `double`, `none`, or `auto`: csv has them, tsv where every field that opens with one is well quoted.
        columns: Names for files without a header line; empty where the first row is the header.
        escape: What stands before a quote inside a quoted field where it is not doubled, a backslash; empty for none.
    """

    format: str = "auto"
    encoding: str = "utf-8"
    delimiter: str = ""
    quotes: str = "auto"
    columns: tuple[str, ...] = ()
    escape: str = ""

    def format_for(self, path: Path | str) -> str:
        """The format of one file; empty when neither the setting nor the suffix says."""
        return format_of(path) if self.format == "auto" or given_as(path) else self.format

    def dialect(self, form: str, text: bytes | mmap.mmap) -> Dialect:
        """How to cut lines into fields; `text` (UTF-8) decides whether a tsv is quoted."""
        delimiter = self.delimiter or ("\t" if form == "tsv" else ",")
        if self.escape:
            return Dialect(delimiter, True, self.escape)
        if self.quotes != "auto":
            return Dialect(delimiter, self.quotes == "double")
        quoted = Dialect(delimiter, True)
        return quoted if form == "csv" or quoted.holds(text) else Dialect(delimiter, False)


@dataclass(frozen=True)
class Dialect:
    """How a line is cut into fields.

    Attributes:
        delimiter: One character between fields.
        quoted: Whether `"` may enclose a field, doubled inside it (RFC 4180); else it is a character like any other.
        escape: What stands before a quote inside a quoted field instead of another quote; empty where it is doubled.
    """

    delimiter: str
    quoted: bool
    escape: str = ""

    def holds(self, text: bytes | mmap.mmap) -> bool:
        """Whether every field that opens with a quote closes with one, right before a delimiter or a line end."""
        if text.find(b'"') < 0:
            return True
        end = re.escape(self.delimiter) + r"\r\n"
        # Possessive throughout, so that a fault is found in one pass over the file
        field = rf'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{end}][^{end}]*+)?+'
        whole = rf"(?:{field}[{end}])*+{field}"
        if self.delimiter.isascii():
            return re.fullmatch(whole.encode(), text) is not None
        return re.fullmatch(whole, text[:].decode("utf-8", "replace")) is not None

    def rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Cut lines into fields, strictly: the iterator is a `csv.reader`."""
        if self.escape:
            return csv.reader(lines, delimiter=self.delimiter, doublequote=False, escapechar=self.escape, strict=True)
        if self.quoted:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
