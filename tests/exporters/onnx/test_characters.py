"""Words that are read letter by letter have the same vectors in onnxruntime, whatever padding stands behind them."""

# B batch, T time, C characters of a word, A size of the alphabet, U units

import keras
import numpy as np
import onnxruntime
import pytest

from kerasseq.embeddings.characters import Characters
from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.initial_weights import initialise
from kerasseq.onnx_graph.graph import Graph

A, U, C = 12, 6, 7


def words(batch, time):
    """Words of one character to all; of each sentence but the first, the last ones are padding."""
    random = np.random.default_rng(0)
    ids = random.integers(1, A, (batch, time, C))
    ids[np.arange(C) >= random.integers(1, C + 1, (batch, time, 1))] = 0
    ids[1:][np.arange(time) >= random.integers(1, time, (batch - 1, 1))] = 0
    return ids


@pytest.fixture(scope="module", params=["convolution", "recurrent"])
def forms(request):
    """The model and a session of its graph; no bias is zero."""
    ids = keras.Input((None, C), dtype="int32", name="characters")
    model = keras.Model(ids, {"vectors": Characters(request.param, alphabet=A, dimension=5, units=U)(ids)})
    initialise(model, 0)
    random = np.random.default_rng(1)
    for variable in model.variables:
        if variable.name == "bias":
            variable.assign(random.uniform(0.2, 1.0, variable.shape).astype("float32"))
    graph = Graph()
    inputs = {"characters": graph.input("characters", "int64", ["batch", "time", C])}
    graph.output(
        "vectors", "float32", ["batch", "time", U], model_nodes(graph, model, inputs, [], ["vectors"])["vectors"]
    )
    return model, onnxruntime.InferenceSession(graph.model({}).SerializeToString())


def said(session, ids):
    [vectors] = session.run(["vectors"], {"characters": ids.astype("int64")})
    return vectors


def in_keras(model, ids):
    return keras.ops.convert_to_numpy(
        model(keras.ops.convert_to_tensor(ids.astype("int32")), training=False)["vectors"]
    )


@pytest.mark.parametrize(("batch", "time"), [(1, 1), (5, 4), (2, 30)])
def test_the_vectors_are_those_of_the_model(forms, batch, time):
    model, session = forms
    ids = words(batch, time) if time > 1 else words(2, 2)[:1, :1]
    wanted = in_keras(model, ids)
    assert np.ptp(wanted) > 0.1
    np.testing.assert_allclose(said(session, ids), wanted, atol=2e-6, rtol=1e-5)


def test_padding_has_no_vector_and_changes_none(forms):
    ids = words(5, 4)
    longer = np.pad(ids, [(0, 2), (0, 6), (0, 0)])
    vectors = said(forms[1], longer)
    np.testing.assert_allclose(vectors[:5, :4], said(forms[1], ids), atol=1e-6)
    assert not vectors[~longer.any(axis=2)].any()


def test_a_batch_without_rows_has_no_vectors_in_keras(forms):
    assert in_keras(forms[0], np.zeros((0, 3, C))).shape == (0, 3, U)
