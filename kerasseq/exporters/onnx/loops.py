"""`keras.layers.RNN` around any cell: a loop over the steps, whose body is what the cell computes.

Masks stand at the end of a row here, for ids fill rows from the left.
"""

# B batch, T time, D features in, U features out

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops, tree

from kerasseq.onnx_graph.graph import Graph, Inexpressible

__all__ = ["is_loop", "looped"]

Follow = Callable[[Any, Sequence[str], Sequence[Any]], list[str]]
"""`follow(cell, names, symbols)` adds the nodes of a cell's `call`: `names` are the step `(B, D)` and the states, and
`symbols` the symbolic tensors that say their shapes. Gives the output and the states behind the step."""


def is_loop(layer: Any) -> bool:
    """Whether it is `keras.layers.RNN` around a cell, in one direction or two."""
    inner = layer.forward_layer if isinstance(layer, keras.layers.Bidirectional) else layer
    return isinstance(inner, keras.layers.RNN) and hasattr(inner, "cell")


def looped(
    graph: Graph, layer: Any, follow: Follow, x: str, features: int, mask: str = "", exact: bool = False
) -> str | list[str]:
    """Nodes of a layer that `is_loop`.

    Args:
        graph: Where to.
        layer: Built.
        follow: See `Follow`.
        x: `(B, T, D)`.
        features: D.
        mask: `(B, T)` bool, or none.
        exact: Keep what Keras gives at masked steps, which nothing reads that keeps to masks.

    Returns:
        `(B, T, U)`, or `(B, U)` of a layer that returns its last output alone; with `return_state` a list of that and
        of each state, `(B, ...)`.

    Raises:
        Inexpressible: Its settings, or what the cell computes, have no form in ONNX.
    """
    if not isinstance(layer, keras.layers.Bidirectional):
        found, *states = _Way(graph, layer, follow, features).walk(x, mask, exact)
        if layer.return_sequences and layer.go_backwards:  # Keras gives the steps as it reads them
            found = _reversed(graph, found)
        return [found, *states] if layer.return_state else found
    if layer.merge_mode != "concat" or layer.return_state:
        raise Inexpressible(f"layer {layer.name!r}: must join its directions by concat, and return no states")
    ways = (layer.forward_layer, layer.backward_layer)
    return graph.node("Concat", *(_Way(graph, way, follow, features).walk(x, mask, exact)[0] for way in ways), axis=-1)


class _Way:
    """One direction."""

    def __init__(self, graph: Graph, layer: Any, follow: Follow, features: int) -> None:
        if layer.stateful:
            raise Inexpressible(f"layer {layer.name!r}: must keep no state between calls")
        self.graph, self.layer, self.follow = graph, layer, follow
        # rows that are alike, as zeros are
        self.starts = [ops.convert_to_numpy(start)[:1] for start in tree.flatten(layer.get_initial_state(1))]
        self.units = getattr(layer.cell, "output_size", None) or tree.flatten(layer.state_size)[0]
        shapes = [(features,), *(start.shape[1:] for start in self.starts)]
        self.symbols = [keras.KerasTensor((None, *shape), "float32") for shape in shapes]

    def walk(self, x: str, mask: str, exact: bool) -> list[str]:
        """Outputs, the steps at their places, and the states behind the last step."""
        graph, layer, count = self.graph, self.layer, len(self.starts)
        repeats = bool(mask) and exact and layer.return_sequences and not layer.zero_output_for_mask
        keeps = repeats or not layer.return_sequences
        starts = [*self.starts, np.zeros((1, self.units))] if keeps else self.starts

        def body(*given: str) -> tuple[list[str], list[str]]:
            before, now = given[: len(starts)], given[len(starts) :]
            output, *after = self.follow(layer.cell, [now[0], *before[:count]], self.symbols)
            after = [*after, output] if keeps else after
            if mask:
                pairs = zip(after, before, starts, strict=True)
                after = [self._where(now[1], new, old, start.ndim - 1) for new, old, start in pairs]
            return after, [after[-1] if keeps else output]

        steps = [graph.node("Transpose", each, perm=perm) for each, perm in ((x, [1, 0, 2]), (mask, [1, 0])) if each]
        *ends, outputs = graph.scan([self._start(x, row) for row in starts], steps, body, layer.go_backwards)
        if not layer.return_sequences:
            return [ends[-1], *ends[:count]]
        outputs = graph.node("Transpose", outputs, perm=[1, 0, 2])
        if mask and layer.zero_output_for_mask:
            outputs = self._where(mask, outputs, graph.constant(np.float32(0)), 1)
        return [outputs, *ends[:count]]

    def _start(self, x: str, row: Any) -> str:
        """A state before the first step, `(B, ...)`."""
        sizes = self.graph.node("Concat", self.graph.size(x, 0), self.graph.constant(row.shape[1:], np.int64), axis=0)
        return self.graph.node("Expand", self.graph.constant(row, np.float32), sizes)

    def _where(self, mask: str, new: str, old: str, more: int) -> str:
        """`new` where the mask is true, else `old`, which have `more` axes behind those of the mask."""
        axes = self.graph.constant(list(range(-more, 0)), np.int64)
        return self.graph.node("Where", self.graph.node("Unsqueeze", mask, axes), new, old)


def _reversed(graph: Graph, x: str) -> str:
    back = graph.constant([-1], np.int64)
    return graph.node("Slice", x, back, graph.constant([-(2**63)], np.int64), graph.constant([1]), back)
