"""Words from their characters, against float64 NumPy, whatever padding stands behind words and sentences."""

# B batch, T time, C characters, D numbers of a character, U units

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.embeddings.characters import Characters
from kerasseq.initial_weights import initialise

Array = np.ndarray[Any, Any]

A, D, U, C = 12, 5, 6, 7
KINDS = ["convolution", "recurrent"]


def words(batch: int = 3, time: int = 4, seed: int = 0, length: int = C) -> Array:
    """Words of one character to all, the last ones of each sentence padding."""
    random = np.random.default_rng(seed)
    ids = random.integers(1, A, (batch, time, length))
    ids[np.arange(length) >= random.integers(1, C + 1, (batch, time, 1))] = 0
    ids[np.arange(time) >= random.integers(1, time + 1, (batch, 1))] = 0
    return ids.astype("int32")


def model_of(kind: str, characters: int | None = C, **options: Any) -> keras.Model:
    """A model with weights that are drawn the same on every backend, biases included."""
    ids = keras.Input((None, characters), dtype="int32")
    model = keras.Model(ids, Characters(kind, alphabet=A, dimension=D, units=U, **options)(ids))
    initialise(model, 0)
    random = np.random.default_rng(1)
    for variable in model.variables:
        if variable.name == "bias":
            variable.assign(random.normal(size=variable.shape).astype("float32"))
    return model


def run(model: keras.Model, ids: Array, training: bool = False) -> Array:
    return ops.convert_to_numpy(model(ops.convert_to_tensor(ids), training=training))


def convolved(x: Array, weights: list[Array]) -> Array:
    """The largest answer of each filter over windows of three, zeros around the word."""
    kernel, bias = weights  # (1, 3, D, U), (U,)
    padded = np.concatenate([np.zeros((1, D)), x, np.zeros((1, D))])
    answers = [sum(padded[i + j] @ kernel[0, j] for j in range(3)) + bias for i in range(len(x))]
    return np.max(answers, axis=0)


def state(x: Array, kernel: Array, recurrent: Array, bias: Array) -> Array:
    """The last state of an LSTM; its gates are i, f, g, o."""
    h = c = np.zeros(U // 2)
    for step in x:
        i, f, g, o = np.split(step @ kernel + h @ recurrent + bias, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
    return h


def expected(kind: str, ids: Array, model: keras.Model) -> Array:
    table, *weights = (w.astype("float64") for w in model.get_weights())
    out = np.zeros((*ids.shape[:2], U))
    for place in np.ndindex(*ids.shape[:2]):
        x = table[ids[place][ids[place] != 0]]
        if len(x) and kind == "convolution":
            out[place] = convolved(x, weights)
        elif len(x):
            out[place] = np.concatenate([state(x, *weights[:3]), state(x[::-1], *weights[3:])])
    return out


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_has_the_vector_of_the_definition_and_padding_has_zeros(kind: str) -> None:
    model, ids = model_of(kind), words()
    found = run(model, ids)
    np.testing.assert_allclose(found, expected(kind, ids, model), rtol=1e-5, atol=1e-5)
    assert not found[~ids.any(axis=2)].any()
    assert found[ids.any(axis=2)].any(axis=-1).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_one_sentence_and_one_word_work(kind: str, shape: tuple[int, int]) -> None:
    model, ids = model_of(kind), words(*shape, seed=2)
    np.testing.assert_allclose(run(model, ids), expected(kind, ids, model), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_does_not_see_its_neighbours_nor_its_padding(kind: str) -> None:
    ids = words(seed=3)
    wider = np.zeros((3, 6, C + 4), dtype="int32")
    wider[:, :4, :C] = ids
    model, wide = model_of(kind), model_of(kind, C + 4)
    wide.set_weights(model.get_weights())
    np.testing.assert_allclose(run(wide, wider)[:, :4], run(model, ids), rtol=1e-6, atol=1e-6)
    alone = np.concatenate([run(model, ids[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(run(model, ids), alone, rtol=1e-6, atol=1e-6)


def test_a_convolution_reads_words_of_any_length() -> None:
    model = model_of("convolution", None)
    short, long = words(seed=4)[:, :, :2], words(seed=4)
    assert run(model, short).shape == run(model, long).shape == (3, 4, U)


def test_two_calls_share_the_weights() -> None:
    read = Characters("convolution", alphabet=A, dimension=D, units=U)
    inputs = [keras.Input((None, C), dtype="int32") for _ in range(2)]
    model = keras.Model(inputs, [read(ids) for ids in inputs])
    assert sorted(tuple(v.shape) for v in model.trainable_variables) == [(1, 3, D, U), (U,), (A, D)]


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_acts_in_training_only_and_padding_stays_zero(kind: str) -> None:
    model, ids = model_of(kind, dropout=0.5), words()
    np.testing.assert_allclose(run(model, ids), expected(kind, ids, model), rtol=1e-5, atol=1e-5)
    trained = run(model, ids, training=True)
    assert not np.allclose(trained, run(model, ids))
    assert not trained[~ids.any(axis=2)].any()


@pytest.mark.parametrize("kind", KINDS)
def test_the_padding_row_stays_zero_in_training(kind: str) -> None:
    model, ids = model_of(kind), words()
    before = model.get_weights()
    assert not before[0][0].any()
    model.compile(optimizer=keras.optimizers.AdamW(0.05, weight_decay=0.1), loss="mse")
    for _ in range(2):
        model.train_on_batch(ids, np.ones((*ids.shape[:2], U), dtype="float32"))
    after = model.get_weights()
    assert not after[0][0].any()
    assert all((a != b).any() for a, b in zip(after, before, strict=True))


@pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")  # Keras 3.16, as it opens the file
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_holds_plain_keras_layers(kind: str, tmp_path: Path) -> None:
    model, ids = model_of(kind, dropout=0.1), words()
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(run(opened, ids), run(model, ids))
    assert set(re.findall(r'"module": "([a-z]+)', model.to_json())) == {"keras"}


def test_what_cannot_be_built_is_refused_with_its_value() -> None:
    with pytest.raises(ValueError, match="units must be even, half of them for each direction. Received: units=5"):
        Characters("recurrent", alphabet=A, units=5)
    with pytest.raises(ValueError, match=r"with C known. Received: \(None, None, None\)"):
        Characters("recurrent", alphabet=A)(keras.Input((None, None), dtype="int32"))


def test_a_fused_kernel_gives_the_same_vectors() -> None:
    from kerasseq.backend.accelerate import accelerate

    model, ids = model_of("recurrent"), words(seed=5)
    before = run(model, ids)
    accelerate(model)
    np.testing.assert_allclose(run(model, ids), before, rtol=1e-5, atol=1e-6)
