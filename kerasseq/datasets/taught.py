"""What training goes by where it is not the label of a row: probabilities of the classes, or another column."""

# N rows, K classes

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kerasseq.arrays.numbers import SMALLEST, as_number

if TYPE_CHECKING:
    from kerasseq.datasets.roles import Judge

__all__ = ["distributions", "labelled"]

SHARED = "must be a number, for label_share takes a part of it"

SUM = 1e-3
"""How far the probabilities of a row may sum from 1."""


def labelled(judge: Judge, target: str, label: str, share: float) -> dict[str, Any]:
    """`target`, the label or else what `target` says, and `taught`, the other way round; strings.

    Args:
        judge: Of the rows; fails those that have neither, or where numbers are to be shared none.
        target: The column that training goes by.
        label: The column of what is true, where that is known.
        share: Of the label in what training goes by, in [0, 1]; between 0 and 1 both are numbers.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    given, own = judge.trimmed(target), judge.trimmed(label)
    none, unknown = pc.equal(given, ""), pc.equal(own, "")
    judge.fail(pc.and_(none, unknown).to_numpy(), target, f"must have a value, or one in {label}")
    truth, taught = pc.if_else(unknown, given, own), pc.if_else(none, own, given)
    if share:
        both = ~pc.or_(none, unknown).to_numpy()
        numbers = [np.array(list(map(as_number, column.to_pylist()))) for column in (given, own)]
        if share < 1:
            for column, found in zip((target, label), numbers, strict=True):
                judge.fail(both & np.isnan(found), column, f'{SHARED}, got "{{value}}"')
        mixed = map(repr, ((1 - share) * numbers[0] + share * numbers[1]).tolist())
        taught = pc.if_else(pa.array(both), own if share == 1 else pa.array(list(mixed)), taught)
    return {"target": truth, "taught": taught}


def distributions(
    judge: Judge, columns: tuple[str, ...], classes: tuple[str, ...], label: str, share: float
) -> dict[str, Any]:
    """`distribution`, a struct of K float64 with sum 1, and `target`, the label or else the likeliest class.

    A row may have a label and no probabilities: its label is certain, then.

    Args:
        judge: Of the rows; fails those whose probabilities are none, or whose label is no class.
        columns: The K columns of probabilities.
        classes: The K classes.
        label: The column of the true class, where that is known; empty for none.
        share: Of the label in the distribution, in [0, 1].
    """
    import numpy as np
    import pyarrow as pa

    given = [judge.trimmed(name).to_pylist() for name in columns]
    own = judge.trimmed(label).to_pylist() if label else [""] * len(given[0])
    places = {name: place for place, name in enumerate(classes)}
    truth = np.array([places.get(name, -1) for name in own], dtype=np.int64)
    known = np.array([name != "" for name in own], dtype=bool)
    shares = np.array([[_share(value) for value in values] for values in given]).reshape(len(columns), -1).T  # (N, K)
    asked = np.ones(len(truth), dtype=bool)
    if label:
        asked = np.array([any(row) for row in zip(*given, strict=True)], dtype=bool)
        judge.fail(known & (truth < 0), label, f'must be one of {_listed(classes)}, got "{{value}}"')
        judge.fail(~asked & ~known, columns[0], f"must have a probability, or a class in {label}")
        shares[~asked] = np.eye(len(classes))[truth[~asked]]
    sound = asked.copy()
    for name, values, numbers in zip(columns, given, shares.T, strict=True):
        wrong = asked & ~((numbers >= 0) & (numbers <= 1 + SUM))
        judge.fail(wrong, name, 'must be a number from 0 to 1, got "{value}"', values)
        sound &= ~wrong
    sums = np.where(sound, shares.sum(axis=1), 1.0)
    rule = f"must sum to 1 within {SUM:g}, got {{value}}"
    judge.fail(np.abs(sums - 1) > SUM, ", ".join(columns), rule, [f"{total:.6g}" for total in sums])
    shares = np.nan_to_num(shares / np.where(sums > 0, sums, 1)[:, None])
    likeliest = shares.argmax(axis=1)
    sure = np.flatnonzero(truth >= 0)
    shares[sure] *= 1 - share
    shares[sure, truth[sure]] += share
    names = pa.array(classes, pa.string())
    return {
        "target": names.take(pa.array(np.where(truth < 0, likeliest, truth))),
        "distribution": pa.StructArray.from_arrays([pa.array(column) for column in shares.T], list(classes)),
    }


def _share(value: str) -> float:
    """A number; NaN where it is none, 0 where it is as good as that."""
    number = as_number(value)
    if not math.isnan(number):
        return number
    try:
        return 0.0 if 0 <= float(value) < SMALLEST else math.nan
    except ValueError:
        return math.nan


def _listed(classes: tuple[str, ...]) -> str:
    return ", ".join(classes) if len(classes) <= 10 else f"{', '.join(classes[:10])} and {len(classes) - 10} more"
