"""The checks that scikit-learn has for every estimator, which give rows of numbers: here each is read as a text."""

import pytest
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

from kerasseq.sklearn import KerasSeqClassifier, KerasSeqRegressor

EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "a row of weight 2 is in one batch, a row that stands there twice mostly in two, and may be on two sides"
    ),
}
"""Check -> why it cannot pass. One that passes all the same fails here."""

UNASKED = {"check_array_api_input": "wants SCIPY_ARRAY_API in the environment before SciPy is imported"}


def in_words(X):
    return [" ".join(f"c{place}v{round(float(value))}" for place, value in enumerate(row)) for row in X]


class Numbers:
    """Reads rows of numbers as texts; scikit-learn's own code judges them."""

    def fit(self, X, y, sample_weight=None):
        return super().fit(in_words(validate_data(self, X)), y, sample_weight)

    def _predictions(self, X):
        check_is_fitted(self)
        return super()._predictions(in_words(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = True, False, False
        for kind in (tags.classifier_tags, tags.regressor_tags):
            if kind is not None:
                kind.poor_score = True  # one epoch of a model of two numbers
        return tags


class NumbersClassifier(Numbers, KerasSeqClassifier):
    pass


class NumbersRegressor(Numbers, KerasSeqRegressor):
    pass


@pytest.fixture(scope="module")
def tiny(config):
    return {**config, "embedding": {"name": "learned", "dimension": 2}}


@pytest.mark.parametrize("kind", [NumbersClassifier, NumbersRegressor])
def test_the_checks_of_the_interface_pass(kind, tiny):
    results = check_estimator(kind(config=tiny), legacy=False)
    assert len(results) > 12
    assert {result["status"] for result in results} == {"passed"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [NumbersClassifier, NumbersRegressor])
def test_every_check_of_scikit_learn_passes_but_those_with_a_reason(kind, tiny):
    results = check_estimator(
        kind(config=tiny), expected_failed_checks=EXPECTED_FAILED_CHECKS, on_fail=None, on_skip=None
    )
    by_status = {status: set() for status in ("passed", "failed", "xfail", "skipped")}
    for result in results:
        by_status[result["status"]].add(result["check_name"])
        assert result["status"] != "failed", (result["check_name"], result["exception"])
    assert by_status["xfail"] == set(EXPECTED_FAILED_CHECKS)
    assert by_status["skipped"] <= set(UNASKED)
    assert len(by_status["passed"]) > 45


@pytest.mark.parametrize("kind", [KerasSeqClassifier, KerasSeqRegressor])
def test_the_estimators_say_that_they_read_texts(kind):
    tags = kind().__sklearn_tags__().input_tags
    assert (tags.string, tags.one_d_array, tags.two_d_array) == (True, True, False)
    with pytest.warns(match="requires input  ?of type"):
        results = check_estimator(kind())
    assert {result["status"] for result in results} == {"passed"}
