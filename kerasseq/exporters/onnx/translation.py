"""A translation as one ONNX file: texts in, the likeliest translations out; and its parts, for whoever searches."""

# B batch, R rows in hand, S steps of a text, T of its translation, U units, V vocabulary

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.metadata import describe
from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.exporters.onnx.model import OnnxFile
from kerasseq.layers.decoding import MASK, encoder_model, held_and_states, step_model
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.pipelines.text_in_graph import without_last_row
from kerasseq.tokenizers.tokenizer import PADDING, SEPARATOR, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["build_translation"]

FORBIDDEN = (PADDING, UNKNOWN)
LOWEST = -3e38
"""Below every score of a token, but finite."""

Step: TypeAlias = "Callable[[Mapping[str, str]], dict[str, str]]"
"""Adds the nodes of one step: tensors by the names of its inputs to those by its outputs."""


def build_translation(subject: Subject) -> OnnxFile:
    """A file of three parts, each of which is asked by its outputs.

    - `text` `(B,)`, or `tokens` `(B, S)`, to `ids` `(B, T)`, the likeliest at every step, 0 behind the end, and
      `score` `(B,)`, their log probability a token: a loop inside the file.
    - The same to what every step reads of the texts and the states before the first one: `text_` and their names.
    - One step: `target` `(R,)`, `memory` and what else is held, and the states, to `logits` `(R, V)`, `attention`
      `(R, S)` and each state's `_next`. These inputs need not be given to the other parts.

    Raises:
        Refused: A layer has no form in ONNX.
    """
    trained = subject.trained
    pipeline: Any = trained.task.pipeline
    if pipeline.copies:
        rule = "task.replace_unknown must be false, for a file has no words to put in the place of tokens, got true"
        raise Refused(f"model.onnx: {rule}")
    encoder = encoder_model(trained.model)
    held, states = held_and_states(encoder)
    graph = Graph()
    try:
        inside = pipeline.in_graph()
        specs = _specs(trained.experiment)
        found = model_nodes(graph, encoder, inside.inputs(graph), specs, [*held, MASK, *states])
        for name, tensor in {**held, **states}.items():
            graph.output(f"text_{name}", "float32", _axes(tensor, "batch"), without_last_row(graph, found[name]))
        mask = graph.cast(without_last_row(graph, found[MASK]), "int64")
        graph.output(f"text_{MASK}", "int64", ["batch", "steps"], mask)
        step = _stepper(graph, trained.model, specs)
        _greedy(graph, found, step, list(states), pipeline.longest + 1)
        _one_step(graph, step, held, states)
    except (Inexpressible, NotImplementedError) as cause:
        raise Refused(f"model.onnx: {cause}") from cause
    needs = tuple(sorted(graph.needs))
    search = trained.experiment.search
    decoder = {"longest": pipeline.longest, "held": [*held, MASK], "states": list(states)}
    said = {
        "precision": "float32",
        "takes": inside.takes,
        "needs": list(needs),
        "python_steps": list(inside.python_steps),
        "spelling": pipeline.spelling.as_json(),
        "separator": SEPARATOR,
        "search": search.model_dump(mode="json") if search is not None else {},
        "decoder": decoder,
    }
    values = {**describe(subject), **said}
    texts = {f"kerasseq.{k}": v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in values.items()}
    return OnnxFile(graph.model(texts), needs, inside, decoder=decoder)


def _specs(experiment: Any) -> list[Any]:
    sections = (experiment.embedding, experiment.encoder, experiment.decoder, experiment.task)
    return [spec for spec in sections if spec is not None]


def _axes(tensor: Any, first: str) -> list[str | int]:
    """Of what is held `(B, S, E)`, and of a state `(B, U)`."""
    return [first, "steps", int(tensor.shape[-1])] if len(tensor.shape) > 2 else [first, int(tensor.shape[-1])]


def _stepper(graph: Graph, model: Any, specs: Sequence[Any]) -> Step:
    reader, head = step_model(model)
    names = list(reader.output)

    def step(inputs: Mapping[str, str]) -> dict[str, str]:
        found = model_nodes(graph, reader, dict(inputs), specs, names)
        scores = graph.node("MatMul", found.pop("hidden"), graph.weights(head.kernel))
        return {**found, "logits": graph.node("Add", scores, graph.weights(head.bias))}

    return step


def _greedy(graph: Graph, found: Mapping[str, str], step: Step, states: Sequence[str], most: int) -> None:
    """The likeliest token at every step, until all texts have ended or are as long as they may be."""
    held = {name: tensor for name, tensor in found.items() if name not in states}
    rows = graph.size(found[MASK], 0)
    one = graph.constant([1], np.int64)
    zeros = graph.node("Expand", graph.constant(np.float32(0)), rows)  # (B + 1,)
    begin = graph.node("Expand", graph.constant(np.int64(SEPARATOR)), graph.node("Concat", rows, one, axis=0))
    # About nothing, nothing is written; so is it with the row behind the last text, which is there for empty batches
    steps = graph.node("ReduceSum", graph.cast(found[MASK], "int64"), one, keepdims=0)
    ended = graph.node("Equal", steps, graph.constant(np.int64(0)))

    def once(token: str, ended: str, total: str, count: str, *before: str) -> tuple[str, list[str], list[str]]:
        after = step({"target": token, **held, **dict(zip(states, before, strict=True))})
        allowed = graph.node("Add", after["logits"], _forbidding(graph, after["logits"]))
        chosen = graph.node("ArgMax", allowed, axis=1, keepdims=1)  # (B + 1, 1)
        gains = graph.node("LogSoftmax", after["logits"], axis=1)
        gain = graph.node("Squeeze", graph.node("GatherElements", gains, chosen, axis=1), one)
        going = graph.cast(graph.node("Not", ended), "float32")
        total = graph.node("Add", total, graph.node("Mul", gain, going))
        count = graph.node("Add", count, going)
        flat = graph.node("Squeeze", chosen, one)
        stopped = graph.node("Equal", flat, graph.constant(np.int64(SEPARATOR)))
        over = graph.node("Or", ended, stopped)
        written = graph.node("Where", over, graph.constant(np.int64(PADDING)), flat)
        left = graph.node("ReduceMax", graph.cast(graph.node("Not", over), "int32"), axes=[0], keepdims=0)
        return graph.cast(left, "bool"), [chosen, over, total, count, *(after[name] for name in states)], [written]

    before = [begin, ended, zeros, zeros, *(found[name] for name in states)]
    ends = graph.loop(before, most, once)
    ids = graph.node("Transpose", ends[-1], perm=[1, 0])
    graph.output("ids", "int64", ["batch", "written"], without_last_row(graph, ids))
    counts = graph.node("Max", ends[3], graph.constant(np.float32(1)))
    graph.output("score", "float32", ["batch"], without_last_row(graph, graph.node("Div", ends[2], counts)))


def _forbidding(graph: Graph, logits: str) -> str:
    """What is added to scores so that no text is written with padding or the unknown token, `(V,)`."""
    size = graph.size(logits, 1)
    low = graph.constant(np.full(len(FORBIDDEN), LOWEST, dtype=np.float32))
    behind = graph.node("Sub", size, graph.constant([len(FORBIDDEN)], np.int64))
    return graph.node("Concat", low, graph.node("Expand", graph.constant(np.float32(0)), behind), axis=0)


def _one_step(graph: Graph, step: Step, held: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    """Inputs and outputs of one step."""
    given = {}
    for name, tensor in {**held, **states}.items():
        axes = _axes(tensor, "rows")
        usual = np.zeros([axis if isinstance(axis, int) else 1 for axis in axes], dtype=np.float32)
        given[name] = graph.optional(name, "float32", axes, usual)
    mask = graph.cast(graph.optional(MASK, "int64", ["rows", "steps"], np.ones((1, 1))), "bool")
    target = graph.optional("target", "int64", ["rows"], np.full(1, SEPARATOR))
    token = graph.node("Unsqueeze", target, graph.constant([1], np.int64))
    found = step({"target": token, MASK: mask, **given})
    graph.output("attention", "float32", ["rows", "steps"], found["attention"])
    graph.output("logits", "float32", ["rows", "tokens"], found["logits"])
    for name, tensor in states.items():
        graph.output(f"{name}_next", "float32", _axes(tensor, "rows"), found[name])
