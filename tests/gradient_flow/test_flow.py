"""Networks of which it is known what they do to a gradient."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.examples import Examples
from kerasseq.gradient_flow.flow import flow
from kerasseq.layers.pooling import LastPooling

U, LENGTHS = 6, (12, 9, 12, 5)


def examples(size=1e-7):
    random = np.random.default_rng(0)
    rows = [size * random.normal(size=(length, 3)) for length in LENGTHS]
    return Examples({"x": Ragged.from_lists(rows, np.float32, (3,))}, np.zeros(len(LENGTHS), np.float32))


def network(*layers, directions=1):
    x, mask = keras.Input((None, 3), name="x"), keras.Input((None,), dtype="bool", name="x_mask")
    y = x
    for layer in layers:
        y = layer(y, mask=mask)
    pooled = LastPooling(directions)(y, mask=mask)
    return keras.Model([x, mask], {"out": keras.layers.Dense(1)(pooled)})


def loss(outputs, targets):
    return ops.square(outputs["out"][:, 0] - 1.0)


def seen(model, size=1e-7):
    rows = examples(size)
    return flow(model, loss, [rows.batch(np.array([0, 1])), rows.batch(np.array([2, 3]))])[1]


def orthogonal(scale, layer):
    q = np.linalg.qr(np.random.default_rng(1).normal(size=(U, U)))[0]
    layer.cell.recurrent_kernel.assign(scale * q)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_an_orthogonal_network_scales_a_gradient_by_its_scale_a_step(scale):
    layer = keras.layers.SimpleRNN(U, return_sequences=True)
    model = network(layer)
    orthogonal(scale, layer)
    [found] = seen(model)
    wanted = scale ** np.arange(12)
    np.testing.assert_allclose(found.kept.median, wanted, rtol=1e-3)
    by_loss = np.array(found.from_end["h"].median)
    np.testing.assert_allclose(by_loss / by_loss[0], wanted, rtol=1e-2)
    assert found.kept.rows == [4] * 5 + [3] * 4 + [2] * 3
    assert found.radius["state"] == pytest.approx(scale) and found.rate == pytest.approx(scale, rel=1e-3)
    assert found.horizon == 11 and found.left == pytest.approx(scale**11, rel=1e-2)
    assert found.reach == (7 if scale == 0.5 else None) and not found.dead
    first = found.from_start["h"].median[0]
    assert first == pytest.approx(np.median(by_loss[0] * scale ** (np.array(LENGTHS) - 1.0)), rel=1e-2)


def test_a_cell_with_a_forget_gate_at_one_keeps_more_than_half_a_step():
    keras.utils.set_random_seed(0)
    [found] = seen(network(keras.layers.LSTM(U, return_sequences=True)))
    kept = np.array(found.kept.median)
    assert (kept[6:] > 4 * 0.5 ** np.arange(6, 12)).all() and kept[11] > 30 * 0.5**11
    assert found.gates["forget"].mean == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-3)
    cell = np.array(found.from_end["c"].median)
    assert cell[0] == 0 and (cell[8:11] / cell[7:10] > 0.73).all()
    assert list(found.radius) == ["input", "forget", "cell", "output"] and found.saturated is None


@pytest.mark.once
def test_both_directions_are_followed_in_the_order_of_their_reading():
    layer = keras.layers.Bidirectional(keras.layers.SimpleRNN(U, return_sequences=True), name="both")
    model = network(layer, directions=2)
    orthogonal(0.5, layer.forward_layer)
    orthogonal(2.0, layer.backward_layer)
    forward, backward = seen(model)
    assert [forward.path.partition("/")[0], forward.backwards, backward.backwards] == ["both", False, True]
    assert forward.rate == pytest.approx(0.5, rel=1e-3) and backward.rate == pytest.approx(2, rel=1e-3)
    by_loss = np.array(backward.from_end["h"].median)
    np.testing.assert_allclose(by_loss / by_loss[0], 2.0 ** np.arange(12), rtol=2e-2)


@pytest.mark.once
def test_layers_on_top_of_each_other_are_measured_each_by_itself():
    layers = [keras.layers.SimpleRNN(U, return_sequences=True) for _ in range(2)]
    model = network(*layers)
    orthogonal(0.5, layers[0])
    orthogonal(1.0, layers[1])
    found = seen(model)
    assert [round(each.rate, 3) for each in found] == [0.5, 1.0]


def test_a_unit_without_weights_is_dead_and_gates_at_an_end_are_counted():
    layer = keras.layers.GRU(U, return_sequences=True)
    model = network(layer)
    kernel, recurrent, bias = (np.array(each) for each in layer.get_weights())
    for weight in (kernel, recurrent, bias):
        weight[:, [2, U + 2, 2 * U + 2]] = 0
    bias[0, U : U + 3] = 20.0
    bias[0, U + 3 : 2 * U] = -20.0
    layer.set_weights([kernel, recurrent, bias])
    [found] = seen(model, size=1.0)
    assert found.dead == [2] and found.units == U
    reset = found.gates["reset"]
    assert (reset.open, reset.shut, reset.mean) == pytest.approx((0.5, 0.5, 0.5), abs=1e-6)


@pytest.mark.once
def test_a_saturated_tanh_is_counted():
    layer = keras.layers.SimpleRNN(U, return_sequences=True)
    model = network(layer)
    layer.cell.bias.assign(np.array([5.0, -5.0, 5.0, 0, 0, 0], "float32"))
    layer.cell.recurrent_kernel.assign(np.zeros((U, U), "float32"))
    [found] = seen(model)
    assert found.saturated == pytest.approx(0.5) and found.left == 0 and found.rate == 0


@pytest.mark.once
def test_a_network_without_recurrence_has_a_loss_and_no_layers():
    rows = examples()
    x, mask = keras.Input((None, 3), name="x"), keras.Input((None,), dtype="bool", name="x_mask")
    model = keras.Model([x, mask], {"out": keras.layers.Dense(1)(LastPooling(1)(x, mask=mask))})
    value, layers = flow(model, loss, [rows.batch(np.arange(4))])
    assert value == pytest.approx(1, abs=1e-3) and layers == []
