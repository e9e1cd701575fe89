import keras
import numpy as np
import pytest
import torch
from kerasseq_bench.layers import handwritten
from kerasseq_bench.layers.cells import Cell
from kerasseq_bench.layers.keras_fit import KerasFit
from kerasseq_bench.layers.ours import Ours
from kerasseq_bench.layers.streams import make_stream, pad

LAYERS = ("simple_rnn", "gru", "lstm")
KERAS = (keras.layers.SimpleRNN, keras.layers.GRU, keras.layers.LSTM)


def cell(layer, directions="uni", lengths="tweets", mode="train"):
    return Cell(layer, directions, 16, lengths, mode)


def recurrent_weights(model):
    """Kernel, recurrent kernel and bias of each layer and direction, forward first."""
    found = []
    for layer in model.layers:
        halves = [half for half in layer._flatten_layers() if isinstance(half, KERAS)]
        found += sorted(halves, key=lambda half: half.go_backwards)
    return [[np.array(keras.ops.convert_to_numpy(v)) for v in layer.cell.weights] for layer in found]


def gates_of_torch(array, layer):
    """Keras's gates in torch's order: GRU has z, r, h in the one and r, z, n in the other."""
    if layer != "gru":
        return array
    z, r, h = np.split(array, 3, axis=-1)
    return np.concatenate([r, z, h], axis=-1)


def copy(source, target, layer):
    """The weights of a Keras model into a model by hand."""
    states = target.state_dict()
    ways = ("", "_reverse") if target.recurrent.bidirectional else ("",)
    suffixes = [f"_l{number}{way}" for number in range(target.recurrent.num_layers) for way in ways]
    for weights, suffix in zip(recurrent_weights(source), suffixes, strict=True):
        kernel, recurrent, bias = (gates_of_torch(w, layer) for w in weights)
        inner, state = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
        for name, value in (
            ("weight_ih", kernel.T),
            ("weight_hh", recurrent.T),
            ("bias_ih", inner),
            ("bias_hh", state),
        ):
            states[f"recurrent.{name}{suffix}"] = torch.from_numpy(np.ascontiguousarray(value))
    embedding = next(x for x in source.layers if isinstance(x, keras.layers.Embedding))
    dense = next(x for x in source.layers if isinstance(x, keras.layers.Dense))
    attention = [x for x in source.layers if type(x).__name__ == "AttentionPooling"]
    for pooling in attention:
        states["hidden.weight"] = pooling.kernel.value.detach().T
        states["hidden.bias"] = pooling.bias.value.detach()
        states["score.weight"] = pooling.context.value.detach().T
    states["embedding.weight"] = embedding.embeddings.value.detach()
    states["head.weight"] = dense.kernel.value.detach().T
    states["head.bias"] = dense.bias.value.detach()
    target.load_state_dict(states)


@pytest.mark.parametrize("lengths", ["equal", "tweets"])
@pytest.mark.parametrize("directions", ["uni", "bi"])
@pytest.mark.parametrize("layer", LAYERS)
def test_every_torch_system_computes_the_same_numbers_from_the_same_weights(layer, directions, lengths):
    stream = make_stream(lengths, 640)
    at = cell(layer, directions, lengths)
    ours, stock = Ours(at, stream), KerasFit(at, stream)
    rng = np.random.default_rng(1)
    for variable in stock.model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape, scale=0.4).astype("float32"))
    ours.model.set_weights(stock.model.get_weights())
    tokens = torch.from_numpy(pad(stream, np.arange(20), 8))
    with torch.no_grad():
        expected = stock.model(tokens).numpy()
        answers = {"ours": ours.model(tokens)["value"].numpy()}
        for packed in (True, False):
            if not packed and directions == "bi" and lengths != "equal":
                continue  # without a mask the backward direction reads the padding first
            model = handwritten.Model(at, packed)
            copy(stock.model, model, layer)
            answers["packed" if packed else "padded"] = model(tokens).numpy()
    assert np.ptp(expected) > 0.01
    for name, answer in answers.items():
        np.testing.assert_allclose(answer, expected, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("pooling", ["mean", "max", "attention"])
def test_the_models_of_the_defaults_compute_the_same_numbers_too(pooling):
    at = Cell("lstm", "bi", 16, "tweets", "predict", batch=8, stack=2, pooling=pooling, dimension=20, vocabulary=50)
    stream = make_stream("tweets", 64, at.vocabulary)
    assert stream.flat.max() < 50
    ours, stock = Ours(at, stream), KerasFit(at, stream)
    assert {len(rows) for plan in (ours.plan, stock.plan) for rows in plan.batches} == {8}
    ours.model.set_weights(stock.model.get_weights())
    tokens = torch.from_numpy(pad(stream, np.arange(20), 8))
    model = handwritten.Model(at, packed=True)
    copy(stock.model, model, "lstm")
    with torch.no_grad():
        expected = stock.model(tokens).numpy()
        for answer in (ours.model(tokens)["value"], model(tokens)):
            np.testing.assert_allclose(answer.numpy(), expected, atol=2e-5)


@pytest.mark.parametrize("directions", ["uni", "bi"])
@pytest.mark.parametrize("layer", LAYERS)
def test_ours_runs_a_fast_path_and_stock_keras_does_not(layer, directions):
    from kerasseq import explain

    stream = make_stream("tweets", 640)
    assert Ours(cell(layer, directions), stream).note.partition(":")[0] in ("fused", "compiled")
    paths = explain(KerasFit(cell(layer, directions), stream).model)
    assert paths
    assert all(path.startswith("keras: ") for path in paths.values())


def test_one_update_of_ours_is_that_of_stock_keras():
    stream = make_stream("equal", 64)
    ours, stock = Ours(cell("gru", lengths="equal"), stream), KerasFit(cell("gru", lengths="equal"), stream)
    ours.model.set_weights(stock.model.get_weights())
    before = [np.array(w) for w in stock.model.get_weights()]
    ours.run([0])
    stock.run([0])
    for mine, theirs, old in zip(ours.model.get_weights(), stock.model.get_weights(), before, strict=True):
        np.testing.assert_allclose(mine - old, theirs - old, atol=2e-6)


@pytest.mark.parametrize("mode", ["train", "predict"])
def test_every_torch_system_takes_time_in_both_modes(mode):
    stream = make_stream("tweets", 640)
    at = cell("simple_rnn", mode=mode)
    systems = [Ours(at, stream), KerasFit(at, stream)]
    systems += [handwritten.HandWritten(at, stream, packed) for packed in (False, True)]
    for system in systems:
        assert 0 < system.run([0, 1]) < 60


def test_stock_keras_trains_on_the_batches_that_were_asked_for():
    stream = make_stream("tweets", 640)
    stock = KerasFit(cell("simple_rnn"), stream)
    stock.run([1, 2, 5])
    assert int(stock.model.optimizer.iterations.value) == 3
