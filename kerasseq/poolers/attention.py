"""`attention`: a weighted mean whose weights say which words mattered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.onnx_graph.graph import Graph

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

        from kerasseq.layers.pooling import AttentionPooling

        if not isinstance(built, AttentionPooling):
            return NotImplemented
        x, mask = inputs
        kernel, bias, context = (graph.weights(w) for w in (built.kernel, built.bias, built.context))
        x = graph.steps.masked(x, mask)
        hidden = graph.node("Tanh", graph.node("Add", graph.node("MatMul", x, kernel), bias))
        scores = graph.node("MatMul", hidden, context)  # (B, T, 1)
        weights = graph.node("Squeeze", graph.steps.softmax(scores, mask), graph.constant([2], np.int64))  # (B, T)
        return graph.steps.weighted_sum(x, weights), weights
