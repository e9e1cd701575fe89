"""Tokens as a person reads them."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["PADDING", "UNKNOWN", "Spelling"]

PADDING, UNKNOWN = 0, 1
"""Ids that no text is written with."""


@dataclass(frozen=True)
class Spelling:
    """How ids become a text.

    Attributes:
        vocabulary: Token by id; of tokens of bytes each byte is the character of its number, U+0000 to U+00FF.
        joiner: What stands between two tokens.
        of_bytes: Whether tokens are bytes of UTF-8.
        specials: So many ids from 0 on stand for no text of their own.

    >>> Spelling(("", "[UNK]", "[SEP]", "a", "b"), "-").decode([3, 0, 4])
    'a-b'
    """

    vocabulary: Sequence[str]
    joiner: str = ""
    of_bytes: bool = False
    specials: int = 3

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Spelling:
        """What `as_json` gave.

        Raises:
            ValueError: It is something else.
        """
        vocabulary, joiner, of_bytes = (value.get(key) for key in ("vocabulary", "joiner", "bytes"))
        if not isinstance(vocabulary, list) or not all(isinstance(token, str) for token in vocabulary):
            raise ValueError("kerasseq.spelling has no vocabulary of texts")
        if not isinstance(joiner, str) or not isinstance(of_bytes, bool):
            raise ValueError("kerasseq.spelling does not say how tokens are joined")
        return cls(tuple(vocabulary), joiner, of_bytes)

    def as_json(self) -> dict[str, Any]:
        """JSON values."""
        return {"vocabulary": list(self.vocabulary), "joiner": self.joiner, "bytes": self.of_bytes}

    def decode(self, ids: Iterable[int]) -> str:
        """A text of these ids; padding is left out."""
        if self.of_bytes:
            return b"".join(map(self._bytes_of, ids)).decode("utf-8", "replace")
        return self.joiner.join(self.vocabulary[i] for i in ids if i != PADDING)

    def token(self, text: str) -> int:
        """The id of a text that is one token; `UNKNOWN` of any other."""
        wanted = text.encode("utf-8", "replace").decode("latin-1") if self.of_bytes else text
        try:
            return self.vocabulary.index(wanted, self.specials)
        except ValueError:
            return UNKNOWN

    def speller(self) -> Callable[[int], str]:
        """A function of one token after another that gives the characters that are whole by then."""
        if self.of_bytes:
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            return lambda token: decoder.decode(self._bytes_of(token))
        begun = False

        def spelled(token: int) -> str:
            nonlocal begun
            gap, begun = self.joiner if begun else "", True
            return gap + self.vocabulary[token]

        return spelled

    def _bytes_of(self, token: int) -> bytes:
        return b"" if token < self.specials else self.vocabulary[token].encode("latin-1")
