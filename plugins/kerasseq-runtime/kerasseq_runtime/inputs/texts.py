"""Texts, and pairs of texts."""

# B batch

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kerasseq_runtime.errors import DataError, UsageError
from kerasseq_runtime.inputs.input import Input, whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TextInput", "TextRow", "as_texts"]

TextRow = tuple[str, str]
"""A text and the second of its pair, "" where the file reads single texts."""

EXAMPLE = "an example"


class TextInput(Input):
    """`text` and `text_2`: `text` `(B,)` string, and of pairs `text_2` `(B,)` string.

    Args:
        pairs: Whether a row is two texts.
    """

    def __init__(self, pairs: bool) -> None:
        self.pairs = pairs
        self.kind = "pair" if pairs else "text"
        self.noun = "a pair of texts" if pairs else "a text"
        self.tensors = dict.fromkeys(["text", "text_2"] if pairs else ["text"], "string")

    def rows(self, *columns: Any) -> list[TextRow]:
        """One text a row, and for pairs a second list of as many.

        Raises:
            UsageError: See the base class.
            DataError: Something in a list is no text, or single texts came where the file reads pairs.
        """
        if not 0 < len(columns) < 3:
            raise UsageError(f"texts: must be a list of texts, and for pairs another one, got {len(columns)}")
        first, second = (list(map(whole, as_texts(column))) for column in (*columns, ())[:2])
        if bool(second) != self.pairs and first:
            wanted, got = ("pairs", "single texts") if self.pairs else ("single texts", "pairs")
            raise DataError(f"texts: must be {wanted}, got {got}")
        if second and len(second) != len(first):
            raise DataError(f"texts: must be as many second texts as first ones, got {len(first)} and {len(second)}")
        return list(zip(first, second or [""] * len(first), strict=True))

    def feeds(self, rows: Sequence[TextRow]) -> dict[str, NDArray[Any]]:
        """Strings as they are; the file pads what it makes of them."""
        import numpy as np

        columns = zip(self.tensors, zip(*rows, strict=True), strict=False)
        return {name: np.array(texts, dtype=object) for name, texts in columns}

    def examples(self) -> list[TextRow]:
        """An example, and the empty text."""
        return [(EXAMPLE, EXAMPLE if self.pairs else ""), ("", "")]

    def size(self, row: TextRow) -> int:
        """Characters of the longer text."""
        return max(map(len, row))


def as_texts(texts: Iterable[str]) -> list[str]:
    """The texts as a list; a list, a tuple, a NumPy array and a pandas Series are alike.

    >>> as_texts(("good", ""))
    ['good', '']

    Raises:
        UsageError: A single text stands where a list of texts belongs.
        DataError: Something among them is no text.
    """
    if isinstance(texts, str):
        raise UsageError(f"texts: must be a list of texts, got one text; write [{texts[:20]!r}]")
    found = list(texts)
    for row, text in enumerate(found):
        if not isinstance(text, str):
            raise DataError(f"texts: must be texts, got {text!r} in row {row}")
    return [str(text) for text in found]
