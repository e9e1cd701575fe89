"""`attention`: a weighted mean whose weights say which words mattered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.exporters.onnx_graph import Graph

__all__ = ["Attention"]


class Attention(PoolerSpec):
    """Word attention (Yang et al., 2016); the report shows its weights over test texts."""

    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return an `AttentionPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq.layers.pooling import AttentionPooling

        return AttentionPooling(self.units, name="attention", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `AttentionPooling`."""
        import numpy as np
        from keras import ops

        from kerasseq.layers.pooling import AttentionPooling

        if not isinstance(built, AttentionPooling):
            return NotImplemented
        x, mask = inputs
        kernel, bias, context = (
            graph.weights(ops.convert_to_numpy(w)) for w in (built.kernel, built.bias, built.context)
        )
        valid = graph.node("Cast", mask, to=1)  # (B, T)
        x = graph.node("Mul", x, graph.node("Unsqueeze", valid, graph.constant([2], np.int64)))
        hidden = graph.node("Tanh", graph.node("Add", graph.node("MatMul", x, kernel), bias))
        scores = graph.node("Squeeze", graph.node("MatMul", hidden, context), graph.constant([2], np.int64))
        scores = graph.node("Where", mask, scores, graph.constant(np.float32(-3e38)))
        powers = graph.node("Exp", graph.node("Sub", scores, graph.node("ReduceMax", scores, axes=[1], keepdims=1)))
        powers = graph.node("Mul", powers, valid)
        total = graph.node("ReduceSum", powers, graph.constant([1], np.int64), keepdims=1)
        total = graph.node("Where", graph.node("Greater", total, graph.constant(np.float32(0))), total, _one(graph))
        weights = graph.node("Div", powers, total)  # (B, T)
        row = graph.node("Unsqueeze", weights, graph.constant([1], np.int64))
        return graph.node("Squeeze", graph.node("MatMul", row, x), graph.constant([1], np.int64)), weights


def _one(graph: Graph) -> str:
    return graph.constant(1, "float32")
