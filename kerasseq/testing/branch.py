"""A linear branch, fitted on the kit's texts."""

# N rows, K numbers of an answer

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.spec import WideSpec
from kerasseq.testing.faults import CheckFailed, told
from kerasseq.testing.texts import PLAIN
from kerasseq.wide.branch import Branch, Sought

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["JUDGED", "LIMITS", "ROWS", "asked", "built", "every_fit", "fitted", "said"]

ROWS = PLAIN * 3
"""What branches are fitted on."""

JUDGED = 6
"""Rows at the end that stand for validation."""

LIMITS = (0.0, 40.0)
"""Of the numbers."""

_PLACES = np.arange(len(ROWS)) % len(PLAIN)

SOUGHT = {
    "2 classes": Sought(_PLACES % 2, 2, judged=JUDGED),
    "3 classes": Sought(
        _PLACES % 3,
        3,
        by_class=True,
        weights=np.linspace(0.5, 1.5, len(ROWS), dtype=np.float32),
        groups=np.array([f"author {n}" for n in _PLACES], dtype=object),
        judged=JUDGED,
    ),
    "numbers": Sought(_PLACES * 4.0, limits=LIMITS, judged=JUDGED),
}
"""The class or the number hangs on the text; rows of one text are of one author."""


def asked(spec: WideSpec, texts: Sequence[str]) -> list[Any]:
    """The texts as the branch is given them: where it reads pairs, each beside the same second one."""
    return [(text, PLAIN[0]) for text in texts] if spec.pairs else list(texts)


def built(spec: WideSpec) -> Branch:
    """What `build` returns.

    Raises:
        CheckFailed: It is no Branch.
    """
    branch: Any = spec.build()
    if not isinstance(branch, Branch):
        raise CheckFailed(f"build must return a Branch, got {type(branch).__qualname__}")
    return branch


def fitted(spec: WideSpec, texts: Sequence[str], sought: Sought, what: str) -> Branch:
    """A new branch, fitted.

    Raises:
        CheckFailed: `fit` ends in an error; `what` says of which rows.
    """
    branch = built(spec)
    try:
        branch.fit(asked(spec, texts), sought)
    except Exception as cause:
        raise CheckFailed(f"fit must learn from any rows, {len(texts)} with {what} raised {told(cause)}") from cause
    return branch


def every_fit(spec: WideSpec) -> Iterator[tuple[str, Sought, Branch]]:
    """Yield a branch for 2 classes, for 3 classes and for numbers, each with its name and what was sought."""
    for what, sought in SOUGHT.items():
        yield what, sought, fitted(spec, ROWS, sought, what)


def said(spec: WideSpec, branch: Branch, texts: Sequence[str]) -> NDArray[Any]:
    """`(N, K)`.

    Raises:
        CheckFailed: `values` ends in an error.
    """
    try:
        return np.asarray(branch.values(asked(spec, texts)))
    except Exception as cause:
        raise CheckFailed(f"values must answer any {len(texts)} texts, raised {told(cause)}") from cause
