"""From windows of a series to the inputs of a model."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import Ridge

from kerasseq.pipelines.windows import WindowsPipeline

WINDOW, HORIZON = 5, 3


def windows(count: int) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """A table of neighbouring windows of two numbers a step; the windows `(N, W, D)` and their targets `(N, H, D)`."""
    series = np.random.default_rng(0).normal(size=(count + WINDOW + HORIZON - 1, 2)).cumsum(axis=0) + 20
    starts = np.arange(count)[:, None]
    known = series[starts + np.arange(WINDOW)]
    targets = series[starts + WINDOW + np.arange(HORIZON)]
    columns = {"vectors": known.tolist(), "target": targets.tolist(), "step": list(range(count))}
    return pa.table(columns), known, targets


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("logarithm", [True, False])
def test_a_linear_base_is_the_ridge_regression_of_scikit_learn(relative: bool, logarithm: bool) -> None:
    table, known, targets = windows(40)
    pipeline = WindowsPipeline(WINDOW, HORIZON, 0, logarithm, relative, "linear")
    pipeline.fit(pipeline.samples(table), table)
    inputs, _ = pipeline.encode(pipeline.samples(table))

    x, y = (np.log(v) if logarithm else v for v in (known, targets))
    steps = np.concatenate([x[0], x[1:, -1], y[-1]])
    x, y = (x - steps.mean(axis=0)) / steps.std(axis=0), (y - steps.mean(axis=0)) / steps.std(axis=0)
    last = x[:, -1:] * relative
    model = Ridge(1.0).fit((x - last).reshape(40, -1), (y - last).reshape(40, -1))
    said = model.predict((x - last).reshape(40, -1)).reshape(y.shape) + last
    np.testing.assert_allclose(np.asarray(inputs["base"]), said, atol=1e-5)
    assert np.abs(np.asarray(inputs["base"]) - y).mean() < np.abs(x[:, -1:] - y).mean()
