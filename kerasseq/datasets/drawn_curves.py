"""Circles and eights, drawn point by point."""

# N rows, T points

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["draw_curves"]

CLASSES = ("circle left", "circle right", "eight left", "eight right")


def draw_curves(rows: int, length: int, noise: float, seed: int) -> pa.Table:
    """A table of `rows` curves; every class as often as the others.

    Args:
        rows: How many.
        length: Most points of a curve.
        noise: Deviation of a point from its curve, in radii.
        seed: Of the draw.
    """
    import numpy as np
    import pyarrow as pa

    random = np.random.default_rng(seed)
    kinds = random.permutation(np.arange(rows) % len(CLASSES))
    curves = [_curve(CLASSES[kind], length, noise, random).astype(np.float32).tolist() for kind in kinds]
    train, validation = rows * 8 // 10, rows // 10
    sides = ["train"] * train + ["validation"] * validation + ["test"] * (rows - train - validation)
    kind = pa.list_(pa.list_(pa.float32()))
    columns = {
        "vectors": pa.array(curves, kind),
        "target": [CLASSES[kind] for kind in kinds],
        "source": ["curves"] * rows,
        "line": pa.array(range(1, rows + 1), pa.int64()),
        "split": sides,
    }
    return pa.table(columns).replace_schema_metadata({"target": "target"})


def _curve(kind: str, length: int, noise: float, random: np.random.Generator) -> NDArray[np.float64]:
    """`(T, 2)`."""
    import numpy as np

    count = int(random.integers(-(-length // 2), length + 1))
    tempo = np.cumsum(random.uniform(0.5, 1.5, count))
    turn = 2 * np.pi * (tempo - tempo[0]) / (tempo[-1] - tempo[0])  # from 0 to a whole turn
    if kind.endswith("right"):
        turn = -turn
    start = random.uniform(0, 2 * np.pi)
    if kind.startswith("circle"):
        points = np.stack([np.cos(turn + start), np.sin(turn + start)], axis=1)
    else:
        points = np.stack([np.sin(2 * (turn + start)), 2 * np.sin(turn + start)], axis=1)
    radius, place = random.uniform(0.5, 2), random.normal(0, 1, 2)
    found: NDArray[np.float64] = place + radius * (points + noise * random.normal(size=points.shape))
    return found
