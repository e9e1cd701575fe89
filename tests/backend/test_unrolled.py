import numpy as np
from keras import ops

from kerasseq.backend.unrolled import unrolled

B, T, D, U = 3, 5, 4, 6


def given():
    random = np.random.default_rng(0)
    x, weight, start = (random.normal(size=shape).astype("float32") for shape in ((B, T, U), (U, U), (B, U)))
    return x, weight, start, np.arange(T) < np.array([5, 0, 2])[:, None]


def reference(x, weight, start, mask):
    h, answers = start.astype(float), []
    for step in range(T):
        new = np.tanh(x[:, step] + h @ weight)
        answers.append(2 * new)
        h = np.where(mask[:, step, None], new, h)
    return np.stack(answers, 1)


def test_each_step_begins_where_the_one_before_ended_and_masked_ones_change_nothing():
    x, weight, start, mask = map(ops.convert_to_tensor, given())

    def step(states, x):
        h = ops.tanh(x + ops.matmul(states["h"], weight))
        return {"h": h}, (2 * h,)

    [found] = unrolled(step, {"h": start}, x, mask)
    np.testing.assert_allclose(ops.convert_to_numpy(found), reference(*given()), atol=1e-5)
