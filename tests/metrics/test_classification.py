"""Classification scores against scikit-learn, on all rows and on every resample."""

import json
import time
import warnings

import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasseq.metrics import classification_scores, confusion, scores_as_json
from kerasseq.metrics.bootstrap import resample_indices


def _rows(rows, classes, seed=0, ties=False):
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, classes, rows)
    probabilities = generator.dirichlet(np.ones(classes), rows)
    probabilities[np.arange(rows), truth] += 0.3
    if ties:
        probabilities = np.round(probabilities, 1) + 0.1
    return truth, probabilities / probabilities.sum(axis=1, keepdims=True)


def _sklearn(truth, probabilities, labels, positive):
    """The same scores by scikit-learn; NaN where it has none."""
    predicted = probabilities.argmax(axis=1)
    every = range(len(labels))
    found = {"accuracy": reference.accuracy_score(truth, predicted)}
    for average in ("macro", "micro"):
        found[f"f1_{average}"] = reference.f1_score(truth, predicted, average=average, zero_division=0)
    found["precision_macro"] = reference.precision_score(truth, predicted, average="macro", zero_division=0)
    found["recall_macro"] = reference.recall_score(truth, predicted, average="macro", zero_division=0)
    parts = reference.precision_recall_fscore_support(truth, predicted, labels=every, zero_division=0)
    seen = np.union1d(truth, predicted)
    for name, values in zip(("precision", "recall", "f1"), parts, strict=False):
        found |= {f"{name}[{labels[k]}]": values[k] if k in seen else np.nan for k in every}
        if len(labels) == 2:
            found[name] = found[f"{name}[{positive}]"]
    areas = [
        reference.roc_auc_score(truth == k, probabilities[:, k])
        for k in every
        if (truth == k).any() and not (truth == k).all()
    ]
    if len(labels) == 2 and areas:
        areas = areas[labels.index(positive) :][:1]
    found["roc_auc"] = float(np.mean(areas)) if areas else np.nan
    found["log_loss"] = reference.log_loss(truth, probabilities, labels=every)
    return found


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("classes", "positive"), [(2, 0), (2, 1), (3, 2), (7, 6)])
def test_values_equal_scikit_learn(classes, positive, ties):
    labels = [f"c{k}" for k in range(classes)]
    truth, probabilities = _rows(150, classes, ties=ties)
    scores = classification_scores(truth, probabilities, labels, labels[positive], resamples=2)
    expected = _sklearn(truth, probabilities, labels, labels[positive])
    assert {s.name for s in scores} == set(expected)
    for score in scores:
        assert score.value == pytest.approx(expected[score.name], abs=1e-12), score.name


def test_the_multiclass_auc_is_scikit_learns_one_vs_rest_mean():
    truth, probabilities = _rows(200, 4)
    score = {s.name: s.value for s in classification_scores(truth, probabilities, list("abcd"), resamples=1)}
    assert score["roc_auc"] == pytest.approx(reference.roc_auc_score(truth, probabilities, multi_class="ovr"))


@pytest.mark.parametrize(("rows", "classes"), [(40, 2), (30, 3)])
def test_intervals_equal_a_slow_bootstrap_over_the_same_draws(rows, classes):
    labels = [f"c{k}" for k in range(classes)]
    truth, probabilities = _rows(rows, classes, seed=1, ties=True)
    draws = np.concatenate(list(resample_indices(rows, 60, seed=5)))
    slow = [_sklearn(truth[draw], probabilities[draw], labels, labels[-1]) for draw in draws]
    for score in classification_scores(truth, probabilities, labels, resamples=60, confidence=0.9, seed=5):
        low, high = np.nanquantile([one[score.name] for one in slow], [0.05, 0.95])
        assert (score.low, score.high) == (pytest.approx(low), pytest.approx(high)), score.name


def test_intervals_do_not_depend_on_how_the_draws_are_cut_into_chunks(monkeypatch):
    whole = np.concatenate(list(resample_indices(50, 30, seed=2)))
    monkeypatch.setattr("kerasseq.metrics.bootstrap._CHUNK", 77)
    pieces = list(resample_indices(50, 30, seed=2))
    assert len(pieces) == 30
    assert (np.concatenate(pieces) == whole).all()


def test_the_same_seed_gives_the_same_intervals_and_another_seed_others():
    truth, probabilities = _rows(80, 2)
    first, again = (classification_scores(truth, probabilities, ["a", "b"], seed=3) for _ in range(2))
    other = classification_scores(truth, probabilities, ["a", "b"], seed=4)
    assert first == again
    assert [s.value for s in first] == [s.value for s in other]
    assert [s.low for s in first] != [s.low for s in other]


def test_the_interval_of_accuracy_covers_the_truth_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    covered = 0
    for trial in range(100):
        right = generator.random(200) < 0.8
        probabilities = np.where(right[:, None], [0.2, 0.8], [0.8, 0.2])
        score = classification_scores(np.ones(200, int), probabilities, ["a", "b"], resamples=200, seed=trial)[0]
        covered += score.low <= 0.8 <= score.high
    assert 87 <= covered <= 100


def test_one_class_in_the_truth_leaves_the_auc_undefined_and_says_so():
    scores = {s.name: s for s in classification_scores(np.zeros(5, int), np.full((5, 2), 0.5), ["a", "b"])}
    assert (scores["roc_auc"].value, scores["roc_auc"].low) == (None, None)
    assert "one class" in scores["roc_auc"].note
    assert scores["accuracy"].value == 1.0
    assert scores["f1"].value is None
    assert "neither" in scores["f1"].note


def test_a_class_without_test_rows_is_left_out_of_the_auc_and_named():
    truth, probabilities = _rows(60, 3)
    truth[truth == 2] = 0
    scores = {s.name: s for s in classification_scores(truth, probabilities, ["x", "y", "zebra"])}
    assert "zebra" in scores["roc_auc"].note
    assert scores["roc_auc"].value is not None
    assert scores["recall[zebra]"].value == 0
    assert scores["recall[zebra]"].note.startswith("not in the test rows")


def test_a_class_that_is_never_predicted_has_precision_zero_with_a_note():
    scores = {s.name: s for s in classification_scores(np.array([0, 0, 1]), np.tile([0.9, 0.1], (3, 1)), ["a", "b"])}
    assert scores["precision[b]"].value == 0
    assert scores["precision[b]"].note.startswith("never predicted")


def test_resamples_without_a_second_class_do_not_count_and_are_counted():
    scores = {s.name: s for s in classification_scores(np.array([0, 0, 1]), np.eye(2)[[0, 0, 1]], ["a", "b"])}
    assert "of 1000 resamples" in scores["roc_auc"].note
    assert scores["roc_auc"].low == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 10_000), st.booleans())
def test_no_input_gives_a_warning_or_a_number_that_json_refuses(classes, rows, seed, certain):
    truth, probabilities = _rows(rows, classes, seed)
    if certain:
        probabilities = np.eye(classes, dtype=np.float32)[np.zeros(rows, int)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = classification_scores(truth, probabilities, [f"c{k}" for k in range(classes)], resamples=20)
    json.dumps(scores_as_json(scores), allow_nan=False)
    for score in scores:
        assert score.value is not None or score.note
        assert score.low is None or score.low <= score.high


@pytest.mark.parametrize(
    ("truth", "probabilities", "positive", "message"),
    [
        ([0, 1], [[0.5, 0.5]], "", "shape"),
        ([], np.zeros((0, 2)), "", "at least 1 row"),
        ([0, 2], [[0.5, 0.5]] * 2, "", "integers in"),
        ([0.0, 1.0], [[0.5, 0.5]] * 2, "", "integers in"),
        ([0, 1], [[0.5, np.nan]] * 2, "", "finite"),
        ([0, 1], [[0.5, 0.5]] * 2, "maybe", "must be one of no, yes, got 'maybe'"),
    ],
)
def test_wrong_input_is_refused_with_the_value(truth, probabilities, positive, message):
    with pytest.raises(ValueError, match=message):
        classification_scores(np.array(truth), np.array(probabilities), ["no", "yes"], positive)


@pytest.mark.parametrize("option", [{"resamples": 0}, {"confidence": 1.0}])
def test_a_bootstrap_without_draws_or_tails_is_refused(option):
    with pytest.raises(ValueError, match=next(iter(option))):
        classification_scores(np.array([0, 1]), np.eye(2), ["a", "b"], **option)


def test_confusion_equals_scikit_learn():
    truth, probabilities = _rows(90, 5)
    predicted = probabilities.argmax(axis=1)
    assert (confusion(truth, predicted, 5) == reference.confusion_matrix(truth, predicted)).all()
    assert confusion(np.array([0]), np.array([0]), 3).shape == (3, 3)


def test_two_hundred_rows_take_well_under_a_second():
    truth, probabilities = _rows(200, 2)
    start = time.perf_counter()
    classification_scores(truth, probabilities, ["a", "b"])
    assert time.perf_counter() - start < 2
