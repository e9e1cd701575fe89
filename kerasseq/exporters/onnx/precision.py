"""Smaller numbers in an ONNX file: what they save, and what they cost."""

# N rows

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kerasseq.exporters.exporter import Subject
from kerasseq.exporters.onnx.sealing import sealed_bytes
from kerasseq.exporters.proof import Answers, joined, proof_samples
from kerasseq.tasks.predictions import is_choice, largest_apart

if TYPE_CHECKING:
    from kerasseq.corpus.samples import Samples

__all__ = ["costs", "smaller"]

SMALL = 256
"""Constants of fewer numbers stay as they are."""

ROUNDS = 3

_QUANTISED = {"LSTM": "DynamicQuantizeLSTM", "MatMul": "MatMulInteger"}
_STORED = ("GRU", "RNN")
"""onnxruntime has no arithmetic of 8-bit numbers for them; their weights alone are stored so."""
LEVELS = 127


def smaller(precision: str, path: Path, target: Path) -> dict[str, str]:
    """Write the file at `path` anew with weights of another type.

    Args:
        precision: `float16`, stored so and computed in float32, for onnxruntime has no recurrent layer of float16 on a
            CPU; or `int8`, dynamic quantisation of LSTM, matrix products and the table of vectors, and weights of GRU
            and RNN stored so, a scale for each row, and computed in float32.
        path: A float32 file.
        target: Where the smaller one goes.

    Returns:
        What was changed and what could not be.
    """
    if precision == "float16":
        model = onnx.load(path)
        changed = _halve(model.graph)
        remark = f"{changed} tables of weights in float16, computed in float32"
    else:
        model = _quantised(path, target)
        stored = _stored(model.graph)
        kinds = [node.op_type for node in model.graph.node]
        done = {kind: kinds.count(quantised) for kind, quantised in _QUANTISED.items()}
        remark = "in int8: " + (", ".join(f"{number} {kind}" for kind, number in done.items() if number) or "nothing")
        if stored:
            remark += f"; weights stored in int8, computed in float32: {', '.join(stored)}"
    for entry in model.metadata_props:
        if entry.key == "kerasseq.precision":
            entry.value = precision
    target.write_bytes(sealed_bytes(model))
    return {"weights": remark}


def _halve(graph: onnx.GraphProto) -> int:
    """Store large float32 constants as float16, each with a Cast behind it."""
    casts = []
    for constant in graph.initializer:
        if constant.data_type != TensorProto.FLOAT or np.prod(constant.dims) < SMALL:
            continue
        name, half = constant.name, f"{constant.name}_half"
        constant.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(constant).astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [name], to=TensorProto.FLOAT, name=f"Cast_{name}"))
    _put_first(graph, casts)
    return len(casts)


def _stored(graph: onnx.GraphProto) -> list[str]:
    """Store weights of the layers in `_STORED` in 8 bits, symmetric, by a scale for each unit of a gate (Jacob et al.,
    2018); what was changed.
    """
    constants = {constant.name: constant for constant in graph.initializer}
    layers = [node for node in graph.node if node.op_type in _STORED and constants.keys() & node.input[1:3]]
    kinds = [layer.op_type for layer in layers]
    names = dict.fromkeys(name for layer in layers for name in layer.input[1:3] if name in constants)
    _put_first(graph, [node for name in names for node in _rows_in_bytes(graph, constants[name])])
    return [f"{kinds.count(kind)} {kind}" for kind in _STORED if kind in kinds]


def _put_first(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Nodes that give constants back stand before all others, in their order."""
    for node in reversed(nodes):
        graph.node.insert(0, node)


def _rows_in_bytes(graph: onnx.GraphProto, constant: onnx.TensorProto) -> list[onnx.NodeProto]:
    """Replace weights `(directions, rows, columns)` of float32; the nodes that give them back."""
    name = constant.name
    weights = numpy_helper.to_array(constant)
    rows = weights.reshape(-1, weights.shape[-1])
    scales = np.maximum(np.abs(rows).max(axis=1), np.finfo(np.float32).tiny * LEVELS) / LEVELS
    graph.initializer.remove(constant)
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.rint(rows / scales[:, None]).astype(np.int8), f"{name}_bytes"),
            numpy_helper.from_array(scales.astype(np.float32), f"{name}_scales"),
            numpy_helper.from_array(np.array(weights.shape, dtype=np.int64), f"{name}_shape"),
        ]
    )
    flat = f"{name}_rows"
    given = [f"{name}_bytes", f"{name}_scales"]
    return [
        helper.make_node("DequantizeLinear", given, [flat], axis=0, name=f"Dequantize_{name}"),
        helper.make_node("Reshape", [flat, f"{name}_shape"], [name], name=f"Reshape_{name}"),
    ]


def _quantised(path: Path, target: Path) -> onnx.ModelProto:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        path,
        target,
        op_types_to_quantize=["LSTM", "MatMul", "Gather"],
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )
    model: onnx.ModelProto = onnx.load(target)
    return model


def costs(subject: Subject, before: tuple[Path, Answers], after: tuple[Path, Answers]) -> dict[str, str]:
    """Size, speed and scores of a file before and after, on the test rows."""
    sizes = [path.stat().st_size / 1e6 for path, _ in (before, after)]
    facts = {"size": f"{sizes[1]:.2f} MB, float32 {sizes[0]:.2f} MB"}
    if not len(subject.samples):
        return facts
    some = proof_samples(subject.samples)
    rates = _rates(_parts(some), before[1], after[1])
    facts["speed"] = f"{rates[1]:,.0f} rows/s, float32 {rates[0]:,.0f}, batches of 64"
    told = [joined([answer(part) for part in _parts(subject.samples)]) for _, answer in (before, after)]
    facts["largest change of an answer"] = f"{_largest(*told):.2g}"
    if subject.truth is not None:
        task = subject.trained.task
        scores = [task.quick_scores(subject.truth, task.read(answers)) for answers in told]
        facts |= {name: f"{scores[1][name]:.4f}, float32 {scores[0][name]:.4f}" for name in scores[0]}
    return facts


def _largest(before: dict[str, Any], after: dict[str, Any]) -> float:
    numbers = [name for name, values in before.items() if not is_choice(values)]
    return max((float(largest_apart(before[n], after[n], 1.0).max(initial=0.0)) for n in numbers), default=0.0)


def _parts(samples: Samples) -> list[Samples]:
    return [samples.take(range(start, min(start + 64, len(samples)))) for start in range(0, len(samples), 64)]


def _rates(parts: list[Samples], *contenders: Answers) -> list[float]:
    """Texts per second of each, the median of some rounds in turn."""
    seconds: list[list[float]] = [[] for _ in contenders]
    for round_ in range(ROUNDS + 1):
        for number, answer in enumerate(contenders):
            begun = time.perf_counter()
            for part in parts:
                answer(part)
            if round_:
                seconds[number].append(time.perf_counter() - begun)
    return [sum(map(len, parts)) / float(np.median(row)) for row in seconds]
