"""A component in an ONNX graph answers as it does in Python; what has no form there says why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.poolers.reduce import Mean
from kerasseq.runtime.session import open_session
from kerasseq.spec import PreprocessorSpec, Spec, TaskSpec, TokenizerSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, NotChecked, shown, told
from kerasseq.testing.network import answers, build, shake
from kerasseq.testing.texts import PLAIN, WRITABLE
from kerasseq.testing.values import values_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kerasseq.onnx_graph.graph import Graph

__all__ = ["check_network_onnx", "check_preprocessor_onnx", "check_tokenizer_onnx", "run_graph"]

TOLERANCE = 1e-4


def check_network_onnx(spec: Spec) -> None:
    """The network in onnxruntime gives the numbers that Keras gives."""
    from kerasseq.exporters.onnx.layers import model_nodes
    from kerasseq.onnx_graph.graph import Graph, Inexpressible

    model = build(spec)
    if spec.kind != "embedding":
        shake(model)
    values = values_for(spec, model)
    wanted = answers(model, values)
    graph = Graph()
    names, feeds = {}, {}
    for tensor, value in zip(model.inputs, values, strict=True):
        kind = "float32" if value.dtype == np.float32 else "int64"
        name = graph.input(tensor.name, kind, ["batch", f"time_of_{tensor.name}", *tensor.shape[2:]])
        names[tensor.name] = graph.cast(name, "bool") if value.dtype == bool else name
        feeds[tensor.name] = value if kind == "float32" else value.astype(np.int64)
    try:
        found = model_nodes(graph, model, names, [spec, *_beside(spec)], list(wanted))
    except Inexpressible as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    for name, tensor in found.items():
        graph.output(f"{name}_", "float32", [f"{name}_{axis}" for axis in range(wanted[name].ndim)], tensor)
    got = dict(zip(found, run_graph(graph, [f"{name}_" for name in found], feeds), strict=True))
    one, other = (_valid(spec, model, values, outputs) for outputs in (wanted, got))
    for name, value in other.items():
        same(f"in onnxruntime the {name} must be what Keras gives", one[name], value, TOLERANCE)


def _beside(spec: Spec) -> list[Spec]:
    """Who may know other layers of the model."""
    if not isinstance(spec, TaskSpec):
        return [Mean(name="mean")]
    from kerasseq.testing.example import example_of, sections_of

    return list(sections_of(spec, example_of(spec)))


def _valid(spec: Spec, model: Any, values: list[NDArray[Any]], outputs: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Of what is said of each step, that of the valid steps, all rows end to end."""
    if isinstance(spec, TaskSpec):
        from kerasseq.testing.task import as_lists, learn

        inputs = {tensor.name: value for tensor, value in zip(model.inputs, values, strict=True)}
        found = as_lists(learn(spec), outputs, inputs)
        return {name: np.concatenate(v) if isinstance(v, list) else v for name, v in found.items()}
    timed = spec.kind in ("embedding", "encoder")
    return {
        name: got[values[-1]] if timed and got.shape[:2] == values[-1].shape else got for name, got in outputs.items()
    }


def check_preprocessor_onnx(spec: PreprocessorSpec) -> None:
    """The texts that the graph gives are those that Python gives."""
    from kerasseq.onnx_graph.graph import Graph, Inexpressible
    from kerasseq.preprocessors.rules import CharMap, chain

    built = chain([spec.build()])
    graph = Graph()
    text = graph.strings.rule(CharMap({"\0": "\x01"}), graph.input("text", "string", ["batch"]))
    try:
        found = graph.strings.rules(built.rules, text) if built.portable else spec.to_onnx(built, graph, text)
    except Inexpressible as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    if found is NotImplemented:
        raise NotChecked(
            "not exported: it is no list of rules and has no to_onnx, so a deployed model leaves it to Python"
        )
    graph.output("out", "string", ["batch"], found)
    texts = [t for t in (*PLAIN, *WRITABLE)]
    wanted = built([t.replace("\0", "\x01") for t in texts])
    [got] = run_graph(graph, ["out"], {"text": np.array(texts, dtype=object)})
    for text, one, other in zip(texts, wanted, got, strict=True):
        if one.replace("\0", "\x01") != other:
            raise CheckFailed(
                f"in onnxruntime a text must be as in Python: {shown(text)} gave {shown(other)}, not {shown(one)}"
            )


def check_tokenizer_onnx(spec: TokenizerSpec) -> None:
    """The ids that the graph gives are those that Python gives, before truncation."""
    from kerasseq.onnx_graph.graph import Graph, Inexpressible
    from kerasseq.preprocessors.rules import CharMap

    tokenizer = spec.build()
    tokenizer.train(PLAIN * 4)
    graph = Graph()
    text = graph.strings.rule(CharMap({"\0": "\x01"}), graph.input("text", "string", ["batch"]))
    try:
        found = spec.to_onnx(tokenizer, graph, text)
    except Inexpressible as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    if found is NotImplemented:
        raise NotChecked("not exported: it has no to_onnx, so a deployed model takes ids in place of texts")
    graph.output("ids", "int64", ["batch", "time"], found)
    texts = [*PLAIN, *WRITABLE]
    [got] = run_graph(graph, ["ids"], {"text": np.array(texts, dtype=object)})
    for text, one, row in zip(texts, tokenizer.sequences([t.replace("\0", "\x01") for t in texts]), got, strict=True):
        other = row[: len(one)]
        if list(one) != other.tolist() or row[len(one) :].any():
            raise CheckFailed(
                f"in onnxruntime the ids must be as in Python: {shown(text)} gave {row.tolist()[:12]}, "
                f"not {list(one)[:12]}"
            )


def run_graph(graph: Graph, outputs: Sequence[str], feeds: dict[str, Any]) -> list[Any]:
    """What onnxruntime gives for the whole graph."""
    try:
        found: list[Any] = open_session(graph.model({}).SerializeToString()).run(list(outputs), feeds)
    except Exception as cause:
        raise CheckFailed(f"onnxruntime must open and run what to_onnx writes, got {told(cause)}") from cause
    return found
