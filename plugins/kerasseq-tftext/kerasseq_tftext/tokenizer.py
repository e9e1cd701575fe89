"""What the built tokenizers share: ids that TensorFlow operators give, and a vocabulary in their file."""

# N texts

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from kerasseq.plugin import Tokenizer, Truncation, UsageError
from kerasseq_tftext.in_graph import InGraph
from kerasseq_tftext.tensors import batches, tensor

__all__ = ["OperatorTokenizer", "VocabularyTokenizer", "rows"]


class OperatorTokenizer(Tokenizer, InGraph):
    """A tokenizer whose ids are those of `on_tensor`.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        vocabulary_size: Most entries, specials included.
    """

    def __init__(self, max_length: int, truncation: Truncation, vocabulary_size: int) -> None:
        super().__init__(max_length, truncation)
        self._vocabulary_size = vocabulary_size
        self._vocabulary: tuple[str, ...] = ()

    def sequences(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        if not self._vocabulary:
            raise UsageError("tokenizer: must be trained before it encodes")
        return (row for part in batches(texts) for row in rows(self.on_tensor(tensor(part))))

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self._vocabulary

    def to_json(self) -> dict[str, Any]:
        return {
            "format": 1,
            "kind": self.kind,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "vocabulary_size": self._vocabulary_size,
        }


class VocabularyTokenizer(OperatorTokenizer):
    """A tokenizer that its vocabulary makes again.

    Args:
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        min_frequency: What is rarer is not learned, 1 or more.
        vocabulary_size: Most entries, specials included.
    """

    def __init__(self, max_length: int, truncation: Truncation, min_frequency: int, vocabulary_size: int) -> None:
        super().__init__(max_length, truncation, vocabulary_size)
        self._min_frequency = min_frequency
        self._operator: Any = None

    def _learn(self, vocabulary: tuple[str, ...]) -> None:
        """Take this vocabulary; the operator, which is made of it when it is first needed, is made anew."""
        self._vocabulary = vocabulary
        self._operator = None

    def to_json(self) -> dict[str, Any]:
        return {
            **super().to_json(),
            "min_frequency": self._min_frequency,
            "vocabulary": list(self._vocabulary),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        tokenizer = cls(value["max_length"], value["truncation"], value["min_frequency"], value["vocabulary_size"])
        tokenizer._learn(tuple(value["vocabulary"]))
        return tokenizer


def rows(ids: Any) -> Iterator[list[int]]:
    """A ragged tensor of numbers as one list a text."""
    flat, ends = ids.flat_values.numpy().tolist(), ids.row_splits.numpy().tolist()
    return (flat[start:end] for start, end in zip(ends, ends[1:], strict=False))
