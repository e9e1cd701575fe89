"""`subword`: the mean of a word's own vector and of those of its n-grams, against float64 NumPy."""

# B batch, T time, K n-grams of a token, V words, G ids of n-grams, D features

from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.backend.engine import make_engine
from kerasseq.corpus.examples import Batch
from kerasseq.embeddings.subword import Subword
from kerasseq.initial_weights import initialise

Array = np.ndarray[Any, Any]

V, G, K, D = 9, 12, 7, 5
VOCABULARY = ["", "[UNK]", "[SEP]", *(f"w{i}" for i in range(V - 3))]


def draw(batch: int = 4, time: int = 6, seed: int = 0) -> tuple[Array, Array]:
    """Ids and n-grams: words without any, unknown words with and without, n-grams with gaps and twice, padding."""
    random = np.random.default_rng(seed)
    tokens = random.integers(1, V, (batch, time))
    tokens[:, 0] = 1
    subwords = random.integers(1, G, (batch, time, K)) * (random.random((batch, time, K)) < 0.5)
    subwords[::2, 0] = 0
    subwords[:, 1] = 0
    padding = np.arange(time) >= random.integers(2, time + 1, (batch, 1))
    tokens[padding], subwords[padding] = 0, 0
    return tokens.astype("int32"), subwords.astype("int32")


def model_of(seed: int = 0, **settings: Any) -> keras.Model:
    spec = Subword(name="subword", **{"dimension": D, **settings})
    tokens, subwords = keras.Input((None,), dtype="int32"), keras.Input((None, K), dtype="int32")
    y = spec.build_subwords(VOCABULARY, G)(tokens, subwords, mask=ops.not_equal(tokens, 0))
    model = keras.Model([tokens, subwords], {"vectors": y})
    initialise(model, seed)
    return model


def run(model: keras.Model, tokens: Array, subwords: Array, training: bool = False) -> Array:
    given = [ops.convert_to_tensor(tokens), ops.convert_to_tensor(subwords)]
    return ops.convert_to_numpy(model(given, training=training)["vectors"])


def tables(model: keras.Model) -> tuple[Array, Array]:
    words, ngrams = (model.get_layer(name).get_weights()[0] for name in ("embedding", "subword_embedding"))
    return words.astype("float64"), ngrams.astype("float64")


def expected(model: keras.Model, tokens: Array, subwords: Array) -> Array:
    words, ngrams = tables(model)
    out = np.zeros((*tokens.shape, D))
    for place in np.ndindex(*tokens.shape):
        vectors = [ngrams[i] for i in subwords[place] if i]
        if tokens[place] != 1 or not vectors:
            vectors.append(words[tokens[place]])
        out[place] = np.mean(vectors, axis=0) * (tokens[place] != 0)
    return out


def test_a_word_is_the_mean_of_its_own_vector_and_of_those_of_its_ngrams() -> None:
    model, (tokens, subwords) = model_of(), draw()
    found = run(model, tokens, subwords)
    np.testing.assert_allclose(found, expected(model, tokens, subwords), rtol=1e-5, atol=1e-7)
    assert np.abs(found[tokens != 0]).max() > 0.01 and not found[tokens == 0].any()


def test_an_unknown_word_is_the_mean_of_its_ngrams_and_without_any_the_unknown_vector() -> None:
    model = model_of()
    words, ngrams = tables(model)
    [[spelled, bare]] = run(model, np.array([[1, 1]], "int32"), np.array([[[3, 0, 5, 5, 0, 0, 0], [0] * K]], "int32"))
    np.testing.assert_allclose(spelled, (ngrams[3] + 2 * ngrams[5]) / 3, rtol=1e-5)
    np.testing.assert_allclose(bare, words[1], rtol=1e-6)


def test_padding_and_neighbours_change_no_vector() -> None:
    model, (tokens, subwords) = model_of(), draw(seed=1)
    wanted = run(model, tokens, subwords)
    longer = run(model, np.pad(tokens, [(0, 1), (0, 3)]), np.pad(subwords, [(0, 1), (0, 3), (0, 0)]))
    np.testing.assert_allclose(longer[:4, :6], wanted, atol=1e-7)
    assert not longer[4].any() and not longer[:, 6:].any()
    alone = [run(model, tokens[i : i + 1], subwords[i : i + 1]) for i in range(4)]
    np.testing.assert_allclose(np.concatenate(alone), wanted, atol=1e-7)


def test_a_batch_without_rows_and_one_of_padding_have_answers() -> None:
    model = model_of()
    assert run(model, np.zeros((0, 3), "int32"), np.zeros((0, 3, K), "int32")).shape == (0, 3, D)
    assert not run(model, np.zeros((2, 3), "int32"), np.zeros((2, 3, K), "int32")).any()


def test_word_dropout_leaves_the_ngrams() -> None:
    model, (tokens, subwords) = model_of(word_dropout=0.999), draw(seed=2)
    unknown = np.where(tokens == 0, 0, 1)
    found = run(model, tokens, subwords, training=True)
    same = np.isclose(found, expected(model, unknown, subwords), rtol=1e-4, atol=1e-6).all(axis=-1)
    assert same.mean() > 0.9


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_training_moves_the_vectors_that_were_read_as_their_mean_says_and_never_those_of_padding(decay: float) -> None:
    model, (tokens, subwords) = model_of(), draw(seed=3)
    words, ngrams = tables(model)
    goal = np.random.default_rng(0).normal(size=D)
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=decay) if decay else keras.optimizers.SGD(0.5)

    def loss(outputs: dict[str, Any], targets: Any) -> Any:
        return ops.sum(outputs["vectors"] * ops.cast(goal, "float32"), axis=(1, 2))

    batch = Batch(
        dict(zip([t.name for t in model.inputs], (tokens, subwords), strict=True)),
        np.zeros(4, "float32"),
        np.ones(4, "float32"),
        np.arange(4),
    )
    make_engine(model, loss, optimizer, 0.0, 6).train([batch])
    after_words, after_ngrams = tables(model)
    assert not after_words[0].any() and not after_ngrams[0].any()
    if decay:
        assert (after_ngrams[1:] != ngrams[1:]).all()
        return
    by_words, by_ngrams = np.zeros((V, D)), np.zeros((G, D))
    for place in np.ndindex(*tokens.shape):
        if tokens[place]:
            numbers = [i for i in subwords[place] if i]
            own = tokens[place] != 1 or not numbers
            for i in numbers:
                by_ngrams[i] += goal / (len(numbers) + own)
            by_words[tokens[place]] += own * goal / (len(numbers) + own)
    np.testing.assert_allclose(after_words, words - 0.5 * by_words / 4, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(after_ngrams, ngrams - 0.5 * by_ngrams / 4, rtol=1e-4, atol=1e-6)


def test_a_run_of_ngrams_must_not_end_before_it_begins() -> None:
    [(key, message)] = Subword(name="subword", shortest=4, longest=3).problems()
    assert (key, message) == ("longest", "must be at least shortest = 4, got 3")
    assert not list(Subword(name="subword", shortest=4, longest=4).problems())


def charngram(word: str, table: dict[str, Array]) -> Array:
    """What torchtext's CharNGram gives a word: the mean of its runs of 2 to 4 characters, two marks among them."""
    characters = ["<", *word, ">"]
    runs = ["".join(characters[i : i + n]) for n in (2, 3, 4) for i in range(len(characters) - n + 1)]
    found = [table[run] for run in runs if run in table]
    return np.mean(found, axis=0) if found else np.zeros(D)


def test_without_vectors_of_words_it_is_charngram_for_words_known_and_unknown() -> None:
    from kerasseq.pipelines.subwords import SubwordIds

    spec = Subword(name="subword", dimension=D, shortest=2, longest=4, words=False)
    ids = SubwordIds.learned(spec.subwords, {"cat": 3, "hat": 2, "chat": 1})
    words = ["cat", "chat", "that", "xyz"]  # two of training, two new ones
    subwords = ids.encode(words)[None]
    tokens, given = keras.Input((None,), dtype="int32"), keras.Input((None, subwords.shape[2]), dtype="int32")
    vocabulary = ["", "[UNK]", "[SEP]", "cat", "hat", "chat"]
    y = spec.build_ngrams(vocabulary, ids.listed)(tokens, given, mask=ops.not_equal(tokens, 0))
    model = keras.Model([tokens, given], {"vectors": y})
    initialise(model, 0)
    own, table = tables(model)
    assert own.shape == (2, D)
    [found] = run(model, np.array([[3, 5, 1, 1]], "int32"), subwords)
    by_run = dict(zip(ids.listed, table[1:], strict=True))
    for word, vector in zip(words[:3], found, strict=False):
        np.testing.assert_allclose(vector, charngram(word, by_run), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(found[3], own[1], rtol=1e-6)


def test_vectors_that_are_not_trained_stay() -> None:
    model = model_of(trainable=False)
    assert not model.trainable_variables and len(model.non_trainable_variables) == 2


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"words": False, "word_dropout": 0.1}, "word_dropout"),
        ({"file_words": 9}, "file_words"),
        ({"words": False, "trainable": False}, "trainable"),
        ({"path": "/nowhere.bin"}, "path"),
    ],
)
def test_settings_that_do_nothing_together_are_told(settings: dict[str, Any], key: str) -> None:
    assert [place for place, _ in Subword(name="subword", **settings).problems()] == [key]
