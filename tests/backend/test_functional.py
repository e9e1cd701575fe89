"""The order in which a functional model computes."""

import keras

from kerasseq.backend.functional import calls


def test_a_call_comes_after_what_it_needs_and_a_shared_layer_comes_twice() -> None:
    one, two = keras.Input((3,)), keras.Input((3,))
    shared = keras.layers.Dense(2, name="shared")
    total = keras.layers.Add(name="total")([shared(two), keras.layers.ReLU(name="relu")(shared(one))])
    nodes = list(calls(keras.Model([one, two], {"total": total})))
    assert sorted(node.operation.name for node in nodes) == ["relu", "shared", "shared", "total"]
    known = {id(one), id(two)}
    for node in nodes:
        assert {id(tensor) for tensor in node.arguments.keras_tensors} <= known
        known |= {id(tensor) for tensor in node.outputs}
    assert id(total) in known
