"""From a trained model to an ONNX file: the way of a row to its inputs, then the network, then the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kerasseq.exporters.exporter import Refused, Subject
from kerasseq.exporters.metadata import describe
from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.pipelines.text_in_graph import without_last_row

if TYPE_CHECKING:
    import onnx

    from kerasseq.pipelines.pipeline import InGraph

__all__ = ["OnnxFile", "build"]


@dataclass(frozen=True)
class OnnxFile:
    """A file that is not yet proved.

    Attributes:
        model: The file.
        needs: Distributions that it needs beside onnxruntime and numpy.
        inside: How it takes rows.
        states: Of one that is asked step by step, the output that feeds each input.
        decoder: Of one that writes about what it reads: how much at most, and what a step is given.
    """

    model: onnx.ModelProto
    needs: tuple[str, ...]
    inside: InGraph
    states: Mapping[str, str] = field(default_factory=dict)
    decoder: Mapping[str, Any] = field(default_factory=dict)

    @property
    def python_steps(self) -> tuple[str, ...]:
        """Components that it could not hold; their work is done before it."""
        return self.inside.python_steps


def build(subject: Subject) -> OnnxFile:
    """Write every step as graph nodes.

    A step on the way of a row that has no form in ONNX is left to Python, with all before it, and named.

    Raises:
        Refused: A layer or the task has no form in ONNX.
    """
    trained = subject.trained
    graph = Graph()
    try:
        inside = trained.task.pipeline.in_graph()
        tensors = inside.inputs(graph)
        inputs = {tensor.name: tensors[tensor.name] for tensor in trained.model.inputs}
        specs = (trained.experiment.embedding, trained.experiment.encoder, trained.experiment.pooler)
        used = [spec for spec in (*specs, trained.experiment.task) if spec is not None]
        wanted = [out.name for out in trained.task.outputs if not out.optional]
        outputs = model_nodes(graph, trained.model, inputs, used, wanted)
        trained.task.to_onnx(graph, {name: without_last_row(graph, output) for name, output in outputs.items()})
    except (Inexpressible, NotImplementedError) as cause:
        raise Refused(f"model.onnx: {cause}") from cause
    needs = tuple(sorted(graph.needs))
    return OnnxFile(graph.model(_metadata(subject, needs, inside)), needs, inside)


def _metadata(subject: Subject, needs: Sequence[str], inside: InGraph) -> dict[str, str]:
    said = {"precision": "float32", "takes": inside.takes, "needs": list(needs)}
    values = {**describe(subject), **said, "python_steps": list(inside.python_steps)}
    return {
        f"kerasseq.{key}": v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for key, v in values.items()
    }
