"""`mean`, `sum` and `max` over the valid steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.onnx_graph.graph import Graph

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

        if not isinstance(built, MeanPooling):
            return NotImplemented
        x, mask = inputs
        return graph.steps.mean(x, graph.steps.valid(mask))


class Sum(PoolerSpec):
    """Sum of the encoder's vectors: as mean, but longer texts give longer vectors."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `SumPooling` layer."""
        from kerasseq.layers.pooling import SumPooling

        return SumPooling(name="sum", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `SumPooling`."""
        from kerasseq.layers.pooling import SumPooling

        if not isinstance(built, SumPooling):
            return NotImplemented
        x, mask = inputs
        return graph.steps.weighted_sum(x, graph.steps.valid(mask))


class Max(PoolerSpec):
    """Largest value of each feature over the words of the text."""

    def build(self, directions: int) -> keras.layers.Layer:
        """Return a `MaxPooling` layer."""
        from kerasseq.layers.pooling import MaxPooling

        return MaxPooling(name="max", dtype="float32")

    def to_onnx(self, built: Any, graph: Graph, *inputs: str) -> Any:
        """The equations of `MaxPooling`."""
        from kerasseq.layers.pooling import MaxPooling

        if not isinstance(built, MaxPooling):
            return NotImplemented
        x, mask = inputs
        largest = graph.node("ReduceMax", graph.steps.masked(x, mask, graph.steps.lowest), axes=[1], keepdims=0)
        some = graph.node("ReduceMax", graph.steps.valid(mask), axes=[1], keepdims=1)  # (B, 1)
        return graph.node("Mul", largest, some)
