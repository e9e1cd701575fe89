"""On CUDA jax's masked LSTMs are cuDNN's, with the numbers of its scan."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

if keras.backend.backend() != "jax":
    pytest.skip("jax's own", allow_module_level=True)

import jax

from kerasseq.backend import jax_cudnn
from kerasseq.backend.accelerate import accelerate, explain

pytestmark = pytest.mark.filterwarnings("ignore:.*does not support masking:UserWarning")

B, T, D, H = 6, 9, 5, 16
X = np.random.default_rng(0).normal(size=(B, T, D)).astype("float32")
MASKS: dict[str, Any] = {
    "right": np.arange(T) < np.array([9, 3, 5, 1, 6, 2])[:, None],
    "left": np.arange(T) >= np.array([0, 4, 2, 8, 1, 5])[:, None],
    "gaps": np.random.default_rng(3).random((B, T)) < 0.5,
    "some rows masked": np.arange(T) < np.array([9, 0, 2, 1, 0, 5])[:, None],
}


@pytest.mark.parametrize("directions", ["forwards", "backwards", "both"])
def test_masked_layers_are_cudnns_with_the_numbers_of_the_scan(directions: str) -> None:
    if not jax_cudnn.here():
        pytest.skip("jax has no cuDNN here")
    one = layers.LSTM(H, return_sequences=True, go_backwards=directions == "backwards")
    x, mask = keras.Input((T, D)), keras.Input((T,), dtype="bool")
    model = keras.Model([x, mask], (layers.Bidirectional(one) if directions == "both" else one)(x, mask=mask))

    def loss(weights: list[Any], mask: Any) -> tuple[Any, Any]:
        y, _ = model.stateless_call(weights, [v.value for v in model.non_trainable_variables], [X, mask])
        return ops.sum(ops.sin(y)), y

    weights = [v.value for v in model.trainable_variables]
    asked = jax.value_and_grad(loss, has_aux=True)
    by_scan = {name: asked(weights, mask) for name, mask in MASKS.items()}
    accelerate(model)
    assert set(explain(model).values()) == {"fused: on cuda, cuDNN on steps moved together"}
    compiled = jax.jit(asked).lower(weights, MASKS["right"]).compile().as_text()
    assert "cudnn_rnn" in compiled.lower(), "cuDNN's call stands in the program"
    for name, mask in MASKS.items():
        found = jax.tree.leaves(asked(weights, mask))
        for ours, theirs in zip(found, jax.tree.leaves(by_scan[name]), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-4, rtol=1e-4, err_msg=name)
