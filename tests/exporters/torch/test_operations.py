"""Every operation that a layer may be made of, in torch alone and in Keras, at several sizes."""

import importlib.util
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
from keras import tree

from kerasseq.exporters.torch.network import exported
from kerasseq.exporters.torch.steps import Steps
from kerasseq.exporters.tracing.trace import trace

_SPEC = importlib.util.spec_from_file_location("operations", Path(__file__).parents[1] / "operations.py")
operations = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(operations)

SIZES = [(3, 4), (1, 1), (2, 7)]


def steps_of(function):
    shapes = ((None, None, 4), "float32"), ((None, None), "bool"), ((None, None), "int32")
    given = [keras.KerasTensor(*each) for each in shapes]
    found = trace(operations.Of(function, name="made"), given, {})
    return Steps(found.steps, [new for new, _ in found.inputs], tree.flatten(found.outputs), "made")


def check(function, module):
    for batch, time in SIZES:
        arrays = operations.example(batch, time)
        wanted = tree.flatten(function(*map(keras.ops.convert_to_tensor, arrays)))
        found = module(*map(torch.tensor, arrays))
        for n, (one, other) in enumerate(zip(wanted, found, strict=True)):
            one, other = keras.ops.convert_to_numpy(one), np.asarray(other)
            assert other.shape == one.shape, (n, batch, time)
            assert (other.dtype.kind == "f") == (one.dtype.kind == "f"), (n, batch, time)
            np.testing.assert_allclose(other, one, atol=3e-6, rtol=3e-6, err_msg=f"{n} of {batch}, {time}")


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")  # at one step
@pytest.mark.parametrize("name", operations.EVERY)
def test_an_operation_gives_what_keras_gives(name):
    check(operations.EVERY[name], steps_of(operations.EVERY[name]))


FIXED = ("slices of rows", "items by sizes", "repeat")
"""What torch exports of no free sizes."""


@pytest.mark.slow  # test_network.py has programs of real models
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")
@pytest.mark.parametrize("group", ["ELEMENTWISE", "REDUCTIONS", "SHAPES", "PRODUCTS"])
def test_a_program_of_them_has_free_sizes(group):
    """All of a group as one layer; three steps more, as a network reads that is not exported without."""
    functions = [function for name, function in getattr(operations, group).items() if name not in FIXED]

    def longer(x, mask, ids):
        pad = keras.ops.pad
        x, mask, ids = pad(x, [[0, 0], [0, 3], [0, 0]]), pad(mask, [[0, 0], [0, 3]]), pad(ids, [[0, 0], [0, 3]])
        return [y for function in functions for y in tree.flatten(function(x, mask, ids))]

    class Whole(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.steps = steps_of(longer)

        def forward(self, x, mask, ids):
            return self.steps(x, mask, ids)

    batch, time = torch.export.Dim("batch"), torch.export.Dim("time")
    shapes = {name: {0: batch, 1: time} for name in ("x", "mask", "ids")}
    arguments = tuple(map(torch.tensor, operations.example(3, 4)))
    check(longer, exported(Whole(), arguments, shapes).module())
