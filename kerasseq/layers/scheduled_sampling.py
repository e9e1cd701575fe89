"""Tokens of the reference, some of them replaced by the model's own guesses."""

# B batch, T time

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["ScheduledSampling"]

Tensor = Any


@keras.saving.register_keras_serializable(package="kerasseq")
class ScheduledSampling(keras.layers.Layer):  # type: ignore[misc]
    """What a decoder reads in training (Bengio et al., 2015); else the tokens as they are.

    Args:
        rate: Share in [0, 1) of the guesses, once it is reached.
        updates: Updates until then, from 0 on and evenly.

    Called as `layer(tokens, guesses)`: ids `(B, T)` that begin with what begins a text, and the likeliest token behind
    each, `(B, T)` -> `(B, T)`. Padding and the first token stay.
    """

    def __init__(self, rate: float, updates: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.rate, self.updates = rate, updates
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, tokens_shape: Any, guesses_shape: Any = None) -> None:
        """Make the count of updates."""
        self.done = self.add_weight(name="done", shape=(), initializer="zeros", trainable=False)
        self.built = True

    def call(self, tokens: Tensor, guesses: Tensor, training: bool = False) -> Tensor:
        """See the class."""
        if not training:
            return tokens
        share = self.rate * ops.minimum(ops.convert_to_tensor(self.done) / self.updates, 1.0)
        self.done.assign(self.done + 1)
        behind = ops.concatenate([tokens[:, :1], ops.cast(guesses, tokens.dtype)[:, :-1]], axis=1)
        drawn = keras.random.uniform(ops.shape(tokens), seed=self.seed_generator) < share
        swapped = ops.logical_and(drawn, ops.logical_and(tokens != 0, behind != 0))
        return ops.where(swapped, behind, tokens)

    def compute_output_spec(self, tokens: Tensor, guesses: Tensor, training: bool = False) -> Tensor:
        """`(B, T)` int32."""
        return keras.KerasTensor(tokens.shape, tokens.dtype)

    def get_config(self) -> dict[str, Any]:
        """See `__init__`."""
        return {**super().get_config(), "rate": self.rate, "updates": self.updates}
