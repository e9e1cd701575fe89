"""`pretrained`: from the section of the TOML to the table, and what is said about it."""

import logging
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from pydantic import ValidationError

from kerasseq.embeddings.pretrained import Pretrained

VOCABULARY = ["<padding>", "<unknown>", "cat", "Rome", "the"]
Table = dict[str, np.ndarray]


def spec(path: Path, **settings: object) -> Pretrained:
    return Pretrained(name="pretrained", path=str(path), **settings)


@pytest.mark.parametrize("kind", ["glove", "word2vec", "fasttext", "word2vec_bin", "npz"])
def test_the_vectors_of_the_file_are_the_rows_of_the_table(
    kind: str, vector_file: Callable[[str], Path], table: Table
) -> None:
    rows = spec(vector_file(kind), format=kind).build(VOCABULARY).table.get_weights()[0]
    np.testing.assert_array_equal(rows[[0, 2, 4]], [np.zeros(3), table["cat"], table["the"]])


@pytest.mark.parametrize("trainable", [True, False])
def test_frozen_vectors_do_not_move_and_tuned_ones_do(trainable: bool, vector_file: Callable[[str], Path]) -> None:
    lookup = spec(vector_file("glove"), trainable=trainable).build(VOCABULARY)
    tokens = keras.Input((None,), dtype="int32")
    model = keras.Model(tokens, keras.layers.Dense(1)(lookup(tokens)))
    before = lookup.table.get_weights()[0].copy()
    model.compile(optimizer=keras.optimizers.AdamW(0.1), loss="mse")
    model.train_on_batch(np.array([[2, 3, 0]], "int32"), np.ones((1, 3, 1), "float32"))
    assert (lookup.table.get_weights()[0] != before).any() == trainable
    assert len(model.trainable_variables) == 2 + trainable


def test_lowercase_fallback_and_seed_reach_the_table(vector_file: Callable[[str], Path], table: Table) -> None:
    path = vector_file("glove")
    lower = spec(path, lowercase_fallback=True).build(VOCABULARY).table.get_weights()[0]
    np.testing.assert_array_equal(lower[3], table["rome"])
    one, two = (spec(path, seed=s).build(VOCABULARY).table.get_weights()[0] for s in (1, 2))
    assert (one[3] != two[3]).all()
    np.testing.assert_array_equal(one[2], two[2])


@pytest.mark.parametrize(
    ("vocabulary", "level", "message"),
    [
        (VOCABULARY, logging.INFO, "found vectors for 2 of 3 types (66.7 %)"),
        ([*VOCABULARY, "x", "y", "z"], logging.WARNING, "found vectors for 2 of 6 types (33.3 %)"),
    ],
)
def test_the_coverage_is_logged_and_a_low_one_is_a_warning(
    vocabulary: list[str],
    level: int,
    message: str,
    vector_file: Callable[[str], Path],
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = vector_file("glove")
    with caplog.at_level(logging.INFO, logger="kerasseq.embeddings"):
        spec(path).build(VOCABULARY if level == logging.INFO else vocabulary)
    assert caplog.record_tuples == [("kerasseq.embeddings", level, f"{path}: {message}")]


def test_a_missing_file_is_a_problem_of_its_key(tmp_path: Path, vector_file: Callable[[str], Path]) -> None:
    missing = tmp_path / "absent.txt"
    assert list(spec(missing).problems()) == [("path", f"must be a file of vectors, got {missing}")]
    empty = Pretrained(name="pretrained", path="")
    assert list(empty.problems()) == [("path", "must be a file of vectors, got an empty path")]
    assert list(spec(vector_file("glove")).problems()) == []


def test_a_relative_path_counts_from_the_folder_of_the_toml(vector_file: Callable[[str], Path]) -> None:
    path = vector_file("glove")
    section = {"name": "pretrained", "path": path.name}
    assert Pretrained.model_validate(section, context={"folder": str(path.parent)}).path == str(path)


@pytest.mark.parametrize(("key", "value"), [("format", "pickle"), ("seed", -1), ("dropout", 1.5)])
def test_a_setting_outside_its_range_is_refused(key: str, value: object, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=key):
        spec(tmp_path / "v.txt", **{key: value})


def test_the_path_is_required() -> None:
    with pytest.raises(ValidationError, match="path"):
        Pretrained(name="pretrained")


@pytest.mark.realdata
def test_glove_puts_related_words_near(realdata: Path) -> None:
    words = ["<padding>", "<unknown>", "king", "queen", "banana"]
    path = realdata / "glove" / "glove6b50d_top100k_f16.npz"
    lookup = spec(path).build(words)
    king, queen, banana = ops.convert_to_numpy(lookup(np.array([[2, 3, 4]], "int32")))[0]

    def cosine(a: np.ndarray, b: np.ndarray) -> float:
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    assert king.shape == (50,)
    assert cosine(king, queen) > 0.7 > 0.4 > cosine(king, banana)


def test_the_first_words_of_the_file_are_asked_for_by_a_setting(vector_file: Callable[[str], Path]) -> None:
    path = vector_file("glove")
    assert list(spec(path).extra_words()) == []
    assert spec(path, file_words=2).extra_words() == ["the", "cat"]
    assert (spec(path).has_extra_words, spec(path, file_words=2).has_extra_words) == (False, True)
