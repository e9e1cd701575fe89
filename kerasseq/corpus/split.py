"""Which rows learn, which choose the epoch, which measure."""

# N rows

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasseq.arrays.column import distinct
from kerasseq.arrays.scratch import CHUNK, release
from kerasseq.console import count
from kerasseq.corpus.cut import Fold, Rows
from kerasseq.datasets.spool import Spool
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.config.settings import SplitSettings

__all__ = ["SIDES", "Split", "fold_rows", "split"]

SIDES = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Split:
    """Every row on exactly one side.

    Attributes:
        train: Row numbers, ascending int64.
        validation: Row numbers; empty where `split.validation` is 0.
        test: Row numbers; empty where `split.test` is 0.
        how: How the sides came about: `by ratio, stratified by class, seed 0`.
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    how: str

    @property
    def sides(self) -> dict[str, NDArray[np.int64]]:
        """Side -> row numbers, of the sides that have rows."""
        named = {"train": self.train, "validation": self.validation, "test": self.test}
        return {side: rows for side, rows in named.items() if len(rows)}

    def joined(self) -> Split:
        """The same with the rows of validation among those of training."""
        import numpy as np

        train = np.sort(np.concatenate([self.train, self.validation]))
        return Split(train, self.validation[:0], self.test, self.how)

    def tables(self, table: pa.Table) -> dict[str, pa.Table]:
        """Side -> its rows, of every side; each in memory or on disk, by its size.

        Raises:
            RunError: There is no room on disk.
        """
        import numpy as np
        import pyarrow as pa

        spools = {side: Spool(table.schema) for side in SIDES}
        start = 0
        for batch in table.to_batches(max_chunksize=CHUNK):
            end = start + batch.num_rows
            for side, spool in spools.items():
                rows = getattr(self, side)
                first, last = np.searchsorted(rows, (start, end))
                if first < last:
                    spool.add(pa.Table.from_batches([batch.take(pa.array(rows[first:last] - start))]))
            start = end
            release()
        return {side: spool.table() for side, spool in spools.items()}

    def describe(self) -> str:
        """`1,743 rows by ratio, stratified by quantile, seed 0: train 1,395, validation 174, test 174`."""
        counts = ", ".join(f"{side} {len(rows):,}" for side, rows in self.sides.items())
        total = len(self.train) + len(self.validation) + len(self.test)
        return f"{count(total, 'row')} {self.how}: {counts}"


def split(table: pa.Table, settings: SplitSettings, target_kind: str = "none") -> Split:
    """Divide the rows of a table; the same table and settings always give the same sides.

    Args:
        table: Standard columns; see `DatasetSpec.build`.
        settings: The section `[split]`.
        target_kind: What a target is: `class` (stratified by it), `number` (stratified by ten quantiles of it) or
            `none`.

    Raises:
        DataError: A side would be empty, a class or a group is too small, a needed column is absent.
    """
    method = settings.method
    if method == "auto":
        columns = table.column_names
        method = "given" if "split" in columns else "group" if "group" in columns else "ratio"
    for needed in ("split",) if method == "given" else ("group",) if method == "group" else ():
        if needed not in table.column_names:
            raise DataError(
                f'split: method "{method}" needs a {needed} column, the rows have none; set dataset.{needed}'
            )
    rows = _rows(table, settings, target_kind)
    if method == "given":
        return _given(table, rows, settings)
    if method == "kfold":
        rest, test = rows.fold(settings.folds, settings.fold)
        how = f"by fold {settings.fold} of {settings.folds}{rows.manner}"
        return _checked(*rows.cut(rest, settings.validation, "validation"), test, how)
    every = rows.all
    rest, test = rows.cut(every, settings.test, "test", sides=3 if settings.validation else 2)
    share = settings.validation / (1 - settings.test)
    train, validation = rows.cut(rest, share, "validation")
    return _checked(train, validation, test, f"by {method}{rows.manner}")


def fold_rows(table: pa.Table, settings: SplitSettings, target_kind: str, count: int) -> tuple[Fold, ...]:
    """Row numbers of a table in `count` folds, each left out once; classes, quantiles and groups as in `split`.

    Raises:
        DataError: Fewer rows, groups, or rows of a class than folds.
    """
    return _rows(table, settings, target_kind).folds(count)


def _rows(table: pa.Table, settings: SplitSettings, target_kind: str) -> Rows:
    grouped = settings.method != "ratio" and "group" in table.column_names
    return Rows.of(table, target_kind if settings.stratify else "none", grouped, settings.seed)


def _given(table: pa.Table, rows: Rows, settings: SplitSettings) -> Split:
    import numpy as np

    different, places = distinct(table.column("split"))
    numbers = {name: different.index(name) if name in different else -1 for name in SIDES}
    sides = {name: np.flatnonzero(places == number).astype(np.int64) for name, number in numbers.items()}
    if sum(map(len, sides.values())) != table.num_rows:
        raise DataError("split: every row must say train, validation or test")
    if not len(sides["train"]):
        raise DataError(f"split: train must have rows, got none of {table.num_rows:,}")
    cut = []
    for name, share in (("test", settings.test), ("validation", settings.validation)):
        if not len(sides[name]) and share:
            sides["train"], sides[name] = rows.cut(sides["train"], share, name)
            cut.append(name)
    how = f"as given, {' and '.join(cut)} cut from train{rows.manner}" if cut else "as given"
    return _checked(sides["train"], sides["validation"], sides["test"], how)


def _checked(train: NDArray[np.int64], validation: NDArray[np.int64], test: NDArray[np.int64], how: str) -> Split:
    if not len(train):
        raise DataError(f"split: train must have rows, got none of {len(validation) + len(test):,}")
    return Split(train, validation, test, how)
