"""The built wordpiece tokenizer: words by a portable pattern, pieces by tensorflow-text."""

# N texts, W words of a text, P pieces of a text

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from kerasseq.plugin import PADDING, SPECIALS, Truncation, parse
from kerasseq_tftext.cutting import matches
from kerasseq_tftext.tensors import tensor, tensorflow, utf8
from kerasseq_tftext.tokenizer import VocabularyTokenizer

__all__ = ["WORD", "WordpieceTokenizer"]

WORD = "[{letter}{mark}{digit}_]+|[^{space}{letter}{mark}{digit}_]"
"""A word, in the language of `kerasseq.patterns`."""

INSIDE = "##"
WORDS = 100_000
"""The most frequent words, which the vocabulary is learned from."""

RESERVED = ["[PAD]", "[UNK]", "[SEP]"]
"""What the operator calls the specials; no word is spelled like them, for brackets are words of their own."""


class WordpieceTokenizer(VocabularyTokenizer):
    """Pieces of words.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        min_frequency: Rarer pieces are not learned, 1 or more.
        vocabulary_size: Most entries, specials included.
    """

    kind = "tftext_wordpiece"

    def __init__(
        self,
        max_length: int = 64,
        truncation: Truncation = "head",
        min_frequency: int = 2,
        vocabulary_size: int = 8_000,
    ) -> None:
        super().__init__(max_length, truncation, min_frequency, vocabulary_size)
        self._word = parse(WORD)

    def train(self, texts: Iterable[str]) -> None:
        """Learn by the learner of tensorflow-text, from the 100,000 most frequent words."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(self._word.regex.findall(utf8(text).decode()))
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:WORDS]
        learned = self._learned(ranked) if ranked else RESERVED
        self._learn((*SPECIALS, *learned[len(RESERVED) : self._vocabulary_size]))

    def _learned(self, counts: list[tuple[str, int]]) -> list[str]:
        tensorflow()
        from tensorflow_text.tools.wordpiece_vocab import wordpiece_tokenizer_learner_lib as learner

        vocabulary: list[str] = learner.learn(
            counts, self._vocabulary_size, list(RESERVED), lower_thresh=self._min_frequency, joiner=INSIDE
        )
        return vocabulary

    def on_tensor(self, texts: Any) -> Any:
        """Cut into words, and these into pieces."""
        words = matches(texts, self._word)  # (N, W)
        return self._tokenizer(False).tokenize(words).merge_dims(1, 2) if self._known else _none(words)

    def resources(self) -> Sequence[Any]:
        """Nothing that TensorFlow would have to look for; made here, outside of any graph."""
        if self._known:
            self._tokenizer(False)
        return ()

    @property
    def _known(self) -> bool:
        """Whether anything was learned; the operator must have a piece."""
        return len(self._vocabulary) > len(SPECIALS)

    def _tokenizer(self, text_out: bool) -> Any:
        tf, text = tensorflow()
        if self._operator is None:
            self._operator = {
                wanted: text.FastWordpieceTokenizer(
                    [*RESERVED, *self._vocabulary[len(SPECIALS) :]],
                    suffix_indicator=INSIDE,
                    token_out_type=tf.string if wanted else tf.int32,
                    unknown_token=RESERVED[1],
                    no_pretokenization=True,
                )
                for wanted in (False, True)
            }
        return self._operator[text_out]

    def split(self, text: str) -> list[str]:
        """The pieces, those inside words as `##ing`; of an unknown word, the word."""
        if not self._known:
            return []
        words = matches(tensor([text]), self._word)[0]
        found = zip(words.numpy().tolist(), self._tokenizer(True).tokenize(words).to_list(), strict=True)
        unknown = RESERVED[1].encode()
        return [(word if piece == unknown else piece).decode() for word, pieces in found for piece in pieces]

    def decode(self, ids: Iterable[int]) -> str:
        return " ".join(self._vocabulary[i] for i in ids if i != PADDING).replace(f" {INSIDE}", "")

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "word": self._word.expanded}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        tokenizer = super().from_json(value)
        tokenizer._word = parse(value["word"])
        return tokenizer


def _none(words: Any) -> Any:
    """No ids for any text."""
    tf, _ = tensorflow()
    return words[:, :0].with_flat_values(tf.constant([], tf.int32))
