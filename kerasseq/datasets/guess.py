"""How a file that nobody has described is probably written, and which column says the side of a row."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kerasseq.datasets.content import read_bytes, suggest
from kerasseq.datasets.headers import looks_headless, numbered
from kerasseq.datasets.layout import DELIMITERS, Layout, escape_of, save_as
from kerasseq.datasets.problems import shown
from kerasseq.datasets.reader import column_names
from kerasseq.datasets.reading import Reading
from kerasseq.datasets.roles import SIDES
from kerasseq.datasets.token_guess import looks_like_columns, looks_like_conllu
from kerasseq.datasets.token_keys import looks_like_lists
from kerasseq.datasets.token_layout import TokenLayout
from kerasseq.datasets.vector_arrow import nested_columns
from kerasseq.datasets.vector_files import form_of
from kerasseq.errors import UsageError

__all__ = ["guess_layout", "guess_shape", "side_column"]

TABLES = "must end in .csv, .tsv, .jsonl, .json or .parquet (.gz may follow), in .npz, .ts or .arrow for vectors"


def guess_shape(path: Path | str) -> str:
    """What the rows of a file are: `tokens`, `vectors`, or `table` for columns of texts or numbers.

    Raises:
        UsageError: There is no such file, or it is none of these.
        DataError: It cannot be read.
    """
    file = _file(path)
    form, form_of_vectors = Layout().format_for(file), form_of(file)
    if form == "parquet":
        return "vectors" if nested_columns(file)[0] else "table"
    if form_of_vectors:
        return "vectors"
    if save_as(file).startswith("save"):
        raise UsageError(f"{shown(file)}: {TABLES}, got {file.name}; {save_as(file)}")
    encoding = suggest(read_bytes(file))
    if form == "jsonl":
        return "tokens" if looks_like_lists(file, encoding) else "table"
    if form == "csv" or (form == "tsv" and not looks_like_columns(file, encoding)):
        return "table"
    columns = TokenLayout().format_for(file) == "conllu" or looks_like_columns(file, encoding)
    if form or columns or looks_like_conllu(file, encoding):
        return "tokens"
    rule = "or hold a token and its tag a line, with a blank line behind each sentence"
    raise UsageError(f"{shown(file)}: {TABLES}, {rule}, got {file.name}")


def guess_layout(path: Path | str, reading: Reading | None = None) -> Layout:
    """Encoding, delimiter and whether there is a header, from the bytes of the file; the format goes by the suffix.

    Args:
        path: The file.
        reading: What the command line says, which stays. A column that it names in the first row makes that a header.

    Raises:
        UsageError: There is no such file, or its suffix is not known.
        DataError: It cannot be read.
    """
    file = _file(path)
    layout = Layout()
    form = layout.format_for(file)
    if not form:
        hint = "" if save_as(file).startswith("set") else f"; {save_as(file)}"
        raise UsageError(f"{shown(file)}: {TABLES}, got {file.name}{hint}")
    if form == "parquet":
        return layout
    data = read_bytes(file)
    said = reading or Reading()
    encoding = said.encoding or suggest(data)
    layout = Layout(encoding=encoding if codecs.lookup(encoding).name != "utf-8" else "utf-8")
    if form == "jsonl":
        return layout
    layout = replace(layout, escape=escape_of([data]))
    tried = (said.delimiter,) if said.delimiter else DELIMITERS
    found = max((replace(layout, delimiter=each) for each in tried), key=lambda each: len(column_names(file, each)))
    named = {*said.text, said.text_2, said.target} & set(column_names(file, found))
    headless = not named and looks_headless(file, found) if said.header is None else not said.header
    return numbered(file, found) if headless else found


def _file(path: Path | str) -> Path:
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"{shown(file)}: must be a file")
    return file


def side_column(columns: Mapping[str, Sequence[str | None]]) -> str:
    """The column whose every value names a side, training and another one among them; empty where there is none."""
    for name, values in columns.items():
        sides: set[str] = set()
        for value in values:
            sides.add(SIDES.get((value or "").strip().lower(), ""))
            if "" in sides:
                break
        if "train" in sides and len(sides) > 1 and "" not in sides:
            return name
    return ""
