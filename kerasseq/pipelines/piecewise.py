"""From texts to ids by the pieces between spaces, each worked out once."""

# N texts, P their pieces, S their ids, K pieces known so far

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kerasseq.arrays.ragged import Ragged
from kerasseq.pipelines.known_pieces import KnownPieces, extended, ranges
from kerasseq.preprocessors.rules import Preprocessor, Rules
from kerasseq.tokenizers.pattern import PatternTokenizer
from kerasseq.tokenizers.tokenizer import Tokenizer

__all__ = ["Piecewise"]

FEW = 8
"""Fewer texts than these are sooner read one by one."""
BATCH = 512
"""Texts whose pieces are looked up together."""
PIECES, CHARACTERS = 1 << 17, 1 << 21
"""Most pieces that are kept from batch to batch, and most characters of them: some 20 MB."""


class Piecewise:
    """Ids of texts by their pieces, of which most have been read before.

    What rules say of a text as a whole is done first; the rules behind them, the cut and the look-up are done once for
    each piece. They give for a text what they give for its pieces one behind the other: no pattern matches white
    space, and none hangs on where a text begins or ends.

    Args:
        preprocess: The whole chain.
        tokenizer: Trained.
    """

    def __init__(self, preprocess: Preprocessor, tokenizer: PatternTokenizer) -> None:
        self._preprocess = preprocess
        self._whole, self._each = preprocess.parted() if isinstance(preprocess, Rules) else (preprocess, Rules())
        self._tokenizer = tokenizer
        self._lock = Lock()
        self._forget()

    @classmethod
    def of(cls, preprocess: Preprocessor, tokenizer: Tokenizer) -> Piecewise | None:
        """None where the tokenizer reads a text as a whole."""
        if not isinstance(tokenizer, PatternTokenizer) or not tokenizer.by_pieces:
            return None
        return cls(preprocess, tokenizer)

    def _forget(self) -> None:
        self._known = KnownPieces()
        self._ids = np.zeros(0, dtype=np.int32)
        self._starts, self._lengths = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)  # (K,), in `_ids`
        self._used = 0

    def __call__(self, texts: Sequence[str]) -> Ragged:
        """The ids of each text, not truncated: those of `tokenizer.sequences(preprocess(texts))`."""
        if len(texts) < FEW:
            return Ragged.from_lists(list(self._tokenizer.sequences(self._preprocess(texts))))
        with self._lock:
            try:
                ids, counts = zip(*self._batches(texts), strict=True)
            except BaseException:  # pieces may have numbers and no ids yet
                self._forget()
                raise
        return Ragged(np.concatenate(ids), np.concatenate([[0], np.cumsum(np.concatenate(counts))]))

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """Ids `(S,)` and how many of them each text has `(N,)`, for some texts at a time."""
        for start in range(0, len(texts), BATCH):
            if len(self._known) > PIECES or self._known.characters > CHARACTERS:
                self._forget()  # the frequent ones soon stand there again
            numbers, counts, new = self._known(self._whole(texts[start : start + BATCH]))
            self._learn(new)
            lengths = self._lengths[numbers]
            first = np.cumsum(counts) - counts
            yield self._ids[ranges(self._starts[numbers], lengths)], np.add.reduceat(lengths, first)

    def _learn(self, pieces: Sequence[str]) -> None:
        """The ids of new pieces, in the order of their numbers."""
        made = self._tokenizer.numbers(self._each(pieces))
        ids = np.frombuffer(b"".join(made), dtype=np.int32)
        lengths = np.fromiter(map(len, made), dtype=np.int64, count=len(made)) // ids.itemsize
        before = len(self._known) - len(pieces)
        self._starts = extended(self._starts, before, self._used + np.cumsum(lengths) - lengths)
        self._lengths = extended(self._lengths, before, lengths)
        self._ids = extended(self._ids, self._used, ids)
        self._used += len(ids)
