"""Sequences of vectors: sensors, movements, speech, windows of a series."""

# B batch, T time, D numbers of a vector

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import UsageError
from kerasseq_runtime.inputs.input import Input, only, refused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["VectorInput"]

NUMBERS = "fiu"
"""Kinds of dtype that are numbers."""

_KINDS = {"b": "truth values", "U": "texts", "S": "texts", "c": "complex numbers"}


class VectorInput(Input):
    """`vectors`: `(B, T, D)` float32, 0 behind the end of each row, and `lengths`: `(B,)` int64.

    Args:
        dimension: D; 0 where the file takes any, the same one for all rows of a call.
        least: Steps that a row must have: the window of a forecast.
    """

    kind = "vectors"
    noun = "a sequence of vectors"
    tensors = {"vectors": "float", "lengths": "int64"}

    def __init__(self, dimension: int = 0, least: int = 0) -> None:
        self.dimension = dimension
        self.least = least

    def rows(self, *columns: Any) -> list[NDArray[np.float32]]:
        """Arrays or lists of lists, one `(steps, D)` a row; without steps, too, where `least` is 0.

        Raises:
            UsageError: See the base class.
            DataError: A row is no such array, has another D, too few steps, or a number that is not finite.
        """
        arrays = [_array(row) for row in only(columns, self.kind)]
        if arrays and all(a is not None and a.ndim == 1 and a.size and a.dtype.kind in NUMBERS for a in arrays):
            raise UsageError("vectors: must be a list of sequences, got one sequence; write [vectors]")
        width = self.dimension or next((a.shape[1] for a in arrays if a is not None and a.ndim == 2), 0)
        found = [_checked(array, width, self.least) for array in arrays]
        problems = [(row, fault) for row, (_, fault) in enumerate(found) if fault]
        if problems:
            raise refused(self.kind, problems)
        return [row for row, _ in found]

    def feeds(self, rows: Sequence[NDArray[np.float32]]) -> dict[str, NDArray[Any]]:
        """At least one step, so that a row without any is one of padding.

        Raises:
            UsageError: Rows of several calls of `rows`, which have vectors of several widths.
        """
        import numpy as np

        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        widths = sorted({row.shape[1] for row in rows if len(row)}) or [max(row.shape[1] for row in rows)]
        if len(widths) > 1:
            raise UsageError(f"vectors: must be of one width in a call, got {widths[0]} and {widths[-1]}")
        width = self.dimension or widths[0]
        padded = np.zeros((len(rows), max(1, int(lengths.max())), width), dtype=np.float32)
        for place, row in enumerate(rows):
            if len(row):
                padded[place, : len(row)] = row
        return {"vectors": padded, "lengths": lengths}

    def examples(self) -> list[NDArray[np.float32]]:
        """A row of ones; and one without steps, where that may be."""
        import numpy as np

        lengths = (self.least,) if self.least else (1, 0)
        return [np.ones((steps, self.dimension or 1), dtype=np.float32) for steps in lengths]

    def size(self, row: NDArray[np.float32]) -> int:
        """Numbers."""
        return int(row.size)


def _array(row: Any) -> NDArray[Any] | None:
    """What was given as an array; None for lists of several lengths, which are none."""
    import numpy as np

    try:
        return np.asarray(row)
    except (TypeError, ValueError):
        return None


def _checked(array: NDArray[Any] | None, width: int, least: int) -> tuple[NDArray[np.float32], str]:
    """One row, and what is wrong with it."""
    import numpy as np

    wanted = f"must be {f'vectors of {width} numbers' if width else 'vectors of numbers'}, one a step"
    nothing = np.zeros((0, width), dtype=np.float32)
    if array is None:
        return nothing, f"{wanted}, got vectors of several lengths"
    if array.size == 0 and array.ndim in (1, 2) and array.shape[1:] in ((), (0,), (width,)):
        return nothing, f"must have at least {least} steps, got none" if least else ""
    if array.dtype.kind not in NUMBERS:
        return nothing, f"{wanted}, got {_KINDS.get(array.dtype.kind, 'something else')}"
    if array.ndim != 2 or array.shape[1] != width:
        return nothing, f"{wanted}, got {' x '.join(map(str, array.shape)) or 'one number'}"
    if len(array) < least:
        return nothing, f"must have at least {least} steps, got {len(array)}"
    with np.errstate(over="ignore"):
        row = array.astype(np.float32)
    wrong = np.argwhere(~np.isfinite(row))
    if len(wrong):
        step, place = wrong[0]
        return nothing, f"must be finite numbers, got {array[step, place]} in step {step}"
    return row, ""
