"""A program of torch answers as the Keras model does: every encoder, pooler, embedding and head, at any size."""

from types import SimpleNamespace
from typing import ClassVar

import keras
import numpy as np
import pytest
import torch
from torch.export import load, save

from kerasseq.backend.accelerate import accelerate
from kerasseq.exporters.exporter import Refused
from kerasseq.exporters.torch.layers import in_torch
from kerasseq.exporters.torch.network import Network, program
from kerasseq.exporters.torch.steps import Steps
from kerasseq.exporters.tracing.trace import trace
from kerasseq.layers import CRF

SIZES = [(1, 1), (3, 4), (64, 7), (3, 50)]
ENCODERS = [
    {"name": "simple_rnn"},
    {"name": "simple_rnn", "activation": "relu"},
    {"name": "gru"},
    {"name": "lstm"},
]


def check(model_and_task, some_ids, folder, sizes=SIZES):
    model, task = model_and_task
    accelerate(model)
    path = folder / "model.pt2"
    save(program(Network(model, task), model), path)
    module = load(path).module()
    if (
        keras.backend.backend() == "jax"
    ):  # which compiles Keras's loops for each size anew; ours are of torch either way
        sizes = sizes[1:2]
    for batch, time in sizes:
        ids = [some_ids(batch, time + 2 * n, seed=n) for n in range(len(model.inputs))]
        said = model([each.astype("int32") for each in ids], training=False)
        wanted = task.decode({name: keras.ops.convert_to_numpy(each) for name, each in said.items()})
        got = module(*map(torch.tensor, ids))
        size = f"batch {batch}, length {time}"
        if task.name == "classification":
            np.testing.assert_allclose(got["probabilities"], wanted.probabilities, atol=2e-6, err_msg=size)
            np.testing.assert_array_equal(got["label"], got["probabilities"].argmax(-1))
        else:
            np.testing.assert_allclose(got["score"], wanted.answers, atol=2e-6, rtol=1e-5, err_msg=size)
    assert module(*(torch.zeros(0, 5, dtype=torch.int64) for _ in model.inputs)).keys()


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_recurrent_layers(network, some_ids, tmp_path, encoder, bidirectional):
    built = network({**encoder, "layers": 2, "bidirectional": bidirectional}, "last")
    check(built, some_ids, tmp_path, [*SIZES, (3, 400)])


@pytest.mark.parametrize("pooler", ["mean", "sum", "max", "attention", "last"])
def test_poolers(network, some_ids, tmp_path, pooler):
    check(network({"name": "simple_rnn"}, pooler), some_ids, tmp_path)


@pytest.mark.parametrize("normalisation", ["none", "layer", "batch"])
def test_normalisation_and_residual_connections(network, some_ids, tmp_path, normalisation):
    encoder = {"name": "gru", "units": 3, "layers": 2, "normalisation": normalisation, "residual": True}
    check(network(encoder), some_ids, tmp_path)


def test_an_embedding_with_everything_and_no_encoder(network, some_ids, tmp_path):
    check(network(embedding={"word_dropout": 0.3, "layer_norm": True, "dropout": 0.2}), some_ids, tmp_path)


@pytest.mark.parametrize("regression", [{}, {"standardise": False}, {"range": (0.1, 0.7)}], ids=str)
def test_scores_come_in_their_unit(network, some_ids, tmp_path, regression):
    check(network(regression=regression), some_ids, tmp_path)


def test_a_score_at_the_end_of_its_range_does_not_leave_it(network):
    model, task = network(regression={"range": (0.1, 0.7)})
    model.get_layer("head").set_weights([np.full((6, 1), 0.0), np.full(1, 200.0)])
    score = Network(model, task)(torch.tensor([[1, 2]]))["score"]
    assert np.float64(0.69) < np.float64(score[0]) <= 0.7


def test_a_pair_that_is_read_apart_has_two_lengths(network, some_ids, tmp_path):
    check(network({"name": "lstm"}, "attention", pair="combine"), some_ids, tmp_path)


def test_two_texts_that_look_at_each_other(network, some_ids, tmp_path):
    check(network(None, "attention", pair="attend", match="subwords"), some_ids, tmp_path)


def test_the_program_holds_one_operator_for_each_direction(network):
    model, task = network({"name": "lstm", "layers": 2})
    exported = program(Network(model, task), model)
    names = [str(node.target) for node in exported.graph.nodes]
    assert names.count("aten.lstm.input") == 4


def test_what_torch_does_to_its_own_operators_is_as_before(network):
    key = torch._C.DispatchKey.CompositeImplicitAutograd
    before = torch.ops.aten.lstm.input.py_kernels[key]
    model, task = network({"name": "lstm"})
    program(Network(model, task), model)
    assert torch.ops.aten.lstm.input.py_kernels[key] is before


REFUSED = [
    ("GRU", {"reset_after": False}, 'reset = "before"'),
    ("GRU", {"activation": "relu"}, "got relu and sigmoid"),
    ("LSTM", {"recurrent_activation": "hard_sigmoid"}, "got tanh and hard_sigmoid"),
    ("SimpleRNN", {"activation": "sigmoid"}, "must have tanh or relu.*got sigmoid"),
    ("LSTM", {"dtype": "mixed_bfloat16"}, "must compute in float32, got bfloat16"),
    ("LSTM", {"stateful": True}, "keep no state"),
]


@pytest.mark.parametrize(("kind", "options", "message"), REFUSED)
def test_what_the_kernels_of_torch_lack_is_refused_with_the_reason(kind, options, message):
    layer = getattr(keras.layers, kind)(3, return_sequences=True, name="odd", **options)
    with pytest.raises(Refused, match=f"model.pt2: layer 'odd'.*{message}.*; nothing was written"):
        in_torch(layer)


class Theirs(keras.layers.Layer):
    """A layer as a plugin has it, of a function of its input."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x):
        return self.function(x)


def steps_of(function):
    x = keras.KerasTensor((None, None, 4))
    found = trace(Theirs(function, name="odd"), [x], {})
    return Steps(found.steps, [new for new, _ in found.inputs], [found.outputs], "odd")


def test_a_layer_of_a_plugin_is_followed():
    x = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
    [got] = steps_of(lambda x: keras.ops.max(keras.ops.relu(x), axis=1) / keras.ops.shape(x)[1])(torch.tensor(x))
    np.testing.assert_allclose(got, np.maximum(x.astype("float64"), 0).max(1) / 5, atol=1e-6)


def test_an_operation_without_a_form_is_named_with_its_layer():
    with pytest.raises(
        Refused, match=r"layer 'odd': operation Cumprod must have a form in torch, it has none; nothing"
    ):
        steps_of(lambda x: keras.ops.cumprod(x, axis=1))


def test_a_model_without_the_answer_of_its_task_is_refused(network):
    with pytest.raises(Refused, match="must give score, got logits"):
        Network(network()[0], network(regression={})[1])


class Forecast:
    """As much of a task as a network asks for: its answer is the model's."""

    outputs = (SimpleNamespace(name="ahead", optional=False),)
    torch_outputs = ("ahead",)
    torch_answers: ClassVar = {"ahead": {"dtype": "float32", "shape": ["batch", 2, 4]}}

    @staticmethod
    def in_torch(outputs):
        return outputs


def test_an_input_of_fixed_length_stays_as_it_is():
    x, mask = keras.Input((None, 4), name="vectors"), keras.Input((None,), dtype="bool", name="vectors_mask")
    base = keras.Input((2, 4), name="base")
    last = keras.ops.sum(x * keras.ops.expand_dims(keras.ops.cast(mask, "float32"), -1), axis=1, keepdims=True)
    model = keras.Model([x, mask, base], {"ahead": keras.ops.add(last, base)})
    module = program(Network(model, Forecast()), model).module()
    rows, base = torch.ones(3, 7, 4), torch.full((3, 2, 4), 0.5)
    got = module(rows, torch.arange(7) < torch.tensor([[1], [0], [7]]), base)["ahead"]
    np.testing.assert_allclose(got[:, :, 0], [[1.5, 1.5], [0.5, 0.5], [7.5, 7.5]])


def test_a_chain_gives_its_scores_and_tables():
    layer = CRF(3, name="chain")
    layer.build((None, None, 3))
    layer.transitions.assign(np.arange(9.0).reshape(3, 3))
    scores, tags, chain = in_torch(layer)(torch.ones(2, 2, 3), mask=torch.tensor([[True, False], [True, True]]))
    assert tags is None and chain.shape == (2, 5, 3)
    np.testing.assert_allclose(scores[:, :, 0], [[1, 0], [1, 1]])
    np.testing.assert_allclose(chain[1, :3], np.arange(9.0).reshape(3, 3))
