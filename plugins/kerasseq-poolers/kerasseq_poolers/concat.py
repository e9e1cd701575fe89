"""`concat`: several poolers end to end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kerasseq.spec import PoolerSpec
from kerasseq_poolers.gated import Gated
from kerasseq_poolers.last_k import LastK
from kerasseq_poolers.self_attention import SelfAttention
from kerasseq_poolers.top_k_mean import TopKMean

if TYPE_CHECKING:
    from kerasseq.exporters.onnx_graph import Graph
    from kerasseq_poolers.layers import ConcatPooling

__all__ = ["Concat"]

Part = Literal["mean", "sum", "max", "last", "self_attention", "gated", "last_k", "top_k_mean"]

_OURS: dict[str, PoolerSpec] = {spec.name: spec for spec in (SelfAttention(), Gated(), LastK(), TopKMean())}


class Concat(PoolerSpec):
    """Several poolers of the same states, end to end: last, max and mean are the concat pooling of Howard & Ruder
    (2018). Each has its default settings. Weights of attention are not given on."""

    name: str = "concat"
    of: Annotated[tuple[Part, ...], Field(min_length=2, max_length=8)] = ("last", "max", "mean")
    """Names of the poolers, in the order of their vectors."""

    def build(self, directions: int) -> ConcatPooling:
        """Return a `ConcatPooling` layer."""
        from kerasseq_poolers.layers import ConcatPooling

        return ConcatPooling([_part(name, directions) for name in self.of], name="concat", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The parts, joined."""
        from kerasseq_poolers.layers import ConcatPooling

        if not isinstance(built, ConcatPooling):
            return NotImplemented
        return graph.node("Concat", *(_nodes(part, graph, *inputs) for part in built.poolers), axis=1)


def _part(name: str, directions: int) -> Any:
    """The layer of one part."""
    from kerasseq.layers import LastPooling, MaxPooling, MeanPooling, SumPooling

    if name in _OURS:
        return _OURS[name].build(directions)
    if name == "last":
        return LastPooling(directions, name=name, dtype="float32")
    return {"mean": MeanPooling, "sum": SumPooling, "max": MaxPooling}[name](name=name, dtype="float32")


def _nodes(part: Any, graph: Graph, x: str, mask: str) -> str:
    """The vector of one part."""
    from kerasseq.layers import LastPooling, MaxPooling, MeanPooling
    from kerasseq_poolers import onnx_nodes

    for spec in _OURS.values():
        made = spec.to_onnx(part, graph, x, mask)
        if made is not NotImplemented:
            return str(made[0]) if isinstance(made, tuple) else str(made)
    if isinstance(part, LastPooling):
        return onnx_nodes.last_k(graph, x, mask, 1, part.directions)
    if isinstance(part, MaxPooling):
        return onnx_nodes.top_k_mean(graph, x, mask, 1)
    total = onnx_nodes.weighted_sum(graph, x, graph.node("Cast", mask, to=onnx_nodes.FLOAT))
    return onnx_nodes.divided(graph, total, onnx_nodes.count(graph, mask)) if isinstance(part, MeanPooling) else total
