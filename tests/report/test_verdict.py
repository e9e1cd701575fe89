"""The verdict in words."""

import numpy as np

from kerasseq.metrics import Score, against
from kerasseq.report.verdict import verdict

SHARED = np.random.default_rng(0).normal(0, 0.05, 999)


def score(name, value):
    return Score(name, value, None, None, draws=value + SHARED)


def unsure(name, value):
    return Score(name, value, None, None, draws=value + SHARED[::-1])


def said(own, other, main="accuracy", **more):
    return verdict(against(own, {"tfidf_linear": other, **more}, main, 0.95), main)


def test_the_first_sentence_is_of_the_main_score_with_both_numbers_and_p():
    assert said([score("accuracy", 0.9)], [score("accuracy", 0.7)]) == [
        "Better than the best baseline (TF-IDF, linear) in accuracy: 0.900 against 0.700, p 0.002."
    ]
    assert said([score("mae", 2.0)], [score("mae", 1.9)], "mae") == [
        "Worse than the best baseline (TF-IDF, linear) in mean absolute error: 2.000 against 1.900, p 0.002."
    ]
    assert said([score("f1", 1.0)], [score("f1", 1.0)], "f1") == [
        "Equal to the best baseline (TF-IDF, linear) in F1, positive class: 1.000 against 1.000."
    ]


def test_a_better_number_that_may_be_chance_is_not_called_better():
    [ahead] = said([unsure("accuracy", 0.71)], [score("accuracy", 0.70)])
    assert ahead.startswith("Undecided in accuracy: better than the best baseline")
    assert ahead.endswith("that may be chance.")
    [behind] = said([unsure("accuracy", 0.69)], [score("accuracy", 0.70)])
    assert behind.startswith("Undecided in accuracy: not better than")


def test_the_other_scores_follow_by_what_the_test_says_of_them():
    own = [
        score("mae", 1.0),
        score("pearson", 0.6),
        score("f1_macro", 0.6),
        unsure("spearman", 0.71),
        score("r2", 0.9),
        score("rmse", 1.0),
    ]
    other = [
        score("mae", 2.0),
        score("pearson", 0.7),
        score("f1_macro", 0.7),
        score("spearman", 0.7),
        score("r2", 0.5),
        score("rmse", 1.0),
    ]
    _, *others = said(own, other, "mae")
    assert others == [
        "Better in R².",
        "Equal in root mean squared error.",
        "Undecided in Spearman correlation.",
        "Worse in Pearson correlation; F1, macro.",
    ]


def test_without_a_baseline_or_draws_it_says_so():
    assert said([score("accuracy", 0.9)], []) == ["There is no baseline to compare with."]
    [untested] = said([Score("accuracy", 0.9, 0.8, 1.0)], [Score("accuracy", 0.5, 0.4, 0.6)])
    assert untested.endswith("nothing could be tested.")
