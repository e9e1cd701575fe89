"""Cutting rows in two: shuffled, stratified by class or by quantile, or whole groups at a time."""

# N rows

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import distinct
from kerasseq.arrays.numbers import as_number
from kerasseq.corpus.targets import numbers
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Fold", "Rows"]

Fold = tuple["NDArray[np.int64]", "NDArray[np.int64]"]
"""Row numbers that stay, and those that are left out."""

QUANTILES = 10


@dataclass(frozen=True, eq=False)
class Rows:
    """`N` rows with what a cut looks at.

    Attributes:
        kind: `class`, `number` or `none`: what the sides shall have in equal shares.
        strata: `(N,)`: class numbers, or ranks of the score in 0 to N - 1; zeros for `none`.
        names: The classes by number.
        groups: `(N,)` group numbers, or None where rows stand alone.
        seed: Of every shuffle.
    """

    kind: str
    strata: NDArray[np.int64]
    names: tuple[str, ...]
    groups: NDArray[np.int64] | None
    seed: int

    @classmethod
    def of(cls, table: pa.Table, kind: str, grouped: bool, seed: int) -> Rows:
        """From the standard columns of a table."""
        import numpy as np

        names: tuple[str, ...] = ()
        strata = np.zeros(table.num_rows, dtype=np.int64)
        if kind == "class":
            names, strata = _numbered(table.column("target"))
        elif kind == "number":
            # What is no number ranks below all numbers: the task and the data check object to it, not the split
            values = np.nan_to_num(numbers(table.column("target")), nan=-np.inf)
            strata[np.argsort(values, kind="stable")] = np.arange(table.num_rows)
        groups = None
        if grouped:
            groups = _numbered(table.column("group"))[1]
        return cls(kind, strata, names, groups, seed)

    @property
    def all(self) -> NDArray[np.int64]:
        """Every row number."""
        import numpy as np

        return np.arange(len(self.strata), dtype=np.int64)

    @property
    def manner(self) -> str:
        """How the rows are cut, for a person."""
        by = {"class": ", stratified by class", "number": ", stratified by quantile"}.get(self.kind, "")
        if self.groups is not None:
            return f", whole groups, seed {self.seed}"
        return f"{by}, seed {self.seed}"

    def cut(
        self, rows: NDArray[np.int64], share: float, side: str, sides: int = 2
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Take about `share` of `rows` away for `side`; returns the rest and what was taken, each ascending.

        Args:
            rows: Row numbers, ascending.
            share: In [0, 1); 0 takes nothing.
            side: What the rows are taken for, in messages.
            sides: On how many sides these rows will end: a class needs a row for each.

        Raises:
            DataError: Too few rows, groups, or rows of a class for two sides.
        """
        import numpy as np

        if not share:
            return rows, rows[:0]
        size = round(len(rows) * share)
        if not 0 < size < len(rows):
            got = f"got {size} of {len(rows)} at a share of {share:.3g}"
            raise DataError(f"split: {side} must have rows, {got}; change split.{side}, or add rows")
        taken = self._rows_for(rows, size, side, sides) if self.groups is None else self._groups_for(rows, size, side)
        return rows[~np.isin(rows, taken)], np.sort(taken)

    def _rows_for(self, rows: NDArray[np.int64], size: int, side: str, sides: int) -> NDArray[np.int64]:
        if self.kind == "none":
            from sklearn.model_selection import train_test_split

            return _int64(train_test_split(rows, test_size=size, random_state=self.seed)[1])
        if self.kind == "class":
            self._check_classes(rows, min(size, len(rows) - size), sides, side)
        strata = self._bins(rows, size) if self.kind == "number" else self.strata[rows]
        return rows[_stratified(strata, size, self.seed)]

    def _bins(self, rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
        """Quantiles of equal size, as many as leave a row of each on both sides; ties do not matter."""
        import numpy as np

        count = max(1, min(QUANTILES, size, len(rows) - size, len(rows) // 2))
        order = np.argsort(self.strata[rows], kind="stable")
        bins = np.empty(len(rows), dtype=np.int64)
        bins[order] = np.arange(len(rows)) * count // len(rows)
        return bins

    def _check_classes(self, rows: NDArray[np.int64], smaller: int, least: int, side: str) -> None:
        import numpy as np

        counts = np.bincount(self.strata[rows], minlength=len(self.names))
        few = [(n, c) for n, c in zip(self.names, counts, strict=True) if 0 < c < least]
        hint = "merge or remove it, or set split.stratify = false"
        numbers = sum(math.isfinite(as_number(name)) for name, _ in few)
        if len(few) > len(counts) / 2 and numbers > 0.9 * len(few):
            hint = 'scores need task.name = "regression"'
        if few:
            name, count = few[0]
            more = f" ({len(few) - 1} more classes like it)" if len(few) > 1 else ""
            raise DataError(
                f'split: class "{name}"{more} must have at least {least} rows to cut {side}, got {count}; {hint}'
            )
        present = int(np.count_nonzero(counts))
        if smaller < present:
            rule = f"must have a row of each of {present} classes, got {smaller} rows"
            raise DataError(f"split: {side}: {rule}; raise its share, or set split.stratify = false")

    def _groups_for(self, rows: NDArray[np.int64], size: int, side: str) -> NDArray[np.int64]:
        """Whole groups in random order, each taken if it brings the count nearer to `size`; one stays behind."""
        import numpy as np

        groups = _int64(self.groups)[rows]
        present, counts = np.unique(groups, return_counts=True)
        if len(present) < 2:
            raise DataError(f"split: {side} needs a group of its own, got {len(present)} group for two sides")
        order = np.random.default_rng(self.seed).permutation(len(present))
        taken: list[int] = []
        count = 0
        for i in order:
            if len(taken) < len(present) - 1 and abs(count + counts[i] - size) < abs(count - size):
                taken.append(int(present[i]))
                count += int(counts[i])
        if not taken:
            taken = [int(present[np.argmin(counts)])]
        return rows[np.isin(groups, taken)]

    def fold(self, folds: int, fold: int) -> Fold:
        """Fold number `fold` of `folds` as the test side: `(rest, test)`, each ascending.

        Raises:
            DataError: Fewer rows, groups, or rows of a class than folds.
        """
        if not 0 <= fold < folds:
            raise DataError(f"split: fold must be below folds = {folds}, got {fold}")
        return _with_rows(fold, self._cut(folds)[fold])

    def folds(self, folds: int) -> tuple[Fold, ...]:
        """Each fold once as the test side; see `fold`."""
        return tuple(_with_rows(fold, cut) for fold, cut in enumerate(self._cut(folds)))

    def _cut(self, folds: int) -> list[Fold]:
        from sklearn.model_selection import KFold, StratifiedGroupKFold, StratifiedKFold

        rows = self.all
        strata = self._bins(rows, max(1, len(rows) // folds)) if self.kind == "number" else self.strata
        units, unit = (len(rows), "rows") if self.groups is None else (len(set(self.groups.tolist())), "groups")
        if units < folds:
            raise DataError(f"split: must have at least as many {unit} as folds, got {units} for {folds} folds")
        if self.kind == "class":
            self._check_classes(rows, len(rows), folds, f"into {folds} folds")
        options: dict[str, Any] = {"n_splits": folds, "shuffle": True, "random_state": self.seed}
        if self.groups is not None:
            cutter: Any = StratifiedGroupKFold(**options)
        else:
            cutter = KFold(**options) if self.kind == "none" else StratifiedKFold(**options)
        return [(_int64(rest), _int64(test)) for rest, test in cutter.split(rows, strata, self.groups)]


def _stratified(strata: NDArray[np.int64], size: int, seed: int) -> NDArray[np.int64]:
    """Places of `size` rows, of each stratum its share: those that `train_test_split(..., stratify=strata)` takes.

    That one makes an object of Python of each row on the way, 40 bytes.
    """
    import numpy as np

    counts = np.bincount(strata)
    counts = counts[counts > 0]
    order, draw = np.argsort(strata, kind="stable"), np.random.RandomState(seed)
    stay = _shares(counts, len(strata) - size, draw)
    go = _shares(counts - stay, size, draw)
    taken = []
    for start, count, first, few in zip(np.cumsum(counts) - counts, counts, stay, go, strict=True):
        taken.append(order[start + draw.permutation(count)[first : first + few]])
    return _int64(np.concatenate(taken))


def _shares(counts: NDArray[np.int64], size: int, draw: np.random.RandomState) -> NDArray[np.int64]:
    """How many of `size` rows each stratum gives: in proportion, by the largest remainders, equal ones by lot."""
    import numpy as np

    exact = counts / counts.sum() * size
    shares = _int64(np.floor(exact))
    remainders = exact - shares
    for remainder in np.unique(remainders)[::-1]:
        equal = np.flatnonzero(remainders == remainder)
        more = min(len(equal), size - int(shares.sum()))
        if more <= 0:
            break
        shares[draw.choice(equal, more, replace=False)] += 1
    return shares


def _with_rows(number: int, fold: Fold) -> Fold:
    if not all(map(len, fold)):
        raise DataError(f"split: fold {number} must have rows, got none; use fewer folds")
    return fold


def _numbered(values: pa.ChunkedArray) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The different values as text, in order, and of each row the number of its value."""
    import numpy as np

    different, places = distinct(values)
    names = sorted({str(value) for value in different})
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[str(value)] for value in different], dtype=np.int64)[places]


def _int64(values: Any) -> NDArray[np.int64]:
    import numpy as np

    return np.asarray(values, dtype=np.int64)
