"""What the tasks share."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from kerasseq.datasets.table import Table
from kerasseq.errors import DataError
from kerasseq.tasks.classification import Classification
from kerasseq.tasks.task import target_error


def rows(count: int, metadata: Mapping[str, str] | None = None) -> pa.Table:
    columns = {"source": ["a.csv"] * count, "line": list(range(2, count + 2))}
    return pa.table(columns).replace_schema_metadata(metadata or {})


def test_wrong_targets_are_named_by_file_line_and_column() -> None:
    error = target_error(rows(3, {"target": "stars"}), [(0, "must be x"), (2, "must be y")])
    assert isinstance(error, DataError)
    assert str(error) == "a.csv:2: stars: must be x\na.csv:4: stars: must be y"


def test_of_many_wrong_targets_20_are_shown_and_the_rest_counted() -> None:
    lines = str(target_error(rows(50), [(row, "wrong") for row in range(50)])).splitlines()
    assert (len(lines), lines[0], lines[-1]) == (21, "a.csv:2: target: wrong", "and 30 more rows like these")


@pytest.mark.parametrize(("second", "expected"), [("", ["task.pair"]), ("answer", [])])
def test_combining_needs_a_second_text(second: str, expected: list[str]) -> None:
    task = Classification(name="classification", pair="combine")
    dataset: Any = Table(name="table", train="x.csv", text="question", text_2=second, target="stars")
    assert [key for key, _ in task.conflicts({"dataset": dataset})] == expected
