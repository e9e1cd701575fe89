"""`self_attention`: several weighted means of the text, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq_poolers.layers import SelfAttentionPooling

__all__ = ["SelfAttention"]


class SelfAttention(PoolerSpec):
    """Structured self-attention (Lin et al., 2017): each head is a weighted mean of its own; the heads stand side by
    side, so the vector is `heads` times as long as the encoder's. The report shows the mean weights of the heads.

    The penalty of the paper, which keeps the heads apart, is not part of it: the loss is the task's alone.
    """

    name: str = "self_attention"
    heads: Annotated[int, Field(ge=1, le=64)] = 4
    """How many weighted means, `r` in the paper (30 there)."""
    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word, `d_a` in the paper (350 there)."""

    def build(self, directions: int) -> SelfAttentionPooling:
        """Return a `SelfAttentionPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq_poolers.layers import SelfAttentionPooling

        return SelfAttentionPooling(self.heads, self.units, name="self_attention", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `SelfAttentionPooling`."""
        from kerasseq_poolers.layers import SelfAttentionPooling
        from kerasseq_poolers.onnx_nodes import attend

        if not isinstance(built, SelfAttentionPooling):
            return NotImplemented
        x, mask = inputs
        hidden = graph.node("Tanh", graph.node("MatMul", x, graph.weights(built.kernel)))
        scores = graph.node("MatMul", hidden, graph.weights(built.context))  # (B, T, R)
        pooled, weights = attend(graph, x, scores, mask)
        flat = graph.node("Reshape", pooled, graph.constant([0, -1], "int64"))
        return flat, graph.node("ReduceMean", weights, axes=[2], keepdims=0)
