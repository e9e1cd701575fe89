"""How a file that nobody has described is probably written, and which column says the side of a row."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path

from kerasseq.datasets.content import read_bytes, suggest
from kerasseq.datasets.layout import Layout, save_as
from kerasseq.datasets.problems import shown
from kerasseq.datasets.reader import column_names
from kerasseq.datasets.roles import SIDES
from kerasseq.errors import UsageError

__all__ = ["guess_layout", "side_column"]


def guess_layout(path: Path | str) -> Layout:
    """Encoding and delimiter, from the bytes of the file; the format goes by the suffix.

    Raises:
        UsageError: There is no such file, or its suffix is not known.
        DataError: It cannot be read.
    """
    file = Path(path)
    if not file.is_file():
        raise UsageError(f"{shown(file)}: must be a file")
    layout = Layout()
    form = layout.format_for(file)
    if not form:
        hint = "" if save_as(file).startswith("set") else f"; {save_as(file)}"
        rule = "must end in .csv, .tsv, .jsonl or .parquet (.gz may follow)"
        raise UsageError(f"{shown(file)}: {rule}, got {file.name}{hint}")
    if form == "parquet":
        return layout
    encoding = suggest(read_bytes(file))
    layout = Layout(encoding=encoding if codecs.lookup(encoding).name != "utf-8" else "utf-8")
    if form == "jsonl":
        return layout
    candidates = [Layout(encoding=layout.encoding, delimiter=delimiter) for delimiter in ("", ";", "\t", "|")]
    return max(candidates, key=lambda each: len(column_names(file, each)))


def side_column(columns: Mapping[str, Sequence[str | None]]) -> str:
    """The column whose every value names a side, training and another one among them; empty where there is none."""
    for name, values in columns.items():
        sides = {SIDES.get((value or "").strip().lower(), "") for value in set(values)}
        if "train" in sides and len(sides) > 1 and "" not in sides:
            return name
    return ""
