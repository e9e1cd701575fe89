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
_KEPT = ("GRU", "RNN")


def smaller(precision: str, path: Path, target: Path) -> dict[str, str]:
    """Write the file at `path` anew with weights of another type.

    Args:
        precision: `float16`, stored so and computed in float32, for onnxruntime has no recurrent layer of float16 on a
            CPU; or `int8`, dynamic quantisation of LSTM, matrix products and the table of vectors.
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
        kinds = [node.op_type for node in model.graph.node]
        done = {kind: kinds.count(quantised) for kind, quantised in _QUANTISED.items()}
        left = [f"{kinds.count(kind)} {kind}" for kind in _KEPT if kind in kinds]
        remark = ", ".join(f"{number} {kind}" for kind, number in done.items() if number) or "nothing"
        remark = f"in int8: {remark}" + (
            f"; stays float32, for onnxruntime has no int8 of it: {', '.join(left)}" if left else ""
        )
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
    for cast in reversed(casts):
        graph.node.insert(0, cast)
    return len(casts)


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
