"""A language model as an ONNX file: ids and states in, what may come next and states out."""

# B batch, T time, U features, V vocabulary

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.backend.engine import carried
from kerasseq.backend.stepper import Head, step_model
from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.metadata import describe
from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.exporters.onnx.model import OnnxFile
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.pipelines.text_in_graph import with_row, without_last_row
from kerasseq.tokenizers.tokenizer import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["build_step"]


def build_step(subject: Subject) -> OnnxFile:
    """Inputs `ids` `(B, T)` and each state `(B, U)`; outputs `logits` `(B, V)` behind the last id, each state's next.

    Raises:
        Refused: A layer has no form in ONNX.
    """
    trained = subject.trained
    pipeline: Any = trained.task.pipeline
    graph = Graph()
    states = carried(trained.model)
    try:
        inside = pipeline.in_graph()
        inputs = inside.inputs(graph)
        reader, head = step_model(trained.model)
        inputs |= {
            name: with_row(graph, graph.input(name, "float32", ["batch", width])) for name, width in states.items()
        }
        specs = (trained.experiment.embedding, trained.experiment.encoder, trained.experiment.task)
        used = [spec for spec in specs if spec is not None]
        found = model_nodes(graph, reader, inputs, used, ["hidden", *states])
    except (Inexpressible, NotImplementedError) as cause:
        raise Refused(f"model.onnx: {cause}") from cause
    logits = _scores(graph, head, _last(graph, inputs["tokens"], found["hidden"]))
    size = len(head.bias)
    graph.output("logits", "float32", ["batch", size], without_last_row(graph, logits))
    for name, width in states.items():
        graph.output(f"{name}_next", "float32", ["batch", width], without_last_row(graph, found[name]))
    needs = tuple(sorted(graph.needs))
    said: dict[str, Any] = {
        "precision": "float32",
        "takes": inside.takes,
        "needs": list(needs),
        "python_steps": list(inside.python_steps),
        "outputs": {"logits": ["batch", size]},
        "columns": [],
        "states": {name: f"{name}_next" for name in states},
        "spelling": pipeline.spelling.as_json(),
        "separator": SEPARATOR,
        "search": _search(trained.experiment.search),
        "conditions": list(pipeline.conditions),
    }
    values = {**describe(subject), **said}
    texts = {f"kerasseq.{k}": v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in values.items()}
    return OnnxFile(graph.model(texts), needs, inside, said["states"])


def _last(graph: Graph, ids: str, hidden: str) -> str:
    """The vector of the last id of each row, `(B, U)`."""
    valid = graph.cast(graph.node("Not", graph.node("Equal", ids, graph.constant(np.int64(0)))), "int64")
    count = graph.node("ReduceSum", valid, graph.constant([1], np.int64), keepdims=1)  # (B, 1)
    place = graph.node("Max", graph.node("Sub", count, graph.constant(np.int64(1))), graph.constant(np.int64(0)))
    return graph.node("GatherND", hidden, place, batch_dims=1)


def _scores(graph: Graph, head: Head, x: str) -> str:
    """Of `(B, U)` those of every token, `(B, V)`; a table that the embedding reads, too, is stored once."""
    if head.projection is not None:
        x = graph.node("MatMul", x, graph.weights(head.projection))
    if head.tied:
        return graph.node("Gemm", x, graph.weights(head.table), graph.weights(head.bias), transB=1)
    return graph.node("Add", graph.node("MatMul", x, graph.weights(head.kernel)), graph.weights(head.bias))


def _search(spec: Any) -> Mapping[str, Any]:
    """The run's [search], for whoever asks with no settings of their own."""
    return {} if spec is None else dict(spec.model_dump(mode="json"))
