"""`[dataset] name = "series"`: numbers in the order of time, one row of a table a step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from kerasseq.datasets.file_settings import Encoding, neighbour
from kerasseq.datasets.layout import Layout, format_of, save_as
from kerasseq.datasets.table import Names
from kerasseq.errors import DataError
from kerasseq.given import absent
from kerasseq.spec import DatasetSpec, InputPath

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Series"]


class Series(DatasetSpec):
    """One series of one or several numbers a step: csv, tsv, jsonl (each also as .gz) or parquet.

    It is cut by time: `[split]` gives the last steps to the test and those before them to the validation.
    """

    row_kind: ClassVar[str] = "series"
    from_memory: ClassVar[Mapping[str, str]] = {"train": "path"}

    name: str = "series"
    """The component."""
    path: InputPath
    """The file, oldest row first. Relative to the TOML."""
    columns: Names
    """The column of the numbers, or a list of columns: all are seen and all are said ahead."""
    time: Annotated[str, Field(max_length=200)] = ""
    """The column that says when a row was: plain numbers, months like `1949-01`, or ISO 8601. Order and gaps are
    checked by it. Empty: the rows are taken to follow each other step by step."""
    on_gap: Literal["error", "interpolate", "keep"] = "error"
    """A missing step or number: `error` lists them, `interpolate` draws a straight line between the neighbours and
    counts what it drew, at most as many steps as there are rows. `keep` takes the rows as they follow each other, as
    for trading days, and checks their order alone; a missing number stays an error."""
    format: Literal["auto", "csv", "tsv", "jsonl", "parquet"] = "auto"
    """How the file is written; `auto` goes by the suffix."""
    encoding: Encoding = "utf-8"
    """Of csv, tsv and jsonl: `utf-8`, `cp1256`, `latin-1`, ..."""
    delimiter: Annotated[str, Field(max_length=1)] = ""
    """One character between fields; empty is a comma in csv and a tab in tsv."""

    @model_validator(mode="after")
    def _agree(self) -> Series:
        if self.time in self.columns:
            raise ValueError("columns and time must be different columns")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("columns must name each column once")
        return self

    @property
    def layout(self) -> Layout:
        """How the file is written."""
        return Layout(self.format, self.encoding, self.delimiter)

    def at(self, path: Path | str, labelled: bool) -> Series:
        """In another file; by its suffix where that says how it is written, else as this one."""
        return self.model_copy(update={"path": str(path), "format": format_of(path) or self.format})

    def problems(self) -> Iterator[tuple[str, str]]:
        """A missing file or column, from the first bytes."""
        from kerasseq.datasets.series_rows import series_problems

        file = Path(self.path)
        if gone := absent(self.path):
            yield "path", gone
        elif not self.path or not file.is_file():
            yield "path", f"must be a file, got {self.path or 'an empty path'}{neighbour(file)}"
        elif not self.layout.format_for(file):
            yield "path", f"has no known suffix: {file.name}; {save_as(file)}"
        else:
            try:
                yield from series_problems(file, self.layout, self.columns, self.time)
            except DataError as error:
                yield "path", str(error)

    def build(self) -> pa.Table:
        """Read the file.

        Returns:
            A row a step, in the order of time: `values` (a list of float64, one a column), `source`, `line` (of a step
            that was filled in: of the row below it), and where there is a time `time` (string). The schema's metadata
            holds `target`, `columns` (a JSON list of their names), `filled` (how many steps were) and `step`.

        Raises:
            DataError: The file is unreadable, a number is missing or none, or the times are not in order.
        """
        from kerasseq.datasets.series_rows import read_series

        return read_series(self.path, self.layout, self.columns, self.time, self.on_gap)
