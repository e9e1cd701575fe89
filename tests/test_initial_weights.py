"""Initial weights, drawn in NumPy."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.recurrent import GRU, LSTM
from kerasseq.initial_weights import initialise
from kerasseq.model import Parts, assemble, read_rows
from kerasseq.pipelines.text import TextPipeline
from kerasseq.poolers.attention import Attention
from kerasseq.poolers.reduce import Mean
from kerasseq.tokenizers.word import Word

VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]
WORD = Word(name="word")


def build(encoder: Any, pooler: Any) -> Any:
    parts = Parts(
        embedding=Learned(name="learned", dimension=6).build(VOCABULARY),
        encoder=encoder.build(),
        pooler=pooler.build(encoder.directions),
    )
    rows = read_rows(parts, TextPipeline((), WORD, WORD.build()))
    return assemble(rows, features=rows.features, logits=layers.Dense(3, name="logits")(rows.features))


def numbers(model: Any) -> dict[str, Any]:
    return {f"{i} {v.name}": ops.convert_to_numpy(v.value) for i, v in enumerate(model.trainable_variables)}


def test_initial_weights_are_the_same_on_every_backend() -> None:
    model = build(LSTM(name="lstm", units=4, layers=1), Attention(name="attention", units=3))
    initialise(model, 5)
    found = {name.split()[1]: (float(w.flat[-1]), float(np.abs(w).sum())) for name, w in numbers(model).items()}
    for name, expected in LAST_AND_SUM.items():
        assert found[name] == pytest.approx(expected, abs=2e-5), name


LAST_AND_SUM = {}


def test_the_same_seed_draws_the_same_and_another_draws_others() -> None:
    models = [build(GRU(name="gru", units=4), Attention(name="attention", units=3)) for _ in range(3)]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        initialise(model, seed)
    first, same, other = (numbers(model) for model in models)
    for name, weights in first.items():
        np.testing.assert_array_equal(weights, same[name])
        constant = any(part in name for part in ("bias", "gamma", "beta"))
        assert np.array_equal(weights, other[name]) == constant, name


@pytest.mark.parametrize(
    ("initializer", "limit", "deviation"),
    [
        (keras.initializers.GlorotUniform(), np.sqrt(6 / 500), np.sqrt(2 / 500)),
        (keras.initializers.GlorotNormal(), 2 * np.sqrt(2 / 500) / 0.8796256, np.sqrt(2 / 500)),
        (keras.initializers.HeUniform(), np.sqrt(6 / 200), np.sqrt(2 / 200)),
        (keras.initializers.HeNormal(), 2 * np.sqrt(2 / 200) / 0.8796256, np.sqrt(2 / 200)),
        (keras.initializers.LecunUniform(), np.sqrt(3 / 200), np.sqrt(1 / 200)),
        (keras.initializers.LecunNormal(), 2 * np.sqrt(1 / 200) / 0.8796256, np.sqrt(1 / 200)),
        (keras.initializers.RandomUniform(-0.2, 0.2), 0.2, 0.2 / np.sqrt(3)),
        (keras.initializers.RandomNormal(0, 0.3), np.inf, 0.3),
        (keras.initializers.TruncatedNormal(0, 0.3), 0.6, 0.3 * 0.8796256),
        (keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal"), np.inf, np.sqrt(2 / 300)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, keras.Initializer) else "",
)
def test_each_initializer_draws_its_distribution(initializer: Any, limit: float, deviation: float) -> None:
    model = keras.Sequential([keras.Input((200,)), layers.Dense(300, kernel_initializer=initializer)])
    initialise(model, 0)
    drawn = ops.convert_to_numpy(model.layers[0].kernel.value)
    assert np.abs(drawn).max() <= limit * (1 + 1e-6)
    if np.isfinite(limit):
        assert np.abs(drawn).max() > 0.98 * limit
    assert drawn.std() == pytest.approx(deviation, rel=0.01)
    assert abs(drawn.mean()) < 3 * deviation / np.sqrt(drawn.size)


def test_recurrent_weights_are_one_orthogonal_block_a_gate() -> None:
    model = build(LSTM(name="lstm", units=5, layers=1), Mean(name="mean"))
    initialise(model, 0)
    blocks = [b for name, w in numbers(model).items() if "recurrent_kernel" in name for b in np.split(w, 4, axis=1)]
    assert len(blocks) == 8
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, np.eye(5), atol=1e-6)
    assert not np.allclose(blocks[0], blocks[1])


@pytest.mark.parametrize("shape", [(3, 7), (7, 3)])
def test_an_orthogonal_weight_of_any_shape_has_orthonormal_rows_or_columns(shape: tuple[int, int]) -> None:
    initializer = keras.initializers.Orthogonal(gain=2.0)
    model = keras.Sequential([keras.Input(shape[:1]), layers.Dense(shape[1], kernel_initializer=initializer)])
    initialise(model, 0)
    w = ops.convert_to_numpy(model.layers[0].kernel.value)[:, :3]
    np.testing.assert_allclose(w.T @ w, 4 * np.eye(3), atol=1e-5)


def test_the_row_of_padding_is_zero_and_constants_are_left_alone() -> None:
    model = build(LSTM(name="lstm", units=4, layers=1, normalisation="layer"), Mean(name="mean"))
    model.get_layer("logits").bias.assign([1.0, 2.0, 3.0])
    initialise(model, 0)
    found = numbers(model)
    table = next(w for name, w in found.items() if "embeddings" in name)
    assert not table[0].any()
    assert (np.abs(table[1:]).max(axis=1) > 0).all()
    assert ops.convert_to_numpy(model.get_layer("logits").bias.value).tolist() == [1, 2, 3]
    for name, weights in found.items():
        if "gamma" in name:
            assert (weights == 1).all()
        if name.endswith(" bias") and weights.shape == (16,):
            assert weights.tolist() == [0] * 4 + [1] * 4 + [0] * 8  # forget gate


def test_given_vectors_are_kept() -> None:
    vectors = np.arange(22, dtype="float32").reshape(11, 2)
    table = layers.Embedding(11, 2, embeddings_initializer="zeros", weights=vectors, trainable=False)
    model = keras.Sequential([keras.Input((None,), dtype="int32"), table])
    initialise(model, 0)
    kept = ops.convert_to_numpy(table.embeddings)
    assert kept[0].tolist() == [0, 0]
    np.testing.assert_array_equal(kept[1:], vectors[1:])
