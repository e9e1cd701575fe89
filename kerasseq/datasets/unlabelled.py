"""Another file of the rows that an experiment reads: to predict on, or to measure on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.datasets.advice import advised, check, check_columns
from kerasseq.datasets.layout import Layout, format_of
from kerasseq.datasets.problems import RowProblem, render, shown
from kerasseq.datasets.reader import scans
from kerasseq.datasets.reading import Reading, judged, log_judged
from kerasseq.datasets.spool import Spool
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError, UsageError
from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.spec import Sections

__all__ = ["as_table", "layout_of", "read_column", "read_rows", "read_texts"]

_SETTINGS = {
    "text": {"encoding": "encoding"},
    "tokens": {"text": "token_key", "target": "tag_key", "encoding": "encoding"},
    "vectors": {"text": "vectors", "target": "target"},
}
"""Kind of rows -> what the command line says -> the setting of its dataset."""


def read_rows(dataset: DatasetSpec, path: Path | str, labelled: bool, reading: Reading | None = None) -> pa.Table:
    """The rows of `path`, as the experiment's dataset would give them; a text a row where it says nothing else.

    Args:
        dataset: The section of the experiment.
        path: Another file.
        labelled: Whether the rows have targets.
        reading: What the command line says of the file.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, a column is missing, the dataset reads no others, or
            what the command line says does not suit such a file.
    """
    if dataset.row_kind == "text" and dataset.at(path, labelled) is NotImplemented:
        return _read(as_table(dataset, path, labelled, reading), path)
    return _read(_chosen(_found(dataset, path, labelled), reading), path)


def _found(dataset: DatasetSpec, path: Path | str, labelled: bool) -> Any:
    """The dataset that reads `path`."""
    found = dataset.at(path, labelled)
    return _of_kind(dataset, path, labelled) if found is NotImplemented else found


def _read(dataset: Any, path: Path | str) -> pa.Table:
    if isinstance(dataset, Table):
        with advised():
            return dataset.build()
    check(dataset, path)
    rows: pa.Table = dataset.build()
    return rows


def _of_kind(dataset: DatasetSpec, path: Path | str, labelled: bool) -> Any:
    """As the built-in dataset of the same kind of rows reads a file."""
    if dataset.row_kind == "text":
        return as_table(dataset, path, labelled)
    if dataset.row_kind == "tokens":
        from kerasseq.datasets.tokens import Tokens

        return Tokens(train=str(path)).at(path, labelled)
    if dataset.row_kind == "vectors":
        from kerasseq.datasets.vectors import Vectors

        return Vectors(train=str(path)).at(path, labelled)
    raise UsageError(f'{path}: must be the run\'s own data, for dataset "{dataset.name}" reads no other files')


def read_column(name: str, path: Path | str, sections: Sections | None, reading: Reading | None = None) -> list[Any]:
    """The lists of every row of `path`, to predict on.

    Args:
        name: `tokens` or `vectors`.
        path: The file.
        sections: Of the experiment, whose dataset says how files are written and whose task may cut windows; None for
            a file as the built-in dataset of that name reads it.
        reading: What the command line says of the file.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, the column is missing, or what the command line says
            does not suit such a file.
    """
    if sections is None:

        class Plain(DatasetSpec):
            row_kind = name

        rows = _read(_chosen(_found(Plain(name=name), path, False), reading), path)
    else:
        dataset = _chosen(_found(sections.dataset, path, False), reading)
        rows = sections.task.unlabelled(_read(dataset, path))
    found: list[Any] = rows[name].to_pylist()
    return found


def _chosen(dataset: Any, reading: Reading | None) -> Any:
    """With the column and the encoding that the command line names."""
    given = {} if reading is None else vars(reading)
    said = {key: value for key, value in given.items() if value not in ("", (), None)}
    if not said:
        return dataset
    knows = _SETTINGS.get(dataset.row_kind, {})
    wrong = [key for key in said if knows.get(key) not in type(dataset).model_fields]
    if wrong or len(said.get("text", ())) > 1:
        options = ", ".join(f"--{key.replace('_', '-')}" for key in wrong or ["text"])
        raise UsageError(f"{options}: must be of a table of texts, this run reads {dataset.row_kind}")
    values = {knows[key]: value[0] if isinstance(value, tuple) else value for key, value in said.items()}
    return dataset.model_copy(update=values)


def as_table(dataset: DatasetSpec, path: Path | str, labelled: bool, reading: Reading | None = None) -> Table:
    """A table at `path` in the columns that `dataset` names; `text`, `text_2` and `target` where it names none.

    How the file is written (encoding, delimiter, header) goes by the experiment where that suits it; see `judged`.

    Args:
        dataset: The section of the experiment.
        path: Another file.
        labelled: Whether the rows have targets.
        reading: What the command line says of the file; its options are named where a column is missing.

    Raises:
        UsageError: There is no such file, its format is unknown, or a column is missing.
    """
    usual = _named(dataset, path, labelled, reading)
    table = _judged(usual, path, reading)
    log_judged(path, usual.layout, table.layout, reading)
    with advised():
        if reading is not None:
            check_columns(table, path)
        check(table, path)
    return table


def layout_of(dataset: DatasetSpec, path: Path | str, reading: Reading | None = None) -> Layout:
    """How `as_table` reads a file to predict on."""
    return _judged(_named(dataset, path, False, reading), path, reading).layout


def _named(dataset: DatasetSpec, path: Path | str, labelled: bool, reading: Reading | None) -> Table:
    """A table at `path` as the experiment's own files of its format are written."""
    if isinstance(dataset, Table):
        sides = {"train": str(path), "validation": "", "test": "", "split": "", "group": "", "weight": ""}
        truth = {"target": dataset.label or dataset.target, "label": "", "label_share": 0.0, "deviation": ""}
        if not labelled:
            truth["target"] = ""
        if isinstance(truth["target"], str):
            truth["classes"] = ()
        table = dataset.model_copy(update={**sides, **_layout(dataset, path), **truth})
    else:
        second = "text_2" if "text_2" in dataset.provides else ""
        table = Table(name="table", train=str(path), text_2=second, target="target" if labelled else "")
    return table if reading is None else table.model_copy(update=_columns(table, reading))


def _judged(table: Table, path: Path | str, reading: Reading | None) -> Table:
    layout = judged(path, table.layout, table.roles.columns, reading)
    told = {name: getattr(layout, name) for name in ("encoding", "delimiter", "quotes", "escape")}
    return table.model_copy(update=told | {"header": not layout.columns, "columns": layout.columns})


def _columns(table: Table, reading: Reading) -> dict[str, Any]:
    """The columns that the command line names.

    Raises:
        UsageError: There is a second text where rows have one.
    """
    if reading.text_2 and not table.text_2:
        raise UsageError("--text-2: must not be given, this run reads single texts")
    found: dict[str, Any] = {"text": reading.text or table.text, "text_2": reading.text_2 or table.text_2}
    if reading.target:
        found |= {"target": reading.target, "classes": ()}
    if found["text_2"] in found["text"]:
        raise UsageError(f'--text-2: must be another column than the text, got "{found["text_2"]}" for both')
    if reading.target and reading.target in (*found["text"], found["text_2"]):
        raise UsageError(f'--target: must be another column than the texts, got "{reading.target}" for both')
    return found


def _layout(dataset: Table, path: Path | str) -> dict[str, Any]:
    form = format_of(path) or dataset.format
    if form == dataset.layout.format_for(dataset.train):
        return {"format": form}
    return {"format": form, "delimiter": "", "quotes": "auto", "header": True, "columns": ()}


def read_texts(
    dataset: DatasetSpec, path: Path | str, reading: Reading | None = None
) -> tuple[Sequence[str], Sequence[str]]:
    """The texts of every row of `path`, and the second texts of pairs, else an empty list; see `as_table`.

    Many lie on disk, and become strings where they are used.

    A file whose suffix says no table is read as the experiment's own are, where its dataset reads others: by lines, as
    documents. An empty text is a text too: row n of the answer belongs to row n of the file.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, or a column is missing.
        RunError: The rows are many, and there is no room for them on disk.
    """
    import pyarrow as pa

    if not format_of(path):
        found = dataset.at(path, False)
        if found is not NotImplemented and not isinstance(found, Table):
            return Column(_read(_chosen(found, reading), path)["text"]), []
    table = as_table(dataset, path, False, reading)
    sources = [table.text, *([(table.text_2,)] if table.text_2 else [])]
    spool = Spool(pa.schema([(name, pa.string()) for name in ("text", "text_2")[: len(sources)]]))
    problems: list[RowProblem] = []
    with advised():
        for scan in scans(path, table.layout, tuple(table.roles.columns), shown(path)):
            problems += scan.problems
            spool.add(pa.table([_joined(scan.table, names) for names in sources], schema=spool.schema))
    if problems:
        raise DataError(render(problems, shown(path)))
    first, *second = map(Column, spool.table().columns)
    return first, second[0] if second else []


def _joined(table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray[Any] | list[str]:
    if len(names) == 1:
        return table[names[0]].fill_null("")
    return [_join(row) for row in zip(*(table[name].to_pylist() for name in names), strict=True)]


def _join(parts: tuple[str | None, ...]) -> str:
    return " ".join(part for part in parts if part and part.strip())
