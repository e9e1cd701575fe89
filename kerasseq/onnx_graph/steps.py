"""Operators on the steps of texts, of which a mask says which are valid: what poolers are made of."""

# B batch, T time, U features of a step, R scores of a step

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["Steps"]


class Steps:
    """Operators of a `Graph` on steps `(B, T, U)` float32 and their mask `(B, T)` bool, True is valid.

    A text without valid steps gives zeros everywhere.

    >>> from kerasseq.onnx_graph.graph import Graph
    >>> graph = Graph()
    >>> x = graph.input("x", "float32", ["batch", "time", 8])
    >>> mask = graph.cast(graph.input("mask", "int64", ["batch", "time"]), "bool")
    >>> mean = graph.steps.mean(x, graph.steps.valid(mask))
    >>> graph.output("mean", "float32", ["batch", 8], mean)
    """

    lowest = -3e38
    """Below every score, but finite: minus infinity gives NaN where nothing is valid."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def valid(self, mask: str) -> str:
        """The mask as weights: 1 where it is true, else 0, `(B, T)` float32."""
        return self.graph.cast(mask, "float32")

    def count(self, mask: str) -> str:
        """How many steps are valid, `(B, 1)` float32."""
        return self._total(self.valid(mask))

    def masked(self, x: str, mask: str, value: float = 0.0) -> str:
        """The steps with another number in every feature of those that are not valid, `(B, T, U)`.

        Args:
            x: `(B, T, U)`, finite where it is not valid, too.
            mask: `(B, T)` bool.
            value: That number; `lowest` where the largest of a feature is wanted.
        """
        if value:
            return self.graph.node("Where", self._column(mask), x, self.graph.constant(np.float32(value)))
        return self.graph.node("Mul", x, self._column(self.valid(mask)))

    def weighted_sum(self, x: str, weights: str) -> str:
        """Steps `(B, T, U)` by weights `(B, T)` float32, summed: `(B, U)`."""
        one = self.graph.constant([1], np.int64)
        row = self.graph.node("Unsqueeze", weights, one)  # (B, 1, T)
        return self.graph.node("Squeeze", self.graph.node("MatMul", row, x), one)

    def mean(self, x: str, chosen: str) -> str:
        """Mean of the chosen steps, `(B, U)`; zeros where none is.

        Args:
            x: `(B, T, U)`.
            chosen: `(B, T)` float32: 1 for a step that counts, 0 for any other.
        """
        parts = self.graph.node("Max", self._total(chosen), self.graph.constant(np.float32(1)))
        return self.graph.node("Div", self.weighted_sum(x, chosen), parts)

    def softmax(self, scores: str, mask: str) -> str:
        """Softmax over the valid steps: scores `(B, T, R)` to weights `(B, T, R)`, 0 at the other steps."""
        node, valid = self.graph.node, self._column(self.valid(mask))
        scores = self.masked(scores, mask, self.lowest)
        powers = node("Exp", node("Sub", scores, node("ReduceMax", scores, axes=[1], keepdims=1)))
        powers = node("Mul", powers, valid)
        total = self._total(powers)  # (B, 1, R), at least 1 where a step is valid
        some = node("Greater", total, self.graph.constant(np.float32(0)))
        return node("Div", powers, node("Where", some, total, self.graph.constant(np.float32(1))))

    def _total(self, x: str) -> str:
        """The sum over time, whose axis stays with length 1."""
        return self.graph.node("ReduceSum", x, self.graph.constant([1], np.int64), keepdims=1)

    def _column(self, mask: str) -> str:
        """`(B, T)` -> `(B, T, 1)`."""
        return self.graph.node("Unsqueeze", mask, self.graph.constant([2], np.int64))
