"""Tokenizers that cut with an operator of tensorflow-text and look whole tokens up."""

# N texts

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from kerasseq.plugin import PADDING, SPECIALS, UNKNOWN, Truncation, parse
from kerasseq_tftext.cutting import lookup_table
from kerasseq_tftext.tensors import batches, tensor, tensorflow
from kerasseq_tftext.tokenizer import VocabularyTokenizer

__all__ = ["LookupTokenizer", "ScriptTokenizer", "WhitespaceTokenizer"]


class LookupTokenizer(VocabularyTokenizer):
    """Cut, then look up. The vocabulary is ordered by falling frequency, then by code points.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        min_frequency: Rarer tokens are unknown, 1 or more.
        vocabulary_size: Most entries, specials included.
    """

    def __init__(
        self,
        max_length: int = 64,
        truncation: Truncation = "head",
        min_frequency: int = 1,
        vocabulary_size: int = 20_000,
    ) -> None:
        super().__init__(max_length, truncation, min_frequency, vocabulary_size)

    @abstractmethod
    def pieces(self, texts: Any) -> Any:
        """The tokens of a string tensor `(N,)`, ragged strings `(N, None)`."""

    def _cut(self, texts: Sequence[str]) -> list[list[str]]:
        found = self.pieces(tensor(texts)).to_list()
        return [[piece.decode(errors="replace") for piece in row] for row in found]

    def train(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        for part in batches(texts):
            for row in self._cut(part):
                counts.update(row)
        for special in SPECIALS:
            del counts[special]
        frequent = (token for token, n in counts.items() if n >= self._min_frequency)
        ranked = sorted(frequent, key=lambda token: (-counts[token], token))
        self._learn((*SPECIALS, *ranked[: self._vocabulary_size - len(SPECIALS)]))

    def split(self, text: str) -> list[str]:
        return self._cut([text])[0]

    def on_tensor(self, texts: Any) -> Any:
        """Cut, then look up."""
        pieces = self.pieces(texts)
        return pieces.with_flat_values(self.table.lookup(pieces.flat_values))

    @property
    def table(self) -> Any:
        """Token to id."""
        if self._operator is None:
            numbers = {token: number for number, token in enumerate(self._vocabulary) if number >= len(SPECIALS)}
            self._operator = lookup_table(numbers, UNKNOWN)
        return self._operator

    def resources(self) -> Sequence[Any]:
        """The table."""
        return (self.table,)

    def decode(self, ids: Iterable[int]) -> str:
        return " ".join(self._vocabulary[i] for i in ids if i != PADDING)


class WhitespaceTokenizer(LookupTokenizer):
    """Cut at white space."""

    kind = "tftext_whitespace"

    def pieces(self, texts: Any) -> Any:
        """By `WhitespaceTokenizer`."""
        return _words(texts)


class ScriptTokenizer(LookupTokenizer):
    """Cut at white space and where the script changes."""

    kind = "tftext_unicode_script"

    def pieces(self, texts: Any) -> Any:
        """By `UnicodeScriptTokenizer` on words: of `19, 3.5` alone it makes one token."""
        _, text = tensorflow()
        return text.UnicodeScriptTokenizer().tokenize(_words(texts)).merge_dims(1, 2)


def _words(texts: Any) -> Any:
    """What stands between white space; before white space that is not ASCII's the operator leaves broken bytes."""
    tf, text = tensorflow()
    return text.WhitespaceTokenizer().tokenize(tf.strings.regex_replace(texts, parse("{otherspace}").re2, " "))
