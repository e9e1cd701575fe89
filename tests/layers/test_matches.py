"""What of each token stands in the other text."""

from pathlib import Path

import keras
import numpy as np
from keras import ops

from kerasseq.layers.matches import Matches
from kerasseq.layers.spellings import signs, spellings

VOCABULARY = ["", "[UNK]", "[SEP]", "network", "networks", "river", "rivers", "a", "b"]
X = np.array([[3, 4, 1, 5], [7, 0, 8, 0], [3, 6, 0, 0], [0, 0, 0, 0]], dtype="int32")
Y = np.array([[4, 1, 0], [8, 8, 3], [0, 0, 0], [3, 0, 4]], dtype="int32")


def expected(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    table = spellings(VOCABULARY).astype("float64")
    found = np.zeros((*x.shape, 2))
    for row, others in enumerate(y):
        known = [other for other in others if other > 1]
        for step, token in enumerate(x[row]):
            found[row, step, 0] = token in known
            found[row, step, 1] = max([0.0, *(float(table[token] @ table[other]) for other in known)])
    return found


def test_a_token_is_told_whether_it_and_what_is_like_it_stand_in_the_other_text() -> None:
    first, second = map(ops.convert_to_numpy, Matches(VOCABULARY)(X, Y))
    np.testing.assert_allclose(first, expected(X, Y), atol=1e-6)
    np.testing.assert_allclose(second, expected(Y, X), atol=1e-6)
    assert first[0, 0].tolist()[0] == 0 and 0.6 < first[0, 0, 1] < 1  # network beside networks
    assert first[0, 2].tolist() == [0, 0]  # unknown tokens are not the same word


def test_an_unknown_token_is_spelled_by_its_known_n_grams() -> None:
    """The n-grams of each token beside its id, as a model with an embedding of n-grams reads them."""
    listed = ["<ri", "riv", "ver", "net", "ork"]
    x, y = np.array([[1, 3, 1, 0]], dtype="int32"), np.array([[1, 1]], dtype="int32")
    x_ngrams = np.array([[[1, 2, 3], [4, 5, 0], [0, 0, 0], [0, 0, 0]]], dtype="int32")
    y_ngrams = np.array([[[1, 2, 0], [0, 0, 0]]], dtype="int32")
    found, other = Matches(ngrams=listed)(*map(ops.convert_to_tensor, (x, y, x_ngrams, y_ngrams)))
    drawn = signs(listed).astype("float64")
    vectors = [drawn[:3].sum(axis=0), drawn[3:].sum(axis=0), drawn[:2].sum(axis=0)]
    river, network, of_y = (vector / np.linalg.norm(vector) for vector in vectors)
    wanted = np.array([[0, river @ of_y], [0, max(network @ of_y, 0)], [0, 0], [0, 0]])
    np.testing.assert_allclose(ops.convert_to_numpy(found)[0], wanted, atol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(other)[0, :, 1], [river @ of_y, 0], atol=1e-6)


def test_words_alone_need_no_table() -> None:
    matches = Matches()
    first, second = map(ops.convert_to_numpy, matches(X, Y))
    np.testing.assert_array_equal(first, expected(X, Y)[..., :1])
    np.testing.assert_array_equal(second, expected(Y, X)[..., :1])
    assert matches.table is None


def test_more_padding_on_either_side_changes_nothing() -> None:
    matches = Matches(VOCABULARY)
    wanted = matches(X, Y)
    found = matches(np.pad(X, [(0, 0), (2, 1)]), np.pad(Y, [(0, 0), (0, 5)]))
    for got, same in zip((found[0][:, 2:-1], found[1][:, :3]), wanted, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(got), ops.convert_to_numpy(same), atol=1e-6)


def test_the_table_is_not_trained_and_comes_back_with_the_model(tmp_path: Path) -> None:
    inputs = [keras.Input((None,), dtype="int32", name=name) for name in ("x", "y")]
    model = keras.Model(inputs, dict(zip(("first", "second"), Matches(VOCABULARY)(*inputs), strict=True)))
    assert not model.trainable_variables and len(model.variables) == 1
    model.save(tmp_path / "m.keras")
    again = keras.saving.load_model(tmp_path / "m.keras", compile=False)
    np.testing.assert_allclose(ops.convert_to_numpy(again([X, Y])["second"]), expected(Y, X), atol=1e-6)
