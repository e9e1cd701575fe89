import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.backend.products import multiply
from kerasseq.decoders.recurrent import GRU, LSTM
from kerasseq.initial_weights import initialise
from kerasseq.testing.network import array, shake

# B batch, T written steps, S read steps, D and E features, U units

B, T, S, D, E, U = 3, 5, 4, 6, 8, 8
VARIANTS = [
    GRU(units=U, attention="dot"),
    GRU(units=U, attention="general", layers=2),
    GRU(units=U, attention="concat"),
    GRU(units=U, attention="none"),
    GRU(units=U, attention="bahdanau", layers=2),
    GRU(units=0, attention="general", input_feeding=True),
    LSTM(units=U, attention="general"),
    LSTM(units=5, attention="bahdanau"),
    LSTM(units=5, attention="concat", input_feeding=True, layers=2),
]


def said(spec):
    return f"{spec.name}-{spec.attention}{'-fed' * spec.input_feeding}-{spec.layers}"


@pytest.fixture(scope="module", params=VARIANTS, ids=said)
def decoder(request):
    layer = request.param.build(2)
    x, mask = keras.Input((None, D)), keras.Input((None,), dtype="bool")
    memory, memory_mask = keras.Input((None, E)), keras.Input((None,), dtype="bool")
    model = keras.Model([x, mask, memory, memory_mask], {"hidden": layer(x, mask, memory, memory_mask)})
    initialise(model, 0)
    shake(model)
    return layer


@pytest.fixture(scope="module")
def given():
    random = np.random.default_rng(0)
    mask = np.arange(T) < np.array([5, 3, 1])[:, None]
    memory_mask = np.arange(S) < np.array([4, 1, 2])[:, None]
    x, memory = (random.normal(size=shape).astype("float32") for shape in ((B, T, D), (B, S, E)))
    return x, mask, memory, memory_mask


def answer(decoder, x, mask, memory, memory_mask):
    return array(decoder(*map(ops.convert_to_tensor, (x, mask, memory, memory_mask))))


def test_step_by_step_it_answers_what_it_answers_at_once(decoder, given):
    x, mask, memory, memory_mask = given
    whole = answer(decoder, *given)
    held, states = decoder.begin(ops.convert_to_tensor(memory), ops.convert_to_tensor(memory_mask))
    for step in range(T):
        hidden, attention, states = decoder.step(
            ops.convert_to_tensor(x[:, step]), held, ops.convert_to_tensor(memory_mask), states
        )
        live = mask[:, step]
        np.testing.assert_allclose(array(hidden)[live], whole[:, step][live], atol=2e-6)
        weights = array(attention)
        assert not weights[~memory_mask].any()
        total = 0 if decoder.attention == "none" else 1
        np.testing.assert_allclose(weights.sum(axis=1), total, atol=1e-5)


def test_padding_and_what_stands_there_change_nothing(decoder, given):
    x, mask, memory, memory_mask = given
    whole = answer(decoder, *given)
    left = [np.zeros_like(x), np.zeros_like(mask)]
    for row, length in enumerate(mask.sum(axis=1)):
        left[0][row, T - length :], left[1][row, T - length :] = x[row, :length], True
    moved = answer(decoder, *left, memory, memory_mask)
    strange = np.where(memory_mask[..., None], memory, 1e3).astype("float32")
    further = answer(decoder, x, mask, strange, memory_mask)
    for row, length in enumerate(mask.sum(axis=1)):
        np.testing.assert_allclose(moved[row, T - length :], whole[row, :length], atol=2e-6)
        np.testing.assert_allclose(further[row, :length], whole[row, :length], atol=2e-6)


def test_a_step_hangs_on_no_later_one(decoder, given):
    x, mask, memory, memory_mask = given
    later = x.copy()
    later[:, 3:] += 1
    before, after = answer(decoder, *given), answer(decoder, later, mask, memory, memory_mask)
    np.testing.assert_allclose(after[:, :3], before[:, :3], atol=1e-6)
    assert np.abs(after[0, 3:] - before[0, 3:]).max() > 1e-3


def test_attention_is_what_the_equations_say(given):
    x, mask, memory, memory_mask = given
    spec = GRU(units=U, attention="bahdanau")
    layer = spec.build(1)
    answer(layer, *given)
    shake(layer)
    weights = {variable.path.split("decoder/")[1]: array(variable).astype(float) for variable in layer.variables}
    wanted = bahdanau(weights, x.astype(float), memory.astype(float), memory_mask)
    found = answer(layer, *given)
    np.testing.assert_allclose(found[mask], wanted[mask], atol=1e-5)


def bahdanau(w, x, memory, valid):
    """Bahdanau et al. (2015), in float64, one row after the other."""

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    rows = []
    for row in range(len(x)):
        m = memory[row][valid[row]]
        h = np.tanh(m[-1] @ w["bridge_state_1_h/kernel"] + w["bridge_state_1_h/bias"])
        steps = []
        for y in x[row]:
            hidden = np.tanh(h @ w["attention/query_kernel"] + m @ w["attention/key_kernel"] + w["attention/bias"])
            scores = (hidden @ w["attention/score_kernel"])[:, 0]
            shares = np.exp(scores) / np.exp(scores).sum()
            c = shares @ m
            inner = np.concatenate([y, c]) @ w["gru_1/kernel"] + w["gru_1/bias"][0]
            outer = h @ w["gru_1/recurrent_kernel"] + w["gru_1/bias"][1]
            z, r = sigmoid(inner[:U] + outer[:U]), sigmoid(inner[U : 2 * U] + outer[U : 2 * U])
            h = z * h + (1 - z) * np.tanh(inner[2 * U :] + r * outer[2 * U :])
            steps.append(np.tanh(np.concatenate([h, c, y]) @ w["answer/kernel"] + w["answer/bias"]))
        rows.append(steps)
    return np.array(rows)


def test_weights_that_multiply_at_every_step_have_the_gradient_of_one_product_a_step(
    decoder, given, gradients, monkeypatch
):
    if not decoder.stepwise:
        pytest.skip("all steps are computed at once")
    x, *rest = given
    others = [ops.convert_to_tensor(one) for one in rest]

    def loss(x):
        return ops.sum(ops.square(decoder(x, *others)) * ops.cast(others[0], "float32")[:, :, None])

    found = gradients(loss, decoder, x)
    monkeypatch.setattr("kerasseq.layers.decoder.over_steps", lambda: multiply)
    for one, other in zip(found, gradients(loss, decoder, x), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5, rtol=1e-5)
