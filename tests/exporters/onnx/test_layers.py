"""A model in a graph answers as it does in Keras: every encoder, pooler, embedding and head of ours."""

import itertools

import keras
import numpy as np
import onnxruntime
import pytest

from kerasseq.exporters.onnx.layers import model_nodes
from kerasseq.initial_weights import initialise
from kerasseq.layers.blend import Blend
from kerasseq.model import Parts
from kerasseq.onnx_graph.graph import Graph, Inexpressible
from kerasseq.pipelines.text import TextPipeline
from kerasseq.registry.components import load

LENGTHS = [0, 1, 2, 4, 7, 50]


def spec(kind, name, **options):
    return load(kind, name)[1](name=name, **options)


def texts(combine=False):
    """The pipeline of single texts, or of pairs that are read apart."""
    cutter = spec("tokenizer", "whitespace")
    return TextPipeline((), cutter, cutter.build(), "combine" if combine else "single")


def built(embedding, encoder, pooler, task, seed=0):
    """A model with weights that are nowhere zero, not even in biases and statistics."""
    parts = Parts(embedding.build([str(i) for i in range(30)]), encoder.build(), pooler.build(encoder.directions))
    model = task.build_model(parts)
    initialise(model, seed)
    random = np.random.default_rng(seed)
    for variable in model.variables:
        if variable.name in ("bias", "beta", "gamma", "moving_mean", "moving_variance"):
            variable.assign(random.uniform(0.2, 1.0, variable.shape).astype("float32"))
    return model


def both(model, specs, seed=0):
    """What Keras and onnxruntime say of the same ids."""
    graph = Graph()
    inputs = {tensor.name: graph.input(tensor.name, "int64", ["batch", "time"]) for tensor in model.inputs}
    for name, value in model_nodes(graph, model, inputs, specs, list(model.output)).items():
        graph.output(name, "float32", ["batch", *model.output[name].shape[1:]], value)
    session = onnxruntime.InferenceSession(graph.model({}).SerializeToString())
    random = np.random.default_rng(seed)
    feeds = {}
    for name in inputs:
        ids = np.zeros((len(LENGTHS), max(LENGTHS)), dtype=np.int64)
        for row, length in enumerate(random.permutation(LENGTHS)):
            ids[row, :length] = random.integers(1, 30, length)
        feeds[name] = ids
    names = [output.name for output in session.get_outputs()]
    said = model.predict({name: ids.astype("int32") for name, ids in feeds.items()}, verbose=0)
    return {name: (said[name], found) for name, found in zip(names, session.run(None, feeds), strict=True)}


def classifier(combine=False):
    return spec("task", "classification").restored({"labels": ["a", "b", "c"]}, texts(combine))


def check(embedding, encoder, pooler, task):
    model = built(embedding, encoder, pooler, task)
    found = both(model, [embedding, encoder, pooler, task.spec])
    assert found
    for name, (wanted, got) in found.items():
        assert got.shape == wanted.shape, name
        np.testing.assert_allclose(got, wanted, atol=2e-6, rtol=1e-5, err_msg=name)


ENCODERS = [
    ("simple_rnn", {}),
    ("simple_rnn", {"activation": "relu"}),
    ("gru", {}),
    ("gru", {"reset": "before"}),
    ("lstm", {}),
]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("name", "options"), ENCODERS, ids=lambda value: str(value))
def test_recurrent_layers(name, options, bidirectional):
    encoder = spec("encoder", name, units=5, layers=2, bidirectional=bidirectional, **options)
    check(spec("embedding", "learned", dimension=6), encoder, spec("pooler", "mean"), classifier())


@pytest.mark.parametrize(
    ("normalisation", "residual"), list(itertools.product(["none", "layer", "batch"], [False, True]))
)
def test_normalisation_and_residual_connections(normalisation, residual):
    encoder = spec("encoder", "gru", units=3, layers=2, normalisation=normalisation, residual=residual)
    check(spec("embedding", "learned", dimension=6), encoder, spec("pooler", "sum"), classifier())


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", ["last", "mean", "sum", "max", "attention"])
def test_poolers(name, bidirectional):
    encoder = spec("encoder", "simple_rnn", units=4, layers=1, bidirectional=bidirectional)
    check(spec("embedding", "learned", dimension=6), encoder, spec("pooler", name), classifier())


def test_an_embedding_with_everything_and_no_encoder():
    embedding = spec("embedding", "learned", dimension=6, word_dropout=0.3, layer_norm=True, dropout=0.2)
    check(embedding, spec("encoder", "none"), spec("pooler", "mean"), classifier())


@pytest.mark.parametrize("options", [{}, {"standardise": False}, {"range": (0.1, 0.7)}], ids=str)
def test_scores_come_in_their_unit(options):
    task = spec("task", "regression", **options).restored({"mean": 0.4, "deviation": 0.25}, texts())
    check(spec("embedding", "learned", dimension=6), spec("encoder", "none"), spec("pooler", "mean"), task)


def test_a_pair_that_is_read_apart():
    encoder = spec("encoder", "lstm", units=4, layers=1)
    check(spec("embedding", "learned", dimension=6), encoder, spec("pooler", "attention"), classifier(combine=True))


@pytest.mark.parametrize(("encoder", "pair"), [(None, "attend"), ({"name": "gru"}, "esim")])
def test_two_texts_that_look_at_each_other(network, encoder, pair):
    model, _ = network(encoder, "attention", pair=pair, match="subwords")
    for name, (wanted, got) in both(model, []).items():
        np.testing.assert_allclose(got, wanted, atol=2e-6, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(("factors", "read"), [((0.0, 1.5), False), ((0.5, 1.5), True)])
def test_a_network_without_a_share_in_the_answer_is_left_out(factors, read):
    ids, wide = keras.Input((None,), dtype="int32", name="ids"), keras.Input((2,), name="wide")
    blend = Blend()
    network = keras.layers.Dense(2)(keras.layers.GRU(3)(keras.layers.Embedding(30, 4)(ids)))
    model = keras.Model({"ids": ids, "wide": wide}, {"logits": blend(network, wide)})
    blend.share(*factors)
    graph = Graph()
    inputs = {"ids": graph.input("ids", "int64", ["b", "t"]), "wide": graph.input("wide", "float32", ["b", 2])}
    graph.output("logits", "float32", ["b", 2], model_nodes(graph, model, inputs, [], ["logits"])["logits"])
    file = graph.model({})
    assert ("GRU" in [node.op_type for node in file.graph.node]) == read
    assert (len(file.graph.initializer) > 1) == read
    feeds = {"ids": np.arange(12).reshape(3, 4), "wide": np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)}
    [found] = onnxruntime.InferenceSession(file.SerializeToString()).run(None, feeds)
    wanted = model.predict({**feeds, "ids": feeds["ids"].astype("int32")}, verbose=0)["logits"]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_weights_that_are_used_twice_are_stored_once():
    encoder = spec("encoder", "lstm", units=16, layers=1)
    embedding, pooler = spec("embedding", "learned", dimension=64), spec("pooler", "mean")
    sizes = []
    for combine in (False, True):
        task = classifier(combine)
        model = built(embedding, encoder, pooler, task)
        graph = Graph()
        inputs = {t.name: graph.input(t.name, "int64", ["batch", "time"]) for t in model.inputs}
        used = [embedding, encoder, pooler, task.spec]
        for name, value in model_nodes(graph, model, inputs, used, list(model.output)).items():
            graph.output(name, "float32", ["batch", 3], value)
        sizes.append(sum(len(c.raw_data) for c in graph.model({}).graph.initializer))
    assert sizes[1] < sizes[0] * 1.3


def test_an_operation_without_a_form_is_named_with_its_layer(install):
    install(
        "odd",
        {"pooler": ["odd = odd:Odd"]},
        {
            "odd.py": """
from kerasseq.spec import PoolerSpec
class Odd(PoolerSpec):
    def build(self, directions):
        import keras
        class OddLayer(keras.layers.Layer):
            supports_masking = True
            def call(self, x, mask=None):
                return keras.ops.cumprod(x, axis=1)[:, 0]
        return OddLayer(name="odd")
"""
        },
    )
    embedding, encoder, pooler = (
        spec("embedding", "learned", dimension=4),
        spec("encoder", "none"),
        spec("pooler", "odd"),
    )
    model = built(embedding, encoder, pooler, classifier())
    with pytest.raises(
        Inexpressible, match=r"layer .odd.: operation Cumprod must have a form in ONNX, it has none.*to_onnx"
    ):
        both(model, [embedding, encoder, pooler])


def test_a_plugin_gives_its_layer_a_form(install):
    install(
        "first",
        {"pooler": ["first = first:First"]},
        {
            "first.py": """
from kerasseq.spec import PoolerSpec
class First(PoolerSpec):
    def build(self, directions):
        import keras
        class FirstLayer(keras.layers.Layer):
            supports_masking = True
            def call(self, x, mask=None):
                return x[:, 0]
        return FirstLayer(name="first")
    def to_onnx(self, built, graph, *inputs):
        x, mask = inputs
        if built.name != "first":
            return NotImplemented
        return graph.node("Gather", x, graph.constant(0, "int64"), axis=1)
"""
        },
    )
    check(spec("embedding", "learned", dimension=4), spec("encoder", "none"), spec("pooler", "first"), classifier())
