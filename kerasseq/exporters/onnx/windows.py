"""Convolutions and pools of Keras in ONNX."""

# C channels, M answers of a channel

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.shapes import permuted
from kerasseq.exporters.onnx.writer import Tensor, Writer
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["WINDOWS"]

Convert = Callable[..., Any]


def _windowed(w: Writer, x: Tensor, data_format: str | None, run: Callable[[str, int], str]) -> str:
    """What `run` makes of `x` with its channels behind the batch, for so many axes of places."""
    rank = len(x.shape)
    name = w.get(x, "float32")
    if data_format == "channels_first":
        return run(name, rank - 2)
    turned = run(permuted(w, name, [0, rank - 1, *range(1, rank - 1)]), rank - 2)
    return permuted(w, turned, [0, *range(2, rank), 1])


def _every(value: int | Sequence[int] | None, axes: int) -> list[int]:
    return [1] * axes if value is None else [value] * axes if isinstance(value, int) else [int(n) for n in value]


def _window(padding: str, sizes: Sequence[int], strides: list[int], dilations: list[int]) -> dict[str, Any]:
    """Where the windows lie; `same` splits what is missing, the greater half behind."""
    if padding not in ("valid", "same"):
        raise Inexpressible(f"its padding must be valid or same, got {padding}")
    if padding == "valid":
        return {"strides": strides}
    if any(step > 1 for step in strides):
        return {"strides": strides, "auto_pad": "SAME_UPPER"}
    missing = [step * (size - 1) for size, step in zip(sizes, dilations, strict=True)]
    return {"strides": strides, "pads": [n // 2 for n in missing] + [n - n // 2 for n in missing]}


def _conv(
    w: Writer,
    out: Tensor,
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> str:
    channels = inputs.shape[1 if data_format == "channels_first" else -1]
    rank = len(kernel.shape)
    turned = _kernel(w, kernel, [rank - 1, rank - 2, *range(rank - 2)])

    def run(name: str, axes: int) -> str:
        steps = _every(dilation_rate, axes)
        window = _window(padding, _sizes(kernel), _every(strides, axes), steps)
        group = (channels or 1) // int(kernel.shape[-2] or 1)
        return w.node("Conv", name, turned, dilations=steps, group=group, **window)

    return _windowed(w, inputs, data_format, run)


def _depthwise_conv(w: Writer, out: Tensor, inputs: Tensor, kernel: Tensor, **settings: Any) -> str:
    """A kernel `(*sizes, C, M)`, of each channel M answers, as one `(*sizes, 1, C M)` of groups of one channel."""
    channels, many = (int(n or 1) for n in kernel.shape[-2:])
    shape = (*_sizes(kernel), 1, channels * many)
    if kernel.value is not None:
        whole = Tensor("", kernel.dtype, shape, value=np.reshape(kernel.value, shape))
    else:
        whole = Tensor(w.node("Reshape", w.get(kernel, "float32"), w.ints(*shape)), "float32", shape)
    return _conv(w, out, inputs, whole, **settings)


def _separable_conv(
    w: Writer, out: Tensor, inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, **settings: Any
) -> str:
    between = Tensor(_depthwise_conv(w, out, inputs, depthwise_kernel, **settings), "float32", out.shape)
    if settings.get("data_format") == "channels_first":
        raise Inexpressible("its channels must come last")
    kernel = w.node("Reshape", w.get(pointwise_kernel, "float32"), w.ints(-1, int(pointwise_kernel.shape[-1] or 1)))
    return w.node("MatMul", between.name, kernel)


def _sizes(kernel: Tensor) -> list[int]:
    return [int(size or 1) for size in kernel.shape[:-2]]


def _kernel(w: Writer, kernel: Tensor, order: list[int]) -> str:
    """A kernel in ONNX's order, turned before use where it is a weight."""
    if kernel.value is None:
        return permuted(w, w.get(kernel, "float32"), order)
    return w.number(np.transpose(kernel.value, order), "float32")


def _pool(op: str, **attributes: Any) -> Convert:
    def convert(
        w: Writer,
        out: Tensor,
        inputs: Tensor,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
    ) -> str:
        def run(name: str, axes: int) -> str:
            sizes = _every(pool_size, axes)
            window = _window(padding, sizes, _every(pool_size if strides is None else strides, axes), [1] * axes)
            return w.node(op, name, kernel_shape=sizes, **window, **attributes)

        return _windowed(w, inputs, data_format, run)

    return convert


WINDOWS: Mapping[str, Convert] = {
    "Conv": _conv,
    "DepthwiseConv": _depthwise_conv,
    "SeparableConv": _separable_conv,
    "MaxPool": _pool("MaxPool"),
    "AveragePool": _pool("AveragePool", count_include_pad=0),
}
