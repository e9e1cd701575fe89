"""Cutting texts by a portable pattern, and looking the pieces up, as TensorFlow operators."""

# N texts, P pieces of a text

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasseq.plugin import Pattern
from kerasseq_tftext.tensors import tensor, tensorflow

__all__ = ["lookup_table", "matches", "pieces", "replaced", "written"]


def written(pattern: Pattern) -> str:
    r"""The pattern for RE2, a NUL in it as `\x00`."""
    return pattern.re2.replace("\0", r"\x00")


def pieces(texts: Any, pattern: Pattern) -> Any:
    """Every match and what stands between them, ragged strings `(N, P)`; end to end they are the text."""
    _, text = tensorflow()
    return text.regex_split(texts, written(pattern), written(pattern))


def matches(texts: Any, pattern: Pattern) -> Any:
    """Every match that Python's `re` finds, ragged strings `(N, P)`.

    What stands between matches holds none, in a pattern without anchors, so a piece is a match where it fits whole.
    """
    tf, _ = tensorflow()
    found = pieces(texts, pattern)
    whole = tf.strings.regex_full_match(found.flat_values, written(pattern))
    return tf.ragged.boolean_mask(found, found.with_flat_values(whole))


def lookup_table(numbers: Mapping[str, int], default: int) -> Any:
    """A table from strings to int32 numbers; no text holds a NUL, so keys that do are left out."""
    tf, _ = tensorflow()
    kept = {key: number for key, number in numbers.items() if "\0" not in key}
    numbers = kept or {"": default}  # TensorFlow has no empty table
    values = tf.constant(list(numbers.values()), tf.int32, shape=(len(numbers),))
    keys = tensor(list(numbers))
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), default_value=default)


def replaced(found: Any, table: Any, values: Any) -> Any:
    """The pieces `(N, P)` joined to texts `(N,)`, those that `table` knows replaced.

    Args:
        found: Pieces.
        table: Piece to place in `values`, 0 for one that stays.
        values: Texts; the one at place 0 is not used.
    """
    tf, _ = tensorflow()
    places = table.lookup(found.flat_values)
    flat = tf.where(places > 0, tf.gather(values, places), found.flat_values)
    return tf.strings.reduce_join(found.with_flat_values(flat), axis=1)
