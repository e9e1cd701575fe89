"""Windows of a series to the inputs of a model: in deviations, less what is known anyway."""

# N windows, W steps of a window, H steps of a horizon, D numbers of a step

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.standardise import Standardiser
from kerasseq.corpus.vector_counts import VectorCounts
from kerasseq.corpus.vector_rows import VectorRows, ragged_vectors
from kerasseq.metrics.season import find_season
from kerasseq.pipelines.pipeline import Pipeline
from kerasseq.pipelines.readers.vectors import VectorReader
from kerasseq.pipelines.vectors import given_vectors

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.windows_in_graph import WindowsInGraph

__all__ = ["WindowsPipeline", "restored_windows"]

Base = Literal["none", "last", "season", "linear"]


class Linear(NamedTuple):
    """A linear function of a window, in the model's unit.

    Attributes:
        weights: `(W D, H D)`.
        constant: `(H D,)`.
    """

    weights: NDArray[np.float64]
    constant: NDArray[np.float64]


class WindowsPipeline(Pipeline):
    """The model's unit is a deviation of the training part, of logarithms where it learns on these.

    Args:
        window: Steps W that the model sees.
        horizon: Steps H that it says.
        season: Steps of a season, at most W; 0 to find it in training.
        logarithm: Learn on logarithms.
        relative: Show the window less its last step.
        base: What the model's answer is added to.
    """

    noun = "the steps before"
    row = "window"
    example = "--input series.csv"
    made_of = "windows of random numbers"
    oddities = "a window of zeros and one of large numbers"
    way = "steps to deviations and back"
    way_parts = "means, deviations and what an answer is added to"

    def __init__(self, window: int, horizon: int, season: int, logarithm: bool, relative: bool, base: Base) -> None:
        self.window = window
        self.horizon = horizon
        self.season = season
        self.logarithm = logarithm
        self.relative = relative
        self.base = base
        self.standardiser = Standardiser(np.zeros(1), np.ones(1))
        self.scale = np.ones(1)
        self.linear = Linear(np.zeros((window, horizon)), np.zeros(horizon))

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Steps of a window."""
        return self.window

    @property
    def names(self) -> tuple[str, ...]:
        """`vectors`."""
        return ("vectors",)

    @property
    def dimension(self) -> int:
        """Numbers of a step."""
        return len(self.standardiser.mean)

    def samples(self, table: pa.Table) -> VectorRows:
        """The windows of a table."""
        return VectorRows(ragged_vectors(table["vectors"], "float64"), table["step"].to_pylist())

    def given(self, *columns: Any) -> VectorRows:
        """A list of arrays `(T, D)` of the steps known so far, W at least; the last W of them are read."""
        return VectorRows(given_vectors(columns[0], self.dimension, self.window))

    @property
    def reader(self) -> VectorReader:
        """The steps known so far, a row; or a series."""
        return VectorReader()

    def fit(self, samples: VectorRows, table: pa.Table | None = None) -> None:  # type: ignore[override]
        """Learn means, deviations, the season, and what MASE calls 1, from the steps of the training part.

        Args:
            samples: Its windows.
            table: The same with their targets; without them the last steps are not seen.
        """
        from kerasseq.metrics.forecast import seasonal_scale

        series = samples.vectors.flat.reshape(-1, self.window, samples.vectors.shape[0])
        steps = np.concatenate([series[0], series[1:, -1]])
        if table is not None:
            last = np.array(table["target"][table.num_rows - 1].as_py(), dtype=np.float64)
            steps = np.concatenate([steps, last])
        self.standardiser = Standardiser.fit(np.log(steps) if self.logarithm else steps)
        if not self.season:
            found = find_season(steps)
            self.season = found if found <= self.window else 1
        self.scale = seasonal_scale(steps, max(self.season, 1))
        if self.base == "linear" and table is not None:
            targets = np.array(table["target"].to_pylist(), dtype=np.float64)
            self.linear = self._fitted(self.scaled(series), self.scaled(targets))

    def _fitted(self, windows: NDArray[np.float64], targets: NDArray[np.float64]) -> Linear:
        """The ridge regression from windows `(N, W, D)` to targets `(N, H, D)`, from the last step on where those are
        relative."""
        from kerasseq.metrics.forecast_baselines import fitted_ridge

        last = windows[:, -1:] if self.relative else 0
        inputs, targets = windows - last, targets - last
        return Linear(*fitted_ridge(inputs.reshape(len(inputs), -1), targets.reshape(len(targets), -1), self.horizon))

    def scaled(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Numbers of the data in the model's unit."""
        known = np.log(np.maximum(values, np.finfo(np.float64).tiny)) if self.logarithm else values
        return (known - self.standardiser.mean) / self.standardiser.deviation

    def original(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The model's unit as numbers of the data."""
        found = self.standardiser.inverse(values)
        return np.exp(found) if self.logarithm else found

    def ahead(self) -> NDArray[np.int64]:
        """Of each step ahead the step of the window that it is added to, from its end: `(H,)`."""
        if self.base == "season" and self.season > 1:
            return np.arange(self.horizon) % self.season - self.season
        return np.full(self.horizon, -1)

    def encode(self, samples: VectorRows, on_disk: bool = False) -> tuple[dict[str, Values], VectorCounts]:  # type: ignore[override]
        """`vectors` `(W, D)` each, and `base` `(N, H, D)`, what the answer is added to."""
        count, vectors = len(samples), samples.vectors
        places = vectors.offsets[1:, None] + np.arange(-self.window, 0)
        windows = self.scaled(vectors.flat.reshape(-1, self.dimension)[places])  # (N, W, D)
        base = np.zeros((count, self.horizon, self.dimension))
        if self.base in ("last", "season"):
            base = windows[:, self.ahead()]
        last = windows[:, -1:] if self.relative else np.zeros((count, 1, self.dimension))
        windows = windows - last
        if self.base == "linear":
            said = windows.reshape(count, -1) @ self.linear.weights + self.linear.constant
            base = said.reshape(base.shape) + last
        offsets = np.arange(count + 1, dtype=np.int64) * self.window
        ragged = Ragged(windows.astype(np.float32).reshape(-1, self.dimension), offsets)
        counts = VectorCounts(count, count * self.window, row=self.row)
        return {"vectors": ragged, "base": base.astype(np.float32)}, counts

    def _rows(self, values: NDArray[np.float64]) -> VectorRows:
        """`(N, W, D)` in the model's unit as rows of the data."""
        flat = self.original(values).reshape(-1, self.dimension)
        return VectorRows(Ragged(flat, np.arange(len(values) + 1, dtype=np.int64) * self.window))

    def made(self) -> VectorRows:
        """Windows of random numbers, of the mean alone, and of large ones."""
        drawn = np.random.default_rng(0).normal(size=(20, self.window, self.dimension))
        return self._rows(np.concatenate([drawn, np.zeros_like(drawn[:1]), 3 * drawn[:2]]))

    def random(self, rows: int) -> VectorRows:
        """Windows of random numbers."""
        return self._rows(np.random.default_rng(0).normal(size=(rows, self.window, self.dimension)))

    def odd(self, samples: VectorRows) -> VectorRows:  # type: ignore[override]
        """Behind the windows one of the mean and one of large numbers."""
        more = self._rows(np.array([[[0.0]], [[3.0]]]) * np.ones((2, self.window, self.dimension))).vectors
        rows = [samples.vectors[row][-self.window :] for row in range(len(samples))]
        return VectorRows(Ragged.from_lists([*rows, *(more[0], more[1])], "float64", (self.dimension,)))

    def in_graph(self) -> WindowsInGraph:
        """Numbers of the data in, scaled windows and the base out."""
        from kerasseq.pipelines.windows_in_graph import WindowsInGraph

        return WindowsInGraph(self)

    def save(self, folder: Path) -> None:
        """Nothing: `task.json` holds it all."""

    def describe(self) -> dict[str, Any]:
        """How many steps of how many numbers are read and said."""
        sizes = {"window": self.window, "horizon": self.horizon}
        return {"pair": "single", "dimension": self.dimension, **sizes}

    def steps(self) -> dict[str, Any]:
        """Means, deviations and the rest that stands before the model."""
        settings = {"logarithm": self.logarithm, "relative": self.relative, "base": self.base}
        return {**self.state(), **settings}

    def state(self) -> dict[str, Any]:
        """What was learned."""
        found = {**self.standardiser.state(), "season": self.season, "scale": np.nan_to_num(self.scale).tolist()}
        if self.base == "linear":
            found |= {name: values.tolist() for name, values in self.linear._asdict().items()}
        return found


def restored_windows(spec: Any, state: Mapping[str, Any]) -> WindowsPipeline:
    """The pipeline of a `Forecast`, from what `WindowsPipeline.state` gave."""
    season = int(state["season"])
    pipeline = WindowsPipeline(spec.window, spec.horizon, season, spec.logarithm, spec.relative, spec.base)
    pipeline.standardiser = Standardiser.restore(state)
    if spec.base == "linear":
        pipeline.linear = Linear(*(np.array(state[name], dtype=np.float64) for name in Linear._fields))
    scale = np.array(state["scale"], dtype=np.float64)
    pipeline.scale = np.where(scale > 0, scale, np.nan)
    return pipeline
