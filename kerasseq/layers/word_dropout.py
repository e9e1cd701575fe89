"""Word dropout: whole tokens become unknown in training."""

# B batch, T time

from __future__ import annotations

from typing import Any

import keras
from keras import ops

__all__ = ["WordDropout"]

UNKNOWN = 1


@keras.saving.register_keras_serializable(package="kerasseq")
class WordDropout(keras.layers.Layer):  # type: ignore[misc]
    """Replace each token by the unknown one with probability `rate`, in training only.

    Teaches the model to live without any single word and gives the unknown token, which training texts hardly hold, a
    vector (Iyyer et al., 2015, "Deep Unordered Composition Rivals Syntactic Methods for Text Classification").

    Args:
        rate: Probability in [0, 1).

    Shapes: `(B, T)` int32 -> `(B, T)` int32. Padding (id 0) stays padding.
    """

    def __init__(self, rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1). Received: rate={rate}")
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, tokens: Any, training: bool = False) -> Any:
        if not training or not self.rate:
            return tokens
        drawn = keras.random.uniform(ops.shape(tokens), seed=self.seed_generator)
        drop = ops.logical_and(drawn < self.rate, tokens != 0)
        return ops.where(drop, ops.full_like(tokens, UNKNOWN), tokens)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}
