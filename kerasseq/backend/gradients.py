"""The gradient of a number by any arrays, not by a model's weights alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasseq.backend.select import current

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["gradients"]

Tensor = Any
Found = tuple[list["NDArray[Any]"], Any]


def gradients(function: Callable[[list[Tensor]], tuple[Tensor, Any]], arrays: Sequence[NDArray[Any]]) -> Found:
    """Differentiate a function once, by each of the arrays; weights of a model are constants.

    Args:
        function: Tensors of the shapes of `arrays` to a scalar, and to whatever else is of interest: lists and
            dicts of tensors.
        arrays: Where the gradient is taken.

    Returns:
        An array for each of `arrays`, zeros where the number does not hang on it; and the rest as NumPy has it.
    """
    if current() == "torch":
        return _torch(function, arrays)
    return _jax(function, arrays)


def _torch(function: Callable[[list[Tensor]], tuple[Tensor, Any]], arrays: Sequence[NDArray[Any]]) -> Found:
    import keras
    import torch

    from kerasseq.backend.torch_host import default_device

    device = default_device()
    given = [torch.from_numpy(np.array(array)).to(device).requires_grad_() for array in arrays]
    value, rest = function(given)
    found = torch.autograd.grad(value, given, allow_unused=True) if given else ()
    by_array = [torch.zeros_like(x) if g is None else g for g, x in zip(found, given, strict=True)]
    return [_array(each) for each in by_array], keras.tree.map_structure(_array, rest)


def _array(tensor: Any) -> Any:
    tensor = tensor.detach().cpu()
    return np.array((tensor.float() if tensor.is_floating_point() and tensor.itemsize < 4 else tensor).numpy())


def _jax(function: Callable[[list[Tensor]], tuple[Tensor, Any]], arrays: Sequence[NDArray[Any]]) -> Found:
    import jax
    import jax.numpy as jnp

    given = [jnp.asarray(array) for array in arrays]
    found, rest = jax.grad(function, has_aux=True)(given) if given else ([], function(given)[1])
    return [np.asarray(each) for each in found], jax.tree.map(np.asarray, rest)
