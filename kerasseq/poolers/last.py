"""`last`: the encoder's final state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.spec import PoolerSpec

if TYPE_CHECKING:
    import keras

    from kerasseq.onnx_graph.graph import Graph

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
        so_far = graph.node("CumSum", graph.steps.valid(mask), graph.constant(np.int64(1)))  # (B, T)

        def at(half: str, step: str) -> str:
            """What stands where so many steps were valid, `(B, U)`."""
            there = graph.node("And", mask, graph.node("Equal", so_far, step))
            return graph.steps.weighted_sum(half, graph.cast(there, "float32"))

        last = graph.steps.count(mask)  # (B, 1)
        if built.directions == 1:
            return at(x, last)
        halves = graph.nodes("Split", x, outputs=2, axis=2)
        return graph.node("Concat", at(halves[0], last), at(halves[1], graph.constant(np.float32(1))), axis=1)
