"""Preprocessors that are operators of tensorflow-text."""

# N texts, S sentences

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kerasseq.plugin import Preprocessor, parse
from kerasseq_tftext.in_graph import InGraph
from kerasseq_tftext.tensors import batches, tensor, tensorflow, texts

__all__ = ["Normalization", "SentenceLines", "Step"]


class Step(Preprocessor, InGraph):
    """A preprocessor that is what `on_tensor` does. A NUL comes out as U+0001, as everywhere in kerasseq."""

    def __call__(self, values: Sequence[str]) -> list[str]:
        return [text for part in batches(values) for text in texts(self.on_tensor(tensor(part)))]


class Normalization(Step):
    """A normal form of Unicode.

    Args:
        form: NFC, NFD, NFKC or NFKD.
    """

    def __init__(self, form: str) -> None:
        self.form = form

    def on_tensor(self, values: Any) -> Any:
        """By `normalize_utf8`."""
        _, text = tensorflow()
        return text.normalize_utf8(values, self.form)


class SentenceLines(Step):
    """One sentence a line."""

    def on_tensor(self, values: Any) -> Any:
        """By `StateBasedSentenceBreaker`; where no white space follows, as in `3.5`, a sentence goes on."""
        tf, text = tensorflow()
        plain = tf.strings.regex_replace(values, parse("{space}+").re2, " ")  # of others it leaves broken bytes
        found, starts, ends = text.StateBasedSentenceBreaker().break_sentences_with_offsets(plain)  # (N, S) each
        apart = starts[:, 1:].flat_values > ends[:, :-1].flat_values
        between = ends[:, :-1].with_flat_values(tf.where(apart, "\n", ""))
        behind = tf.concat([between, _last(tf, found)], axis=1)
        return tf.strings.reduce_join(found.with_flat_values(found.flat_values + behind.flat_values), axis=1)


def _last(tf: Any, found: Any) -> Any:
    """An empty string for each text that has a sentence, `(N, 0 or 1)`."""
    return tf.strings.substr(found[:, -1:], 0, 0)
