"""Ids to vectors: zeros at padding, whatever happens in between."""

import re
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.embeddings.learned import Learned
from kerasseq.embeddings.pretrained import Pretrained
from kerasseq.spec import EmbeddingSpec

VOCABULARY = ["<padding>", "<unknown>", "cat", "rome", "absent", "the"]
TOKENS = np.array([[2, 3, 1, 0, 0], [4, 0, 0, 0, 0], [0, 0, 0, 0, 0], [5, 4, 3, 2, 1]], dtype="int32")
EVERYTHING = {"word_dropout": 0.2, "layer_norm": True, "dropout": 0.2}


def model_of(spec: EmbeddingSpec) -> keras.Model:
    tokens = keras.Input((None,), dtype="int32")
    return keras.Model(tokens, spec.build(VOCABULARY)(tokens, mask=ops.not_equal(tokens, 0)))


def run(model: keras.Model, training: bool = False) -> np.ndarray:
    return ops.convert_to_numpy(model(ops.convert_to_tensor(TOKENS), training=training))


def rows(model: keras.Model) -> np.ndarray:
    return model.get_layer("embedding").get_weights()[0]


@pytest.mark.parametrize("shared", [{}, EVERYTHING])
@pytest.mark.parametrize("training", [False, True])
def test_padding_gives_zeros_and_words_do_not(shared: dict[str, object], training: bool) -> None:
    model = model_of(Learned(name="learned", dimension=16, **shared))
    if shared:
        model.get_layer("embedding_norm").set_weights([np.ones(16), np.ones(16)])  # an offset, as training gives it
    y = run(model, training)
    assert not y[TOKENS == 0].any()
    assert (np.abs(y[TOKENS != 0]).sum(axis=1) > 0).all()


def test_a_word_gives_its_row() -> None:
    model = model_of(Learned(name="learned", dimension=4))
    np.testing.assert_array_equal(run(model), rows(model)[TOKENS])


def test_without_a_mask_id_zero_is_padding() -> None:
    lookup = Learned(name="learned", dimension=4, layer_norm=True).build(VOCABULARY)
    plain, masked = lookup(TOKENS), lookup(TOKENS, mask=ops.convert_to_tensor(TOKENS != 0))
    np.testing.assert_array_equal(ops.convert_to_numpy(plain), ops.convert_to_numpy(masked))


def test_a_step_that_the_mask_leaves_out_gives_zeros_too() -> None:
    mask = np.zeros(TOKENS.shape, dtype=bool)
    y = Learned(name="learned", layer_norm=True).build(VOCABULARY)(TOKENS, mask=ops.convert_to_tensor(mask))
    assert not ops.convert_to_numpy(y).any()


@pytest.mark.parametrize("kind", ["learned", "pretrained"])
@pytest.mark.parametrize("optimizer", [keras.optimizers.AdamW, keras.optimizers.SGD])
def test_the_padding_row_stays_zero_in_training(
    kind: str, optimizer: type[keras.optimizers.Optimizer], vector_file: Callable[[str], Path]
) -> None:
    """With weight decay, and with a norm whose offset would otherwise give padding a gradient."""
    settings = {"name": kind, "layer_norm": True, "dropout": 0.1}
    spec = Learned(**settings) if kind == "learned" else Pretrained(path=str(vector_file("glove")), **settings)
    model = model_of(spec)
    before = rows(model).copy()
    model.compile(optimizer=optimizer(learning_rate=0.05, weight_decay=0.1), loss="mse")
    target = np.ones((*TOKENS.shape, before.shape[1]), dtype="float32")
    for _ in range(3):
        model.train_on_batch(TOKENS, target)
    after = rows(model)
    np.testing.assert_array_equal(after[0].view("uint32"), 0)
    assert (np.abs(after[1:] - before[1:]).max(axis=1) > 0).all()


def test_layer_norm_gives_every_word_mean_zero_and_deviation_one() -> None:
    y = run(model_of(Learned(name="learned", layer_norm=True, initializer="normal")))[TOKENS != 0]
    table = y.astype("float64")
    np.testing.assert_allclose(table.mean(axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(table.std(axis=1), 1, rtol=5e-3)


def test_layer_norm_has_the_epsilon_of_the_lectures() -> None:
    assert model_of(Learned(name="learned", layer_norm=True)).get_layer("embedding_norm").epsilon == 1e-5


def test_dropout_zeroes_its_share_of_the_numbers_in_training_only() -> None:
    model = model_of(Learned(name="learned", dimension=400, dropout=0.3))
    words = TOKENS != 0
    share = (run(model, training=True)[words] == 0).mean()
    assert abs(share - 0.3) < 5 * np.sqrt(0.21 / (400 * words.sum()))
    np.testing.assert_array_equal(run(model), rows(model)[TOKENS])


def test_word_dropout_gives_the_unknown_vector_in_training_only() -> None:
    model = model_of(Learned(name="learned", dimension=4, word_dropout=0.9))
    trained, table = run(model, training=True), rows(model)
    unknown = (trained == table[1]).all(axis=-1)
    assert unknown[TOKENS > 1].any()
    assert (unknown | (trained == table[TOKENS]).all(axis=-1)).all()
    np.testing.assert_array_equal(run(model), table[TOKENS])


def test_two_calls_share_the_weights() -> None:
    lookup = Learned(name="learned", dimension=4, **EVERYTHING).build(VOCABULARY)
    first, second = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    model = keras.Model([first, second], [lookup(first), lookup(second)])
    assert sorted(tuple(v.shape) for v in model.trainable_variables) == [(4,), (4,), (6, 4)]


@pytest.mark.parametrize(("word_dropout", "modules"), [(0.0, {"keras"}), (0.2, {"keras", "kerasseq"})])
def test_a_saved_model_holds_plain_keras_layers_but_for_word_dropout(
    word_dropout: float, modules: set[str], tmp_path: Path
) -> None:
    model = model_of(Learned(name="learned", layer_norm=True, dropout=0.1, word_dropout=word_dropout))
    model.save(tmp_path / "model.keras")
    opened = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(run(opened), run(model))
    assert set(re.findall(r'"module": "([a-z]+)', model.to_json())) == modules
