"""Texts of a table without looking at targets: for prediction."""

from __future__ import annotations

from pathlib import Path

from kerasseq.datasets.table import Table
from kerasseq.spec import DatasetSpec

__all__ = ["as_table", "read_texts"]


def as_table(dataset: DatasetSpec, path: Path | str, labelled: bool) -> Table:
    """A table at `path` in the columns that `dataset` names; `text`, `text_2` and `target` where it names none."""
    if isinstance(dataset, Table):
        sides = {"train": str(path), "validation": "", "test": "", "split": "", "group": "", "weight": ""}
        return dataset.model_copy(update={**sides, "format": "auto", "target": dataset.target if labelled else ""})
    second = "text_2" if "text_2" in dataset.provides else ""
    return Table(name="table", train=str(path), text_2=second, target="target" if labelled else "")


def read_texts(dataset: DatasetSpec, path: Path | str) -> tuple[list[str], list[str]]:
    """The texts of every row of `path`, and the second texts of pairs, else an empty list.

    Raises:
        DataError: The table is unreadable, or a row has no text.
        UsageError: A column is missing.
    """
    from kerasseq.errors import UsageError

    table = as_table(dataset, path, labelled=False)
    wrong = [f"{path}: {message}" for _, message in table.problems()]
    if wrong:
        raise UsageError("\n".join(wrong))
    rows = table.build()
    second = rows["text_2"].to_pylist() if "text_2" in rows.column_names else []
    return rows["text"].to_pylist(), second
