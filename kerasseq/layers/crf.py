"""Conditional random field: the tags of a text chosen together, not one by one."""

# B batch, T time, K tags

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasseq.layers.chain import FORBIDDEN, Chain, viterbi

__all__ = ["CRF"]

Tensor = Any
Allowed = tuple[Any, Any, Any]


@keras.saving.register_keras_serializable(package="kerasseq")
class CRF(keras.layers.Layer):  # type: ignore[misc]
    """Linear chain over the tag scores of each step (Lafferty, McCallum & Pereira, 2001).

    Adds to the scores what one tag says of the next: weights `transitions` `(K, K)`, from the row's tag to the
    column's, `start` and `end` `(K,)`, all zero at first, where the chain says nothing. A loss needs the scores and the
    chain: `kerasseq.layers.chain.negative_log_likelihood(scores, mask, tags, Chain.unpacked(chain))`. Works in float32
    under every policy, since scores add up along a text.

    Args:
        tags: Number of tags `K`, at least 1.
        allowed: What may be, as `(start, moves, end)`: truth values `(K,)`, `(K, K)` from row to column, `(K,)`; None
            where everything may. A tagging that cannot be scores -10,000 for each such move.

    Returns:
        `(scores, tags, chain)`: the scores `(B, T, K)`, zeros at masked steps; the best tags `(B, T)` int32, 0 at
        masked steps; and the chain `(B, K + 2, K)`, the same for each row: transitions, start, end. In training no
        tags are looked for: they are 0.

    Masking: mask `(B, T)` bool, True is valid, gaps allowed: the steps around a gap are neighbours.

    Example:

    >>> layer = CRF(2, allowed=([True, True], [[True, False], [True, True]], [True, True]))
    >>> ops.convert_to_numpy(layer(np.array([[[3.0, 0.0], [0.0, 1.0]]]))[1]).tolist()
    [[0, 0]]
    """

    def __init__(self, tags: int, allowed: Allowed | None = None, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        if tags < 1:
            raise ValueError(f"tags must be at least 1. Received: tags={tags}")
        self.tags = tags
        self.allowed = None if allowed is None else _checked(allowed, tags)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if input_shape[-1] != self.tags:
            raise ValueError(f"scores must be of shape (B, T, K={self.tags}). Received: {tuple(input_shape)}")
        self.transitions = self.add_weight(shape=(self.tags, self.tags), initializer="zeros", name="transitions")
        self.start = self.add_weight(shape=(self.tags,), initializer="zeros", name="start")
        self.end = self.add_weight(shape=(self.tags,), initializer="zeros", name="end")

    @property
    def chain(self) -> Chain:
        """The weights, with a large negative number for what cannot be."""
        weights = [ops.convert_to_tensor(weight) for weight in (self.transitions, self.start, self.end)]
        if self.allowed is None:
            return Chain(*weights)
        start, moves, end = self.allowed
        return Chain(*(ops.where(may, w, FORBIDDEN) for may, w in zip((moves, start, end), weights, strict=True)))

    def call(self, scores: Tensor, mask: Tensor = None, training: bool = False) -> tuple[Tensor, Tensor, Tensor]:
        if mask is not None:
            scores = ops.where(mask[:, :, None], scores, 0.0)
        chain = self.chain
        shape = ops.shape(scores)
        tags = ops.zeros(shape[:2], dtype="int32") if training else viterbi(scores, mask, chain)
        return scores, tags, ops.broadcast_to(chain.packed(), (shape[0], self.tags + 2, self.tags))

    def compute_output_spec(self, scores: Tensor, mask: Tensor = None, training: bool = False) -> tuple[Any, Any, Any]:
        batch, time, tags = scores.shape
        return (
            keras.KerasTensor((batch, time, tags), dtype=self.compute_dtype),
            keras.KerasTensor((batch, time), dtype="int32"),
            keras.KerasTensor((batch, tags + 2, tags), dtype=self.compute_dtype),
        )

    def compute_mask(self, scores: Tensor, mask: Tensor = None) -> tuple[None, None, None]:
        return None, None, None

    def get_config(self) -> dict[str, Any]:
        allowed = None if self.allowed is None else [table.tolist() for table in self.allowed]
        return {**super().get_config(), "tags": self.tags, "allowed": allowed}


def _checked(allowed: Allowed, tags: int) -> tuple[Any, ...]:
    tables = tuple(np.asarray(table, dtype=bool) for table in allowed)
    shapes = tuple(table.shape for table in tables)
    wanted = ((tags,), (tags, tags), (tags,))
    if shapes != wanted:
        raise ValueError(f"allowed must be (start, moves, end) of shapes {wanted}. Received: {shapes}")
    return tables
