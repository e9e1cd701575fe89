"""Ids as TensorFlow operators: truncation, the two texts of a pair in one sequence, and rows of equal length."""

# N texts, T ids of a text, L longest sequence that the model reads

from __future__ import annotations

from typing import Any

from kerasseq.plugin import PADDING, SEPARATOR, Tokenizer
from kerasseq_tftext.tensors import tensorflow

__all__ = ["joined", "padded", "truncated"]


def truncated(ids: Any, tokenizer: Tokenizer) -> Any:
    """What stays of every text, ragged `(N, T)` -> `(N, min(T, L))`."""
    tf, _ = tensorflow()
    return _taken(ids, tf.minimum(ids.row_lengths(), tokenizer.max_length), tokenizer.truncation)


def joined(first: Any, second: Any, tokenizer: Tokenizer) -> Any:
    """Both texts with the separator between, as `Tokenizer.encode_pair`: the longer one gives first."""
    tf, _ = tensorflow()
    budget = tokenizer.max_length - 1
    half = budget // 2
    one, two = first.row_lengths(), second.row_lengths()
    second_fits = two <= half
    first_fits = one <= budget - half
    keep_one = tf.where(second_fits, tf.minimum(one, budget - two), tf.minimum(one, budget - half))
    keep_two = tf.where(second_fits, two, tf.where(first_fits, tf.minimum(two, budget - one), half))
    between = tf.RaggedTensor.from_uniform_row_length(tf.fill(tf.shape(one), SEPARATOR), 1)
    parts = [_taken(first, keep_one, tokenizer.truncation), between, _taken(second, keep_two, tokenizer.truncation)]
    return tf.concat(parts, axis=1)


def padded(ids: Any) -> Any:
    """Rows of equal length, `(N, T)` int32, 0 behind their ends, at least one column."""
    tf, _ = tensorflow()
    rows = ids.to_tensor(PADDING)
    missing = tf.maximum(1 - tf.shape(rows)[1], 0)
    return tf.pad(rows, [[0, 0], [0, missing]])


def _taken(ids: Any, kept: Any, truncation: str) -> Any:
    """`kept` ids `(N,)` of every row: of a row that loses some, those that `truncation` names."""
    tf, _ = tensorflow()
    length = ids.row_lengths()
    head = {"head": kept, "tail": tf.zeros_like(kept), "both": kept // 4}[truncation]
    head = tf.where(kept == length, kept, head)
    row = ids.value_rowids()
    place = tf.range(tf.size(row, tf.int64)) - tf.gather(ids.row_starts(), row)
    stays = (place < tf.gather(head, row)) | (place >= tf.gather(length - kept + head, row))
    return tf.ragged.boolean_mask(ids, ids.with_flat_values(stays))
