"""The sums of the linear model."""

import math

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from kerasseq.wide.linear import Lines


@pytest.mark.parametrize("rows", [0, 1, 2001])
def test_a_text_of_many_n_grams_is_summed_without_loss(rows):
    random = np.random.default_rng(0)
    weights = random.normal(0.5, 1, (4000, 2)).astype(np.float32)
    features = np.zeros((rows, 4000), np.float32)
    features[:, :9] = random.random((rows, 9))
    features[-1:] = random.random((min(rows, 1), 4000))
    found = Lines(weights, np.array([1, -1], np.float32))(csr_matrix(features))
    assert found.shape == (rows, 2)
    for row in {0, rows - 1} if rows else ():
        for k, bias in enumerate((1, -1)):
            wanted = math.fsum(
                [*(float(x) * float(w) for x, w in zip(features[row], weights[:, k], strict=True)), bias]
            )
            assert found[row, k] == pytest.approx(wanted, rel=1e-13)
