"""Vectors as nodes of a graph: standardised, and which steps are none of padding."""

# N rows, B batch, T time, D numbers of a vector

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.examples import MASK
from kerasseq.corpus.vector_rows import VectorRows
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.pipeline import InGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.pipelines.vectors import VectorsPipeline

__all__ = ["VectorsInGraph", "valid_steps"]


class VectorsInGraph(InGraph):
    """Inputs `vectors` `(B, T, D)` float32, anything behind the end of a row, and `lengths` `(B,)` int64."""

    takes = "vectors"

    def __init__(self, pipeline: VectorsPipeline) -> None:
        self.pipeline = pipeline

    def feeds(self, samples: VectorRows) -> dict[str, NDArray[Any]]:  # type: ignore[override]
        """The vectors as they are given, padded with zeros."""
        lengths = samples.vectors.lengths
        room = max(int(lengths.max(initial=0)), 1)
        padded = samples.vectors.padded(np.arange(len(samples)), room).astype(np.float32)
        return {"vectors": padded.reshape(len(samples), room, self.pipeline.dimension), "lengths": lengths}

    def inputs(self, graph: Graph) -> dict[str, str]:
        """`vectors` `(B + 1, T, D)` and their mask `(B + 1, T)`."""
        given = graph.input("vectors", "float32", ["batch", "time", self.pipeline.dimension])
        lengths = graph.input("lengths", "int64", ["batch"])
        mask = valid_steps(graph, given, lengths)
        fitted = self.pipeline.standardiser
        mean, deviation = (graph.constant(values, np.float32) for values in (fitted.mean, fitted.deviation))
        scaled = graph.node("Div", graph.node("Sub", given, mean), deviation)
        row = graph.node("Pad", graph.steps.masked(scaled, mask), graph.constant([0, 0, 0, 1, 0, 0], np.int64))
        valid = graph.node("Pad", graph.cast(mask, "int32"), graph.constant([0, 0, 1, 0], np.int64))
        graph.output("length", "int64", ["batch"], lengths)
        return {"vectors": row, "vectors" + MASK: graph.cast(valid, "bool")}


def valid_steps(graph: Graph, given: str, lengths: str) -> str:
    """Which steps of `(B, T, ...)` lie before the end of their row, `(B, T)` bool."""
    zero, one = graph.constant(np.int64(0)), graph.constant(np.int64(1))
    steps = graph.node("Range", zero, graph.node("Squeeze", graph.size(given, 1)), one)
    return graph.node("Less", steps, graph.node("Unsqueeze", lengths, graph.constant([1], np.int64)))
