"""Initial weights, and the model around the parts."""

# B batch, T time, D features, F features of a pooled text

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from kerasseq.arrays.ragged import Ragged
from kerasseq.corpus.encoded import EncodedCorpus
from kerasseq.embeddings.learned import Learned
from kerasseq.encoders.none import NoEncoder
from kerasseq.encoders.recurrent import GRU, LSTM
from kerasseq.errors import PluginError
from kerasseq.model import Parts, assemble, check_masks, initialise, mask_fault, parameters, read_text
from kerasseq.poolers.attention import Attention
from kerasseq.poolers.reduce import Mean
from kerasseq.registry.components import choose

VOCABULARY = ["", "[UNK]", "[SEP]", *"abcdefgh"]


def build(encoder: Any, pooler: Any, combine: bool = False, dimension: int = 6) -> Any:
    text = read_text(
        Parts(
            embedding=Learned(name="learned", dimension=dimension).build(VOCABULARY),
            encoder=encoder.build(),
            pooler=pooler.build(encoder.directions),
            combine=combine,
        )
    )
    return assemble(text, features=text.features, logits=layers.Dense(3, name="logits")(text.features))


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


def test_a_combined_pair_meets_as_u_v_difference_and_product() -> None:
    model = build(NoEncoder(name="none"), Mean(name="mean"), combine=True, dimension=3)
    initialise(model, 0)
    one, two = [[3, 4, 0, 0], [5, 0, 0, 0]], [[6, 0, 0], [7, 8, 9]]
    table = ops.convert_to_numpy(model.get_layer("embedding").embeddings).astype(np.float64)

    def mean(rows: list[list[int]]) -> Any:
        return np.stack([table[[i for i in row if i]].mean(axis=0) for row in rows])

    u, v = mean(one), mean(two)
    expected = np.concatenate([u, v, np.abs(u - v), u * v], axis=1)
    found = model([np.array(one, "int32"), np.array(two, "int32")])["features"]
    np.testing.assert_allclose(ops.convert_to_numpy(found), expected, atol=1e-6)


def test_a_pair_gives_attention_over_both_texts() -> None:
    model = build(NoEncoder(name="none"), Attention(name="attention", units=3), combine=True)
    out = model([np.array([[3, 4, 0]], "int32"), np.array([[6, 0]], "int32")])
    assert (tuple(out["attention"].shape), tuple(out["attention_2"].shape)) == ((1, 3), (1, 2))
    np.testing.assert_allclose(ops.convert_to_numpy(out["attention_2"]), [[1, 0]], atol=1e-6)


def test_parameters_counts_what_is_trained() -> None:
    assert parameters(build(NoEncoder(name="none"), Mean(name="mean"), dimension=6)) == 11 * 6 + 6 * 3 + 3


@pytest.mark.parametrize("pooler", [Mean(name="mean"), Attention(name="attention", units=3)], ids=lambda p: p.name)
@pytest.mark.parametrize(
    "encoder", [LSTM(name="lstm", units=4, layers=1), GRU(name="gru", units=3, bidirectional=False)]
)
def test_a_prediction_depends_neither_on_padding_nor_on_neighbours(encoder: Any, pooler: Any) -> None:
    from kerasseq.backend.accelerate import accelerate
    from kerasseq.backend.engine import make_engine

    model = accelerate(build(encoder, pooler, combine=True))
    initialise(model, 0)
    engine = make_engine(model, lambda out, _: ops.sum(out["logits"], axis=-1), None, 0.0, 16)
    random = np.random.default_rng(0)
    for trial in range(4):
        sides = [[random.integers(1, 11, random.integers(0, 9)).tolist() for _ in range(5)] for _ in range(2)]
        corpus = EncodedCorpus(tuple(map(Ragged.from_lists, sides)), np.zeros(5), np.ones(5, "float32"))
        together = engine.forward(corpus.batch(np.arange(5), (16,), 5)).outputs["logits"]
        alone = np.concatenate(
            [engine.forward(corpus.batch(np.array([r]), (8,), 5)).outputs["logits"] for r in range(5)]
        )
        np.testing.assert_allclose(alone, together, atol=1e-6, err_msg=str(trial))
        shuffled = np.array([4, 2, 0])
        few = engine.forward(corpus.batch(shuffled, (8,), 5)).outputs["logits"]
        np.testing.assert_allclose(few, together[shuffled], atol=1e-6)


def test_a_part_that_takes_no_mask_is_named() -> None:
    good = layers.GRU(3)
    check_masks(Parts(lambda tokens, mask=None: tokens, good, lambda x, **more: x), {})
    with pytest.raises(PluginError) as caught:
        check_masks(Parts(good, good, layers.Dense(2)), {"pooler": choose("pooler", "mean")})
    assert str(caught.value).startswith('pooler "mean" of kerasseq ')
    assert "must accept mask, as in pooler(x, mask=mask), it takes (inputs, training=None)" in str(caught.value)
    assert "embedding(tokens, mask=mask), it takes (tokens)" in mask_fault("embedding", lambda tokens: tokens)
    assert mask_fault("encoder", type) == ""  # Python knows no signature of it
