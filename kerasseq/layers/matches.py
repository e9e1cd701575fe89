"""What of each token of a text stands in the other text of a pair."""

# B batch, T and S steps of a text and of the other, N n-grams of a token, K numbers of its spelling, M 1 or 2

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from kerasseq.layers.spellings import signs, spellings
from kerasseq.layers.subword_sum import SubwordSum
from kerasseq.tokenizers.tokenizer import UNKNOWN

__all__ = ["Matches"]

Tensor = Any


class Matches:
    """A function of `keras.ops`, and of a genuine Keras layer that training leaves alone.

    The first number is 1 where the same known token stands in the other text. The second is the largest likeness of a
    token to one of the other text in letters, from 0 to 1; see `spellings`. A network that reads vectors alone would
    have to learn of each word that it is itself.

    Args:
        vocabulary: Token by id, for both numbers: a token is spelled as it stands there, an unknown one is like none.
            None for the first number alone.
        ngrams: In its place, where the model reads the n-grams of each token, those of id 1 and on: an unknown token
            is then spelled by what is known of it.

    Called as `matches(x, y)`, or with `ngrams` as `matches(x, y, x_ngrams, y_ngrams)`: ids `(B, T)` and `(B, S)`,
    n-grams `(B, T, N)` and `(B, S, N)`, 0 for none, int32 -> `(B, T, M)` and `(B, S, M)` float32.

    Masking: id 0 is masked; its numbers are 0, and so are all where the other text has no valid step.

    Example:

    >>> import numpy as np
    >>> first, second = Matches()(np.array([[3, 4, 1, 0]]), np.array([[4, 1, 5]]))
    >>> ops.convert_to_numpy(first)[0, :, 0].tolist(), ops.convert_to_numpy(second)[0, :, 0].tolist()
    ([0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0])
    """

    def __init__(self, vocabulary: Sequence[str] | None = None, ngrams: Sequence[str] | None = None) -> None:
        self.spelled = ngrams is not None
        self.table: Any = None
        if ngrams is not None:
            self.table = _frozen(SubwordSum, np.pad(signs(ngrams).astype(np.float32), [(1, 0), (0, 0)]))
        elif vocabulary is not None:
            self.table = _frozen(keras.layers.Embedding, spellings(vocabulary))

    def __call__(self, x: Tensor, y: Tensor, *ngrams: Tensor) -> tuple[Tensor, Tensor]:
        places = ops.expand_dims(x, 2), ops.expand_dims(y, 1)
        same = ops.logical_and(ops.equal(*places), ops.greater(places[0], UNKNOWN))  # (B, T, S)
        found = [ops.cast(same, "float32")]
        if self.table is not None:
            one, other = map(self._spelling, ngrams if self.spelled else (x, y))
            valid = ops.logical_and(*(ops.not_equal(ids, 0) for ids in places))
            likeness = ops.matmul(one, ops.transpose(other, (0, 2, 1)))
            found.append(ops.where(valid, ops.clip(likeness, 0.0, 1.0), 0.0))
        return _largest(found, axis=2), _largest(found, axis=1)

    def _spelling(self, ids: Tensor) -> Tensor:
        """Of length 1, or zeros, `(B, T, K)`."""
        found = self.table(ids)
        if not self.spelled:
            return found
        length = ops.sqrt(ops.sum(ops.square(found), axis=-1, keepdims=True))
        return found / ops.maximum(length, 1.0)  # of one sign or more it is above 1


def _frozen(kind: Any, table: NDArray[np.float32]) -> Any:
    """An embedding that training leaves alone, and a saved model holds like any other."""
    layer = kind(
        *table.shape, embeddings_initializer="zeros", weights=table, trainable=False, name="spellings", dtype="float32"
    )
    layer.build()
    return layer


def _largest(found: Sequence[Tensor], axis: int) -> Tensor:
    """Over the other text; the numbers of a step side by side."""
    return ops.stack([ops.amax(each, axis=axis) for each in found], axis=-1)
