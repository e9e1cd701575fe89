"""A series as a table of windows, each on the side that holds its targets."""

# T steps, D dimensions, W steps of a window, H steps of a horizon, N windows

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.arrays.column import Column
from kerasseq.corpus.windows import chronological, cut_windows
from kerasseq.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["nested_numbers", "window_table"]


def window_table(
    table: pa.Table, window: int, horizon: int, validation: float, test: float, positive: bool = False
) -> pa.Table:
    """Cut a series.

    Args:
        table: A row a step: `values` (a list of float64), `source`, `line`.
        window: Steps that the model sees.
        horizon: Steps ahead that it says.
        validation: Share of the steps that choose the epoch.
        test: Share of the steps that measure.
        positive: Whether every number must be above 0.

    Returns:
        A row a window: `vectors` (W lists of D), `target` (H lists of D), `step` (of the first target, from 1),
        `source` and `line` of the first target, and `split`.

    Raises:
        DataError: The series is too short, or a number is not above 0 where it must be.
    """
    import numpy as np
    import pyarrow as pa

    series = np.array(table["values"].to_pylist(), dtype=np.float64)
    if positive and (series <= 0).any():
        row = int(np.flatnonzero((series <= 0).any(axis=1))[0])
        place = f"{table['source'][row].as_py()}:{table['line'][row].as_py()}"
        got = float(series[row].min())
        raise DataError(f"{place}: must be above 0 for task.logarithm, got {got:g}; logarithm = false")
    source, line = Column(table["source"])[:], Column(table["line"])[:]
    parts = chronological(len(series), validation, test)
    cut = cut_windows(series, parts, window, horizon, source[0] if source else "series")
    sides = [(side, windows) for side, windows in cut.items() if len(windows)]
    first = np.concatenate([windows.first for _, windows in sides])
    return pa.table(
        {
            "vectors": nested_numbers(np.concatenate([windows.inputs for _, windows in sides])),
            "target": nested_numbers(np.concatenate([windows.targets for _, windows in sides])),
            "step": pa.array(first + 1, pa.int64()),
            "source": [source[step] for step in first],
            "line": pa.array([line[step] for step in first], pa.int64()),
            "split": [side for side, windows in sides for _ in range(len(windows))],
        }
    ).replace_schema_metadata(table.schema.metadata)


def nested_numbers(values: NDArray[Any]) -> pa.Array:
    """`(N, T, D)` as a column of lists of lists."""
    import numpy as np
    import pyarrow as pa

    count, steps, width = values.shape
    flat = pa.array(np.ascontiguousarray(values).reshape(-1))
    inner = pa.ListArray.from_arrays(pa.array(np.arange(0, len(flat) + 1, width), pa.int32()), flat)
    return pa.ListArray.from_arrays(pa.array(np.arange(0, count * steps + 1, steps), pa.int32()), inner)
