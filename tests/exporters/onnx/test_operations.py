"""Every operation that a layer may be made of, in onnxruntime and in Keras, at several sizes."""

import importlib.util
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import pytest
from keras import tree

from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.onnx_graph.graph import Graph

_SPEC = importlib.util.spec_from_file_location("operations", Path(__file__).parents[1] / "operations.py")
operations = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(operations)

SIZES = [(3, 4), (1, 1), (2, 7)]


def model_of(function):
    x = keras.Input((None, 4), name="x")
    mask = keras.Input((None,), dtype="bool", name="mask")
    ids = keras.Input((None,), dtype="int32", name="ids")
    found = operations.Of(function, name="made")(x, mask, ids)
    outputs = {f"y{n}": y for n, y in enumerate(tree.flatten(found))}
    return keras.Model([x, mask, ids], outputs)


def session_of(model):
    graph = Graph()
    x = graph.input("x", "float32", ["batch", "time", 4])
    mask = graph.cast(graph.input("mask", "int64", ["batch", "time"]), "bool")
    ids = graph.input("ids", "int64", ["batch", "time"])
    found = model_nodes(graph, model, {"x": x, "mask": mask, "ids": ids}, [], list(model.output))
    for name, tensor in found.items():
        axes = [f"{name}_{n}" for n in range(len(model.output[name].shape))]
        if "float" in model.output[name].dtype:
            graph.output(name, "float32", axes, tensor)
        else:
            graph.output(name, "int64", axes, graph.cast(tensor, "int64"))
    return onnxruntime.InferenceSession(graph.model({}).SerializeToString())


@pytest.mark.filterwarnings("ignore:You are using a softmax over axis")  # at one step
@pytest.mark.parametrize("name", operations.EVERY)
def test_an_operation_gives_what_keras_gives(name):
    function = operations.EVERY[name]
    model = model_of(function)
    session = session_of(model)
    names = [output.name for output in session.get_outputs()]
    for batch, time in SIZES:
        x, mask, ids = operations.example(batch, time)
        given = [keras.ops.convert_to_tensor(each) for each in (x, mask, ids)]
        wanted = [keras.ops.convert_to_numpy(y) for y in tree.flatten(function(*given))]
        found = session.run(names, {"x": x, "mask": mask.astype(np.int64), "ids": ids.astype(np.int64)})
        for n, (one, other) in enumerate(zip(wanted, found, strict=True)):
            assert other.shape == one.shape, (n, batch, time)
            assert (other.dtype.kind == "f") == (one.dtype.kind == "f"), (n, batch, time)
            np.testing.assert_allclose(other, one, atol=3e-6, rtol=3e-6, err_msg=f"{n} of {batch}, {time}")
