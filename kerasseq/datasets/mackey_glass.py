"""`[dataset] name = "mackey_glass"`: a series that follows a law without noise, and repeats itself never."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from kerasseq.spec import DatasetSpec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MackeyGlass"]


class MackeyGlass(DatasetSpec):
    """Blood cells after Mackey & Glass (1977): `dx/dt = 0.2 x(t - delay) / (1 + x(t - delay)^10) - 0.1 x(t)`.

    From a delay of about 17 on it is chaotic. What comes next follows from what was, and not by a straight line.
    """

    row_kind: ClassVar[str] = "series"

    name: str = "mackey_glass"
    """The component."""
    steps: Annotated[int, Field(ge=100, le=1_000_000)] = 1500
    """Length of the series; a step is as long as six units of time."""
    delay: Annotated[int, Field(ge=1, le=300)] = 17
    """Of the law, in units of time."""
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Deviation of what is added to every step that is measured; the law itself has none."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Seed of the start and of the noise."""

    def build(self) -> pa.Table:
        """Follow the law.

        Returns:
            `values` (a list of one number), `source`, `line`, a row a step.
        """
        import numpy as np
        import pyarrow as pa

        random = np.random.default_rng(self.seed)
        parts, every, warm = 10, 60, 100  # a tenth of a unit is integrated, six units are a step
        delay, count = self.delay * parts, (self.steps + warm) * every
        x = np.empty(count + delay)
        x[: delay + 1] = 1.2 + 0.1 * random.normal(size=delay + 1)
        for step in range(delay, count + delay - 1):
            before = x[step - delay]
            x[step + 1] = x[step] + (0.2 * before / (1 + before**10) - 0.1 * x[step]) / parts
        series = x[delay::every][warm : warm + self.steps] + self.noise * random.normal(size=self.steps)
        columns = {
            "values": pa.array([[value] for value in series.tolist()], pa.list_(pa.float64())),
            "source": ["mackey_glass"] * self.steps,
            "line": pa.array(range(1, self.steps + 1), pa.int64()),
        }
        return pa.table(columns).replace_schema_metadata({"target": "value", "columns": '["value"]'})
