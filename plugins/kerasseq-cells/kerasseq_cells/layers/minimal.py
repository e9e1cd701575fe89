"""Gates that look at no state: all steps are computed at once. Feng et al. (2024), "Were RNNs All We Needed?"."""

# B batch, T time, D features in, U units of one direction

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["MinGRULayer", "MinLSTMLayer", "Minimal"]

Shape = tuple[int | None, ...]


class Minimal(keras.layers.Layer):  # type: ignore[misc]
    """`h_t = a_t * h_{t-1} + b_t`, `h_0 = 0`, where `a` and `b` hang on step t alone, in one direction or two.

    The pairs `(a, b)` are composed by a parallel scan (Blelloch, 1990), in log2 T turns.

    Args:
        units: U, at least 1.
        bidirectional: Read in both directions, with weights of their own.

    Returns:
        `(B, T, U)`, or `(B, T, 2 U)`, forward first.

    Masking: mask `(B, T)` bool, True is valid; a masked step leaves the state as it is.
    """

    parts = 1
    """Products of a step, U numbers each."""

    def __init__(self, units: int, bidirectional: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"units must be at least 1. Received: units={units}")
        self.units = units
        self.bidirectional = bidirectional
        self.supports_masking = True
        self.forward_kernel_initializer = keras.initializers.GlorotUniform()
        self.backward_kernel_initializer = keras.initializers.GlorotUniform()

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the directions."""
        return ("forward", "backward")[: 1 + self.bidirectional]

    def build(self, input_shape: Shape) -> None:
        shape = (input_shape[-1], self.parts * self.units)
        for way in self.ways:
            initializer = getattr(self, f"{way}_kernel_initializer")
            kernel = self.add_weight(shape=shape, initializer=initializer, name=f"{way}_kernel")
            setattr(self, f"{way}_kernel", kernel)
            setattr(self, f"{way}_bias", self.add_weight(shape=shape[1:], initializer="zeros", name=f"{way}_bias"))

    def call(self, x: Any, mask: Any = None) -> Any:
        return ops.concatenate([self._walk(x, mask, way) for way in self.ways], axis=-1)

    def pairs(self, gates: Any) -> tuple[Any, Any]:
        """`a` and `b` of products `(B, T, parts * U)`, `(B, T, U)` each."""
        raise NotImplementedError

    def _walk(self, x: Any, mask: Any, way: str) -> Any:
        a, b = self.pairs(ops.matmul(x, getattr(self, f"{way}_kernel")) + getattr(self, f"{way}_bias"))
        if mask is not None:
            valid = mask[:, :, None]
            a, b = ops.where(valid, a, ops.ones_like(a)), ops.where(valid, b, ops.zeros_like(b))
        return ops.associative_scan(_composed, (a, b), reverse=way == "backward", axis=1)[1]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:2], self.units * len(self.ways))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units, "bidirectional": self.bidirectional}


def _composed(first: Any, second: Any) -> tuple[Any, Any]:
    """Two steps as one."""
    return first[0] * second[0], second[0] * first[1] + second[1]


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class MinGRULayer(Minimal):
    """`z = s(W_z x + b_z)`, `h' = (1 - z) * h + z * (W_h x + b_h)`; see `Minimal`."""

    parts = 2

    def pairs(self, gates: Any) -> tuple[Any, Any]:
        z, new = ops.split(gates, 2, axis=-1)
        return ops.sigmoid(-z), ops.sigmoid(z) * new


@keras.saving.register_keras_serializable(package="kerasseq_cells")
class MinLSTMLayer(Minimal):
    """`f = s(W_f x + b_f)`, `i = s(W_i x + b_i)`, `h' = (f * h + i * (W_h x + b_h)) / (f + i)`; see `Minimal`."""

    parts = 3

    def pairs(self, gates: Any) -> tuple[Any, Any]:
        f, i, new = ops.split(gates, 3, axis=-1)
        kept = ops.sigmoid(ops.log_sigmoid(f) - ops.log_sigmoid(i))  # f / (f + i), whatever the gates are
        return kept, (1 - kept) * new
