"""How a file beside the experiment's own is written: as whoever names it says, as the experiment says, or as it looks.

Encoding, delimiter, header and the way of quotes belong to a file, not to a model: another table may have others.
"""

from __future__ import annotations

import codecs
import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kerasseq.datasets.content import decodes, head, read_bytes, start_of, suggest
from kerasseq.datasets.delimited import header_of
from kerasseq.datasets.large import LARGE, blocks, read_content
from kerasseq.datasets.layout import DELIMITERS, Layout, escape_of
from kerasseq.datasets.problems import shown
from kerasseq.datasets.reader import column_names
from kerasseq.errors import DataError
from kerasseq.given import given_as
from kerasseq.registry.components import closest

__all__ = ["Reading", "judged", "log_judged", "missing", "nearest_first"]

log = logging.getLogger("kerasseq.datasets")

SHOWN = 20
"""Columns that a message names before it only counts."""


@dataclass(frozen=True)
class Reading:
    """What a command line says of a file. Empty values are judged by the file.

    Attributes:
        text: The columns of the text; several are joined by a space.
        text_2: The column of the second text of a pair.
        encoding: A codec of Python.
        delimiter: One character between fields of csv and tsv.
        target: The column of the class or score.
        header: Whether the first row names the columns; None leaves it to be judged.
    """

    text: tuple[str, ...] = ()
    text_2: str = ""
    encoding: str = ""
    delimiter: str = ""
    target: str = ""
    header: bool | None = None


def judged(path: Path | str, layout: Layout, wanted: Collection[str], reading: Reading | None = None) -> Layout:
    """How to read a file that has the columns `wanted`.

    What suits the file stays; what does not goes by its bytes. `log_judged` says so.

    Args:
        path: The file.
        layout: How the experiment's own files of this format are written.
        wanted: Columns that will be read.
        reading: What the command line says, which stays.
    """
    said = reading or Reading()
    form = layout.format_for(path)
    if given_as(path) or form in ("", "parquet") or not Path(path).is_file():
        return layout
    try:
        found = replace(layout, encoding=said.encoding or _encoding(path, layout.encoding))
        if form != "jsonl":
            found = replace(found, escape=escape_of(_lines(path, found.encoding)))
            if said.header is None:
                found = _headed(path, found, form, wanted, said.delimiter)
            elif said.header:
                found = replace(found, columns=())
            found = _delimited(path, found, wanted, said.delimiter)
            if said.header is False and not found.columns:
                from kerasseq.datasets.headers import numbered

                found = numbered(path, found)
    except DataError:
        return layout  # whoever reads the file says what is wrong
    return found


def log_judged(path: Path | str, usual: Layout, found: Layout, reading: Reading | None = None) -> None:
    """Say how a file is read where neither the experiment nor the command line says so."""
    said, form = reading or Reading(), found.format_for(path)
    told = [f"as {found.encoding}"] * (not said.encoding and found.encoding != usual.encoding)
    if not said.delimiter and found.delimiter != usual.delimiter:
        told += [f"with {_named(found, form)} between columns"]
    if said.header is None and found.columns != usual.columns:
        told += ["with the names of the columns in its first row"]
    if told:
        log.info("%s: read %s", shown(path), ", ".join(told))


def missing(path: Path | str, layout: Layout, columns: Sequence[str]) -> dict[str, list[str]]:
    """Column that a file lacks -> those that it has, the nearest first; nothing where it has none at all."""
    names = column_names(path, layout)
    if not set(columns).issubset(names):
        names = column_names(path, layout, whole=True)  # a key of jsonl may first stand far below
    return {column: nearest_first(column, names) for column in columns if column not in names} if names else {}


def nearest_first(name: str, names: Sequence[str]) -> list[str]:
    """The names that a message lists, the likeliest first, the others as they stand.

    >>> nearest_first("text", ["id", "texts", "date"])
    ['texts', 'id', 'date']
    """
    close = closest(name, names)
    ordered = [close, *(each for each in names if each != close)] if close else list(names)
    return ordered if len(ordered) <= SHOWN else [*ordered[:SHOWN], f"and {len(ordered) - SHOWN:,} more"]


def _encoding(path: Path | str, usual: str) -> str:
    """The usual one where it reads the file; else the one that does, unless the lines are in several."""
    try:
        read_content(path, usual, "", lambda _: "")
    except DataError:
        data = read_bytes(path)
        return usual if _mixed(data) else suggest(data)
    return usual


def _lines(path: Path | str, encoding: str) -> Iterator[bytes]:
    """The bytes of a file; a large one comes in pieces of whole lines, in UTF-8."""
    if len(start_of(path, LARGE + 1)) > LARGE:
        for _, piece in blocks(read_content(path, encoding, "", lambda _: "")):
            yield piece
    else:
        yield read_bytes(path)


def _mixed(data: bytes) -> bool:
    """Whether some lines are UTF-8 and others are not."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    read = {decodes(line, "utf-8") for line in data.split(b"\n") if not line.isascii()}
    return len(read) > 1


def _headed(path: Path | str, layout: Layout, form: str, wanted: Collection[str], delimiter: str) -> Layout:
    """Without names of its own where the first row names the columns."""
    if not layout.columns:
        return layout
    text = head(path, layout.encoding)
    for each in _candidates(replace(layout, columns=()), delimiter):
        if wanted and set(wanted) <= set(header_of(text, each, form)):
            return each
    return layout


def _delimited(path: Path | str, layout: Layout, wanted: Collection[str], delimiter: str) -> Layout:
    """As it is where that gives the wanted columns; else with the delimiter that does, or that gives most."""
    found = [(set(column_names(path, each)), each) for each in _candidates(layout, delimiter)]
    if set(wanted) <= found[0][0]:
        return found[0][1]
    return max(found, key=lambda each: (set(wanted) <= each[0], len(each[0])))[1]


def _candidates(layout: Layout, delimiter: str) -> list[Layout]:
    """The layout as it is, and with other delimiters; or with the one that is said."""
    if delimiter:
        return [replace(layout, delimiter=delimiter)]
    return [layout, *(replace(layout, delimiter=each, quotes="auto") for each in DELIMITERS)]


def _named(layout: Layout, form: str) -> str:
    return {"\t": "tabs", "": "tabs" if form == "tsv" else "commas"}.get(layout.delimiter, f'"{layout.delimiter}"')
