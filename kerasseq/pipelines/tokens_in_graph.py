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
from kerasseq.pipelines.text_in_graph import runs_of, says, without_last_row
from kerasseq.preprocessors.rules import chain
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
        specs, parts = pipeline.preprocessors, pipeline.parts
        pairs = list(zip(specs, parts, strict=True))
        last = max((place for place, pair in enumerate(pairs) if not says(*pair)), default=-1)
        self.before = chain(parts[: last + 1])
        self.inside = pairs[last + 1 :]
        self.python_steps = tuple(spec.name for spec, part in pairs[: last + 1] if not says(spec, part))
        if self.python_steps:  # the characters are taken of the token as it was given
            raise Inexpressible(f"the preprocessors {', '.join(self.python_steps)} have no form in ONNX")

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
        cleaned = flat
        for step in runs_of(self.inside):
            if isinstance(step, list):
                cleaned = graph.strings.rules(step, cleaned)
            else:
                spec, part = step
                cleaned = spec.to_onnx(part, graph, cleaned)
        known = {t: n for n, t in enumerate(pipeline.vocabulary) if n >= len(SPECIALS)}
        with_nul = {t.replace(NUL_STANDS_FOR, "\0"): n for t, n in known.items() if NUL_STANDS_FOR in t}
        looked_up = graph.strings.look_up(cleaned, {**with_nul, **known}, UNKNOWN)
        valid = graph.strings.look_up(flat, {"": 0}, 1)
        ids = graph.node("Mul", looked_up, valid)
        found = {"tokens": graph.node("Reshape", ids, shape)}
        if pipeline.characters is not None:
            found["characters"] = self._characters(graph, flat, shape)
        self._counts(graph, found["tokens"])
        return found

    def _characters(self, graph: Graph, flat: str, shape: str) -> str:
        """The characters of each token, `(B + 1, T, C)`."""
        characters = self.pipeline.characters
        if characters is None:
            raise Inexpressible("the pipeline reads no characters")
        width = characters.width
        pieces = graph.strings.cut(flat, parse("(?s:.)"), None)  # (S, P)
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
        for name, value in (("length", kept), ("truncated", none), ("unknown", unknown)):
            whole = graph.node("Squeeze", value, graph.constant([1], np.int64))
            graph.output(name, "int64", ["batch"], without_last_row(graph, whole))
