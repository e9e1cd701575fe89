"""The head of a language model: how probable the next token is."""

# B batch, T time, U features, D numbers of a token's vector, V vocabulary

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.log_probability import log_probability

__all__ = ["EveryToken", "NextToken"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class EveryToken(keras.layers.Layer):  # type: ignore[misc]
    """The ids of the vocabulary, `(V,)` int32, whatever it is called with: what asks an embedding for all its vectors.

    Args:
        vocabulary: V.
    """

    def __init__(self, vocabulary: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocabulary = vocabulary

    def call(self, tokens: Tensor) -> Tensor:
        """See the class."""
        return ops.arange(self.vocabulary, dtype="int32")

    def compute_output_spec(self, tokens: Any) -> Any:
        """`(V,)`."""
        return keras.KerasTensor((self.vocabulary,), dtype="int32")

    def get_config(self) -> dict[str, Any]:
        """V."""
        return {**super().get_config(), "vocabulary": self.vocabulary}


@keras.saving.register_keras_serializable(package="kerasseq")
class NextToken(keras.layers.Layer):  # type: ignore[misc]
    """A softmax over the vocabulary, of which the probabilities of the tokens that follow are kept.

    It is computed in blocks of steps, so that `(B, T, V)` is never in memory.

    Args:
        vocabulary: V.

    Called as `layer(x, following)`: `(B, T, U)`, `(B, T)` integers in [0, V) -> the natural logarithm of the
    probability of each, `(B, T)` float32. Called as `layer(x, following, table)` with the vectors of the tokens,
    `(V, D)`, these are the weights of the softmax (Inan et al., 2017; Press & Wolf, 2017), and what is trained here is
    a bias and, where U is not D, `projection` `(U, D)`.
    """

    def __init__(self, vocabulary: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.vocabulary = vocabulary
        self.kernel_initializer = keras.initializers.GlorotUniform()
        self.projection_initializer = keras.initializers.GlorotUniform()
        self.projection: Any = None

    def build(self, x_shape: Any, following_shape: Any = None, table_shape: Any = None) -> None:
        """Make `kernel` `(U, V)`, or `projection` `(U, D)` where it is needed, and `bias` `(V,)`."""
        units = x_shape[-1]
        if table_shape is None:
            shape = (units, self.vocabulary)
            self.kernel = self.add_weight(name="kernel", shape=shape, initializer=self.kernel_initializer)
        elif table_shape[-1] != units:
            shape = (units, table_shape[-1])
            self.projection = self.add_weight(name="projection", shape=shape, initializer=self.projection_initializer)
        self.bias = self.add_weight(name="bias", shape=(self.vocabulary,), initializer="zeros")
        self.built = True

    def call(self, x: Tensor, following: Tensor, table: Tensor = None) -> Tensor:
        """See the class."""
        if table is None:
            return log_probability(x, ops.convert_to_tensor(self.kernel), self.bias, following)
        if self.projection is not None:
            x = ops.matmul(x, self.projection)
        return log_probability(x, ops.transpose(table), self.bias, following)

    def compute_output_shape(self, x_shape: Any, following_shape: Any = None, table_shape: Any = None) -> Any:
        """`(B, T)`."""
        return tuple(x_shape[:2])

    def get_config(self) -> dict[str, Any]:
        """V."""
        return {**super().get_config(), "vocabulary": self.vocabulary}
