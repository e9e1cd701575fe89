"""Whether the first row of a table names its columns, and what they are called where it does not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from pathlib import Path

from kerasseq.arrays.numbers import as_number
from kerasseq.datasets.layout import Layout
from kerasseq.datasets.reader import column_names, read_columns
from kerasseq.errors import DataError

__all__ = ["looks_headless", "names_a_value", "numbered"]

LONG = 60
"""More characters than these, with spaces between, name no column."""
TWICE = 2
"""A name that stands so often among the values of its column is a value."""


def numbered(path: Path | str, layout: Layout) -> Layout:
    """The layout of a file without a header: columns are called `column_1`, `column_2`, ...

    Raises:
        DataError: The file cannot be read.
    """
    first = column_names(path, replace(layout, columns=()))
    return replace(layout, columns=tuple(f"column_{place}" for place in range(1, len(first) + 1)))


def looks_headless(path: Path | str, layout: Layout) -> bool:
    """Whether the first row of csv or tsv reads as data: a name is a sentence, or a value of its own column.

    Raises:
        DataError: The file cannot be read.
    """
    names = column_names(path, layout)
    try:
        columns, _ = read_columns(path, layout)
    except DataError:
        return False  # whoever reads the file says what is wrong
    sentence = any(len(name) > LONG and len(name.split()) > 1 for name in names)
    # A header that stands in the file again, as where files were joined, is a whole row of names
    values = {name: column for name, column in columns.items() if name in names}
    again = {row for row, cells in enumerate(zip(*values.values(), strict=True)) if cells == tuple(values)}
    return sentence or any(
        names_a_value(name, (value for row, value in enumerate(column) if row not in again))
        for name, column in values.items()
    )


def names_a_value(name: str, values: Iterable[str | None]) -> bool:
    """Whether a name is one of the values below it: a class that stands there twice, or a number above numbers.

    >>> names_a_value("good", ["bad", "good", "good"]), names_a_value("4.5", ["1", "3.5"])
    (True, True)
    >>> names_a_value("label", ["bad", "good"]), names_a_value("2019", ["few", "many"])
    (False, False)
    """
    if not name.strip():
        return False
    present = (value.strip() for value in values if value and value.strip())
    if math.isnan(as_number(name)):
        return sum(value == name.strip() for value in present) >= TWICE
    first = next(present, None)
    return first is not None and not any(math.isnan(as_number(value)) for value in chain([first], present))
