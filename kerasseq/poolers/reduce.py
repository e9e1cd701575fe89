"""`mean`, `sum` and `max` over the valid steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.exporters.onnx_graph import Graph

__all__ = ["Max", "Mean", "Sum"]


class Mean(PoolerSpec):
    """Mean of the encoder's vectors over the words of the text; the lectures' masked mean."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `MeanPooling` layer."""
        from kerasseq.layers.pooling import MeanPooling

        return MeanPooling(name="mean", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `MeanPooling`."""
        from kerasseq.layers.pooling import MeanPooling

        return _mean(graph, *inputs) if isinstance(built, MeanPooling) else NotImplemented


class Sum(PoolerSpec):
    """Sum of the encoder's vectors: as mean, but longer texts give longer vectors."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `SumPooling` layer."""
        from kerasseq.layers.pooling import SumPooling

        return SumPooling(name="sum", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `SumPooling`."""
        from kerasseq.layers.pooling import SumPooling

        return _sum(graph, *inputs) if isinstance(built, SumPooling) else NotImplemented


class Max(PoolerSpec):
    """Largest value of each feature over the words of the text."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `MaxPooling` layer."""
        from kerasseq.layers.pooling import MaxPooling

        return MaxPooling(name="max", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `MaxPooling`."""
        from kerasseq.layers.pooling import MaxPooling

        return _max(graph, *inputs) if isinstance(built, MaxPooling) else NotImplemented


def _valid(graph: Graph, mask: str) -> str:
    """`(B, T, 1)` float."""
    return graph.node("Unsqueeze", graph.node("Cast", mask, to=1), graph.constant([2], "int64"))


def _sum(graph: Graph, x: str, mask: str) -> str:
    valid = graph.node("Mul", x, _valid(graph, mask))
    return graph.node("ReduceSum", valid, graph.constant([1], "int64"), keepdims=0)


def _mean(graph: Graph, x: str, mask: str) -> str:
    count = graph.node("ReduceSum", _valid(graph, mask), graph.constant([1], "int64"), keepdims=0)  # (B, 1)
    return graph.node("Div", _sum(graph, x, mask), graph.node("Max", count, graph.constant(1, "float32")))


def _max(graph: Graph, x: str, mask: str) -> str:
    valid = graph.node("Greater", _valid(graph, mask), graph.constant(0, "float32"))
    largest = graph.node(
        "ReduceMax", graph.node("Where", valid, x, graph.constant(-3e38, "float32")), axes=[1], keepdims=0
    )
    some = graph.node("ReduceMax", _valid(graph, mask), axes=[1], keepdims=0)  # (B, 1)
    return graph.node("Mul", largest, some)
