"""Numbers of many units brought to mean 0 and deviation 1, dimension by dimension, as the training rows have them."""

# S rows, D dimensions

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Standardiser"]

_BLOCK = 1 << 16  # rows that are float64 at once


@dataclass(frozen=True, eq=False)
class Standardiser:
    """Subtracts a mean and divides by a deviation.

    Attributes:
        mean: `(D,)` float64.
        deviation: `(D,)` float64, above 0: 1 for a dimension that is constant in training.

    >>> import numpy as np
    >>> fitted = Standardiser.fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    >>> fitted.apply(np.array([[3.0, 6.0]])).tolist(), fitted.state()
    ([[1.0, 1.0]], {'mean': [2.0, 5.0], 'deviation': [1.0, 1.0]})
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @classmethod
    def fit(cls, rows: NDArray[Any]) -> Standardiser:
        """Mean and deviation of training rows, accumulated in float64 whatever their type.

        Args:
            rows: `(S, D)`, S at least 1, finite: every step of every training sequence, without padding.

        Raises:
            ValueError: There are no rows, or a number is not finite.
        """
        import numpy as np

        if rows.ndim != 2 or not len(rows):
            raise ValueError(f"rows must have shape (S, D) with S at least 1, got {rows.shape}")
        blocks = [slice(start, start + _BLOCK) for start in range(0, len(rows), _BLOCK)]
        mean = sum(rows[block].sum(axis=0, dtype=np.float64) for block in blocks) / len(rows)
        squares = sum(((rows[block] - mean) ** 2).sum(axis=0, dtype=np.float64) for block in blocks)
        if not np.isfinite(squares).all():
            raise ValueError("rows must be finite, and of a size whose squares float64 can hold")
        # Not by the deviation, which rounding keeps above 0
        varies = rows.min(axis=0) < rows.max(axis=0)
        deviation = np.sqrt(squares / len(rows))
        return cls(np.where(varies, mean, rows[0]), np.where(varies & (deviation > 0), deviation, 1.0))

    def apply(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Standardised values, `(..., D)` float32."""
        import numpy as np

        self._check(values)
        return ((values - self.mean) / self.deviation).astype(np.float32)

    def inverse(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Values in their own unit again, `(..., D)` float64."""
        import numpy as np

        self._check(values)
        original: NDArray[np.float64] = np.asarray(values, dtype=np.float64) * self.deviation + self.mean
        return original

    def _check(self, values: NDArray[Any]) -> None:
        if values.shape[-1] != len(self.mean):
            raise ValueError(f"values must have shape (..., D)=(..., {len(self.mean)}), got {values.shape}")

    def state(self) -> dict[str, list[float]]:
        """What `restore` takes, as JSON has it; every bit is kept."""
        return {"mean": self.mean.tolist(), "deviation": self.deviation.tolist()}

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Standardiser:
        """The same again, from what `state` gave.

        Raises:
            ValueError: It is not what `state` gives.
        """
        import numpy as np

        mean, deviation = (np.array(state.get(name), dtype=np.float64) for name in ("mean", "deviation"))
        good = mean.ndim == 1 and mean.shape == deviation.shape and np.isfinite(mean).all()
        if not good or not (np.isfinite(deviation) & (deviation > 0)).all():
            raise ValueError('state must be {"mean": [...], "deviation": [...]}, finite numbers, deviations above 0')
        return cls(mean, deviation)
