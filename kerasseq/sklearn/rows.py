"""`X`, `y` and `sample_weight` as scikit-learn gives them, judged in one pass."""

# N rows

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils import assert_all_finite, check_array, check_consistent_length, column_or_1d

from kerasseq.given import is_missing
from kerasseq.sklearn.errors import InvalidInput, invalid

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["TEXTS", "Rows", "read_targets", "read_texts"]

TEXTS = ("text", "text_2")
"""Names of the columns of texts, in order."""

Texts = tuple[list[str], ...]


@dataclass(frozen=True, eq=False)
class Rows:
    """`N` rows to learn from.

    Attributes:
        texts: A list of N texts; for pairs a second one.
        targets: `(N,)` numbers, or the names of classes.
        labels: The names of all classes in their order; empty for numbers.
        weights: `(N,)` of at least 0, or None.
    """

    texts: Texts
    targets: NDArray[Any]
    labels: tuple[str, ...]
    weights: NDArray[np.float64] | None

    @classmethod
    def counted(
        cls, texts: Texts, targets: NDArray[Any], labels: tuple[str, ...], weights: NDArray[np.float64] | None
    ) -> Rows:
        """The rows that have a weight above 0; the others are as if they were not there.

        Raises:
            InvalidInput: There is one at the most.
        """
        if weights is not None and not weights.all():
            kept = weights > 0
            texts = tuple([text for text, keep in zip(column, kept, strict=True) if keep] for column in texts)
            targets, weights = targets[kept], weights[kept]
        if len(targets) < 2:
            raise InvalidInput("X: must have at least 2 rows to learn from, got 1 sample")
        return cls(texts, targets, labels, weights)

    def __len__(self) -> int:
        return len(self.targets)

    def table(self) -> pa.Table:
        """With the columns `text`, `text_2` of pairs, `target`, and `weight` where there are weights."""
        import pyarrow as pa

        columns: dict[str, Any] = dict(zip(TEXTS, self.texts, strict=False))
        columns["target"] = self.targets.tolist()
        if self.weights is not None:
            columns["weight"] = self.weights
        return pa.table(columns)


def read_texts(X: Any, learned: bool = False) -> Texts:
    """The texts of each row: one list, or two of pairs.

    Args:
        X: `(N,)` texts, a list, an array or a column of a data frame; `(N, 1)` likewise; `(N, 2)` pairs, or a list of
            pairs.
        learned: The rows are to be learned from: a blank text is a fault then.

    Raises:
        InvalidInput: There are no rows, or with every row that is no text or no pair.
    """
    rows = _listed(X)
    if not rows:
        raise InvalidInput("X: must have at least 1 row, got 0 samples")
    width = 2 if all(_is_row(row) and len(row) == 2 for row in rows) else 1
    problems = [problem for place, row in enumerate(rows) for problem in _problems(place, row, width, learned)]
    if problems:
        raise invalid(problems)
    if width == 1:
        return ([str(row[0] if _is_row(row) else row) for row in rows],)
    return tuple([str(row[part]) for row in rows] for part in range(width))


def _listed(X: Any) -> list[Any]:
    if isinstance(X, str | bytes):
        raise InvalidInput(f"X: must be a list, an array or a column of texts, got {type(X).__name__}; write [text]")
    if len(np.shape(X) if isinstance(X, np.ndarray) else getattr(X, "shape", ())) > 1:
        table = np.asarray(X, dtype=object)
        if table.ndim != 2 or table.shape[1] not in (1, 2):
            shape = "x".join(map(str, table.shape)) if table.ndim else type(X).__name__
            raise InvalidInput(f"X: must be texts, or a table with 1 column of texts or 2 of pairs, got {shape}")
        return list(table.tolist())
    try:
        return list(X)
    except TypeError as cause:
        raise InvalidInput(f"X: must be a list, an array or a column of texts, got {type(X).__name__}") from cause


def _is_row(row: Any) -> bool:
    return isinstance(row, list | tuple | np.ndarray)


def _problems(place: int, row: Any, width: int, learned: bool) -> Iterator[str]:
    if width == 1 and not _is_row(row):
        yield from _fault(f"X[{place}]", row, learned)
    elif len(row) == width:
        where = [f"X[{place}]"] if width == 1 else [f"X[{place}][{part}]" for part in range(width)]
        for name, text in zip(where, row, strict=True):
            yield from _fault(name, text, learned)
    else:
        yield f"X[{place}]: must be a text, or in every row a pair of texts, got {len(row)} values"


def _fault(where: str, text: Any, learned: bool) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{where}: must be a text, got {text!r:.60}"
    elif learned and not text.strip():
        yield f"{where}: must not be empty where it is learned from"


def read_targets(texts: Texts, y: Any, sample_weight: Any, who: str) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
    """Targets, `(N,)`, and weights as scikit-learn wants them judged.

    Raises:
        ValueError: As every estimator of scikit-learn raises it: no targets, missing ones, another number than rows.
    """
    if y is None:
        raise InvalidInput(f"{who} requires y to be passed, but the target y is None")
    targets: NDArray[Any] = column_or_1d(y, warn=True)
    check_consistent_length(texts[0], targets)
    if targets.dtype == object:
        missing = [
            f"y[{place}]: must have a value, got {value!r}" for place, value in enumerate(targets) if is_missing(value)
        ]
        if missing:
            raise invalid(missing)
    assert_all_finite(targets, input_name="y")
    return targets, _weights(texts, sample_weight)


def _weights(texts: Texts, sample_weight: Any) -> NDArray[np.float64] | None:
    if sample_weight is None:
        return None
    weights: NDArray[np.float64] = check_array(
        sample_weight, ensure_2d=False, dtype=np.float64, input_name="sample_weight"
    )
    if weights.ndim != 1:
        raise InvalidInput(f"sample_weight: must be 1D, a number for each row, got {weights.ndim} dimensions")
    check_consistent_length(texts[0], weights)
    negative: Sequence[int] = np.flatnonzero(weights < 0).tolist()
    if negative:
        raise invalid([f"sample_weight[{place}]: must be at least 0, got {weights[place]:g}" for place in negative])
    if not weights.any():
        raise InvalidInput("sample_weight: must have a weight above 0, got all zero")
    return weights
