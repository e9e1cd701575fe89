"""What holds for tasks in an ONNX graph: a row's way to the inputs, and the outputs' way to an answer.

The network between them is `check_network_onnx`'s.
"""

# N rows, B batch, T time

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import MASK, Examples
from kerasseq.runtime.answers import STEPS
from kerasseq.spec import TaskSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, NotChecked
from kerasseq.testing.network import build
from kerasseq.testing.onnx_checks import TOLERANCE, run_graph
from kerasseq.testing.task import as_lists, learn, outputs_of, same_answers, whole_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kerasseq.corpus.examples import Values
    from kerasseq.onnx_graph.graph import Graph

__all__ = ["check_pipeline_onnx", "check_task_onnx"]


def check_pipeline_onnx(spec: TaskSpec) -> None:
    """The inputs that the pipeline's nodes give for a row are those of `encode`."""
    from kerasseq.onnx_graph.graph import Graph, Inexpressible

    lesson = learn(spec)
    pipeline = lesson.task.pipeline
    if pipeline.runs_on:
        raise NotChecked("a model that is read in pieces is exported as a step, which its export proves")
    graph = Graph()
    try:
        inside = pipeline.in_graph()
        tensors = inside.inputs(graph)
    except Inexpressible as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    samples = pipeline.odd(lesson.samples)
    inputs, _ = pipeline.encode(samples)
    read = [tensor.name for tensor in build(spec).inputs]
    if pipeline.writes:  # what is written stands in no row that is asked
        read = [name for name in read if name in tensors]
    absent = set(read) - set(tensors)
    if absent:
        said = f"got no {', '.join(sorted(absent))} beside {', '.join(tensors)}"
        raise CheckFailed(f"the graph must have every input of the model, {said}")
    for name in read:
        _output(graph, name, tensors[name], inputs)
    timed = any("time" in sizes for sizes in lesson.task.answer_axes.values())
    counts = [STEPS] if timed else []
    got = run_graph(graph, [*(f"{name}_" for name in read), *counts], inside.feeds(samples))
    for name, found in zip(read, got, strict=False):
        _compare(name, inputs, found)
    if counts and got[-1].tolist() != Examples(inputs).steps(pipeline.names[0]).tolist():
        raise CheckFailed(
            f"the output {STEPS} must count the steps of each row, for answers are cut to them, got {got[-1][:8]}"
        )


def _output(graph: Graph, name: str, tensor: str, inputs: Mapping[str, Values]) -> None:
    """The tensor as an output of the graph, without the row of padding behind the rows that were asked."""
    from kerasseq.pipelines.text_in_graph import without_last_row

    kind = "float32" if name in inputs and _flat(inputs[name]).dtype.kind == "f" else "int64"
    rank = 2 if name not in inputs else _flat(inputs[name]).ndim + isinstance(inputs[name], Ragged)
    sizes = [f"{name}_{axis}" for axis in range(rank)]
    graph.output(f"{name}_", kind, sizes, graph.cast(without_last_row(graph, tensor), kind))


def _flat(values: Values) -> Any:
    return values.flat if isinstance(values, Ragged) else values


def _compare(name: str, inputs: Mapping[str, Values], got: Any) -> None:
    rule = f"in onnxruntime the input {name} must be what encode gives"
    whole = inputs.get(name)
    values: Any = inputs[name.removesuffix(MASK)] if whole is None else whole
    if len(got) != len(values):
        raise CheckFailed(f"{rule}: {len(got)} rows in place of {len(values)}, and one of padding behind them")
    for row, found in enumerate(got):
        if not isinstance(values, Ragged):
            same(f"{rule}, row {row} differs", values[row], found)
            continue
        steps = len(values[row])
        wanted = np.ones(steps) if whole is None else values[row]
        same(f"{rule}, row {row} of {steps} steps differs", wanted, found[:steps])
        same(f"{rule}, and padding zero, that of row {row} is not", np.zeros_like(found[steps:]), found[steps:])


def _size(name: str, axis: str | int) -> str:
    """An axis of an output for a graph, whose numbers are `check_outputs`'s to compare."""
    return axis if isinstance(axis, str) else f"{name}_{axis}"


def check_task_onnx(spec: TaskSpec) -> None:
    """The answers in a graph are those that `decode` gives."""
    from kerasseq.onnx_graph.graph import Graph, Inexpressible

    lesson, model = learn(spec), build(spec)
    task, batch = lesson.task, whole_batch(lesson.examples)
    outputs = outputs_of(lesson, model, batch)
    graph = Graph()
    names = {
        out.name: graph.input(f"given_{out.name}", "float32", [_size(out.name, axis) for axis in out.axes])
        for out in task.outputs
        if out.name in outputs
    }
    try:
        task.to_onnx(graph, names)
    except (NotImplementedError, Inexpressible) as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    found = run_graph(graph, list(task.answer_axes), {names[name]: outputs[name] for name in names})
    got: dict[str, Any] = dict(zip(task.answer_axes, found, strict=True))
    predictions = task.decode(as_lists(lesson, outputs, batch.inputs))
    for name, values in predictions.arrays().items():
        if isinstance(values, list):
            got[name] = [row[: len(one)] for row, one in zip(got[name], values, strict=True)]
    same_answers("in onnxruntime the answers must be those of decode", predictions, got, TOLERANCE)
