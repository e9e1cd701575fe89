"""`mean`, `sum` and `max`: the section of the TOML to the layer."""

from collections.abc import Callable

import numpy as np
import pytest
from keras import ops

from kerasseq.poolers.reduce import Max, Mean, Sum
from kerasseq.spec import PoolerSpec

X = np.array([[[1.0, -5.0], [3.0, -1.0], [100.0, 100.0]]], dtype="float32")
MASK = np.array([[True, True, False]])


@pytest.mark.parametrize(
    ("spec", "reduce"), [(Mean(name="mean"), np.mean), (Sum(name="sum"), np.sum), (Max(name="max"), np.max)]
)
@pytest.mark.parametrize("directions", [1, 2])
def test_the_reduction_of_its_name_over_valid_steps(
    spec: PoolerSpec, reduce: Callable[..., np.ndarray], directions: int
) -> None:
    out = spec.build(directions)(X, mask=ops.convert_to_tensor(MASK))
    np.testing.assert_allclose(ops.convert_to_numpy(out), reduce(X[:, :2], axis=1))


@pytest.mark.parametrize("spec", [Mean, Sum, Max])
def test_they_have_no_settings_but_their_name(spec: type[PoolerSpec]) -> None:
    assert list(spec.model_fields) == ["name"]
