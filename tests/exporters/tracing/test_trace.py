"""A layer's code runs on tensors whose sizes are open, and leaves Keras as it was."""

import keras
import pytest
from keras import ops

from kerasseq.exporters.tracing.trace import Untraceable, trace


class Of(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x):
        return self.function(x)


def steps(function):
    found = trace(Of(function, name="odd"), [keras.KerasTensor((None, None, 4))], {})
    return [type(step.operation).__name__ for step in found.steps]


def test_a_size_that_is_open_is_an_operation_of_its_own():
    assert steps(lambda x: ops.ones((ops.shape(x)[0], x.shape[-1]))) == ["SizeOf", "Created"]
    assert steps(lambda x: ops.arange(x.shape[1])) == ["SizeOf", "Arange"]


def test_equality_is_an_operation_and_what_nothing_needs_is_none():
    assert steps(lambda x: (ops.exp(x), x == 0)[1]) == ["Equal"]


@pytest.mark.parametrize(
    "function", [lambda x: [x[:, i] for i in range(x.shape[1])], lambda x: x if x.shape[1] > 3 else -x]
)
def test_code_that_needs_a_number_is_refused_with_its_line(function):
    with pytest.raises(Untraceable, match=r"layer 'odd': its call must .* it failed at .*test_trace.py:\d+: TypeError"):
        steps(function)


def test_keras_is_as_before():
    x = keras.KerasTensor((None, 4))
    steps(lambda x: x * x.shape[1])
    with pytest.raises(Untraceable):
        steps(lambda x: int(x.shape[1]))
    assert x.shape == (None, 4) and (x == 0) is False
