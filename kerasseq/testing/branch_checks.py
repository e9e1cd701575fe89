"""What holds for linear models beside the network: values, rows apart, held-out answers, few rows, what they tell."""

# N rows, K numbers of an answer

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import WideSpec
from kerasseq.testing.branch import JUDGED, LIMITS, ROWS, asked, built, every_fit, fitted, said
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, shown, told
from kerasseq.testing.texts import HOSTILE_TEXTS, PLAIN
from kerasseq.wide.branch import Branch, Sought

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "check_branch_values",
    "check_few_rows",
    "check_fitted_again",
    "check_held_out",
    "check_rows_apart",
    "check_told_weights",
    "check_unfitted",
]

MOST = 3
"""Weights that are asked for."""


def check_unfitted(spec: WideSpec) -> None:
    """`build` returns a new Branch that has learned nothing: width 0, nothing held out."""
    branch = built(spec)
    _empty(branch, "before fit")
    fitted(spec, ROWS, Sought(np.arange(len(ROWS)) % 2, 2), "2 classes")
    _empty(branch, "when another is fitted")


def _empty(branch: Branch, when: str) -> None:
    if branch.width != 0 or branch.held_out is not None:
        got = f"width {branch.width} and {'nothing' if branch.held_out is None else 'rows'} held out"
        raise CheckFailed(f"{when}, a branch must have width 0 and nothing held out, got {got}")


def check_branch_values(spec: WideSpec) -> None:
    """A float32 for each class, or one number inside its limits, all finite, for any texts and for none."""
    for what, sought, branch in every_fit(spec):
        width = sought.classes or 1
        if branch.width != width:
            raise CheckFailed(f"the width must be {width} for {what}, got {branch.width}")
        if not isinstance(branch.balanced, bool):
            raise CheckFailed(f"balanced must be true or false for {what}, got {branch.balanced!r}")
        for texts in ((), PLAIN, HOSTILE_TEXTS):
            got = said(spec, branch, texts)
            if got.shape != (len(texts), width) or got.dtype != np.float32:
                wanted = f"float32 {(len(texts), width)} for {what}"
                raise CheckFailed(f"values of {len(texts)} texts must be {wanted}, got {got.dtype} {got.shape}")
            wrong = np.flatnonzero(~np.isfinite(got).all(axis=1))
            if wrong.size:
                raise CheckFailed(f"values must be finite for {what}, {shown(texts[wrong[0]])} gave {got[wrong[0]]}")
            if not sought.classes and got.size and not (got.min() >= LIMITS[0] and got.max() <= LIMITS[1]):
                spread = f"{got.min():.6g} to {got.max():.6g}"
                raise CheckFailed(f"numbers must stay inside the limits {LIMITS}, got {spread}")


def check_rows_apart(spec: WideSpec) -> None:
    """Alone, beside others, or in another order, a text gets the same values."""
    texts = (*PLAIN, "", "good")
    for what, _, branch in every_fit(spec):
        wanted = said(spec, branch, texts)
        rule = f"neighbours must not change the values, for {what}"
        same(f"{rule} another order does", wanted[::-1], said(spec, branch, texts[::-1]))
        for row, text in enumerate(texts):
            same(f"{rule} {shown(text)} alone differs", wanted[row : row + 1], said(spec, branch, [text]))


def check_held_out(spec: WideSpec) -> None:
    """After `fit`, what it said of each row without having seen it; NaN where it did not, but never in validation."""
    for what, sought, branch in every_fit(spec):
        shape, got = (len(ROWS), sought.classes or 1), branch.held_out
        if not isinstance(got, np.ndarray) or got.shape != shape:
            had = f"shape {got.shape}" if isinstance(got, np.ndarray) else repr(got)
            raise CheckFailed(f"held_out must be an array {shape} after fit for {what}, got {had}")
        seen = _whole(got)
        if not (seen | np.isnan(got).all(axis=1)).all():
            raise CheckFailed(f"a row of held_out must be finite, or NaN as a whole, for {what} some are neither")
        if not seen[-JUDGED:].all():
            raise CheckFailed(
                f"held_out must be finite in the last {JUDGED} rows, which Sought.judged names, for {what} row "
                f"{len(ROWS) - JUDGED + int(np.flatnonzero(~seen[-JUDGED:])[0])} is NaN"
            )
    _unseen(spec)


def _whole(rows: NDArray[Any]) -> NDArray[np.bool_]:
    finite: NDArray[np.bool_] = np.isfinite(rows).all(axis=1)
    return finite


def _unseen(spec: WideSpec) -> None:
    """Classes that were drawn, and a word of its own for each row: who is right had the row before it."""
    texts = [f"{PLAIN[n % len(PLAIN)]} key{n}lock" for n in range(40)]
    truth = np.random.default_rng(3).integers(0, 2, len(texts))
    held_out = fitted(spec, texts, Sought(truth, 2), "2 classes that were drawn").held_out
    if held_out is None or not _whole(held_out).any():
        return
    right = float((held_out.argmax(axis=1) == truth)[_whole(held_out)].mean())
    if right > 0.9:
        raise CheckFailed(
            f"held_out must be said by a model that had not seen the row, for classes that were drawn at random it is "
            f"right in {right:.0%} of the rows"
        )


def check_fitted_again(spec: WideSpec) -> None:
    """Two branches that are fitted on the same rows with the same seed are the same."""
    for (what, _, one), (_, _, other) in zip(every_fit(spec), every_fit(spec), strict=True):
        rule = f"the same rows and the same seed must give the same, fitted twice for {what}"
        same(f"{rule} the values differ", said(spec, one, PLAIN), said(spec, other, PLAIN))
        if isinstance(one.held_out, np.ndarray) and isinstance(other.held_out, np.ndarray):
            same(f"{rule} what was held out differs", one.held_out, other.held_out)


def check_few_rows(spec: WideSpec) -> None:
    """One row, empty texts, one class alone, a class without rows, one number: there is an answer, and it is finite."""
    for texts, truth, classes in (
        (["good food"], [0], 2),
        (["", ""], [0, 1], 2),
        (["good food", "bad"], [1, 1], 2),
        (["good", "bad", "cold"] * 4, [0, 2, 2] * 4, 3),
        (["good"], [1.5], 0),
        (["", "x"], [2.0, 2.0], 0),
    ):
        what = f"the {'classes' if classes else 'numbers'} {truth[:3]}"
        branch = fitted(spec, texts, Sought(np.array(truth), classes), what)
        got = said(spec, branch, (*texts, "unknown"))
        if got.shape != (len(texts) + 1, classes or 1) or not np.isfinite(got).all():
            raise CheckFailed(f"fitted on {texts[:3]} with {what}, values must be finite, got {got.shape} {got[-1]}")


def check_told_weights(spec: WideSpec) -> None:
    """`describe` is JSON; `heaviest` and `weighed` name weights, no more than were asked for, or nothing; what weighed
    in a text adds up to what it moved."""
    for what, sought, branch in every_fit(spec):
        try:
            json.dumps(dict(branch.describe()), allow_nan=False)
        except (TypeError, ValueError) as cause:
            raise CheckFailed(f"describe must be a table of JSON values, for {what} got {told(cause)}") from cause
        lists = branch.heaviest(MOST)
        if lists and len(lists) != (sought.classes or 2):
            wanted = f"a list for each of {what}" if sought.classes else "what lowers a number and what raises it"
            raise CheckFailed(f"heaviest must give {wanted}, or nothing, got {len(lists)}")
        for found in lists:
            _named("heaviest", found)
        for place in range(sought.classes or 1):
            for text in PLAIN:
                found = branch.weighed(asked(spec, [text])[0], place, MOST)
                _named("weighed", found)
                sizes = [abs(weight) for _, weight in found]
                if any(one < other for one, other in pairwise(sizes)):
                    raise CheckFailed(f"weighed must give the heaviest first, {shown(text)} gave {found}")
                if found:
                    _adds_up(branch, asked(spec, [text])[0], place)


def _adds_up(branch: Branch, text: Any, place: int) -> None:
    moved = sum(weight for _, weight in branch.weighed(text, place, sys.maxsize))
    empty = "" if isinstance(text, str) else ("", "")
    nothing, value = np.asarray(branch.values([empty, text]))[:, place].astype(float)
    if abs(moved - (value - nothing)) > 1e-3 * max(1.0, abs(value), abs(nothing)):
        rule = f"all that weighed in {shown(str(text))} must add up to its value less that of an empty text"
        raise CheckFailed(f"{rule}, {value - nothing:.4g}, got {moved:.4g}")


def _named(method: str, found: Iterable[Any]) -> None:
    pairs = list(found)
    sound = all(
        isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str) and np.isfinite(pair[1])
        for pair in pairs
    )
    if len(pairs) > MOST or not sound:
        raise CheckFailed(f"{method} must give at most {MOST} pairs of a name and a finite weight, got {pairs[:5]}")
