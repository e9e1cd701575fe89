"""What can be read off a cell of Keras: its gates at every step, and how its recurrent weights stretch."""

# B batch, T time, D features, U units, G blocks of the recurrent weights

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BLOCKS", "block_names", "gates", "radii", "saturates"]

Array = Any

BLOCKS: dict[Any, tuple[str, ...]] = {
    keras.layers.LSTMCell: ("input", "forget", "cell", "output"),
    keras.layers.GRUCell: ("update", "reset", "candidate"),
    keras.layers.SimpleRNNCell: ("state",),
}
"""What the blocks of `recurrent_kernel` `(U, G U)` make, as Keras has them. `update` of a GRU keeps the old state."""


def block_names(cell: Any) -> tuple[str, ...]:
    """Those of `BLOCKS`; empty for a cell that may compute something else than Keras's."""
    return BLOCKS.get(type(cell), ())


def radii(cell: Any) -> dict[str, float]:
    """Largest absolute eigenvalue of each block of the recurrent weights; infinite where one of them is no number."""
    names = block_names(cell)
    if not names:
        return {}
    blocks = np.split(_array(cell.recurrent_kernel).astype(np.float64), len(names), axis=1)
    return {name: _radius(block) for name, block in zip(names, blocks, strict=True)}


def _radius(block: NDArray[np.float64]) -> float:
    return float(np.abs(np.linalg.eigvals(block)).max()) if np.isfinite(block).all() else float("inf")


def saturates(cell: Any) -> bool:
    """Whether states are what tanh gives: those of a simple recurrent network."""
    return type(cell) is keras.layers.SimpleRNNCell and cell.activation is keras.activations.tanh


def gates(cell: Any, x: Array, h: Array) -> dict[str, Array]:
    """Activations of each gate, `(B, T, U)`; empty for a cell without gates.

    Args:
        cell: Of Keras.
        x: `(B, T, D)`.
        h: The state before each step, `(B, T, U)`.
    """
    names = block_names(cell)
    if len(names) < 2:
        return {}
    bias = np.zeros(1) if cell.bias is None else _array(cell.bias)
    if bias.ndim == 2:  # of a GRU that resets after the product: one of the input, one of the state
        bias = bias.sum(axis=0)
    blocks = np.split(x @ _array(cell.kernel) + h @ _array(cell.recurrent_kernel) + bias, len(names), axis=-1)
    found = dict(zip(names, blocks, strict=True))
    return {name: _activated(cell, value) for name, value in found.items() if name not in ("cell", "candidate")}


def _activated(cell: Any, values: Array) -> Array:
    return _array(cell.recurrent_activation(keras.ops.convert_to_tensor(values)))


def _array(variable: Any) -> Array:
    return np.asarray(keras.ops.convert_to_numpy(variable), dtype=np.float32)
