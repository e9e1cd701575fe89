"""Sentences of tokens, cut beforehand or here."""

# B batch, T time

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasseq_runtime.errors import DataError, UsageError
from kerasseq_runtime.inputs.input import Input, only, refused, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TokenInput", "TokenRow", "cut"]

EXAMPLE = ("an", "example")


class TokenRow(NamedTuple):
    """One sentence.

    Attributes:
        tokens: None of them empty, for an empty one is padding.
        offsets: Where each stands in the text, `(start, end)` in characters; None for tokens that came as such.
    """

    tokens: tuple[str, ...]
    offsets: tuple[tuple[int, int], ...] | None = None


def cut(text: str, pattern: re.Pattern[str]) -> TokenRow:
    r"""The tokens of a text: what the pattern matches, from left to right.

    >>> cut("It's 3.", re.compile(r"\w+|[^\w\s]"))
    TokenRow(tokens=('It', "'", 's', '3', '.'), offsets=((0, 2), (2, 3), (3, 4), (5, 6), (6, 7)))
    """
    found = [match for match in pattern.finditer(text) if match[0]]
    return TokenRow(tuple(match[0] for match in found), tuple(match.span() for match in found))


class TokenInput(Input):
    """`tokens`: `(B, T)` string, `""` behind the end of each row.

    Args:
        pattern: What of a text is a token, for Python's `re`; empty where the file does not cut texts.
    """

    kind = "tokens"
    noun = "a sentence of tokens"
    tensors = {"tokens": "string"}

    def __init__(self, pattern: str = "") -> None:
        self.pattern = re.compile(pattern) if pattern else None

    def rows(self, *columns: Any) -> list[TokenRow]:
        """Lists of tokens; or texts, which are cut. Texts get a column `offsets` beside their answers.

        Raises:
            UsageError: See the base class.
            DataError: A row is neither, an empty token stands in it, or it is a text and the file does not cut texts.
        """
        if columns and isinstance(columns[0], str):
            got = f"got one text; write [{columns[0][:20]!r}]"
            raise UsageError(f"tokens: must be a list of sentences, {got}")
        given = only(columns, self.kind)
        if given and all(isinstance(row, str) for row in given):
            return [self.cut(text) for text in given]
        problems = [(number, fault) for number, row in enumerate(given) if (fault := _fault(row))]
        if problems:
            raise refused(self.kind, problems)
        return [TokenRow(tuple(map(whole, row))) for row in given]

    def cut(self, text: str) -> TokenRow:
        """The tokens of a text.

        Raises:
            DataError: The file does not say how a text is cut.
        """
        if self.pattern is None:
            raise DataError("tokens: must be lists of tokens, got texts, and the file does not say how to cut them")
        return cut(whole(text), self.pattern)

    def feeds(self, rows: Sequence[TokenRow]) -> dict[str, NDArray[Any]]:
        """At least one step, so that an empty row is one of padding."""
        import numpy as np

        length = max(1, *(len(row.tokens) for row in rows))
        padded = np.full((len(rows), length), "", dtype=object)
        for place, row in enumerate(rows):
            padded[place, : len(row.tokens)] = row.tokens
        return {"tokens": padded}

    def examples(self) -> list[TokenRow]:
        """Two words, and no token at all."""
        return [TokenRow(EXAMPLE), TokenRow(())]

    def size(self, row: TokenRow) -> int:
        """Characters, with one between two tokens."""
        return sum(map(len, row.tokens)) + len(row.tokens)

    def columns(self, rows: Sequence[TokenRow], lengths: Sequence[int] | None) -> dict[str, list[Any]]:
        """`offsets`, of rows that came as texts: `[[start, end], ...]`, as many as the file read tokens."""
        if not rows or any(row.offsets is None for row in rows):
            return {}
        ends = [len(row.tokens) for row in rows] if lengths is None else lengths
        spans = [(row.offsets or ())[:end] for row, end in zip(rows, ends, strict=True)]
        return {"offsets": [[list(span) for span in each] for each in spans]}


def _fault(row: Any) -> str:
    """What is wrong with one list of tokens."""
    if isinstance(row, str) or not isinstance(row, Iterable):
        return f"must be lists of tokens, got {row!r}"[:200]
    wrong = [token for token in row if not isinstance(token, str) or not token]
    return f"must be texts that are not empty, got {wrong[0]!r}"[:200] if wrong else ""
