"""What a user gives as texts."""

from __future__ import annotations

from collections.abc import Iterable

from kerasseq.errors import DataError, UsageError

__all__ = ["as_texts"]


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
