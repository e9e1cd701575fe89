"""What a step of one text finds in another."""

# B batch, T steps of the text that asks, S steps of the one that is asked, U features of a question, E of a step

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.products import Multiply, multiply
from kerasseq.layers.softmax import masked_softmax

__all__ = ["SCORES", "CrossAttention"]

Tensor = Any

SCORES = ("dot", "general", "concat", "bahdanau")


@keras.saving.register_keras_serializable(package="kerasseq")
class CrossAttention(keras.layers.Layer):  # type: ignore[misc]
    """`c_t = sum_s a_ts m_s`, with weights `a_t` a softmax over the valid steps of how well `m_s` answers `q_t`.

    The score is `q^T m` (dot) or `q^T W m` (general) of Luong et al. (2015), or `v^T tanh(W [q; m])`: their concat, and
    the score of Bahdanau et al. (2015), who ask with another state.

    Args:
        score: One of `SCORES`.
        units: Width of the hidden layer of an additive score, and of what `general` compares.

    Called as `layer(query, memory, keys, memory_mask)`: `(B, T, U)`, `(B, S, E)`, what `keys(memory)` gave, `(B, S)`
    bool -> `(B, T, E)` and the weights `(B, T, S)`.

    Masking: weights are 0 at masked steps and sum to 1, or to 0 where no step is valid. The memory must be zero there.
    """

    def __init__(self, score: str, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if score not in SCORES:
            raise ValueError(f"score must be one of {', '.join(SCORES)}. Received: score={score}")
        self.score = score
        self.units = units
        self.additive = score in ("concat", "bahdanau")
        self.key_kernel_initializer = keras.initializers.GlorotUniform()
        self.query_kernel_initializer = keras.initializers.GlorotUniform()
        self.score_kernel_initializer = keras.initializers.GlorotUniform()

    def build(self, query_shape: Any, memory_shape: Any, keys_shape: Any = None) -> None:
        """Make the weights of the score."""
        asks, read = query_shape[-1], memory_shape[-1]
        if self.score == "dot" and asks != read:
            raise ValueError(f"dot must compare vectors of one width. Received: {asks} and {read}")
        if self.score == "general":
            self.key_kernel = self._weight("key_kernel", (read, asks))
        if self.additive:
            self.key_kernel = self._weight("key_kernel", (read, self.units))
            self.query_kernel = self._weight("query_kernel", (asks, self.units))
            self.score_kernel = self._weight("score_kernel", (self.units, 1))
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.built = True

    def _weight(self, name: str, shape: tuple[int, int]) -> Any:
        return self.add_weight(name=name, shape=shape, initializer=getattr(self, f"{name}_initializer"))

    def keys(self, memory: Tensor) -> Tensor:
        """What every question is compared with, once a text: `(B, S, A)`; of `dot` the memory itself."""
        if self.score == "dot":
            return memory
        keys = ops.matmul(memory, self.key_kernel)
        return keys + self.bias if self.additive else keys

    def call(
        self, query: Tensor, memory: Tensor, keys: Tensor, memory_mask: Tensor, times: Multiply = multiply
    ) -> tuple[Tensor, Tensor]:
        """See the class; `times` is what multiplies a query."""
        if self.additive:
            asked = ops.expand_dims(times(query, self.query_kernel), 2)  # (B, T, 1, A)
            hidden = ops.tanh(asked + ops.expand_dims(keys, 1))  # (B, T, S, A)
            scores = ops.squeeze(ops.matmul(hidden, self.score_kernel), -1)
        else:
            scores = ops.matmul(query, ops.transpose(keys, (0, 2, 1)))  # (B, T, S)
        weights = masked_softmax(scores, ops.expand_dims(memory_mask, 1), axis=2)
        return ops.matmul(weights, memory), weights

    def get_config(self) -> dict[str, Any]:
        """See `__init__`."""
        return {**super().get_config(), "score": self.score, "units": self.units}
