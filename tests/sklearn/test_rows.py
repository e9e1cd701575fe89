"""What may stand for `X`, `y` and `sample_weight`, and what is said of the rest."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import DataConversionWarning

from kerasseq.errors import UsageError
from kerasseq.sklearn import KerasSeqClassifier, KerasSeqRegressor
from kerasseq.sklearn.rows import read_texts


def test_texts_come_as_lists_arrays_and_columns():
    texts = ["a", "ب", ""]
    frame = pd.DataFrame({"text": texts})
    given = [
        texts,
        tuple(texts),
        np.array(texts),
        np.array(texts, dtype=object),
        pd.Series(texts, index=[5, 7, 9]),
        frame,
        frame[["text"]].to_numpy(),
        pl.Series(texts),
        pl.DataFrame({"text": texts}),
        [[text] for text in texts],
    ]
    for X in given:
        assert read_texts(X) == (texts,)
        assert all(type(text) is str for text in read_texts(X)[0])


def test_pairs_come_as_lists_and_tables_of_two_columns():
    pairs = [("a", "b"), ("c", "d")]
    frame = pd.DataFrame(pairs)
    for X in (pairs, np.array(pairs), frame, pa.Table.from_pandas(frame), iter(pairs)):
        assert read_texts(X) == (["a", "c"], ["b", "d"])


@pytest.mark.parametrize(
    ("X", "said"),
    [
        ("one text", r"X: must be a list, an array or a column of texts, got str; write \[text\]"),
        (3, "X: must be a list, an array or a column of texts, got int"),
        ([], "X: must have at least 1 row, got 0 samples"),
        (["a", None, float("nan"), 3], r"X\[1\]: must be a text, got None\nX\[2\]: .* got nan\nX\[3\]: .* got 3$"),
        ([("a", "b"), ("c", None)], r"X\[1\]\[1\]: must be a text, got None"),
        ([("a", "b"), "c"], r"X\[0\]: must be a text, or in every row a pair of texts, got 2 values"),
        (np.zeros((2, 3)), "X: must be texts, or a table with 1 column of texts or 2 of pairs, got 2x3"),
        (pd.Series(["a", pd.NA]), r"X\[1\]: must be a text, got (<NA>|nan)"),
        ([None] * 12, r"X\[9\]: must be a text, got None\nand 2 more$"),
    ],
)
def test_what_is_no_text_is_said_with_its_row(X, said):
    with pytest.raises(ValueError, match=said) as error:
        read_texts(X)
    assert isinstance(error.value, UsageError)


def test_a_blank_text_is_answered_and_not_learned(config, classifier, texts, moods):
    assert len(classifier.predict([" "])) == 1
    with pytest.raises(ValueError, match=r"X\[1\]: must not be empty where it is learned from"):
        KerasSeqClassifier(config=config).fit(["a", " ", "b"], moods[:3])


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, "requires y to be passed, but the target y is None"),
        (["yes"], "inconsistent numbers of samples"),
        (["yes"] * 6, "y: must have at least 2 classes, got 1 class, yes"),
        (["yes", None] * 3, r"y\[1\]: must have a value, got None\ny\[3\]"),
        (pd.Series(["yes", pd.NA] * 3, dtype=object), r"y\[1\]: must have a value, got <NA>"),
        ([1.0, float("nan")] * 3, "Input y contains NaN"),
        ([0.5, 1.5] * 3, "Unknown label type"),
    ],
)
def test_targets_that_are_no_classes_are_refused(config, texts, y, said):
    with pytest.raises(ValueError, match=said):
        KerasSeqClassifier(config=config).fit(texts[:6], y)


def test_targets_that_are_no_numbers_are_refused(config, texts):
    with pytest.raises(ValueError, match="y: must be numbers, got could not convert"):
        KerasSeqRegressor(config=config).fit(texts[:2], ["yes", "no"])
    with pytest.raises(ValueError, match="must have at least 2 rows to learn from, got 1 sample"):
        KerasSeqRegressor(config=config).fit(texts[:1], [1.0])


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1.0], "inconsistent numbers of samples"),
        ([1, -1, 1, -2, 1, 1], r"sample_weight\[1\]: must be at least 0, got -1\nsample_weight\[3\]"),
        ([0] * 6, "sample_weight: must have a weight above 0, got all zero"),
        ([[1]] * 6, "sample_weight: must be 1D"),
        ([float("nan")] * 6, "Input sample_weight contains NaN"),
    ],
)
def test_wrong_weights_are_refused(config, texts, moods, weights, said):
    with pytest.raises(ValueError, match=said):
        KerasSeqClassifier(config=config).fit(texts[:6], moods[:6], sample_weight=weights)


def test_a_row_of_no_weight_is_as_if_it_were_not_there(config, texts, moods):
    weighed = KerasSeqClassifier(config=config).fit(
        [*texts, "unheard words"], [*moods, "maybe"], sample_weight=[1.0] * len(texts) + [0.0]
    )
    assert weighed.classes_.tolist() == ["maybe", "no", "yes"]
    assert "unheard" not in weighed.trained_.task.pipeline.vocabulary
    plain = KerasSeqRegressor(config=config).fit(texts, np.arange(48.0))
    other = KerasSeqRegressor(config=config).fit(
        [*texts, "unheard"], np.arange(49.0), sample_weight=np.append(np.ones(48), 0)
    )
    np.testing.assert_allclose(plain.predict(texts), other.predict(texts), atol=1e-5)


def test_a_heavy_row_counts_more(config):
    texts, scores = ["one word"] * 40, [0.0, 10.0] * 20
    even, odd = (
        KerasSeqRegressor(config=config, epochs=4, validation=0).fit(texts, scores, sample_weight=weights)
        for weights in ([9.0, 1.0] * 20, [1.0, 9.0] * 20)
    )
    assert even.predict(["one word"])[0] < 4 < 6 < odd.predict(["one word"])[0]


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        ([10, 9], ("9", "10")),
        ([True, False], ("False", "True")),
        ([1.0, 0.0], ("0.0", "1.0")),
        (np.array(["ب", "أ"]), ("أ", "ب")),
        ([" a", "a"], ("0", "1")),
    ],
)
def test_classes_come_back_as_they_were(config, texts, classes, labels):
    fitted = KerasSeqClassifier(config=config, epochs=4).fit(texts, np.array(list(classes) * 24))
    answers = fitted.predict(["good", "bad"])
    assert answers.tolist() == list(classes)
    assert answers.dtype == fitted.classes_.dtype == np.array(classes).dtype
    assert fitted.trained_.task.labels == labels


def test_a_column_of_targets_is_taken_with_the_warning_of_scikit_learn(config, texts, moods):
    with pytest.warns(DataConversionWarning, match="column-vector y was passed"):
        KerasSeqClassifier(config=config).fit(texts, np.array(moods)[:, None])


def test_pairs_are_learned_and_asked_as_pairs(config, texts, moods):
    pairs = list(zip(texts, texts[::-1], strict=True))
    fitted = KerasSeqClassifier(config=config).fit(pairs, moods)
    assert fitted.predict_proba(np.array(pairs)).shape == (48, 2)
    with pytest.raises(ValueError, match="X: must be pairs as in fit, got single texts"):
        fitted.predict(texts)
