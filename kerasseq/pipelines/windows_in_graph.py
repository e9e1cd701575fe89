"""Windows of a series as nodes of a graph."""

# N rows, B batch, T time, W steps of a window, H steps ahead, D numbers of a step

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.examples import MASK
from kerasseq.corpus.vector_rows import VectorRows
from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.pipeline import InGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.pipelines.windows import WindowsPipeline

__all__ = ["WindowsInGraph"]


class WindowsInGraph(InGraph):
    """Inputs `vectors` `(B, T, D)` float32, the last W of each row's `lengths` `(B,)` steps are read."""

    takes = "vectors"

    def __init__(self, pipeline: WindowsPipeline) -> None:
        self.pipeline = pipeline

    def feeds(self, samples: VectorRows) -> dict[str, NDArray[Any]]:  # type: ignore[override]
        """The steps as they are, padded with ones behind the end of a row."""
        lengths = samples.vectors.lengths
        room = max(int(lengths.max(initial=0)), self.pipeline.window)
        padded = samples.vectors.padded(np.arange(len(samples)), room, value=1).astype(np.float32)
        return {"vectors": padded.reshape(len(samples), room, self.pipeline.dimension), "lengths": lengths}

    def inputs(self, graph: Graph) -> dict[str, str]:
        """`vectors` `(B + 1, W, D)`, its mask, and `base` `(B + 1, H, D)`."""
        pipeline, node, constant = self.pipeline, graph.node, graph.constant
        dimension, window = pipeline.dimension, pipeline.window
        given = graph.input("vectors", "float32", ["batch", "time", dimension])
        lengths = graph.input("lengths", "int64", ["batch"])
        before = constant(np.arange(-window, 0, dtype=np.int64))
        places = node("Add", node("Unsqueeze", lengths, constant([1], np.int64)), before)  # (B, W)
        deep = node("Expand", node("Unsqueeze", places, constant([2], np.int64)), constant([1, 1, dimension], np.int64))
        known = node("GatherElements", given, deep, axis=1)  # (B, W, D)
        if pipeline.logarithm:
            known = node("Log", known)
        fitted = pipeline.standardiser
        mean, deviation = (constant(values, np.float32) for values in (fitted.mean, fitted.deviation))
        scaled = node("Div", node("Sub", known, mean), deviation)
        row = constant([0, 0, 0, 1, 0, 0], np.int64)
        whole = node("Pad", scaled, row)  # (B + 1, W, D)
        ahead = constant(pipeline.ahead() + window, np.int64)
        base = node("Gather", whole, ahead, axis=1)
        if pipeline.base == "none":
            base = node("Sub", base, base)
        last = node("Gather", whole, constant([window - 1], np.int64), axis=1)
        if pipeline.relative:
            whole = node("Sub", whole, last)
        if pipeline.base == "linear":
            flat = node("Reshape", whole, constant([-1, window * dimension], np.int64))
            weights, rest = (constant(values, np.float32) for values in pipeline.linear)
            said = node("Add", node("MatMul", flat, weights), rest)
            base = node("Reshape", said, constant([-1, pipeline.horizon, dimension], np.int64))
            base = node("Add", base, last) if pipeline.relative else base
        size = node("Concat", graph.size(whole, 0), constant([window], np.int64), axis=0)
        mask = node("Expand", constant([[True]]), size)
        graph.output("length", "int64", ["batch"], lengths)
        return {"vectors": whole, "vectors" + MASK: mask, "base": base}
