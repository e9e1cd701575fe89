"""The softmax in blocks beside the plain one."""

import keras
import numpy as np

from kerasseq.backend.log_probability import log_probability


def test_it_is_the_logarithm_of_the_softmax():
    random = np.random.default_rng(0)
    x, kernel = random.normal(size=(2, 3, 4)).astype("float32"), random.normal(size=(4, 9)).astype("float32")
    bias = keras.Variable(random.normal(size=9).astype("float32"))
    ids = random.integers(0, 9, (2, 3)).astype("int32")
    convert = keras.ops.convert_to_tensor
    found = keras.ops.convert_to_numpy(log_probability(convert(x), convert(kernel), bias, convert(ids)))
    scores = x @ kernel + keras.ops.convert_to_numpy(bias)
    wanted = np.take_along_axis(scores, ids[..., None], 2)[..., 0] - np.log(np.exp(scores).sum(-1))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
