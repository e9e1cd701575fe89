"""What the CPU knows of tensors that lie on a device, because their numbers went there from it.

To ask a device how long the rows of a batch are is to wait for all that it still has to do. A batch is made on the CPU,
and a mask is a comparison of its ids with 0: whoever uploads or compares notes what came of it here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import torch
from torch.utils.weak import WeakTensorKeyDictionary

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["default_device", "known", "note", "note_from", "once", "upload"]

_numbers: Any = WeakTensorKeyDictionary()
_made: Any = WeakTensorKeyDictionary()


def default_device() -> torch.device:
    """Where Keras puts weights."""
    return torch.device(keras.ops.zeros(()).device)


def upload(array: NDArray[Any], device: torch.device) -> torch.Tensor:
    """`array` as a tensor on `device`, without waiting for it; the array is known from then on and must stay as it is.

    On the CPU both share their memory.
    """
    tensor = torch.from_numpy(array)
    if device.type == "cpu":
        return tensor
    there = tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor.to(device)
    note(there, array)
    return there


def note(tensor: Any, array: NDArray[Any]) -> None:
    """`tensor` has the numbers of `array`."""
    _numbers[tensor] = array


def note_from(tensor: Any, source: Any, change: Callable[[NDArray[Any]], NDArray[Any]]) -> None:
    """`tensor` has the numbers that `change` makes of those of `source`, if these are known."""
    array = known(source)
    if array is not None:
        note(tensor, change(array))


def once(tensor: Any, key: Any, make: Callable[[], Any]) -> Any:
    """What `make` makes of a tensor, made once while its numbers stay: the layers of a model share a mask."""
    changes = 0 if tensor.is_inference() else tensor._version
    kept = _made.setdefault(tensor, {})
    key = (key, changes, torch.is_inference_mode_enabled())  # what is made there no gradient may keep
    if key not in kept:
        kept[key] = make()
    return kept[key]


def known(tensor: Any) -> NDArray[Any] | None:
    """The numbers of `tensor`, where nobody has to be asked for them."""
    return _numbers.get(tensor) if _numbers else None
