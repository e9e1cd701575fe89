"""Sequences of vectors to the inputs of a model: standardised by what the training rows have."""

# N rows, T time, D numbers of a vector

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.standardise import Standardiser
from kerasseq.corpus.vector_counts import VectorCounts
from kerasseq.corpus.vector_rows import VectorRows, ragged_vectors
from kerasseq.errors import DataError, UsageError
from kerasseq.files import guarded, write_json
from kerasseq.metrics.vector_baselines import summary
from kerasseq.pipelines.made_texts import LENGTHS
from kerasseq.pipelines.pipeline import Pipeline
from kerasseq.pipelines.readers.vectors import VectorReader

if TYPE_CHECKING:
    import pyarrow as pa

    from kerasseq.corpus.examples import Values
    from kerasseq.pipelines.vectors_in_graph import VectorsInGraph

__all__ = ["VectorsPipeline", "given_vectors", "vector_pipeline"]

LONGEST = 100_000
"""Most vectors of a row."""


class VectorsPipeline(Pipeline):
    """Vectors as they are, but for mean 0 and deviation 1 in each of their numbers.

    Args:
        standardiser: Fitted, or None before `fit`.
        longest: Vectors of the longest training row.
    """

    noun = "a sequence of vectors"
    row = "sequence"
    made_lengths = LENGTHS
    example = "--input rows.npz"
    made_of = "sequences of random vectors"
    oddities = "sequences of one vector and of many"
    way = "vectors to deviations"
    way_parts = "means, deviations and labels"

    def __init__(self, standardiser: Standardiser | None = None, longest: int = 0) -> None:
        self._standardiser = standardiser
        self._longest = longest

    @property
    def standardiser(self) -> Standardiser:
        """What the training rows have.

        Raises:
            UsageError: Nothing was fitted.
        """
        if self._standardiser is None:
            raise UsageError("vectors: must be fitted before they are encoded")
        return self._standardiser

    @property
    def max_length(self) -> int:  # type: ignore[override]
        """Most vectors of a row that batches are made for."""
        return max(self._longest, 8)

    @property
    def names(self) -> tuple[str, ...]:
        """`vectors`."""
        return ("vectors",)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return len(self.standardiser.mean)

    def samples(self, table: pa.Table) -> VectorRows:
        """The vectors of a table."""
        return VectorRows(ragged_vectors(table["vectors"]))

    def given(self, *columns: Any) -> VectorRows:
        """A list of arrays `(T, D)`."""
        return VectorRows(given_vectors(columns[0], self.dimension))

    @property
    def reader(self) -> VectorReader:
        """A sequence a row."""
        return VectorReader()

    def fit(self, samples: VectorRows) -> None:  # type: ignore[override]
        """Learn means and deviations."""
        if not len(samples.vectors.flat):
            raise DataError("train: must have a vector in some row, got none")
        self._standardiser = Standardiser.fit(samples.vectors.flat)
        self._longest = int(samples.vectors.lengths.max())

    def encode(self, samples: VectorRows, on_disk: bool = False) -> tuple[dict[str, Values], VectorCounts]:  # type: ignore[override]
        """`vectors`, standardised, float32.

        Raises:
            DataError: The vectors have another width than the training rows'.
        """
        given = samples.vectors
        if len(given.flat) and given.shape != (self.dimension,):
            got = given.shape[0] if given.shape else 1
            raise DataError(f"vectors: must have {self.dimension} numbers each, as in training, got {got}")
        flat = self.standardiser.apply(given.flat.reshape(-1, self.dimension))
        ragged = Ragged(flat, given.offsets)
        lengths = given.lengths
        return {"vectors": ragged}, VectorCounts(len(given), int(lengths.sum()), int((lengths == 0).sum()))

    def made(self) -> VectorRows:
        """Rows of random vectors at every length, of zeros, and of large numbers."""
        random = np.random.default_rng(0)
        mean, deviation = self.standardiser.mean, self.standardiser.deviation
        sizes = [length for length in LENGTHS for _ in range(3)]
        rows = [mean + deviation * random.normal(size=(size, self.dimension)) for size in sizes]
        rows += [np.zeros((5, self.dimension)), mean + 50 * deviation * random.normal(size=(3, self.dimension))]
        return VectorRows(Ragged.from_lists(rows, "float32", (self.dimension,)))

    def random(self, rows: int) -> VectorRows:
        """Rows of random vectors, up to 60 long."""
        random = np.random.default_rng(0)
        mean, deviation = self.standardiser.mean, self.standardiser.deviation
        sizes = random.integers(1, 61, size=rows)
        drawn = [mean + deviation * random.normal(size=(size, self.dimension)) for size in sizes]
        return VectorRows(Ragged.from_lists(drawn, "float32", (self.dimension,)))

    def odd(self, samples: VectorRows) -> VectorRows:  # type: ignore[override]
        """Behind the rows one of a single vector, and one of 200."""
        flat = samples.vectors.flat if len(samples.vectors.flat) else np.zeros((1, self.dimension), np.float32)
        long = np.resize(flat, (200, self.dimension))
        rows = [samples.vectors[row] for row in range(len(samples))]
        return VectorRows(Ragged.from_lists([*rows, flat[:1], long], "float32", (self.dimension,)))

    def baseline_numbers(self, samples: VectorRows) -> Any:  # type: ignore[override]
        """Mean, deviation, first and last vector of each row."""
        return summary(samples.vectors.flat, samples.vectors.offsets)

    def in_graph(self) -> VectorsInGraph:
        """Vectors and lengths in, standardised vectors and a mask out."""
        from kerasseq.pipelines.vectors_in_graph import VectorsInGraph

        return VectorsInGraph(self)

    def save(self, folder: Path) -> None:
        """Write `pipeline.json`: means, deviations, the longest row."""
        write_json(folder / "pipeline.json", {**self.standardiser.state(), "longest": self._longest})

    def describe(self) -> dict[str, Any]:
        """How wide a vector is."""
        return {"pair": "single", "dimension": self.dimension}

    def steps(self) -> dict[str, Any]:
        """Means and deviations."""
        return {"standardise": self.standardiser.state()}


def vector_pipeline(folder: Path | None = None) -> VectorsPipeline:
    """A new pipeline, or the fitted one of a run in `folder`.

    Raises:
        RunError: The run's file is missing or damaged.
    """
    if folder is None:
        return VectorsPipeline()
    path = folder / "pipeline.json"
    with guarded(path, "what training wrote"):
        state = json.loads(path.read_text(encoding="utf-8"))
        return VectorsPipeline(Standardiser.restore(state), int(state["longest"]))


def given_vectors(rows: Any, dimension: int, least: int = 0) -> Ragged:
    """Arrays as a person gives them, with all that is wrong with them.

    Args:
        rows: A list of arrays `(T, D)`; of vectors of one number `(T,)` will do.
        dimension: Numbers in a vector.
        least: Vectors that a row must have.

    Raises:
        DataError: With what is wrong with each row.
    """
    if isinstance(rows, str | bytes) or not hasattr(rows, "__iter__"):
        raise UsageError(f"vectors: must be a list of arrays, got {type(rows).__name__}")
    arrays, wrong = [], []
    for place, row in enumerate(rows, start=1):
        try:
            array = np.asarray(row, dtype=np.float64)
        except (TypeError, ValueError):
            wrong.append(f"vectors: row {place}: must be numbers of one shape, (T, {dimension})")
            continue
        array = array[:, None] if array.ndim == 1 and dimension == 1 else array
        if array.ndim != 2 or array.shape[1] != dimension:
            wrong.append(f"vectors: row {place}: must have shape (T, {dimension}), got {np.shape(row)}")
        elif not np.isfinite(array).all():
            wrong.append(f"vectors: row {place}: must be finite, got a number that is none")
        elif len(array) < least:
            wrong.append(f"vectors: row {place}: must have at least {least} steps, got {len(array)}")
        arrays.append(array)
    if wrong:
        raise DataError("\n".join([*wrong[:20], *([f"and {len(wrong) - 20} more"] if len(wrong) > 20 else [])]))
    return Ragged.from_lists(arrays, "float64", (dimension,))
