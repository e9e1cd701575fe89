"""Products of Keras in torch alone: of matrices, by letters, over windows, and the attention made of them."""

# B batch, T time, S steps of keys, N heads, H features of a head, C channels

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.nn import functional

from kerasseq.exporters.exporter import Refused

__all__ = ["PRODUCTS"]

Tensor = Any
Part = Callable[..., Any]
CONVOLUTIONS = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}


def _same_kind(x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    kind = torch.promote_types(x1.dtype, x2.dtype)
    return x1.to(kind), x2.to(kind)


def _matmul(x1: Tensor, x2: Tensor) -> Tensor:
    return torch.matmul(*_same_kind(x1, x2))


def _dot(x1: Any, x2: Any) -> Tensor:
    if not isinstance(x1, torch.Tensor) or not isinstance(x2, torch.Tensor) or not x1.ndim or not x2.ndim:
        return x1 * x2
    if x2.ndim > 2:
        raise Refused("dot must have a second tensor of at most two axes, for Keras's backends differ there")
    return _matmul(x1, x2)


def _tensordot(x1: Tensor, x2: Tensor, axes: Any = 2) -> Tensor:
    return torch.tensordot(x1, x2, dims=axes)


def _every(value: Any, axes: int) -> list[int]:
    return [value] * axes if isinstance(value, int) else [int(each) for each in value]


def _windowed(x: Tensor, data_format: str | None, run: Callable[[Tensor], Tensor]) -> Tensor:
    """What `run` makes of `x` with its channels behind the batch."""
    return run(x) if data_format == "channels_first" else run(x.movedim(-1, 1)).movedim(1, -1)


def _padded(
    x: Tensor, padding: str, sizes: Sequence[int], strides: list[int], steps: list[int], value: float
) -> Tensor:
    """`same` splits what is missing, the greater half behind."""
    if padding == "valid":
        return x
    if padding != "same":
        raise Refused(f"a window must have the padding valid or same, got {padding}")
    ends = []
    for place, (size, stride, step) in enumerate(zip(sizes, strides, steps, strict=True)):
        missing = step * (size - 1) if stride == 1 else _missing(x.shape[2 + place], (size - 1) * step + 1, stride)
        ends.append((missing // 2, missing - missing // 2))
    return functional.pad(x, [end for pair in reversed(ends) for end in pair], value=value)


def _missing(length: Any, size: int, stride: int) -> Any:
    answers = (length + stride - 1) // stride
    return torch.sym_max(0, (answers - 1) * stride + size - length)


def _conv(
    inputs: Tensor,
    kernel: Tensor,
    strides: Any = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Any = 1,
) -> Tensor:
    axes = kernel.ndim - 2
    stride, step = _every(strides, axes), _every(dilation_rate, axes)
    turned = kernel.movedim(-1, 0).movedim(-1, 1)  # (out, C, *sizes)

    def run(x: Tensor) -> Tensor:
        x = _padded(x, padding, kernel.shape[:-2], stride, step, 0.0)
        return CONVOLUTIONS[axes](x, turned, None, stride, 0, step, x.shape[1] // kernel.shape[-2])

    return _windowed(inputs, data_format, run)


def _depthwise_conv(inputs: Tensor, kernel: Tensor, **settings: Any) -> Tensor:
    *sizes, channels, many = kernel.shape
    return _conv(inputs, kernel.reshape(*sizes, 1, channels * many), **settings)


def _separable_conv(inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor, **settings: Any) -> Tensor:
    if settings.get("data_format") == "channels_first":
        raise ValueError("its channels must come last")
    kernel = pointwise_kernel.reshape(-1, pointwise_kernel.shape[-1])
    return _depthwise_conv(inputs, depthwise_kernel, **settings) @ kernel


def _flat_pool(x: Tensor, sizes: list[int], steps: list[int]) -> Tensor:
    """As a picture of one column: torch's own fixes the length."""
    return functional.max_pool2d(x.unsqueeze(-1), (*sizes, 1), (*steps, 1)).squeeze(-1)


LARGEST: Mapping[int, Part] = {1: _flat_pool, 2: functional.max_pool2d, 3: functional.max_pool3d}


def _pooled(inputs: Tensor, pool_size: Any, strides: Any) -> tuple[int, list[int], list[int]]:
    """How many axes a window has, its sizes and its steps."""
    axes = inputs.ndim - 2
    sizes = _every(pool_size, axes)
    return axes, sizes, sizes if strides is None else _every(strides, axes)


def _max_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    axes, sizes, stride = _pooled(inputs, pool_size, strides)
    return _windowed(
        inputs,
        data_format,
        lambda x: LARGEST[axes](_padded(x, padding, sizes, stride, [1] * axes, -math.inf), sizes, stride),
    )


def _average_pool(
    inputs: Tensor, pool_size: Any, strides: Any = None, padding: str = "valid", data_format: str | None = None
) -> Tensor:
    """Sums of the window by the numbers that are there: a sum is a convolution with ones, of each channel alone."""
    axes, sizes, stride = _pooled(inputs, pool_size, strides)

    def run(x: Tensor) -> Tensor:
        channels = x.shape[1]
        ones = torch.ones([channels, 1, *sizes])
        total, count = (
            CONVOLUTIONS[axes](
                _padded(each, padding, sizes, stride, [1] * axes, 0.0), ones, None, stride, 0, 1, channels
            )
            for each in (x, torch.ones_like(x))
        )
        return total / count

    return _windowed(inputs, data_format, run)


def _attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor = None,
    mask: Tensor = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """Queries `(B, T, N, H)`, keys and values `(B, S, N, H)`; mask and bias broadcast to `(B, N, T, S)`."""
    if attn_logits_soft_cap is not None:
        raise Refused("dot_product_attention must have no attn_logits_soft_cap")
    asked, keys, values = (each.transpose(1, 2) for each in (query, key, value))
    scores = asked @ keys.transpose(2, 3) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    scores = scores if bias is None else scores + bias
    if is_causal:
        past = torch.arange(scores.shape[3]) <= torch.arange(scores.shape[2])[:, None]
        mask = past if mask is None else mask & past
    if mask is not None:
        scores = torch.where(mask, scores, -0.7 * torch.finfo(torch.float32).max)
    return (torch.softmax(scores, -1) @ values).transpose(1, 2)


PRODUCTS: Mapping[str, Part] = {
    "Matmul": _matmul,
    "Dot": _dot,
    "Einsum": lambda *operands, subscripts="": torch.einsum(subscripts, *operands),
    "Tensordot": _tensordot,
    "Outer": lambda x1, x2: torch.outer(x1.reshape(-1), x2.reshape(-1)),
    "Inner": lambda x1, x2: torch.tensordot(x1, x2, dims=[[-1], [-1]]),
    "Conv": _conv,
    "DepthwiseConv": _depthwise_conv,
    "SeparableConv": _separable_conv,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "DotProductAttention": _attention,
}
