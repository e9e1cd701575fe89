"""Texts to ids as nodes of a graph, as far as a graph can say it."""

# N texts, B batch, T time

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import MASK
from kerasseq.corpus.text import Texts
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.onnx_graph.strings import AFTER, BEFORE, NUL_STANDS_FOR
from kerasseq.onnx_graph.tokens import count, joined, lengths, truncated
from kerasseq.pipelines.pipeline import InGraph
from kerasseq.pipelines.subwords import subwords_of
from kerasseq.pipelines.subwords_in_graph import Spelled
from kerasseq.preprocessors.rules import CharMap, Preprocessor, Rule, Rules, chain
from kerasseq.tokenizers.tokenizer import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.pipelines.text import TextPipeline

__all__ = ["TextInGraph", "cleaned", "give_counts", "padded", "says", "with_row", "without_last_row"]

TEXTS = ("text", "text_2")
"""Inputs of the file."""


class TextInGraph(InGraph):
    """What of a text's way to ids a graph can say; the rest, with all before it, is left to Python."""

    def __init__(self, pipeline: TextPipeline) -> None:
        self.pipeline = pipeline
        specs, parts = pipeline.preprocessors, pipeline.parts
        last = max((i for i, pair in enumerate(zip(specs, parts, strict=True)) if not says(*pair)), default=-1)
        self.ids = not self._cuts()
        split = len(parts) if self.ids else last + 1
        self.before = chain(parts[:split])
        self.inside = list(zip(specs, parts, strict=True))[split:]
        left = [spec.name for spec, part in zip(specs[:split], parts, strict=False) if not says(spec, part)]
        self.python_steps = (*left, pipeline.tokenizer_spec.name) if self.ids else tuple(left)
        self.takes = "ids" if self.ids else "text" if pipeline.pair == "single" else "pair"

    def _cuts(self) -> bool:
        """Whether the tokenizer has a form in ONNX."""
        graph = Graph()
        tokenizer = self.pipeline.tokenizer
        if any(c in token for token in tokenizer.vocabulary for c in (BEFORE, AFTER)):
            return False
        try:
            made = self.pipeline.tokenizer_spec.to_onnx(tokenizer, graph, graph.input("text", "string", ["batch"]))
        except Inexpressible:
            return False
        return made is not NotImplemented and self._spells()

    def _spells(self) -> bool:
        """Whether the tokens themselves have a form in ONNX, where they are asked for."""
        if self.pipeline.subwords is None:
            return True
        graph, spec = Graph(), self.pipeline.tokenizer_spec
        text = graph.input("text", "string", ["batch"])
        return spec.pieces_to_onnx(self.pipeline.tokenizer, graph, text) is not NotImplemented

    @property
    def _names(self) -> tuple[str, ...]:
        return TEXTS if self.pipeline.pair != "single" else TEXTS[:1]

    def feeds(self, samples: Texts) -> dict[str, NDArray[Any]]:  # type: ignore[override]
        """Texts behind the steps that are left to Python; of a file that takes ids, padded ids."""
        if self.ids:
            return padded(self.pipeline, samples)
        columns = zip(self._names, (samples.first, samples.second), strict=False)
        return {name: np.array(self.before(list(texts)), dtype=object) for name, texts in columns}

    def inputs(self, graph: Graph) -> dict[str, str]:
        """The ids for every input of the model, `(B + 1, T)`."""
        pipeline, tokenizer = self.pipeline, self.pipeline.tokenizer
        if self.ids:
            axes = {name: ["batch", name.replace("tokens", "time")] for name in pipeline.names}
            given = {name: graph.input(name, "int64", both) for name, both in axes.items()}
            if pipeline.subwords is not None:
                for name, both in axes.items():
                    beside = subwords_of(name)
                    given[beside] = graph.input(beside, "int64", [*both, pipeline.subwords.width])
            if pipeline.wide is not None:
                given["wide"] = graph.input("wide", "float32", ["batch", pipeline.wide_width])
            deep = {subwords_of(name) for name in pipeline.names}
            return {name: with_row(graph, each, 2 + (name in deep)) for name, each in given.items()}
        columns, texts = [], []
        for name in self._names:
            text = graph.node("Concat", graph.input(name, "string", ["batch"]), graph.constant([""]), axis=0)
            texts.append(cleaned(graph, self.inside, text))
            columns.append(self._tokens(graph, texts[-1]))
        spelled = None
        if pipeline.subwords is not None:
            spelled = Spelled(graph, columns)
            columns = spelled.places
        if pipeline.pair == "join":
            made, extra = [joined(graph, columns[0], columns[1], tokenizer)], 1
        else:
            made, extra = [truncated(graph, ids, tokenizer) for ids in columns], 0
        places = made
        if spelled is not None:
            made = [spelled.ids(tokenizer.vocabulary, each) for each in places]
        self._counts(graph, columns, made, extra)
        found = dict(zip(pipeline.names, made, strict=True))
        if spelled is not None and pipeline.subwords is not None:
            for name, each in zip(pipeline.names, places, strict=True):
                found[subwords_of(name)] = spelled.subwords(pipeline.subwords, each)
        if pipeline.wide is not None:
            if not self.inside:  # no preprocessor has done it
                texts = [graph.strings.without_nul(text) for text in texts]
            rows = texts if pipeline.wide_pairs else [graph.strings.spaced(texts)]
            found["wide"] = pipeline.wide.to_onnx(graph, *rows)
            if found["wide"] is NotImplemented:
                raise Inexpressible("the linear model beside the network has no to_onnx")
        return found

    def _tokens(self, graph: Graph, text: str) -> str:
        """The tokens of texts: their ids, or where their letters are asked for themselves."""
        spec, tokenizer = self.pipeline.tokenizer_spec, self.pipeline.tokenizer
        if self.pipeline.subwords is None:
            return str(spec.to_onnx(tokenizer, graph, text))
        return str(spec.pieces_to_onnx(tokenizer, graph, text))

    def _counts(self, graph: Graph, columns: list[str], made: list[str], extra: int) -> None:
        """What encoding did to every text, for whoever asks: ids kept, ids lost to truncation, ids that are unknown."""
        before = graph.node("Sum", *(graph.cast(lengths(graph, ids), "float32") for ids in columns))
        kept = graph.node("Sum", *(graph.cast(lengths(graph, ids), "float32") for ids in made))
        unknown = graph.constant(np.int64(UNKNOWN))
        strange = [graph.cast(count(graph, graph.node("Equal", ids, unknown)), "float32") for ids in made]
        lost = graph.node("Sub", graph.node("Add", before, graph.constant(np.float32(extra))), kept)
        give_counts(graph, {"tokens": kept, "truncated": lost, "unknown": graph.node("Sum", *strange)})


def cleaned(graph: Graph, steps: Sequence[tuple[Any, Preprocessor]], text: str) -> str:
    """Texts behind preprocessors that have a form in ONNX."""
    for rules in runs_of(steps):
        if isinstance(rules, list):
            text = graph.strings.rules(rules, text)
        else:
            spec, part = rules
            text = spec.to_onnx(part, graph, text)
    return text


def give_counts(graph: Graph, counts: Mapping[str, str]) -> None:
    """Numbers of each row, `(B + 1, 1)`, as outputs `(B,)` of the file, by their names."""
    for name, value in counts.items():
        whole = graph.node("Squeeze", graph.cast(value, "int64"), graph.constant([1], np.int64))
        graph.output(name, "int64", ["batch"], without_last_row(graph, whole))


def padded(pipeline: Any, samples: Any, least: int = 1) -> dict[str, NDArray[Any]]:
    """The encoded inputs of rows by name, `(N, T, ...)`, padded behind the end of each; T is `least` or more.

    Ids become int64, as exported files take them; vectors have their mask `(N, T)` bool beside them.
    """
    inputs, _ = pipeline.encode(samples)
    rows = np.arange(len(samples))
    found = {}
    for name, values in inputs.items():
        if not isinstance(values, Ragged):
            found[name] = values
            continue
        array = values.padded(rows, max(least, int(values.lengths.max(initial=0))))
        found[name] = array.astype(np.int64) if array.dtype.kind == "i" else array
        if array.dtype.kind == "f":
            found[name + MASK] = np.arange(array.shape[1]) < values.lengths[:, None]
    return found


def with_row(graph: Graph, values: str, axes: int = 2) -> str:
    """A row of padding behind `(B, T)`, or behind rows of more axes."""
    none = [0] * (axes - 1)
    return graph.node("Pad", values, graph.constant([0, *none, 1, *none], np.int64))


def without_last_row(graph: Graph, output: str) -> str:
    """The rows that were asked."""
    ends = (graph.constant([n], np.int64) for n in (0, -1, 0))
    return graph.node("Slice", output, *ends)


def runs_of(steps: Sequence[tuple[Any, Preprocessor]]) -> list[Any]:
    """Rules of neighbours as one list, whose maps are merged; a NUL becomes U+0001 before the first of them."""
    runs: list[Any] = [[]]
    for spec, part in steps:
        if part.portable:
            runs[-1] += part.rules
        else:
            runs += [(spec, part), []]
    first: Rule = CharMap({"\0": NUL_STANDS_FOR})
    if runs != [[]]:
        runs[0].insert(0, first)
    return [list(Rules(run).rules) if isinstance(run, list) else run for run in runs]


def says(spec: Any, part: Preprocessor) -> bool:
    """Whether a preprocessor has a form in ONNX."""
    graph = Graph()
    text = graph.input("text", "string", ["batch"])
    try:
        if not part.portable:
            return spec.to_onnx(part, graph, text) is not NotImplemented
        for rule in part.rules:
            graph.strings.rule(rule, text)
    except Inexpressible:
        return False
    return True
