"""What goes to a device goes there without waiting for it, and means the same."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

if keras.backend.backend() != "torch":
    pytest.skip("jax waits for nothing before a number is read", allow_module_level=True)

import torch

from kerasseq.backend import bags, beside, torch_host
from kerasseq.backend.beside import number
from kerasseq.layers.pooling import AttentionPooling, LastPooling, MaxPooling
from kerasseq.layers.range_squash import RangeSquash


def elsewhere(value: float, like: Any) -> Any:
    """What `number` gives for a tensor that lies on a device."""
    return torch.full((), value, dtype=like.dtype) if isinstance(like, torch.Tensor) and not like.is_meta else value


def test_a_number_is_itself_on_the_cpu_and_in_a_graph_without_numbers() -> None:
    for like in (torch.zeros(2), torch.zeros(2, device="meta"), keras.KerasTensor((2,)), np.zeros(2)):
        assert number(0.5, like) == 0.5 and isinstance(number(0.5, like), float)


@pytest.mark.parametrize(
    "layer", [AttentionPooling(3), MaxPooling(), LastPooling(directions=2), RangeSquash(0.0, 1.0)], ids=repr
)
def test_layers_make_no_tensor_of_a_number_on_a_device(layer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    x, mask = torch.randn(3, 5, 4), torch.arange(5) < torch.tensor([5, 2, 0])[:, None]
    how = {} if isinstance(layer, RangeSquash) else {"mask": mask}
    layer.build(x.shape)
    before = layer.call(x, **how)
    for module in ("backend.masked", "layers.softmax", "layers.pooling", "layers.range_squash"):
        monkeypatch.setattr(f"kerasseq.{module}.number", elsewhere)
    made = []
    as_tensor = torch.as_tensor

    def counting(value: Any, *args: Any, **how: Any) -> Any:
        made.append(value)
        return as_tensor(value, *args, **how)

    monkeypatch.setattr(torch, "as_tensor", counting)
    after = layer.call(x, **how)
    for one, two in zip(keras.tree.flatten(before), keras.tree.flatten(after), strict=True):
        assert torch.equal(one, two)
    assert made == []


def test_sums_of_rows_are_the_same_without_counting_them() -> None:
    random = np.random.default_rng(0)
    rows = torch.from_numpy(random.integers(0, 6, (3, 4, 5)))
    rows[0, 0] = 0
    found = []
    for summed in (bags._bags, bags._weighted):
        table = torch.arange(24, dtype=torch.float32).view(6, 4).requires_grad_()
        y = summed(table, rows)
        (y * torch.linspace(-1, 1, y.numel()).view(y.shape)).sum().backward()
        found.append((y, table.grad))
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two)


def test_what_is_uploaded_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    array = np.arange(6).reshape(2, 3)
    there = torch_host.upload(array, torch.device("meta"))
    assert there.is_meta and torch_host.known(there) is array
    here = torch_host.upload(array, torch.device("cpu"))
    assert torch_host.known(here) is None and np.shares_memory(here.numpy(), array)


def test_the_device_is_that_of_the_weights() -> None:
    assert torch_host.default_device() == torch.device("cpu")
    with keras.device("meta"):
        assert torch_host.default_device() == torch.device("meta")


def test_variables_made_for_the_cpu_lie_there() -> None:
    with keras.device("meta"), beside.on_the_cpu():
        assert keras.Variable(1.0)._value.device.type == "cpu"
        assert ops.zeros(()).device.type == "cpu"
