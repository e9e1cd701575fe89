"""Gradients by states against central differences of the equations in float64; answers against the layers' own."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.backend.accelerate import accelerate
from kerasseq.backend.gradients import gradients
from kerasseq.backend.perturbed import Perturbed, every_recurrent_layer

D, U, T = 3, 2, 4
X = np.random.default_rng(0).normal(size=(2, T, D)).astype("float32")
MASK = np.array([[True, True, True, True], [True, True, False, False]])
WAY = np.random.default_rng(1).normal(size=(2, T, U)).astype("float32")
"""What the loss multiplies each answer by."""


def sigma(a):
    return 1 / (1 + np.exp(-a))


def rnn(x, s, W, R, b):
    return [np.tanh(x @ W + s[0] @ R + b)]


def lstm(x, s, W, R, b):
    i, f, g, o = np.split(x @ W + s[0] @ R + b, 4, axis=-1)
    c = sigma(f) * s[1] + sigma(i) * np.tanh(g)
    return [sigma(o) * np.tanh(c), c]


def gru_after(x, s, W, R, b):
    (xz, xr, xn), (hz, hr, hn) = np.split(x @ W + b[0], 3, axis=-1), np.split(s[0] @ R + b[1], 3, axis=-1)
    z, r = sigma(xz + hz), sigma(xr + hr)
    return [z * s[0] + (1 - z) * np.tanh(xn + r * hn)]


def gru_before(x, s, W, R, b):
    xz, xr, xn = np.split(x @ W + b, 3, axis=-1)
    Rz, Rr, Rn = np.split(R, 3, axis=-1)
    z, r = sigma(xz + s[0] @ Rz), sigma(xr + s[0] @ Rr)
    return [z * s[0] + (1 - z) * np.tanh(xn + (r * s[0]) @ Rn)]


CASES = {
    "rnn": (keras.layers.SimpleRNN, {}, rnn),
    "lstm": (keras.layers.LSTM, {}, lstm),
    "gru after": (keras.layers.GRU, {"reset_after": True}, gru_after),
    "gru before": (keras.layers.GRU, {"reset_after": False}, gru_before),
}
ALONE = ("rnn", "gru before")
"""Asked on torch alone: on jax the same loop runs them."""


def loss_of(step, weights, zeros, backwards):
    """The sum of all answers in the order of reading, each by its `WAY`; a masked step holds what was."""
    order = slice(None, None, -1) if backwards else slice(None)
    x, mask = X[:, order].astype(np.float64), MASK[:, order]
    states, total = [np.zeros((2, U)) for _ in zeros], 0.0
    for t in range(T):
        new = [s + zero[:, t] for s, zero in zip(step(x[:, t], states, *weights), zeros, strict=True)]
        states = [np.where(mask[:, t, None], n, s) for n, s in zip(new, states, strict=True)]
        total += (WAY[:, t] * states[0]).sum()
    return total


def by_differences(step, weights, states, backwards):
    found = [np.zeros((2, T, U)) for _ in range(states)]
    for number in range(states):
        for place in np.ndindex(2, T, U):
            ends = []
            for size in (1e-5, -1e-5):
                zeros = [np.zeros((2, T, U)) for _ in range(states)]
                zeros[number][place] = size
                ends.append(loss_of(step, weights, zeros, backwards))
            found[number][place] = (ends[0] - ends[1]) / 2e-5
    return found


@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("case", ["lstm", "gru after", *(pytest.param(c, marks=pytest.mark.once) for c in ALONE)])
def test_gradients_by_states_are_those_of_the_equations(case, backwards):
    kind, settings, step = CASES[case]
    layer = kind(U, return_sequences=True, go_backwards=backwards, bias_initializer="random_normal", **settings)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    model = accelerate(keras.Model([x, mask], layer(x, mask=mask)))
    weights = [ops.convert_to_numpy(w.value).astype(np.float64) for w in layer.weights]
    perturbed, states = Perturbed(model), 2 if case == "lstm" else 1

    def loss(zeros):
        perturbed.zeros, perturbed.calls = [zeros], []
        answers = model([ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)], training=False)
        return ops.sum(answers * ops.convert_to_tensor(WAY)), []

    with perturbed.running():
        found, _ = gradients(loss, [np.zeros((2, T, U), np.float32)] * states)
    wanted = by_differences(step, weights, states, backwards)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)
    padded = found[0][1][~MASK[1][::-1] if backwards else ~MASK[1]]
    assert np.abs(found[0][1]).max() > 0.01 and not padded.any()


def test_a_model_answers_the_same_while_it_is_perturbed_and_is_itself_again_behind_it():
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    y = keras.layers.Bidirectional(keras.layers.LSTM(U, return_sequences=True))(x, mask=mask)
    y = keras.layers.GRU(U, return_sequences=True, zero_output_for_mask=True)(y, mask=mask)
    model = accelerate(keras.Model([x, mask], y))
    given = [ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)]
    layers = dict(every_recurrent_layer(model))
    before = {path: vars(layer).get("inner_loop") for path, layer in layers.items()}
    wanted = ops.convert_to_numpy(model(given, training=False))
    perturbed = Perturbed(model)
    with perturbed.running():
        found = ops.convert_to_numpy(model(given, training=False))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert [call.path for call in perturbed.calls] == list(layers) and len(layers) == 3
    assert {path: vars(layer).get("inner_loop") for path, layer in layers.items()} == before


def test_what_a_number_does_not_hang_on_has_a_gradient_of_zero():
    found, rest = gradients(lambda a: (ops.sum(a[0] * a[0]), {"twice": a[0] * 2}), [np.ones(2, "f"), np.ones(3, "f")])
    assert found[0].tolist() == [2, 2] and found[1].tolist() == [0, 0, 0] and rest["twice"].tolist() == [2, 2]
