"""A call of one of Keras's operations as graph nodes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import tree

from kerasseq.exporters.onnx.activations import ACTIVATIONS
from kerasseq.exporters.onnx.arithmetic import ARITHMETIC
from kerasseq.exporters.onnx.norms import NORMS
from kerasseq.exporters.onnx.picks import PICKS
from kerasseq.exporters.onnx.products import PRODUCTS
from kerasseq.exporters.onnx.reductions import REDUCTIONS
from kerasseq.exporters.onnx.shapes import SHAPES
from kerasseq.exporters.onnx.windows import WINDOWS
from kerasseq.exporters.onnx.writer import Tensor, Writer
from kerasseq.exporters.tracing.trace import Step, constant_of
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["OPERATIONS", "converted", "tensors"]

OPERATIONS: Mapping[str, Callable[..., Any]] = {
    **ARITHMETIC,
    **ACTIVATIONS,
    **REDUCTIONS,
    **NORMS,
    **SHAPES,
    **PICKS,
    **PRODUCTS,
    **WINDOWS,
}
"""Name of the operation's class to what writes it: `convert(writer, out, *args, **kwargs, **settings)`. `out` is the
tensor that the answer becomes, without a name; the answer is a name, or a list of names for several."""


def converted(w: Writer, step: Step, known: Mapping[int, Tensor], layer: str) -> list[Tensor]:
    """Add the nodes of a call.

    Args:
        w: Where to.
        step: The call.
        known: The tensor of each symbolic one.
        layer: Whose operation it is, for messages; "" where it is the model's own.

    Returns:
        A tensor for each of its outputs.

    Raises:
        Inexpressible: It has no form in ONNX, or not with its settings.
    """
    kind = type(step.operation).__name__
    convert = OPERATIONS.get(kind)
    if convert is None:
        raise _refusal(layer, kind, "must have a form in ONNX, it has none")
    args, kwargs = tensors(step.args, known), tensors({**step.kwargs, **_settings(step)}, known)
    outs = [Tensor("", each.dtype, each.shape) for each in step.outputs]
    try:
        inspect.signature(convert).bind(w, outs[0], *args, **kwargs)
    except TypeError as cause:
        raise _refusal(layer, kind, f"must be called as its form in ONNX can say, got {cause}") from cause
    try:
        found = convert(w, outs[0], *args, **kwargs)
    except Inexpressible as cause:
        raise _refusal(layer, kind, f"cannot be said in ONNX: {cause}") from cause
    found = found if isinstance(found, list) else [found]
    return [
        each if isinstance(each, Tensor) else Tensor(w.wrapped(each, out.dtype), out.dtype, out.shape)
        for each, out in zip(found, outs, strict=True)
    ]


def tensors(structure: Any, known: Mapping[int, Tensor]) -> Any:
    """Arguments with a `Tensor` for each symbolic one, each weight and each array; other values as they are."""

    def leaf(value: Any) -> Any:
        if isinstance(value, keras.KerasTensor):
            return known[id(value)]
        value = constant_of(value)
        if isinstance(value, np.ndarray | np.generic):
            array = np.asarray(value)
            return Tensor("", str(array.dtype), array.shape, value=array)
        return value

    return tree.map_structure(leaf, structure)


def _settings(step: Step) -> dict[str, Any]:
    """Without the type of the answer, which the answer says."""
    return {key: value for key, value in step.settings.items() if key != "dtype"}


def _refusal(layer: str, kind: str, message: str) -> Inexpressible:
    place, hint = (f"layer {layer!r}: ", "; its Spec can write the layer through to_onnx") if layer else ("", "")
    return Inexpressible(f"{place}operation {kind} {message}{hint}")
