"""What holds for tasks that answer texts: targets, state, outputs, loss, answers, scores."""

# N rows, B batch

from __future__ import annotations

import json
from typing import Any

import numpy as np

from kerasseq.errors import DataError
from kerasseq.spec import TaskSpec
from kerasseq.testing.compare import same
from kerasseq.testing.faults import CheckFailed, NotChecked, told
from kerasseq.testing.network import answers, array, build, inputs_of
from kerasseq.testing.onnx_checks import TOLERANCE, run_graph
from kerasseq.testing.task import built, rows, text_task

__all__ = [
    "check_answers",
    "check_loss",
    "check_outputs",
    "check_scores",
    "check_state",
    "check_targets",
    "check_task_onnx",
]


def check_targets(spec: TaskSpec) -> None:
    """Targets become finite numbers and come back; a wrong one is an error that says file and line."""
    task, table = built(spec), rows(spec)
    truth = task.encode(table)
    if len(truth) != table.num_rows or not np.isfinite(truth.astype(float)).all():
        raise CheckFailed(
            f"encode must give a finite number for each of {table.num_rows} rows, got shape {truth.shape}"
        )
    given, back = table["target"].to_pylist(), task.truth_column(truth)
    if not all(
        a == b or (not isinstance(a, str) and abs(a - float(b)) < 1e-5) for a, b in zip(given, back, strict=True)
    ):
        raise CheckFailed(f"truth_column must give the targets as the data writes them, {given[:4]}, got {back[:4]}")
    weights = task.weights(truth)
    if weights.shape != (table.num_rows,) or not (weights >= 0).all():
        raise CheckFailed(f"weights must give a number of at least 0 for each row, got shape {weights.shape}")
    import pyarrow as pa

    wrong = [*map(str, given[:-1]), "\u00a7 nonsense"]
    table = table.set_column(table.column_names.index("target"), "target", pa.array(wrong))
    try:
        task.encode(table)
    except DataError as error:
        place = f"rows.csv:{table.num_rows + 1}"
        if place not in str(error):
            raise CheckFailed(f"a wrong target must be an error that says {place}, got {told(error)}") from error
    else:
        raise CheckFailed(f"a wrong target must be a DataError, {wrong[-1]!r} among {given[:3]} was taken")


def check_state(spec: TaskSpec) -> None:
    """What was learned goes through JSON, and the restored task answers as before."""
    task = built(spec)
    try:
        state = json.loads(json.dumps(task.state(), allow_nan=False))
    except (TypeError, ValueError) as cause:
        raise CheckFailed(f"state must be JSON, got {told(cause)}") from cause
    again = text_task(spec).restore(state)
    outputs = _outputs(spec)
    one, other = (json.dumps(t.columns(t.decode(outputs))) for t in (task, again))
    if one != other or again.labels != task.labels or dict(again.outputs) != dict(task.outputs):
        raise CheckFailed(f"a restored task must answer as before, got {other[:150]} for {one[:150]}, state {state}")


def check_outputs(spec: TaskSpec) -> None:
    """The model has the outputs that the task says, of their shapes."""
    task, model = built(spec), build(spec)
    said = {n: tuple(t.shape) for n, t in model.output.items() if not n.startswith("attention")}
    if said != {name: tuple(shape) for name, shape in task.outputs.items()}:
        raise CheckFailed(f"outputs must say what build_model gives, {said}, got {dict(task.outputs)}")
    for name, value in _outputs(spec).items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise CheckFailed(f"the output {name} {value.shape} must be finite float32, got {value.dtype}")


def check_loss(spec: TaskSpec) -> None:
    """The loss is one finite number for each row, which hangs on no other row."""
    from keras import ops

    task, table = built(spec), rows(spec)
    outputs = _outputs(spec)
    count = len(next(iter(outputs.values())))
    truth = task.encode(table)[:count]

    def loss(part: slice) -> Any:
        given = {name: ops.convert_to_tensor(value[part]) for name, value in outputs.items()}
        return array(task.loss(given, ops.convert_to_tensor(truth[part])))

    whole = loss(slice(None))
    if whole.shape != (count,) or not np.isfinite(whole).all():
        raise CheckFailed(f"the loss must be a finite number for each of {count} rows, got shape {whole.shape}")
    for row in range(count):
        rule = f"the loss of a row must hang on no other row, that of row {row} does"
        same(rule, whole[row : row + 1], loss(slice(row, row + 1)))


def check_answers(spec: TaskSpec) -> None:
    """Every row gets an answer, in columns of which `prediction` is the first; how wrong it is, is a number."""
    task, outputs = built(spec), _outputs(spec)
    count = len(next(iter(outputs.values())))
    predictions = task.decode(outputs)
    columns = task.columns(predictions)
    lengths = {name: len(column) for name, column in columns.items()}
    if next(iter(columns), "") != "prediction" or set(lengths.values()) != {count}:
        raise CheckFailed(f"columns must begin with prediction and have {count} rows each, got {lengths}")
    losses = task.row_losses(task.encode(rows(spec))[:count], predictions)
    if losses.shape != (count,) or not np.isfinite(losses).all():
        raise CheckFailed(f"row_losses must be a finite number for each of {count} rows, got shape {losses.shape}")


def check_scores(spec: TaskSpec) -> None:
    """The main score is among the scores; quick scores are numbers; baselines answer every row."""
    task, table = built(spec), rows(spec)
    truth, texts = task.encode(table), table["text"].to_pylist()
    found = task.baselines(texts, truth, texts, seed=0)
    for name, predictions in found.items():
        if len(predictions.answers) != len(texts):
            raise CheckFailed(f"a baseline must answer all {len(texts)} rows, {name} gives {len(predictions.answers)}")
        names = [s.name for s in task.scores(truth, predictions, resamples=100, confidence=0.95, seed=0)]
        if task.main_score not in names:
            raise CheckFailed(f"main_score must be one of the scores, {', '.join(names)}, got {task.main_score}")
        quick = task.quick_scores(truth, predictions)
        if not all(np.isfinite(value) for value in quick.values()):
            raise CheckFailed(f"quick_scores must be finite, got {quick} for {name}")


def check_task_onnx(spec: TaskSpec) -> None:
    """The answers in a graph are those that `decode` gives."""
    from kerasseq.onnx_graph.graph import Graph

    task, outputs = built(spec), _outputs(spec)
    graph = Graph()
    names = {
        n: graph.input(f"given_{n}", "float32", [f"{n}_{axis}" for axis in range(v.ndim)]) for n, v in outputs.items()
    }
    try:
        task.to_onnx(graph, names)
    except NotImplementedError as cause:
        raise NotChecked(f"not exported: {cause}") from cause
    predictions = task.decode(outputs)
    feeds = {names[n]: v for n, v in outputs.items()}
    if task.labels:
        labels, shares = run_graph(graph, ["label", "probabilities"], feeds)
        same("in onnxruntime the probabilities must be those of decode", predictions.probabilities, shares, TOLERANCE)
        said = task.columns(predictions)["prediction"]
        if list(labels) != said:
            raise CheckFailed(f"in onnxruntime the labels must be those of decode, {said[:4]}, got {list(labels)[:4]}")
    else:
        [scores] = run_graph(graph, ["score"], feeds)
        same("in onnxruntime the scores must be those of decode", np.asarray(predictions.answers), scores, TOLERANCE)


def _outputs(spec: TaskSpec) -> Any:
    """What a small untrained model says of four texts."""
    model = build(spec)
    return {n: v for n, v in answers(model, inputs_of(model)).items() if not n.startswith("attention")}
