"""`regression`: a score in its own unit."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from kerasseq.arrays.numbers import LARGEST
from kerasseq.corpus.targets import FAR, far, numbers
from kerasseq.tasks.sequence import SequenceTaskSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.pipelines.pipeline import Pipeline
    from kerasseq.tasks.regressor import Regressor

__all__ = ["Regression"]

log = logging.getLogger("kerasseq")


class Regression(SequenceTaskSpec):
    """Relevance from 0 to 10, a rating from 1 to 10: one number per text."""

    target = "number"

    loss: Literal["mse", "mae", "huber"] = "mse"
    """What training makes small, in the standardised unit. `huber` is quadratic up to 1 deviation, then linear."""
    standardise: bool = True
    """Train on targets with mean 0 and deviation 1 (of the training rows); answers come back in their unit."""
    range: Annotated[tuple[float, ...], Field(max_length=2)] = ()
    """Lowest and highest possible score, `[0, 10]`; no answer can leave it. Empty for no limits."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    """Dropout on the pooled text before the head, in [0, 1)."""

    @field_validator("range")
    @classmethod
    def _range_ascends(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if value and not (len(value) == 2 and value[0] < value[1]):
            raise ValueError(f"must be [lowest, highest] with lowest < highest, got {list(value)}")
        if max(map(abs, value), default=0) > LARGEST:
            raise ValueError(f"must lie between -{LARGEST:g} and {LARGEST:g}, got {list(value)}")
        return value

    def learned(self, targets: pa.ChunkedArray[Any], pipeline: Pipeline) -> Regressor:
        """Learn mean and deviation from the training targets; rows that are no number are `targets`'s to report."""
        import numpy as np

        values = numbers(targets)
        finite = values[np.isfinite(values)]
        if not len(finite) or finite.min() == finite.max():  # not by the deviation, which rounding keeps above 0
            return self.restored({"mean": float(finite[0]) if len(finite) else 0.0, "deviation": 1.0}, pipeline)
        if len(places := far(finite)):
            rule = f"further from the median than {FAR:g} widths of the middle half, as {finite[places[0]]:g} does"
            log.warning("target: %d of %d lie %s; see kerasseq dataset check", len(places), len(finite), rule)
        mean = math.fsum(finite) / len(finite)
        deviation = math.sqrt(math.fsum((float(n) - mean) ** 2 for n in finite) / len(finite))
        return self.restored({"mean": mean, "deviation": deviation}, pipeline)

    def restored(self, state: Mapping[str, Any], pipeline: Pipeline) -> Regressor:
        """The built task again."""
        from kerasseq.tasks.regressor import Regressor

        return Regressor(self, pipeline, float(state["mean"]), float(state["deviation"]))
