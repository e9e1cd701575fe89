"""A column of a table as a sequence, of which only a part is objects of Python at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from kerasseq.arrays.scratch import CHUNK, release

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Column", "coded", "distinct"]


class Column(Sequence[Any]):
    """The values of an Arrow column; a slice is a list.

    >>> import pyarrow as pa
    >>> column = Column(pa.chunked_array([["a", "b"], ["c"]]))
    >>> column[1], column[1:], len(column)
    ('b', ['b', 'c'], 3)
    """

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, values: pa.ChunkedArray) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if not isinstance(index, slice):
            return self._values[int(index)].as_py()
        start, stop, step = index.indices(len(self))
        if step != 1:
            return [self[i] for i in range(start, stop, step)]
        return self._values.slice(start, max(stop - start, 0)).to_pylist()

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, len(self), CHUNK):
            yield from self[start : start + CHUNK]
            release()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))


def distinct(values: pa.ChunkedArray) -> tuple[list[Any], NDArray[np.int64]]:
    """The different values of a column, and of each row the place of its value among them, `(N,)`.

    >>> import pyarrow as pa
    >>> different, places = distinct(pa.chunked_array([["b", "a"], ["b", None]]))
    >>> different, places.tolist()
    (['b', 'a', None], [0, 1, 0, 2])
    """
    different, places = coded(values)
    return different.to_pylist(), places


def coded(values: pa.ChunkedArray) -> tuple[pa.Array[Any], NDArray[np.int64]]:
    """As `distinct`, where the different values may be many: they stay in Arrow."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    different = values.unique()
    places = pc.index_in(values, value_set=different)
    return different, places.to_numpy().astype(np.int64)
