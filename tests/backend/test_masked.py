"""Sums over valid steps by a product, or by selection where a product would let garbage through."""

import keras
import numpy as np
import pytest
from keras import ops

from kerasseq.backend import masked
from kerasseq.backend.masked import masked_mean, masked_sum

X = np.random.default_rng(0).normal(size=(3, 5, 4)).astype("float32")
MASK = np.arange(5) < np.array([5, 0, 3])[:, None]


def test_the_sum_is_that_of_the_valid_steps() -> None:
    found = ops.convert_to_numpy(masked_sum(ops.convert_to_tensor(X), ops.convert_to_tensor(MASK)))
    np.testing.assert_allclose(found, (X * MASK[:, :, None]).sum(1), atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "torch", reason="other backends always select")
def test_selection_is_asked_only_where_the_product_is_not_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    selected = []
    select = masked.zeroed
    monkeypatch.setattr(masked, "zeroed", lambda x, mask: selected.append(1) or select(x, mask))
    dirty = np.where(MASK[:, :, None], X, np.float32(np.nan))
    clean = masked_sum(ops.convert_to_tensor(X), ops.convert_to_tensor(MASK))
    assert selected == []
    found = masked_sum(ops.convert_to_tensor(dirty), ops.convert_to_tensor(MASK))
    np.testing.assert_allclose(ops.convert_to_numpy(found), ops.convert_to_numpy(clean), atol=1e-6)
    assert selected == [1]


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_the_mean_is_that_of_the_valid_steps_and_zero_without_any(kind: str) -> None:
    dirty = np.where(MASK[:, :, None], X, np.float32(np.inf))
    wanted = np.where(MASK[:, :, None], X, 0).sum(1) / np.maximum(MASK.sum(1), 1)[:, None]
    for values in (X, dirty):
        found = masked_mean(ops.cast(ops.convert_to_tensor(values), kind), ops.convert_to_tensor(MASK))
        assert keras.backend.standardize_dtype(found.dtype) == kind
        found = ops.convert_to_numpy(ops.cast(found, "float32"))
        np.testing.assert_allclose(found, wanted, atol=1e-6 if kind == "float32" else 0.02)
