"""`RNN` around a cell of somebody's own, as a loop of ONNX, beside what Keras computes."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest
from keras import ops, tree

from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.onnx_graph.graph import Graph, Inexpressible


@keras.saving.register_keras_serializable(package="kerasseq_tests")
class Leaky(keras.layers.Layer):
    """Two states, one of which begins at one half."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = self.output_size = units
        self.state_size = [units, units]

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], self.units))
        self.recurrent = self.add_weight(shape=(self.units, self.units))

    def call(self, x: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        new = ops.tanh(ops.matmul(x, self.kernel) + ops.matmul(states[0], self.recurrent))
        leaked = 0.9 * states[1] + new
        return leaked * new, [leaked * new, leaked]

    def get_initial_state(self, batch_size: int) -> list[Any]:
        return [ops.zeros((batch_size, self.units)), 0.5 * ops.ones((batch_size, self.units))]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="kerasseq_tests")
class Plain(keras.layers.Layer):
    """One state, whose size is a number, and no say in how it begins."""

    state_size = 3

    def build(self, shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], 3))

    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        new = 0.5 * states[0] + ops.matmul(x, self.kernel)
        return new, [new]


RNN, Both = keras.layers.RNN, keras.layers.Bidirectional

LAYERS = {
    "steps": lambda: RNN(Leaky(5), return_sequences=True),
    "zeros at masked steps": lambda: RNN(Leaky(5), return_sequences=True, zero_output_for_mask=True),
    "backwards": lambda: RNN(Leaky(5), return_sequences=True, go_backwards=True),
    "the last alone": lambda: RNN(Leaky(5)),
    "the last of one that reads backwards": lambda: RNN(Leaky(5), go_backwards=True),
    "states": lambda: RNN(Leaky(5), return_sequences=True, return_state=True),
    "a plain cell": lambda: RNN(Plain(), return_sequences=True),
    "cells of cells": lambda: RNN([Leaky(5), keras.layers.GRUCell(3)], return_sequences=True),
    "both directions": lambda: Both(RNN(Leaky(5), return_sequences=True)),
    "both directions, the last": lambda: Both(RNN(Leaky(5))),
}

MASK = np.arange(7) < np.array([[1], [3], [7], [5]])


@pytest.mark.parametrize("masked", [True, False], ids=["masked", "whole"])
@pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
def test_the_loop_gives_the_numbers_of_keras(make: Callable[[], Any], masked: bool) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(4, 7, 4)).astype(np.float32)
    layer = make()
    layer.build(x.shape)
    layer.set_weights([random.normal(size=weight.shape) for weight in layer.weights])
    session, names = _session(layer, masked)
    wanted = tree.flatten(layer(x, mask=ops.convert_to_tensor(MASK) if masked else None))
    found = session.run(names, {"x": x, "mask": MASK.astype(np.int64)} if masked else {"x": x})
    for got, want in zip(found, wanted, strict=True):
        want = ops.convert_to_numpy(want)
        counts = masked and want.ndim == 3 and not getattr(layer, "zero_output_for_mask", False)
        valid = MASK[:, ::-1] if getattr(layer, "go_backwards", False) else MASK
        shown = np.where(valid[:, :, None], 1, 0) if counts else 1
        np.testing.assert_allclose(got * shown, want * shown, atol=2e-5)


def test_inside_another_layer_masked_steps_are_as_keras_has_them() -> None:
    @keras.saving.register_keras_serializable(package="kerasseq_tests")
    class Outer(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.supports_masking = True
            self.inner = RNN(Leaky(5), return_sequences=True)

        def build(self, shape: Any) -> None:
            self.inner.build(shape)

        def call(self, x: Any, mask: Any = None) -> Any:
            return ops.sum(self.inner(x, mask=mask), axis=1)

        def compute_mask(self, x: Any, mask: Any = None) -> None:
            return None

    layer, x = Outer(), np.random.default_rng(1).normal(size=(4, 7, 4)).astype(np.float32)
    session, names = _session(layer, True)
    want = ops.convert_to_numpy(layer(x, mask=ops.convert_to_tensor(MASK)))
    np.testing.assert_allclose(session.run(names, {"x": x, "mask": MASK.astype(np.int64)})[0], want, atol=2e-5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Both(RNN(Leaky(5), return_sequences=True), merge_mode="sum"), "concat"),
        (lambda: RNN(Odd(), return_sequences=True), "Erfinv"),
    ],
)
def test_what_a_loop_cannot_say_is_refused_by_name(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(Inexpressible, match=said):
        _session(make(), False)


@keras.saving.register_keras_serializable(package="kerasseq_tests")
class Odd(Plain):
    def call(self, x: Any, states: Any) -> tuple[Any, list[Any]]:
        new = ops.erfinv(0.5 * states[0])
        return new, [new]


def _session(layer: Any, masked: bool) -> tuple[Any, list[str]]:
    inputs = [keras.Input((None, 4), name="x"), keras.Input((None,), dtype="bool", name="mask")][: 1 + masked]
    outputs = tree.flatten(layer(inputs[0], mask=inputs[1] if masked else None))
    model = keras.Model(inputs, {f"out{place}": output for place, output in enumerate(outputs)})
    graph = Graph()
    names = {"x": graph.input("x", "float32", ["b", "t", 4])}
    if masked:
        names["mask"] = graph.cast(graph.input("mask", "int64", ["b", "t"]), "bool")
    for name, made in model_nodes(graph, model, names, [], list(model.output)).items():
        graph.output(name, "float32", [f"{name}_{axis}" for axis in range(model.output[name].ndim)], made)
    return onnxruntime.InferenceSession(graph.model({}).SerializeToString()), list(model.output)
