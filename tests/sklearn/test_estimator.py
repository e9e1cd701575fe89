"""What both backends must do."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

import kerasseq
from kerasseq.sklearn import KerasSeqClassifier, KerasSeqRegressor


def test_classes_are_learned_and_told_apart(classifier, texts, moods):
    assert classifier.score(texts, moods) == 1
    assert classifier.predict(["good", "bad"]).tolist() == ["yes", "no"]
    probabilities = classifier.predict_proba(["good", "bad", ""])
    assert probabilities.shape == (3, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-12)
    assert classifier.classes_.tolist() == ["no", "yes"]
    assert [row["epoch"] for row in classifier.history_] == [1, 2, 3, 4]
    assert "validation_accuracy" in classifier.history_[0]
    assert classifier.run_ is None


def test_scores_are_learned_in_their_unit(config, texts, moods):
    scores = [90.0 if mood == "yes" else 10.0 for mood in moods]
    regressor = KerasSeqRegressor(config=config, epochs=12).fit(texts, scores)
    assert regressor.score(texts, scores) > 0.8
    low, high = regressor.predict(["bad", "good"])
    assert low < 30 < 70 < high


def test_a_run_stays_where_it_is_asked_for_and_opens_as_any_other(config, texts, moods, tmp_path):
    fitted = KerasSeqClassifier(config=config, run=tmp_path).fit(texts, moods)
    assert fitted.run_ == tmp_path / "experiment" / "0001"
    model = kerasseq.load(fitted.run_)
    answers = model.predict(texts[:3])
    assert answers["prediction"] == fitted.predict(texts[:3]).tolist()
    assert answers["score[yes]"] == pytest.approx(fitted.predict_proba(texts[:3])[:, 1].tolist(), abs=1e-6)
    assert not Path(fitted.trained_.experiment.dataset.train).exists()  # the rows, which were lent


def test_before_fit_there_are_no_answers():
    for ask in (KerasSeqClassifier().predict, KerasSeqClassifier().predict_proba, KerasSeqRegressor().predict):
        with pytest.raises(NotFittedError, match="is not fitted yet"):
            ask(["text"])
    with pytest.raises(NotFittedError):
        _ = KerasSeqClassifier().trained_


def test_another_backend_than_that_of_keras_is_refused(config, texts, moods):
    import keras

    other = "jax" if keras.backend.backend() == "torch" else "torch"
    with pytest.raises((kerasseq.KerasseqError, ValueError), match="already runs on|is not installed"):
        KerasSeqClassifier(config=config, backend=other).fit(texts, moods)
