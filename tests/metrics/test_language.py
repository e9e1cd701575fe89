"""Scores of a language model, by hand."""

import math

import numpy as np
import pytest

from kerasseq.metrics.language import language_measure, language_scores


def test_perplexity_weighs_tokens_and_not_passages():
    rows = [np.log([0.5, 0.25]), np.log([0.125]), np.zeros(0)]
    scores = {s.name: s for s in language_scores(rows, np.array([3, 1, 0]), resamples=50)}
    nats = (math.log(2) + math.log(4) + math.log(8)) / 3
    assert scores["nats_per_token"].value == pytest.approx(nats)
    assert scores["perplexity"].value == pytest.approx(math.exp(nats))
    assert scores["bits_per_character"].value == pytest.approx(6 / 4)
    assert all(score.lower_is_better for score in scores.values())


def test_a_passage_that_is_drawn_twice_counts_twice():
    measure = language_measure([np.log([0.5]), np.log([0.25])], np.array([1, 1]))
    found = measure(np.array([[0, 0], [0, 1]]))
    assert found["nats_per_token"].tolist() == pytest.approx([math.log(2), 1.5 * math.log(2)])


def test_as_many_sizes_as_passages_are_needed():
    with pytest.raises(ValueError, match="got 1 and 2"):
        language_measure([np.zeros(1)], np.array([1, 2]))
