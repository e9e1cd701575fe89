"""The way of a text to translate to ids as nodes of a graph."""

# N texts, B batch, T time

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasseq.corpus.text import Texts
from kerasseq.onnx_graph.graph import Graph
from kerasseq.onnx_graph.tokens import truncated
from kerasseq.pipelines.text_in_graph import TextInGraph, cleaned, padded, with_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SourceInGraph"]


class SourceInGraph(TextInGraph):
    """As `TextInGraph`, of what is read alone: what is written the file says itself."""

    def feeds(self, samples: Texts) -> dict[str, NDArray[Any]]:  # type: ignore[override]
        """Texts behind the steps that are left to Python; of a file that takes ids, padded ids."""
        if self.ids:
            return {"tokens": padded(self.pipeline, samples)["tokens"]}
        return super().feeds(samples)

    def inputs(self, graph: Graph) -> dict[str, str]:
        """`tokens`, `(B + 1, T)`."""
        if self.ids:
            return {"tokens": with_row(graph, graph.input("tokens", "int64", ["batch", "time"]))}
        text = graph.node("Concat", graph.input("text", "string", ["batch"]), graph.constant([""]), axis=0)
        cut = self._tokens(graph, cleaned(graph, self.inside, text))
        kept = truncated(graph, cut, self.pipeline.tokenizer)
        self._counts(graph, [cut], [kept], 0)
        return {"tokens": kept}
