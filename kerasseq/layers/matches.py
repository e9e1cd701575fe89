"""What of each token of a text stands in the other text of a pair."""

# B batch, T and S steps of a text and of the other, V size of the vocabulary, K numbers of a token, M 1 or 2

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasseq.layers.spellings import spellings
from kerasseq.tokenizers.tokenizer import UNKNOWN

__all__ = ["Matches"]

Tensor = Any


class Matches:
    """A function of `keras.ops`, and of a genuine Keras layer that training leaves alone.

    The first number is 1 where the same known token stands in the other text. The second is the largest likeness of a
    token to one of the other text by `spellings`, from 0 to 1; an unknown token is like none. A network that reads
    vectors alone would have to learn of each word that it is itself.

    Args:
        vocabulary: Token by id, for both numbers; None for the first alone.

    Called as `matches(x, y)`: ids `(B, T)` and `(B, S)` int32 -> `(B, T, M)` and `(B, S, M)` float32.

    Masking: id 0 is masked; its numbers are 0, and so are all where the other text has no valid step.

    Example:

    >>> import numpy as np
    >>> first, second = Matches()(np.array([[3, 4, 1, 0]]), np.array([[4, 1, 5]]))
    >>> ops.convert_to_numpy(first)[0, :, 0].tolist(), ops.convert_to_numpy(second)[0, :, 0].tolist()
    ([0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0])
    """

    def __init__(self, vocabulary: Sequence[str] | None = None) -> None:
        self.table = None if vocabulary is None else _frozen(vocabulary)

    def __call__(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        places = ops.expand_dims(x, 2), ops.expand_dims(y, 1)
        same = ops.logical_and(ops.equal(*places), ops.greater(places[0], UNKNOWN))  # (B, T, S)
        found = [ops.cast(same, "float32")]
        if self.table is not None:
            valid = ops.logical_and(*(ops.not_equal(ids, 0) for ids in places))
            likeness = ops.matmul(self.table(x), ops.transpose(self.table(y), (0, 2, 1)))
            found.append(ops.where(valid, ops.clip(likeness, 0.0, 1.0), 0.0))
        return _largest(found, axis=2), _largest(found, axis=1)


def _frozen(vocabulary: Sequence[str]) -> Any:
    """The spellings as an embedding, which a saved model holds like any other."""
    table = spellings(vocabulary)
    layer = keras.layers.Embedding(
        *table.shape,
        embeddings_initializer="zeros",
        weights=table,
        trainable=False,
        name="spellings",
        dtype="float32",
    )
    layer.build()
    return layer


def _largest(found: Sequence[Tensor], axis: int) -> Tensor:
    """Over the other text; the numbers of a step side by side."""
    return ops.stack([ops.amax(each, axis=axis) for each in found], axis=-1)
