"""`[dataset] name = "vectors"`: sequences of vectors, as speech, sensors and movements give them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from kerasseq.datasets.file_settings import SidedFiles
from kerasseq.datasets.vector_files import file_problems, form_of, read_vector_files

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Vectors"]

Name = Annotated[str, Field(max_length=200)]


class Vectors(SidedFiles):
    """Sequences of vectors of your own, of unequal length: .ts (aeon, sktime), .npz, .parquet or Arrow.

    `.npz` holds `flat` (S, D), all vectors end to end, with `offsets` (N + 1,) or `lengths` (N,); or `x` (N, T, D),
    padded at the end, with `lengths` where they differ. Nothing in it is unpickled.
    """

    row_kind: ClassVar[str] = "vectors"

    name: str = "vectors"
    """The component."""
    vectors: Annotated[Name, Field(min_length=1)] = "vectors"
    """The column of a parquet or Arrow file that holds the vectors: a list of lists of numbers in each row."""
    target: Name = "auto"
    """The array of an .npz or the column of a parquet that holds the classes or scores, or a list of tags, one a step;
    `auto` is `y` in .npz and `target` elsewhere; empty for unlabelled rows. In .ts it is what stands last in a line."""
    on_bad_row: Literal["error", "skip"] = "error"
    """A row with a number that is missing or not finite, without steps or without a target: `error` lists them, `skip`
    leaves them out, logs them and counts them."""

    def at(self, path: Path | str, labelled: bool) -> Vectors:
        """In another file; a row that is wrong is left out of no predictions."""
        sides = {"train": str(path), "validation": "", "test": ""}
        return self.model_copy(update=sides if labelled else {**sides, "target": "", "on_bad_row": "error"})

    def file_problems(self, side: str, file: Path) -> Iterator[tuple[str, str]]:
        """A suffix that says nothing, and arrays and columns that it lacks."""
        if not form_of(file):
            yield side, f"must end in .ts, .npz, .parquet, .arrow or .feather, got {file.name}"
        else:
            yield from ((side, message) for message in file_problems(file, self.vectors, self.target))

    def build(self) -> pa.Table:
        """Read every file.

        Returns:
            The columns `vectors` (a list of lists of float32 a row, all vectors of one width), `target` (string for
            classes, float64 for scores, a list of strings for tags, null where unlabelled), `source`, `line`, and where
            several files are given `split`; see the base class.
        """
        return read_vector_files(self.files, self.vectors, self.target, self.on_bad_row)

    def other_columns(self, rows: pa.Table) -> pa.Table:
        """Of parquet and Arrow files the columns beside vectors and target."""
        from kerasseq.datasets.others import in_arrow, other_columns

        target = "target" if self.target == "auto" else self.target
        files = [path for path in self.files.values() if form_of(path) == "arrow"]
        read = in_arrow((self.vectors, target))
        return other_columns(rows, files, read) if len(files) == len(self.files) else rows.select([])
