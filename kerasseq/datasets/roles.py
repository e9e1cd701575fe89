"""Which column of a file plays which part, and whether its values can."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.forms import fits_form, in_points, is_own, mixed
from kerasseq.arrays.numbers import ABSENT, absent, as_number
from kerasseq.datasets.problems import RowProblem
from kerasseq.datasets.taught import distributions, labelled
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.datasets.scan import Scan

__all__ = ["SIDES", "Judge", "Roles"]

SIDES = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "development": "validation",
    "test": "test",
    "testing": "test",
}
"""What a split column may say, in any case, and the side it means."""


@dataclass(frozen=True)
class Roles:
    """Column names by the part that they play; an empty one is absent.

    Attributes:
        text: One or several columns; several are joined by a space.
        text_2: The second text of a pair.
        target: A class or a number; several columns hold the probability of a class each.
        group: Rows that belong together.
        weight: A number of at least 0.
        split: Which side a row is on.
        label: The true class or number, where it is known.
        deviation: How far the target of a row may be off.
        classes: What several columns of the target stand for; empty for their names.
        label_share: How much of what training goes by is the label, where a row has both; in [0, 1].
        numbers: How those of target, label, weight and deviation are written; see `kerasseq.arrays.forms`.
    """

    text: tuple[str, ...]
    target: str | tuple[str, ...] = ""
    text_2: str = ""
    group: str = ""
    weight: str = ""
    split: str = ""
    label: str = ""
    deviation: str = ""
    classes: tuple[str, ...] = ()
    label_share: float = 0.0
    numbers: str = "point"

    @property
    def targets(self) -> tuple[str, ...]:
        """The columns of the target."""
        if isinstance(self.target, tuple):
            return self.target
        return (self.target,) if self.target else ()

    @property
    def columns(self) -> dict[str, str]:
        """Column -> the setting that names it, in order, each column once."""
        named: dict[str, str] = dict.fromkeys(self.text, "text")
        if self.text_2:
            named.setdefault(self.text_2, "text_2")
        for column in self.targets:
            named.setdefault(column, "target")
        for setting in ("group", "weight", "split", "label", "deviation"):
            column = getattr(self, setting)
            if column:
                named.setdefault(column, setting)
        return named

    def standardise(self, scan: Scan, source: str) -> tuple[pa.Table, list[RowProblem]]:
        """The standard columns of the rows that are sound, and what is wrong with the others."""
        import numpy as np
        import pyarrow as pa

        judge = Judge(self._in_points(scan, source))
        self._check_form(judge)
        columns: dict[str, Any] = {"text": judge.joined(self.text)}
        if self.text_2:
            columns["text_2"] = judge.joined((self.text_2,))
        columns |= self._target(judge)
        columns["source"] = pa.array([source], pa.string()).take(pa.array(np.zeros(len(scan.lines), np.int64)))
        columns["line"] = scan.lines
        if self.group:
            columns["group"] = judge.value(self.group)
        if self.weight:
            columns["weight"] = judge.amount(self.weight)
        if self.deviation:
            columns["deviation"] = judge.amount(self.deviation)
        if self.split:
            columns["split"] = judge.side(self.split)
        table = pa.table(columns)
        return (table if not judge.problems else table.filter(pa.array(judge.sound))), judge.problems

    def _in_points(self, scan: Scan, source: str) -> Scan:
        """The same with numbers as Python writes them."""
        import pyarrow as pa

        if self.numbers == "point":
            return scan
        table = scan.table
        for name in sorted({*self.targets, self.label, self.weight, self.deviation} - {""}):
            found = table.column(name).to_pylist()
            if fault := mixed((v for v in found if v is not None), self.numbers):
                raise DataError(f"{source}: {name}: {fault}; numbers = 'comma' reads one of the two wrong")
            values = [v if v is None else in_points(v, self.numbers) for v in found]
            table = table.set_column(table.column_names.index(name), name, pa.array(values, pa.string()))
        return replace(scan, table=table)

    def _check_form(self, judge: Judge) -> None:
        """Fail the rows that do not fit a form of its own, such as `N/10`, which says that all are numbers."""
        import numpy as np

        if not is_own(self.numbers):
            return
        said = self.numbers.replace("|", " or ")
        for name in filter(None, (*self.targets, self.label)):
            values = judge.trimmed(name).to_pylist()
            wrong = [v != "" and v.lower() not in ABSENT and not fits_form(v, self.numbers) for v in values]
            judge.fail(np.array(wrong, dtype=bool), name, f'must be a number written {said}, got "{{value}}"')

    def _target(self, judge: Judge) -> dict[str, Any]:
        import pyarrow as pa

        if isinstance(self.target, tuple):
            return distributions(judge, self.target, self.classes or self.target, self.label, self.label_share)
        if self.label:
            return labelled(judge, self.target, self.label, self.label_share)
        return {"target": judge.answer(self.target) if self.target else pa.nulls(len(judge.sound), pa.string())}


class Judge:
    """Looks at one column after another and remembers which rows failed."""

    def __init__(self, scan: Scan) -> None:
        import numpy as np

        self.scan = scan
        self.sound = np.ones(len(scan.lines), dtype=bool)
        self.problems: list[RowProblem] = []

    def fail(self, rows: Any, column: str, message: str, values: Sequence[str] | None = None) -> None:
        """Note the rows where `rows` is true; `{value}` in the message is the row's in `values`, else in the column."""
        import numpy as np

        for i in np.flatnonzero(rows):
            value = ""
            if "{value}" in message:
                value = self.scan.table.column(column)[int(i)].as_py() if values is None else values[int(i)]
            line = self.scan.lines[int(i)].as_py()
            self.problems.append(RowProblem(line, column, message.replace("{value}", str(value)[:60])))
        self.sound &= ~rows

    def trimmed(self, column: str) -> Any:
        """The values without spaces around them; "" where there is none."""
        import pyarrow.compute as pc

        return pc.fill_null(pc.utf8_trim_whitespace(self.scan.table.column(column)), "")

    def joined(self, names: tuple[str, ...]) -> Any:
        """The texts; several columns joined by a space, blank ones left out."""
        import pyarrow as pa
        import pyarrow.compute as pc

        blank = [pc.equal(self.trimmed(name), "").to_numpy() for name in names]
        self.fail(_every(blank), names[0], "must not be empty" if len(names) == 1 else _empty(names))
        columns = [self.scan.table.column(name) for name in names]
        if len(names) == 1:
            return columns[0]
        # Not binary_join_element_wise: with null_handling="skip" it loses rows that are null throughout
        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        return pa.array([" ".join(part for part in row if part and part.strip()) for row in rows], pa.string())

    def value(self, name: str) -> Any:
        """A trimmed value that must be there."""
        import pyarrow.compute as pc

        column = self.trimmed(name)
        self.fail(pc.equal(column, "").to_numpy(), name, "must have a value")
        return column

    def answer(self, name: str) -> Any:
        """A trimmed value that must be there; among numbers `nan`, `N/A` and the like are none."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.value(name)
        some = pc.is_in(pc.utf8_lower(column), value_set=pa.array(sorted(ABSENT)))
        if pc.any(some).as_py():  # seldom, and then each value is looked at
            found = absent(value for value in pc.unique(column).to_pylist() if value)
            self.fail(pc.and_(some, bool(found)).to_numpy(), name, 'must have a value, got "{value}" among numbers')
        return column

    def amount(self, name: str) -> Any:
        """A number of at least 0."""
        import numpy as np
        import pyarrow as pa

        numbers = np.array([as_number(v) for v in self.trimmed(name).to_pylist()], dtype=np.float64)
        self.fail(~(numbers >= 0), name, 'must be a number of at least 0, got "{value}"')
        return pa.array(numbers)

    def side(self, name: str) -> Any:
        """`train`, `validation` or `test`."""
        import numpy as np
        import pyarrow as pa

        sides = [SIDES.get(v.lower()) for v in self.trimmed(name).to_pylist()]
        bad = np.array([side is None for side in sides], dtype=bool)
        self.fail(bad, name, 'must be train, validation or test, got "{value}"')
        return pa.array(sides, pa.string())


def _every(masks: list[Any]) -> Any:
    import numpy as np

    return np.logical_and.reduce(masks)


def _empty(names: tuple[str, ...]) -> str:
    return f"must not be empty where {' and '.join(names[1:])} is empty too"
