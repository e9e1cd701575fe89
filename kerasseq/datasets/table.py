"""`[dataset] name = "table"`: your own csv, tsv, jsonl, json or parquet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from kerasseq.arrays.forms import form_fault
from kerasseq.datasets.file_settings import Encoding, SidedFiles
from kerasseq.datasets.layout import Layout, save_as
from kerasseq.datasets.roles import Roles

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Table"]


def _names(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Name = Annotated[str, Field(max_length=200)]
Part = Annotated[str, Field(min_length=1)]
Names = Annotated[
    tuple[Part, ...], BeforeValidator(_names, json_schema_input_type=Part | tuple[Part, ...]), Field(min_length=1)
]


def _column_or_several(value: Any) -> Any:
    several = isinstance(value, list | tuple) and len(value) > 1 and all(isinstance(name, str) for name in value)
    if not several and not isinstance(value, str):
        raise ValueError(f"must be a column, or a list of two columns or more, got {json.dumps(value, default=str)}")
    return tuple(value) if several else value


def _known_form(value: str) -> str:
    if fault := form_fault(value):
        raise ValueError(fault)
    return value


Form = Annotated[str, Field(max_length=200), AfterValidator(_known_form)]
Target = Annotated[Name | tuple[Part, ...], BeforeValidator(_column_or_several)]


class Table(SidedFiles):
    """Rows of your own files: csv, tsv, jsonl, json (each also as .gz) or parquet."""

    name: str = "table"
    """The component."""
    format: Literal["auto", "csv", "tsv", "jsonl", "parquet"] = "auto"
    """How the files are written; `auto` goes by the suffix (.csv, .tsv, .jsonl, .json, .parquet; .gz may
    follow). `jsonl` reads a JSON list of objects too."""
    text: Names = ("text",)
    """The text column, or a list of columns that are joined by a space."""
    text_2: Name = ""
    """The second text of a pair, empty for single texts."""
    target: Target = "target"
    """The column of the class or score; empty for unlabelled rows. A list: a column of the probability of each class,
    as a teacher, a panel or a language model gives them; training goes by the whole distribution."""
    classes: tuple[Part, ...] = ()
    """The classes that several columns of `target` stand for, in their order; empty for the names of the columns."""
    label: Name = ""
    """A column of the true class or score of the rows where it is known, beside what `target` says: validation and test
    are measured by it, training goes by `target`. A row needs one of both. Empty for none."""
    label_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Where a row has both: the share of `label` in what training goes by, of probabilities or of numbers; the rest is
    that of `target`. 1 where labels alone shall count, 0 where they only measure."""
    deviation: Name = ""
    """A column of how far the score of a row may be off, its standard deviation: a row counts by `1 / (d^2 + m)`, with
    `m` the mean of `d^2` (DerSimonian and Laird, 1986). Empty for none."""
    labelled_by: Annotated[str, Field(max_length=1000)] = ""
    """Who gave the targets, for the report: teachers, a panel, a language model. Empty to say nothing."""
    group: Name = ""
    """Rows with the same value are never split over two sides; empty for none."""
    weight: Name = ""
    """Column of row weights, numbers of at least 0; empty for none."""
    split: Name = ""
    """Column that says train, validation (valid, val, dev) or test; empty for none."""
    numbers: Form = "point"
    """How numbers of `target`, `label`, `weight` and `deviation` are written: `point` 0.5; `comma` 0,5, 1.234,5 and
    1.234 for 1234; `percent` 50 % and 12,5 %, which are 50 and 12.5. `N/10`: 7/10 and 8,5 / 10, which are 7 and 8.5;
    `N stars`, or `N star|N stars`: numbers with one of these words, or a sign, behind them. Plain numbers are read in
    each of them, and rows that are neither are bad ones."""
    encoding: Encoding = "utf-8"
    """Of csv, tsv and jsonl: `utf-8` (with or without a byte-order mark), `cp1256`, `latin-1`, `utf-16`, ..."""
    delimiter: Annotated[str, Field(max_length=1)] = ""
    """One character between fields; empty is a comma in csv and a tab in tsv."""
    quotes: Literal["auto", "double", "none"] = "auto"
    """Whether `"` may enclose a field. `auto`: yes in csv; in tsv if every field that opens with one is well quoted."""
    escape: Literal["", "\\"] = ""
    r"""What stands before a quote inside a quoted field where it is not doubled: `'\'`, as MySQL writes `\"`."""
    header: bool = True
    """Whether the first row of csv and tsv names the columns; if not, `columns` does."""
    columns: tuple[str, ...] = ()
    """Names for the columns of files without a header, in order."""
    on_bad_row: Literal["error", "skip"] = "error"
    """A row without a text, a target or the right number of fields: `error` lists them, `skip` leaves them out,
    logs them and counts them."""

    @model_validator(mode="after")
    def _agree(self) -> Table:
        if not self.header and not self.columns:
            raise ValueError("columns must name the columns where header = false")
        if self.header and self.columns:
            raise ValueError("columns is for files without a header; set header = false or remove it")
        if self.split and (self.validation or self.test):
            raise ValueError("split is a column of one file; remove it, or validation and test")
        self._check_targets()
        if self.delimiter and self.delimiter in '"\r\n':
            raise ValueError(f"delimiter must be no quote and no line end, got {self.delimiter!r}")
        return self

    def _check_targets(self) -> None:
        targets = self.roles.targets
        # One column may be text and target, as in a translation that puts back what a preprocessor takes out
        if self.text_2 in self.text or (targets and targets != self.text and set(targets) & set(self.text)):
            raise ValueError("text, text_2 and target must be different columns")
        if len(set(targets)) != len(targets):
            raise ValueError(f"target must be different columns, got {', '.join(targets)}")
        if self.classes and isinstance(self.target, str):
            raise ValueError("classes is for several columns of target; remove it, for one column says the class")
        if self.classes and len(self.classes) != len(targets):
            raise ValueError(f"classes must name one class for each column of target, got {len(self.classes)}")
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"classes must be different names, got {', '.join(self.classes)}")
        if self.label and (not targets or self.label in (*targets, *self.text, self.text_2)):
            raise ValueError("label must be a column beside that of target")
        if self.label_share and not self.label:
            raise ValueError("label_share must have a label to share with; set label, or remove it")

    @property
    def provides(self) -> frozenset[str]:
        """The optional columns that `build` will give."""
        given = frozenset(c for c in ("text_2", "group", "weight", "split", "deviation") if getattr(self, c))
        taught = {"distribution"} if isinstance(self.target, tuple) else {"taught"} if self.label else set[str]()
        return super().provides | given | taught

    @property
    def layout(self) -> Layout:
        """How the files are written."""
        return Layout(self.format, self.encoding, self.delimiter, self.quotes, self.columns, self.escape)

    @property
    def roles(self) -> Roles:
        """Which column is what."""
        return Roles(
            self.text,
            self.target,
            self.text_2,
            self.group,
            self.weight,
            self.split,
            self.label,
            self.deviation,
            self.classes,
            self.label_share,
            self.numbers,
        )

    def file_problems(self, side: str, file: Path) -> Iterator[tuple[str, str]]:
        """A suffix that says nothing, and columns that it lacks."""
        from kerasseq.datasets.reader import column_problems

        if not self.layout.format_for(file):
            yield side, f"has no known suffix: {file.name}; {save_as(file)}"
        else:
            yield from ((s, message) for s, _, message in column_problems(file, self.layout, self.roles))

    def build(self) -> pa.Table:
        """Read every file into the standard columns; see the base class."""
        from kerasseq.datasets.reader import read_files

        said = {"labelled_by": self.labelled_by} if self.labelled_by else {}
        return read_files(self.files, self.layout, self.roles, self.on_bad_row, said)

    def other_columns(self, rows: pa.Table) -> pa.Table:
        """The columns that no setting names."""
        from kerasseq.datasets.others import in_table, other_columns

        return other_columns(rows, self.files.values(), in_table(self.layout, self.roles.columns))
