"""Tokens to ids and characters as nodes of a graph."""

# N rows, B batch, T time, C characters of a token

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.corpus.token_rows import TokenRows
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.onnx_graph.strings import NUL_STANDS_FOR
from kerasseq.onnx_graph.tokens import count, lengths
from kerasseq.patterns import parse
from kerasseq.pipelines.pipeline import InGraph
from kerasseq.pipelines.subwords_in_graph import Spelled
from kerasseq.pipelines.text_in_graph import cleaned, give_counts, says
from kerasseq.tokenizers.tokenizer import SPECIALS, UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.pipelines.tokens import TokensPipeline

__all__ = ["TokensInGraph"]


class TokensInGraph(InGraph):
    """Tokens in, ids out: an input `tokens` `(B, T)` of strings, `""` behind the end of a row."""

    takes = "tokens"

    def __init__(self, pipeline: TokensPipeline) -> None:
        self.pipeline = pipeline
        self.inside = list(zip(pipeline.preprocessors, pipeline.parts, strict=True))
        left = [spec.name for spec, part in self.inside if not says(spec, part)]
        if left:  # none of them can be done before the file: the characters are taken of the token as it was given
            raise Inexpressible(f"the preprocessors {', '.join(left)} have no form in ONNX")

    def feeds(self, samples: TokenRows) -> dict[str, NDArray[Any]]:  # type: ignore[override]
        """Tokens, padded with `""`."""
        room = max((len(row) for row in samples.tokens), default=0)
        tokens = np.full((len(samples), max(room, 1)), "", dtype=object)
        for place, row in enumerate(samples.tokens):
            tokens[place, : len(row)] = list(row)
        return {"tokens": tokens}

    def inputs(self, graph: Graph) -> dict[str, str]:
        """`tokens` `(B + 1, T)`, and where the model reads them `characters` `(B + 1, T, C)`."""
        pipeline = self.pipeline
        given = graph.input("tokens", "string", ["batch", "time"])
        size = graph.node("Concat", graph.constant([1], np.int64), graph.size(given, 1), axis=0)
        row = graph.node("Expand", graph.constant([[""]]), size)
        tokens = graph.node("Concat", given, row, axis=0)  # (B + 1, T)
        shape = graph.node("Shape", tokens)
        flat = graph.node("Reshape", tokens, graph.constant([-1], np.int64))
        words = cleaned(graph, self.inside, flat)
        known = {t: n for n, t in enumerate(pipeline.vocabulary) if n >= len(SPECIALS)}
        with_nul = {t.replace(NUL_STANDS_FOR, "\0"): n for t, n in known.items() if NUL_STANDS_FOR in t}
        looked_up = graph.strings.look_up(words, {**with_nul, **known}, UNKNOWN)
        valid = graph.strings.look_up(flat, {"": 0}, 1)
        ids = graph.node("Mul", looked_up, valid)
        found = {"tokens": graph.node("Reshape", ids, shape)}
        if pipeline.subwords is not None:
            found["subwords"] = self._subwords(graph, words, valid, shape)
        if pipeline.characters is not None:
            found["characters"] = self._characters(graph, flat, shape)
        self._counts(graph, found["tokens"])
        return found

    def _subwords(self, graph: Graph, words: str, valid: str, shape: str) -> str:
        """The n-grams of each preprocessed token, `(B + 1, T, K)`."""
        ids = self.pipeline.subwords
        if ids is None:
            raise Inexpressible("the pipeline reads no n-grams")
        words = words if self.inside else graph.strings.without_nul(words)
        vanished = graph.cast(graph.strings.look_up(words, {"": 1}, 0), "bool")
        spelled = Spelled(graph, [graph.node("Where", vanished, graph.constant(["\ufffd"]), words)])
        places = graph.node("Mul", spelled.places[0], valid)
        return spelled.subwords(ids, graph.node("Reshape", places, shape))

    def _characters(self, graph: Graph, flat: str, shape: str) -> str:
        """The characters of each token, `(B + 1, T, C)`."""
        characters = self.pipeline.characters
        if characters is None:
            raise Inexpressible("the pipeline reads no characters")
        width = characters.width
        pieces = graph.strings.cut(flat, parse("{any}"), None)  # (S, P)
        alphabet = {c: number for number, c in enumerate(characters.alphabet, start=2)}
        ids = graph.strings.look_up(pieces, {"": 0, **alphabet}, 1)
        zeros = graph.constant([0, 0, 0, width], np.int64)
        wide = graph.node("Pad", ids, zeros)
        ends = (graph.constant([n], np.int64) for n in (0, width, 1))
        cut = graph.node("Slice", wide, *ends)
        whole = graph.node("Concat", shape, graph.constant([width], np.int64), axis=0)
        return graph.node("Reshape", cut, whole)

    def _counts(self, graph: Graph, ids: str) -> None:
        unknown = count(graph, graph.node("Equal", ids, graph.constant(np.int64(UNKNOWN))))
        kept = lengths(graph, ids)
        none = graph.node("Sub", kept, kept)
        give_counts(graph, {"length": kept, "truncated": none, "unknown": unknown})
