"""`gated`: attention whose scores pass a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph
    from kerasseq_poolers.layers import GatedPooling

__all__ = ["Gated"]


class Gated(PoolerSpec):
    """Gated attention (Ilse, Tomczak & Welling, 2018): a weighted mean whose scores are a tanh times a sigmoid, since
    tanh alone is nearly linear around zero. The report shows its weights over test texts."""

    name: str = "gated"
    units: Annotated[int, Field(ge=1, le=8192)] = 128
    """Size of the hidden layer that scores a word, and of its gate."""

    def build(self, directions: int) -> GatedPooling:
        """Return a `GatedPooling` layer, which gives `(pooled, weights)`."""
        from kerasseq_poolers.layers import GatedPooling

        return GatedPooling(self.units, name="gated", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `GatedPooling`."""
        from kerasseq_poolers.layers import GatedPooling
        from kerasseq_poolers.onnx_nodes import attend

        if not isinstance(built, GatedPooling):
            return NotImplemented
        x, mask = inputs
        value = graph.node("Tanh", graph.node("MatMul", x, graph.weights(built.kernel)))
        gate = graph.node("Sigmoid", graph.node("MatMul", x, graph.weights(built.gate)))
        scores = graph.node("MatMul", graph.node("Mul", value, gate), graph.weights(built.context))  # (B, T, 1)
        pooled, weights = attend(graph, x, scores, mask)
        pooled = graph.node("Squeeze", pooled, graph.constant([1], "int64"))
        return pooled, graph.node("Squeeze", weights, graph.constant([2], "int64"))
