"""The head of a language model: how probable the next token is."""

# B batch, T time, U features, D numbers of a token's vector, V vocabulary

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.log_probability import log_probability_and_mean

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
        mean: Whether the mean over all tokens is given, too, which label smoothing asks for (Szegedy et al., 2016).

    Called as `layer(x, following)`: `(B, T, U)`, `(B, T)` integers in [0, V) -> the natural logarithm of the
    probability of each, `(B, T)` float32; with `mean` a pair of that and the mean logarithm of all tokens, `(B, T)`.
    As `layer(x)`: the likeliest token at each step, `(B, T)` int32, without a gradient; with `mean` twice, for Keras
    wants as many outputs of every call.

    Called as `layer(x, following, table)` with the vectors of the tokens, `(V, D)`, these are the weights of the
    softmax (Inan et al., 2017; Press & Wolf, 2017), and what is trained here is a bias and, where U is not D,
    `projection` `(U, D)`.
    """

    def __init__(self, vocabulary: int, mean: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.vocabulary = vocabulary
        self.mean = mean
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

    def call(self, x: Tensor, following: Tensor = None, table: Tensor = None) -> Any:
        """See the class."""
        x, kernel = self._read(x, table)
        if following is None:
            scores = ops.matmul(ops.stop_gradient(x), kernel) + self.bias
            guess = ops.cast(ops.argmax(scores, axis=-1), "int32")
            return (guess, guess) if self.mean else guess
        found = log_probability_and_mean(x, kernel, self.bias, following)
        return found if self.mean else found[0]

    def _read(self, x: Tensor, table: Tensor) -> tuple[Tensor, Tensor]:
        """What is multiplied, `(B, T, U or D)`, and by what, `(U or D, V)`."""
        if table is None:
            return x, ops.convert_to_tensor(self.kernel)
        if self.projection is not None:
            x = ops.matmul(x, self.projection)
        return x, ops.transpose(table)

    def scores(self, x: Tensor, table: Tensor = None) -> Tensor:
        """Of every token, `(..., V)`, before the softmax."""
        x, kernel = self._read(x, table)
        return ops.matmul(x, kernel) + self.bias

    def compute_output_spec(self, x: Tensor, following: Tensor = None, table: Tensor = None) -> Any:
        """Of guesses int32."""
        if following is None:
            guesses = tuple(keras.KerasTensor(x.shape[:2], "int32") for _ in range(1 + self.mean))
            return guesses if self.mean else guesses[0]
        return super().compute_output_spec(x, following, table)

    def compute_output_shape(self, x_shape: Any, following_shape: Any = None, table_shape: Any = None) -> Any:
        """`(B, T)`, once or twice."""
        return (tuple(x_shape[:2]),) * 2 if self.mean else tuple(x_shape[:2])

    def get_config(self) -> dict[str, Any]:
        """See `__init__`."""
        return {**super().get_config(), "vocabulary": self.vocabulary, "mean": self.mean}
