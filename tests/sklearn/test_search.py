"""Pipelines, cross-validation, grid search, copies and other processes."""

import io
import pickle
import pickletools

import numpy as np
import pytest
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from kerasseq.sklearn import KerasSeqClassifier, KerasSeqRegressor


def test_a_pipeline_and_a_search_over_two_settings(config, texts, moods):
    steps = make_pipeline(FunctionTransformer(np.char.upper), KerasSeqClassifier(config=config))
    search = GridSearchCV(steps, {"kerasseqclassifier__epochs": [1, 4]}, cv=2)
    search.fit(np.array(texts), moods)
    assert search.best_params_ == {"kerasseqclassifier__epochs": 4}
    assert search.predict(["good", "bad"]).tolist() == ["yes", "no"]
    assert "GOOD" in search.best_estimator_[-1].trained_.task.pipeline.vocabulary
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_wrong_setting_of_a_search_is_said(config, texts, moods):
    search = GridSearchCV(KerasSeqClassifier(config=config), {"batch_size": [0]}, cv=2, error_score="raise")
    with pytest.raises(ValueError, match="batch_size: must be at least 1, got 0"):
        search.fit(texts, moods)


def test_cross_validation_answers_every_row_of_numbers(config, texts):
    scores = np.arange(48) % 2 * 10.0
    regressor = KerasSeqRegressor(config=config, epochs=5)
    answers = cross_val_predict(regressor, texts, scores, cv=2)
    assert ((answers > 5) == (scores > 5)).all()


@pytest.mark.slow  # both import Keras
def test_two_processes_search_as_one_does(config, texts, moods, classifier):
    search = GridSearchCV(KerasSeqClassifier(config=config), {"epochs": [1, 4]}, cv=2, n_jobs=2, refit=False)
    search.fit(texts, moods)
    here = cross_val_score(KerasSeqClassifier(config=config, epochs=4), texts, moods, cv=2)
    assert search.cv_results_["mean_test_score"][1] == pytest.approx(here.mean())
    # The same processes open a model that was trained here
    there = Parallel(n_jobs=2)(delayed(classifier.predict_proba)(part) for part in (texts[:3], texts[3:6]))
    np.testing.assert_allclose(np.concatenate(there), classifier.predict_proba(texts[:6]), atol=1e-6)


def test_a_pickle_holds_files_and_no_code(classifier, texts):
    data = pickle.dumps(classifier)
    modules = {
        str(argument).split()[0]
        for name, argument in ((op.name, arg) for op, arg, _ in pickletools.genops(pickle.dumps(classifier, 2)))
        if name == "GLOBAL"
    }
    assert {name.partition(".")[0] for name in modules} <= {"kerasseq", "numpy", "_codecs", "copyreg", "builtins"}
    assert {name for name in modules if name.startswith("kerasseq")} == {"kerasseq.sklearn.classifier"}
    again = pickle.load(io.BytesIO(data))
    assert again.get_params() == classifier.get_params()
    np.testing.assert_allclose(again.predict_proba(texts), classifier.predict_proba(texts), atol=1e-6)
    assert pickle.dumps(again) == data  # also once the model is open


def test_a_clone_has_the_settings_and_no_model(classifier, config):
    other = clone(classifier)
    assert other.get_params() == classifier.get_params()
    assert not hasattr(other, "classes_")
    assert clone(KerasSeqRegressor(run="here", overrides=["seed=1"])).get_params()["overrides"] == ["seed=1"]


def test_a_fit_that_fails_leaves_the_model_before_it(classifier, texts, moods):
    copy = pickle.loads(pickle.dumps(classifier))
    with pytest.raises(ValueError, match="units"):
        copy.set_params(units=0).fit(texts, moods)
    assert copy.predict(["good"]).tolist() == ["yes"]
