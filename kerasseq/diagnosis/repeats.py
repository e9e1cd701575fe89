"""Which rows have the same text, found without the texts in memory."""

# N rows

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kerasseq.corpus.text import Texts

__all__ = ["again", "numbered", "standing"]

BYTES = 16
"""Of the digest that stands for a text: no two texts share one, not even where somebody looks for them (BLAKE2b)."""


def numbered(texts: Texts, empty: bool = False) -> NDArray[np.int64]:
    """Of each row the first that has its text, `(N,)`; spaces around it do not count. The two of a pair are one text.

    Args:
        texts: The rows.
        empty: Whether no text is a text too; else such a row has -1.

    >>> from kerasseq.corpus.text import Texts
    >>> numbered(Texts(["b", " ", "a ", "b", "a"])).tolist()
    [0, -1, 2, 0, 2]
    """
    import numpy as np

    digests, none = _digests(texts)
    order = np.lexsort((digests[0], digests[1]))  # stable: the rows of one text stay in their order
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for half in digests:
        ordered = half[order]
        new[1:] |= ordered[1:] != ordered[:-1]
    del digests, half, ordered  # a half holds both
    first = np.arange(len(order))
    first[~new] = 0
    np.maximum.accumulate(first, out=first)  # where in the order the rows of its text begin
    numbers = np.empty(len(order), dtype=np.int64)
    numbers[order] = order[first]
    if not empty:
        numbers[none] = -1
    return numbers


def _digests(texts: Texts) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """`(2, N)` halves of the digest of each row, and the rows without a text."""
    import numpy as np

    digests = np.zeros((2, len(texts)), dtype=np.uint64)
    empty, start = [], 0
    for part in texts.parts():
        stripped = [text.strip() for text in part.joined("\x1f")]
        packed = b"".join(blake2b(text.encode(), digest_size=BYTES).digest() for text in stripped)
        digests[:, start : start + len(stripped)] = np.frombuffer(packed, dtype=np.uint64).reshape(-1, 2).T
        empty.append(np.flatnonzero([not text for text in stripped]) + start)
        start += len(stripped)
    return digests, np.concatenate(empty)


def again(numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the rows whose text an earlier one of them has.

    >>> import numpy as np
    >>> again(np.array([0, -1, 0, 3, 0, -1]), np.array([0, 1, 2, 3, 5])).tolist()
    [2]
    """
    import numpy as np

    rows = rows[numbers[rows] >= 0]
    of = numbers[rows]
    first = np.empty(len(numbers), dtype=np.int64)
    first[of[::-1]] = rows[::-1]  # of several that are written to one place the last one stays
    repeated: NDArray[np.int64] = rows[first[of] != rows]
    return repeated


def standing(numbers: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Of each number, up to `(N,)`, whether one of the rows has it; the last says it of -1, which none has.

    >>> import numpy as np
    >>> standing(np.array([0, -1, 0, 3]), np.array([1, 2])).tolist()
    [True, False, False, False, False]
    """
    import numpy as np

    found = np.zeros(len(numbers) + 1, dtype=bool)
    found[numbers[rows]] = True
    found[-1] = False
    return found
