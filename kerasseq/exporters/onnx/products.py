"""Products of Keras in ONNX: of matrices, by letters, and the attention made of them."""

# B batch, T time, S steps of keys, N heads, H features of a head

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasseq.exporters.onnx.writer import Tensor, Value, Writer
from kerasseq.onnx_graph.graph import Inexpressible

__all__ = ["PRODUCTS"]

Convert = Callable[..., Any]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _matmul(w: Writer, out: Tensor, x1: Tensor, x2: Tensor) -> str:
    return w.node("MatMul", w.get(x1, out.kind), w.get(x2, out.kind))


def _dot(w: Writer, out: Tensor, x1: Tensor, x2: Tensor) -> str:
    one, other = w.get(x1, out.kind), w.get(x2, out.kind)
    if not _rank(x1) or not _rank(x2):
        return w.node("Mul", one, other)
    if _rank(x2) > 2:
        raise Inexpressible("its second tensor must have at most two axes, for Keras's backends differ there")
    return w.node("MatMul", one, other)


def _rank(x: Value) -> int:
    return len(x.shape) if isinstance(x, Tensor) else 0


def _einsum(w: Writer, out: Tensor, *operands: Tensor, subscripts: str = "") -> str:
    return w.node("Einsum", *(w.get(x, out.kind) for x in operands), equation=subscripts.replace(" ", ""))


def _tensordot(w: Writer, out: Tensor, x1: Tensor, x2: Tensor, axes: Any = 2) -> str:
    ranks = len(x1.shape), len(x2.shape)
    if isinstance(axes, int):
        axes = range(ranks[0] - axes, ranks[0]), range(axes)
    summed = [[int(axis) % rank for axis in np.atleast_1d(each)] for each, rank in zip(axes, ranks, strict=True)]
    one, other = list(LETTERS[: ranks[0]]), list(LETTERS[ranks[0] : sum(ranks)])
    for a, b in zip(*summed, strict=True):
        other[b] = one[a]
    kept = [c for n, c in enumerate(one) if n not in summed[0]] + [c for n, c in enumerate(other) if n not in summed[1]]
    return _einsum(w, out, x1, x2, subscripts=f"{''.join(one)},{''.join(other)}->{''.join(kept)}")


def _outer(w: Writer, out: Tensor, x1: Tensor, x2: Tensor) -> str:
    return w.node("Mul", w.unsqueeze(w.flat(x1, out.kind), 1), w.unsqueeze(w.flat(x2, out.kind), 0))


def _inner(w: Writer, out: Tensor, x1: Tensor, x2: Tensor) -> str:
    return _tensordot(w, out, x1, x2, [[len(x1.shape) - 1], [len(x2.shape) - 1]])


def _attention(
    w: Writer,
    out: Tensor,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    bias: Tensor | None = None,
    mask: Tensor | None = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> str:
    """Queries `(B, T, N, H)`, keys and values `(B, S, N, H)`; mask and bias broadcast to `(B, N, T, S)`."""
    if attn_logits_soft_cap is not None:
        raise Inexpressible("it must have no attn_logits_soft_cap")
    share = 1 / math.sqrt(int(query.shape[-1] or 1)) if scale is None else scale
    asked, keys, values = (w.node("Transpose", w.get(x, "float32"), perm=[0, 2, 1, 3]) for x in (query, key, value))
    scores = w.node("MatMul", asked, w.node("Transpose", keys, perm=[0, 1, 3, 2]))
    scores = w.node("Mul", scores, w.get(share, "float32"))
    scores = scores if bias is None else w.node("Add", scores, w.get(bias, "float32"))
    chosen = None if mask is None else w.get(mask, "bool")
    if is_causal:
        rows, columns = (w.node("Range", *_upto(w, name, 2)) for name in (asked, keys))
        past = w.node("LessOrEqual", w.unsqueeze(columns, 0), w.unsqueeze(rows, 1))
        chosen = past if chosen is None else w.node("And", chosen, past)
    if chosen is not None:
        scores = w.node("Where", chosen, scores, w.number(-0.7 * float(np.finfo(np.float32).max), "float32"))
    found = w.node("MatMul", w.node("Softmax", scores, axis=-1), values)
    return w.node("Transpose", found, perm=[0, 2, 1, 3])


def _upto(w: Writer, name: str, axis: int) -> tuple[str, str, str]:
    return w.number(0, "int64"), w.squeeze(w.size(name, axis), 0), w.number(1, "int64")


PRODUCTS: Mapping[str, Convert] = {
    "Matmul": _matmul,
    "Dot": _dot,
    "Einsum": _einsum,
    "Tensordot": _tensordot,
    "Outer": _outer,
    "Inner": _inner,
    "DotProductAttention": _attention,
}
