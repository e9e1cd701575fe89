"""Numbers of Python on their way to a device, without waiting for it.

Keras makes a tensor of every number that it meets, and copies it to where the others lie; before a copy from ordinary
memory, torch waits until the device has done all that it has to do.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from kerasseq.backend.select import current

__all__ = ["number", "on_the_cpu"]


def number(value: float, like: Any) -> Any:
    """What stands for `value` in an operation with the tensor `like`: itself, or a scalar that its device fills in."""
    if current() != "torch":
        return value
    import torch

    if not isinstance(like, torch.Tensor) or like.device.type in ("cpu", "meta"):
        return value
    return torch.full((), value, dtype=like.dtype, device=like.device)


def on_the_cpu() -> AbstractContextManager[Any]:
    """Variables of Keras that are made inside lie on the CPU, where they can be read without waiting; on torch alone,
    which takes single numbers from there."""
    if current() != "torch":
        return nullcontext()
    import keras

    device: AbstractContextManager[Any] = keras.device("cpu")
    return device
