"""Tokenizers that cut with one portable pattern and look tokens up: word, whitespace and character."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from kerasseq.errors import UsageError
from kerasseq.patterns import SPACES, parse
from kerasseq.tokenizers.tokenizer import FORMAT, PADDING, SPECIALS, UNKNOWN, Tokenizer, Truncation
from kerasseq.tokenizers.word_pattern import known_of

__all__ = ["PatternTokenizer"]

_MANY = 32  # texts for which one look at all of them together pays


class PatternTokenizer(Tokenizer):
    """Every match of a pattern is a token; what no match covers is dropped.

    The vocabulary is ordered by falling frequency, then by code points, so the order of the texts does not matter.

    Args:
        kind: `word`, `whitespace` or `character`.
        pattern: In the language of `kerasseq.patterns`, without groups that capture.
        joiner: What `decode` puts between tokens.
        max_length: See `Tokenizer`.
        truncation: See `Tokenizer`.
        min_frequency: Rarer tokens are unknown, 1 or more.
        vocabulary_size: Most entries, specials included.

    Raises:
        UsageError: The pattern is not portable or captures.
    """

    kind = "pattern"

    def __init__(
        self,
        kind: str,
        pattern: str,
        joiner: str = " ",
        *,
        max_length: int = 64,
        truncation: Truncation = "head",
        min_frequency: int = 1,
        vocabulary_size: int = 20_000,
    ) -> None:
        super().__init__(max_length, truncation)
        self.pattern = parse(pattern)
        if self.pattern.regex.groups:
            raise UsageError(f"tokenizer pattern: must not capture, write (?:...), got {pattern!r}")
        self._kind = kind
        self._joiner = joiner
        self._min_frequency = min_frequency
        self._vocabulary_size = vocabulary_size
        self._vocabulary: tuple[str, ...] = ()
        self._table: dict[str, int] = {}
        self._bytes: dict[str, bytes] = {}

    def train(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(self.split(text))
        for special in SPECIALS:
            del counts[special]
        frequent = (token for token, n in counts.items() if n >= self._min_frequency)
        ranked = sorted(frequent, key=lambda token: (-counts[token], token))
        self._learn((*SPECIALS, *ranked[: self._vocabulary_size - len(SPECIALS)]))

    def extend(self, words: Sequence[str]) -> None:
        new = dict.fromkeys(words)
        known = {*self._vocabulary}
        self._learn((*self._vocabulary, *(word for word in new if word not in known and self.split(word) == [word])))

    def _learn(self, vocabulary: tuple[str, ...]) -> None:
        self._vocabulary = vocabulary
        self._table = {token: i for i, token in enumerate(vocabulary) if i >= len(SPECIALS)}
        self._bytes = {}

    @property
    def joiner(self) -> str:
        """What `decode` puts between tokens."""
        return self._joiner

    def split(self, text: str) -> list[str]:
        return self.pattern.regex.findall(text)

    def sequences(self, texts: Sequence[str]) -> Iterator[Sequence[int]]:
        if not self._vocabulary:
            raise UsageError("tokenizer: must be trained before it encodes")
        get = self._table.get
        return (list(map(get, self.split(text), repeat(UNKNOWN))) for text in texts)

    @property
    def by_pieces(self) -> bool:
        """Whether white space parts a text: its tokens are those of the pieces between."""
        own = type(self)
        as_here = own.split is PatternTokenizer.split and own.sequences is PatternTokenizer.sequences
        return as_here and not self.pattern.touches(SPACES)

    def numbers(self, texts: Sequence[str]) -> list[bytes]:
        """What `sequences` gives for each text, as the bytes of 32-bit integers."""
        if not self._vocabulary:
            raise UsageError("tokenizer: must be trained before it encodes")
        if not self._bytes:
            all_ids = array("i", range(len(self._vocabulary))).tobytes()
            self._bytes = {"": b""} | {token: all_ids[4 * i : 4 * i + 4] for token, i in self._table.items()}
        one = array("i", [UNKNOWN]).tobytes()
        get, unknown = self._bytes.get, repeat(one)
        known = known_of(self.pattern) if len(texts) >= _MANY else None
        if known is None:
            return [b"".join(map(get, self.split(text), unknown)) for text in texts]
        return [
            b"".join(map(get, cut(text), unknown)) if cut else get(text, one)
            for text, cut in zip(texts, known.each(texts), strict=True)
        ]

    def decode(self, ids: Iterable[int]) -> str:
        return self._joiner.join(self._vocabulary[i] for i in ids if i != PADDING)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        return self._vocabulary

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "kind": self._kind,
            "pattern": self.pattern.expanded,
            "joiner": self._joiner,
            "max_length": self.max_length,
            "truncation": self.truncation,
            "min_frequency": self._min_frequency,
            "vocabulary_size": self._vocabulary_size,
            "vocabulary": list(self._vocabulary),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> PatternTokenizer:
        tokenizer = cls(
            value["kind"],
            value["pattern"],
            value["joiner"],
            max_length=value["max_length"],
            truncation=value["truncation"],
            min_frequency=value["min_frequency"],
            vocabulary_size=value["vocabulary_size"],
        )
        tokenizer._learn(tuple(value["vocabulary"]))
        return tokenizer
