"""The head of a language model: how probable the next token is."""

# B batch, T time, U features, V vocabulary

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from kerasseq.backend.select import current

__all__ = ["NextToken"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class NextToken(keras.layers.Layer):  # type: ignore[misc]
    """A softmax over the vocabulary, of which the probabilities of the tokens that follow are kept.

    On torch it is computed in blocks of steps, so that `(B, T, V)` is never in memory.

    Args:
        vocabulary: V.
        mean: Whether the mean over all tokens is given, too, which label smoothing asks for (Szegedy et al., 2016).

    Called as `layer(x, following)`: `(B, T, U)`, `(B, T)` integers in [0, V) -> the natural logarithm of the
    probability of each, `(B, T)` float32; with `mean` a pair of that and the mean logarithm of all tokens, `(B, T)`.
    As `layer(x)`: the likeliest token at each step, `(B, T)` int32, without a gradient; with `mean` twice, for Keras
    wants as many outputs of every call.
    """

    def __init__(self, vocabulary: int, mean: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.vocabulary = vocabulary
        self.mean = mean
        self.kernel_initializer = keras.initializers.GlorotUniform()

    def build(self, x_shape: Any, following_shape: Any = None) -> None:
        """Make `kernel` `(U, V)` and `bias` `(V,)`."""
        self.kernel = self.add_weight(
            name="kernel", shape=(x_shape[-1], self.vocabulary), initializer=self.kernel_initializer
        )
        self.bias = self.add_weight(name="bias", shape=(self.vocabulary,), initializer="zeros")
        self.built = True

    def call(self, x: Tensor, following: Tensor = None) -> Any:
        """See the class."""
        if following is None:
            guess = ops.cast(ops.argmax(self.scores(ops.stop_gradient(x)), axis=-1), "int32")
            return (guess, guess) if self.mean else guess
        found = self._own(x, following)
        return (found, self._mean(x, following, found)) if self.mean else found

    def _mean(self, x: Tensor, following: Tensor, found: Tensor) -> Tensor:
        """Of all tokens, `(B, T)`: the mean score, less what the score of the given token is above its logarithm."""
        kernel = ops.transpose(ops.take(self.kernel, ops.reshape(following, (-1,)), axis=1))  # (B T, U)
        own = ops.reshape(ops.sum(ops.reshape(x, (-1, x.shape[-1])) * kernel, axis=-1), ops.shape(following))
        own = own + ops.take(self.bias, following, axis=0)
        mean = ops.squeeze(ops.matmul(x, ops.mean(self.kernel, axis=1, keepdims=True)), -1) + ops.mean(self.bias)
        return mean - (own - found)

    def _own(self, x: Tensor, following: Tensor) -> Tensor:
        if current() == "torch" and not isinstance(x, keras.KerasTensor):
            from kerasseq.backend.torch_kernels import traced
            from kerasseq.backend.torch_softmax import log_probability

            if not traced(x):
                flat = x.reshape(-1, x.shape[-1])
                ids = following.reshape(-1).long()
                return log_probability(flat, self.kernel.value, self.bias.value, ids).view(following.shape)
        scores = self.scores(x)
        own = ops.take_along_axis(scores, ops.cast(following, "int32")[:, :, None], axis=2)[:, :, 0]
        return own - ops.logsumexp(scores, axis=-1)

    def scores(self, x: Tensor) -> Tensor:
        """Of every token, `(..., V)`, before the softmax."""
        return ops.matmul(x, self.kernel) + self.bias

    def compute_output_spec(self, x: Tensor, following: Tensor = None) -> Any:
        """Of guesses int32."""
        if following is None:
            guesses = tuple(keras.KerasTensor(x.shape[:2], "int32") for _ in range(1 + self.mean))
            return guesses if self.mean else guesses[0]
        return super().compute_output_spec(x, following)

    def compute_output_shape(self, x_shape: Any, following_shape: Any = None) -> Any:
        """`(B, T)`, once or twice."""
        return (tuple(x_shape[:2]),) * 2 if self.mean else tuple(x_shape[:2])

    def get_config(self) -> dict[str, Any]:
        """See `__init__`."""
        return {**super().get_config(), "vocabulary": self.vocabulary, "mean": self.mean}
