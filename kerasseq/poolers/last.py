"""`last`: the encoder's final state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.exporters.onnx_graph import Graph

__all__ = ["Last"]


class Last(PoolerSpec):
    """Final state of the encoder; of a bidirectional one, each direction's own final state side by side."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `LastPooling` layer."""
        from kerasseq.layers.pooling import LastPooling

        return LastPooling(directions, name="last", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """Sum what stands at the step of each direction; of an empty text, nothing."""
        import numpy as np

        from kerasseq.layers.pooling import LastPooling

        if not isinstance(built, LastPooling):
            return NotImplemented
        x, mask = inputs
        valid = graph.node("Cast", mask, to=1)  # (B, T) float
        ones = graph.constant([1], np.int64)
        count = graph.node("ReduceSum", valid, ones, keepdims=1)  # (B, 1)
        so_far = graph.node("CumSum", valid, graph.constant(np.int64(1)))
        last = graph.node("Mul", graph.node("Cast", graph.node("Equal", so_far, count), to=1), valid)
        if built.directions == 1:
            return _summed(graph, x, last)
        one = graph.constant(np.float32(1))
        first = graph.node("Mul", graph.node("Cast", graph.node("Equal", so_far, one), to=1), valid)
        halves = graph.nodes("Split", x, outputs=2, axis=2)
        return graph.node("Concat", _summed(graph, halves[0], last), _summed(graph, halves[1], first), axis=1)


def _summed(graph: Graph, x: str, weights: str) -> str:
    """`(B, T, U)`, `(B, T)` -> `(B, U)`."""
    row = graph.node("Unsqueeze", weights, graph.constant([1], "int64"))
    return graph.node("Squeeze", graph.node("MatMul", row, x), graph.constant([1], "int64"))
