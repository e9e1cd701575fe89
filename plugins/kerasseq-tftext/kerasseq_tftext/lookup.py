"""Tokenizers that cut with an operator of tensorflow-text and look whole tokens up."""

# N texts

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from kerasseq.errors import UsageError
from kerasseq.patterns import parse
from kerasseq.tokenizers.tokenizer import PADDING, SPECIALS, UNKNOWN, Tokenizer, Truncation
from kerasseq_tftext.cutting import lookup_table
from kerasseq_tftext.in_graph import InGraph
from kerasseq_tftext.tensors import batches, tensor, tensorflow

__all__ = ["LookupTokenizer", "ScriptTokenizer", "WhitespaceTokenizer", "rows"]


class LookupTokenizer(Tokenizer, InGraph):
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
        super().__init__(max_length, truncation)
        self._min_frequency = min_frequency
        self._vocabulary_size = vocabulary_size
        self._vocabulary: tuple[str, ...] = ()
        self._table: Any = None

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
        self._vocabulary = (*SPECIALS, *ranked[: self._vocabulary_size - len(SPECIALS)])
        self._table = None

    def split(self, text: str) -> list[str]:
        return self._cut([text])[0]

    def sequences(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        if not self._vocabulary:
            raise UsageError("tokenizer: must be trained before it encodes")
        return (row for part in batches(texts) for row in rows(self.on_tensor(tensor(part))))

    def on_tensor(self, texts: Any) -> Any:
        """Cut, then look up."""
        pieces = self.pieces(texts)
        return pieces.with_flat_values(self.table.lookup(pieces.flat_values))

    @property
    def table(self) -> Any:
        """Token to id."""
        if self._table is None:
            numbers = {token: number for number, token in enumerate(self._vocabulary) if number >= len(SPECIALS)}
            self._table = lookup_table(numbers, UNKNOWN)
        return self._table

    def resources(self) -> Sequence[Any]:
        """The table."""
        return (self.table,)

    def decode(self, ids: Iterable[int]) -> str:
        return " ".join(self._vocabulary[i] for i in ids if i != PADDING)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self._vocabulary

    def to_json(self) -> dict[str, Any]:
        return {
            "format": 1,
            "kind": self.kind,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "min_frequency": self._min_frequency,
            "vocabulary_size": self._vocabulary_size,
            "vocabulary": list(self._vocabulary),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        tokenizer = cls(value["max_length"], value["truncation"], value["min_frequency"], value["vocabulary_size"])
        tokenizer._vocabulary = tuple(value["vocabulary"])
        return tokenizer


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


def rows(ids: Any) -> Iterator[list[int]]:
    """A ragged tensor of numbers as one list a text."""
    flat, ends = ids.flat_values.numpy().tolist(), ids.row_splits.numpy().tolist()
    return (flat[start:end] for start, end in zip(ends, ends[1:], strict=False))
