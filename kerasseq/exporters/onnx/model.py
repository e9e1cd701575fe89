"""From a trained model to an ONNX file: the road of a text, then the network, then the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.fresh import padded
from kerasseq.exporters.metadata import describe
from kerasseq.exporters.onnx.graph import Graph, Inexpressible
from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.exporters.onnx.strings import AFTER, BEFORE, NUL_STANDS_FOR
from kerasseq.exporters.onnx.tokens import count, joined, lengths, truncated
from kerasseq.preprocessors.rules import CharMap, Preprocessor, Rule, Rules, chain, told
from kerasseq.tokenizers.tokenizer import UNKNOWN

if TYPE_CHECKING:
    import onnx

    from kerasseq.corpus.text import Texts
    from kerasseq.trained import TrainedModel

__all__ = ["OnnxFile", "build"]


@dataclass(frozen=True)
class OnnxFile:
    """A file that is not yet proved.

    Attributes:
        model: The file.
        needs: Distributions that it needs beside onnxruntime and numpy.
        python_steps: Components that it could not hold; their work is done before it.
        before: What Python does to a text before the file gets it.
        tokens: Whether the file takes ids in place of texts.
    """

    model: onnx.ModelProto
    needs: tuple[str, ...]
    python_steps: tuple[str, ...]
    before: Preprocessor
    tokens: bool

    def feeds(self, trained: TrainedModel, texts: Texts) -> dict[str, Any]:
        """What the file gets for these texts."""
        if not self.tokens:
            names = ("text", "text_2") if trained.text.pair != "single" else ("text",)
            sides = (texts.first, texts.second)
            return {
                name: np.array(self.before(list(side)), dtype=object) for name, side in zip(names, sides, strict=False)
            }
        inputs = (tensor.name for tensor in trained.model.inputs)
        return dict(zip(inputs, padded(trained, texts), strict=True))


def build(subject: Subject) -> OnnxFile:
    """Write every step as graph nodes.

    A step of the text's road that has no form in ONNX is left to Python, with all before it, and named.

    Raises:
        Refused: A layer or the task has no form in ONNX.
    """
    trained = subject.trained
    road = _Road(trained)
    graph = Graph()
    try:
        ids = road.ids(graph)
        inputs = {tensor.name: name for tensor, name in zip(trained.model.inputs, ids, strict=True)}
        specs = (trained.experiment.embedding, trained.experiment.encoder, trained.experiment.pooler)
        used = [spec for spec in (*specs, trained.experiment.task) if spec is not None]
        outputs = model_nodes(graph, trained.model, inputs, used)
        trained.task.to_onnx(graph, {name: _without_last_row(graph, output) for name, output in outputs.items()})
    except (Inexpressible, NotImplementedError) as cause:
        raise Refused(f"model.onnx: {cause}") from cause
    needs = tuple(sorted(graph.needs))
    return OnnxFile(
        graph.model(_metadata(subject, needs, road.python_steps)), needs, road.python_steps, road.before, road.tokens
    )


class _Road:
    """The road of a text, as far as a graph can say it."""

    def __init__(self, trained: TrainedModel) -> None:
        self.trained = trained
        specs = trained.experiment.preprocessor
        parts = told(spec.build() for spec in specs)
        last = max((i for i, pair in enumerate(zip(specs, parts, strict=True)) if not _says(*pair)), default=-1)
        self.tokens = not self._cuts()
        split = len(parts) if self.tokens else last + 1
        self.before = chain(parts[:split])
        self.inside = list(zip(specs, parts, strict=True))[split:]
        left = [spec.name for spec, part in zip(specs[:split], parts, strict=False) if not _says(spec, part)]
        self.python_steps = (*left, trained.experiment.tokenizer.name) if self.tokens else tuple(left)

    def _cuts(self) -> bool:
        """Whether the tokenizer has a form in ONNX."""
        graph = Graph()
        tokenizer = self.trained.text.tokenizer
        if any(c in token for token in tokenizer.vocabulary for c in (BEFORE, AFTER)):
            return False
        try:
            made = self.trained.experiment.tokenizer.to_onnx(tokenizer, graph, graph.input("text", "string", ["batch"]))
        except Inexpressible:
            return False
        return made is not NotImplemented

    def ids(self, graph: Graph) -> list[str]:
        """The ids for every input of the model, `(B + 1, T)`; the last row is a text more.

        onnxruntime ends the process when an LSTM or a GRU gets no rows.
        """
        trained, tokenizer = self.trained, self.trained.text.tokenizer
        if self.tokens:
            return [_with_row(graph, graph.input(t.name, "int64", ["batch", "time"])) for t in trained.model.inputs]
        names = ("text", "text_2") if trained.text.pair != "single" else ("text",)
        sides = []
        for name in names:
            text = graph.node("Concat", graph.input(name, "string", ["batch"]), graph.constant([""]), axis=0)
            sides.append(trained.experiment.tokenizer.to_onnx(tokenizer, graph, self._cleaned(graph, text)))
        if trained.text.pair == "join":
            made, extra = [joined(graph, sides[0], sides[1], tokenizer)], 1
        else:
            made, extra = [truncated(graph, ids, tokenizer) for ids in sides], 0
        self._counts(graph, sides, made, extra)
        return made

    def _counts(self, graph: Graph, sides: list[str], made: list[str], extra: int) -> None:
        """What encoding did to every text, for whoever asks: ids kept, ids lost to truncation, ids that are unknown."""
        before = graph.node("Sum", *(graph.cast(lengths(graph, ids), "float32") for ids in sides))
        kept = graph.node("Sum", *(graph.cast(lengths(graph, ids), "float32") for ids in made))
        unknown = graph.constant(np.int64(UNKNOWN))
        strange = [graph.cast(count(graph, graph.node("Equal", ids, unknown)), "float32") for ids in made]
        lost = graph.node("Sub", graph.node("Add", before, graph.constant(np.float32(extra))), kept)
        for name, value in (("tokens", kept), ("truncated", lost), ("unknown", graph.node("Sum", *strange))):
            whole = graph.node("Squeeze", graph.cast(value, "int64"), graph.constant([1], np.int64))
            graph.output(name, "int64", ["batch"], _without_last_row(graph, whole))

    def _cleaned(self, graph: Graph, text: str) -> str:
        for rules in _runs(self.inside):
            if isinstance(rules, list):
                text = graph.strings.rules(rules, text)
            else:
                spec, part = rules
                text = spec.to_onnx(part, graph, text)
        return text


def _runs(steps: Sequence[tuple[Any, Preprocessor]]) -> list[Any]:
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


def _says(spec: Any, part: Preprocessor) -> bool:
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


def _with_row(graph: Graph, ids: str) -> str:
    return graph.node("Pad", ids, graph.constant([0, 0, 1, 0], np.int64))


def _without_last_row(graph: Graph, output: str) -> str:
    ends = (graph.constant([n], np.int64) for n in (0, -1, 0))
    return graph.node("Slice", output, *ends)


def _metadata(subject: Subject, needs: Sequence[str], python_steps: Sequence[str]) -> dict[str, str]:
    values = {**describe(subject), "precision": "float32", "needs": list(needs), "python_steps": list(python_steps)}
    return {
        f"kerasseq.{key}": v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for key, v in values.items()
    }
