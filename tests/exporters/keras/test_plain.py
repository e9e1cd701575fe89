"""A model of Keras's own layers alone answers as the one with ours does."""

import keras
import numpy as np
import pytest

from kerasseq.backend.accelerate import accelerate
from kerasseq.exporters.keras.plain import imports, plain

ENCODERS = [
    {"name": "simple_rnn", "activation": "relu"},
    {"name": "gru", "bidirectional": False, "layers": 2, "normalisation": "layer"},
    {"name": "gru", "reset": "before"},
    {"name": "lstm", "layers": 2, "units": 3, "normalisation": "batch", "residual": True},
]


def check(model, some_ids, sizes=((3, 1), (9, 7))):
    copy = plain(model)
    assert imports(copy) == () and copy.count_params() == model.count_params()
    accelerate(model), accelerate(copy)
    if keras.backend.backend() == "jax":  # which compiles each size anew
        sizes = sizes[1:]
    for batch, time in sizes:
        ids = [some_ids(batch, time, seed=n).astype("int32") for n in range(len(model.inputs))]
        wanted, got = model(ids, training=False), copy(ids, training=False)
        assert wanted.keys() == got.keys()
        for name, values in wanted.items():
            values, found = keras.ops.convert_to_numpy(values), keras.ops.convert_to_numpy(got[name])
            np.testing.assert_allclose(found, values, atol=2e-6, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_recurrent_layers(network, some_ids, encoder):
    check(network(encoder, "last")[0], some_ids)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("pooler", ["last", "mean", "sum", "max", "attention"])
def test_poolers(network, some_ids, pooler, bidirectional):
    check(network({"name": "simple_rnn", "bidirectional": bidirectional}, pooler)[0], some_ids)


def test_an_embedding_with_everything_and_no_encoder(network, some_ids):
    check(network(embedding={"word_dropout": 0.3, "layer_norm": True, "dropout": 0.2})[0], some_ids)


@pytest.mark.parametrize("regression", [{}, {"standardise": False}, {"range": (0.1, 0.7)}], ids=str)
def test_scores_come_in_their_unit(network, some_ids, regression):
    check(network(regression=regression)[0], some_ids)


def test_a_pair_that_is_read_apart_shares_its_layers(network, some_ids):
    check(network({"name": "lstm"}, "attention", pair="combine")[0], some_ids)


@pytest.mark.parametrize(("encoder", "pair"), [(None, "attend"), ({"name": "lstm"}, "esim")])
def test_two_texts_that_look_at_each_other(network, some_ids, encoder, pair):
    check(network(encoder, "attention", pair=pair, match="subwords")[0], some_ids)


def test_the_model_stays_as_it_was(network):
    model, _ = network({"name": "gru"}, "attention")
    before, weights = model.to_json(), model.get_weights()
    copy = plain(model)
    copy.set_weights([np.zeros_like(weight) for weight in copy.get_weights()])
    assert model.to_json() == before
    assert all((a == b).all() for a, b in zip(model.get_weights(), weights, strict=True))


def test_it_opens_again_and_its_poolers_keep_their_names(network, some_ids, tmp_path):
    encoder = {"name": "lstm", "layers": 2, "units": 3, "residual": True}
    copy = plain(network(encoder, "attention", regression={"range": (0.0, 1.0)})[0])
    copy.save(tmp_path / "a.keras")
    again = keras.saving.load_model(tmp_path / "a.keras", compile=False)
    ids = some_ids(3, 5).astype("int32")
    first, second = (keras.ops.convert_to_numpy(m([ids], training=False)["score"]) for m in (copy, again))
    np.testing.assert_allclose(first, second, atol=1e-7)
    assert isinstance(again.get_layer("attention"), keras.Model) and isinstance(again.get_layer("score"), keras.Model)
