"""Another file of the rows that an experiment reads: to predict on, or to measure on."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasseq.datasets.layout import format_of
from kerasseq.datasets.problems import render, shown
from kerasseq.datasets.reader import scan_file
from kerasseq.datasets.table import Table
from kerasseq.errors import DataError, UsageError
from kerasseq.given import said
from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.spec import Sections

__all__ = ["as_table", "read_column", "read_rows", "read_texts"]

_ENCODING = re.compile(r'; encoding = "([^"]+)" reads (?:it|the file)$', re.MULTILINE)


def read_rows(dataset: DatasetSpec, path: Path | str, labelled: bool) -> pa.Table:
    """The rows of `path`, as the experiment's dataset would give them; a text a row where it says nothing else.

    Args:
        dataset: The section of the experiment.
        path: Another file.
        labelled: Whether the rows have targets.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, a column is missing, or the dataset reads no others.
    """
    found = dataset.at(path, labelled)
    if found is NotImplemented:
        found = _of_kind(dataset, path, labelled)
    if isinstance(found, Table):
        with _advised(found):
            return found.build()
    _check(found, path)
    rows: pa.Table = found.build()
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


def read_column(name: str, path: Path | str, sections: Sections | None) -> list[Any]:
    """The lists of every row of `path`, to predict on.

    Args:
        name: `tokens` or `vectors`.
        path: The file.
        sections: Of the experiment, whose dataset says how files are written and whose task may cut windows; None for
            a file as the built-in dataset of that name reads it.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, or the column is missing.
    """
    if sections is None:

        class Plain(DatasetSpec):
            row_kind = name

        rows = read_rows(Plain(name=name), path, labelled=False)
    else:
        rows = sections.task.unlabelled(read_rows(sections.dataset, path, labelled=False))
    found: list[Any] = rows[name].to_pylist()
    return found


def as_table(dataset: DatasetSpec, path: Path | str, labelled: bool) -> Table:
    """A table at `path` in the columns that `dataset` names; `text`, `text_2` and `target` where it names none.

    How the file is written (delimiter, header, ...) goes by the experiment where its own files have the same format.

    Raises:
        UsageError: There is no such file, its format is unknown, or a column is missing.
    """
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
    with _advised(table):
        _check(table, path)
    return table


def _check(dataset: DatasetSpec, path: Path | str) -> None:
    """Raise a UsageError where the file at `path` cannot be what `dataset` reads."""
    wrong = [_told(path, message) for _, message in dataset.problems()]
    if wrong:
        raise UsageError("\n".join(wrong))


@contextlib.contextmanager
def _advised(table: Table) -> Iterator[None]:
    """Turn advice to change a setting of the experiment, which another table must not change, into what helps."""
    try:
        yield
    except (DataError, UsageError) as error:
        message = _ENCODING.sub(rf"; it reads as \1: save it as {table.encoding}", str(error))
        if message == str(error):
            raise
        raise type(error)(message) from error


def _told(path: Path | str, message: str) -> str:
    """A problem of `Table`, which speaks of its settings, as one of the file at `path`."""
    name = shown(path)
    if message.startswith(f"{name}:"):
        return message
    message = message.replace(f"must be a file, got {path}", f"must be a file, got {_found(path)}", 1)
    message = message.replace(f"has no known suffix: {Path(path).name}", "has no known suffix", 1)
    message = message.replace(f'must be a column of {name}, got "', 'must have a column "', 1)
    message = message.replace(f'must be one column of {name}, "', 'must have each column once, "', 1)
    return f"{said(path) or path}: {message}"


def _found(path: Path | str) -> str:
    return "a folder" if Path(path).is_dir() else "nothing there"


def _layout(dataset: Table, path: Path | str) -> dict[str, Any]:
    form = format_of(path) or dataset.format
    if form == dataset.layout.format_for(dataset.train):
        return {"format": form}
    return {"format": form, "delimiter": "", "quotes": "auto", "header": True, "columns": ()}


def read_texts(dataset: DatasetSpec, path: Path | str) -> tuple[list[str], list[str]]:
    """The texts of every row of `path`, and the second texts of pairs, else an empty list.

    An empty text is a text too: row n of the answer belongs to row n of the file.

    Raises:
        DataError: The file, or a row of it, cannot be read.
        UsageError: There is no such file, its format is unknown, or a column is missing.
    """
    table = as_table(dataset, path, labelled=False)
    with _advised(table):
        scan = scan_file(path, table.layout, tuple(table.roles.columns), shown(path))
    if scan.problems:
        raise DataError(render(scan.problems, shown(path)))
    columns = {name: scan.table.column(name).to_pylist() for name in scan.table.column_names}
    first = [_join(row) for row in zip(*(columns[name] for name in table.text), strict=True)]
    return first, [value or "" for value in columns[table.text_2]] if table.text_2 else []


def _join(parts: tuple[str | None, ...]) -> str:
    if len(parts) == 1:
        return parts[0] or ""
    return " ".join(part for part in parts if part and part.strip())
