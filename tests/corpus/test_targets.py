"""What a number counts by how far it may be off."""

import numpy as np
import pyarrow as pa

from kerasseq.corpus.targets import certainty, distributions


def test_a_number_counts_by_the_inverse_of_its_variance_and_of_the_mean_one():
    deviations = np.random.default_rng(0).uniform(0, 3, 40)
    wanted = 1 / (deviations**2 + (deviations**2).mean())
    found = certainty(deviations)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted / wanted.mean(), rtol=1e-6)


def test_a_certain_number_counts_twice_as_much_as_one_of_mean_variance_and_no_more():
    deviations = np.array([0, 1, np.sqrt(2)])
    certain, mean, worse = certainty(deviations)
    assert (certain / mean, worse / mean) == (2, np.float32(2 / 3))


def test_numbers_that_are_all_certain_count_one_each():
    assert certainty(np.zeros(3)).tolist() == [1, 1, 1]
    assert certainty(np.zeros(0)).tolist() == []


def test_distributions_of_several_pieces_stand_in_the_order_of_the_labels():
    column = pa.chunked_array([[{"a": 0.25, "b": 0.75}], [{"a": 1.0, "b": 0.0}]])
    found = distributions(column, ("b", "a"))
    assert (found.dtype, found.tolist()) == (np.float32, [[0.75, 0.25], [0.0, 1.0]])
