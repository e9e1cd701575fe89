"""Several poolers as one."""

# B batch, T time, U features of a step

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

__all__ = ["ConcatPooling"]

Tensor = Any
Shape = tuple[int | None, ...]


@keras.saving.register_keras_serializable(package="kerasseq_poolers")
class ConcatPooling(keras.layers.Layer):  # type: ignore[misc]
    """The vectors of several poolers, end to end; last, max and mean are the concat pooling of Howard & Ruder (2018),
    "Universal Language Model Fine-tuning for Text Classification".

    Args:
        poolers: Layers `pooler(x, mask=mask)`, at least 2; of `(vector, weights)` the vector is taken.

    Shapes: `(B, T, U)` -> `(B, F)`, F the sum of theirs.

    Masking: mask `(B, T)` bool, True is valid, handed to each.
    """

    def __init__(self, poolers: Sequence[keras.layers.Layer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if len(poolers) < 2:
            raise ValueError(f"poolers must be at least 2. Received: poolers={list(poolers)}")
        self.poolers = list(poolers)

    def build(self, input_shape: Shape) -> None:
        for pooler in self.poolers:
            if not pooler.built:
                pooler.build(input_shape)

    def call(self, x: Tensor, mask: Tensor = None, training: bool | None = None) -> Tensor:
        return ops.concatenate([_vector(pooler, x, mask, training) for pooler in self.poolers], axis=-1)

    def compute_mask(self, x: Tensor, mask: Tensor = None) -> None:
        return None

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "poolers": [keras.saving.serialize_keras_object(p) for p in self.poolers]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ConcatPooling:
        poolers = [keras.saving.deserialize_keras_object(pooler) for pooler in config["poolers"]]
        return cls(**{**config, "poolers": poolers})


def _vector(pooler: keras.layers.Layer, x: Tensor, mask: Tensor, training: bool | None) -> Tensor:
    told = {"training": training} if "training" in inspect.signature(pooler.call).parameters else {}
    out = pooler(x, mask=mask, **told)
    return out[0] if isinstance(out, tuple | list) else out
