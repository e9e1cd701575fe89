"""Texts that classes write: which class a row names, and n-grams of each class."""

# N texts

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.errors import DataError
from kerasseq.metrics.ngram_baselines import fit_ngrams

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.arrays.ragged import Ragged

__all__ = ["by_class", "check_conditions", "classes_of"]

MOST = 20
"""Rows that a message names."""


def classes_of(table: pa.Table) -> tuple[str, ...]:
    """The classes that the training rows name, in order.

    Raises:
        DataError: They name none.
    """
    found = {str(value) for value in table["target"].to_pylist() if value is not None and str(value)}
    if not found:
        raise DataError("train: must have a class in some row, got none; see dataset.target")
    return tuple(sorted(found))


def check_conditions(table: pa.Table, known: Sequence[str]) -> None:
    """Each row must name one of the classes.

    Raises:
        DataError: With the rows that do not.
    """
    names = {*known}
    column = (table.schema.metadata or {}).get(b"target", b"target").decode()
    rows = zip(*(table[name].to_pylist() for name in ("target", "source", "line")), strict=True)
    wrong = [
        f"{source}:{line}: {column}: must be one of {', '.join(known[:10])}, got "
        + ("nothing" if value is None else f'"{value}"')
        for value, source, line in rows
        if value is None or str(value) not in names
    ]
    if wrong:
        more = [f"... and {len(wrong) - MOST} more"] if len(wrong) > MOST else []
        raise DataError("\n".join([*wrong[:MOST], *more]))


def by_class(
    learned: Sequence[str], train: Ragged, asked: Sequence[str], wanted: Ragged, size: int, order: int
) -> list[NDArray[np.float32]]:
    """Log-probabilities of the tokens of each text, by n-grams of the training texts of its class alone; of those of
    all classes where its own has none here.

    Args:
        learned: The class of each training text.
        train: Their tokens.
        asked: The class of each of the `N` texts.
        wanted: Their tokens.
        size: Of the vocabulary.
        order: Length of the n-grams.
    """
    found: list[Any] = [np.zeros(0, dtype=np.float32)] * len(wanted)
    mine, theirs = np.array(learned, dtype=object), np.array(asked, dtype=object)
    for name in dict.fromkeys(asked):
        places = np.flatnonzero(theirs == name)
        own = np.flatnonzero(mine == name)
        grams = fit_ngrams(train.take(own) if len(own) else train, size, order)
        for place, row in zip(places, grams.log_probabilities(wanted.take(places)), strict=True):
            found[place] = row.astype(np.float32)
    return found
