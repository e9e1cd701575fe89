"""What a language model reads as nodes of a graph: ids of a step, and beside it the way of a prompt to ids."""

# N texts, B batch, T time

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kerasseq.onnx_graph.graph import Graph
from kerasseq.pipelines.text_in_graph import TextInGraph, cleaned, with_row, without_last_row
from kerasseq.tokenizers.tokenizer import SEPARATOR

if TYPE_CHECKING:
    from kerasseq.pipelines.running import RunningPipeline

__all__ = ["PromptInGraph"]


class PromptInGraph(TextInGraph):
    """The file reads `ids` `(B, T)`, padded behind the end of each row.

    Where a graph can say every step before the ids, it also turns `text` `(N,)` into `text_ids` `(N, T)`, which begin
    with the separator as a document does; what reads them is the same file. Else that is left to Python as a whole.
    """

    def __init__(self, pipeline: RunningPipeline) -> None:
        super().__init__(pipeline)
        if self.python_steps:
            self.ids = True
        self.takes = "ids" if self.ids else "prompt"

    def inputs(self, graph: Graph) -> dict[str, str]:
        """The ids, `(B + 1, T)`."""
        found = with_row(graph, graph.input("ids", "int64", ["batch", "time"]))
        if not self.ids:
            text = graph.node("Concat", graph.input("text", "string", ["texts"]), graph.constant([""]), axis=0)
            tokens = self._tokens(graph, cleaned(graph, self.inside, text))
            rows = graph.node("Concat", graph.size(tokens, 0), graph.constant([1], np.int64), axis=0)
            first = graph.node("Expand", graph.constant(np.int64(SEPARATOR)), rows)
            read = graph.node("Concat", first, tokens, axis=1)
            graph.output("text_ids", "int64", ["texts", "text_time"], without_last_row(graph, read))
        return {"tokens": found}
